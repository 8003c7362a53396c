"""Bars of many instruments laid side by side, step by step."""

from collections.abc import Mapping, Sequence

import numpy as np

from quantloom.backtest.feed import Feed
from quantloom.backtest.timeline import Timeline
from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.market import Bars, Instrument, Shift, assume_instrument
from quantloom.strategy import Panel


def make_panel(
    data: Mapping[str, Bars], instruments: Mapping[str, Instrument] | None = None
) -> Panel:
    """Lay bars side by side, a row for each time at which any of them close.

    Args:
        data: bars by symbol; they may begin, end and pause when they like.
        instruments: of them, for their trading days; assumed where not given.
    """
    known = instruments or {}
    feeds = [
        Feed(known.get(symbol) or assume_instrument(bars), bars) for symbol, bars in data.items()
    ]
    return panel_of(feeds, Timeline.of(feeds))


def panel_of(feeds: Sequence[Feed], timeline: Timeline, *, first: int = 0) -> Panel:
    """The panel of a run: its feeds along its steps.

    Args:
        first: step at which the run begins.
    """
    closes = [first_terms(feed, feed.bars.close) for feed in feeds]
    last = spread(closes, timeline)
    columns = {
        name: _where_present(
            spread([first_terms(feed, getattr(feed.bars, name)) for feed in feeds], timeline),
            timeline,
        )
        for name in ("open", "high", "low")
    }
    return Panel(
        symbols=tuple(feed.symbol for feed in feeds),
        opens_ns=timeline.opens_ns,
        closes_ns=timeline.closes_ns,
        days=timeline.days.view("datetime64[D]"),
        **columns,
        close=_where_present(last, timeline),
        volume=_where_present(spread([feed.bars.volume for feed in feeds], timeline), timeline),
        last=last,
        bars_per_year=np.array([feed.bars_per_year for feed in feeds]),
        first=first,
    )


def spread(columns: Sequence[FloatArray], timeline: Timeline) -> FloatArray:
    """Lay columns side by side, each with its last value at every step, NaN before its first.

    Returns:
        (steps, columns)
    """
    found = np.empty((len(timeline), len(columns)))
    for place, column in enumerate(columns):
        found[:, place] = column if timeline.is_aligned else _along(column, timeline, place)
    return found


def _along(column: FloatArray, timeline: Timeline, place: int) -> FloatArray:
    rows = timeline.rows[:, place]
    return np.where(rows >= 0, column[np.maximum(rows, 0)], np.nan)


def _where_present(values: FloatArray, timeline: Timeline) -> FloatArray:
    if timeline.is_aligned:
        return values
    present: BoolArray = timeline.present
    return np.where(present, values, np.nan)


def first_terms(feed: Feed, prices: FloatArray) -> FloatArray:
    """Prices in the terms of the first bar, so that a split or a roll is no return.

    What is told in the terms of the last bar changes with every shift that comes later.
    """
    if not feed.shifts:
        return prices
    told = prices.copy()
    for shift in reversed(feed.shifts):
        told[shift.row :] = _before(shift, told[shift.row :])
    return told


def _before(shift: Shift, prices: FloatArray) -> FloatArray:
    return (prices - float(shift.difference)) / float(shift.ratio)


def opens_of(feeds: Sequence[Feed], timeline: Timeline) -> IntArray | None:
    """(steps, columns) when the bars of each step open; None where all open together."""
    if timeline.is_aligned:
        return None
    opens = [
        feed.bars.ts[np.maximum(timeline.rows[:, place], 0)] for place, feed in enumerate(feeds)
    ]
    return np.column_stack(opens)
