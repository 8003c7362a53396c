"""Times that are written as numbers: counts, packed digits and times of the day."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from quantloom.data.arrow import Column, floats, ints, nulls
from quantloom.data.readers.civil import calendar_days, time_of_day
from quantloom.data.readers.figures import empty_text, is_numeric
from quantloom.data.readers.written import (
    EPOCHS,
    LAST_NS,
    NS_PER_DAY,
    NS_PER_MS,
    OF_DAY,
    Moments,
    Written,
)
from quantloom.kit import BoolArray, IntArray

# The stubs of Arrow know fewer of its functions than it has.
pc: Any = pyarrow.compute

_EXCEL_EPOCH_DAYS = 25_569  # 1970-01-01 counted from 1899-12-30
# Digits behind the date: what one of the last stands for, in nanoseconds, and how many there are.
_PACKED = {
    Written.YMD: 1,
    Written.YMD_H: 100,
    Written.YMD_HM: 10**4,
    Written.YMD_HMS: 10**6,
    Written.YMD_HMSF: 10**9,
}


def from_numbers(column: Column, way: Written) -> Moments:
    """Read a column of numbers, or of digits as text, that are times written in a known way."""
    values, unreadable = whole_numbers(column)
    if way in EPOCHS or way is Written.EXCEL:
        return _from_count(values, unreadable, way, column)
    if way in _PACKED:
        return _from_packed(values, unreadable, way)
    return _from_clock(values, unreadable, way)


def whole_numbers(column: Column) -> tuple[Any, BoolArray]:
    """Numbers as int64 where they are whole, else as float64."""
    unreadable = nulls(column)
    if pa.types.is_integer(column.type):
        return ints(column), unreadable
    if is_numeric(column.type):
        return _of_floats(floats(column), unreadable)
    text: Any = pc.utf8_trim_whitespace(column.cast(pa.string()))
    good: Any = pc.match_substring_regex(text, r"^(?:\d{1,18}|[1-8]\d{18})$")
    digits: Any = pc.if_else(good, text, empty_text(len(text)))
    values = ints(digits.cast(pa.int64()))
    bad = nulls(digits)
    if bad.any():
        # 1704196800.5, or 20240102.0 as pandas writes an integer among empty cells.
        decimal: Any = pc.match_substring_regex(text, r"^\d{1,18}\.\d*$")
        rest: Any = pc.if_else(decimal, text, empty_text(len(text)))
        return _merged(values, bad, floats(rest.cast(pa.float64())))
    return values, unreadable | bad


def _merged(values: IntArray, bad: BoolArray, fractions: Any) -> tuple[Any, BoolArray]:
    known = np.isfinite(fractions)
    if not known.any():
        return values, bad
    if (np.rint(fractions[known]) == fractions[known]).all():
        whole = np.where(known, fractions, 0).astype(np.int64)
        return np.where(bad & known, whole, values), bad & ~known
    return np.where(bad, fractions, values.astype(np.float64)), bad & ~known


def _of_floats(values: Any, unreadable: BoolArray) -> tuple[Any, BoolArray]:
    unreadable = unreadable | ~(np.abs(values) < float(LAST_NS))
    values = np.where(unreadable, 0.0, values)
    whole = np.rint(values)
    if (whole == values).all():
        return whole.astype(np.int64), unreadable
    return values, unreadable


def _from_count(values: Any, unreadable: BoolArray, way: Written, column: Column) -> Moments:
    if way is Written.EXCEL:
        days = np.asarray(values, dtype=np.float64) - _EXCEL_EPOCH_DAYS
        unreadable = unreadable | (np.abs(days) > LAST_NS / NS_PER_DAY)
        # A day counted in a float is good to a microsecond or two; people enter milliseconds.
        ms = np.rint(np.where(unreadable, 0, days) * (NS_PER_DAY // NS_PER_MS)).astype(np.int64)
        return Moments(ms * NS_PER_MS, unreadable)
    unit = EPOCHS[way]
    unreadable = unreadable | (np.abs(values) > LAST_NS // unit)
    kept = np.where(unreadable, 0, values)
    if kept.dtype.kind == "f":
        # A float of seconds since 1970 is good to a quarter of a microsecond.
        micros = np.rint(kept * (unit / 1_000)).astype(np.int64)
        return Moments(micros * 1_000, unreadable, offset=np.zeros(len(column), dtype=np.int64))
    return Moments(kept * unit, unreadable, offset=np.zeros(len(column), dtype=np.int64))


def _from_packed(values: Any, unreadable: BoolArray, way: Written) -> Moments:
    whole = np.asarray(values, dtype=np.int64)
    day, bad = _days(whole // _PACKED[way])
    clock, wrong = _clock(whole % _PACKED[way], way)
    unreadable = unreadable | bad | wrong
    return Moments(np.where(unreadable, 0, day * NS_PER_DAY + clock), unreadable)


def _days(ymd: IntArray) -> tuple[IntArray, BoolArray]:
    return calendar_days(ymd // 10_000, ymd // 100 % 100, ymd % 100)


def _clock(digits: IntArray, way: Written) -> tuple[IntArray, BoolArray]:
    """Nanoseconds since midnight of HH, HHMM, HHMMSS or HHMMSSmmm."""
    milli = np.zeros_like(digits)
    if way in {Written.YMD_HMSF, Written.HMSF}:
        digits, milli = digits // 1_000, digits % 1_000
    second = np.zeros_like(digits)
    if way in {Written.YMD_HMSF, Written.HMSF, Written.YMD_HMS, Written.HMS}:
        digits, second = digits // 100, digits % 100
    minute = np.zeros_like(digits)
    if way not in {Written.YMD, Written.YMD_H}:
        digits, minute = digits // 100, digits % 100
    ns, bad = time_of_day(digits, minute, second)
    return ns + milli * NS_PER_MS, bad


def _from_clock(values: Any, unreadable: BoolArray, way: Written) -> Moments:
    if way in OF_DAY:
        unit = OF_DAY[way]
        unreadable = unreadable | (values < 0) | (values * float(unit) > NS_PER_DAY)
        kept = np.where(unreadable, 0, values)
        ns = np.rint(kept * unit).astype(np.int64) if kept.dtype.kind == "f" else kept * unit
        return Moments(ns, unreadable, has_date=False)
    ns, bad = _clock(np.asarray(values, dtype=np.int64), way)
    unreadable = unreadable | bad
    return Moments(np.where(unreadable, 0, ns), unreadable, has_date=False)
