"""What a Sharpe ratio is worth once it is known how many were tried.

Ratios, skewness and kurtosis here are those of ONE period (a day), never annualised; kurtosis is
that above a normal distribution's, as `kurtosis` gives it.
"""

from math import e, isfinite, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from quantloom.errors import Invalid
from quantloom.performance.series import NotPositive, WrongShape, is_rounding, positive

_NORMAL = NormalDist()
_EULER_MASCHERONI = 0.5772156649015329
_SURE = 0.95
_TABLE = 2


class BadShare(Invalid):
    """A probability, a confidence or a share outside 0 to 1."""

    code = "performance.bad_share"

    def __init__(self, name: str, value: float) -> None:
        super().__init__(name, value)
        self.name, self.value = name, value

    def __str__(self) -> str:
        return f"{self.name} is {self.value}; pass a number above 0 and below 1, such as 0.95"


def sharpe_probability(
    ratio: float,
    *,
    days: float,
    benchmark: float = 0.0,
    skewness: float = 0.0,
    kurtosis: float = 0.0,
) -> float:
    """Estimate how likely the true Sharpe ratio is above a benchmark's.

    Args:
        ratio: Sharpe ratio of one day, over `days` returns.
        benchmark: the ratio of one day that must be beaten.
        skewness, kurtosis: of the daily returns; 0 and 0 for normal ones.
    Returns:
        A probability; NaN with fewer than 2 days, NaN among the numbers, or where the shape
        admits no error.
    Source:
        Bailey and Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier, PSR(SR*).
    """
    shape = _shape(ratio, skewness, kurtosis)
    if not shape > 0 or not days > 1 or not isfinite(benchmark):
        return np.nan
    return _NORMAL.cdf((ratio - benchmark) * sqrt((days - 1) / shape))


def expected_best_sharpe(trials: float, variance: float) -> float:
    """Tell the Sharpe ratio that the best of so many trials has by luck alone.

    sqrt(variance) * ((1 - g) * Z(1 - 1/N) + g * Z(1 - 1/(N e))), with g Euler's constant and Z the
    normal quantile.

    Args:
        trials: how many independent ones, 1 or more; need not be whole.
        variance: of the trials' Sharpe ratios.
    Returns:
        A ratio in the unit of the variance's root: 0 for one trial, NaN where variance is.
    Raises:
        NotPositive: trials below 1.
    Source:
        Bailey and Lopez de Prado (2014), The Deflated Sharpe Ratio, equation 1.
    """
    if not trials >= 1:
        raise NotPositive("trials", trials)
    return sqrt(variance) * _expected_maximum(trials) if variance >= 0 else np.nan


def deflated_sharpe_ratio(
    ratio: float,
    *,
    days: float,
    trials: float,
    variance: float,
    skewness: float = 0.0,
    kurtosis: float = 0.0,
) -> float:
    """Estimate how likely the true Sharpe ratio is above zero, the best of so many trials.

    It asks more than zero of the measured ratio: what the best of `trials` has by luck alone.

    Args:
        ratio: Sharpe ratio of one day of the trial that was chosen, over `days` returns.
        trials: how many were tried, this one included; `effective_trials` where they are alike.
        variance: of the trials' Sharpe ratios of one day.
        skewness, kurtosis: of the chosen trial's daily returns.
    Returns:
        A probability; below 0.95 luck explains the ratio well. NaN as `sharpe_probability`.
    Raises:
        NotPositive: trials below 1.
    Source:
        Bailey and Lopez de Prado (2014), The Deflated Sharpe Ratio: Correcting for Selection Bias,
        Backtest Overfitting and Non-Normality, equation 2.
    """
    return sharpe_probability(
        ratio,
        days=days,
        benchmark=expected_best_sharpe(trials, variance),
        skewness=skewness,
        kurtosis=kurtosis,
    )


