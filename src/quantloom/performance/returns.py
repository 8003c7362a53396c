"""What was earned: period returns, totals, annual figures, tables by month and year."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray, IntArray
from quantloom.performance.series import (
    column,
    day_column,
    equity_column,
    last_of_each,
    positive,
)

MIN_RETURNS = 2
"""Fewer say nothing about a year: every annualised figure of less is NaN."""

_EPOCH_YEAR = 1970


@dataclass(frozen=True, slots=True, eq=False)
class MonthlyReturns:
    """Returns by calendar year and month.

    Attributes:
        years: (y,) every year from the first to the last, rising.
        ratios: (y, 12) simple returns, January first; NaN where a month has no point, or where
            the equity it starts from is not above zero.
    """

    years: IntArray
    ratios: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class YearlyReturns:
    """Returns by calendar year.

    Attributes:
        years: (y,) the years that have a point, rising.
        ratios: (y,) simple returns; NaN where the equity a year starts from is not above zero.
    """

    years: IntArray
    ratios: FloatArray


def simple_returns(equity: ArrayLike) -> FloatArray:
    """Measure the change of each period over the equity it starts from: e[i] / e[i-1] - 1.

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Returns:
        (n,) ratios, 0.02 meaning +2 %. A loss past the whole equity is below -1. NaN where the
        period starts at or below zero, since nothing can be earned on that.
    Raises:
        NotFinite, WrongShape, NotPositive: equity with NaN, with no point, or starting at or
            below zero.
    Source:
        empyrical simple_returns; same values while equity is above zero.
    """
    values = equity_column(equity)
    before = values[:-1]
    earned = np.full(len(before), np.nan)
    np.divide(values[1:], before, out=earned, where=before > 0)
    return earned - 1.0


def total_return(equity: ArrayLike) -> float:
    """Measure the change from the first point to the last: e[n] / e[0] - 1.

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Returns:
        A ratio; 0 where only the starting point is there, -1 or below after a total loss.
    Raises:
        NotFinite, WrongShape, NotPositive: as `simple_returns`.
    Source:
        empyrical cum_returns_final, quantstats comp; same values while equity is above zero.
    """
    values = equity_column(equity)
    return float(values[-1] / values[0] - 1.0)


def annual_return(equity: ArrayLike, periods_per_year: float) -> float:
    """Measure the compound annual growth rate: (1 + total)^(periods_per_year / n) - 1.

    Args:
        equity: (n + 1,) starting point first, one point per period.
        periods_per_year: periods, not calendar days, that make a year: 252, 365.
    Returns:
        A ratio. NaN with fewer than 2 returns, where equity ever was at or below zero, and where
        the growth is too large for a float64.
    Raises:
        NotFinite, WrongShape, NotPositive: as `simple_returns`, or periods_per_year not above 0.
    Source:
        empyrical annual_return, quantstats cagr; same values from 2 returns on.
    """
    values = equity_column(equity)
    periods = len(values) - 1
    years = periods / positive(periods_per_year, "periods_per_year")
    if periods < MIN_RETURNS or values.min() <= 0:
        return np.nan
    with np.errstate(over="ignore"):
        growth = float(np.expm1(np.log(values[-1] / values[0]) / years))
    return growth if np.isfinite(growth) else np.nan


def annual_volatility(returns: ArrayLike, periods_per_year: float) -> float:
    """Measure the yearly spread of returns: std(ddof=1) * sqrt(periods_per_year).

    Args:
        returns: (n,) simple returns of equal periods.
        periods_per_year: periods that make a year.
    Returns:
        A ratio at or above zero; NaN with fewer than 2 returns.
    Raises:
        NotFinite, WrongShape, NotPositive: returns with NaN, periods_per_year not above zero.
    Source:
        empyrical annual_volatility, quantstats volatility; same values.
    """
    values = column(returns, "returns")
    scale = np.sqrt(positive(periods_per_year, "periods_per_year"))
    if len(values) < MIN_RETURNS:
        return np.nan
    return float(np.std(values, ddof=1) * scale)


def monthly_returns(*, equity: ArrayLike, initial: float, days: ArrayLike) -> MonthlyReturns:
    """Measure each calendar month from the last equity before it to the last equity in it.

    Args:
        equity: (n,) mark-to-market equity, oldest first, without the starting point.
        initial: equity before the first point; the first month is measured from it.
        days: (n,) datetime64[D], the trading day of each point, never falling.
    Returns:
        A table of simple returns. A month without a point is NaN, and what it moved counts in the
        next month that has one, so the months always compound to the total return.
    Raises:
        NotFinite, WrongShape, NotPositive, UnsortedDays: see `daily_equity`; initial not above 0.
    Source:
        empyrical aggregate_returns, quantstats monthly_returns; same values, but quantstats
        writes 0 where a month has no point.
    """
    months, ratios = _returns_by("datetime64[M]", equity=equity, initial=initial, days=days)
    if not len(months):
        return MonthlyReturns(months, np.empty((0, 12)))
    first, last = int(months[0]) // 12, int(months[-1]) // 12
    table = np.full((last - first + 1, 12), np.nan)
    table.ravel()[months - first * 12] = ratios
    return MonthlyReturns(np.arange(first, last + 1) + _EPOCH_YEAR, table)


def yearly_returns(*, equity: ArrayLike, initial: float, days: ArrayLike) -> YearlyReturns:
    """Measure each calendar year from the last equity before it to the last equity in it.

    Args:
        equity: (n,) mark-to-market equity, oldest first, without the starting point.
        initial: equity before the first point; the first year is measured from it.
        days: (n,) datetime64[D], the trading day of each point, never falling.
    Returns:
        One simple return for each year that has a point.
    Raises:
        NotFinite, WrongShape, NotPositive, UnsortedDays: as `monthly_returns`.
    Source:
        empyrical aggregate_returns; same values.
    """
    years, ratios = _returns_by("datetime64[Y]", equity=equity, initial=initial, days=days)
    return YearlyReturns(years + _EPOCH_YEAR, ratios)


def with_start(initial: float, equity: FloatArray) -> FloatArray:
    """Put the starting equity before the points."""
    return np.concatenate(([positive(initial, "initial")], equity))


def _returns_by(
    unit: str, *, equity: ArrayLike, initial: float, days: ArrayLike
) -> tuple[IntArray, FloatArray]:
    values = column(equity, "equity")
    periods = day_column(days, len(values)).astype(unit)
    last = last_of_each(periods)
    return periods[last].astype(np.int64), simple_returns(with_start(initial, values[last]))
