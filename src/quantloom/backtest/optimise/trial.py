"""One set of parameters that was tried, and what a study judges it by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Literal, Protocol

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import DayArray, FloatArray
from quantloom.performance import METRICS
from quantloom.performance.blocks import COUNT
from quantloom.strategy import Value

State = Literal["done", "stopped", "refused", "failed"]
DEFAULT_OBJECTIVE = "sharpe_ratio"


class BadObjective(Invalid):
    """An objective that is no measure, or that does not say what is better."""

    code = "optimise.bad_objective"

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(text, problem)
        self.text, self.problem = text, problem

    def __str__(self) -> str:
        return (
            f"the objective {self.text!r} {self.problem}; name a measure such as sharpe_ratio, "
            "or max:NAME or min:NAME"
        )


@dataclass(frozen=True, slots=True)
class Objective:
    """A measure to be made large or small.

    Attributes:
        metric: a name of `performance.METRICS`.
        is_maximised: whether more is better.
    """

    metric: str
    is_maximised: bool

    @classmethod
    def of(cls, given: "str | Objective") -> "Objective":
        """Read `sharpe_ratio`, `max:sharpe_ratio` or `min:max_drawdown_ratio`.

        Raises:
            BadObjective: no such measure, or one of which neither more nor less is better.
        """
        if isinstance(given, Objective):
            return given
        way, colon, name = given.rpartition(":")
        if name not in METRICS:
            near = get_close_matches(name, METRICS, n=1, cutoff=0.4)
            guess = "".join(f"; did you mean {one}" for one in near)
            raise BadObjective(given, f"is no measure{guess}")
        if not colon:
            better = METRICS[name].higher_is_better
            if better is None:
                raise BadObjective(given, "is neither better high nor better low in itself")
            return cls(name, better)
        if way not in {"max", "min"}:
            raise BadObjective(given, f"begins with {way!r}")
        return cls(name, way == "max")

    def __str__(self) -> str:
        return f"{'max' if self.is_maximised else 'min'}:{self.metric}"

    def worth(self, metrics: Mapping[str, float | None]) -> float | None:
        """The measure with its sign turned so that more is better; None where it has no value."""
        value = metrics.get(self.metric)
        if value is None:
            return None
        return float(value) if self.is_maximised else -float(value)


@dataclass(frozen=True, slots=True, eq=False)
class Daily:
    """Returns by trading day."""

    days: DayArray
    returns: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """One set of parameters and what came of it.

    Attributes:
        number: its place in the study, from 0.
        parameters: those that are searched, by name.
        state: `done`; `stopped` early, then metrics are those of the first part of the data;
            `refused` by the strategy as parameters that do not fit; `failed` with an error.
        metrics: by the names of `performance.METRICS`; None where one has no value.
        problem: why it was refused or failed.
        blocks: (16, 3) `performance.block_sums` of its daily returns.
        powers: (2,) sums of their cubes and fourth powers.
        daily: the returns themselves, where they were asked for; studies do not keep them.
    """

    number: int = -1
    parameters: Mapping[str, Value]
    state: State = "done"
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    problem: str = ""
    blocks: FloatArray | None = None
    powers: FloatArray | None = None
    daily: Daily | None = None

    @property
    def key(self) -> tuple[Value, ...]:
        """What tells it from other sets of its study."""
        return tuple(self.parameters.values())

    @property
    def trading_days(self) -> float:
        """Trading days that its measures are of; NaN where nothing tells."""
        if self.blocks is not None:
            return float(self.blocks[:, COUNT].sum())
        told = self.metrics.get("trading_days")
        return np.nan if told is None else float(told)

    def plain(self) -> dict[str, Any]:
        """The trial in plain values; `trial_of` reads them."""
        told: dict[str, Any] = {"number": self.number, "parameters": dict(self.parameters)}
        told |= {"state": self.state, "metrics": dict(self.metrics)}
        if self.problem:
            told["problem"] = self.problem
        if self.blocks is not None and self.powers is not None:
            told |= {"blocks": self.blocks.tolist(), "powers": self.powers.tolist()}
        if self.daily is not None:
            days = self.daily.days.astype(np.int64).tolist()
            told["daily"] = {"days": days, "returns": self.daily.returns.tolist()}
        return told


def trial_of(plain: Mapping[str, Any]) -> Trial:
    """Read a trial of plain values."""
    arrays = {name: np.array(plain[name]) for name in ("blocks", "powers") if name in plain}
    daily = plain.get("daily")
    return Trial(
        number=plain["number"],
        parameters=plain["parameters"],
        state=plain["state"],
        metrics=plain["metrics"],
        problem=plain.get("problem", ""),
        daily=None
        if daily is None
        else Daily(
            np.array(daily["days"], dtype=np.int64).astype("datetime64[D]"),
            np.array(daily["returns"], dtype=np.float64),
        ),
        **arrays,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which part of the data sets are tried on.

    Attributes:
        start, end: start <= open time < end; None for all there is.
        warm_up: bars before the start that strategies see first, where they ask for fewer.
        keeps_daily: whether trials are to carry their daily returns.
    """

    start: datetime | None = None
    end: datetime | None = None
    warm_up: int = 0
    keeps_daily: bool = False

    @property
    def bounds(self) -> dict[str, datetime]:
        """Its start and end as `backtest` takes them, where it has them."""
        given = {"start": self.start, "end": self.end}
        return {name: value for name, value in given.items() if value is not None}


WHOLE = Span()


class Evaluator(Protocol):
    """Runs sets of parameters; a study does not care how."""

    @property
    def executor(self) -> str:
        """What runs them, as far as that is known by now."""
        ...

    def evaluate(self, sets: Sequence[Mapping[str, Value]], span: Span = WHOLE) -> Iterator[Trial]:
        """Give a trial for each set, in their order, each as soon as those before it are there."""
        ...

    def close(self) -> None:
        """Let go of processes and files."""
        ...


def rank(trials: Sequence[Trial], objectives: Sequence[Objective]) -> list[Trial]:
    """Done trials in which every objective has a value, the best of the first objective first.

    Equal ones stand in the order in which they were tried.
    """
    worth = {one.number: worths(one, objectives) for one in trials if one.state == "done"}
    known = [one for one in trials if worth.get(one.number) is not None]
    return sorted(known, key=lambda one: [-part for part in worth[one.number] or ()])


def worths(trial: Trial, objectives: Sequence[Objective]) -> tuple[float, ...] | None:
    """What each objective is worth, more being better; None where one has no value."""
    found = [objective.worth(trial.metrics) for objective in objectives]
    known = tuple(value for value in found if value is not None)
    return known if len(known) == len(found) else None


def pareto_front(trials: Sequence[Trial], objectives: Sequence[Objective]) -> list[Trial]:
    """The trials that none other beats in one objective without losing in another.

    Of several with equal values all are kept.
    """
    ranked = rank(trials, objectives)
    values = np.array([worths(one, objectives) for one in ranked])
    front: list[int] = []
    for row, value in enumerate(values):
        # Ranked by the first objective: only one that stands before can be better in all.
        before = values[front]
        beaten = (before >= value).all(axis=1) & (before > value).any(axis=1)
        if not beaten.any():
            front.append(row)
    return [ranked[row] for row in front]
