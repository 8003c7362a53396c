"""What a search for parameters found, and how far it is to be believed."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest import export
from quantloom.backtest.optimise.spec import StudySpec, spec_of
from quantloom.backtest.optimise.store import read_study, read_trials
from quantloom.backtest.optimise.surface import Others, Surface, surface_of
from quantloom.backtest.optimise.trial import Objective, State, Trial, pareto_front, rank
from quantloom.backtest.showing import shown_by
from quantloom.backtest.tables import Table
from quantloom.backtest.trial_count import Lineage, TrialSums
from quantloom.backtest.trials import find_trials
from quantloom.errors import NotFound
from quantloom.kit import objects
from quantloom.performance import (
    METRICS,
    Overfitting,
    Stability,
    backtest_overfitting,
    deflated_sharpe_ratio,
    scattered_stability,
    surface_stability,
    trial_shapes,
)

FEWEST = 2
_STATES: tuple[State, ...] = ("done", "stopped", "refused", "failed")


class NothingFound(NotFound):
    """A search in which no set has a value for every objective."""

    code = "optimise.nothing_found"

    def __init__(self, trials: int, objectives: tuple[str, ...]) -> None:
        super().__init__(trials, objectives)
        self.trials, self.objectives = trials, objectives

    def __str__(self) -> str:
        return (
            f"none of {self.trials} sets has a value for {', '.join(self.objectives)}; look at "
            "result.trials for what became of them, and widen the space or the data"
        )


# Not slotted: what is worked out late is kept in the instance.
@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class OptimisationResult:
    """A finished search, or one that was ended by its limits.

    Attributes:
        spec: what was searched.
        trials: every set that was tried, in order.
        executor: what ran them; empty where they were only read.
        lineage: all trials that the ledger knows of the strategy on these instruments, these
            among them; None where they were not counted, or the ledger is gone.
    """

    spec: StudySpec
    trials: tuple[Trial, ...]
    executor: str = ""
    lineage: TrialSums | None = None

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """What was made large or small, the first one deciding what is best."""
        return tuple(map(Objective.of, self.spec.objectives))

    @cached_property
    def ranked(self) -> tuple[Trial, ...]:
        """Trials with a value for every objective, the best first."""
        return tuple(rank(self.trials, self.objectives))

    @property
    def best(self) -> Trial:
        """The trial that is best by the first objective, the others deciding between equals.

        Raises:
            NothingFound: no trial has a value.
        """
        if not self.ranked:
            raise NothingFound(len(self.trials), self.spec.objectives)
        return self.ranked[0]

    @cached_property
    def front(self) -> tuple[Trial, ...]:
        """The trials that none other beats in one objective without losing in another."""
        return tuple(pareto_front(self.trials, self.objectives))

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many trials are done, were stopped early, were refused, or failed."""
        found = Counter(one.state for one in self.trials)
        return {state: found[state] for state in _STATES}

    @property
    def tried(self) -> int:
        """How many sets were looked at with data, earlier ones of the ledger among them.

        It is what counts as a trial for `deflated_sharpe`.
        """
        own = self.counts["done"] + self.counts["stopped"]
        return own if self.lineage is None else max(own, self.lineage.count)

    @cached_property
    def table(self) -> Table:
        """A row for each trial: number, state, its parameters, its measures, problem."""
        metrics = [name for name in METRICS if any(name in one.metrics for one in self.trials)]
        columns: dict[str, NDArray[Any]] = {
            "number": np.array([one.number for one in self.trials], dtype=np.int64),
            "state": objects([one.state for one in self.trials]),
        }
        for axis in self.spec.axes:
            values = [one.parameters[axis.name] for one in self.trials]
            columns[axis.name] = _column(values)
        for name in metrics:
            found = [one.metrics.get(name) for one in self.trials]
            columns[name] = np.array(
                [np.nan if value is None else value for value in found], dtype=np.float64
            )
        columns["problem"] = objects([one.problem for one in self.trials])
        return Table(columns)

    @cached_property
    def overfitting(self) -> Overfitting | None:
        """How likely choosing the best of these trials is choosing luck (PBO by CSCV).

        None with fewer than two trials, or where trials have different days, as those of a
        strategy have whose warm-up depends on its parameters.
        """
        known = [one.blocks for one in self.trials if one.state == "done"]
        blocks = [one for one in known if one is not None]
        if len(blocks) < FEWEST or any((one[:, 0] != blocks[0][:, 0]).any() for one in blocks):
            return None
        return backtest_overfitting(np.array(blocks))

    @cached_property
    def deflated_sharpe(self) -> float | None:
        """How likely the best trial's true Sharpe ratio is above zero, given how many were tried.

        Judged by all trials of the lineage where they were counted, else by those of this search.
        None where there are fewer than two trials, or the returns of the best do not vary.
        """
        done = [one for one in self.ranked if one.blocks is not None and one.powers is not None]
        if len(done) < FEWEST:
            return None
        shapes = trial_shapes(
            np.array([one.blocks for one in done]), np.array([one.powers for one in done])
        )
        sums = TrialSums.of(shapes.sharpe, shapes.days)
        if sums.measured < FEWEST or not np.isfinite(shapes.sharpe[0]):
            return None
        if self.lineage is not None and self.lineage.measured > sums.measured:
            sums = self.lineage
        found = deflated_sharpe_ratio(
            float(shapes.sharpe[0]),
            days=float(shapes.days[0]),
            trials=self.tried,
            variance=sums.variance_over(float(shapes.days[0])),
            skewness=float(shapes.skewness[0]),
            kurtosis=float(shapes.kurtosis[0]),
        )
        return float(found) if np.isfinite(found) else None

    @cached_property
    def stability(self) -> Stability | None:
        """Whether the best set stands on a plateau or on a spike; None with fewer than two sets.

        By its neighbours on the grid where half of them at least were tried, else by the nearest
        sets, wherever they lie.
        """
        if len(self.ranked) < FEWEST:
            return None
        first = self.objectives[0]
        columns = {
            axis.name: [one.parameters[axis.name] for one in self.ranked] for axis in self.spec.axes
        }
        metric = np.array([one.metrics[first.metric] for one in self.ranked], dtype=np.float64)
        found = surface_stability(columns, metric, higher_is_better=first.is_maximised)
        if found.neighbours and 2 * len(found.neighbours) >= found.possible_neighbours:
            return found
        return scattered_stability(columns, metric, higher_is_better=first.is_maximised)

    def surface(
        self,
        x: str | None = None,
        y: str | None = None,
        *,
        metric: str = "",
        others: Others = "best",
    ) -> Surface:
        """Lay a measure out over two parameters.

        Args:
            x, y: the first two that were searched where not given.
            metric: a name of `performance.METRICS`; the first objective's where not given.
            others: of the trials with equal x and y take the `best` value, the `mean`, or only
                those whose other parameters are those of the best trial (`at_best`).
        Raises:
            BadSpace: fewer than two parameters, or one that was not searched.
            BadObjective: the measure is none, or neither more nor less of it is better.
        """
        names = [axis.name for axis in self.spec.axes]
        objective = self.objectives[0]
        if metric and metric != objective.metric:
            objective = Objective.of(metric)
        return surface_of(
            [one for one in self.trials if one.state == "done"],
            objective,
            x=x or names[0],
            y=y or names[1 % len(names)],
            others=others,
            best=self.best,
        )

    def summary(self) -> dict[str, Any]:
        """The outcome in plain values: what `--json` prints."""
        best = self.ranked[0] if self.ranked else None
        return {
            "strategy": self.spec.strategy,
            "symbols": list(self.spec.symbols),
            "timeframe": self.spec.timeframe,
            "start": self.spec.start,
            "end": self.spec.end,
            "method": self.spec.method,
            "objectives": list(self.spec.objectives),
            "seed": self.spec.seed,
            "executor": self.executor,
            "study": self.spec.digest(),
            "trials": dict(self.counts),
            "tried": self.tried,
            "best": None if best is None else plain_trial(best),
            "front": [plain_trial(one) for one in self.front],
            "overfitting": None if self.overfitting is None else self.overfitting.probability,
            "deflated_sharpe": self.deflated_sharpe,
            "stability": None if self.stability is None else self.stability.verdict,
        }

    def to_html(self, path: str | os.PathLike[str], *, language: str = "en") -> Path:
        """Write the report: one page that needs nothing else.

        Raises:
            UnknownLanguage: another language than `en` and `zh`.
            OSError: the file cannot be written.
        """
        page: str = shown_by("optimisation_html")(self, language=language)
        return export.write_bytes(page.encode(), Path(path))

    def _repr_html_(self) -> str:
        text: str = shown_by("optimised_html")(self)
        return text

    def __repr__(self) -> str:
        told = f"{len(self.trials)} trials"
        if self.ranked:
            metric = self.objectives[0].metric
            told += f", best {metric} {self.best.metrics[metric]:.4g} at "
            told += ", ".join(f"{name}={value}" for name, value in self.best.parameters.items())
        return f"<OptimisationResult {self.spec.strategy}, {self.spec.method}: {told}>"


