"""How much of the time, and how much of the money, was at work."""

import numpy as np
from numpy.typing import ArrayLike

from quantloom.performance.returns import MIN_RETURNS
from quantloom.performance.series import column, equity_column, positive, quotient


def exposure(quantity: ArrayLike) -> float:
    """Measure the share of points with a position, long or short.

    Args:
        quantity: (n,) position held at each point, negative when short; over several instruments,
            the sum of absolute quantities, so that a hedge does not look flat.
    Returns:
        A ratio from 0 to 1; NaN with no points.
    Raises:
        NotFinite, WrongShape: quantity with NaN, or not one value per point.
    """
    held = column(quantity, "quantity")
    if not len(held):
        return np.nan
    return float(np.count_nonzero(held) / len(held))


def turnover(*, traded_notional: float, equity: ArrayLike, periods_per_year: float) -> float:
    """Measure how often a year the average equity was traded.

    traded_notional / years / mean(equity), with years = n / periods_per_year.

    Args:
        traded_notional: sum over all fills, buys and sells, of |quantity * price * multiplier|.
            Going in and out of a position counts twice.
        equity: (n + 1,) starting point first, one point per period.
        periods_per_year: periods that make a year.
    Returns:
        A ratio per year, 2.0 meaning that equity was bought once and sold once. NaN with fewer
        than 2 returns or where mean equity is not above zero.
    Raises:
        NotFinite, WrongShape, NotPositive: as `annual_return`, or traded_notional is NaN.
    """
    values = equity_column(equity)
    notional = float(column([traded_notional], "traded_notional")[0])
    years = (len(values) - 1) / positive(periods_per_year, "periods_per_year")
    average = float(values.mean())
    if len(values) <= MIN_RETURNS or average <= 0:
        return np.nan
    return quotient(notional / years, average)
