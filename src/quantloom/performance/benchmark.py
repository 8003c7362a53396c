"""A run beside what it is measured against: alignment by trading day, alpha, beta, captures."""

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import BoolArray, FloatArray
from quantloom.performance.returns import MIN_RETURNS
from quantloom.performance.series import (
    column,
    day_column,
    last_of_each,
    positive,
    quotient,
    varies,
)


def align_benchmark(*, prices: ArrayLike, price_days: ArrayLike, days: ArrayLike) -> FloatArray:
    """Measure a benchmark's return over each trading day of a run.

    On a day that its own market was closed, a benchmark is worth its last price; the next price
    moves it by both days. Before its first price and after its last it is not known.

    Args:
        prices: (p,) prices or levels above zero, oldest first.
        price_days: (p,) datetime64[D], the trading day of each price, never falling; the last
            price of a day counts.
        days: (d,) datetime64[D], the run's trading days as `daily_equity` gives them.
    Returns:
        (d,) simple returns, each from the run's trading day before, the first from the last price
        before the run. NaN where one of the two prices is not known.
    Raises:
        NotFinite, WrongShape, UnsortedDays: bad prices or days.
        NotPositive: a price at or below zero.
    """
    levels = column(prices, "prices")
    known = day_column(price_days, len(levels))
    asked = day_column(days, np.size(days))
    if not len(levels) or not len(asked):
        return np.full(len(asked), np.nan)
    positive(float(levels.min()), "the lowest of prices")
    last = last_of_each(known)
    levels, known = levels[last], known[last]
    before = np.searchsorted(known, asked[:1], side="left") - 1
    rows = np.concatenate((before, np.searchsorted(known, asked, side="right") - 1))
    values = np.where(rows >= 0, levels[rows], np.nan)
    values[1:][asked > known[-1]] = np.nan
    return np.asarray(values[1:] / values[:-1] - 1.0)


