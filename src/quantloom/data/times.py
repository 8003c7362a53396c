"""Read the times of a table's rows, in the spellings data files use."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quantloom.data.arrow import Column, floats, ints, nulls
from quantloom.kit import BoolArray, IntArray, to_ns
from quantloom.kit.clock import NS_PER_SECOND

_NS_PER_DAY = 86_400 * NS_PER_SECOND
_LAST_NS = np.iinfo(np.int64).max
# No epoch second before 1973 has nine digits, and no date written as yyyymmdd has more than eight.
_LARGEST_DATE = 100_000_000
_LARGEST_CLOCK = 240_000_000


@dataclass(frozen=True, slots=True)
class Times:
    """Times of rows.

    Attributes:
        ns: (n,) UTC nanoseconds, 0 where unreadable.
        unreadable: (n,) True where the cell is empty or no time.
        has_zone: whether the source wrote a zone or an offset.
    """

    ns: IntArray
    unreadable: BoolArray
    has_zone: bool


def read_times(column: Column) -> Times:
    """Read timestamps, dates, ISO 8601 text, yyyymmdd numbers, or s, ms, us or ns since 1970.

    Numbers are told apart by their size. Times without a zone are read as UTC.
    """
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _from_arrow(column)
    if pa.types.is_integer(kind):
        return _from_numbers(ints(column), unreadable=nulls(column))
    if pa.types.is_floating(kind):
        return _from_floats(column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_text(column)
    nothing = np.zeros(len(column), dtype=np.int64)
    return Times(nothing, np.ones(len(column), dtype=np.bool_), has_zone=False)


def read_dates_and_times(dates: Column, clock: Column) -> Times:
    """Read a date column and a time-of-day column together."""
    days, moments = read_times(dates), _times_of_day(clock)
    unreadable = days.unreadable | (moments < 0)
    return Times(np.where(unreadable, 0, days.ns + moments), unreadable, has_zone=False)


def holds_times_of_day(column: Column) -> bool:
    """Tell whether a column holds 09:30 and the like, without a date."""
    if pa.types.is_integer(column.type):
        # Up to 23:59:59.999 written without signs; as seconds since 1970 it would be before 1978.
        return bool(ints(column).max(initial=0) < _LARGEST_CLOCK)
    if not pa.types.is_string(column.type):
        return bool(pa.types.is_time(column.type))
    head: list[str | None] = column.slice(0, 5).to_pylist()
    return any(text is not None and ":" in text[1:3] for text in head)


def session_dates(column: Column, times: Times) -> IntArray:
    """Give the date each time falls on where it was written, as UTC midnight.

    Midnight in Shanghai is 16:00 UTC of the day before; a daily bar belongs to the date written.
    """
    ns = times.ns
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        local: Any = pc.local_timestamp(column)
        ns = ints(local.cast(pa.timestamp("ns")))
    elif pa.types.is_string(column.type) and times.has_zone:
        written = column.to_pylist()
        ns = _each(written, lambda text: to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC)))
    return ns // _NS_PER_DAY * _NS_PER_DAY


def _from_arrow(column: Column) -> Times:
    zone = getattr(column.type, "tz", None)
    unreadable = nulls(column)
    try:
        ns = ints(column.cast(pa.timestamp("ns", zone)))
    except pa.ArrowInvalid:  # a date past the year 2262, which nanoseconds cannot hold
        seconds = ints(column.cast(pa.timestamp("s", zone), safe=False))
        unreadable |= np.abs(seconds) > _LAST_NS // NS_PER_SECOND
        ns = np.where(unreadable, 0, seconds) * NS_PER_SECOND
    return Times(np.where(unreadable, 0, ns), unreadable, has_zone=zone is not None)


def _from_numbers(values: IntArray, *, unreadable: BoolArray) -> Times:
    size = int(np.abs(values[~unreadable]).max(initial=0))
    if size < _LARGEST_DATE:
        return _from_yyyymmdd(values, unreadable=unreadable)
    unit = next((unit for unit in (10**9, 10**6, 10**3) if size <= _LAST_NS // unit), 1)
    return Times(np.where(unreadable, 0, values) * unit, unreadable, has_zone=False)


def _from_yyyymmdd(values: IntArray, *, unreadable: BoolArray) -> Times:
    year, month, day = values // 10_000, values // 100 % 100, values % 100
    unreadable = unreadable | (year < 1800) | (month < 1) | (month > 12) | (day < 1)
    months = np.where(unreadable, 0, (year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(unreadable, 0, day - 1)
    unreadable |= days.astype("datetime64[M]") != months  # the 31st of a short month
    ns = days.astype("datetime64[ns]").astype(np.int64)
    return Times(np.where(unreadable, 0, ns), unreadable, has_zone=False)


def _from_floats(column: Column) -> Times:
    values = floats(column)
    unreadable = ~(np.abs(values) < float(_LAST_NS))
    values = np.where(unreadable, 0.0, values)
    whole = np.rint(values)
    if (whole == values).all() or np.abs(values).max(initial=0.0) > _LAST_NS // NS_PER_SECOND:
        return _from_numbers(whole.astype(np.int64), unreadable=unreadable)
    # A float of seconds since 1970 is good to a quarter of a microsecond.
    ns = np.rint(values * 1e6).astype(np.int64) * 1_000
    return Times(ns, unreadable, has_zone=False)


def _from_text(column: Column) -> Times:
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string()))
    for zone in (None, "UTC"):
        try:
            return _from_arrow(trimmed.cast(pa.timestamp("ns", zone)))
        except pa.ArrowInvalid:
            continue
    written = trimmed.to_pylist()
    has_zone = any(_zone_of(text) for text in written if text)
    ns = _each(written, lambda text: to_ns(_with_zone(datetime.fromisoformat(text))))
    return Times(np.where(ns < -_LAST_NS, 0, ns), ns < -_LAST_NS, has_zone=has_zone)


def _zone_of(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _with_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _times_of_day(column: Column) -> IntArray:
    """Nanoseconds since midnight, below zero where unreadable."""
    if pa.types.is_time(column.type):
        return ints(column.cast(pa.time64("ns")), empty=-1)
    if not pa.types.is_string(column.type):
        return np.full(len(column), -1)
    return _each(column.to_pylist(), _since_midnight)


def _since_midnight(text: str) -> int:
    padded = f"0{text}" if text[1:2] == ":" else text
    moment = time.fromisoformat(padded)
    return to_ns(datetime.combine(date(1970, 1, 1), moment, tzinfo=UTC))


def _each(written: list[str | None], read: Callable[[str], int]) -> IntArray:
    """Read cell by cell; the least int64 where a cell is no time."""
    ns = np.full(len(written), np.iinfo(np.int64).min)
    for row, text in enumerate(written):
        try:
            ns[row] = read(text or "")
        except (ValueError, OverflowError):
            continue
    return ns
