"""Objects with arrays as one run of bytes: a head in JSON, and columns read where they lie.

It crosses the wall of the sandbox in both directions, so reading believes nothing: types and
lengths are checked, nothing is unpickled, and what does not fit raises `BadPacking`.
"""

import struct
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_origin

import msgspec
import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.tables import Table
from quantloom.errors import Invalid

_HEAD = struct.Struct("<4sxxxxQ")
_MARK = b"QLC1"
_ALIGNED = 64
_PLAIN_KINDS = "bifMmu"
_WIDEST = 8

Packed = TypeVar("Packed")


class BadPacking(Invalid):
    """Bytes that are no packed columns."""

    code = "backtest.bad_packing"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"what came back is no result: {self.problem}; run it again"


class _Head(msgspec.Struct):
    """Where each column lies behind the head: offset, rows, type; and what refers to them."""

    columns: list[tuple[int, int, str]]
    content: msgspec.Raw


def pack(content: object) -> list[bytes | memoryview]:
    """Write an object of dataclasses, structs, tables, arrays and plain values.

    Returns:
        The parts, to be written one behind the other; arrays are not copied.
    """
    found: list[NDArray[Any]] = []

    def put(one: object) -> object:
        if isinstance(one, np.ndarray):
            return _put_column(one, found)
        if isinstance(one, Table):
            return dict(one.items())
        if isinstance(one, Mapping):
            return dict(one)
        raise NotImplementedError(type(one))

    told = msgspec.json.encode(content, enc_hook=put)
    places, offset = [], 0
    for column in found:
        places.append((offset, len(column), column.dtype.str))
        offset += column.nbytes + -column.nbytes % _ALIGNED
    head = msgspec.json.encode(_Head(places, msgspec.Raw(told)))
    # What follows begins where any processor likes to read.
    head += b" " * (-(_HEAD.size + len(head)) % _ALIGNED)
    parts: list[bytes | memoryview] = [_HEAD.pack(_MARK, len(head)), head]
    for column in found:
        plain: Any = column.view(np.uint8)
        parts.append(memoryview(plain))
        parts.append(bytes(-column.nbytes % _ALIGNED))
    return parts


def unpack(packed: bytes | memoryview, kind: type[Packed]) -> Packed:
    """Read an object; its arrays are views of the bytes.

    Raises:
        BadPacking: the bytes are none of `pack`, or another kind of object.
    """
    view = memoryview(packed)
    try:
        mark, length = _HEAD.unpack_from(view)
        if mark != _MARK:
            raise BadPacking("its first bytes are others")
        start = _HEAD.size + length
        head = msgspec.json.decode(view[_HEAD.size : start], type=_Head)
        columns = _Columns(view[start:], head.columns)
        return msgspec.json.decode(head.content, type=kind, dec_hook=columns.get)
    except (struct.error, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise BadPacking(str(error)[:200]) from error


def _put_column(column: NDArray[Any], found: list[NDArray[Any]]) -> dict[str, Any]:
    if column.dtype == object:
        values = column.tolist()
        is_exact = any(isinstance(one, Decimal) for one in values)
        # Text keeps trailing zeros.
        return {"exact": values} if is_exact else {"plain": values}
    found.append(np.ascontiguousarray(column))
    return {"column": len(found) - 1}


class _Columns:
    """Columns behind a head, found by their number."""

    def __init__(self, data: memoryview, places: list[tuple[int, int, str]]) -> None:
        self._data, self._places = data, places

    def get(self, kind: Any, told: Any) -> Any:
        """Make what msgspec does not know of what stands in its place."""
        if kind is Table:
            columns = {str(name): self._column(one) for name, one in told.items()}
            if len({len(column) for column in columns.values()}) > 1:
                raise ValueError("columns of one table differ in length")
            return Table(columns)
        if (get_origin(kind) or kind) is np.ndarray:
            return self._column(told)
        raise NotImplementedError(kind)

    def _column(self, told: dict[str, Any]) -> NDArray[Any]:
        if "column" not in told:
            return _objects(told)
        offset, count, name = self._places[_index(told["column"], len(self._places))]
        kind = np.dtype(name)
        if kind.kind not in _PLAIN_KINDS or kind.itemsize > _WIDEST or min(offset, count) < 0:
            raise ValueError(f"a column of {name}")
        return np.frombuffer(self._data, dtype=kind, count=count, offset=offset)


def _index(number: object, length: int) -> int:
    if not isinstance(number, int) or not 0 <= number < length:
        raise ValueError("there is no such column")
    return number


def _objects(told: dict[str, Any]) -> NDArray[Any]:
    values = told["exact"] if "exact" in told else told["plain"]
    column = np.empty(len(values), dtype=object)
    column[:] = (
        [None if one is None else Decimal(one) for one in values] if "exact" in told else values
    )
    return column
