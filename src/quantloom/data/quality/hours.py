"""When bars are, against when their market was open: gaps, strange hours, a wrong clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.data.quality.report import Example, Finding
from quantloom.data.quality.view import EXAMPLES, View, middle
from quantloom.kit import BoolArray, DayArray, IntArray, from_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import AlwaysOpen, Bars, Kind, MissingSpan, Timeframe, find_gaps
from quantloom.market.sessions import local_ns
from quantloom.market.timetable import Timetable, timetable

HOUR_CHECKS = (
    "gaps",
    "missing_months",
    "calendar_unknown",
    "time_zone",
    "close_labels",
    "outside_hours",
    "extended_hours",
    "odd_stamps",
    "auction_bars",
)
"""What is asked of times."""

_HOUR_NS = 3_600 * NS_PER_SECOND
_DAY_NS = 24 * _HOUR_NS
_WEEK = 7
_WEEK_NS = _WEEK * _DAY_NS
# 1970-01-01 was a Thursday: the Saturday noon after it.
_SATURDAY_NOON_NS = 2 * _DAY_NS + 12 * _HOUR_NS
# Currencies rest from Friday 21:00 or 22:00 UTC to Sunday 21:00 or 22:00, and open slowly.
_WEEKEND_NS = 50 * _HOUR_NS
_FRIDAY_CLOSE_NS = _DAY_NS + 21 * _HOUR_NS
_EXTENDED = (4 * _HOUR_NS, 20 * _HOUR_NS)
_SUSPECT = 0.05
_FITS = 0.97
_SAMPLE = 2_000
_SHIFTS = tuple(hours for hours in range(-14, 15) if hours)
_CLOSE_LABELLED, _OPEN_LABELLED, _LEAST_SESSIONS = 0.8, 0.2, 4
_MONTHS_SHOWN = 6
_LEAST_WEEKENDS = _LEAST_WEEKS = 2
_LEAST_SHIFT = 3
_LONGEST_REST_NS, _REST_SHARE = 3 * _HOUR_NS, 0.1
_DAILY = Timeframe(1, "d")


def hour_findings(view: View) -> Iterator[Finding]:
    """Ask everything about times that the calendar of these bars can answer."""
    yield from _missing_months(view)
    if view.bars.timeframe.is_intraday:
        yield from _intraday(view)
    elif view.bars.timeframe == _DAILY:
        yield from _daily(view)


def is_calendar_known(view: View) -> bool:
    """Whether the calendar is more than what stands in for one that nobody knows."""
    return view.is_crypto or not isinstance(view.calendar, AlwaysOpen)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Bars laid on the sessions of their days.

    Attributes:
        session: row in the table of each bar. is_member: whether it belongs to that at all.
    """

    bars: Bars
    table: Timetable
    session: IntArray
    is_member: BoolArray


class Coverage:
    """The part of some bars whose calendar is known, on its sessions."""

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def span(self) -> slice:
        """Rows whose days the calendar covers."""
        days, calendar = self.view.days, self.view.calendar
        first, last = days[0].item(), days[-1].item()
        if calendar.covers(first) and calendar.covers(last):
            return slice(0, len(days))
        covered = [day for day in days[self.view.day_rows] if calendar.covers(day.item())]
        if not covered:
            return slice(0, 0)
        begin = int(np.searchsorted(days, covered[0], side="left"))
        end = int(np.searchsorted(days, covered[-1], side="right"))
        return slice(begin, end)

    @cached_property
    def bars(self) -> Bars:
        return self.view.bars[self.span]

    def placed(self) -> _Placed:
        present, calendar = self.view.days[self.span], self.view.calendar
        listed = calendar.trading_days(_as_date(present[0]), _as_date(present[-1]))
        expected = np.array(listed, dtype="datetime64[D]")
        table = timetable(expected, calendar)
        bars, rows = self.bars, np.searchsorted(expected, present)
        session, is_member = table.find(bars.ts, bars.timeframe.ns, rows)
        return _Placed(self.bars, table, session, is_member)


def _as_date(day: Any) -> date:
    found: date = day.item()
    return found


