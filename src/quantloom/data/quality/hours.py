"""When bars are, against when their market was open: gaps, strange hours, a wrong clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.data.quality.report import Example, Finding
from quantloom.data.quality.scales import middle
from quantloom.data.quality.view import EXAMPLES, View
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
    yield from missing_months(view)
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
    unknown = len(view.bars) - len(coverage.bars)
    yield from uncovered(view.calendar.name, unknown, len(view.bars))
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
        yield from unknown_calendar(len(view.bars))


def unknown_calendar(count: int) -> Iterator[Finding]:
    """What is said of bars whose calendar nobody knows."""
    yield Finding(
        check="calendar_unknown",
        count=count,
        of=count,
        facts={
            "why": "the calendar of this symbol is not known; name it by --calendar or the symbol",
            "why_zh": "该品种的交易日历未知，可用 --calendar 或品种代码说明",
        },
    )


def uncovered(name: str, count: int, of: int) -> Iterator[Finding]:
    """What is said of bars on days whose holidays their calendar does not know."""
    if count:
        yield Finding(
            check="calendar_unknown",
            count=count,
            of=of,
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


def missing_months(view: View) -> Iterator[Finding]:
    if view.bars.timeframe.unit == "M":
        return
    months = view.days[view.day_rows].astype("datetime64[M]")
    every = np.arange(months[0], months[-1] + 1)
    missing = every[~_stand_in(every.astype(np.int64), months.astype(np.int64))]
    if len(missing):
        shown = [str(month) for month in missing[:_MONTHS_SHOWN]]
        more = f" (+{len(missing) - len(shown)})" if len(missing) > len(shown) else ""
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
    unknown = len(view.bars) - len(coverage.bars)
    yield from uncovered(view.calendar.name, unknown, len(view.bars))
    if not len(coverage.bars):
        return
    placed = coverage.placed()
    first = coverage.span.start or 0
    inside = is_inside(placed.table, placed.bars.ts, placed.bars.timeframe.ns)
    is_extended = is_extended_hours(view, placed.bars.ts) & (
        ~inside | (placed.bars.ts >= placed.table.closes[placed.session])
    )
    every = sample_step(len(placed.bars))
    shift = find_shift(placed.table, placed.bars.ts[::every], view, float(inside.mean()))
    if shift is not None:
        yield from view.found("time_zone", np.flatnonzero(~inside) + first, shift=f"{shift:+d}")
        return
    stray = np.flatnonzero(~placed.is_member & ~is_extended)
    yield from view.found("extended_hours", np.flatnonzero(is_extended) + first)
    yield from view.found("outside_hours", stray + first, calendar=view.calendar.name)
    is_by_close = False
    ends = SessionEnds(placed.table, placed.bars.timeframe.ns)
    ends.add(placed.bars.ts, placed.session, placed.is_member)
    for finding in ends.findings():
        is_by_close = True
        yield finding
    if not is_by_close:
        yield from _odd_stamps(view, placed, first, is_extended)
        if placed.is_member.any():
            found = find_gaps(placed.bars, view.calendar)
            yield from _gaps(found.missing, int(placed.is_member.sum()))


def is_extended_hours(view: View, ts: IntArray) -> BoolArray:
    if view.calendar.name != "us_stock" or not len(ts):
        return np.zeros(len(ts), dtype=np.bool_)
    local = local_ns(ts, ZoneInfo(view.calendar.timezone))
    within, weekday = local % _DAY_NS, (local // _DAY_NS + 3) % 7
    is_extended: BoolArray = (within >= _EXTENDED[0]) & (within < _EXTENDED[1]) & (weekday < 5)
    return is_extended


def sample_step(count: int) -> int:
    """Every which bar is enough to tell a wrong clock by, of so many."""
    return max(count // _SAMPLE, 1)


def find_shift(table: Timetable, ts: IntArray, view: View, inside: float) -> int | None:
    """Hours that move nearly all bars into sessions, where too many are outside of them.

    Args:
        ts: a sample of the bars. inside: the share of all of them that reach into sessions.
    """
    if inside >= 1 - _SUSPECT:
        return None
    length = view.bars.timeframe.ns
    shares = {
        hours: float(is_inside(table, ts + hours * _HOUR_NS, length).mean()) for hours in _SHIFTS
    }
    best = max(shares, key=lambda hours: (shares[hours], -abs(hours)))
    return best if shares[best] >= _FITS else None


def is_inside(table: Timetable, ts: IntArray, length_ns: int) -> BoolArray:
    """Which bars reach into a session; also by the label of their close."""
    row = np.maximum(np.searchsorted(table.opens, ts + length_ns, side="left") - 1, 0)
    inside: BoolArray = (ts + length_ns > table.opens[row]) & (ts <= table.closes[row])
    return inside


class SessionEnds:
    """Which sessions have bars, and which of them one at their open, or at their close."""

    def __init__(self, table: Timetable, length_ns: int) -> None:
        self._table, self._length_ns = table, length_ns
        self._is_held, self._at_open, self._at_close = np.zeros((3, len(table.opens)), np.bool_)

    def add(self, ts: IntArray, session: IntArray, is_member: BoolArray) -> None:
        """Take bars; the arrays are those of `Timetable.find`."""
        if not len(ts):
            return
        self._is_held[session[is_member]] = True
        # A close may be the next session's open, and bars of one the other's.
        around = slice(max(int(session.min()) - 1, 0), int(session.max()) + 2)
        self._at_open[around] |= _stand_in(self._table.opens[around], ts)
        self._at_close[around] |= _stand_in(self._table.closes[around], ts)

    def findings(self) -> Iterator[Finding]:
        """Whether bars look labelled by their close."""
        table = self._table
        if self._length_ns > int((table.closes - table.opens).min()):
            return
        # Where a session follows another at once, the close of the first opens the second.
        held = np.flatnonzero(self._is_held & ~_stand_in(table.closes, table.opens))
        if len(held) < _LEAST_SESSIONS:
            return
        at_open, at_close = self._at_open[held], self._at_close[held]
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
    is_auction, is_odd = strange_stamps(
        placed.table, placed.bars.ts, placed.session, placed.is_member & ~is_extended
    )
    yield from view.found("auction_bars", np.flatnonzero(is_auction) + first)
    yield from view.found("odd_stamps", np.flatnonzero(is_odd) + first)


def strange_stamps(
    table: Timetable, ts: IntArray, session: IntArray, is_member: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Which bars of sessions are of the opening call, and which stand outside their session."""
    is_early = is_member & (ts < table.opens[session])
    is_auction = is_early & (ts >= table.opens[session] - table.auction_ns)
    is_late = is_member & (ts >= table.closes[session])
    return is_auction, (is_early & ~is_auction) | is_late


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
        yield from unknown_calendar(len(view.bars))
        return
    begins, ends = view.bars.ts[:-1] + view.bars.timeframe.ns, view.bars.ts[1:]
    yield from moved_week(view, *week_rests(begins, ends), len(view.bars))
    missing = missing_of_week(begins, ends, view.bars.timeframe.ns)
    rows = np.flatnonzero((missing > 0) & ~_is_daily_rest(view, begins, missing))
    if len(rows):
        yield _gap_finding(begins[rows], missing[rows], len(view.bars))


