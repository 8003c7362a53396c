"""What may be wrong with ticks: quotes, trades and snapshots of one symbol."""

from collections.abc import Iterator

import numpy as np

from quantloom.data.quality.hours import is_calendar_known
from quantloom.data.quality.prices import known_ticks, limit_findings
from quantloom.data.quality.report import (
    Example,
    Finding,
    QualityReport,
    RowAccount,
    sorted_findings,
)
from quantloom.data.quality.rows import ROW_CHECKS, account_findings
from quantloom.data.quality.tallies import Holes
from quantloom.data.quality.view import EXAMPLES, MOMENTS, View
from quantloom.kit import BoolArray, FloatArray, IntArray, from_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import (
    QUOTE,
    AlwaysOpen,
    Calendar,
    Instrument,
    NoTicks,
    Ticks,
    default_instrument,
    venues,
)
from quantloom.market.gaps import HoleFinder, HoleParts
from quantloom.market.timetable import Timetable, timetable

TICK_CHECKS = (
    "crossed_quotes",
    "repeated_ticks",
    "falling_volume",
    "ticks_off_tick",
    "ticks_outside_hours",
    "silences",
)
"""What is asked of ticks alone; of their rows, and of price limits, what is asked of bars."""

_OFF = 1e-3
# Quotes of a market that trades are never still for so long.
_SILENCE_NS = 300 * NS_PER_SECOND
_DAY_NS = 86_400 * NS_PER_SECOND


@np.errstate(all="ignore")
def check_ticks(
    ticks: Ticks,
    *,
    instrument: Instrument | None = None,
    calendar: Calendar | None = None,
    raw: RowAccount | None = None,
    total: FloatArray | None = None,
) -> QualityReport:
    """Look for everything that may be wrong with ticks, and grade them.

    Args:
        ticks: of one symbol.
        instrument: assumed from symbol and prices where not given.
        calendar: the instrument's where not given.
        raw: what reading a file left out.
        total: (n,) the volume of the trading day so far, of snapshots.
    Raises:
        NoTicks: there are none.
    """
    if not len(ticks):
        raise NoTicks(ticks.symbol, None, None)
    looked = _Looked(ticks, instrument, calendar)
    found = [*_repeated(looked), *account_findings(len(ticks), raw)]
    if total is not None:
        found += _falling(looked, total)
    found += [*_hours(looked), *_prices(looked)]
    named = {finding.check for finding in found}
    asked = (*ROW_CHECKS, *TICK_CHECKS, "outside_limits")
    return QualityReport(
        symbol=ticks.symbol,
        timeframe="ticks",
        rows=len(ticks),
        start=ticks.start,
        end=ticks.end,
        findings=sorted_findings(found),
        clean=tuple(name for name in asked if name not in named),
    )