def _daily(view: View) -> Iterator[Finding]:
    if not is_calendar_known(view):
        yield from _weekdays(view)
        return
    coverage = Coverage(view)
    yield from _uncovered(view, len(coverage.bars))
    if len(coverage.bars):
        days = view.days[coverage.span]
        listed = view.calendar.trading_days(_as_date(days[0]), _as_date(days[-1]))
        expected = np.array(listed, dtype="datetime64[D]")
        missing = find_gaps(coverage.bars, view.calendar).missing
        absent = np.array([span.day for span in missing], dtype="datetime64[D]")
        yield from _runs(expected, absent, len(coverage.bars))
        rows = np.flatnonzero(~np.isin(days, expected)) + (coverage.span.start or 0)
        yield from view.found("outside_hours", rows, calendar=view.calendar.name)


def _runs(expected: DayArray, absent: DayArray, present: int, least: int = 1) -> Iterator[Finding]:
    """Days that are missing, told by the runs they make; shorter runs than `least` are let pass."""
    if not len(absent):
        return
    places = np.searchsorted(expected, absent)
    heads = np.flatnonzero(np.diff(places, prepend=-2) > 1)
    counts = np.diff(np.append(heads, len(places)))
    starts = absent[heads].astype("datetime64[ns]").astype(np.int64)
    is_told = counts >= least
    if is_told.any():
        yield _gap_finding(starts[is_told], counts[is_told], present)


def _weekdays(view: View) -> Iterator[Finding]:
    """Daily bars without a calendar: what is asked for are the weekdays that they usually have."""
    present = view.days[view.day_rows]
    every = np.arange(present[0], present[-1] + 1)
    if len(every) >= _LEAST_WEEKS * _WEEK:
        weekday = every.astype(np.int64) % _WEEK
        is_present = np.isin(every, present)
        usual = np.array([is_present[weekday == one].mean() > 0.5 for one in range(_WEEK)])
        expected = every[usual[weekday]]
        # One day is a holiday more often than a hole, and which of them it is nobody knows.
        yield from _runs(expected, expected[~np.isin(expected, present)], len(view.bars), least=2)
    if view.instrument.kind is not Kind.FX:
        yield from _unknown_calendar(view)


def _unknown_calendar(view: View) -> Iterator[Finding]:
    count = len(view.bars)
    yield Finding(
        check="calendar_unknown",
        count=count,
        of=count,
        facts={
            "why": "the calendar of this symbol is not known; name it by --calendar or the symbol",
            "why_zh": "该品种的交易日历未知，可用 --calendar 或品种代码说明",
        },
    )


def _uncovered(view: View, covered: int) -> Iterator[Finding]:
    count = len(view.bars) - covered
    if count:
        name = view.calendar.name
        yield Finding(
            check="calendar_unknown",
            count=count,
            of=len(view.bars),
            facts={
                "why": f"the calendar {name} does not know the holidays of their days",
                "why_zh": f"日历 {name} 未收录这些日期的假日",
            },
        )


def _gaps(missing: tuple[MissingSpan, ...], present: int) -> Iterator[Finding]:
    if not missing:
        return
    count = sum(span.bars for span in missing)
    longest = sorted(missing, key=lambda span: -span.bars)[:EXAMPLES]
    yield Finding(
        check="gaps",
        count=count,
        of=present + count,
        facts={"spans": len(missing), "longest": longest[0].bars},
        examples=tuple(
            Example(time=span.start, values={"missing": float(span.bars)})
            for span in sorted(longest, key=lambda span: span.start)
        ),
    )


def _gap_finding(starts: IntArray, counts: IntArray, present: int) -> Finding:
    count = int(counts.sum())
    longest = np.sort(np.argsort(-counts, kind="stable")[:EXAMPLES])
    return Finding(
        check="gaps",
        count=count,
        of=present + count,
        facts={"spans": len(counts), "longest": int(counts.max())},
        examples=tuple(
            Example(time=from_ns(int(starts[row])), values={"missing": float(counts[row])})
            for row in longest.tolist()
        ),
    )