def missing_of_week(begins: IntArray, ends: IntArray, length_ns: int) -> IntArray:
    """How many bars each step leaves out, weekends apart."""
    weekends = _noons(ends) - _noons(begins)
    return (ends - begins - weekends * _WEEKEND_NS) // length_ns


def _is_daily_rest(view: View, begins: IntArray, missing: IntArray) -> BoolArray:
    """Short holes at an hour at which there is one on many days, as gold has after New York."""
    hour = hour_of(begins)
    is_short = is_short_rest(missing, view.bars.timeframe.ns)
    often = is_often(np.bincount(hour[is_short], minlength=24), len(view.day_rows))
    is_rest: BoolArray = is_short & often[hour]
    return is_rest


def hour_of(ts: IntArray) -> IntArray:
    """The hour of day in UTC."""
    return ts % _DAY_NS // _HOUR_NS


def is_short_rest(missing: IntArray, length_ns: int) -> BoolArray:
    """Which holes are as short as a daily rest."""
    is_short: BoolArray = (missing > 0) & (missing * length_ns <= _LONGEST_REST_NS)
    return is_short


def is_often(counts: IntArray, days: int) -> BoolArray:
    """Which hours have a hole on many of so many days."""
    often: BoolArray = counts > _REST_SHARE * days
    return often


def _noons(ts: IntArray) -> IntArray:
    """How many Saturday noons there were before each moment."""
    return (ts - _SATURDAY_NOON_NS) // _WEEK_NS


def week_rests(begins: IntArray, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Since when each weekly rest lasts, and how many Saturday noons lie in it."""
    is_rest = (ends - begins > 40 * _HOUR_NS) & (ends - begins < 60 * _HOUR_NS)
    return begins[is_rest], _noons(ends[is_rest]) - _noons(begins[is_rest])


def moved_week(view: View, rests: IntArray, weekends: IntArray, count: int) -> Iterator[Finding]:
    """Whether the weekly rest begins at another time than on Friday evening.

    Args:
        rests, weekends: those of `week_rests`. count: how many bars there are.
    """
    if len(rests) < _LEAST_WEEKENDS or view.bars.timeframe.ns > 4 * _HOUR_NS:
        return
    within = (rests - _FRIDAY_CLOSE_NS + _WEEK_NS // 2) % _WEEK_NS - _WEEK_NS // 2
    late = round(float(middle(within.astype(np.float64))) / _HOUR_NS)
    if abs(late) >= _LEAST_SHIFT:
        yield Finding(
            check="time_zone",
            count=int((weekends == 0).sum()) or len(rests),
            of=count,
            facts={"shift": f"{-late:+d}"},
            examples=tuple(Example(time=from_ns(one)) for one in rests[:EXAMPLES].tolist()),
        )
