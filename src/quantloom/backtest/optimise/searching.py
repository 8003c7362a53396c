"""The loop that carries a study out: sets are asked for, run, kept and judged."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from quantloom.backtest.optimise.spaces import NothingAllowed
from quantloom.backtest.optimise.spec import EarlyStop
from quantloom.backtest.optimise.store import OtherStudy, Store
from quantloom.backtest.optimise.study import Limits, Study, span_times
from quantloom.backtest.optimise.trial import Evaluator, Span, Trial, rank
from quantloom.errors import Conflict, Invalid
from quantloom.kit import from_ns
from quantloom.strategy import Value


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
"""Told how far a search is, after each set."""


def search(
    study: Study,
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
            record = {"spec": study.spec.plain(), "ledger": study.ledger(), **(note or {})}
            store = stack.enter_context(Store(folder, study.spec.identity, record))
        runner = evaluator
        if runner is None:
            runner = study.evaluator(limits.processes)
            stack.callback(runner.close)
        under_way = _Search(study, limits, runner=runner, store=store, notify=notify)
        return under_way.go(), runner.executor


class _Search:
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
                self._refuse_nothing()
                break
            found = self._try_batch(sets)
            if len(found) < len(sets):
                break
            sampler.tell(found)
            if len(self.trials) == len(sets):
                self._refuse_failure()
        return self.trials

    def _refuse_nothing(self) -> None:
        """Say that constraints leave nothing to try, where that is so."""
        space = self.study.space
        if not self.trials and space.constraints:
            raise NothingAllowed(space.names, tuple(one.text for one in space.constraints))

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
