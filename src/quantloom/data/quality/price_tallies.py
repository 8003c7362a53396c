"""What prices and volumes tell, block by block: first how much they move, then what stands out."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from quantloom.data.quality.blocks import Window
from quantloom.data.quality.prices import (
    STALE_STEPS,
    far_steps,
    find_reuses,
    find_spikes,
    find_splits,
    is_adjusted,
    off_tick,
    outlying,
    printed,
    repeats,
    ticks_by,
    told_reuses,
    told_splits,
    whose_tick,
)
from quantloom.data.quality.report import Example, Finding
from quantloom.data.quality.scales import LocalScale, ScaleTally
from quantloom.data.quality.tallies import Cases, Repeats
from quantloom.data.quality.view import EXAMPLES, View
from quantloom.kit import BoolArray, IntArray
from quantloom.market import Calendar, Instrument, Kind


@dataclass(frozen=True, slots=True)
class Scales:
    """How much some bars usually move: over pauses, within sessions, and in their wicks."""

    across: LocalScale
    within: LocalScale
    wicks: tuple[LocalScale, LocalScale]
    usual: float


class Movements:
    """Takes windows of bars, and tells how much they usually move."""

    def __init__(self) -> None:
        self._across, self._within = ScaleTally(), ScaleTally()
        self._wicks = ScaleTally(), ScaleTally()

    def add(self, view: View, window: Window) -> None:
        """Take the rows of a window."""
        if len(view.bars) > 1:
            returns, across = view.returns[window.own_steps], view.is_across[window.own_steps]
            self._across.add(returns[across])
            self._within.add(returns[~across])
        for tally, wick in zip(self._wicks, view.wicks, strict=True):
            tally.add(wick[window.own])

    def done(self) -> Scales:
        """How much all of them move."""
        across, within = self._across.done(), self._within.done()
        up, down = self._wicks
        return Scales(across, within, (up.done(), down.done()), within.middle())


class ScaledView(View):
    """Bars of a window, whose local volatility is known of all bars together.

    Args:
        before: how many steps over pauses, and within sessions, lead up to the first of `bars`.
    """

    def __init__(
        self,
        window: Window,
        instrument: Instrument,
        calendar: Calendar,
        *,
        scales: Scales,
        before: tuple[int, int],
    ) -> None:
        super().__init__(window.bars, instrument, calendar)
        across = self.is_across
        found = np.empty(len(across))
        places: IntArray = np.cumsum(across) - across
        found[across] = scales.across.at(before[0] + places[across])
        found[~across] = scales.within.at(before[1] + (np.arange(len(across)) - places)[~across])
        if scales.across.count and scales.within.count:
            found[across] = np.maximum(found[across], scales.usual)
        rows = np.arange(window.offset, window.offset + len(window.bars))
        self.scale = np.maximum(found, self.least_scale)
        self.wick_scales = (scales.wicks[0].at(rows), scales.wicks[1].at(rows))


@dataclass(slots=True)
class _Jumps:
    """Steps far beyond the local volatility."""

    count: int = 0
    # Size, place, change and day of the largest; the first of equals.
    largest: tuple[float, int, float, str] = (0.0, 0, 0.0, "")
    examples: list[tuple[int, Example]] = field(default_factory=list)

    def add(self, place: int, move: float, day: str, example: Example | None) -> None:
        self.count += 1
        if abs(move) > self.largest[0] or (
            abs(move) == self.largest[0] and place < self.largest[1]
        ):
            self.largest = (abs(move), place, move, day)
        if example is not None:
            self.examples.append((place, example))

    def finding(self, of: int) -> Iterator[Finding]:
        if self.count:
            told = sorted(self.examples, key=lambda one: one[0])[:EXAMPLES]
            yield Finding(
                check="jumps",
                count=self.count,
                of=of,
                facts={"move": f"{np.expm1(self.largest[2]):+.1%}", "day": self.largest[3]},
                examples=tuple(example for _, example in told),
            )


class PriceTally:
    """What prices tell.

    Args:
        ends: the first and last bars of all days. counts: (d,) how many bars each day has.
    """

    def __init__(self, ends: View, counts: IntArray, scales: Scales) -> None:
        self._ends, self._counts, self._scales = ends, counts, scales
        self._count = int(counts.sum())
        self._asked = whose_tick(ends)
        self._tick = 0.0
        self._off = Cases("off_tick")
        self._stale = Repeats(STALE_STEPS)
        self._outliers, self._sigmas = Cases("outliers"), 0.0
        self._jumps = _Jumps()
        # Of the first bar of a day: whether it is a wrong print, and how far it is, if far.
        self._prints = np.zeros(len(counts), dtype=np.bool_)
        self._far: dict[int, tuple[int, float, str, Example]] = {}

    def add(self, view: ScaledView, window: Window) -> None:
        """Take the rows of a window."""
        self._ticks(view, window)
        if len(view.bars) < 2:
            return
        steps = window.own_steps
        onto = np.arange(1, len(view.bars))[steps]
        self._stale.add(view, repeats(view.bars)[steps], onto)
        spikes = find_spikes(view)
        rows, sigmas = outlying(view, spikes)
        is_own = (rows >= window.first) & (rows < window.stop)
        self._outliers.add(view, rows[is_own], window.offset)
        self._sigmas = max([self._sigmas, *sigmas[is_own].tolist()])
        self._moves(view, window, onto, printed(view, spikes)[steps])

    def _ticks(self, view: View, window: Window) -> None:
        if not self._asked:
            return
        ticks = ticks_by(view, self._asked)
        rows = window.is_own(np.flatnonzero(off_tick(view.bars, ticks)))
        if len(rows) and not self._off.count:
            self._tick = float(ticks[rows[0]])
        self._off.add(view, rows, window.offset)

    def _moves(self, view: ScaledView, window: Window, onto: IntArray, is_print: BoolArray) -> None:
        is_new_day = view.days[onto] != view.days[onto - 1]
        of_days = self._ends.days[self._ends.day_rows]
        heads = onto[is_new_day & is_print]
        self._prints[np.searchsorted(of_days, view.days[heads])] = True
        is_far = far_steps(view)[window.own_steps] & ~is_print
        for row in onto[is_far & ~is_new_day].tolist():
            example = view.examples(np.array([row]))[0] if self._jumps.count < EXAMPLES else None
            move = float(view.returns[row - 1])
            self._jumps.add(window.offset + row, move, str(view.days[row]), example)
        if self._ends.is_chain:
            return
        for row in onto[is_far & is_new_day].tolist():
            day = int(np.searchsorted(of_days, view.days[row]))
            move, (example,) = float(view.returns[row - 1]), view.examples(np.array([row]))
            self._far[day] = (window.offset + row, move, str(view.days[row]), example)

    def findings(self) -> Iterator[Finding]:
        """What is to be said, once every row has been seen."""
        yield from self._told_ticks()
        yield from self._stale.finding(self._count)
        yield from self._outliers.finding(self._count, sigmas=f"{self._sigmas:,.0f}")
        ends = self._ends
        is_print: BoolArray = np.zeros(len(ends.bars) - 1, dtype=np.bool_)
        heads = ends.day_rows
        is_print[heads[1:] - 1] = self._prints[1:]
        splits, ratios = find_splits(ends, is_print)
        reuses = find_reuses(ends)
        for finding in (*told_splits(ends, splits, ratios), *told_reuses(ends, reuses)):
            yield replace(finding, of=self._count)
        steps = np.concatenate([splits, reuses]) + 1
        told = {int(day) for day in np.searchsorted(heads, steps)}
        for day, (place, move, on, example) in self._far.items():
            if day not in told:
                self._jumps.add(place, move, on, example)
        yield from self._jumps.finding(self._count)

    def _told_ticks(self) -> Iterator[Finding]:
        off, ends = self._off, self._ends
        if not off.count:
            return
        if ends.is_share and is_adjusted(off.count, off.last, self._count):
            day = int(np.searchsorted(np.cumsum(self._counts), off.last + 1, side="right"))
            off.check = "looks_adjusted"
            yield from off.finding(self._count, since=str(ends.days[ends.day_rows[day]]))
        else:
            yield from off.finding(self._count, tick=f"{self._tick:g}")


class VolumeTally:
    """Where volume is none, and where it is not known."""

    def __init__(self, ends: View) -> None:
        self._ends = ends
        self._none = Cases("zero_volume", ("close", "volume"))
        self._unknown, self._either = (Cases("volume_unknown", ("close",)) for _ in range(2))
        self._moved = self._count = 0
        self._has_any = False

    def add(self, view: View, window: Window) -> None:
        """Take the rows of a window."""
        volume = view.bars.volume
        is_zero, is_unknown = volume == 0, np.isnan(volume)
        for cases, mask in (
            (self._none, is_zero),
            (self._unknown, is_unknown),
            (self._either, is_zero | is_unknown),
        ):
            cases.add(view, window.is_own(np.flatnonzero(mask)), window.offset)
        own = window.own
        self._has_any |= bool((volume[own] > 0).any())
        self._moved += int((is_zero & (view.bars.high > view.bars.low))[own].sum())
        self._count += window.stop - window.first

    def findings(self) -> Iterator[Finding]:
        """What is to be said, once every row has been seen."""
        kind = self._ends.instrument.kind
        if kind is Kind.FX and not self._has_any:
            return
        if kind is Kind.INDEX or not self._has_any:
            yield from self._either.finding(self._count)
            return
        yield from self._unknown.finding(self._count)
        yield from self._none.finding(self._count, moved=self._moved)