def beta(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Measure how far returns follow a benchmark's: cov(r, b) / var(b).

    Args:
        returns: (n,) simple returns of equal periods.
        benchmark: (n,) the benchmark's returns over the same periods.
    Returns:
        A ratio; 1 for the benchmark itself, 0 for cash. NaN with fewer than 2 returns or where
        the benchmark does not vary.
    Raises:
        NotFinite, WrongShape: NaN, or columns that differ in length.
    Source:
        empyrical beta, quantstats greeks; same values.
    """
    earned, market = _pair(returns, benchmark)
    if not varies(market):
        return np.nan
    centred = market - market.mean()
    return quotient(float(centred @ earned), float(centred @ centred))


def alpha(
    returns: ArrayLike, benchmark: ArrayLike, *, periods_per_year: float, risk_free: float = 0.0
) -> float:
    """Measure what was earned beside what beta explains, per year.

    (mean(r - f) - beta * mean(b - f)) * periods_per_year.

    Args:
        returns: (n,) simple returns of equal periods.
        benchmark: (n,) the benchmark's returns over the same periods.
        periods_per_year: periods that make a year.
        risk_free: f, the return of cash over ONE period.
    Returns:
        A ratio per year. NaN as `beta`.
    Raises:
        NotFinite, WrongShape, NotPositive: as `beta`, or periods_per_year not above zero.
    Source:
        Jensen (1968), The Performance of Mutual Funds. quantstats greeks; same values with
        risk_free 0. empyrical compounds over the year what this multiplies.
    """
    earned, market = _pair(returns, benchmark)
    cash = float(column([risk_free], "risk_free")[0])
    scale = positive(periods_per_year, "periods_per_year")
    slope = beta(earned, market)
    if np.isnan(slope):
        return np.nan
    return float((earned.mean() - cash - slope * (market.mean() - cash)) * scale)


def correlation(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Measure how closely returns move with a benchmark's, whatever their size.

    Args:
        returns, benchmark: (n,) simple returns over the same periods.
    Returns:
        -1 to 1. NaN with fewer than 2 returns or where either does not vary.
    Raises:
        NotFinite, WrongShape: as `beta`.
    Source:
        Pearson; its square is quantstats r_squared.
    """
    earned, market = _pair(returns, benchmark)
    if not (varies(earned) and varies(market)):
        return np.nan
    return float(np.clip(np.corrcoef(earned, market)[0, 1], -1.0, 1.0))


def tracking_error(returns: ArrayLike, benchmark: ArrayLike, periods_per_year: float) -> float:
    """Measure the yearly spread of returns less the benchmark's: std(r - b, ddof=1) * sqrt(P).

    Args:
        returns, benchmark: (n,) simple returns over the same periods.
        periods_per_year: P, periods that make a year.
    Returns:
        A ratio at or above zero; NaN with fewer than 2 returns.
    Raises:
        NotFinite, WrongShape, NotPositive: as `alpha`.
    """
    earned, market = _pair(returns, benchmark)
    scale = np.sqrt(positive(periods_per_year, "periods_per_year"))
    if len(earned) < MIN_RETURNS:
        return np.nan
    return float(np.std(earned - market, ddof=1) * scale)


def information_ratio(returns: ArrayLike, benchmark: ArrayLike, periods_per_year: float) -> float:
    """Measure the return above a benchmark over its spread: mean(r - b) / std(r - b) * sqrt(P).

    Args:
        returns, benchmark: (n,) simple returns over the same periods.
        periods_per_year: P, periods that make a year.
    Returns:
        A yearly ratio. NaN with fewer than 2 returns or where the difference does not vary.
    Raises:
        NotFinite, WrongShape, NotPositive: as `alpha`.
    Source:
        Grinold and Kahn, Active Portfolio Management. empyrical excess_sharpe and quantstats
        information_ratio are those of one period: the same without the root.
    """
    earned, market = _pair(returns, benchmark)
    scale = float(np.sqrt(positive(periods_per_year, "periods_per_year")))
    active = earned - market
    if not varies(active):
        return np.nan
    return quotient(float(active.mean()) * scale, float(np.std(active, ddof=1)))


def up_capture(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Measure how much of the benchmark's gains was had: mean growth over its rising periods.

    Args:
        returns, benchmark: (n,) simple returns over the same periods.
    Returns:
        The geometric mean return of the periods in which the benchmark rose, over the benchmark's
        own: 0.5 for half of its gains. NaN where it never rose, or where a return is -1 or less.
    Raises:
        NotFinite, WrongShape: as `beta`.
    Source:
        Morningstar, upside capture ratio. empyrical up_capture compounds both means to a year
        first, which tells half of the gains as less than half.
    """
    earned, market = _pair(returns, benchmark)
    return _capture(earned, market, market > 0)


def down_capture(returns: ArrayLike, benchmark: ArrayLike) -> float:
    """Measure how much of the benchmark's losses was had: mean growth over its falling periods.

    Args:
        returns, benchmark: (n,) simple returns over the same periods.
    Returns:
        As `up_capture`, over the periods in which the benchmark fell; below zero where the run
        gained in them.
    Raises:
        NotFinite, WrongShape: as `beta`.
    Source:
        Morningstar, downside capture ratio.
    """
    earned, market = _pair(returns, benchmark)
    return _capture(earned, market, market < 0)


def _capture(earned: FloatArray, market: FloatArray, counted: BoolArray) -> float:
    chosen, reference = earned[counted], market[counted]
    if not len(chosen) or min(chosen.min(), reference.min()) <= -1:
        return np.nan
    return quotient(_mean_growth(chosen), _mean_growth(reference))


def _mean_growth(returns: FloatArray) -> float:
    return float(np.expm1(np.mean(np.log1p(returns))))


def _pair(returns: ArrayLike, benchmark: ArrayLike) -> tuple[FloatArray, FloatArray]:
    earned = column(returns, "returns")
    return earned, column(benchmark, "benchmark", len(earned))
