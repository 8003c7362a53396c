"""Times as files write them, a column at a time; and how a column writes its times."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from quantloom.data.arrow import Column, column_of
from quantloom.data.readers.figures import is_missing, is_numeric
from quantloom.data.readers.number_moments import from_numbers, whole_numbers
from quantloom.data.readers.text_moments import from_text, read_quickly
from quantloom.data.readers.typed_moments import from_typed, is_temporal
from quantloom.data.readers.written import NS_PER_DAY, TEXTS, Moments, Written
from quantloom.kit import IntArray

# The stubs of Arrow know fewer of its functions than it has.
pc: Any = pyarrow.compute
_GUESSED = 3_000
_TWO_WAY = r"^\s*(?:[A-Za-z]+\.?,?\s+)?\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"


def read_moments(column: Column, written: Written | str = Written.TEXT) -> Moments:
    """Read a column of times that are written in a known way.

    Cells that are no such time are marked unreadable; nothing raises.
    """
    way = Written(written)
    if is_temporal(column.type):
        return from_typed(column)
    if way in TEXTS or way is Written.TYPED:
        return from_text(column, way)
    return from_numbers(column, way)


def guess_written(column: Column, *, may_be_clock: bool = True) -> tuple[Written, float]:
    """Tell how a column writes its times, and which share of its cells that reads.

    Args:
        may_be_clock: whether times of day without a date are thought of.
    Returns:
        The share is 0 where the column holds no times.
    """
    if is_temporal(column.type):
        return Written.TYPED, 1.0
    if is_numeric(column.type):
        return _best_number(column, may_be_clock=may_be_clock)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return Written.TEXT, 0.0
    column = _thinned(column)
    if _all_digits(column):
        return _best_number(column, may_be_clock=may_be_clock)
    return _best_text(column, may_be_clock=may_be_clock)


def _thinned(column: Column) -> Column:
    """Some thousand cells: rows in a row from the head, and the last ones."""
    if len(column) <= _GUESSED:
        return column
    head, tail = column.slice(0, _GUESSED // 2), column.slice(len(column) - _GUESSED // 2)
    return pa.chunked_array([*head.chunks, *tail.chunks])


def _all_digits(column: Column) -> bool:
    text: Any = pc.drop_null(column)
    if not len(text):
        return False
    digits: Any = pc.match_substring_regex(text, r"^\s*\d+(?:\.\d*)?\s*$")
    return bool(pc.mean(digits.cast(pa.float64())).as_py() > 0.8)


def _best_text(column: Column, *, may_be_clock: bool) -> tuple[Written, float]:
    text: Any = pc.utf8_trim_whitespace(column.cast(pa.string()))
    lower: Any = pc.utf8_lower(text)
    known = text.filter(pc.invert(is_missing(lower)))
    known = pc.drop_null(known)
    if not len(known):
        return Written.TEXT, 0.0
    if read_quickly(known) is not None:
        return Written.ISO, 1.0
    best = (Written.TEXT, 0.0)
    for way in (Written.TEXT, Written.DAY_FIRST):
        found = read_moments(known, way)
        share = 0.0 if not found.has_date and not may_be_clock else _share(found)
        share -= disorder(found) * 0.01
        if share > best[1]:
            best = (way, share)
        if not is_two_way(known):
            break
    return best


def is_two_way(cells: Any) -> bool:
    """Whether some cells may be day or month first."""
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        return False
    found: Any = pc.match_substring_regex(cells, _TWO_WAY)
    return bool(pc.any(found).as_py())


def disorder(found: Moments) -> float:
    """How often times turn back or forth; a wrong order of day and month shows in it."""
    steps = np.sign(np.diff(found.ns[~found.unreadable]))
    turns = steps[steps != 0]
    return float((np.diff(turns) != 0).mean()) if len(turns) > 1 else 0.0


def _share(found: Moments) -> float:
    return float((~found.unreadable).mean()) if len(found.unreadable) else 0.0


def _best_number(column: Column, *, may_be_clock: bool) -> tuple[Written, float]:
    values, unreadable = whole_numbers(column)
    known = values[~unreadable]
    if not len(known):
        return Written.TEXT, 0.0
    readable = len(known) / max(len(values), 1)
    if known.dtype.kind == "f":
        way, share = _best_fraction(known)
        return way, share * readable
    ways = _with_date(known) if not may_be_clock else (*_with_date(known), *_without_date(known))
    best = (Written.TEXT, 0.0)
    for way in ways:
        share = _share(read_moments(column_of(known), way))
        if share > best[1] + 0.02:
            best = (way, share)
    return best[0], best[1] * readable


def _best_fraction(values: Any) -> tuple[Written, float]:
    low, high = float(values.min()), float(values.max())
    if low >= 1e8 and high <= 4.3e9:
        return Written.SECONDS, 1.0
    if low >= 1e11 and high <= 4.3e12:
        return Written.MILLIS, 1.0
    if low >= 20_000 and high <= 80_000:
        return Written.EXCEL, 0.6
    return Written.TEXT, 0.0


def _with_date(values: IntArray) -> tuple[Written, ...]:
    """Ways that bring a date and fit the size of the numbers, the likeliest first."""
    low, high = int(np.quantile(values, 0.02)), int(np.quantile(values, 0.98))
    sizes = (
        (Written.YMD, 18_000_101, 22_610_000),
        (Written.YMD_H, 1_900_010_100, 2_200_000_000),
        (Written.YMD_HM, 190_001_010_000, 220_000_000_000),
        (Written.YMD_HMS, 19_000_101_000_000, 22_000_000_000_000),
        (Written.YMD_HMSF, 19_000_101_000_000_000, 22_000_000_000_000_000),
        (Written.SECONDS, 1e8, 4.3e9),
        (Written.MILLIS, 1e11, 4.3e12),
        (Written.MICROS, 1e14, 4.3e15),
        (Written.NANOS, 1e17, 9.2e18),
    )
    return tuple(way for way, least, most in sizes if least <= low and high <= most)


def _without_date(values: IntArray) -> tuple[Written, ...]:
    high = int(values.max())
    sizes = (
        (Written.HM, 2_400),
        (Written.HMS, 240_000),
        (Written.DAY_SECONDS, 86_400),
        (Written.HMSF, 240_000_000),
        (Written.DAY_MILLIS, 86_400_000),
        (Written.DAY_MICROS, 86_400_000_000),
        (Written.DAY_NANOS, NS_PER_DAY),
    )
    return tuple(way for way, most in sizes if high <= most)
