"""How far price went against and with a round trip while it was held."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.performance.trips import DetailedTrips

# Each bar may be looked at so often before levels of ranges are quicker.
_OFTEN = 4


class BarColumns(Protocol):
    """Bars of one symbol as columns of equal length, oldest first; `market.Bars` is one.

    Attributes:
        ts: (n,) int64 open times, UTC nanoseconds, rising.
        high, low: (n,) float64 prices.
        volume: (n,) float64, NaN where the source has none.
    """

    @property
    def ts(self) -> IntArray: ...

    @property
    def high(self) -> FloatArray: ...

    @property
    def low(self) -> FloatArray: ...

    @property
    def volume(self) -> FloatArray: ...


@dataclass(frozen=True, slots=True, eq=False)
class Excursions:
    """How far price went from the entry price, one row for each round trip, before commission.

    Attributes:
        adverse, favourable: (n,) money of the whole quantity, adverse at or below zero and
            favourable at or above; NaN where the bars do not reach back to the entry.
        adverse_ratio, favourable_ratio: (n,) the same over the value at entry.
    """

    adverse: FloatArray
    favourable: FloatArray
    adverse_ratio: FloatArray
    favourable_ratio: FloatArray

    def of(self, rows: BoolArray) -> "Excursions":
        """Keep the rows of some round trips."""
        return Excursions(
            self.adverse[rows],
            self.favourable[rows],
            self.adverse_ratio[rows],
            self.favourable_ratio[rows],
        )


def measure_excursions(trips: DetailedTrips, bars: Mapping[str, BarColumns]) -> Excursions:
    """Find the worst and the best price of each round trip between its entry and its exit.

    Counted are the entry price, the whole range of the bar of the entry and of every bar up to
    the one of the exit, and the exit price. Of the bar of the exit nothing but the exit price
    counts: which part of its range came before the exit is not known, and what came after was not
    this trip's. So a stop is never told to have cost more than where it filled, and a trip within
    one bar has no excursion but its own result. The bar of the entry counts whole, which is exact
    for an order that filled at the open and an upper bound for one that filled within the bar.

    Args:
        trips: round trips in any order.
        bars: by symbol, the bars that the trips were filled on.
    Returns:
        One row for each trip.
    Raises:
        WrongShape: columns that differ in length.
    """
    worst = np.full(len(trips.entry_ns), np.nan)
    best = worst.copy()
    direction = np.where(np.asarray(trips.side) == "buy", 1.0, -1.0)
    for symbol, columns in bars.items():
        rows = np.flatnonzero(np.asarray(trips.symbol) == symbol)
        first = np.searchsorted(columns.ts, trips.entry_ns[rows], side="right") - 1
        last = np.searchsorted(columns.ts, trips.exit_ns[rows], side="right") - 1
        rows, first, last = (part[first >= 0] for part in (rows, first, last))
        lowest = _extremes(columns.low, first, last, np.minimum)
        highest = _extremes(columns.high, first, last, np.maximum)
        is_long = direction[rows] > 0
        worst[rows] = np.where(is_long, lowest, highest)
        best[rows] = np.where(is_long, highest, lowest)
    return _from_entry(trips, worst=worst, best=best, direction=direction)


def _from_entry(
    trips: DetailedTrips, *, worst: FloatArray, best: FloatArray, direction: FloatArray
) -> Excursions:
    entry, left = trips.entry_price, trips.exit_price
    base = entry
    if trips.is_inverse.any():
        told = (_as_worth(trips, prices) for prices in (entry, left, worst, best))
        entry, left, worst, best = told
        base = np.where(trips.is_inverse, -entry, entry)
    left = (left - entry) * direction
    # A range without a bar is infinite the wrong way round, so that the exit price decides.
    adverse = np.minimum(np.minimum((worst - entry) * direction, left), 0.0)
    favourable = np.maximum(np.maximum((best - entry) * direction, left), 0.0)
    units = trips.quantity * trips.multiplier
    return Excursions(adverse * units, favourable * units, adverse / base, favourable / base)


def _as_worth(trips: DetailedTrips, prices: FloatArray) -> FloatArray:
    """Prices, those of inverse swaps as -1 / price: what one of their quote gains in coin.

    A range without a bar keeps its infinity.
    """
    is_told = trips.is_inverse & ~np.isinf(prices)
    return np.where(is_told, -1.0 / prices, prices)


def _extremes(
    prices: FloatArray, first: IntArray, stop: IntArray, better: "np.ufunc"
) -> FloatArray:
    """Find the lowest or highest price of first <= row < stop, for every pair of rows at once.

    Trips that seldom overlap, as most do, are looked through one by one. Of others each range is
    covered by two that are a power of two long and may overlap. One level of such ranges is kept at
    a time, so memory stays at one column however many trips there are.
    """
    length = stop - first
    found = np.full(len(first), np.inf if better is np.minimum else -np.inf)
    if _spanned(first, stop) <= _OFTEN * len(prices):
        ranges = np.stack([first, stop], axis=1).ravel()
        return (
            np.where(length > 0, better.reduceat(prices, ranges)[::2], found)
            if len(first)
            else found
        )
    level = np.frexp(length)[1] - 1
    table = prices
    for power in range(int(level.max(initial=-1)) + 1):
        asked = np.flatnonzero((level == power) & (length > 0))
        step = 1 << power
        found[asked] = better(table[first[asked]], table[stop[asked] - step])
        table = better(table[:-step], table[step:])
    return found


def _spanned(first: IntArray, stop: IntArray) -> int:
    """How many rows are looked at, those between one range and the next included."""
    if not len(first):
        return 0
    between = first[1:] - stop[:-1]
    return int((stop - first).sum() + between[between > 0].sum())
