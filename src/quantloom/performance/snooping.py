"""Whether the best of many trials beats a benchmark by more than the search itself explains."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from quantloom.kit import BoolArray, FloatArray
from quantloom.performance.resampling import Seed, optimal_block_length, stationary_rows
from quantloom.performance.series import NotFinite, WrongShape, column, is_rounding

_DRAWS = 1_000
_FEWEST_DAYS = 8
_TABLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoopingTest:
    """What a test of the best of many trials says.

    Attributes:
        best: column of the trial with the largest statistic.
        statistic: of the best one.
        p_value: how likely so good a best trial is where none is better than the benchmark; below
            0.05 luck explains it badly.
        p_lower, p_upper: the same as if every trial that is worse did not count, or counted as
            if it were as good as the benchmark (SPA); for the reality check both are `p_value`.
        block: mean length of the blocks that were drawn, in days.
    """

    best: int
    statistic: float
    p_value: float
    p_lower: float
    p_upper: float
    block: float


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Trials against a benchmark, and the means of resampled runs.

    Attributes:
        root: of the number of days. mean: (n,). means: (draws, n).
    """

    root: float
    mean: FloatArray
    means: FloatArray
    block: float


def reality_check(
    returns: ArrayLike,
    *,
    benchmark: ArrayLike | None = None,
    draws: int = _DRAWS,
    block: float | None = None,
    seed: Seed = 0,
) -> SnoopingTest:
    """Test whether the best trial beats a benchmark, knowing that it is the best of many.

    Args:
        returns: (d, n) daily returns, a column for each trial that was tried.
        benchmark: (d,) its returns; cash that earns nothing where None.
        draws: resampled runs. block: mean length of their blocks; found from the data where None.
        seed: or the generator to draw from.
    Returns:
        A p-value; trials that are far worse than the benchmark raise it (see `superior_ability`).
    Raises:
        WrongShape, NotFinite: other shapes, fewer than 8 days, NaN.
    Source:
        White (2000), A Reality Check for Data Snooping.
    """
    drawn = _draw(returns, benchmark, draws=draws, block=block, seed=seed)
    statistics = drawn.root * drawn.mean
    resampled = drawn.root * (drawn.means - drawn.mean).max(axis=1)
    p_value = _share_above(resampled, float(statistics.max()))
    return SnoopingTest(
        best=int(statistics.argmax()),
        statistic=float(statistics.max()),
        p_value=p_value,
        p_lower=p_value,
        p_upper=p_value,
        block=drawn.block,
    )


def superior_ability(
    returns: ArrayLike,
    *,
    benchmark: ArrayLike | None = None,
    draws: int = _DRAWS,
    block: float | None = None,
    seed: Seed = 0,
) -> SnoopingTest:
    """Test the same as `reality_check`, without being misled by trials that were hopeless.

    Each trial is measured in its own spread, and those that are clearly worse than the benchmark
    take no part.

    Args, Raises:
        As `reality_check`.
    Returns:
        The consistent p-value between its two bounds. Trials that do not vary are left out; 1
        where none does.
    Source:
        Hansen (2005), A Test for Superior Predictive Ability; spreads from the same resampled runs.
    """
    drawn = _draw(returns, benchmark, draws=draws, block=block, seed=seed)
    spread = drawn.root * np.sqrt(((drawn.means - drawn.mean) ** 2).mean(axis=0))
    varying = ~is_rounding(spread, drawn.mean)
    if not varying.any():
        return SnoopingTest(
            best=0, statistic=0.0, p_value=1.0, p_lower=1.0, p_upper=1.0, block=drawn.block
        )
    scores = np.where(varying, drawn.root * drawn.mean / np.where(varying, spread, 1.0), -np.inf)
    statistic = max(float(scores.max()), 0.0)
    hopeless = scores < -np.sqrt(2.0 * np.log(np.log(drawn.root**2)))
    centres = {
        "p_lower": np.maximum(drawn.mean, 0.0),
        "p_value": np.where(hopeless, 0.0, drawn.mean),
        "p_upper": drawn.mean,
    }
    shares = {
        name: _share_above(_largest(drawn, centre, spread, varying), statistic)
        for name, centre in centres.items()
    }
    return SnoopingTest(best=int(scores.argmax()), statistic=statistic, block=drawn.block, **shares)


def _largest(
    drawn: _Drawn, centre: FloatArray, spread: FloatArray, varying: BoolArray
) -> FloatArray:
    """The largest score of each resampled run, zero at least."""
    scores = drawn.root * (drawn.means - centre)[:, varying] / spread[varying]
    return np.asarray(np.maximum(scores.max(axis=1), 0.0))


def _share_above(resampled: FloatArray, statistic: float) -> float:
    # The measured run is one of those that may happen, so no p-value is ever zero.
    return float((1 + (resampled >= statistic).sum()) / (1 + len(resampled)))


def _draw(
    returns: ArrayLike,
    benchmark: ArrayLike | None,
    *,
    draws: int,
    block: float | None,
    seed: Seed,
) -> _Drawn:
    excess = _excess(returns, benchmark)
    days = len(excess)
    mean = excess.mean(axis=0)
    # One length for all, or the trials would not be resampled side by side; the best one's rules.
    length = optimal_block_length(excess[:, mean.argmax()]) if block is None else block
    generator: Generator = np.random.default_rng(seed)
    rows = stationary_rows(days, block=length, draws=draws, generator=generator)
    # How often each day was drawn is all that a mean needs: one product of matrices makes them all.
    counts = np.zeros((draws, days))
    np.add.at(counts, (np.arange(draws)[:, None], rows), 1.0 / days)
    return _Drawn(float(np.sqrt(days)), mean, counts @ excess, length)


def _excess(returns: ArrayLike, benchmark: ArrayLike | None) -> FloatArray:
    table = np.asarray(returns, dtype=np.float64)
    if table.ndim != _TABLE or len(table) < _FEWEST_DAYS or not table.shape[1]:
        wanted = f"(days, trials), {_FEWEST_DAYS} days or more, a column for each trial"
        raise WrongShape("returns", table.shape, wanted)
    if not np.isfinite(table).all():
        bad = np.flatnonzero(~np.isfinite(table).all(axis=1))
        raise NotFinite("returns", len(bad), int(bad[0]))
    if benchmark is None:
        return table
    return np.asarray(table - column(benchmark, "benchmark", len(table))[:, None])
