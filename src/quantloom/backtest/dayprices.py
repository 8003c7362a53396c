"""Prices of an instrument's trading days: closes, extremes, settlements, references of limits."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from quantloom.backtest.feed import Feed
from quantloom.kit import FloatArray, IntArray, from_day, to_day
from quantloom.market import Bars, Instrument, ex_reference, exact
from quantloom.trading import Reference

SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class DayPrices:
    """Prices of each trading day of an instrument, the days in order."""

    days: list[int]
    closes: list[float]
    settlements: list[float]
    highs: list[float]
    lows: list[float]
    is_estimated: bool
    instrument: Instrument
    references: Mapping[int, Decimal]

    @classmethod
    def of(cls, feed: Feed) -> "DayPrices":
        bars, numbers = feed.bars, feed.day_numbers
        starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
        days = numbers[starts]
        ends = np.append(starts[1:], len(bars)) - 1
        settlements, is_estimated = _settlements(bars, starts, ends)
        return cls(
            days=days.tolist(),
            closes=bars.close[ends].tolist(),
            settlements=settlements.tolist(),
            highs=np.maximum.reduceat(bars.high, starts).tolist(),
            lows=np.minimum.reduceat(bars.low, starts).tolist(),
            is_estimated=is_estimated,
            instrument=feed.instrument,
            references={
                int(numbers[row]): ex_reference(
                    met.previous_close, met.action, feed.instrument.tick_size
                )
                for row, met in feed.ex_days
            },
        )

    def reference(self, day: date) -> Reference:
        number = to_day(day)
        place = bisect_left(self.days, number)
        high, low = -math.inf, math.inf  # nothing traded on a day without bars
        if place < len(self.days) and self.days[place] == number:
            high, low = self.highs[place], self.lows[place]
        if not place:
            return Reference(None, high, low)
        if self.instrument.is_margined:
            return Reference(self._settled(place - 1), high, low)
        # On an ex-day the reference price takes the place of the close before.
        reference = self.references.get(number)
        return Reference(reference or exact(self.closes[place - 1]), high, low)

    def settlement(self, day: int) -> Decimal:
        """Of the day, or of the last one before it that has bars."""
        return self._settled(bisect_right(self.days, day) - 1)

    def last_close(self, day: int) -> Decimal:
        """Likewise its close."""
        return exact(self.closes[bisect_right(self.days, day) - 1])

    def _settled(self, place: int) -> Decimal:
        return self.instrument.round_nearest(exact(self.settlements[place]))

    def ends_and_changes(self, changes: tuple[date, ...]) -> list[date]:
        """The first and last day, and the days between on which a rule begins."""
        first, last = from_day(self.days[0]), from_day(self.days[-1])
        return [first, *(day for day in changes if first < day < last), last]


def _settlements(bars: Bars, starts: IntArray, ends: IntArray) -> tuple[FloatArray, bool]:
    """The settlement of each day, and whether it is an estimate.

    Where the data have none it is the mean of the day's typical prices by volume, or the close of
    a day's own bar.
    """
    known = bars.extras.get(SETTLEMENT)
    if known is not None:
        found: FloatArray = np.asarray(known[ends], dtype=np.float64)
        return np.where(np.isfinite(found), found, bars.close[ends]), bool(np.isnan(found).any())
    closes = bars.close[ends]
    if len(starts) == len(bars):
        return closes, True
    volume = np.nan_to_num(bars.volume)
    typical = (bars.high + bars.low + bars.close) / 3
    traded = np.add.reduceat(volume, starts)
    money = np.add.reduceat(volume * typical, starts)
    return np.where(traded > 0, money / np.maximum(traded, 1e-12), closes), True
