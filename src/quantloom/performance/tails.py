"""How returns are spread at their ends: what the worst periods cost, and how lopsided they are."""

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray
from quantloom.performance.series import BadTail, column, quotient, varies

TAIL = 0.05
"""The share of periods that counts as a tail, as in both libraries we compare with."""

_HALF = 0.5
_FEWEST_FOR_SKEW = 3
_FEWEST_FOR_KURTOSIS = 4


def value_at_risk(returns: ArrayLike, tail: float = TAIL) -> float:
    """Find the return that only a share of the periods fell below: a quantile of what happened.

    Args:
        returns: (n,) simple returns of equal periods.
        tail: share of the worst periods, above 0 and below 0.5.
    Returns:
        A return over ONE period, below zero where it is a loss. NaN with no returns.
    Raises:
        NotFinite, WrongShape, BadTail: returns with NaN, tail out of bounds.
    Source:
        empyrical value_at_risk; same values. quantstats fits a normal distribution in its place.
    """
    values = column(returns, "returns")
    return float(np.quantile(values, _checked(tail))) if len(values) else np.nan


def conditional_value_at_risk(returns: ArrayLike, tail: float = TAIL) -> float:
    """Measure the mean of the worst returns: the lowest floor((n - 1) * tail) + 1 of them.

    Args:
        returns: (n,) simple returns of equal periods.
        tail: share of the worst periods, above 0 and below 0.5.
    Returns:
        A return over ONE period, at or below `value_at_risk`. NaN with no returns.
    Raises:
        NotFinite, WrongShape, BadTail: as `value_at_risk`.
    Source:
        empyrical conditional_value_at_risk; same values. quantstats, asked for the historical
        one, differs only where several returns are equal to the value at risk.
    """
    values = column(returns, "returns")
    if not len(values):
        return np.nan
    last = int((len(values) - 1) * _checked(tail))
    return float(np.partition(values, last)[: last + 1].mean())


def tail_ratio(returns: ArrayLike, tail: float = TAIL) -> float:
    """Compare the best periods with the worst: |quantile(1 - tail)| / |quantile(tail)|.

    Args:
        returns: (n,) simple returns of equal periods.
        tail: share of each end, above 0 and below 0.5.
    Returns:
        A ratio; above 1 where the right tail reaches further. NaN with no returns or where the
        lower quantile is zero.
    Raises:
        NotFinite, WrongShape, BadTail: as `value_at_risk`.
    Source:
        empyrical and quantstats tail_ratio; same values.
    """
    values = column(returns, "returns")
    share = _checked(tail)
    if not len(values):
        return np.nan
    worst, best = np.quantile(values, [share, 1.0 - share])
    return quotient(abs(best), abs(worst))


def skewness(returns: ArrayLike) -> float:
    """Measure which tail is the longer one: below zero, rare losses are larger than rare gains.

    Args:
        returns: (n,) simple returns of equal periods.
    Returns:
        The third standardised moment, corrected for small n; 0 for a normal distribution. NaN
        with fewer than 3 returns or where they do not vary.
    Raises:
        NotFinite, WrongShape: returns with NaN.
    Source:
        pandas skew, which quantstats skew is: the adjusted Fisher-Pearson coefficient.
    """
    values = column(returns, "returns")
    n = len(values)
    if n < _FEWEST_FOR_SKEW or not varies(values):
        return np.nan
    second, third = _moment(values, 2), _moment(values, 3)
    return float(third / second**1.5 * np.sqrt(n * (n - 1)) / (n - 2))


def kurtosis(returns: ArrayLike) -> float:
    """Measure how much of the spread comes from extremes, above what a normal distribution has.

    Args:
        returns: (n,) simple returns of equal periods.
    Returns:
        The fourth standardised moment less 3, corrected for small n. NaN with fewer than 4
        returns or where they do not vary.
    Raises:
        NotFinite, WrongShape: returns with NaN.
    Source:
        pandas kurt, which quantstats kurtosis is.
    """
    values = column(returns, "returns")
    n = len(values)
    if n < _FEWEST_FOR_KURTOSIS or not varies(values):
        return np.nan
    second, fourth = _moment(values, 2), _moment(values, 4)
    excess = (n + 1) * (fourth / second**2) - 3 * (n - 1)
    return float(excess * (n - 1) / ((n - 2) * (n - 3)))


def _moment(values: FloatArray, order: int) -> float:
    return float(np.mean((values - values.mean()) ** order))


def _checked(tail: float) -> float:
    if not 0 < tail < _HALF:
        raise BadTail(tail)
    return tail
