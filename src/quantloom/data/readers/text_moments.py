"""Times that are written as text, in any usual spelling of East and West."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from quantloom.data.arrow import Column, bools, column_of, ints, nulls
from quantloom.data.readers.civil import calendar_days, time_of_day
from quantloom.data.readers.typed_moments import from_typed
from quantloom.data.readers.written import NS_PER_DAY, Moments, Written
from quantloom.kit import BoolArray, IntArray
from quantloom.kit.clock import NS_PER_SECOND

# The stubs of Arrow know fewer of its functions than it has.
pc: Any = pyarrow.compute

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


def from_text(column: Column, way: Written) -> Moments:
    """Read each different cell once."""
    text: Any = pc.utf8_trim_whitespace(column.cast(pa.string()))
    if (quick := read_quickly(text)) is not None:
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


def read_quickly(text: Any) -> Moments | None:
    """ISO 8601 without a zone, all of it: Arrow reads that many times as fast."""
    try:
        found = from_typed(text.cast(pa.timestamp("ns")))
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
    ns, bad = _times_of_day(named, numbers)
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


def _times_of_day(
    named: dict[str, Any], numbers: dict[str, IntArray]
) -> tuple[IntArray, BoolArray]:
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
    ns, wrong = time_of_day(hour, minute, second)
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
        return calendar_days(year, month, numbers["d"])
    if way is not None:
        first, second = numbers["a"], numbers["b"]
        is_day_first = way is Written.DAY_FIRST
        day, month = (first, second) if is_day_first else (second, first)
        return calendar_days(year, month, day)
    return calendar_days(year, numbers["m"], numbers["d"])


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
