"""What changes the terms that a price is told in: a roll, a split, a dividend."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

import numpy as np

from quantloom.kit import FloatArray, from_ns
from quantloom.market.adjustment import to_decimals
from quantloom.market.bars import PRICES, Bars
from quantloom.market.continuous import AdjustedBelowZero
from quantloom.market.values import EXACT, Number, exact

ONE, NONE = Fraction(1), Fraction(0)
# Extras that are prices; the others are counts and money, which stay as they were.
_PRICED = ("settlement",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """From a row of the bars on, what was before it is told in new terms.

    Attributes:
        row: the first one in the new terms.
        ratio, difference: an old price in new terms is price * ratio + difference.
        quantity: units after for one before, of what is held, ordered and was traded.
    """

    row: int
    ratio: Fraction = ONE
    difference: Fraction = NONE
    quantity: Fraction = ONE

    def price(self, value: Number) -> Fraction:
        """An old price in new terms, unrounded."""
        return Fraction(exact(value)) * self.ratio + self.difference

    def nearest(self, value: Number, tick_size: Decimal) -> Decimal:
        """An old price in new terms, on the tick; the higher one halfway between two."""
        ticks = floor(self.price(value) / Fraction(tick_size) + Fraction(1, 2))
        return EXACT.multiply(Decimal(ticks), tick_size)


def restate(bars: Bars, shifts: Sequence[Shift]) -> Bars:
    """Tell all that was before the last of some shifts in its terms; later rows stay.

    Args:
        shifts: earliest first, one a row.
    Returns:
        Bars whose prices, volume and `settlement` extra are moved; other extras are as they were.
    Raises:
        AdjustedBelowZero: differences that take a price to zero or below.
    """
    ratios, differences, quantities = np.ones(len(bars)), np.zeros(len(bars)), np.ones(len(bars))
    ratio, difference, quantity = ONE, NONE, ONE
    starts = (0, *(shift.row for shift in shifts[:-1]))
    for start, shift in zip(reversed(starts), reversed(shifts), strict=True):
        # Of a chain the first step is the innermost.
        difference += ratio * shift.difference
        ratio *= shift.ratio
        quantity *= shift.quantity
        span = slice(start, shift.row)
        ratios[span], differences[span] = float(ratio), float(difference)
        quantities[span] = float(quantity)
    is_moved = differences.any()
    named = {name: getattr(bars, name) for name in PRICES}
    named |= {name: bars.extras[name] for name in _PRICED if name in bars.extras}
    moved = {name: column * ratios + differences for name, column in named.items()}
    if is_moved:
        moved = {name: to_decimals(column) for name, column in moved.items()}
        _refuse_below_zero(bars, moved["low"])
    prices = {name: moved.pop(name) for name in PRICES}
    return Bars.of(
        bars.symbol,
        bars.timeframe,
        ts=bars.ts,
        **prices,
        volume=bars.volume * quantities,
        extras=dict(bars.extras) | moved,
    )


def _refuse_below_zero(bars: Bars, lows: FloatArray) -> None:
    row = int(lows.argmin())
    if lows[row] <= 0:
        raise AdjustedBelowZero(bars.symbol, from_ns(int(bars.ts[row])).date(), float(lows[row]))
