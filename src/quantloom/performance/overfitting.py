"""How likely the best of many trials is best by luck: each half of the days tells of the other.

Choosing the best trial on one half of the days and looking what became of it on the other half is
done for all ways to halve them. Where choosing works, the chosen is good on the other half as well;
where it fits noise, the chosen ends up below the median every second time.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray, IntArray
from quantloom.performance.blocks import COUNT, trial_blocks
from quantloom.performance.series import WrongShape, is_rounding

MOST_BLOCKS = 20
"""There are 184,756 ways to halve 20 blocks, and four times as many with each two more."""

_FEWEST_TRIALS = 2
# So few trials are done before a thread has started.
_SMALL = 64

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overfitting:
    """What every way to halve the days says of choosing the best trial.

    Attributes:
        trials, splits: how many trials there were, and how many ways to halve the days.
        probability: share of splits in which the trial that was best on one half is in the lower
            half of all trials on the other (PBO): 0.5 and above for pure noise.
        loss_probability: share of splits in which the chosen loses on the other half.
        slope, intercept: of the line through the chosen trials' Sharpe ratios of one day, on the
            other half (y) against the half that they were chosen on (x); a slope below zero says
            that the better it looked the worse it did. NaN where all looked alike.
        logits: (splits,) ln(w / (1 - w)) of the chosen's rank w on the other half, 0 to 1.
        chosen: (splits,) row of the trial that was best.
        sharpe_in, sharpe_out: (splits,) the chosen's Sharpe ratio of one day on the half that it
            was chosen on, and on the other; 0 where its returns do not vary.
    """

    trials: int
    splits: int
    probability: float
    loss_probability: float
    slope: float
    intercept: float
    logits: FloatArray = field(repr=False)
    chosen: IntArray = field(repr=False)
    sharpe_in: FloatArray = field(repr=False)
    sharpe_out: FloatArray = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Halves:
    """Every way to choose half of the blocks, in the order in which the kernels go through them.

    Attributes:
        order, bounds: subsets of the later blocks by their size, and where each size begins.
        days: days of each half. other: place of the half that each one leaves out.
    """

    order: IntArray
    bounds: IntArray
    days: FloatArray
    other: IntArray

    @classmethod
    def of(cls, counts: FloatArray) -> "_Halves":
        blocks = len(counts) // 2
        subsets = np.arange(1 << blocks)
        has = (subsets[:, None] >> np.arange(blocks)) & 1
        sizes = has.sum(axis=1)
        order = np.argsort(sizes, kind="stable")
        bounds = np.searchsorted(sizes[order], np.arange(blocks + 2))
        pieces = [order[bounds[blocks - size] : bounds[blocks - size + 1]] for size in sizes]
        early = np.repeat(subsets, [len(piece) for piece in pieces])
        later = np.concatenate(pieces)
        place = np.empty((len(subsets), len(subsets)), dtype=np.int64)
        place[early, later] = np.arange(len(early))
        days = (has @ counts[:blocks])[early] + (has @ counts[blocks:])[later]
        whole = len(subsets) - 1
        return cls(order, bounds, days, place[whole - early, whole - later])


def backtest_overfitting(sums: ArrayLike, *, workers: int | None = None) -> Overfitting:
    """Estimate the probability of backtest overfitting by combinatorially symmetric validation.

    All C(s, s / 2) ways to take half of the blocks are tried, 12,870 for 16 blocks, each with the
    exact Sharpe ratio of every trial on both halves.

    Args:
        sums: (n, s, 3) of `block_sums`, s even; the same days for all trials.
        workers: threads; as many as there are processors where None. They change no digit.
    Returns:
        Probabilities and what they are made of. Trials that rank equally share their ranks' mean.
    Raises:
        WrongShape: another shape, fewer than 2 trials, an odd number of blocks or more than
            `MOST_BLOCKS`, or trials with different days.
        NotFinite: NaN among the sums.
    Source:
        Bailey, Borwein, Lopez de Prado and Zhu (2017), The Probability of Backtest Overfitting.
    """
    blocks = _checked(trial_blocks(sums))
    halves = _Halves.of(blocks[0, :, COUNT])
    pieces = _pieces(blocks, workers)
    best, chosen = _best(pieces, halves)
    outside = _outside(blocks, halves, chosen)
    ranks = _ranks(pieces, halves, outside)
    share = ranks / (len(blocks) + 1)
    logits = np.log(share / (1.0 - share))
    sharpe_in = _sharpe(best, halves.days)
    sharpe_out = _sharpe(outside, halves.days[halves.other])
    slope, intercept = _line(sharpe_in, sharpe_out)
    return Overfitting(
        trials=len(blocks),
        splits=len(logits),
        probability=float((logits <= 0).mean()),
        loss_probability=float((sharpe_out < 0).mean()),
        slope=slope,
        intercept=intercept,
        logits=logits,
        chosen=chosen,
        sharpe_in=sharpe_in,
        sharpe_out=sharpe_out,
    )


def _checked(blocks: FloatArray) -> FloatArray:
    trials, count, _ = blocks.shape
    if trials < _FEWEST_TRIALS:
        raise WrongShape("sums", blocks.shape, "2 trials or more: one alone was not chosen")
    if count % 2 or not 0 < count <= MOST_BLOCKS:
        wanted = f"an even number of blocks, {MOST_BLOCKS} at most"
        raise WrongShape("sums", blocks.shape, wanted)
    if (blocks[:, :, COUNT] != blocks[0, :, COUNT]).any():
        raise WrongShape("sums", blocks.shape, "trials over the same days, block by block")
    return blocks


def _pieces(blocks: FloatArray, workers: int | None) -> list[tuple[int, FloatArray]]:
    """Trials in as many parts as there are threads, each with the row of its first one."""
    count = workers or os.cpu_count() or 1
    if len(blocks) < _SMALL:
        count = 1
    firsts = np.arange(count) * len(blocks) // count
    return list(zip(firsts.tolist(), np.split(blocks, firsts[1:]), strict=True))


def _best(pieces: list[tuple[int, FloatArray]], halves: _Halves) -> tuple[FloatArray, IntArray]:
    """The best score on each half and the row of the trial that has it."""
    from quantloom.performance.kernels.splits import find_best  # noqa: PLC0415  numba loads late

    shares = 1.0 / halves.days
    found = _threaded(
        pieces,
        lambda first, part: find_best(part, halves.order, halves.bounds, shares, first),
    )
    best, chosen = next(found)
    for score, whose in found:
        is_better = score > best
        best, chosen = np.where(is_better, score, best), np.where(is_better, whose, chosen)
    return best, chosen


def _outside(blocks: FloatArray, halves: _Halves, chosen: IntArray) -> FloatArray:
    """What the chosen of each half scores on the other one."""
    from quantloom.performance.kernels.splits import score_halves  # noqa: PLC0415

    shares = 1.0 / halves.days
    found, scores = np.empty(len(chosen)), np.empty(len(chosen))
    by_trial = np.argsort(chosen, kind="stable")
    trials, starts = np.unique(chosen[by_trial], return_index=True)
    for trial, rows in zip(trials, np.split(by_trial, starts[1:]), strict=True):
        score_halves(blocks[trial], halves.order, halves.bounds, shares, scores)
        found[rows] = scores[halves.other[rows]]
    return found


def _ranks(
    pieces: list[tuple[int, FloatArray]], halves: _Halves, outside: FloatArray
) -> FloatArray:
    """The rank of the chosen among all trials on the other half, 1 for the worst."""
    from quantloom.performance.kernels.splits import count_below  # noqa: PLC0415

    shares = 1.0 / halves.days
    # Scores are counted where they are computed: on the other half.
    marks = outside[halves.other]
    found = list(
        _threaded(
            pieces, lambda _, part: count_below(part, halves.order, halves.bounds, shares, marks)
        )
    )
    below, equal = sum(one for one, _ in found), sum(one for _, one in found)
    return np.asarray(below + (equal + 1) / 2)[halves.other]


def _threaded(
    pieces: list[tuple[int, FloatArray]], work: Callable[[int, FloatArray], Found]
) -> Iterator[Found]:
    if len(pieces) == 1:
        yield work(*pieces[0])
        return
    with ThreadPoolExecutor(len(pieces)) as pool:
        yield from pool.map(lambda piece: work(*piece), pieces)


def _sharpe(scores: FloatArray, days: FloatArray) -> FloatArray:
    """Turn scores s * |s| / q back into Sharpe ratios of one day."""
    part = np.abs(scores)
    with np.errstate(all="ignore"):
        ratio = np.sqrt(part * (days - 1) / days / (days - part))
    return np.asarray(np.copysign(np.where(part > 0, ratio, 0.0), scores))


def _line(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    centred = x - x.mean()
    if is_rounding(x.std(), x.mean()):
        return np.nan, np.nan
    slope = float(centred @ y / (centred @ centred))
    return slope, float(y.mean() - slope * x.mean())
