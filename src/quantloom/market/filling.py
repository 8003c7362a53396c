"""Bars where a source has none: flat ones at the last close, where somebody asks for them."""

import numpy as np

from quantloom.kit import FloatArray, IntArray, to_ns
from quantloom.market.bars import Bars
from quantloom.market.calendar import Calendar, trading_days_of
from quantloom.market.gaps import GapsOfLongBars, find_gaps
from quantloom.market.resample import SUMMED
from quantloom.market.timeframes import Timeframe
from quantloom.market.timetable import Timetable, timetable

FILLED = "filled"
"""The extra that tells made-up bars, 1, from those of the source, 0."""


def expected_starts(bars: Bars, calendar: Calendar) -> IntArray:
    """Where bars begin by a calendar, from the first of some bars to the last.

    Args:
        bars: of one symbol, a day long at most and cut by the clock.
    Returns:
        (m,) int64 UTC nanoseconds, rising.
    Raises:
        GapsOfLongBars: the bars are longer than a day, or cut by no clock.
    """
    timeframe = bars.timeframe
    if not timeframe.is_by_clock or not (timeframe.is_intraday or timeframe == Timeframe(1, "d")):
        raise GapsOfLongBars(bars.symbol, str(timeframe))
    present = trading_days_of(bars, calendar)
    listed = calendar.trading_days(present[0].item(), present[-1].item())
    days = np.array(listed, dtype="datetime64[D]")
    if not timeframe.is_intraday:
        starts = days.astype("datetime64[ns]").astype(np.int64)
    else:
        starts = _starts(timetable(days, calendar), timeframe.ns)
    between: IntArray = starts[(starts >= bars.ts[0]) & (starts <= bars.ts[-1])]
    return between


def fill_missing(bars: Bars, calendar: Calendar, *, most: int | None = None) -> Bars:
    """Put a flat bar at the last close wherever the market was open and there is no bar.

    What was not traded has no volume: 0 where the bars before have one, NaN where they have none.
    Sums such as turnover are 0 likewise, other extras those of the bar before. Nothing is taken
    from later bars, and nothing is put before the first or after the last.

    Args:
        bars: of one symbol, a day long at most and cut by the clock.
        most: bars that may be made up in a row; a longer hole, such as a suspension, is left open.
            None fills every hole.
    Returns:
        All bars, with the extra `filled`: 1 where a bar was made up, 0 elsewhere.
    Raises:
        GapsOfLongBars: the bars are longer than a day, or cut by no clock.
    """
    absent = _absent(bars, calendar)
    before = np.searchsorted(bars.ts, absent, side="right") - 1
    if most is not None:
        lengths = np.bincount(before, minlength=len(bars))
        absent, before = absent[lengths[before] <= most], before[lengths[before] <= most]
    order = np.argsort(np.concatenate([bars.ts, absent]), kind="stable")

    def joined(own: FloatArray, made: FloatArray) -> FloatArray:
        return np.concatenate([own, made])[order]

    last = bars.close[before]
    extras = {
        name: joined(column, _nothing(column[before]) if name in SUMMED else column[before])
        for name, column in bars.extras.items()
        if name != FILLED
    }
    flags = bars.extras.get(FILLED, np.zeros(len(bars)))
    return Bars.of(
        bars.symbol,
        bars.timeframe,
        ts=np.concatenate([bars.ts, absent])[order],
        open=joined(bars.open, last),
        high=joined(bars.high, last),
        low=joined(bars.low, last),
        close=joined(bars.close, last),
        volume=joined(bars.volume, _nothing(bars.volume[before])),
        extras=extras | {FILLED: joined(flags, np.ones(len(absent)))},
    )


def _starts(table: Timetable, length_ns: int) -> IntArray:
    """Where every bar of a timetable begins."""
    heads = np.flatnonzero(np.diff(table.begins, prepend=-1))
    spans = zip(table.begins[heads].tolist(), table.ends[heads].tolist(), strict=True)
    traded = np.concatenate([np.arange(begin, end, length_ns) for begin, end in spans])
    row = np.searchsorted(table.traded, traded, side="right") - 1
    starts: IntArray = table.opens[row] + traded - table.traded[row]
    return starts


def _absent(bars: Bars, calendar: Calendar) -> IntArray:
    """Where bars begin that lie wholly in a time without any, however the others are cut."""
    expected, spans = expected_starts(bars, calendar), find_gaps(bars, calendar).missing
    starts = np.array([to_ns(span.start) for span in spans], dtype=np.int64)
    ends = np.array([to_ns(span.end) for span in spans], dtype=np.int64)
    row = np.searchsorted(starts, expected, side="right") - 1
    is_within = row >= 0
    is_within[is_within] = expected[is_within] < ends[row[is_within]]
    return expected[is_within]


def _nothing(before: FloatArray) -> FloatArray:
    return np.where(np.isnan(before), np.nan, 0.0)
