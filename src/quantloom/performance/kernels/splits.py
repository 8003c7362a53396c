"""The Sharpe ratio of every trial over every half of the blocks, without keeping any of them.

A half is a subset of the first blocks and one of the others, whose sums are added up once for each
trial. The inner loops run over halves, not over trials, so that the machine does several at once.
"""

import numpy as np

from quantloom.kit import FloatArray, IntArray
from quantloom.kit.compiling import kernel

# The same as in `blocks`: what is left of equal returns is rounding.
_STEADY = 1e-12


@kernel
def _add_up(blocks: FloatArray, sums: FloatArray, squares: FloatArray) -> None:
    """Sum and squares of every subset of blocks; bit b of a subset's place is block b."""
    sums[0], squares[0] = 0.0, 0.0
    for block in range(len(blocks)):
        size = 1 << block
        for subset in range(size):
            sums[size + subset] = sums[subset] + blocks[block, 1]
            squares[size + subset] = squares[subset] + blocks[block, 2]


@kernel
def score_halves(
    trial: FloatArray, order: IntArray, bounds: IntArray, shares: FloatArray, scores: FloatArray
) -> None:
    """Score a trial on every half: s * |s| / q, which rises with the Sharpe ratio.

    Args:
        trial: (2 h, 3) block sums.
        order: (2^h,) subsets of the later blocks by their number of blocks.
        bounds: (h + 2,) where in `order` those of each number begin.
        shares: (halves,) one over the days of each half.
        scores: (halves,) written; 0 where returns do not vary.
    """
    blocks = len(trial) // 2
    subsets = 1 << blocks
    early = np.empty((2, subsets))
    later = np.empty((2, subsets))
    _add_up(trial[:blocks], early[0], early[1])
    _add_up(trial[blocks:], later[0], later[1])
    sums, squares = later[0][order], later[1][order]
    half = 0
    for subset in range(subsets):
        chosen = 0
        for block in range(blocks):
            chosen += (subset >> block) & 1
        first, end = bounds[blocks - chosen], bounds[blocks - chosen + 1]
        sum_before, squares_before = early[0, subset], early[1, subset]
        for place in range(end - first):
            total = sum_before + sums[first + place]
            square = squares_before + squares[first + place]
            spread = square - total * total * shares[half + place]
            score = total * abs(total) / square
            scores[half + place] = score if spread > _STEADY * square else 0.0
        half += end - first


@kernel
def find_best(
    trials: FloatArray,
    order: IntArray,
    bounds: IntArray,
    shares: FloatArray,
    first: int,
) -> tuple[FloatArray, IntArray]:
    """The best score on every half and whose it is; of equal ones the first.

    Args:
        trials: (n, 2 h, 3) block sums.
        first: what the first of them is called.
    """
    halves = len(shares)
    best = np.full(halves, -np.inf)
    whose = np.zeros(halves, dtype=np.int64)
    scores = np.empty(halves)
    for trial in range(len(trials)):
        score_halves(trials[trial], order, bounds, shares, scores)
        name = first + trial
        for half in range(halves):
            is_better = scores[half] > best[half]
            whose[half] = name if is_better else whose[half]
            best[half] = scores[half] if is_better else best[half]
    return best, whose


@kernel
def count_below(
    trials: FloatArray, order: IntArray, bounds: IntArray, shares: FloatArray, marks: FloatArray
) -> tuple[IntArray, IntArray]:
    """How many trials score below a mark on every half, and how many just as high."""
    halves = len(shares)
    below = np.zeros(halves, dtype=np.int64)
    equal = np.zeros(halves, dtype=np.int64)
    scores = np.empty(halves)
    for trial in range(len(trials)):
        score_halves(trials[trial], order, bounds, shares, scores)
        for half in range(halves):
            below[half] += 1 if scores[half] < marks[half] else 0
            equal[half] += 1 if scores[half] == marks[half] else 0
    return below, equal
