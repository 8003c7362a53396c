"""A search that is ready to be carried out, whole or in groups of its sets."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from quantloom.backtest.optimise import fused
from quantloom.backtest.optimise.evaluate import HereEvaluator, Job
from quantloom.backtest.optimise.pool import PoolEvaluator
from quantloom.backtest.optimise.samplers import (
    FIXED_METHODS,
    Sampler,
    sampler_of,
)
from quantloom.backtest.optimise.spaces import Space
from quantloom.backtest.optimise.spec import BadStudy, StudySpec
from quantloom.backtest.optimise.store import OtherStudy
from quantloom.backtest.optimise.trial import (
    WHOLE,
    Evaluator,
    Objective,
    Span,
    Trial,
)
from quantloom.backtest.preparing import Prepared
from quantloom.backtest.trial_count import Lineage, TrialSums
from quantloom.backtest.trials import Trials, count_search
from quantloom.kit import IntArray
from quantloom.market import get_calendar
from quantloom.strategy import Value

# States of trials whose figures somebody saw.
_LOOKED_AT = frozenset({"done", "stopped"})

_USUAL_TRIALS: Mapping[str, int] = {"random": 100, "genetic": 320, "bayesian": 96}


@dataclass(frozen=True, slots=True)
class SetGroup:
    """A part of a study's sets, for one of several workers.

    Attributes:
        study: `StudySpec.digest` of the study that it is of.
        first: number of its first set.
        sets: the parameters.
    """

    study: str
    first: int
    sets: tuple[Mapping[str, Value], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a search goes on, and on how many processes.

    Attributes:
        trials: sets at most; the usual number of the method where None.
        seconds: after which no set is begun; what was finished stays.
        workers: processes; as many as this one may use cores where None.
    """

    trials: int | None = None
    seconds: float | None = None
    workers: int | None = None

    def __post_init__(self) -> None:
        if self.trials is not None and self.trials < 1:
            raise BadStudy("trials", self.trials, "1 or more")
        if self.seconds is not None and not self.seconds > 0:
            raise BadStudy("seconds", self.seconds, "above 0")
        if self.workers is not None and self.workers < 1:
            raise BadStudy("workers", self.workers, "1 or more")

    @property
    def processes(self) -> int:
        """How many processes to use."""
        return self.workers or len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A search that is ready to be carried out.

    Attributes:
        span: the part of the data that sets are tried on.
        counted: whether, or in which data folder's ledger, its trials are counted.
    """

    spec: StudySpec
    space: Space
    objectives: tuple[Objective, ...]
    prepared: Prepared
    job: Job
    span: Span = WHOLE
    counted: Trials = False

    def count(self, trials: Sequence[Trial]) -> TrialSums | None:
        """Count trials in the ledger of the strategy's lineage, those of earlier goes once.

        Returns:
            All trials of the lineage; None where they are not counted.
        """
        calendar = get_calendar(self.prepared.spec.instrument.calendar)
        day = math.sqrt(calendar.periods_per_year)
        seen = [one for one in trials if one.state in _LOOKED_AT]
        known = [one.metrics.get("sharpe_ratio") for one in seen]
        return count_search(
            self.lineage,
            self.spec.search_digest(),
            sharpe=[math.nan if value is None else value / day for value in known],
            days=[one.trading_days for one in seen],
            trials=self.counted,
        )

    @property
    def lineage(self) -> Lineage:
        """What its trials are counted as."""
        return Lineage.of(self.prepared.strategy, self.prepared.spec.symbols)

    def ledger(self) -> dict[str, str | None] | None:
        """Where its trials are counted, in plain values; None where they are not."""
        if self.counted is False:
            return None
        folder = None if self.counted is True else str(Path(self.counted).resolve())
        return {"lineage": self.lineage.name, "folder": folder}

    def split(self, count: int) -> tuple[SetGroup, ...]:
        """Share all sets out in groups as even as can be, in order.

        Raises:
            BadStudy: the method settles its sets while it runs, so there are none to share out.
        """
        if self.spec.method not in FIXED_METHODS or self.spec.early_stop is not None:
            wanted = f"{' or '.join(FIXED_METHODS)}, without early stopping, to be shared out"
            raise BadStudy("method", self.spec.method, wanted)
        if count < 1:
            raise BadStudy("groups", count, "1 or more")
        sets = self.sampler().ask(self.most(Limits()))
        bounds = [place * len(sets) // count for place in range(count + 1)]
        digest = self.spec.digest()
        return tuple(
            SetGroup(digest, first, tuple(sets[first:end])) for first, end in pairwise(bounds)
        )

    def run_group(self, group: SetGroup, evaluator: Evaluator | None = None) -> list[Trial]:
        """Run one group, here and now.

        Raises:
            OtherStudy: the group is of another one.
        """
        if group.study != self.spec.digest():
            raise OtherStudy(Path(self.spec.strategy), ("digest",))
        runner = evaluator or HereEvaluator(self.job)
        found = runner.evaluate(group.sets, self.span)
        return [replace(one, number=group.first + at) for at, one in enumerate(found)]

    def sampler(self) -> Sampler:
        """A sampler at its beginning."""
        return sampler_of(
            self.spec.method,
            self.space,
            objectives=self.objectives,
            seed=self.spec.seed,
            batch=self.spec.batch,
        )

    def most(self, limits: Limits) -> int:
        """How many sets are tried at most."""
        usual = _USUAL_TRIALS.get(self.spec.method, math.inf)
        wanted = usual if limits.trials is None else limits.trials
        return int(min(wanted, self.space.size, 10**9))

    def evaluator(self, workers: int) -> Evaluator:
        """What runs the sets: the kernels of a sweep, this process, or several."""

        def backtests() -> Evaluator:
            return HereEvaluator(self.job) if workers == 1 else PoolEvaluator(self.job, workers)

        if self.spec.identity["executor"] != fused.NAME:
            return backtests()
        held = dict(self.space.fixed)
        return fused.FusedEvaluator(self.prepared, held, workers, backtests)


def span_times(prepared: Prepared, span: Span = WHOLE) -> IntArray:
    """Open times of all bars in a span, whichever instrument they are of, each once."""
    start, end = span.start or prepared.spec.start, span.end or prepared.spec.end
    return np.unique(np.concatenate([one.between(start, end).ts for one in prepared.bars.values()]))
