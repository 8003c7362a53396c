"""Whether two prices move together in the long run, by Engle and Granger's two steps."""

from dataclasses import dataclass

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import FloatArray

# Response surface of the critical values for two series with a constant, by 1 / observations.
# MacKinnon, Critical values for cointegration tests, Queen's working paper 1227 (2010), table 2.
# statsmodels has -33.527 for the third number of 1 %, which changes the third decimal at most.
_CRITICAL = {
    1: (-3.89644, -10.9519, -22.527),
    5: (-3.33613, -6.1101, -6.823),
    10: (-3.04445, -4.2412, -2.720),
}
LEVELS = tuple(_CRITICAL)
"""Levels of significance that are known, in percent."""
_LEAST = 20


class TooFewPrices(Invalid):
    """Too few prices, or of unequal number, to say whether two series move together."""

    code = "strategy.too_few_prices"

    def __init__(self, first: int, second: int) -> None:
        super().__init__(first, second)
        self.first, self.second = first, second

    def __str__(self) -> str:
        return (
            f"{self.first} and {self.second} prices are too few or do not match; "
            f"give {_LEAST} or more of each, of the same times"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """How the logarithm of one price goes with that of another.

    Attributes:
        ratio, constant: first = constant + ratio * second + spread, of log prices.
        deviation: standard deviation of the spread in the window, whose mean is 0.
        statistic: t of the Dickey-Fuller regression of the spread; the lower, the surer.
        count: prices of each.
    """

    ratio: float
    constant: float
    deviation: float
    statistic: float
    count: int

    def holds(self, level: int) -> bool:
        """Whether chance alone would give such a statistic less often than `level` percent.

        Args:
            level: 1, 5 or 10.
        """
        return self.statistic < critical_value(level, self.count - 1)

    def score(self, first: float, second: float) -> float:
        """The spread of two prices, in standard deviations."""
        spread = np.log(first) - self.constant - self.ratio * np.log(second)
        return float(spread / self.deviation) if self.deviation > 0 else float("nan")


def critical_value(level: int, count: int) -> float:
    """The statistic below which two series count as cointegrated.

    Args:
        level: 1, 5 or 10 percent.
        count: observations of the Dickey-Fuller regression's changes.
    Source:
        MacKinnon, Critical values for cointegration tests (2010), table 2.
    """
    limit, by_one, by_two = _CRITICAL[level]
    return limit + by_one / count + by_two / count**2


def fit_hedge(first: FloatArray, second: FloatArray, lags: int = 1) -> Hedge:
    """Regress one log price on another and test what is left for a return to its mean.

    Args:
        first, second: (n,) prices above zero at the same times, oldest first.
        lags: earlier changes of the spread in the test, against its own correlation.
    Raises:
        TooFewPrices: under 20, or not as many of each.
    Source:
        Engle and Granger, Co-integration and Error Correction, Econometrica 55 (1987); the same
        numbers as statsmodels' `coint` with `maxlag=lags, autolag=None`.
    """
    if len(first) != len(second) or len(first) < _LEAST:
        raise TooFewPrices(len(first), len(second))
    x, y = np.log(second), np.log(first)
    moves = x - x.mean()
    variance = float(moves @ moves)
    ratio = float(moves @ y) / variance if variance > 0 else 0.0
    constant = float(y.mean() - ratio * x.mean())
    spread = y - constant - ratio * x
    return Hedge(
        ratio=ratio,
        constant=constant,
        deviation=float(spread.std(ddof=1)),
        statistic=dickey_fuller(spread, lags),
        count=len(spread),
    )


def dickey_fuller(series: FloatArray, lags: int) -> float:
    """The t of the level in a regression of changes on it and on earlier changes, no constant.

    Returns:
        0.0, which speaks for nothing, where the regression has no solution.
    """
    changes = np.diff(series)
    rows = len(changes) - lags
    columns = [series[lags:-1]] + [changes[lags - lag : len(changes) - lag] for lag in _to(lags)]
    right, left = np.column_stack(columns), changes[lags:]
    inner = right.T @ right
    if rows <= lags + 1 or np.linalg.matrix_rank(inner) < lags + 1:
        return 0.0
    found = np.linalg.solve(inner, right.T @ left)
    rest = left - right @ found
    error = float(rest @ rest) / (rows - lags - 1) * float(np.linalg.inv(inner)[0, 0])
    return float(found[0]) / error**0.5 if error > 0 else 0.0


def _to(lags: int) -> range:
    return range(1, lags + 1)
