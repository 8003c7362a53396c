"""Steps that remember one value or a few: averages that decay, delays, true range and RSI.

Every step ignores NaN and gives NaN until it has seen enough, so steps can feed each other.
"""

from math import isnan, log, nan

import numpy as np

from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel

_WEIGHT, _SEED, _COUNT, _VALUE = 0, 1, 2, 3
DELAY_PLACE, DELAY_IS_FULL, DELAY_KEPT = 0, 1, 2


def smoothing(weight: float, seed: int) -> FloatArray:
    """An average that moves by `weight` towards each value, started from the mean of `seed`."""
    return np.array([weight, seed, 0.0, 0.0])


def exponential(period: int) -> FloatArray:
    """An exponential average, started as TA-Lib does from a simple one."""
    return smoothing(2.0 / (period + 1.0), period)


def wilder(period: int) -> FloatArray:
    """Wilder's average, started from a simple one."""
    return smoothing(1.0 / period, period)


def delay(bars: int) -> FloatArray:
    """Room for `bars` values."""
    return np.zeros(DELAY_KEPT + bars)


def rsi(period: int) -> FloatArray:
    """The close before, and the averages of gains and of losses."""
    return np.array([[nan, 0.0, 0.0, 0.0], wilder(period), wilder(period)])


@kernel
def smooth(average: FloatArray, value: float) -> float:
    """Move the average towards the value."""
    if isnan(value):
        return nan
    weight = average[_WEIGHT]
    if average[_COUNT] < average[_SEED]:
        average[_COUNT] += 1
        weight = 1 / average[_COUNT]
    average[_VALUE] += weight * (value - average[_VALUE])
    return average[_VALUE] if average[_COUNT] >= average[_SEED] else nan


@kernel
def delayed(kept: FloatArray, value: float) -> float:
    """Take a value in and give the one from as many values before as there is room for."""
    if isnan(value):
        return nan
    place = int(kept[DELAY_PLACE])
    before = kept[DELAY_KEPT + place] if kept[DELAY_IS_FULL] == 1 else nan
    kept[DELAY_KEPT + place] = value
    kept[DELAY_PLACE] = place + 1
    if place + 1 == len(kept) - DELAY_KEPT:
        kept[DELAY_PLACE] = 0
        kept[DELAY_IS_FULL] = 1
    return before


@kernel
def positive(value: float) -> float:
    """The value where it is above zero, otherwise 0; NaN stays."""
    return value if value > 0 or isnan(value) else 0.0


@kernel
def true_range(before: float, high: float, low: float) -> float:
    """Range of a bar with the gap from the close before it."""
    if isnan(before):
        return nan
    return max(high, before) - min(low, before)


@kernel
def above_noise(width: float, level: float) -> float:
    """The width, or 0 where it is no more than what rounding leaves of a number like the level.

    Averages of prices that stand still come to rest some last bits away from them.
    """
    return 0.0 if width <= 1e-12 * abs(level) else width


@kernel
def ratio(part: float, whole: float, otherwise: float) -> float:
    """`part / whole`, or `otherwise` where the whole is 0."""
    return otherwise if whole == 0 else part / whole


@kernel
def log_ratio(value: float, before: float) -> float:
    """Logarithm of `value / before`; NaN where one of them is not above zero."""
    return log(value / before) if value > 0 and before > 0 else nan


@kernel
def strength(index: FloatArray, value: float) -> float:
    """Wilder's relative strength index, 0 to 100; 50 where nothing has moved."""
    if isnan(value):
        return nan
    change = value - index[0, 0]
    index[0, 0] = value
    if isnan(change):
        return nan
    gain = smooth(index[1], positive(change))
    loss = smooth(index[2], positive(-change))
    return 100.0 * ratio(gain, gain + loss, 0.5)
