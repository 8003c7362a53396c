"""A search for parameters as plain values, and the loop that carries it out."""

import hashlib
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from quantloom.backtest.optimise import fused
from quantloom.backtest.optimise.evaluate import HereEvaluator, Job
from quantloom.backtest.optimise.pool import PoolEvaluator
from quantloom.backtest.optimise.samplers import (
    FIXED_METHODS,
    Sampler,
    sampler_of,
)
from quantloom.backtest.optimise.spaces import Axis, Space
from quantloom.backtest.optimise.store import OtherStudy, Store
from quantloom.backtest.optimise.trial import (
    WHOLE,
    Evaluator,
    Objective,
    Span,
    Trial,
    rank,
)
from quantloom.backtest.preparing import Prepared
from quantloom.backtest.trial_count import Lineage, TrialSums
from quantloom.backtest.trials import Trials, count_search
from quantloom.errors import Conflict, Invalid
from quantloom.kit import from_ns
from quantloom.market import get_calendar
from quantloom.strategy import Value, code_digest

LOOKED_AT = frozenset({"done", "stopped"})
"""States of trials whose figures somebody saw."""

_USUAL_TRIALS: Mapping[str, int] = {"random": 100, "genetic": 320, "bayesian": 96}


class BadStudy(Invalid):
    """A setting of a search that it cannot be carried out with."""

    code = "optimise.bad_study"

    def __init__(self, setting: str, value: object, wanted: str) -> None:
        super().__init__(setting, value, wanted)
        self.setting, self.value, self.wanted = setting, value, wanted

    def __str__(self) -> str:
        return f"{self.setting} is {self.value}; it must be {self.wanted}"


class EverySetFails(Invalid):
    """No set of parameters could be run at all."""

    code = "optimise.every_set_fails"

    def __init__(self, count: int, problem: str) -> None:
        super().__init__(count, problem)
        self.count, self.problem = count, problem

    def __str__(self) -> str:
        return f"all of the first {self.count} sets failed, the first one with: {self.problem}"


class JudgedAmongFewer(Conflict):
    """A search that ended within a batch, whose sets an early stop judges together."""

    code = "optimise.judged_among_fewer"

    def __init__(self, folder: Path, kept: int, batch: int) -> None:
        super().__init__(folder, kept, batch)
        self.folder, self.kept, self.batch = folder, kept, batch

    def __str__(self) -> str:
        return (
            f"{self.folder} ended after {self.kept} sets, within a batch of {self.batch}; an early "
            "stop judges a batch together, and among all of it some of these would fare otherwise. "
            f"Begin in another folder, and end searches at a multiple of {self.batch} sets"
        )


