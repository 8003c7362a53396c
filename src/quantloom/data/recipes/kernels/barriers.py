"""Which of three barriers a price meets first, one bar after the other."""

from math import isnan, nan

import numpy as np

from quantloom.kit import FloatArray, IntArray
from quantloom.kit.compiling import kernel


@kernel
def deviations(returns: FloatArray, span: float) -> FloatArray:
    """Exponentially weighted standard deviation of returns so far, newest weighted most.

    Args:
        returns: (n,) where NaN is left out, as if the bar had not been.
        span: the weight of a return halves about every 0.35 x span bars.
    Returns:
        (n,) NaN before the second return.
    """
    found = np.full(len(returns), nan)
    keep = 1.0 - 2.0 / (span + 1.0)
    mean = squares = weight = weight_squared = 0.0
    for row in range(len(returns)):
        value = returns[row]
        if not isnan(value):
            weight *= keep
            weight_squared *= keep * keep
            squares *= keep
            gap = value - mean
            total = weight + 1.0
            mean += gap / total
            squares += gap * gap * weight / total
            weight = total
            weight_squared += 1.0
        rest = weight * weight - weight_squared
        if rest > 0.0:
            found[row] = np.sqrt(max(squares * weight / rest, 0.0))
    return found


@kernel
def first_touch(
    close: FloatArray,
    high: FloatArray,
    low: FloatArray,
    upper: FloatArray,
    lower: FloatArray,
    limit: int,
) -> tuple[IntArray, IntArray]:
    """Find the barrier that each row's price meets first after the row's close.

    Args:
        close: (n,) prices. high, low: (n,) the prices that touch; those of closes where only
            closes count.
        upper, lower: (n,) prices of the barriers of each row; NaN for a row without label.
        limit: bars after which the position is left at the close.
    Returns:
        (n,) 1 upper, -1 lower, 0 neither; and (n,) the row of it, -1 where data end before. Where
        one bar meets both, it is the lower one.
    """
    count = len(close)
    met = np.zeros(count, dtype=np.int64)
    at = np.full(count, -1, dtype=np.int64)
    for row in range(count):
        if isnan(upper[row]) or isnan(lower[row]):
            continue
        last = min(row + limit, count - 1)
        for ahead in range(row + 1, last + 1):
            if low[ahead] <= lower[row]:
                met[row], at[row] = -1, ahead
                break
            if high[ahead] >= upper[row]:
                met[row], at[row] = 1, ahead
                break
        if at[row] < 0 and row + limit < count:
            at[row] = row + limit
    return met, at
