"""What a sweep leaves behind: one row of figures for each parameter set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.preparing import Prepared
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.run import run_backtest
from quantloom.backtest.tables import Table
from quantloom.backtest.trial_count import Lineage, TrialSums
from quantloom.backtest.trials import judged
from quantloom.errors import Conflict, Invalid, NotFound
from quantloom.kit import FloatArray
from quantloom.strategy import Value


class NoSuchColumn(NotFound):
    """A sweep was asked for a measure or a parameter that it does not have."""

    code = "sweep.no_such_column"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, known

    def __str__(self) -> str:
        return f"a sweep has no column {self.name!r}; it has {', '.join(self.known)}"


class NoSetWorked(Conflict):
    """The best of a sweep was asked for, and no set has the measure."""

    code = "sweep.no_set_worked"

    def __init__(self, by: str, sets: int, problem: str) -> None:
        super().__init__(by, sets, problem)
        self.by, self.sets, self.problem = by, sets, problem

    def __str__(self) -> str:
        why = f", the first because {self.problem}" if self.problem else ""
        return f"none of {self.sets} sets has a {self.by}{why}; sweep over other values"


class SetRefused(Invalid):
    """A set that the strategy refuses was to be run."""

    code = "sweep.set_refused"

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(row, problem)
        self.row, self.problem = row, problem

    def __str__(self) -> str:
        return f"set {self.row} is refused: {self.problem}; choose another set"


class SweepsDiffer(Invalid):
    """Parts that are not of one sweep were to be merged."""

    code = "sweep.parts_differ"

    def __init__(self, difference: str) -> None:
        super().__init__(difference)
        self.difference = difference

    def __str__(self) -> str:
        return f"the parts differ in {self.difference}; merge sweeps of one strategy, data and run"


def run_set(given: Prepared, values: Mapping[str, Value], warm_up: int) -> BacktestResult:
    """Backtest one set of a run."""
    return run_backtest(
        replace(given.spec, parameters=values),
        given.strategy,
        given.bars,
        detail=given.detail,
        benchmark=given.benchmark,
        rules=given.rules,
        facts=given.facts,
        warm_up=warm_up,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Sweep:
    """The figures of N parameter sets, in the order in which the sets were given.

    Attributes:
        prepared: the run that all sets share; its own parameters are the defaults.
        parameters: (N,) values of each parameter, by name.
        metrics: (N,) float64 of each measure, under the names of `Summary`; NaN where it has none.
        problems: (N,) text, why a set was refused; empty for those that ran.
        executors: (N,) text, what ran a set: the `fused` kernels, its `signals` followed by the
            core, or a whole backtest (`backtests`); empty for refused ones.
        blocks: (N, S, 3) sums of daily returns, as `performance.block_sums`.
        held: (N,) float64 signed quantity that is still open at the end.
        powers: (N, 2) sums of their cubes and of their fourth powers, as `performance.power_sums`.
        reason: why sets were not run by the kernels, where they were not.
        warm_up: bars seen before the first signal counted.
        trials: all trials of the strategy's lineage, these among them; None where not counted.
        curves: what draws the equity of a row, where the kernels ran it.
    """

    prepared: Prepared
    parameters: Mapping[str, NDArray[Any]]
    metrics: Mapping[str, FloatArray]
    problems: NDArray[Any]
    executors: NDArray[Any]
    blocks: FloatArray
    powers: FloatArray
    held: FloatArray
    reason: str = ""
    warm_up: int = 0
    trials: TrialSums | None = None
    curves: Mapping[int, Callable[[], FloatArray]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many sets."""
        return len(self.problems)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column of a parameter or of a measure.

        Raises:
            NoSuchColumn: there is none of that name.
        """
        columns = {**self.metrics, **self.parameters}
        if name not in columns:
            raise NoSuchColumn(name, tuple(columns))
        return columns[name]

    @property
    def executor(self) -> str:
        """What ran the sets: `fused`, `signals`, `backtests`, or several of them."""
        return ", ".join(sorted({one for one in self.executors.tolist() if one})) or "nothing"

    def set(self, row: int) -> dict[str, Value]:
        """The parameters of a set."""
        return {name: column[row : row + 1].tolist()[0] for name, column in self.parameters.items()}

    def best(self, by: str = "sharpe_ratio", *, highest: bool = True) -> int:
        """The row of the best set; the earlier one of equals.

        Args:
            by: a measure. highest: whether more of it is better.
        Raises:
            NoSuchColumn: there is no such measure.
            NoSetWorked: no set has it.
        """
        column = self[by].astype(np.float64)
        if np.isnan(column).all():
            raise NoSetWorked(by, len(self), next(filter(None, self.problems.tolist()), ""))
        return int(np.nanargmax(column) if highest else np.nanargmin(column))

    def run(self, row: int) -> BacktestResult:
        """Backtest one set, with all its orders, fills and tables.

        Raises:
            SetRefused: the strategy does not take it.
        """
        if self.problems[row]:
            raise SetRefused(row, self.problems[row])
        result = run_set(self.prepared, self.set(row), self.warm_up)
        if self.trials is None:
            return result
        # It was counted with the others when they were swept.
        lineage = Lineage.of(self.prepared.strategy, result.spec.symbols)
        return judged(result, lineage, self.trials)

    def equity(self, row: int) -> FloatArray:
        """Equity of one set at the close of every bar, drawn by the kernels where they ran it.

        Returns:
            (n,) float64.
        Raises:
            SetRefused: the strategy does not take it.
        """
        if self.problems[row]:
            raise SetRefused(row, self.problems[row])
        if row in self.curves:
            return self.curves[row]()
        equity: FloatArray = self.run(row).equity["equity"]
        return equity

    def table(self) -> Table:
        """One row a set: parameters, measures, what ran it, and what was wrong with it."""
        return Table(
            {
                **self.parameters,
                **self.metrics,
                "executor": self.executors,
                "problem": self.problems,
            }
        )

    def to_frame(self) -> Any:
        """The same as a pandas frame."""
        return self.table().to_frame()

    def __repr__(self) -> str:
        spec, refused = self.prepared.spec, int((self.problems != "").sum())
        told = f", {refused:,} refused" if refused else ""
        return (
            f"<Sweep of {len(self):,} sets of {spec.strategy} on {', '.join(spec.symbols)} "
            f"{spec.timeframe}: {self.executor}{told}>"
        )

    def _repr_html_(self) -> str:
        """The first and last sets, for a notebook."""
        return f"<p>{escape(repr(self))}</p>{self.table()._repr_html_()}"


def merge_sweeps(parts: Sequence[Sweep]) -> Sweep:
    """Join sweeps of groups of sets, in their order, to what one sweep of all gives.

    Args:
        parts: of `split_space`, each swept with the same strategy, data and settings.
    Raises:
        SweepsDiffer: they are of different runs.
    """
    if not parts:
        raise SweepsDiffer("number: there are none")
    first = parts[0]
    for part in parts[1:]:
        if part.prepared.spec != first.prepared.spec:
            raise SweepsDiffer("their settings")
        if part.blocks.shape[1:] != first.blocks.shape[1:]:
            raise SweepsDiffer("their blocks of days")
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    curves = {
        start + row: draw
        for start, part in zip(starts, parts, strict=False)
        for row, draw in part.curves.items()
    }

    def joined(columns: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
        return {name: np.concatenate([one[name] for one in columns]) for name in columns[0]}

    return replace(
        first,
        parameters=joined([part.parameters for part in parts]),
        metrics=joined([part.metrics for part in parts]),
        problems=np.concatenate([part.problems for part in parts]),
        executors=np.concatenate([part.executors for part in parts]),
        blocks=np.concatenate([part.blocks for part in parts]),
        powers=np.concatenate([part.powers for part in parts]),
        held=np.concatenate([part.held for part in parts]),
        reason=next(filter(None, (part.reason for part in parts)), ""),
        trials=max(
            (part.trials for part in parts if part.trials is not None),
            key=lambda sums: sums.count,
            default=None,
        ),
        curves=curves,
    )
