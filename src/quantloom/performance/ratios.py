"""What was earned for the risk that was taken."""

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray
from quantloom.performance.drawdown import max_drawdown
from quantloom.performance.returns import MIN_RETURNS, annual_return
from quantloom.performance.series import column, positive

# Equity in float64 cannot tell returns apart that differ by less than about 1e-15, so a spread
# below this is rounding and dividing by it would report a ratio near 1e15.
_ROUNDING = 1e-14


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
    return growth / depth if depth > 0 else np.nan


def _excess(returns: ArrayLike, benchmark: float) -> FloatArray:
    return column(returns, "returns") - column([benchmark], "the return per period taken off")


def _per_risk(excess: FloatArray, risk: float, periods_per_year: float) -> float:
    scale = np.sqrt(positive(periods_per_year, "periods_per_year"))
    mean = float(np.mean(excess))
    if risk <= _ROUNDING * (1.0 + abs(mean)):
        return np.nan
    return float(mean / risk * scale)
