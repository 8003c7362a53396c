"""One call: a strategy, some data and a space of parameters; a row of figures for each set."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.analysis import without_ruin
from quantloom.backtest.event import Progress
from quantloom.backtest.executors import QuickWay
from quantloom.backtest.lowering.refusals import NotCompilable
from quantloom.backtest.preparing import Prepared, RunSettings, prepare
from quantloom.backtest.quick import NeedsEventEngine, QuickRun, QuickRunner
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.sweeps.figures import METRICS
from quantloom.backtest.sweeps.plans import PLANS, Plan
from quantloom.backtest.sweeps.spaces import ParameterSets, Space, Values, read_sets
from quantloom.backtest.sweeps.suitability import quick_way_of, why_not
from quantloom.backtest.sweeps.swept import Sweep, run_set
from quantloom.backtest.trial_count import Lineage, TrialSums, digest_of
from quantloom.backtest.trials import Trials, count_trials
from quantloom.errors import Invalid
from quantloom.kit import FloatArray, freeze, objects
from quantloom.performance import BLOCKS, block_sums, power_sums, trial_shapes
from quantloom.strategy import BadParameter, Strategy, code_digest

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyData
    from quantloom.backtest.sweeps.fusing import Fused


class BadWorkers(Invalid):
    """A sweep by no thread at all."""

    code = "sweep.bad_workers"

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.workers = workers

    def __str__(self) -> str:
        return f"workers is {self.workers!r}; give 1 or more, or None for one for each core"


def sweep(
    strategy: type[Strategy] | str,
    data: "AnyData | Mapping[str, AnyData]",
    space: Space,
    *,
    workers: int | None = None,
    warm_up: int = 0,
    progress: Progress | None = None,
    trials: Trials = True,
    **settings: Any,
) -> Sweep:
    """Measure a strategy with every set of a space of parameters.

    ```python
    found = sweep("sma-cross", "AAPL.csv", {"fast": range(5, 50), "slow": range(50, 200, 5)})
    best = found.run(found.best("sharpe_ratio"))
    ```

    Sets run in compiled kernels where strategy and settings allow it, one at a time by their
    signals where these alone make a run, and by whole backtests otherwise; figures are those of a
    single `backtest` whichever it was, and `Sweep.executor` tells. Memory does not grow with the
    bars of all sets together: of each set a row is kept.

    Args:
        strategy, data: as `backtest` takes them.
        space: choices of each parameter by name, of which all combinations are swept, the last name
            changing fastest; or a list of sets. A set that the strategy refuses is a row with its
            problem.
        workers: threads; one for each core where not given. They change nothing but the time.
        warm_up: bars that are seen before the first signal counts, at least.
        progress: called with steps done and steps in all; raising stops the sweep.
        trials: whether the sets are counted as trials of the strategy, all at once; or the folder
            of another ledger than the user's own.
        settings: all else that `backtest` takes; `parameters` are those that all sets share.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    if workers is not None and workers < 1:
        raise BadWorkers(workers)
    asked = RunSettings(**settings)
    fixed = asked.parameters or {}
    prepared = prepare(strategy, data, replace(asked, parameters=None))
    sets = read_sets(prepared.strategy, space, fixed)
    prepared = replace(prepared, spec=replace(prepared.spec, parameters=dict(fixed)))
    found = _Job(prepared, sets, workers or os.cpu_count() or 1, warm_up, progress).sweep()
    return found if trials is False else _counted(found, trials)


def _counted(found: Sweep, trials: Trials) -> Sweep:
    """Count all sets that ran as trials, with one line of the ledger."""
    spec, strategy = found.prepared.spec, found.prepared.strategy
    ran = found.executors != ""
    shapes = trial_shapes(found.blocks, found.powers)
    sums = TrialSums.of(shapes.sharpe[ran], shapes.days[ran])
    outcome = hashlib.blake2b(found.blocks.tobytes(), digest_size=8).hexdigest()
    key = digest_of("sweep", spec.digest(), code_digest(strategy), str(sums.count), outcome)
    lineage = Lineage.of(strategy, spec.symbols)
    return replace(found, trials=count_trials(lineage, key, sums, trials=trials))


