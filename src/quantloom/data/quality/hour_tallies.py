"""When bars are, against when their market was open, told block by block."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from quantloom.data.quality.blocks import Window
from quantloom.data.quality.hours import (
    Coverage,
    SessionEnds,
    find_shift,
    hour_of,
    is_calendar_known,
    is_extended_hours,
    is_inside,
    is_often,
    is_short_rest,
    missing_of_week,
    moved_week,
    sample_step,
    strange_stamps,
    uncovered,
    unknown_calendar,
    week_rests,
)
from quantloom.data.quality.report import Finding
from quantloom.data.quality.tallies import Cases, Holes
from quantloom.data.quality.view import View
from quantloom.kit import BoolArray, IntArray
from quantloom.market import AlwaysOpen, Kind
from quantloom.market.gaps import HoleFinder, HoleParts
from quantloom.market.timetable import timetable

_HOURS = 24


class HourTally(Protocol):
    """What is asked of times."""

    def add(self, view: View, window: Window) -> None:
        """Take the rows of a window, seen through a view of all its bars."""
        ...

    def findings(self) -> Iterator[Finding]:
        """What is to be said, once every row has been seen."""
        ...


def hour_tally(ends: View, counts: IntArray) -> HourTally:
    """Choose what intraday bars are asked by their calendar.

    Args:
        ends: the first and last bars of all their days. counts: (d,) how many bars each day has.
    """
    if not is_calendar_known(ends):
        return _Week(ends, counts) if ends.instrument.kind is Kind.FX else _Unknown(counts)
    if isinstance(ends.calendar, AlwaysOpen):
        return _Clock()
    coverage = Coverage(ends)
    covered = coverage.view.days[coverage.span]
    return _Sessions(coverage, counts) if len(covered) else _Uncovered(ends, counts)


class _Unknown:
    def __init__(self, counts: IntArray) -> None:
        self._count = int(counts.sum())

    def add(self, view: View, window: Window) -> None:
        pass

    def findings(self) -> Iterator[Finding]:
        return unknown_calendar(self._count)


class _Uncovered:
    def __init__(self, ends: View, counts: IntArray) -> None:
        self._name, self._count = ends.calendar.name, int(counts.sum())

    def add(self, view: View, window: Window) -> None:
        pass

    def findings(self) -> Iterator[Finding]:
        return uncovered(self._name, self._count, self._count)


class _Clock:
    """Bars of a market that never closes: every longer step tells."""

    def __init__(self) -> None:
        self._holes = Holes()
        self._count = 0

    def add(self, view: View, window: Window) -> None:
        begins, ends = _own_steps(view, window)
        length = view.bars.timeframe.ns
        missing = (ends - begins) // length
        self._holes.add(begins[missing > 0], missing[missing > 0])
        self._count += window.stop - window.first

    def findings(self) -> Iterator[Finding]:
        return self._holes.finding(self._count)


class _Week:
    """Bars of a currency, which rests at weekends."""

    def __init__(self, ends: View, counts: IntArray) -> None:
        self._ends, self._days, self._count = ends, len(counts), int(counts.sum())
        self._rests: list[tuple[IntArray, IntArray]] = []
        # Short holes by their hour, then all longer ones: which hour is one of rest is known late.
        self._holes = [Holes() for _ in range(_HOURS + 1)]

    def add(self, view: View, window: Window) -> None:
        begins, ends = _own_steps(view, window)
        length = view.bars.timeframe.ns
        self._rests.append(week_rests(begins, ends))
        missing = missing_of_week(begins, ends, length)
        kind = np.where(is_short_rest(missing, length), hour_of(begins), _HOURS)
        kind[missing <= 0] = -1
        for one in np.unique(kind[kind >= 0]).tolist():
            self._holes[one].add(begins[kind == one], missing[kind == one])

    def findings(self) -> Iterator[Finding]:
        rests, weekends = (np.concatenate(parts) for parts in zip(*self._rests, strict=True))
        yield from moved_week(self._ends, rests, weekends, self._count)
        short = np.array([one.spans for one in self._holes[:_HOURS]])
        found = Holes()
        for holes, is_rest in zip(self._holes, [*is_often(short, self._days), False], strict=True):
            if not is_rest:
                found.join(holes)
        yield from found.finding(self._count)


class _Sessions:
    """Bars of a market whose sessions are known on some of their days, or all."""

    def __init__(self, coverage: Coverage, counts: IntArray) -> None:
        ends = coverage.view
        self._calendar, self._length_ns = ends.calendar, ends.bars.timeframe.ns
        days = ends.days[coverage.span]
        first = int(np.searchsorted(ends.days[ends.day_rows], days[0]))
        stop = int(np.searchsorted(ends.days[ends.day_rows], days[-1])) + 1
        self._begin = int(counts[:first].sum())
        self._covered, self._count = int(counts[first:stop].sum()), int(counts.sum())
        listed = ends.calendar.trading_days(days[0].item(), days[-1].item())
        self._expected = np.array(listed, dtype="datetime64[D]")
        self._table = timetable(self._expected, ends.calendar)
        self._finder = HoleFinder(self._table, self._length_ns)
        self._labels = SessionEnds(self._table, self._length_ns)
        self._every = sample_step(self._covered)
        self._sample: list[IntArray] = []
        self._inside = self._members = 0
        self._holes = Holes()
        self._cases = {
            name: Cases(name)
            for name in (
                "time_zone",
                "extended_hours",
                "outside_hours",
                "auction_bars",
                "odd_stamps",
            )
        }
        self._ends = ends

    def add(self, view: View, window: Window) -> None:
        first = max(window.first, self._begin - window.offset)
        stop = min(window.stop, self._begin + self._covered - window.offset)
        if first >= stop:
            return
        ts = view.bars.ts[first:stop]
        rows = np.searchsorted(self._expected, view.days[first:stop])
        session, is_member = self._table.find(ts, self._length_ns, rows)
        inside = is_inside(self._table, ts, self._length_ns)
        is_extended = is_extended_hours(view, ts) & (~inside | (ts >= self._table.closes[session]))
        is_auction, is_odd = strange_stamps(self._table, ts, session, is_member & ~is_extended)
        for name, mask in {
            "time_zone": ~inside,
            "extended_hours": is_extended,
            "outside_hours": ~is_member & ~is_extended,
            "auction_bars": is_auction,
            "odd_stamps": is_odd,
        }.items():
            self._cases[name].add(view, np.flatnonzero(mask) + first, window.offset)
        self._inside += int(inside.sum())
        self._labels.add(ts, session, is_member)
        place = window.offset + first - self._begin
        self._sample.append(ts[-place % self._every :: self._every])
        self._find_holes(ts[is_member], session[is_member], is_member)

    def _find_holes(self, ts: IntArray, session: IntArray, is_member: BoolArray) -> None:
        if not is_member.any():
            return
        self._members += len(ts)
        begins, ends = self._finder.find(ts, session)
        parts = HoleParts.of(self._table, begins, ends, self._length_ns)
        # Only the longest ones are told, so that only they need their moment.
        self._holes.add(parts.starts, parts.bars)

    def findings(self) -> Iterator[Finding]:
        yield from uncovered(self._calendar.name, self._count - self._covered, self._count)
        sample = np.concatenate(self._sample)
        shift = find_shift(self._table, sample, self._ends, self._inside / self._covered)
        if shift is not None:
            yield from self._told("time_zone", shift=f"{shift:+d}")
            return
        yield from self._told("extended_hours")
        yield from self._told("outside_hours", calendar=self._calendar.name)
        labels = list(self._labels.findings())
        yield from labels
        if not labels:
            yield from self._told("auction_bars")
            yield from self._told("odd_stamps")
            longest = [(bars, self._table.moment(at)) for bars, at in self._holes.longest]
            told = Holes(self._holes.spans, self._holes.missing, longest)
            yield from told.finding(self._members)

    def _told(self, check: str, **facts: str) -> Iterator[Finding]:
        return self._cases[check].finding(self._count, **facts)


def _own_steps(view: View, window: Window) -> tuple[IntArray, IntArray]:
    """Where the steps onto a window's own rows begin, behind a bar, and where they end."""
    ts, steps = view.bars.ts, window.own_steps
    return ts[:-1][steps] + view.bars.timeframe.ns, ts[1:][steps]
