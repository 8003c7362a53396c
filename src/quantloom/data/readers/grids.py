"""Columns made of Python values: what JSON, workbooks and the like hold in their cells."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from quantloom.data.readers.arrays import Array, of_masked, of_strings

_LONG = 2**63
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- of times that carry no zone
_DAY_ZERO = date(1970, 1, 1)


def column_of(cells: Sequence[Any]) -> Array:
    """Give cells as a column of the narrowest type that holds them all; None is null.

    Returns:
        Numbers, times, dates, truths or text; text too where cells are of several kinds, and the
        JSON of those that hold other cells.
    """
    kinds = frozenset(type(cell) for cell in cells if cell is not None)
    for held, make in _MAKERS:
        if kinds and kinds <= held:
            return make(cells)
    return of_strings([None if cell is None else worded(cell) for cell in cells])


def worded(cell: Any) -> str:
    """Give a cell as text, the way a CSV file would hold it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list | dict):
        return msgspec.json.encode(cell).decode()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _given(cells: Sequence[Any]) -> Any:
    return np.array([cell is not None for cell in cells], dtype=np.bool_)


def _numbers(cells: Sequence[Any], dtype: type[np.generic], kind: pa.DataType) -> Array:
    filled = np.array([0 if cell is None else cell for cell in cells], dtype=dtype)
    return of_masked(filled, _given(cells), kind)


def _ints(cells: Sequence[Any]) -> Array:
    if any(cell is not None and not -_LONG <= cell < _LONG for cell in cells):
        return of_strings([None if cell is None else str(cell) for cell in cells])
    return _numbers(cells, np.int64, pa.int64())


def _floats(cells: Sequence[Any]) -> Array:
    return _numbers(cells, np.float64, pa.float64())


def _bools(cells: Sequence[Any]) -> Array:
    return _numbers(cells, np.uint8, pa.uint8()).cast(pa.bool_())


def _stamps(cells: Sequence[Any]) -> Array:
    zoned = any(isinstance(cell, datetime) and cell.tzinfo for cell in cells)
    kind = pa.timestamp("us", "UTC" if zoned else None)
    return _numbers([cell and _micros(cell) for cell in cells], np.int64, kind)


def _micros(cell: date) -> int:
    if not isinstance(cell, datetime):
        return (cell - _DAY_ZERO).days * 86_400_000_000
    naive = cell.astimezone(UTC).replace(tzinfo=None) if cell.tzinfo else cell
    since = naive - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _dates(cells: Sequence[Any]) -> Array:
    days = [cell and (cell - _DAY_ZERO).days for cell in cells]
    return _numbers(days, np.int32, pa.date32())


def _texts(cells: Sequence[Any]) -> Array:
    return of_strings(cells)


_MAKERS: tuple[tuple[frozenset[type], Callable[[Sequence[Any]], Array]], ...] = (
    (frozenset({bool}), _bools),
    (frozenset({int}), _ints),
    (frozenset({int, float}), _floats),
    (frozenset({str}), _texts),
    (frozenset({date}), _dates),
    (frozenset({datetime, date}), _stamps),
    (frozenset({time}), lambda cells: of_strings([cell and cell.isoformat() for cell in cells])),
)