def minimum_track_record(
    ratio: float,
    *,
    benchmark: float = 0.0,
    skewness: float = 0.0,
    kurtosis: float = 0.0,
    confidence: float = _SURE,
) -> float:
    """Tell how many days a Sharpe ratio must last before it is believed to beat a benchmark's.

    Args:
        ratio: Sharpe ratio of one day.
        benchmark: the ratio of one day that must be beaten.
        skewness, kurtosis: of the daily returns.
        confidence: how sure to be, 0.95 for one false claim in twenty.
    Returns:
        Days, not rounded; NaN where the ratio is not above the benchmark, which no length proves.
    Raises:
        BadShare: confidence outside 0 to 1.
    Source:
        Bailey and Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier, MinTRL.
    """
    if not 0 < confidence < 1:
        raise BadShare("confidence", confidence)
    shape = _shape(ratio, skewness, kurtosis)
    if not shape > 0 or not ratio > benchmark:
        return np.nan
    return 1.0 + shape * (_NORMAL.inv_cdf(confidence) / (ratio - benchmark)) ** 2


def minimum_backtest_length(trials: float, sharpe: float = 1.0) -> float:
    """Tell how many years a backtest must span, that the best of so many trials is no mere luck.

    On fewer years the best of `trials` strategies without any merit is expected to show a yearly
    Sharpe ratio of `sharpe` or more.

    Args:
        trials: how many independent ones.
        sharpe: yearly Sharpe ratio, above zero.
    Returns:
        Years; 0 for one trial.
    Raises:
        NotPositive: trials below 1, sharpe not above zero.
    Source:
        Bailey, Borwein, Lopez de Prado and Zhu (2014), Pseudo-Mathematics and Financial
        Charlatanism, theorem 2 (MinBTL).
    """
    if not trials >= 1:
        raise NotPositive("trials", trials)
    return float((_expected_maximum(trials) / positive(sharpe, "sharpe")) ** 2)


def effective_trials(trials: float, correlation: float) -> float:
    """Tell how many independent trials correlated ones are worth: c + (1 - c) * trials.

    Args:
        trials: how many were tried.
        correlation: mean correlation between their returns, as `mean_correlation` gives it.
    Returns:
        A number between 1 and trials.
    Raises:
        NotPositive: trials below 1.
    Source:
        Bailey and Lopez de Prado (2014), The Deflated Sharpe Ratio, appendix 3.
    """
    if not trials >= 1:
        raise NotPositive("trials", trials)
    alike = min(max(correlation, 0.0), 1.0)
    return alike + (1.0 - alike) * trials


def mean_correlation(returns: ArrayLike) -> float:
    """Measure the mean correlation between each two trials, in time that grows with their number.

    Args:
        returns: (d, n) daily returns, a column for each trial.
    Returns:
        -1 to 1; trials that do not vary are left out, and NaN where fewer than two are left.
    Raises:
        WrongShape: another shape.
    """
    table = np.asarray(returns, dtype=np.float64)
    if table.ndim != _TABLE:
        raise WrongShape("returns", table.shape, "(days, trials), a column for each trial")
    if len(table) < _TABLE:
        return np.nan
    centred = table - table.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    moving = ~is_rounding(spread, table.mean(axis=0))
    count = int(moving.sum())
    if count < _TABLE:
        return np.nan
    # The squared length of the sum of unit columns holds every pair twice, and each by itself.
    together = (centred[:, moving] / spread[moving]).sum(axis=1)
    return float((together @ together - count) / (count * (count - 1)))


def _shape(ratio: float, skewness: float, kurtosis: float) -> float:
    """What non-normal returns make of the variance of a Sharpe ratio, times the days."""
    return 1.0 - skewness * ratio + (kurtosis + 2.0) / 4.0 * ratio**2


def _expected_maximum(trials: float) -> float:
    """Expected maximum of so many standard normal draws, by extreme value theory."""
    if trials == 1:
        return 0.0
    best = _NORMAL.inv_cdf(1.0 - 1.0 / trials)
    beyond = _NORMAL.inv_cdf(1.0 - 1.0 / (trials * e))
    # Between one trial and two the two quantiles fall below zero, where one draw's mean lies.
    return max((1.0 - _EULER_MASCHERONI) * best + _EULER_MASCHERONI * beyond, 0.0)
