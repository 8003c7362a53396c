"""Times as files write them: one reader for text, one for numbers, both a column at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from quantloom.data.arrow import Column, bools, column_of, floats, ints, nulls
from quantloom.data.readers.figures import empty_text, is_missing, is_numeric
from quantloom.kit import BoolArray, IntArray
from quantloom.kit.clock import NS_PER_SECOND

# The stubs of Arrow know fewer of its functions than it has.
pc: Any = pyarrow.compute

NS_PER_DAY = 86_400 * NS_PER_SECOND
_LAST_NS = np.iinfo(np.int64).max
_NS_PER_MS = 1_000_000
_EXCEL_EPOCH_DAYS = 25_569  # 1970-01-01 counted from 1899-12-30
_FIRST_YEAR, _LAST_YEAR = 1800, 2261
_GUESSED = 3_000


class Written(StrEnum):
    """How the cells of a column write their times."""

    TEXT = "text"
    ISO = "iso"
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    TYPED = "typed"
    YMD = "yyyymmdd"
    YMD_H = "yyyymmddhh"
    YMD_HM = "yyyymmddhhmm"
    YMD_HMS = "yyyymmddhhmmss"
    YMD_HMSF = "yyyymmddhhmmssmmm"
    SECONDS = "unix seconds"
    MILLIS = "unix milliseconds"
    MICROS = "unix microseconds"
    NANOS = "unix nanoseconds"
    EXCEL = "excel days"
    HM = "hhmm"
    HMS = "hhmmss"
    HMSF = "hhmmssmmm"
    DAY_SECONDS = "seconds of the day"
    DAY_MILLIS = "milliseconds of the day"
    DAY_MICROS = "microseconds of the day"
    DAY_NANOS = "nanoseconds of the day"


_EPOCHS = {
    Written.SECONDS: NS_PER_SECOND,
    Written.MILLIS: _NS_PER_MS,
    Written.MICROS: 1_000,
    Written.NANOS: 1,
}
_OF_DAY = {
    Written.DAY_SECONDS: NS_PER_SECOND,
    Written.DAY_MILLIS: _NS_PER_MS,
    Written.DAY_MICROS: 1_000,
    Written.DAY_NANOS: 1,
}
# Digits behind the date: what one of the last stands for, in nanoseconds, and how many there are.
_PACKED = {
    Written.YMD: 1,
    Written.YMD_H: 100,
    Written.YMD_HM: 10**4,
    Written.YMD_HMS: 10**6,
    Written.YMD_HMSF: 10**9,
}
_CLOCKS = (Written.HM, Written.HMS, Written.HMSF)
_TEXTS = (Written.TEXT, Written.ISO, Written.DAY_FIRST, Written.MONTH_FIRST)


@dataclass(frozen=True, slots=True)
class Moments:
    """Times of rows.

    Attributes:
        ns: (n,) what the clock on the wall showed, as nanoseconds since 1970-01-01 00:00 of that
            clock; since midnight where `has_date` is False. 0 where unreadable.
        offset: (n,) nanoseconds that clock is ahead of UTC; None where the source does not say.
        unreadable: (n,) True where the cell is empty or no time.
    """

    ns: IntArray
    unreadable: BoolArray
    offset: IntArray | None = None
    has_date: bool = True


def read_moments(column: Column, written: Written | str = Written.TEXT) -> Moments:
    """Read a column of times that are written in a known way.

    Cells that are no such time are marked unreadable; nothing raises.
    """
    way = Written(written)
    if _is_temporal(column.type):
        return _from_typed(column)
    if way in _TEXTS or way is Written.TYPED:
        return _from_text(column, way)
    values, unreadable = _whole_numbers(column)
    if way in _EPOCHS or way is Written.EXCEL:
        return _from_count(values, unreadable, way, column)
    if way in _PACKED:
        return _from_packed(values, unreadable, way)
    return _from_clock(values, unreadable, way)


def guess_written(column: Column, *, may_be_clock: bool = True) -> tuple[Written, float]:
    """Tell how a column writes its times, and which share of its cells that reads.

    Args:
        may_be_clock: whether times of day without a date are thought of.
    Returns:
        The share is 0 where the column holds no times.
    """
    if _is_temporal(column.type):
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


def holds_date(written: Written | str) -> bool:
    """Whether a way of writing numbers brings the date; text and types say so themselves."""
    return Written(written) not in (*_CLOCKS, *_OF_DAY)


def is_instant(written: Written | str) -> bool:
    """Whether a way of writing counts from 1970 in UTC, and so needs no zone."""
    return Written(written) in _EPOCHS


def _is_temporal(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind))


def _from_typed(column: Column) -> Moments:
    kind = column.type
    unreadable = nulls(column)
    if pa.types.is_time(kind):
        return Moments(ints(column.cast(pa.time64("ns"))), unreadable, has_date=False)
    zone = getattr(kind, "tz", None)
    ns, bad = _timestamps(column, zone)
    unreadable |= bad
    ns = np.where(unreadable, 0, ns)
    if zone is None:
        return Moments(ns, unreadable)
    local: Any = pc.local_timestamp(column)
    wall, bad = _timestamps(local, None)
    unreadable |= bad
    wall = np.where(unreadable, 0, wall)
    return Moments(wall, unreadable, offset=np.where(unreadable, 0, wall - ns))


def _timestamps(column: Column, zone: str | None) -> tuple[IntArray, BoolArray]:
    """Nanoseconds, and what a date past the year 2261 makes unreadable."""
    try:
        return ints(column.cast(pa.timestamp("ns", zone))), np.zeros(len(column), dtype=np.bool_)
    except pa.ArrowInvalid:
        seconds = ints(column.cast(pa.timestamp("s", zone), safe=False))
        bad = np.abs(seconds) > _LAST_NS // NS_PER_SECOND
        return np.where(bad, 0, seconds) * NS_PER_SECOND, bad


def _whole_numbers(column: Column) -> tuple[Any, BoolArray]:
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
    unreadable = unreadable | ~(np.abs(values) < float(_LAST_NS))
    values = np.where(unreadable, 0.0, values)
    whole = np.rint(values)
    if (whole == values).all():
        return whole.astype(np.int64), unreadable
    return values, unreadable


def _from_count(values: Any, unreadable: BoolArray, way: Written, column: Column) -> Moments:
    if way is Written.EXCEL:
        days = np.asarray(values, dtype=np.float64) - _EXCEL_EPOCH_DAYS
        unreadable = unreadable | (np.abs(days) > _LAST_NS / NS_PER_DAY)
        # A day counted in a float is good to a microsecond or two; people enter milliseconds.
        ms = np.rint(np.where(unreadable, 0, days) * (NS_PER_DAY // _NS_PER_MS)).astype(np.int64)
        return Moments(ms * _NS_PER_MS, unreadable)
    unit = _EPOCHS[way]
    unreadable = unreadable | (np.abs(values) > _LAST_NS // unit)
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
    return _calendar_days(ymd // 10_000, ymd // 100 % 100, ymd % 100)


def _calendar_days(year: IntArray, month: IntArray, day: IntArray) -> tuple[IntArray, BoolArray]:
    bad = (year < _FIRST_YEAR) | (year > _LAST_YEAR) | (month < 1) | (month > 12)
    bad |= (day < 1) | (day > 31)
    months = np.where(bad, 0, (year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(bad, 0, day - 1)
    bad |= days.astype("datetime64[M]") != months  # the 31st of a short month
    return np.where(bad, 0, days.astype(np.int64)), bad


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
    ns, bad = _of_day(digits, minute, second)
    return ns + milli * _NS_PER_MS, bad


def _of_day(hour: IntArray, minute: IntArray, second: IntArray) -> tuple[IntArray, BoolArray]:
    # Some sources call midnight 24:00 of the day that ends.
    is_midnight = (hour == 24) & (minute == 0) & (second == 0)
    bad = (hour < 0) | ((hour > 23) & ~is_midnight) | (minute > 59) | (second > 59)
    ns = ((hour * 60 + minute) * 60 + second) * NS_PER_SECOND
    return np.where(bad, 0, ns), bad


def _from_clock(values: Any, unreadable: BoolArray, way: Written) -> Moments:
    if way in _OF_DAY:
        unit = _OF_DAY[way]
        unreadable = unreadable | (values < 0) | (values * float(unit) > NS_PER_DAY)
        kept = np.where(unreadable, 0, values)
        ns = np.rint(kept * unit).astype(np.int64) if kept.dtype.kind == "f" else kept * unit
        return Moments(ns, unreadable, has_date=False)
    ns, bad = _clock(np.asarray(values, dtype=np.int64), way)
    unreadable = unreadable | bad
    return Moments(np.where(unreadable, 0, ns), unreadable, has_date=False)


_WEEK = r"(?:[\s,(]*(?:星期|周|礼拜)[一二三四五六日天]\)?)?"
_EN_WEEK = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_DATES = {
    "ymd": r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?",
    "packed": r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
    "numbers": r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d{2})",
    "day month": (
        r"(?P<d>\d{1,2})(?:st|nd|rd|th)?[-/ ](?P<mon>[a-z]{3,9})\.?[-/ ,]+(?P<y>\d{4}|\d{2})"
    ),
    "month day": r"(?P<mon>[a-z]{3,9})\.?[-/ ](?P<d>\d{1,2})(?:st|nd|rd|th)?,?[-/ ]+(?P<y>\d{4})",
}
_HALF = r"[ap]\.?m\.?|上午|下午"
_SIGNED = (
    rf"(?P<pre>{_HALF})?\s*(?P<h>\d{{1,2}})(?:[:时](?P<i>\d{{1,2}})"
    r"(?:[:分](?P<s>\d{1,2})(?:[.,:](?P<f>\d{1,9}))?秒?)?分?|时)?"
    rf"(?:\s*-?\s*(?P<post>{_HALF}))?"
)
_DIGITS = r"(?P<h>\d{2})(?P<i>\d{2})(?P<s>\d{2})(?P<f>\d{0,9})"
_OFFSET = r"\s*(?P<off>z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?(?:\s*\[[a-z_]+/[a-z_]+\])?"
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_NUMBERS = ("y", "m", "d", "a", "b", "h", "i", "s")


def _patterns() -> Iterator[tuple[str, bool, bool]]:
    """Every pattern for a date with or without a clock, then those of a clock alone."""
    for name, date in _DATES.items():
        head = f"^{_EN_WEEK}{date}{_WEEK}"
        yield rf"{head}(?:[t\s,_-]+{_SIGNED})?{_OFFSET}$", True, name == "numbers"
        yield rf"{head}[t\s_-]*{_DIGITS}{_OFFSET}$", True, name == "numbers"
    yield rf"^{_SIGNED}$", False, False


_PATTERNS = tuple(_patterns())


def _from_text(column: Column, way: Written) -> Moments:
    """Read each different cell once."""
    text: Any = pc.utf8_trim_whitespace(column.cast(pa.string()))
    if (quick := _quickly(text)) is not None:
        return quick
    coded: Any = pa.chunked_array([text.combine_chunks()]).dictionary_encode()
    whole = coded.combine_chunks()
    if not len(whole.dictionary):
        empty: IntArray = np.zeros(len(column), dtype=np.int64)
        return Moments(empty, np.ones(len(column), dtype=np.bool_))
    found = _read_cells(whole.dictionary, way)
    rows = ints(pa.chunked_array([whole.indices]))
    unreadable = found.unreadable[rows] | nulls(text)
    offset = None if found.offset is None else np.where(unreadable, 0, found.offset[rows])
    return Moments(np.where(unreadable, 0, found.ns[rows]), unreadable, offset, found.has_date)


def _quickly(text: Any) -> Moments | None:
    """ISO 8601 without a zone, all of it: Arrow reads that many times as fast."""
    try:
        found = _from_typed(text.cast(pa.timestamp("ns")))
    except pa.ArrowInvalid:
        return None
    return None if found.unreadable.all() else found


@dataclass(slots=True)
class _Cells:
    """Cells under way: what has been read of them so far."""

    ns: IntArray
    offset: IntArray
    is_read: BoolArray
    has_offset: BoolArray
    has_date: BoolArray


def _read_cells(cells: Any, way: Written) -> Moments:
    text: Any = pc.utf8_lower(pc.utf8_normalize(cells, form="NFKC"))
    count = len(text)
    state = _Cells(
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        *(np.zeros(count, np.bool_) for _ in range(3)),
    )
    for pattern, has_date, is_ambiguous in _PATTERNS:
        rest = np.flatnonzero(~state.is_read)
        if not len(rest):
            break
        _apply(state, rest, text, pattern, has_date=has_date, way=way if is_ambiguous else None)
    unreadable = ~state.is_read
    # A column is of times with a date or of times of day, whichever most are.
    has_date = bool(state.has_date.sum() * 2 >= state.is_read.sum())
    unreadable |= state.has_date != has_date
    offset = np.where(unreadable, 0, state.offset) if state.has_offset.any() else None
    ns = np.where(unreadable, 0, state.ns)
    return Moments(ns, unreadable, offset, has_date)


def _apply(
    state: _Cells, rest: IntArray, text: Any, pattern: str, *, has_date: bool, way: Written | None
) -> None:
    found: Any = pc.extract_regex(text.take(column_of(rest).chunk(0)), pattern=pattern)
    matched = np.flatnonzero(bools(pa.chunked_array([found.is_valid()])))
    if not len(matched):
        return
    rows = rest[matched]
    parts: Any = found.take(column_of(matched).chunk(0)).flatten()
    named = dict(zip([one.name for one in found.type], parts, strict=True))
    numbers = {name: _integers(named[name]) for name in _NUMBERS if name in named}
    ns, bad = _time_of_day(named, numbers)
    if has_date:
        days, wrong = _date_of(named, numbers, way)
        ns, bad = days * NS_PER_DAY + ns, bad | wrong
    else:
        # An hour alone is a number, not a time of day.
        bad |= ~(_filled(named["i"]) | _filled(named["pre"]) | _filled(named["post"]))
    offset, has_offset = _offsets(named.get("off"), len(rows))
    good = rows[~bad]
    state.ns[good] = ns[~bad]
    state.offset[good], state.has_offset[good] = offset[~bad], has_offset[~bad]
    state.is_read[good], state.has_date[good] = True, has_date


def _filled(cells: Any) -> BoolArray:
    return bools(pa.chunked_array([pc.match_substring_regex(cells, ".")]))


def _integers(cells: Any) -> IntArray:
    """Digits as numbers, 0 where a part of the pattern matched nothing."""
    filled: Any = pc.replace_substring_regex(cells, "^$", "0")
    return ints(pa.chunked_array([filled.cast(pa.int64())]))


def _time_of_day(named: dict[str, Any], numbers: dict[str, IntArray]) -> tuple[IntArray, BoolArray]:
    hour, minute, second = numbers["h"], numbers["i"], numbers["s"]
    half: Any = None
    bad = np.zeros(len(hour), dtype=np.bool_)
    for name in ("pre", "post"):
        if name in named:
            half = named[name]
            is_pm = _matches(half, "^p|下午")
            is_half = _filled(half)
            bad |= is_half & ((hour > 12) & ~(is_pm & (hour < 24)))
            hour = np.where(is_half & (hour <= 12), hour % 12 + 12 * is_pm, hour)
    ns, wrong = _of_day(hour, minute, second)
    padded: Any = pc.utf8_rpad(named["f"], width=9, padding="0")
    return ns + _integers(padded), bad | wrong


def _matches(cells: Any, pattern: str) -> BoolArray:
    return bools(pa.chunked_array([pc.match_substring_regex(cells, pattern)]))


def _date_of(
    named: dict[str, Any], numbers: dict[str, IntArray], way: Written | None
) -> tuple[IntArray, BoolArray]:
    year = numbers["y"]
    # Two digits: 70 to 99 are of the last century.
    year = np.where(year < 100, year + np.where(year < 70, 2000, 1900), year)
    if "mon" in named:
        month = _named_months(named["mon"])
        return _calendar_days(year, month, numbers["d"])
    if way is not None:
        first, second = numbers["a"], numbers["b"]
        is_day_first = way is Written.DAY_FIRST
        day, month = (first, second) if is_day_first else (second, first)
        return _calendar_days(year, month, day)
    return _calendar_days(year, numbers["m"], numbers["d"])


def _named_months(cells: Any) -> IntArray:
    names = [str(one)[:3] for one in cells.to_pylist()]
    places = [_MONTHS.find(name) for name in names]
    return np.array([place // 3 + 1 if place % 3 == 0 else 0 for place in places], dtype=np.int64)


def _offsets(cells: Any, count: int) -> tuple[IntArray, BoolArray]:
    if cells is None:
        return np.zeros(count, np.int64), np.zeros(count, np.bool_)
    told = [_offset(text) for text in cells.to_pylist()]
    return (
        np.array([one or 0 for one in told], dtype=np.int64),
        np.array([one is not None for one in told]),
    )


def _offset(text: str) -> int | None:
    if not text:
        return None
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = (int(digits[:2]) * 60 + int(digits[2:])) * 60 * NS_PER_SECOND
    return -ahead if text[0] == "-" else ahead


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
    if _quickly(known) is not None:
        return Written.ISO, 1.0
    best = (Written.TEXT, 0.0)
    for way in (Written.TEXT, Written.DAY_FIRST):
        found = read_moments(known, way)
        share = 0.0 if not found.has_date and not may_be_clock else _share(found)
        share -= _disorder(found) * 0.01
        if share > best[1]:
            best = (way, share)
        if not _is_two_way(known):
            break
    return best


def _is_two_way(known: Any) -> bool:
    """Whether some cells may be day or month first."""
    found: Any = pc.match_substring_regex(known, r"^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
    return bool(pc.any(found).as_py())


def _disorder(found: Moments) -> float:
    """How often times turn back or forth; a wrong order of day and month shows in it."""
    steps = np.sign(np.diff(found.ns[~found.unreadable]))
    turns = steps[steps != 0]
    return float((np.diff(turns) != 0).mean()) if len(turns) > 1 else 0.0


def _share(found: Moments) -> float:
    return float((~found.unreadable).mean()) if len(found.unreadable) else 0.0


def _best_number(column: Column, *, may_be_clock: bool) -> tuple[Written, float]:
    values, unreadable = _whole_numbers(column)
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