@dataclass(frozen=True, slots=True)
class EarlyStop:
    """Give sets up that look hopeless on the first part of the data.

    The sets of a batch are judged together: on each part in turn, the best share goes on, and what
    is left of them in the end is run over all data (successive halving).

    Attributes:
        parts: shares of the data, rising, such as (0.25,).
        keep: which share of the sets goes on from each.
    """

    parts: tuple[float, ...] = (0.25,)
    keep: float = 0.5

    def __post_init__(self) -> None:
        if not self.parts or not all(0 < one < 1 for one in self.parts):
            raise BadStudy("early stop", self.parts, "after shares of the data between 0 and 1")
        if [*self.parts] != sorted(set(self.parts)):
            raise BadStudy("early stop", self.parts, "after rising shares of the data")
        if not 0 < self.keep < 1:
            raise BadStudy("early stop", self.keep, "a share to keep between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySpec:
    """What is searched, in plain values: a service can store it, and share its sets out.

    Attributes:
        strategy, symbols, timeframe, start, end: what is backtested; times are ISO 8601.
        axes, constraints, fixed: the space.
        objectives: such as `max:sharpe_ratio`, the first one deciding what is best.
        batch: how many sets a method is asked for at a time.
        identity: SHA-256 of what the outcome depends on, by what it is of.
    """

    strategy: str
    symbols: tuple[str, ...]
    timeframe: str
    start: str
    end: str
    axes: tuple[Axis, ...]
    constraints: tuple[str, ...]
    fixed: Mapping[str, Value]
    objectives: tuple[str, ...]
    method: str
    seed: int
    batch: int
    early_stop: EarlyStop | None = None
    identity: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The spec as JSON can hold it; `spec_of` reads it."""
        return {
            **msgspec.to_builtins(replace(self, axes=())),
            "axes": [axis.plain() for axis in self.axes],
        }

    def digest(self) -> str:
        """SHA-256 of everything that the trials depend on."""
        told = msgspec.json.encode(dict(self.identity), order="deterministic")
        return _sha(told)

    def search_digest(self) -> str:
        """SHA-256 of everything that is looked at, whatever runs it."""
        looked_at = {name: one for name, one in self.identity.items() if name != "executor"}
        return _sha(msgspec.json.encode(looked_at, order="deterministic"))


def spec_of(plain: Mapping[str, Any]) -> StudySpec:
    """Read a spec of plain values."""
    axes = tuple(Axis.of_plain(one) for one in plain["axes"])
    names = StudySpec.__dataclass_fields__
    rest = {name: plain[name] for name in names if name != "axes"} | {"axes": ()}
    return replace(msgspec.convert(rest, StudySpec), axes=axes)


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
class OptimisationProgress:
    """How far a search is.

    Attributes:
        done, total: sets; the total is a bound where the space may hold fewer.
        best: the best trial so far, if one has a value.
        seconds_left: at the pace so far; None before there is one.
    """

    done: int
    total: int
    best: Trial | None = None
    seconds_left: float | None = None


Notify = Callable[[OptimisationProgress], None]
"""Told how far a search is, after each batch."""


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
        known = [one.metrics.get("sharpe_ratio") for one in trials if one.state in LOOKED_AT]
        sharpes = [math.nan if value is None else value / day for value in known]
        lineage = Lineage.of(self.prepared.strategy, self.prepared.spec.symbols)
        return count_search(lineage, self.spec.search_digest(), sharpes, trials=self.counted)

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

    def explore(
        self,
        limits: Limits,
        *,
        folder: Path | None = None,
        notify: Notify | None = None,
        evaluator: Evaluator | None = None,
        note: Mapping[str, Any] | None = None,
    ) -> tuple[list[Trial], str]:
        """Try sets until the limits are reached or none is left; go on where a study is kept.

        Args:
            folder: where trials are kept, and taken up again.
            evaluator: what runs the sets; left open.
            note: what else to write down with a study that begins.
        Returns:
            The trials in the order of their numbers, and what ran them.
        """
        with ExitStack() as stack:
            store = None
            if folder is not None:
                record = {"spec": self.spec.plain(), **(note or {})}
                store = stack.enter_context(Store(folder, self.spec.identity, record))
            runner = evaluator
            if runner is None:
                runner = self.evaluator(limits.processes)
                stack.callback(runner.close)
            walk = _Walk(self, limits, runner=runner, store=store, notify=notify)
            return walk.go(), runner.executor


class _Walk:
    """One go at a study, from its first set to its last, whatever was tried before."""

    def __init__(
        self,
        study: Study,
        limits: Limits,
        *,
        runner: Evaluator,
        store: Store | None,
        notify: Notify | None,
    ) -> None:
        self.study, self.runner, self.store, self.notify = study, runner, store, notify
        self.most = study.most(limits)
        self.begun_s = time.monotonic()
        self.until_s = math.inf if limits.seconds is None else self.begun_s + limits.seconds
        self.kept = [] if store is None else store.kept
        self.trials: list[Trial] = []
        self.best: Trial | None = None

    def go(self) -> list[Trial]:
        sampler, batch = self.study.sampler(), self.study.spec.batch
        while len(self.trials) < self.most and not self._is_over():
            sets = sampler.ask(min(batch, self.most - len(self.trials)))
            if not sets:
                break
            found = self._try_batch(sets)
            if len(found) < len(sets):
                break
            sampler.tell(found)
            if len(self.trials) == len(sets):
                self._refuse_failure()
        return self.trials

    def _try_batch(self, sets: Sequence[Mapping[str, Value]]) -> list[Trial]:
        first = len(self.trials)
        known = self.kept[first : first + len(sets)]
        for trial, values in zip(known, sets, strict=False):
            if self.store is not None and dict(trial.parameters) != values:
                raise OtherStudy(self.store.folder, ("sampler",))
        for trial in known:
            self._take(trial)
        if len(known) < len(sets):
            for trial in self._run(sets, len(known)):
                fresh = replace(trial, number=len(self.trials))
                if self.store is not None:
                    self.store.add([fresh])
                self._take(fresh)
                if self._is_over():
                    break
            if self.store is not None:
                self.store.sync()
        return self.trials[first:]

    def _run(self, sets: Sequence[Mapping[str, Value]], known: int) -> Iterator[Trial]:
        """Run the sets of a batch but for the first ones, which are known."""
        stop = self.study.spec.early_stop
        given_up: dict[int, Trial] = {}
        if stop is not None:
            given_up = self._give_up(sets, stop)
            self._refuse_other_verdicts(known, given_up)
        left = [place for place in range(known, len(sets)) if place not in given_up]
        running = self.runner.evaluate([sets[place] for place in left], self.study.span)
        for place in range(known, len(sets)):
            yield given_up[place] if place in given_up else next(running)

    def _refuse_other_verdicts(self, known: int, given_up: Mapping[int, Trial]) -> None:
        """Refuse to go on with sets that were judged among fewer, where that matters."""
        first = len(self.trials) - known
        for place, trial in enumerate(self.trials[first:]):
            verdict = given_up.get(place)
            is_stopped = verdict is not None and verdict.state == "stopped"
            if self.store is not None and is_stopped != (trial.state == "stopped"):
                raise JudgedAmongFewer(self.store.folder, len(self.kept), self.study.spec.batch)

    def _give_up(self, sets: Sequence[Mapping[str, Value]], stop: EarlyStop) -> dict[int, Trial]:
        """Judge a batch on each part of the data; a set that is known is judged once more."""
        found: dict[int, Trial] = {}
        left = [*range(len(sets))]
        for part in stop.parts:
            span = _first_part(self.study, part)
            tried = self.runner.evaluate([sets[place] for place in left], span)
            judged = [replace(one, number=at) for at, one in zip(left, tried, strict=True)]
            ranked = [one.number for one in rank(judged, self.study.objectives[:1])]
            going_on = {*ranked[: math.ceil(stop.keep * len(judged))]}
            for trial in judged:
                if trial.number not in going_on:
                    state = "stopped" if trial.state == "done" else trial.state
                    found[trial.number] = replace(trial, state=state)
            left = [place for place in left if place in going_on]
        return found

    def _take(self, trial: Trial) -> None:
        self.trials.append(trial)
        if trial.state == "done":
            pair = [trial] if self.best is None else [self.best, trial]
            self.best = next(iter(rank(pair, self.study.objectives)), None) or self.best
        if self.notify is not None:
            self.notify(self._progress())

    def _progress(self) -> OptimisationProgress:
        done = len(self.trials)
        # What was kept from before took no time now.
        fresh = done - len(self.kept)
        spent = time.monotonic() - self.begun_s
        left = None if fresh < 1 else spent / fresh * (self.most - done)
        bound = max(self.until_s - time.monotonic(), 0.0)
        return OptimisationProgress(
            done=done,
            total=self.most,
            best=self.best,
            seconds_left=None if left is None else min(left, bound),
        )

    def _is_over(self) -> bool:
        return time.monotonic() >= self.until_s

    def _refuse_failure(self) -> None:
        """Say at once what is wrong with all sets, before thousands more fail alike."""
        if self.trials and all(one.state == "failed" for one in self.trials):
            raise EverySetFails(len(self.trials), self.trials[0].problem)


def _first_part(study: Study, part: float) -> Span:
    """The first share of the bars that sets are tried on."""
    times = span_times(study.prepared, study.span)
    end = from_ns(int(times[min(max(int(part * len(times)), 1), len(times) - 1)]))
    return replace(study.span, end=end)


def span_times(prepared: Prepared, span: Span = WHOLE) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Open times of all bars in a span, whichever instrument they are of, each once."""
    start, end = span.start or prepared.spec.start, span.end or prepared.spec.end
    return np.unique(np.concatenate([one.between(start, end).ts for one in prepared.bars.values()]))


def identity_of(prepared: Prepared, spec: StudySpec, space: Space, executor: str) -> dict[str, str]:
    """Digests of all that the trials of a study depend on."""
    search = {
        "axes": [axis.plain() for axis in space.axes],
        "rest": [*spec.constraints, *spec.objectives, spec.method, spec.seed],
        # These two change what is tried only where sets depend on each other.
        "batch": spec.batch if spec.method not in FIXED_METHODS or spec.early_stop else 0,
        "early_stop": spec.early_stop,
        "fixed": dict(space.fixed),
    }
    run = replace(prepared.spec, parameters={}, strategy="")
    return {
        "strategy": code_digest(prepared.strategy),
        "data": _data_digest(prepared),
        "settings": run.digest(),
        "facts": prepared.facts.digest(),
        "search": _sha(msgspec.json.encode(search, order="deterministic")),
        "executor": executor,
    }


def _data_digest(prepared: Prepared) -> str:
    told = [one.digest() for one in prepared.bars.values()]
    told += [f"detail {one.digest()}" for one in (prepared.detail or {}).values()]
    if prepared.benchmark is not None:
        told.append(f"benchmark {prepared.benchmark.digest()}")
    return _sha("\n".join(told).encode())


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