class _Looked:
    """Ticks with what they are of, and when that trades."""

    def __init__(
        self, ticks: Ticks, instrument: Instrument | None, calendar: Calendar | None
    ) -> None:
        self.ticks = ticks
        prices = np.concatenate([ticks.price, ticks.bid[:, 0], ticks.ask[:, 0]])
        self.instrument = instrument or default_instrument(ticks.symbol, prices)
        self.view = self._minutes(calendar)

    def _minutes(self, calendar: Calendar | None) -> View | None:
        try:
            return View(self.ticks.bars("1m"), self.instrument, calendar)
        except NoTicks:
            return None

    def found(self, check: str, rows: IntArray, **facts: str) -> Iterator[Finding]:
        if len(rows):
            every = -(-len(rows) // MOMENTS)
            ts = self.ticks.ts[rows]
            yield Finding(
                check=check,
                count=len(rows),
                of=len(self.ticks),
                facts=facts,
                examples=tuple(self._example(row) for row in rows[:EXAMPLES].tolist()),
                moments=tuple(ts[::every].tolist()),
            )

    def _example(self, row: int) -> Example:
        ticks = self.ticks
        values = {
            "bid": ticks.bid[row, 0],
            "ask": ticks.ask[row, 0],
            "price": ticks.price[row],
            "size": ticks.size[row],
        }
        known = {name: float(value) for name, value in values.items() if np.isfinite(value)}
        return Example(time=from_ns(int(ticks.ts[row])), values=known)


def _repeated(looked: _Looked) -> Iterator[Finding]:
    """Quotes and snapshots that are the row before again; two trades may well be alike."""
    ticks = looked.ticks
    is_same: BoolArray = (np.diff(ticks.ts) == 0) & (ticks.kind[1:] == QUOTE)
    is_same &= ticks.kind[:-1] == QUOTE
    for name in ("bid", "bid_size", "ask", "ask_size"):
        levels = np.nan_to_num(getattr(ticks, name), nan=-1.0)
        is_same &= (levels[1:] == levels[:-1]).all(axis=1)
    yield from looked.found("repeated_ticks", np.flatnonzero(is_same) + 1)


def _falling(looked: _Looked, total: FloatArray) -> Iterator[Finding]:
    """Volumes of a day that go back within it."""
    if looked.view is None:
        return
    days = looked.view.calendar.trading_day(looked.ticks.ts)
    is_falling = (np.diff(total) < 0) & (days[1:] == days[:-1])
    yield from looked.found("falling_volume", np.flatnonzero(is_falling) + 1)


def _prices(looked: _Looked) -> Iterator[Finding]:
    view, ticks = looked.view, looked.ticks
    if view is None:
        return
    if view.is_cn_stock or view.is_cn_future:
        yield from limit_findings(view)
    grid = known_ticks(view)
    if grid is None:
        return
    minute = np.maximum(np.searchsorted(view.bars.ts, ticks.ts, side="right") - 1, 0)
    tick = grid[minute]
    is_off: BoolArray = np.zeros(len(ticks), dtype=np.bool_)
    for prices in (ticks.price, ticks.bid[:, 0], ticks.ask[:, 0]):
        # The middle of a market and an average may lie anywhere; these three may not.
        is_off |= np.abs(prices / tick - np.rint(prices / tick)) > _OFF
    rows = np.flatnonzero(is_off)
    if len(rows):
        yield from looked.found("ticks_off_tick", rows, tick=f"{float(tick[rows[0]]):g}")


def _hours(looked: _Looked) -> Iterator[Finding]:
    view, ts = looked.view, looked.ticks.ts
    if view is None or not is_calendar_known(view):
        return
    calendar = view.calendar
    if isinstance(calendar, AlwaysOpen):
        silent = np.diff(ts)
        rows = np.flatnonzero(silent > _SILENCE_NS)
        yield from _silences(looked, ts[rows], silent[rows] // NS_PER_SECOND)
        return
    days = calendar.trading_day(ts)
    first, last = days[0].item(), days[-1].item()
    listed = calendar.trading_days(first, last)
    if not (calendar.covers(first) and calendar.covers(last)) or not listed:
        return
    expected = np.array(listed, dtype="datetime64[D]")
    table = timetable(expected, calendar)
    at = np.minimum(np.searchsorted(expected, days), len(expected) - 1)
    session, is_member = table.find(ts, 0, at)
    is_stray = ~is_member & (ts < table.closes[session])
    is_stray |= ts > table.closes[session] + _closing_ns(view)
    # Shares in America trade before and after hours as well.
    rows = np.flatnonzero(is_stray & (view.venue not in venues.US_STOCK))
    yield from looked.found("ticks_outside_hours", rows, calendar=calendar.name)
    yield from _still(looked, table, ts[is_member], session[is_member])


def _closing_ns(view: View) -> int:
    """How long after a session its last prints may come."""
    return (60 if view.is_cn_future or view.is_cn_stock else 600) * NS_PER_SECOND


def _still(looked: _Looked, table: Timetable, ts: IntArray, session: IntArray) -> Iterator[Finding]:
    if not len(ts):
        return
    # A tick covers nothing, so that what lies between two of them is their silence.
    begins, ends = HoleFinder(table, 1).find(ts, session)
    is_long = ends - begins >= _SILENCE_NS - 1
    parts = HoleParts.of(table, begins[is_long], ends[is_long], NS_PER_SECOND)
    starts = np.array([table.moment(one) for one in parts.starts.tolist()], dtype=np.int64)
    yield from _silences(looked, starts, parts.bars)


def _silences(looked: _Looked, starts: IntArray, seconds: IntArray) -> Iterator[Finding]:
    if not len(starts):
        return
    holes = Holes()
    holes.add(starts, seconds)
    [told] = holes.finding(0)
    span = (int(looked.ticks.ts[-1]) - int(looked.ticks.ts[0])) // NS_PER_SECOND
    yield Finding(
        check="silences",
        count=holes.missing,
        of=max(span, holes.missing),
        facts=told.facts,
        examples=tuple(
            Example(time=one.time, values={"seconds": one.values["missing"]})
            for one in told.examples
        ),
    )
