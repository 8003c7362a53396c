"""The arithmetic of combinatorial purged cross-validation: groups of days, splits and paths.

Source: Lopez de Prado (2018), Advances in Financial Machine Learning, chapters 7 and 12.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb

import numpy as np

from quantloom.backtest.optimise.spec import BadStudy
from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.performance import block_bounds
from quantloom.performance.blocks import STEADY

PIECES = 3
"""Of each group: the days that a test before it spoils, those in between, those before a test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folds:
    """How days are cut.

    Attributes:
        groups: how many contiguous groups of days there are.
        tests: how many of them each split is tested on.
        purge: days of training next to a test, on either side, that are left out, since a
            position held over the border is in both.
        embargo: further days left out after a test.
    """

    groups: int = 6
    tests: int = 2
    purge: int = 5
    embargo: int = 5

    def __post_init__(self) -> None:
        if not 0 < self.tests < self.groups:
            raise BadStudy("tests", self.tests, f"from 1 to {self.groups - 1}, fewer than groups")
        if self.purge < 0 or self.embargo < 0:
            raise BadStudy("purge or embargo", min(self.purge, self.embargo), "0 days or more")

    @property
    def splits(self) -> tuple[tuple[int, ...], ...]:
        """The groups that each split is tested on."""
        return tuple(combinations(range(self.groups), self.tests))

    @property
    def paths(self) -> int:
        """How many whole histories the tests of all splits make up."""
        return comb(self.groups - 1, self.tests - 1)

    def bounds(self, days: int) -> IntArray:
        """Where each piece of each group begins, and the end: (3 * groups + 1,).

        Raises:
            BadStudy: groups are too short for what is to be left out of them.
        """
        groups = block_bounds(days, self.groups)
        spoilt = 2 * self.purge + self.embargo
        shortest = int(np.diff(groups).min())
        if shortest <= spoilt:
            wanted = f"fewer: the shortest would have {shortest} days, and {spoilt} are left out"
            raise BadStudy("groups", self.groups, wanted)
        pieces = [
            (first, first + self.purge + self.embargo, end - self.purge)
            for first, end in pairwise(groups.tolist())
        ]
        return np.array([*(at for piece in pieces for at in piece), days], dtype=np.int64)

    def training(self, tested: Sequence[int]) -> BoolArray:
        """Which pieces are trained on: (groups, 3).

        A group after a test loses its first piece, one before a test its last.
        """
        is_test = np.zeros(self.groups, dtype=np.bool_)
        is_test[[*tested]] = True
        kept = np.repeat(~is_test[:, None], PIECES, axis=1)
        kept[1:, 0] &= ~is_test[:-1]
        kept[:-1, -1] &= ~is_test[1:]
        return kept

    def path_splits(self) -> IntArray:
        """For each path and group the split that tests it: (paths, groups).

        Each test of each split is used in one path, and once.
        """
        found = np.empty((self.paths, self.groups), dtype=np.int64)
        for group in range(self.groups):
            found[:, group] = [at for at, tested in enumerate(self.splits) if group in tested]
        return found


def sharpe_of_sums(sums: FloatArray) -> FloatArray:
    """The Sharpe ratio of one day of sums: (..., 3) to (...); NaN where returns do not vary."""
    count, total, squares = np.moveaxis(sums, -1, 0)
    with np.errstate(all="ignore"):
        mean = total / count
        spread = squares / count - mean**2
        # What is left of equal returns is rounding.
        spread = np.where(spread > STEADY * squares / count, spread, np.nan)
        ratio: FloatArray = mean / np.sqrt(spread * count / (count - 1))
    return ratio
