"""Bars from ticks: by the clock of a market, or whenever enough has happened."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray
from quantloom.market.bars import Bars, EmptyRange
from quantloom.market.calendar import Calendar
from quantloom.market.instruments import Instrument
from quantloom.market.resample import tick_starts
from quantloom.market.tick import QUOTE, TRADE
from quantloom.market.ticks import NoTicks, Ticks
from quantloom.market.timeframes import Timeframe

TickPrice = Literal["trade", "mid", "bid", "ask"]
"""Which price of ticks bars are made of."""

# A range is looked for so many ticks ahead at first, and then twice as many.
_AHEAD = 256
# Sums and distances of floats count as full where only rounding is missing.
_FULL = 1 - 1e-9


class TicksTellNoMeasure(Invalid):
    """Bars of trades, volume or money asked of ticks that bring no trades."""

    code = "market.ticks_tell_no_measure"

    def __init__(self, symbol: str, timeframe: str) -> None:
        super().__init__(symbol, timeframe)
        self.symbol, self.timeframe = symbol, timeframe

    def __str__(self) -> str:
        return (
            f"{self.symbol}: its ticks bring no trades, of which bars of {self.timeframe} are "
            "made; take bars of time such as 1m, or of range such as 20R"
        )


def bars_of_ticks(
    ticks: Ticks,
    timeframe: Timeframe | str,
    instrument: Instrument,
    calendar: Calendar,
    *,
    price: TickPrice | None = None,
) -> Bars:
    """Make bars of ticks.

    Bars of time are cut by sessions and trading days as `resample` cuts them. A bar of trades
    (500T), volume (1000V), amount (5000000A) or range (20R) ends with the tick that fills it, is
    never split, and ends with its trading day in any case, full or not; the next begins with
    the next tick. Its `ts` is the time of its first tick, a nanosecond later than the bar before
    where they share it. So a bar is over, at the latest, when the next one begins, as the engines
    take it.

    Args:
        instrument: its multiplier turns prices into money, its tick size measures a range.
        price: of trades where there are any, else the middle of the best prices.
    Returns:
        Bars with a price. `volume` is what was traded in each, NaN where the price is not of
        trades; the extra `trades` counts its ticks; `amount` is their money, for trades.
    Raises:
        BadTimeframe: the timeframe cannot be read.
        NoTicks: no tick has such a price.
        TicksTellNoMeasure: bars of trades, volume or amount without trades.
        EmptyRange: every tick lies outside the hours of the calendar.
    """
    wanted = Timeframe.parse(timeframe)
    kind: TickPrice = price or ("trade" if ticks.has_trades else "mid")
    rows, prices = _priced(ticks, kind)
    starts, is_member = tick_starts(
        ticks.ts[rows], wanted if wanted.is_by_clock else Timeframe(1, "d"), calendar
    )
    rows, prices, starts = rows[is_member], prices[is_member], starts[is_member]
    if not len(rows):
        raise EmptyRange(ticks.symbol, ticks.start, ticks.end)
    sizes = ticks.size[rows] if kind == "trade" else None
    first = _turns(starts)
    ts = starts[first]
    if not wanted.is_by_clock:
        measure = _measure(ticks.symbol, wanted, prices, sizes, instrument)
        first = _full(wanted, measure, first, instrument)
        ts = _rising(ticks.ts[rows[first]])
    money = None if sizes is None else _money(prices, sizes, instrument)
    return Bars.of(
        ticks.symbol,
        wanted,
        ts=ts,
        open=prices[first],
        high=np.maximum.reduceat(prices, first),
        low=np.minimum.reduceat(prices, first),
        close=prices[np.append(first[1:], len(prices)) - 1],
        volume=None if sizes is None else np.add.reduceat(sizes, first),
        extras={"trades": np.diff(np.append(first, len(prices))).astype(np.float64)}
        | ({} if money is None else {"amount": np.add.reduceat(money, first)}),
    )


def _priced(ticks: Ticks, kind: TickPrice) -> tuple[IntArray, FloatArray]:
    """Rows with a price of a kind, and the prices."""
    bid, ask = ticks.bid[:, 0], ticks.ask[:, 0]
    prices = {"trade": ticks.price, "bid": bid, "ask": ask, "mid": (bid + ask) / 2}[kind]
    brings = ticks.kind & (TRADE if kind == "trade" else QUOTE) != 0
    rows = np.flatnonzero(brings & np.isfinite(prices))
    if not len(rows):
        raise NoTicks(ticks.symbol, None, None)
    return rows, prices[rows]


def _turns(starts: IntArray) -> IntArray:
    """The first row of each run of equal ones."""
    return np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))


def _rising(ts: IntArray) -> IntArray:
    """Times of which none is that of the one before."""
    steps = np.arange(len(ts))
    return np.maximum.accumulate(ts - steps) + steps


def _measure(
    symbol: str,
    wanted: Timeframe,
    prices: FloatArray,
    sizes: FloatArray | None,
    instrument: Instrument,
) -> FloatArray:
    """What each tick adds to its bar; for a range, its price."""
    if wanted.unit == "R":
        return prices
    if sizes is None:
        raise TicksTellNoMeasure(symbol, str(wanted))
    if wanted.unit == "T":
        return np.ones(len(prices))
    return sizes if wanted.unit == "V" else _money(prices, sizes, instrument)


def _money(prices: FloatArray, sizes: FloatArray, instrument: Instrument) -> FloatArray:
    units = sizes * float(instrument.multiplier)
    return units if instrument.is_inverse else units * prices


def _full(
    wanted: Timeframe, measure: FloatArray, days: IntArray, instrument: Instrument
) -> IntArray:
    """The first row of each bar; a day begins one in any case."""
    size = wanted.count * (float(instrument.tick_size) if wanted.unit == "R" else 1.0)
    cut = _by_range if wanted.unit == "R" else _by_sum
    ends = np.append(days[1:], len(measure))
    found = [
        int(day) + row
        for day, end in zip(days, ends, strict=True)
        for row in cut(measure[day:end], size)
    ]
    return np.array(found, dtype=np.int64)


def _by_sum(measure: FloatArray, size: float) -> Iterator[int]:
    """First rows of bars whose sums reach a size; what exceeds it is not carried over."""
    total = np.cumsum(measure)
    row, before = 0, 0.0
    while row < len(total):
        yield row
        row = int(np.searchsorted(total, before + size * _FULL)) + 1
        before = float(total[min(row, len(total)) - 1])


def _by_range(prices: FloatArray, size: float) -> Iterator[int]:
    """First rows of bars whose highest and lowest price are as far apart as a size."""
    row = 0
    while row < len(prices):
        yield row
        row += _range_length(prices[row:], size * _FULL)


def _range_length(prices: FloatArray, size: float) -> int:
    """How many ticks it takes, the last among them; all where it takes more."""
    ahead = _AHEAD
    while True:
        seen = prices[:ahead]
        spread = np.maximum.accumulate(seen) - np.minimum.accumulate(seen)
        found = int(np.searchsorted(spread, size))
        if found < len(seen) or len(seen) == len(prices):
            return min(found + 1, len(seen))
        ahead *= 2