def _missing_months(view: View) -> Iterator[Finding]:
    if view.bars.timeframe.unit == "M":
        return
    months = view.days[view.day_rows].astype("datetime64[M]")
    every = np.arange(months[0], months[-1] + 1)
    missing = every[~_stand_in(every.astype(np.int64), months.astype(np.int64))]
    if len(missing):
        shown = [str(month) for month in missing[:_MONTHS_SHOWN]]
        more = f" and {len(missing) - len(shown)} more" if len(missing) > len(shown) else ""
        starts = missing.astype("datetime64[ns]").astype(np.int64)[:EXAMPLES]
        yield Finding(
            check="missing_months",
            count=len(missing),
            of=len(every),
            facts={"months": ", ".join(shown) + more},
            examples=tuple(Example(time=from_ns(int(start))) for start in starts),
        )


def _intraday(view: View) -> Iterator[Finding]:
    if not is_calendar_known(view):
        yield from _round_the_week(view)
        return
    if isinstance(view.calendar, AlwaysOpen):
        yield from _round_the_clock(view)
        return
    coverage = Coverage(view)
    yield from _uncovered(view, len(coverage.bars))
    if not len(coverage.bars):
        return
    placed = coverage.placed()
    first = coverage.span.start or 0
    inside = _is_inside(placed.table, placed.bars.ts, placed.bars.timeframe.ns)
    is_extended = _extended(view, placed.bars.ts) & (
        ~inside | (placed.bars.ts >= placed.table.closes[placed.session])
    )
    shift = _shift(placed, float(inside.mean()))
    if shift is not None:
        yield from view.found("time_zone", np.flatnonzero(~inside) + first, shift=f"{shift:+d}")
        return
    stray = np.flatnonzero(~placed.is_member & ~is_extended)
    yield from view.found("extended_hours", np.flatnonzero(is_extended) + first)
    yield from view.found("outside_hours", stray + first, calendar=view.calendar.name)
    is_by_close = False
    for finding in _close_labels(placed):
        is_by_close = True
        yield finding
    if not is_by_close:
        yield from _odd_stamps(view, placed, first, is_extended)
        if placed.is_member.any():
            found = find_gaps(placed.bars, view.calendar)
            yield from _gaps(found.missing, int(placed.is_member.sum()))


