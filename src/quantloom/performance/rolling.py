"""Measures over a window that moves along the run."""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from quantloom.kit import FloatArray
from quantloom.performance.series import column, equity_column, is_rounding, positive

# Windows are measured in blocks of this many values, so that a million of them need no gigabytes.
_BLOCK = 1 << 20


def rolling_volatility(returns: ArrayLike, *, window: int, periods_per_year: float) -> FloatArray:
    """Measure `annual_volatility` over the last `window` returns at each point.

    Args:
        returns: (n,) simple returns of equal periods.
        window: how many returns, 2 or more for a value.
        periods_per_year: periods that make a year.
    Returns:
        (n,) ratios; the first window - 1 are NaN.
    Raises:
        NotFinite, WrongShape, NotPositive: as `annual_volatility`, or window below 1.
    Source:
        quantstats rolling_volatility; same values.
    """
    values = column(returns, "returns")
    scale = np.sqrt(positive(periods_per_year, "periods_per_year"))
    return _by_window(values, window, lambda block: np.asarray(_deviation(block) * scale))


def rolling_sharpe(
    returns: ArrayLike, *, window: int, periods_per_year: float, risk_free: float = 0.0
) -> FloatArray:
    """Measure `sharpe_ratio` over the last `window` returns at each point.

    Args:
        returns: (n,) simple returns of equal periods.
        window: how many returns, 2 or more for a value.
        periods_per_year: periods that make a year.
        risk_free: return of cash over ONE period, taken off every return.
    Returns:
        (n,) yearly ratios; the first window - 1 are NaN, and so is a window that does not vary.
    Raises:
        NotFinite, WrongShape, NotPositive: as `sharpe_ratio`, or window below 1.
    Source:
        quantstats rolling_sharpe, empyrical roll_sharpe_ratio; same values where returns vary.
    """
    excess = column(returns, "returns") - column([risk_free], "risk_free")
    scale = np.sqrt(positive(periods_per_year, "periods_per_year"))

    def ratio(block: FloatArray) -> FloatArray:
        mean, spread = block.mean(axis=-1), _deviation(block)
        return _divided(mean * scale, np.where(is_rounding(spread, mean), np.nan, spread))

    return _by_window(excess, window, ratio)


def rolling_beta(returns: ArrayLike, benchmark: ArrayLike, *, window: int) -> FloatArray:
    """Measure `beta` over the last `window` returns at each point.

    Args:
        returns, benchmark: (n,) simple returns over the same periods.
        window: how many returns, 2 or more for a value.
    Returns:
        (n,) ratios; the first window - 1 are NaN, and so is a window in which the benchmark does
        not vary.
    Raises:
        NotFinite, WrongShape, NotPositive: as `beta`, or window below 1.
    Source:
        quantstats rolling_greeks, empyrical roll_beta; same values where the benchmark varies.
    """
    earned = column(returns, "returns")
    market = column(benchmark, "benchmark", len(earned))

    def slope(block: FloatArray) -> FloatArray:
        theirs = block[:, 1]
        mean = theirs.mean(axis=-1, keepdims=True)
        centred = theirs - mean
        spread = (centred**2).sum(axis=-1)
        steady = is_rounding(_deviation(theirs), mean[:, 0])
        return _divided((centred * block[:, 0]).sum(axis=-1), np.where(steady, np.nan, spread))

    return _by_window(np.column_stack((earned, market)), window, slope)


def rolling_drawdown(equity: ArrayLike, *, window: int) -> FloatArray:
    """Measure `max_drawdown` over the last `window` periods at each point, older peaks forgotten.

    Args:
        equity: (n + 1,) starting point first, oldest first.
        window: how many periods; each needs window + 1 points.
    Returns:
        (n + 1,) ratios at or above zero; the first `window` are NaN, and so is a window with no
        peak above zero.
    Raises:
        NotFinite, WrongShape, NotPositive: as `max_drawdown`, or window below 1.
    Source:
        empyrical roll_max_drawdown; same values with the sign turned.
    """
    positive(window, "window")

    def deepest(block: FloatArray) -> FloatArray:
        peaks = np.maximum.accumulate(block, axis=-1)
        depths = _divided(peaks - block, np.where(peaks > 0, peaks, np.nan))
        return np.asarray(depths.max(axis=-1))

    return _by_window(equity_column(equity), window + 1, deepest)


def _by_window(
    values: FloatArray, window: int, measure: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Measure each window of rows; `measure` gets blocks of them with time along the last axis."""
    size = int(positive(window, "window"))
    found = np.full(len(values), np.nan)
    if len(values) < size:
        return found
    windows = sliding_window_view(values, size, axis=0)
    step = max(1, _BLOCK // size)
    for first in range(0, len(windows), step):
        block = windows[first : first + step]
        row = first + size - 1
        found[row : row + len(block)] = measure(block)
    return found


def _deviation(block: FloatArray) -> FloatArray:
    if block.shape[-1] < 2:
        return np.full(block.shape[:-1], np.nan)
    return np.asarray(np.std(block, axis=-1, ddof=1))


def _divided(numerator: FloatArray, denominator: NDArray[np.float64]) -> FloatArray:
    with np.errstate(all="ignore"):
        answer = np.asarray(numerator / denominator)
    answer[np.isinf(answer)] = np.nan
    return answer
