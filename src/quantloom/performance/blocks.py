"""What is kept of a trial's daily returns: sums over blocks of days, and no return itself.

Sixteen blocks of three numbers tell the Sharpe ratio of every half of a run, so that ten thousand
trials fit into four megabytes and can still be judged against each other (`overfitting`).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray, IntArray
from quantloom.performance.series import WrongShape, column, positive

BLOCKS = 16
"""Half of them can be chosen in 12,870 ways; Bailey et al. (2017) use 16 in their examples."""

COUNT, SUM, SQUARES = range(3)
"""The columns of block sums."""

CUBES, FOURTHS = range(2)
"""The columns of power sums."""

# What is left of the squares of equal returns after their mean is taken off is rounding, about
# 1e-16 of the squares for each of up to some thousand days; a true spread is far above.
STEADY = 1e-12

_DIMENSIONS = 3


def block_bounds(days: int, blocks: int = BLOCKS) -> IntArray:
    """Cut days into contiguous blocks as even as can be: block b is [b * days // blocks, ...).

    Returns:
        (blocks + 1,) rows: the first of each block, and the end. With fewer days
        than blocks some are empty.
    Raises:
        NotPositive: no block at all.
    """
    positive(blocks, "blocks")
    return np.arange(blocks + 1, dtype=np.int64) * days // blocks


def block_sums(returns: ArrayLike, blocks: int = BLOCKS) -> FloatArray:
    """Sum up daily returns over contiguous blocks of days, for `backtest_overfitting`.

    Args:
        returns: (d,) return of each trading day, oldest first; the first measured against the
            initial cash. All trials that are to be judged together must have the same days.
        blocks: how many.
    Returns:
        (blocks, 3): count, sum and sum of squares of the returns of each block.
    Raises:
        NotFinite, WrongShape, NotPositive: returns with NaN, blocks below 1.
    """
    values = column(returns, "returns")
    return sums_between(values, block_bounds(len(values), blocks))


def sums_between(returns: FloatArray, bounds: IntArray) -> FloatArray:
    """Sum up daily returns over pieces of days.

    Args:
        returns: (d,) oldest first, none of them NaN.
        bounds: (pieces + 1,) rising rows: the first of each piece, and the end.
    Returns:
        (pieces, 3): count, sum and sum of squares of the returns of each piece.
    """
    sums = np.empty((len(bounds) - 1, 3))
    for row, (first, end) in enumerate(pairwise(bounds.tolist())):
        piece = returns[first:end]
        sums[row, COUNT] = len(piece)
        sums[row, SUM] = piece.sum()
        sums[row, SQUARES] = piece @ piece
    return sums


def power_sums(returns: ArrayLike) -> FloatArray:
    """Sum up the third and fourth powers of a run's daily returns, for `trial_shapes`.

    Returns:
        (2,): sum of cubes, sum of fourth powers.
    Raises:
        NotFinite, WrongShape: returns with NaN.
    """
    values = column(returns, "returns")
    squares = values * values
    return np.array([squares @ values, squares @ squares])


@dataclass(frozen=True, slots=True, eq=False)
class TrialShapes:
    """What the returns of each trial look like, each (n,), NaN where returns do not vary.

    Attributes:
        days: how many returns there are.
        sharpe: mean over spread (ddof=1) of ONE day.
        skewness: third standardised moment, not corrected for small samples.
        kurtosis: fourth standardised moment less 3, as `kurtosis` has it, but not corrected.
    """

    days: FloatArray
    sharpe: FloatArray
    skewness: FloatArray
    kurtosis: FloatArray


def trial_shapes(sums: ArrayLike, powers: ArrayLike) -> TrialShapes:
    """Tell Sharpe ratio, skewness and kurtosis of trials from what was kept of them.

    Args:
        sums: (n, s, 3) of `block_sums`.
        powers: (n, 2) of `power_sums`.
    Raises:
        WrongShape, NotFinite: other shapes, or NaN.
    """
    blocks = trial_blocks(sums)
    high = np.asarray(powers, dtype=np.float64)
    if high.shape != (len(blocks), 2):
        raise WrongShape("powers", high.shape, f"({len(blocks)}, 2), as many rows as sums has")
    days, total, squares = blocks.sum(axis=1).T
    with np.errstate(all="ignore"):
        mean = total / days
        second, third, fourth = central_moments(days, mean, squares, high.T)
        second = np.where(second > STEADY * squares / days, second, np.nan)
        return TrialShapes(
            days,
            mean / np.sqrt(second * days / (days - 1)),
            third / second**1.5,
            fourth / second**2 - 3.0,
        )


def central_moments(
    days: FloatArray | float, mean: FloatArray, squares: FloatArray, powers: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Work out the second, third and fourth central moment of returns from their sums.

    Args:
        days: how many returns.
        mean: (n,) of them.
        squares: (n,) sum of their squares.
        powers: (2, n) sums of their cubes and of their fourth powers.
    """
    second = squares / days - mean**2
    cubes, fourths = powers[CUBES] / days, powers[FOURTHS] / days
    third = cubes - 3 * mean * squares / days + 2 * mean**3
    fourth = fourths - 4 * mean * cubes + 6 * mean**2 * squares / days - 3 * mean**4
    return second, third, fourth


def trial_blocks(sums: ArrayLike) -> FloatArray:
    """Give block sums of trials as float64, checked.

    Raises:
        WrongShape: not (n, s, 3).
        NotFinite: a sum that is NaN or infinite.
    """
    blocks = np.ascontiguousarray(sums, dtype=np.float64)
    if blocks.ndim != _DIMENSIONS or blocks.shape[-1] != 3:
        raise WrongShape("sums", blocks.shape, "(trials, blocks, 3), as block_sums gives them")
    column(blocks.ravel(), "sums")
    return blocks