def _extended(view: View, ts: IntArray) -> BoolArray:
    if view.calendar.name != "us_stock" or not len(ts):
        return np.zeros(len(ts), dtype=np.bool_)
    local = local_ns(ts, ZoneInfo(view.calendar.timezone))
    within, weekday = local % _DAY_NS, (local // _DAY_NS + 3) % 7
    is_extended: BoolArray = (within >= _EXTENDED[0]) & (within < _EXTENDED[1]) & (weekday < 5)
    return is_extended


def _shift(placed: _Placed, inside: float) -> int | None:
    """Hours that move nearly all bars into sessions, where too many are outside of them."""
    if inside >= 1 - _SUSPECT:
        return None
    every = max(len(placed.bars) // _SAMPLE, 1)
    ts, length = placed.bars.ts[::every], placed.bars.timeframe.ns
    shares = {
        hours: float(_is_inside(placed.table, ts + hours * _HOUR_NS, length).mean())
        for hours in _SHIFTS
    }
    best = max(shares, key=lambda hours: (shares[hours], -abs(hours)))
    return best if shares[best] >= _FITS else None


def _is_inside(table: Timetable, ts: IntArray, length_ns: int) -> BoolArray:
    """Which bars reach into a session; also by the label of their close."""
    row = np.maximum(np.searchsorted(table.opens, ts + length_ns, side="left") - 1, 0)
    inside: BoolArray = (ts + length_ns > table.opens[row]) & (ts <= table.closes[row])
    return inside


def _close_labels(placed: _Placed) -> Iterator[Finding]:
    table, ts = placed.table, placed.bars.ts
    if placed.bars.timeframe.ns > int((table.closes - table.opens).min()):
        return
    is_held = np.zeros(len(table.opens), dtype=np.bool_)
    is_held[placed.session[placed.is_member]] = True
    # Where one session follows another at once, the close of the first is the open of the second.
    is_held &= ~_stand_in(table.closes, table.opens)
    held = np.flatnonzero(is_held)
    if len(held) < _LEAST_SESSIONS:
        return
    at_open = _stand_in(table.opens[held], ts)
    at_close = _stand_in(table.closes[held], ts)
    if at_close.mean() >= _CLOSE_LABELLED and at_open.mean() <= _OPEN_LABELLED:
        times = table.closes[held[at_close]][:EXAMPLES]
        yield Finding(
            check="close_labels",
            count=int(at_close.sum()),
            of=len(held),
            examples=tuple(Example(time=from_ns(int(time))) for time in times),
        )


def _stand_in(times: IntArray, rising: IntArray) -> BoolArray:
    """Which times are among others; np.isin would hash, and be slow."""
    place = np.minimum(np.searchsorted(rising, times), len(rising) - 1)
    found: BoolArray = rising[place] == times
    return found


def _odd_stamps(
    view: View, placed: _Placed, first: int, is_extended: BoolArray
) -> Iterator[Finding]:
    ts, table = placed.bars.ts, placed.table
    opens, closes = table.opens[placed.session], table.closes[placed.session]
    is_early = placed.is_member & (ts < opens)
    is_auction = is_early & (ts >= opens - table.auction_ns)
    is_late = placed.is_member & (ts >= closes) & ~is_extended
    yield from view.found("auction_bars", np.flatnonzero(is_auction) + first)
    yield from view.found("odd_stamps", np.flatnonzero((is_early & ~is_auction) | is_late) + first)


def _round_the_clock(view: View) -> Iterator[Finding]:
    """What is missing where there are no sessions: every longer step tells."""
    ts, length = view.bars.ts, view.bars.timeframe.ns
    missing = np.diff(ts) // length - 1
    rows = np.flatnonzero(missing > 0)
    if len(rows):
        yield _gap_finding(ts[rows] + length, missing[rows], len(ts))


def _round_the_week(view: View) -> Iterator[Finding]:
    """Intraday bars without a calendar: currencies rest at weekends; of others nothing is known."""
    if view.instrument.kind is not Kind.FX:
        yield from _unknown_calendar(view)
        return
    ts, length = view.bars.ts, view.bars.timeframe.ns
    begins, ends = ts[:-1] + length, ts[1:]
    weekends = _noons(ends) - _noons(begins)
    yield from _moved_week(view, begins, weekends)
    missing = (ends - begins - weekends * _WEEKEND_NS) // length
    rows = np.flatnonzero((missing > 0) & ~_is_daily_rest(view, begins, missing))
    if len(rows):
        yield _gap_finding(begins[rows], missing[rows], len(ts))


def _is_daily_rest(view: View, begins: IntArray, missing: IntArray) -> BoolArray:
    """Short holes at an hour at which there is one on many days, as gold has after New York."""
    length = view.bars.timeframe.ns
    hour = begins % _DAY_NS // _HOUR_NS
    is_short = (missing > 0) & (missing * length <= _LONGEST_REST_NS)
    often = np.bincount(hour[is_short], minlength=24) > _REST_SHARE * len(view.day_rows)
    is_rest: BoolArray = is_short & often[hour]
    return is_rest


def _noons(ts: IntArray) -> IntArray:
    """How many Saturday noons there were before each moment."""
    return (ts - _SATURDAY_NOON_NS) // _WEEK_NS


def _moved_week(view: View, begins: IntArray, weekends: IntArray) -> Iterator[Finding]:
    """Whether the weekly rest begins at another time than on Friday evening."""
    length = view.bars.timeframe.ns
    is_rest = (view.bars.ts[1:] - begins > 40 * _HOUR_NS) & (
        view.bars.ts[1:] - begins < 60 * _HOUR_NS
    )
    if is_rest.sum() < _LEAST_WEEKENDS or length > 4 * _HOUR_NS:
        return
    within = (begins[is_rest] - _FRIDAY_CLOSE_NS + _WEEK_NS // 2) % _WEEK_NS - _WEEK_NS // 2
    late = round(float(middle(within.astype(np.float64))) / _HOUR_NS)
    if abs(late) >= _LEAST_SHIFT:
        count = len(view.bars)
        rest = np.flatnonzero(is_rest)
        yield Finding(
            check="time_zone",
            count=int((weekends[rest] == 0).sum()) or len(rest),
            of=count,
            facts={"shift": f"{-late:+d}"},
            examples=tuple(Example(time=from_ns(int(begins[row]))) for row in rest[:EXAMPLES]),
        )
