"""What was earned for the risk that was taken, and how sure that is."""

from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray
from quantloom.performance.drawdown import max_drawdown
from quantloom.performance.returns import MIN_RETURNS, annual_return
from quantloom.performance.series import column, is_rounding, positive, quotient
from quantloom.performance.tails import kurtosis, skewness


def sharpe_ratio(returns: ArrayLike, periods_per_year: float, risk_free: float = 0.0) -> float:
    """Measure mean excess return over its spread: mean / std(ddof=1) * sqrt(periods_per_year).

    Args:
        returns: (n,) simple returns of equal periods.
        periods_per_year: periods that make a year.
        risk_free: return of cash over ONE period, taken off every return.
    Returns:
        A yearly ratio with the sign of the mean. NaN, not infinite, with fewer than 2 returns or
        where returns do not vary.
    Raises:
        NotFinite, WrongShape, NotPositive: returns or risk_free with NaN, periods_per_year not
            above zero.
    Source:
        Sharpe (1994), The Sharpe Ratio. empyrical and quantstats give the same values where
        returns vary; quantstats takes risk_free per year.
    """
    excess = _excess(returns, risk_free)
    if len(excess) < MIN_RETURNS:
        return np.nan
    return _per_risk(excess, float(np.std(excess, ddof=1)), periods_per_year)


def sortino_ratio(returns: ArrayLike, periods_per_year: float, target: float = 0.0) -> float:
    """Measure mean excess return over downside deviation, times sqrt(periods_per_year).

    Downside deviation is sqrt(sum(min(return - target, 0)^2) / n), over all n returns, not only
    those below the target.

    Args:
        returns: (n,) simple returns of equal periods.
        periods_per_year: periods that make a year.
        target: return over ONE period that counts as no loss, taken off every return.
    Returns:
        A yearly ratio with the sign of the mean. NaN, not infinite, with fewer than 2 returns or
        where none is below the target.
    Raises:
        NotFinite, WrongShape, NotPositive: as `sharpe_ratio`.
    Source:
        Sortino and Price (1994), Performance Measurement in a Downside Risk Framework. empyrical
        and quantstats give the same values where a return is below the target.
    """
    excess = _excess(returns, target)
    if len(excess) < MIN_RETURNS:
        return np.nan
    downside = float(np.sqrt(np.mean(np.minimum(excess, 0.0) ** 2)))
    return _per_risk(excess, downside, periods_per_year)


def calmar_ratio(equity: ArrayLike, periods_per_year: float) -> float:
    """Measure annual return over the deepest drawdown: annual_return / max_drawdown.

    Args:
        equity: (n + 1,) starting point first, one point per period, over the whole curve (Young's
            own window is 36 months).
        periods_per_year: periods that make a year.
    Returns:
        A ratio with the sign of the annual return. NaN where there is no drawdown or no annual
        return.
    Raises:
        NotFinite, WrongShape, NotPositive: as `annual_return`.
    Source:
        Young (1991), Calmar Ratio: A Smoother Tool. empyrical and quantstats give the same values
        where there is a drawdown.
    """
    depth = max_drawdown(equity)
    growth = annual_return(equity, periods_per_year)
    return quotient(growth, depth) if depth > 0 else np.nan


def omega_ratio(returns: ArrayLike, threshold: float = 0.0) -> float:
    """Measure what was gained above a threshold over what was lost below it.

    Args:
        returns: (n,) simple returns of equal periods.
        threshold: return over ONE period that parts gain from loss.
    Returns:
        A ratio at or above zero; above 1 where gains weigh more. NaN, not infinite, with fewer
        than 2 returns or where none is below the threshold.
    Raises:
        NotFinite, WrongShape: returns or threshold with NaN.
    Source:
        Keating and Shadwick (2002), A Universal Performance Measure. empyrical omega_ratio and
        quantstats omega; same values.
    """
    excess = _excess(returns, threshold)
    if len(excess) < MIN_RETURNS:
        return np.nan
    return quotient(float(excess[excess > 0].sum()), float(-excess[excess < 0].sum()))


def sharpe_error(returns: ArrayLike, periods_per_year: float, risk_free: float = 0.0) -> float:
    """Estimate the standard error of the yearly Sharpe ratio, for returns of any shape.

    sqrt((1 - skew * s + (kurtosis + 2) / 4 * s^2) / (n - 1)) * sqrt(periods_per_year), with s the
    Sharpe ratio of one period and kurtosis that above the normal's.

    Args:
        returns: (n,) simple returns of equal periods, taken as independent of each other.
        periods_per_year: periods that make a year.
        risk_free: return of cash over ONE period.
    Returns:
        A yearly deviation above zero: about 2 of 3 true ratios lie within one of the measured.
        NaN with fewer than 4 returns, where returns do not vary, and where so few returns have a
        shape that admits no error.
    Raises:
        NotFinite, WrongShape, NotPositive: as `sharpe_ratio`.
    Source:
        Bailey and Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier. The error inside
        quantstats probabilistic_sharpe_ratio; same values.
    """
    excess = _excess(returns, risk_free)
    scale = sqrt(positive(periods_per_year, "periods_per_year"))
    ratio = sharpe_ratio(excess, 1.0)
    shape = 1.0 - skewness(excess) * ratio + (kurtosis(excess) + 2.0) / 4.0 * ratio**2
    return sqrt(shape / (len(excess) - 1)) * scale if shape > 0 else np.nan


def probabilistic_sharpe_ratio(returns: ArrayLike, risk_free: float = 0.0) -> float:
    """Estimate how likely the true Sharpe ratio is above zero: Phi(ratio / its error).

    It takes the run for the only one that was tried; every other trial lowers what it is worth.

    Args:
        returns: (n,) simple returns of equal periods, taken as independent of each other.
        risk_free: return of cash over ONE period.
    Returns:
        A probability, 0 to 1; 0.5 for a ratio of zero. NaN as `sharpe_error`.
    Raises:
        NotFinite, WrongShape: as `sharpe_ratio`.
    Source:
        Bailey and Lopez de Prado (2012). quantstats probabilistic_sharpe_ratio; same values.
    """
    error = sharpe_error(returns, 1.0, risk_free)
    return 0.5 * erfc(-quotient(sharpe_ratio(returns, 1.0, risk_free), error) / sqrt(2.0))


def _excess(returns: ArrayLike, benchmark: float) -> FloatArray:
    return column(returns, "returns") - column([benchmark], "the return per period taken off")


def _per_risk(excess: FloatArray, risk: float, periods_per_year: float) -> float:
    scale = np.sqrt(positive(periods_per_year, "periods_per_year"))
    mean = float(np.mean(excess))
    if is_rounding(risk, mean):
        return np.nan
    return float(mean / risk * scale)
