"""Whether the best set of parameters of a grid stands on a plateau or on a spike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray
from quantloom.performance.series import WrongShape

Verdict = Literal["plateau", "slope", "spike", "unknown"]

PLATEAU = 2 / 3
SPIKE = 1 / 3
"""Thirds of the best set's lead: neighbours that keep most of it, or lose most of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """How the neighbours of the best set do.

    Attributes:
        best: row of the best set, the first of equal ones.
        neighbours: rows of the sets that differ from it by one step of one parameter; of scattered
            sets the nearest ones.
        possible_neighbours: how many such sets a full grid would have; of scattered sets how many
            nearest ones are asked for.
        neighbour_mean, neighbour_worst: their metric; NaN where there is none.
        neighbour_spread: standard deviation of their metric; NaN of fewer than two.
        neighbour_rank: share of all sets that are not better than the neighbours' mean.
        same_sign_share: share of the neighbours whose metric has the sign of the best one's.
        score: share of the best set's lead over the median set that its neighbours keep, cut to 0
            to 1; NaN where there is no neighbour, or no lead.
        verdict: `plateau` from two thirds on, `spike` up to one third, `slope` between them.
        steadiest: row of the set whose median with its neighbours is highest: the middle of a
            plateau, and often the better choice.
        reach: of scattered sets by how much of its range a parameter of the farthest of those asked
            for differs; infinite where there are not so many, None on a grid.
    """

    best: int
    neighbours: tuple[int, ...]
    possible_neighbours: int
    neighbour_mean: float
    neighbour_worst: float
    neighbour_spread: float
    neighbour_rank: float
    same_sign_share: float
    score: float
    verdict: Verdict
    steadiest: int
    reach: float | None = None


def surface_stability(
    parameters: Mapping[str, Sequence[Any]], metric: ArrayLike, *, higher_is_better: bool = True
) -> Stability:
    """Tell whether the best set of parameters is one of many good ones, or alone.

    A strategy that works does so at neighbouring settings as well; what works at one setting only
    fits the noise of one history. Neighbours differ by one step of one parameter, a step leading to
    the next value that was tried; a parameter that is no number has no steps.

    Args:
        parameters: by name, (n,) values of each set.
        metric: (n,) what each set came to; NaN for one that has none, and sets may be missing.
        higher_is_better: False where the lowest is best.
    Raises:
        WrongShape: columns that are not as long as metric, or no set with a metric.
    Source:
        Pardo (2008), The Evaluation and Optimization of Trading Strategies, which asks for a smooth
        surface around the chosen set. The score is defined here: 1 where neighbours do as well as
        the best, 0 where they do no better than the median set, on any scale of the metric.
    """
    measured = np.asarray(metric, dtype=np.float64)
    check_columns(parameters, measured)
    height = measured if higher_is_better else -measured
    places = _Places(parameters, height)
    best = int(np.nanargmax(height))
    return judge(
        height,
        best,
        places.neighbours(best),
        higher_is_better=higher_is_better,
        possible=places.possible(best),
        steadiest=places.steadiest(),
    )


def judge(
    height: FloatArray,
    best: int,
    around: Sequence[int],
    *,
    higher_is_better: bool,
    possible: int,
    steadiest: int,
    reach: float | None = None,
) -> Stability:
    """Say of the best set what its neighbours say of it.

    Args:
        height: (n,) the metric, turned so that more is better.
        best: row of the best set.
        around: rows of its neighbours.
        possible, steadiest, reach: as `Stability` has them.
    """
    sign = 1.0 if higher_is_better else -1.0
    near, known = height[list(around)], height[np.isfinite(height)]
    median, top = float(np.median(known)), float(height[best])
    mean = float(near.mean()) if len(near) else np.nan
    score = float(np.clip((mean - median) / (top - median), 0.0, 1.0)) if top > median else np.nan
    return Stability(
        best=best,
        neighbours=tuple(around),
        possible_neighbours=possible,
        neighbour_mean=sign * mean,
        neighbour_worst=sign * float(near.min()) if len(near) else np.nan,
        neighbour_spread=float(near.std(ddof=1)) if len(near) > 1 else np.nan,
        neighbour_rank=float((known <= mean).mean()) if len(near) else np.nan,
        same_sign_share=float((np.sign(near) == np.sign(top)).mean()) if len(near) else np.nan,
        score=score,
        verdict=_verdict(score),
        steadiest=steadiest,
        reach=reach,
    )


class _Places:
    """The sets on their grid."""

    def __init__(self, parameters: Mapping[str, Sequence[Any]], height: FloatArray) -> None:
        columns, self._sizes = [], []
        for values in parameters.values():
            levels = sorted(set(values), key=_order)
            place = {value: at for at, value in enumerate(levels)}
            columns.append([place[value] for value in values])
            # What is no number has no next value.
            self._sizes.append(len(levels) if all(map(is_number, levels)) else 0)
        self._cells = list(zip(*columns, strict=True)) or [()] * len(height)
        known = np.isfinite(height)
        self._rows = {cell: row for row, cell in enumerate(self._cells) if known[row]}
        self._height = height

    def neighbours(self, row: int) -> list[int]:
        """Rows of the sets that are there, one step away."""
        return [self._rows[cell] for cell in self._around(row) if cell in self._rows]

    def possible(self, row: int) -> int:
        return sum(1 for _ in self._around(row))

    def steadiest(self) -> int:
        """The set whose median with its neighbours is highest.

        Two of four neighbours could be a lucky pair; so a set needs half of those possible.
        """
        scores = {}
        for row in self._rows.values():
            around = self.neighbours(row)
            if 2 * len(around) >= self.possible(row):
                scores[row] = float(np.median(self._height[[row, *around]]))
        found = scores or {row: float(self._height[row]) for row in self._rows.values()}
        return max(found, key=lambda row: (found[row], -row))

    def _around(self, row: int) -> Iterator[tuple[int, ...]]:
        cell = self._cells[row]
        for axis, size in enumerate(self._sizes):
            for step in (-1, 1):
                if 0 <= cell[axis] + step < size:
                    yield (*cell[:axis], cell[axis] + step, *cell[axis + 1 :])


def check_columns(parameters: Mapping[str, Sequence[Any]], metric: FloatArray) -> None:
    """Refuse columns that do not fit.

    Raises:
        WrongShape: columns that are not as long as metric, or no set with a metric.
    """
    if metric.ndim != 1 or not np.isfinite(metric).any():
        raise WrongShape("metric", metric.shape, "one value for each set, one at least not NaN")
    for name, values in parameters.items():
        if len(values) != len(metric):
            wanted = f"{len(metric)} rows, as many as metric has"
            raise WrongShape(name, (len(values),), wanted)


def is_number(value: object) -> bool:
    """Whether a value has a next one; True and False are choices."""
    is_bool = isinstance(value, bool | np.bool_)
    return not is_bool and isinstance(value, int | float | np.integer | np.floating)


def _order(value: Any) -> tuple[int, Any]:
    return (0, float(value)) if is_number(value) else (1, repr(value))


def _verdict(score: float) -> Verdict:
    if np.isnan(score):
        return "unknown"
    if score >= PLATEAU:
        return "plateau"
    return "spike" if score <= SPIKE else "slope"
