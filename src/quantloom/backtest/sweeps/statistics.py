"""The measures of many accounts at once, each as `performance.summarise` has it of one run.

What is summed up along the way stands in for the daily returns themselves, which a sweep never
keeps; values agree with those of a single run to about nine digits.
"""

from math import erfc, sqrt

import numpy as np

from quantloom.backtest.sweeps.figures import METRICS
from quantloom.backtest.sweeps.ground import Ground
from quantloom.backtest.sweeps.groups import Accounts
from quantloom.backtest.sweeps.kernels import plain
from quantloom.kit import FloatArray
from quantloom.performance.blocks import central_moments

_ROUNDING, _FEWEST_FOR_SHAPE = 1e-14, 4


def measure(ground: Ground, accounts: Accounts) -> dict[str, FloatArray]:
    """Measure accounts that have come to the end of the bars.

    Returns:
        (n,) of each of `METRICS`, NaN where a measure has no value.
    """
    kept = accounts.kept.T
    with np.errstate(all="ignore"):
        found = {
            **_of_curve(ground, kept),
            **_of_returns(ground, kept, accounts.sums),
            **_of_trips(kept),
            "exposure_ratio": _exposure(ground, kept),
            "turnover_ratio": _turnover(ground, kept),
            "commission": kept[plain.COMMISSION],
            "slippage": kept[plain.SLIPPAGE],
        }
    found["calmar_ratio"] = _over(found["annual_return"], found["max_drawdown_ratio"])
    found["recovery_factor"] = _over(found["total_return"], found["max_drawdown_ratio"])
    return {name: np.array(found[name]) for name in METRICS}


def _of_curve(ground: Ground, kept: FloatArray) -> dict[str, FloatArray]:
    final, years = kept[plain.BEFORE], ground.days / ground.periods
    growth = np.expm1(np.log(final / ground.cash) / years)
    has_year = (kept[plain.LOWEST] > 0) & (ground.days >= 2) & np.isfinite(growth)
    return {
        "final_equity": final,
        "net_profit": final - ground.cash,
        "trading_days": np.full(len(final), float(ground.days)),
        "total_return": final / ground.cash - 1.0,
        "annual_return": np.where(has_year, growth, np.nan),
        "max_drawdown_ratio": kept[plain.DEPTH],
    }


def _of_returns(ground: Ground, kept: FloatArray, sums: FloatArray) -> dict[str, FloatArray]:
    days, year = float(ground.days), sqrt(ground.periods)
    _, total, squares = sums.sum(axis=1).T
    mean = total / days
    spread = np.sqrt(np.maximum(squares - total * mean, 0.0) / (days - 1.0))
    is_known = (kept[plain.LOWEST] > 0) & (days >= 2)
    varies = is_known & (spread > _ROUNDING * (1.0 + np.abs(mean)))
    ratio = np.where(varies, mean / spread, np.nan)
    downside = np.sqrt(kept[plain.DOWN] / days)
    falls = is_known & (downside > _ROUNDING * (1.0 + np.abs(mean)))
    skewness, kurtosis = _shape(days, mean, squares, kept)
    has_shape = varies & (days >= _FEWEST_FOR_SHAPE)
    skewness = np.where(has_shape, skewness, np.nan)
    kurtosis = np.where(has_shape, kurtosis, np.nan)
    width = 1.0 - skewness * ratio + (kurtosis + 2.0) / 4.0 * ratio**2
    error = np.where(width > 0, np.sqrt(width / (days - 1.0)), np.nan)
    return {
        "annual_volatility": np.where(is_known, spread * year, np.nan),
        "sharpe_ratio": ratio * year,
        "sharpe_error": error * year,
        "probabilistic_sharpe_ratio": np.array([0.5 * erfc(-z / sqrt(2.0)) for z in ratio / error]),
        "sortino_ratio": np.where(falls, mean / downside * year, np.nan),
        "skewness": skewness,
        "kurtosis": kurtosis,
        "best_day_ratio": np.where(is_known, kept[plain.BEST], np.nan),
        "worst_day_ratio": np.where(is_known, kept[plain.WORST], np.nan),
    }


def _shape(
    days: float, mean: FloatArray, squares: FloatArray, kept: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Skewness and excess kurtosis, corrected for small samples, from sums of powers."""
    powers = kept[[plain.CUBES, plain.FOURTHS]]
    second, third, fourth = central_moments(days, mean, squares, powers)
    skewness = third / second**1.5 * np.sqrt(days * (days - 1)) / (days - 2)
    excess = (days + 1) * (fourth / second**2) - 3 * (days - 1)
    return skewness, excess * (days - 1) / ((days - 2) * (days - 3))


def _of_trips(kept: FloatArray) -> dict[str, FloatArray]:
    count, wins, losses = kept[plain.TRIPS], kept[plain.WINS], kept[plain.LOSSES]
    average_win, average_loss = _over(kept[plain.WON], wins), _over(kept[plain.LOST], losses)
    return {
        "round_trip_count": count,
        "win_rate": _over(wins, count),
        "profit_factor": _over(kept[plain.WON], -kept[plain.LOST]),
        "average_win": average_win,
        "average_loss": average_loss,
        "payoff_ratio": _over(average_win, -average_loss),
        "expectancy": _over(kept[plain.PROFIT], count),
    }


def _exposure(ground: Ground, kept: FloatArray) -> FloatArray:
    is_open = kept[plain.LOTS] != 0
    held = kept[plain.HELD] + np.where(is_open, ground.count - kept[plain.ROW], 0.0)
    share: FloatArray = held / (ground.count - ground.market.first)
    return share


def _turnover(ground: Ground, kept: FloatArray) -> FloatArray:
    average = (ground.cash + kept[plain.TOTAL]) / (ground.days + 1)
    a_year = kept[plain.TRADED] / (ground.days / ground.periods)
    is_known = (ground.days >= 2) & (average > 0)
    return np.where(is_known, _over(a_year, average), np.nan)


def _over(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Divide; NaN where there is no finite answer."""
    with np.errstate(all="ignore"):
        answer = np.asarray(top / bottom)
    return np.where(np.isfinite(answer), answer, np.nan)
