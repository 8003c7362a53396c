"""Whether the best of scattered sets of parameters stands on a plateau or on a spike."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray, IntArray
from quantloom.performance.surface import Stability, check_columns, is_number, judge

REACH = 0.25
"""By how much of its range each parameter of a neighbour may differ: a step of a grid of five."""

NEAREST = 4
"""How many neighbours are asked for at least."""

# Nearer sets are the best one under another name: that they do as well says nothing.
_SAME = 0.01
_CANDIDATES = 500


def scattered_stability(
    parameters: Mapping[str, Sequence[Any]], metric: ArrayLike, *, higher_is_better: bool = True
) -> Stability:
    """Tell of sets that lie on no grid whether the best one is one of many good ones, or alone.

    Each parameter is measured in parts of the range that was tried, and two sets are as far apart
    as the parameter in which they differ most. The neighbours are the nearest sets, twice as many
    as there are parameters with a range and at least `NEAREST`, of those with the best one's
    choices of what is no number. Sets nearer than a hundredth are left out.

    Where so many do not lie within `REACH`, none is taken and the verdict is `unknown`: what lies
    farther off says nothing of the neighbourhood. A good region narrower than `Stability.reach`
    looks like a spike. A search that learns tries more sets where they did well, so its neighbours
    lie nearer and its median set is better than one drawn by chance.

    Args:
        parameters: by name, (n,) values of each set.
        metric: (n,) what each set came to; NaN for one that has none.
        higher_is_better: False where the lowest is best.
    Returns:
        As `surface_stability`, with a `reach`; `steadiest` is looked for among the 500 best sets.
    Raises:
        WrongShape: columns that are not as long as metric, or no set with a metric.
    Source:
        The score is that of `surface_stability`, over nearest neighbours in place of grid steps.
    """
    measured = np.asarray(metric, dtype=np.float64)
    check_columns(parameters, measured)
    height = measured if higher_is_better else -measured
    cloud = _Cloud(parameters, height)
    best = int(np.nanargmax(height))
    around, reach = cloud.nearest(best)
    return judge(
        height,
        best,
        around.tolist(),
        higher_is_better=higher_is_better,
        possible=cloud.wanted,
        steadiest=cloud.steadiest(best),
        reach=reach,
    )


class _Cloud:
    """The sets with a metric, each parameter in parts of its range."""

    def __init__(self, parameters: Mapping[str, Sequence[Any]], height: FloatArray) -> None:
        self._height, self._rows = height, np.flatnonzero(np.isfinite(height))
        numbers, choices = [], []
        for values in parameters.values():
            own = [values[row] for row in self._rows.tolist()]
            if all(map(is_number, own)):
                numbers.append(_scaled(np.array(own, dtype=np.float64)))
            else:
                choices.append([repr(value) for value in own])
        ranged = [column for column in numbers if column.any()]
        count = len(self._rows)
        self._places = np.column_stack(ranged) if ranged else np.zeros((count, 0))
        self._chosen = _numbered(list(zip(*choices, strict=True)) or [()] * count)
        self.wanted = max(NEAREST, 2 * len(ranged))

    def nearest(self, row: int) -> tuple[IntArray, float]:
        """Rows of the neighbours, the nearest first, and how far the farthest asked for lies."""
        at = int(np.searchsorted(self._rows, row))
        apart = np.abs(self._places - self._places[at]).max(axis=1, initial=0.0)
        others = np.flatnonzero((apart >= _SAME) & (self._chosen == self._chosen[at]))
        order = others[np.argsort(apart[others], kind="stable")][: self.wanted]
        reach = float(apart[order[-1]]) if len(order) == self.wanted else np.inf
        return self._rows[order if reach <= REACH else order[:0]], reach

    def steadiest(self, best: int) -> int:
        """The set whose median with its neighbours is highest; the best one where none has any."""
        ranks = self._rows[np.argsort(-self._height[self._rows], kind="stable")]
        scores = {}
        for row in ranks[:_CANDIDATES].tolist():
            around, _ = self.nearest(row)
            if len(around):
                scores[row] = float(np.median(self._height[[row, *around]]))
        return max(scores, key=lambda row: (scores[row], -row), default=best)


def _scaled(values: FloatArray) -> FloatArray:
    spread = float(np.ptp(values))
    scaled: FloatArray = (values - values.min()) / (spread or 1.0)
    return scaled


def _numbered(keys: Sequence[tuple[str, ...]]) -> IntArray:
    numbers: dict[tuple[str, ...], int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