def plain_trial(trial: Trial) -> dict[str, Any]:
    """A trial without its sums."""
    return {
        "number": trial.number,
        "parameters": dict(trial.parameters),
        "metrics": dict(trial.metrics),
    }


def load_study(folder: str | os.PathLike[str]) -> OptimisationResult:
    """Bring a search back as far as it has come, without its data.

    Where its trials were counted it is judged by all that the ledger knows by now.

    Raises:
        NoStudy: the folder holds none.
        CorruptStudy: a file is not what was written.
    """
    place = Path(folder)
    record = read_study(place)
    spec = spec_of(record["spec"])
    lineage = _found_in(record.get("ledger"), spec)
    return OptimisationResult(spec=spec, trials=tuple(read_trials(place)), lineage=lineage)


def _found_in(ledger: object, spec: StudySpec) -> TrialSums | None:
    """All trials of the study's lineage, by what its record tells of where they are counted."""
    if not isinstance(ledger, dict) or "lineage" not in ledger:
        return None
    lineage = Lineage(str(ledger["lineage"]), tuple(sorted(spec.symbols)))
    return find_trials(lineage, ledger.get("folder") or True)


def _column(values: Sequence[Any]) -> NDArray[Any]:
    if values and all(type(one) in {int, float} for one in values):
        return np.array(values)
    return objects(values)
