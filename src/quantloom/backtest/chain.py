"""The contracts of a continuous series over the bars of a run."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from quantloom.backtest.feed import Feed
from quantloom.market import Bars, Continuous, Roll, Shift


@dataclass(frozen=True, slots=True)
class Leg:
    """A contract while it is in force.

    Attributes:
        begins: trading day of its first bar in the series, as days since 1970.
        row: that bar in the run's bars; 0 or less where it lies before them.
        roll: how it followed the contract before it; None for the series' first.
    """

    contract: str
    begins: int
    row: int
    roll: Roll | None


@dataclass(frozen=True, slots=True)
class Chain:
    """Which contract is traded when.

    A leg begins with its own first bar, on the day that the roll calendar names or after it.
    """

    series: Continuous
    legs: tuple[Leg, ...]

    @classmethod
    def of(cls, series: Continuous, feed: Feed) -> "Chain":
        firsts = np.flatnonzero(np.diff(series.leg, prepend=-1))
        rows = np.searchsorted(feed.bars.ts, series.bars.ts[firsts])
        days = series.days[firsts].astype("datetime64[D]").astype(np.int64)
        places = series.leg[firsts].tolist()
        found = zip(places, days.tolist(), rows.tolist(), strict=True)
        legs = (
            Leg(
                series.legs[place].contract,
                day,
                row,
                series.rolls[place - 1] if place else None,
            )
            for place, day, row in found
        )
        return cls(series, tuple(legs))

    def contract(self, day: int) -> str:
        """The contract in force on a trading day; the first one before it begins."""
        return self.legs[max(bisect_right(self.legs, day, key=_begins) - 1, 0)].contract

    def rolls(self, count: int) -> Iterator[tuple[Leg, Leg]]:
        """The old and the new leg of each roll inside of so many bars of the run."""
        return ((old, new) for old, new in pairwise(self.legs) if 0 < new.row < count)

    def shifts(self, count: int) -> list[Shift]:
        """What each of these does to prices."""
        return [self.shift(new) for _, new in self.rolls(count)]

    def shift(self, leg: Leg) -> Shift:
        """What the beginning of a leg does to prices."""
        roll = leg.roll
        if roll is None:
            return Shift(row=leg.row)
        if self.series.method == "ratio":
            return Shift(row=leg.row, ratio=roll.factor)
        return Shift(row=leg.row, difference=Fraction(roll.gap))

    def spans(self) -> Iterator[tuple[Leg, int]]:
        """Each leg and the trading day on which the next one begins."""
        ends = [leg.begins for leg in self.legs[1:]]
        yield from zip(self.legs, [*ends, np.iinfo(np.int64).max], strict=True)

    @property
    def bars(self) -> Mapping[str, Bars]:
        """All bars of each contract."""
        return self.series.contracts


def _begins(leg: Leg) -> int:
    return leg.begins
