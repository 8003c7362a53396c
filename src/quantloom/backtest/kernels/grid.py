"""Whole numbers out of floats: prices on the tick, lots, and a note where rounding decides."""

from math import floor, inf, isnan, nan

import numpy as np

from quantloom.backtest.kernels.layout import Away, Order, State
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel, part

# Closer to a whole number than this, a float does not tell on which side of it the truth lies.
NEAR, NEAR_SHARE = 1e-9, 1e-12
# Up to here floats are whole numbers without gaps, so products of them are exact.
EXACT_UP_TO = 2.0**53


@part
def near(value: float) -> float:
    """How close to a value another one has to be for rounding to have parted them."""
    return NEAR + NEAR_SHARE * abs(value)


@kernel
def whole_down(value: float, state: State) -> float:
    """The whole number at or below a value; the nearest one, and a doubt, where it is too close."""
    nearest = np.rint(value)
    if abs(value - nearest) > near(value):
        return float(floor(value))
    if value != nearest:
        state.doubts += 1
    return float(nearest)


@kernel
def whole_up(value: float, state: State) -> float:
    """Likewise at or above."""
    return -whole_down(-value, state)


@kernel
def part_up(value: float, top: float, bottom: float, state: State) -> float:
    """The whole number at or above `value * top / bottom`, without doubt where all are decimals."""
    return -part_down(-value, top, bottom, state)


@kernel
def part_down(value: float, top: float, bottom: float, state: State) -> float:
    """Likewise at or below."""
    scale = decimals(value)
    product, divisor = np.rint(value * scale) * top, bottom * scale
    if abs(product) < EXACT_UP_TO and divisor < EXACT_UP_TO:
        # The quotient of whole numbers is rounded to a whole one only if it is one.
        return float(floor(product / divisor))
    return whole_down(value * top / bottom, state)


@kernel
def decimals(value: float) -> float:
    """The power of ten that makes a number whole, as it is written; infinite where none does."""
    scale = 1.0
    while scale < EXACT_UP_TO:
        if np.rint(value * scale) / scale == value:
            return scale
        scale *= 10.0
    return inf


@part
def price_of(ticks: float, state: State) -> float:
    """The price of whole ticks: the float64 nearest to it."""
    return ticks * state.terms.tick_top / state.terms.tick_bottom


@kernel
def ticks_of(price: float, state: State) -> float:
    """A price in ticks; whole where it is on the tick, to the last bit."""
    ticks = price * state.terms.tick_bottom / state.terms.tick_top
    nearest = np.rint(ticks)
    return float(nearest) if price_of(nearest, state) == price else ticks


@kernel
def snapped(ticks: float, sign: int, state: State) -> float:
    """Ticks brought to a whole number, up where sign is 1 and down where it is -1."""
    return whole_up(ticks, state) if sign > 0 else whole_down(ticks, state)


@kernel
def moved(ticks: float, sign: int, away: Away, state: State) -> float:
    """Ticks moved by some and by a share of themselves, then snapped further the same way.

    Args:
        sign: 1 for up, -1 for down.
    """
    by, top, bottom = away.ticks, away.top, away.bottom
    if ticks == floor(ticks) and by == floor(by):
        return ticks + sign * (by + part_up(ticks, top, bottom, state))
    return snapped(ticks + sign * (by + ticks * top / bottom), sign, state)


@kernel
def price_away(price: float, sign: int, order: Order, state: State) -> float:
    """The price at an order's distance over (1) or under (-1) another, snapped further away."""
    ticks = ticks_of(price, state)
    found = moved(ticks, sign, Away(order.away, order.ticks, order.top, order.bottom), state)
    return price_of(found, state)


@kernel
def deviation(close: FloatArray, start: int, stop: int) -> float:
    """Standard deviation, of a sample, of the log returns between closes; NaN for under three."""
    if stop - start < 3:
        return nan
    total, count = 0.0, stop - start - 1
    for row in range(start, stop):
        if not close[row] > 0:
            return nan
    for row in range(start + 1, stop):
        total += np.log(close[row] / close[row - 1])
    mean, squares = total / count, 0.0
    for row in range(start + 1, stop):
        off = np.log(close[row] / close[row - 1]) - mean
        squares += off * off
    found = np.sqrt(squares / (count - 1))
    # Returns that are all alike vary by nothing, and not by what rounding leaves.
    return 0.0 if found < 1e-15 else float(found)


@kernel
def mean_of(values: FloatArray, start: int, stop: int) -> float:
    """The mean of a span; NaN where it is empty or one is unknown."""
    if stop <= start:
        return nan
    total = 0.0
    for row in range(start, stop):
        if isnan(values[row]):
            return nan
        total += values[row]
    return total / (stop - start)
