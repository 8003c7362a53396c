"""The grade of bars that are never all in memory: the same one that `check` gives them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from quantloom.data.quality.blocks import DayEnds, WholeDays, Window, Windows, join, windows
from quantloom.data.quality.checking import check, report_of
from quantloom.data.quality.hour_tallies import hour_tally
from quantloom.data.quality.hours import missing_months
from quantloom.data.quality.price_tallies import (
    Movements,
    PriceTally,
    ScaledView,
    Scales,
    VolumeTally,
)
from quantloom.data.quality.prices import limit_findings
from quantloom.data.quality.report import Finding, QualityReport, RowAccount
from quantloom.data.quality.rows import row_findings, sound
from quantloom.data.quality.view import View
from quantloom.data.quality.volumes import ONE_SIDED_SINCE, daily_volume_findings
from quantloom.kit import DayArray, IntArray
from quantloom.market import Bars, Calendar, EmptyRange, Instrument

# What takes neighbours on both sides has some; all of so few bars are looked at at once.
_FEW = 4_096


class Survey:
    """Looks at bars block by block, twice: what stands out shows only against all the others.

    The memory held grows with the number of days, and by a number for 128 bars. Bars of a day or
    longer, and such as no clock cuts, are held: there are few of them.

    Args:
        instrument: what they are of.
        calendar: the instrument's where not given.
    """

    def __init__(self, instrument: Instrument, calendar: Calendar | None = None) -> None:
        self._instrument, self._given = instrument, calendar
        self._calendar = calendar
        self._held: list[Bars] | None = []
        self._rows = 0
        self._days: WholeDays | None = None
        self._ends = DayEnds()
        self._windows, self._movements = Windows(), Movements()

    @np.errstate(all="ignore")
    def add(self, bars: Bars) -> None:
        """Take bars for the first time, all later than those before, each checked by `Bars.of`."""
        if not len(bars):
            return
        self._rows += len(bars)
        if self._held is not None:
            self._held.append(bars)
            if self._rows <= _FEW or not _is_cut_by_clock(bars):
                return
            bars, self._held = join(self._held), None
        self._look(bars)

    @np.errstate(all="ignore")
    def report(
        self,
        again: Iterable[Bars],
        *,
        instrument: Instrument | None = None,
        raw: RowAccount | None = None,
        repairs: tuple[str, ...] = (),
    ) -> QualityReport:
        """Look at the same bars for the second time, and grade them.

        Args:
            again: the bars, in blocks of any size.
            instrument: with another tick, where only all the bars have told it.
            raw: what reading a file left out. repairs: as for `check`.
        Returns:
            What `check` gives of the bars: the same findings, counts and grade. It has no moments,
            and examples of days show their highest and lowest price.
        Raises:
            EmptyRange: no bars were given.
        """
        self._instrument = instrument or self._instrument
        if self._held is not None:
            if not self._held:
                raise EmptyRange(self._instrument.symbol, None, None)
            return check(
                join(self._held),
                instrument=self._instrument,
                calendar=self._given,
                raw=raw,
                repairs=repairs,
                is_sound=True,
            )
        ends, counts = self._done()
        found = [*self._findings(again, ends, counts), *_row_findings(ends, self._rows, raw)]
        return report_of(ends.bars, self._rows, found, repairs)

    def _look(self, bars: Bars) -> None:
        if self._days is None:
            self._calendar = View(bars[:1], self._instrument, self._given).calendar
            self._days = WholeDays(self._calendar)
        self._keep_days(self._days.add(bars))
        self._move(self._windows.add(bars))

    def _keep_days(self, whole: tuple[Bars, DayArray] | None) -> None:
        if whole is not None:
            self._ends.add(*whole)

    def _move(self, window: Window) -> None:
        self._movements.add(View(window.bars, self._instrument, self._calendar), window)

    def _done(self) -> tuple[View, IntArray]:
        if self._days is not None:
            self._keep_days(self._days.last())
            self._move(self._windows.last())
        return View(self._ends.bars(), self._instrument, self._calendar), self._ends.counts()

    def _findings(self, again: Iterable[Bars], ends: View, counts: IntArray) -> Iterator[Finding]:
        scales = self._movements.done()
        hours, prices = hour_tally(ends, counts), PriceTally(ends, counts, scales)
        volumes = VolumeTally(ends)
        for window, view in _scaled(again, ends, scales):
            hours.add(view, window)
            prices.add(view, window)
            volumes.add(view, window)
        yield from missing_months(ends)
        yield from hours.findings()
        yield from limit_findings(ends)
        yield from prices.findings()
        yield from volumes.findings()
        yield from _of_days(ends, counts)


def check_blocks(
    blocks: Callable[[], Iterable[Bars]],
    *,
    instrument: Instrument,
    calendar: Calendar | None = None,
    raw: RowAccount | None = None,
    repairs: tuple[str, ...] = (),
) -> QualityReport:
    """Look for everything that may be wrong with bars that are too many to be held.

    Args:
        blocks: gives the bars in blocks of any size, oldest first; called twice.
        instrument: what they are of.
        calendar: the instrument's where not given.
        raw: what reading a file left out.
        repairs: what was changed before, to be kept with the report.
    Returns:
        What `check` gives of all the bars together; `Survey.report` says what differs.
    Raises:
        EmptyRange: there are no bars.
    """
    survey = Survey(instrument, calendar)
    for bars in blocks():
        survey.add(bars)
    return survey.report(blocks(), raw=raw, repairs=repairs)


def _is_cut_by_clock(bars: Bars) -> bool:
    return bars.timeframe.is_intraday and bars.timeframe.is_by_clock


def _scaled(
    blocks: Iterable[Bars], ends: View, scales: Scales
) -> Iterator[tuple[Window, ScaledView]]:
    across = 0
    for window in windows(block for block in blocks if len(block)):
        before = (across, window.offset - across)
        view = ScaledView(window, ends.instrument, ends.calendar, scales=scales, before=before)
        yield window, view
        across += int(view.is_across[: window.left].sum())


def _of_days(ends: View, counts: IntArray) -> Iterator[Finding]:
    for finding in daily_volume_findings(ends):
        if finding.check != "double_volume":
            yield finding
            continue
        turn = np.searchsorted(ends.days[ends.day_rows], np.datetime64(ONE_SIDED_SINCE))
        yield replace(finding, count=int(counts[:turn].sum()), of=int(counts.sum()))


def _row_findings(ends: View, rows: int, raw: RowAccount | None) -> Iterator[Finding]:
    told = None if raw is None else replace(raw, read=max(raw.read, rows))
    return row_findings(ends.bars, sound(ends.bars), told)