@dataclass(slots=True)
class _Job:
    """A sweep at work: its rows are filled in by one executor after the other."""

    prepared: Prepared
    sets: ParameterSets
    workers: int
    warm_up: int
    progress: Progress | None
    problems: dict[int, str] = field(default_factory=dict)
    metrics: dict[str, FloatArray] = field(default_factory=dict)
    executors: NDArray[Any] = field(init=False)
    blocks: FloatArray = field(init=False)
    powers: FloatArray = field(init=False)
    held: FloatArray = field(init=False)
    curves: dict[int, Callable[[], FloatArray]] = field(default_factory=dict)
    way: QuickWay | None = field(init=False)
    runner: QuickRunner | None = None

    def __post_init__(self) -> None:
        count = len(self.sets)
        self.way = quick_way_of(self.prepared)
        self.problems |= self.sets.problems
        self.executors = np.full(count, "", dtype=object)
        self.blocks, self.powers = np.zeros((count, BLOCKS, 3)), np.zeros((count, 2))
        self.held = np.zeros(count)

    def sweep(self) -> Sweep:
        plan, rows = PLANS.get(self.prepared.strategy), self.open_rows()
        reason = "no plan" if plan is None else why_not(self.prepared)
        if plan is not None and not reason:
            self.refuse(plan, rows)
            fits = self.open_rows()
            if fits:
                self.fuse(plan, fits)
            reason = "orders that fill in part"
        left = self.open_rows()
        for done, row in enumerate(left, 1):
            self.run_alone(row)
            if self.progress is not None:
                self.progress(done, len(left))
        return self.gathered(reason if left else "")

    def open_rows(self) -> list[int]:
        """Rows that nothing has run or refused so far."""
        has_run = self.executors.tolist()
        return [row for row in range(len(has_run)) if row not in self.problems and not has_run[row]]

    def refuse(self, plan: Plan, rows: Sequence[int]) -> None:
        """Write down why sets are refused whose values do not fit each other."""
        name = self.prepared.strategy.__name__
        for row in rows:
            found = plan.refusal(self.sets.values[row])
            if found is not None:
                self.problems[row] = str(BadParameter(name, *found))

    def fuse(self, plan: Plan, rows: Sequence[int]) -> None:
        """Run rows in the kernels, but for those that turn out odd."""
        # Here and not above: it loads numba, which whole backtests may do without.
        from quantloom.backtest.sweeps.fusing import fuse  # noqa: PLC0415

        sets = [self.sets.values[row] for row in rows]
        found = fuse(
            self.prepared,
            plan,
            sets,
            warm_up=self.warm_up,
            workers=self.workers,
            progress=self.progress,
        )
        self.keep(rows, found, "fused")

    def keep(self, rows: Sequence[int], found: "Fused", executor: str) -> None:
        fits = ~found.is_odd
        there = np.asarray(rows)[fits]
        for name, column in found.metrics.items():
            self.column(name)[there] = column[fits]
        self.blocks[there], self.powers[there] = found.blocks[fits], found.powers[fits]
        self.executors[there], self.held[there] = executor, found.held[fits]
        self.curves |= {
            row: partial(found.curve, place) for place, row in enumerate(rows) if fits[place]
        }

    def run_alone(self, row: int) -> None:
        """Run one set in the core alone, or by a whole backtest."""
        values = self.sets.values[row]
        try:
            run = self.run_quick(values)
            made = run or run_set(self.prepared, values, self.warm_up)
        except BadParameter as error:
            self.problems[row] = str(error)
            return
        for name, value in made.metrics.as_dict().items():
            if name in METRICS and value is not None:
                self.column(name)[row] = value
        returns = without_ruin(made.daily["return"])
        self.blocks[row], self.powers[row] = block_sums(returns), power_sums(returns)
        self.held[row] = held_by(made)
        self.executors[row] = "backtests" if run is None else self.way

    def run_quick(self, values: Values) -> QuickRun | None:
        """Run a set in floats; None where its backtest has to be made."""
        if self.way is None:
            return None
        if self.runner is None:
            self.runner = QuickRunner(self.prepared, self.way, self.warm_up)
        try:
            run = self.runner.run(values)
        except (NeedsEventEngine, NotCompilable):
            return None
        return None if run.doubts else run

    def column(self, name: str) -> FloatArray:
        if name not in self.metrics:
            self.metrics[name] = np.full(len(self.sets), np.nan)
        return self.metrics[name]

    def gathered(self, reason: str) -> Sweep:
        problems = np.full(len(self.sets), "", dtype=object)
        for row, text in self.problems.items():
            problems[row] = text
        names = self.prepared.strategy.parameters
        columns = {name: _column([one[name] for one in self.sets.values]) for name in names}
        return Sweep(
            prepared=self.prepared,
            parameters={name: freeze(column) for name, column in columns.items()},
            metrics={name: freeze(self.column(name)) for name in METRICS},
            problems=freeze(problems),
            executors=freeze(self.executors),
            blocks=freeze(self.blocks),
            powers=freeze(self.powers),
            held=freeze(self.held),
            reason=reason,
            warm_up=self.warm_up,
            curves=self.curves,
        )


def held_by(made: QuickRun | BacktestResult) -> float:
    """Signed quantity that is still open at the end."""
    if isinstance(made, QuickRun):
        return float(made.quantity[-1])
    return float(made.positions.floats("quantity").sum())


def _column(values: list[Any]) -> NDArray[Any]:
    return objects(values) if isinstance(values[0], str) else np.array(values)
