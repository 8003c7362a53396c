"""How much a price varies, as `ctx.volatility` and `Panel.volatility` tell it."""

import math
from itertools import pairwise
from math import log
from statistics import stdev

from quantloom.kit import FloatArray

_FEWEST_CLOSES = 3


def yearly_volatility(closes: FloatArray, window: int, bars_per_year: float) -> float:
    """Deviation of the log returns between the last `window` closes, a year's.

    Returns:
        NaN where there are fewer closes, or one is not above zero.
    """
    if len(closes) < window:
        return math.nan
    return close_deviation(closes) * math.sqrt(bars_per_year)


def close_deviation(closes: FloatArray) -> float:
    """Deviation of the log returns between closes."""
    if len(closes) < _FEWEST_CLOSES or not closes.min() > 0:
        return math.nan
    steps = [log(after / before) for before, after in pairwise(closes.tolist())]
    # Exact sums inside: returns that are all alike have a deviation of nothing, not of 1e-17, which
    # would cost an impact of a whole tick.
    return stdev(steps)
