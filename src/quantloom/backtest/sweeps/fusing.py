"""Sets run by the kernels, and their figures; this module loads numba."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from quantloom.backtest.event import Progress
from quantloom.backtest.preparing import Prepared
from quantloom.backtest.sweeps.ground import Ground
from quantloom.backtest.sweeps.groups import Accounts, painted, planned_curve, run_planned
from quantloom.backtest.sweeps.kernels import plain
from quantloom.backtest.sweeps.plans import Plan
from quantloom.backtest.sweeps.spaces import Values
from quantloom.backtest.sweeps.statistics import measure
from quantloom.kit import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fused:
    """What the kernels found of n sets.

    Attributes:
        metrics: (n,) each. blocks: (n, s, 3). powers: (n, 2). held: (n,) quantity still open.
        is_odd: (n,) sets whose orders the lean account does not know; their figures are void.
        curve: equity at every bar of the set of a place.
    """

    metrics: dict[str, FloatArray]
    blocks: FloatArray
    powers: FloatArray
    held: FloatArray
    is_odd: BoolArray
    curve: Callable[[int], FloatArray]


def fuse(
    prepared: Prepared,
    plan: Plan,
    sets: Sequence[Values],
    *,
    warm_up: int,
    workers: int,
    progress: Progress | None,
) -> Fused:
    """Run sets of a planned class."""
    ground = Ground.of(prepared, warm_up)
    accounts = run_planned(ground, plan, sets, workers=workers, progress=progress)
    fills = accounts.kept[:, plain.FILLS].astype(int)

    def curve(place: int) -> FloatArray:
        if len(accounts.log):
            return painted(ground, accounts.log[: fills[0]])
        return planned_curve(ground, plan, sets[place], int(fills[place]))

    return _found(ground, accounts, curve)


def _found(ground: Ground, accounts: Accounts, curve: Callable[[int], FloatArray]) -> Fused:
    kept = accounts.kept
    return Fused(
        metrics=measure(ground, accounts),
        blocks=accounts.sums,
        powers=np.ascontiguousarray(kept[:, [plain.CUBES, plain.FOURTHS]]),
        held=kept[:, plain.LOTS] * float(ground.spec.instrument.lot),
        is_odd=kept[:, plain.ODD] < 0,
        curve=curve,
    )
