"""Bigger bars from smaller ones, and what of them is known at each smaller one."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import BoolArray, DayArray, FloatArray, IntArray, freeze
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market.bars import Bars, EmptyRange
from quantloom.market.calendar import Calendar, trading_days_of
from quantloom.market.timeframes import Timeframe
from quantloom.market.timetable import timetable

_DAY_NS = 86_400 * NS_PER_SECOND
SUMMED = frozenset({"amount", "quote_volume", "trades", "turnover"})
"""Extras that add up when bars are made bigger; others are as at the end of a bar."""
# Blocks of several days are counted from here, so that they do not depend on where data begin.
_FIRST_DAY = date(1970, 1, 1)


class CannotResample(Invalid):
    """Bars of this length do not add up to bars of that length."""

    code = "market.cannot_resample"

    def __init__(self, symbol: str, present: str, wanted: str) -> None:
        super().__init__(symbol, present, wanted)
        self.symbol, self.present, self.wanted = symbol, present, wanted

    def __str__(self) -> str:
        return (
            f"{self.symbol}: {self.present} bars do not add up to {self.wanted} bars; ask for a "
            f"multiple of {self.present} up to 24h, or for days, weeks or months made of 1d "
            "or shorter bars"
        )


class BarsCutElsewhere(Invalid):
    """Bigger bars that begin at other times than this library's, so their end is not known."""

    code = "market.bars_cut_elsewhere"

    def __init__(self, symbol: str, timeframe: str, count: int, row: int) -> None:
        super().__init__(symbol, timeframe, count, row)
        self.symbol, self.timeframe, self.count, self.row = symbol, timeframe, count, row

    def __str__(self) -> str:
        return (
            f"{self.symbol}: {self.count} of the {self.timeframe} bars, first row {self.row}, do "
            "not begin where such a bar begins by the calendar; make them from the smaller ones "
            "with resample(), or stamp them as docs/reference/timeframes.md says"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Which bigger bar each smaller one falls into, decided by clock and calendar alone.

    Attributes:
        starts: (n,) int64 UTC nanoseconds, never falling: `ts` of the bigger bar.
        is_closed: (n,) the bigger bar of that start is complete at the close of this row.
        is_member: (n,) the row is part of its bigger bar; False outside the market's hours and
            for what comes after the bigger bar has closed.
    """

    starts: IntArray
    is_closed: BoolArray
    is_member: BoolArray


def buckets(bars: Bars, timeframe: Timeframe | str, calendar: Calendar) -> Buckets:
    """Group bars into bigger ones without looking ahead.

    Bars of the same length are their own group each. `docs/reference/timeframes.md` tells where
    bigger bars begin and end.

    Args:
        bars: bars of one symbol, shorter than or as long as `timeframe`.
    Returns:
        One entry per row; those of a row depend on no later row.
    Raises:
        BadTimeframe: not a positive number and one of s, m, h, d, w, M.
        CannotResample: the bars do not add up to that length.
    """
    wanted = Timeframe.parse(timeframe)
    _check_multiple(bars, wanted)
    if _is_same_length(bars.timeframe, wanted):
        every = freeze(np.ones(len(bars), dtype=np.bool_))
        return Buckets(bars.ts, every, every)
    starts, is_closed, is_member = _place(bars, wanted, calendar)
    # A bar that was seen closed never changes: a print after the close comes too late for it.
    is_member[1:] &= ~((starts[1:] == starts[:-1]) & is_closed[:-1])
    return Buckets(freeze(starts), freeze(is_closed), freeze(is_member))


def resample(bars: Bars, timeframe: Timeframe | str, calendar: Calendar) -> Bars:
    """Make bigger bars of smaller ones, by the sessions and trading days of a calendar.

    Args:
        bars: bars of one symbol, shorter than or as long as `timeframe`.
    Returns:
        One bar per span in which there is at least one smaller bar, the last one perhaps not
        complete. `ts` is where the span begins by the calendar, whether or not its first bars are
        missing; days, weeks and months carry their first date at 00:00 UTC. Volume and the extras
        amount, quote_volume, trades and turnover are sums of what is known, NaN where nothing is;
        other extras, such as open_interest, are those of the last bar.
    Raises:
        BadTimeframe: not a positive number and one of s, m, h, d, w, M.
        CannotResample: the bars do not add up to that length.
        EmptyRange: every bar lies outside the hours of the calendar.
    """
    wanted = Timeframe.parse(timeframe)
    found = buckets(bars, wanted, calendar)
    rows = np.flatnonzero(found.is_member)
    if not len(rows):
        raise EmptyRange(bars.symbol, bars.start, bars.end)
    starts = found.starts[rows]
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    last = rows[np.append(first[1:], len(rows)) - 1]
    return Bars.of(
        bars.symbol,
        wanted,
        ts=starts[first],
        open=bars.open[rows[first]],
        high=np.maximum.reduceat(bars.high[rows], first),
        low=np.minimum.reduceat(bars.low[rows], first),
        close=bars.close[last],
        volume=_known_sum(bars.volume[rows], first),
        extras={
            name: _known_sum(column[rows], first) if name in SUMMED else column[last]
            for name, column in bars.extras.items()
        },
    )


def last_closed(small: Bars, big: Bars, calendar: Calendar) -> IntArray:
    """Tell which bigger bar was the last one complete when each smaller bar closed.

    A bigger bar is complete at the close of the smaller bar that reaches its end by the clock and
    the calendar; where that one is missing, at the close of the first later one. No later row has
    a say in it, so the bars up to the row given never change as data grow.

    Args:
        big: made by `resample`, or from elsewhere and beginning at the same times; it may reach
            further back than `small`.
    Returns:
        (n,) int64 rows of `big`, one per row of `small`, -1 before the first.
    Raises:
        CannotResample: bars of `small` do not add up to bars of `big`.
        BarsCutElsewhere: bars of `big` begin at other times than those of `resample`.
    """
    found = buckets(small, big.timeframe, calendar)
    if not _is_same_length(small.timeframe, big.timeframe):
        _check_starts(big, calendar)
    before = np.searchsorted(big.ts, found.starts, side="left")
    upto = np.searchsorted(big.ts, found.starts, side="right")
    rows: IntArray = np.where(found.is_closed, upto, before) - 1
    return rows


def align(values: FloatArray, rows: IntArray) -> FloatArray:
    """Show values of bigger bars at the smaller ones.

    Args:
        values: (m,) one per bigger bar, m above zero.
        rows: (n,) rows of `values`, as `last_closed` gives them.
    Returns:
        (n,) values, NaN where the row is -1.
    """
    return np.where(rows < 0, np.nan, values[np.maximum(rows, 0)])


def is_day_end(bars: Bars, calendar: Calendar) -> BoolArray:
    """Tell which bars end their trading day: where on-close orders fill and DAY orders expire.

    There is at most one per trading day: the first bar whose close reaches the end of the day's
    last session. On a day on which none does (an early close, bars missing) it is the day's last
    bar, known by the next one being of another day; at the end of the data, none. A bar of a day
    or longer always ends its day.

    Returns:
        (n,) booleans. Only those of days that end early depend on a later row.
    """
    if not bars.timeframe.is_intraday:
        return np.ones(len(bars), dtype=np.bool_)
    days, day_rows = _runs(trading_days_of(bars, calendar))
    day_closes = timetable(days, calendar).day_closes[day_rows]
    is_over: BoolArray = _closes(bars) >= day_closes
    is_end, is_turn = is_over.copy(), day_rows[1:] != day_rows[:-1]
    is_end[:-1] |= is_turn
    is_end[1:] &= is_turn | ~is_over[:-1]
    return is_end


def tick_starts(
    ts: IntArray, timeframe: Timeframe, calendar: Calendar
) -> tuple[IntArray, BoolArray]:
    """Tell which bar each tick falls into, by the sessions and trading days of a calendar.

    What comes within a quarter of an hour before an opening of China's exchanges is its auction;
    what comes in a break or after a close belongs to the bar before.

    Args:
        ts: (n,) int64 UTC nanoseconds, rising.
        timeframe: by the clock, 24h at most or days, weeks, months.
    Returns:
        (n,) int64 `ts` of the bars, never falling where the tick counts, and (n,) whether it does.
    """
    days, day_rows = _runs(calendar.trading_day(ts))
    table = timetable(days, calendar)
    session, is_member = table.find(ts, 0, day_rows)
    if timeframe.is_intraday:
        return table.cut(ts, session, timeframe.ns)[0], is_member
    starts, _ = _dates(days, Timeframe(1, "d"), timeframe, calendar)
    return starts[day_rows], is_member


def _closes(bars: Bars) -> IntArray:
    """When bars are over by the clock; those of events when the next begins, the last not yet."""
    if bars.timeframe.is_by_clock:
        return bars.ts + bars.timeframe.ns
    return np.append(bars.ts[1:], bars.ts[-1])


def _place(
    bars: Bars, wanted: Timeframe, calendar: Calendar
) -> tuple[IntArray, BoolArray, BoolArray]:
    """Start of the bigger bar of each row, whether the row reaches its end, whether it counts."""
    days, day_rows = _runs(trading_days_of(bars, calendar))
    if not bars.timeframe.is_intraday:
        starts, is_last = _dates(days, bars.timeframe, wanted, calendar)
        return starts[day_rows], is_last[day_rows], np.ones(len(bars), dtype=np.bool_)
    table = timetable(days, calendar)
    session, is_member = table.find(bars.ts, bars.timeframe.ns, day_rows)
    closes = bars.ts + bars.timeframe.ns
    if wanted.is_intraday:
        starts, ends = table.cut(bars.ts, session, wanted.ns)
        return starts, closes >= ends, is_member
    starts, is_last = _dates(days, Timeframe(1, "d"), wanted, calendar)
    return starts[day_rows], is_last[day_rows] & (closes >= table.day_closes[day_rows]), is_member


def _runs(days: DayArray) -> tuple[DayArray, IntArray]:
    """The distinct days of rising ones, and which of them each row is."""
    is_turn = days[1:] != days[:-1]
    row = np.append(0, np.cumsum(is_turn))
    return days[np.append(0, np.flatnonzero(is_turn) + 1)], row


def _dates(
    days: DayArray, base: Timeframe, wanted: Timeframe, calendar: Calendar
) -> tuple[IntArray, BoolArray]:
    """Start of the bigger bar of each bar of days, and whether that bar is its last."""
    is_counted = wanted.unit == "d" and wanted.count > 1
    begin: date = min(days[0].item(), _FIRST_DAY) if is_counted else days[0].item()
    reach = timedelta(days=366, seconds=2 * base.seconds)
    listed = calendar.trading_days(begin, days[-1].item() + reach)
    trading = np.array(listed, dtype="datetime64[D]")
    starts = _first_dates(days, wanted, trading)
    following = _first_dates(_next_days(days, base, trading), wanted, trading)
    return starts.astype("datetime64[ns]").astype(np.int64), starts != following


def _first_dates(days: DayArray, timeframe: Timeframe, trading: DayArray) -> DayArray:
    """First date of the span of days, weeks or months in which each day lies."""
    count = timeframe.count
    if timeframe.unit == "M":
        months = days.astype("datetime64[M]").astype(np.int64)
        return (months - months % count).astype("datetime64[M]").astype("datetime64[D]")
    if timeframe.unit == "w":
        since_monday = days.astype(np.int64) + 3  # 1970-01-01 was a Thursday
        return days - since_monday % (7 * count)
    if count == 1:
        return days
    row = np.searchsorted(trading, days)
    counted = row - np.searchsorted(trading, np.datetime64(_FIRST_DAY))
    return trading[np.maximum(row - counted % count, 0)]


def _next_days(days: DayArray, base: Timeframe, trading: DayArray) -> DayArray:
    """First trading day after each bar of days, weeks or months."""
    if base.unit == "d":
        return trading[np.searchsorted(trading, days, side="right") + base.count - 1]
    first = _first_dates(days, base, trading)
    if base.unit == "w":
        return trading[np.searchsorted(trading, first + 7 * base.count)]
    months = first.astype("datetime64[M]") + base.count
    return trading[np.searchsorted(trading, months.astype("datetime64[D]"))]


def _is_same_length(one: Timeframe, other: Timeframe) -> bool:
    are_by_clock = one.is_by_clock and other.is_by_clock
    is_intraday = one.is_intraday and other.is_intraday and are_by_clock
    return one == other or (is_intraday and one.ns == other.ns)


def _check_multiple(bars: Bars, wanted: Timeframe) -> None:
    base = bars.timeframe
    if not (base.is_by_clock and wanted.is_by_clock):
        fits = False
    elif wanted.is_intraday:
        fits = base.is_intraday and wanted.ns % base.ns == 0 and wanted.ns <= _DAY_NS
    elif base.is_intraday:
        fits = base.ns <= _DAY_NS
    else:
        is_multiple = base.unit == wanted.unit and wanted.count % base.count == 0
        fits = is_multiple or base == Timeframe(1, "d")
    if not fits and not _is_same_length(base, wanted):
        raise CannotResample(bars.symbol, str(base), str(wanted))


def _check_starts(big: Bars, calendar: Calendar) -> None:
    starts, _, _ = _place(big, big.timeframe, calendar)
    off = np.flatnonzero(starts != big.ts)
    if len(off):
        raise BarsCutElsewhere(big.symbol, str(big.timeframe), len(off), int(off[0]))


def _known_sum(values: FloatArray, first: IntArray) -> FloatArray:
    is_known = ~np.isnan(values)
    total = np.add.reduceat(np.where(is_known, values, 0.0), first)
    return np.where(np.logical_or.reduceat(is_known, first), total, np.nan)
