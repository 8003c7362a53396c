"""Drawing runs that might have happened: days in blocks, because days are not independent."""

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray, IntArray
from quantloom.performance.series import column, positive, varies

Seed = int | Generator
"""A seed, or the generator to draw from."""

_FEWEST = 8
_QUIET_RUN = 5


def optimal_block_length(returns: ArrayLike) -> float:
    """Tell how long the blocks of a stationary bootstrap should be on average.

    Args:
        returns: (n,) returns of equal periods.
    Returns:
        A length of 1 or more, above 1 where returns depend on those before them; 1 with fewer than
        8 returns or where they do not vary.
    Raises:
        NotFinite, WrongShape: returns with NaN.
    Source:
        Politis and White (2004), Automatic Block-Length Selection for the Dependent Bootstrap,
        with the correction of Patton, Politis and White (2009).
    """
    values = column(returns, "returns")
    days = len(values)
    if days < _FEWEST or not varies(values):
        return 1.0
    quiet = max(_QUIET_RUN, int(np.log10(days)))
    most = int(np.ceil(np.sqrt(days))) + quiet
    covariance = _autocovariance(values, min(most, days - 1))
    last = _last_lag_that_matters(covariance / covariance[0], days, quiet)
    lags = np.arange(1, min(2 * last, len(covariance) - 1) + 1)
    # A flat-top window: full weight up to half of the lags, then falling to none.
    weight = np.minimum(1.0, 2.0 * (1.0 - lags / lags[-1]))
    spectrum = covariance[0] + 2.0 * (weight * covariance[lags]).sum()
    slope = 2.0 * (weight * lags * covariance[lags]).sum()
    if spectrum <= 0:
        return 1.0
    best = (slope**2 / spectrum**2) ** (1 / 3) * days ** (1 / 3)
    return float(np.clip(best, 1.0, np.ceil(min(3.0 * np.sqrt(days), days / 3.0))))


def stationary_rows(days: int, *, block: float, draws: int, generator: Generator) -> IntArray:
    """Draw the days of so many runs: blocks of random length from random places, end to start.

    Args:
        days: how many there are, and how many each run has.
        block: mean length of a block, 1 or more; 1 draws every day by itself.
        draws: how many runs.
    Returns:
        (draws, days) rows of days.
    Raises:
        NotPositive: no day, no draw, a block below 1.
    Source:
        Politis and Romano (1994), The Stationary Bootstrap.
    """
    positive(days, "days")
    positive(draws, "draws")
    chance = 1.0 / max(positive(block, "block"), 1.0)
    starts = generator.integers(0, days, size=(draws, days))
    begins = generator.random((draws, days)) < chance
    begins[:, 0] = True
    place = np.arange(days)
    begun = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    return np.asarray((np.take_along_axis(starts, begun, axis=1) + place - begun) % days)


def _autocovariance(values: FloatArray, lags: int) -> FloatArray:
    centred = values - values.mean()
    return np.array(
        [centred[lag:] @ centred[: len(centred) - lag] / len(centred) for lag in range(lags + 1)]
    )


def _last_lag_that_matters(correlation: FloatArray, days: int, quiet: int) -> int:
    """The lag after which `quiet` correlations in a row are no more than noise; 1 at least."""
    noise = 2.0 * np.sqrt(np.log10(days) / days)
    loud = np.flatnonzero(np.abs(correlation[1:]) >= noise) + 1
    gaps = np.diff(loud, prepend=0, append=len(correlation) + quiet)
    first = int(np.argmax(gaps > quiet))
    return max(int(loud[first - 1]) if first else 0, 1)
