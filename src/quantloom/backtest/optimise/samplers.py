"""Which sets of parameters are tried next: all, some by chance, or those that others speak for.

A sampler is asked for a batch and told what came of it before it is asked again. Batches do not
depend on the number of workers, so neither does what is asked.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import numpy as np

from quantloom.backtest.optimise.spaces import Axis, Space
from quantloom.backtest.optimise.trial import Objective, Trial, worths
from quantloom.errors import Invalid, Unavailable
from quantloom.strategy import Value

if TYPE_CHECKING:
    from optuna import Study as OptunaStudy
    from optuna import Trial as OptunaTrial

Method = Literal["grid", "random", "genetic", "bayesian"]
METHODS: tuple[Method, ...] = get_args(Method)
FIXED_METHODS: tuple[Method, ...] = ("grid", "random")
"""Those whose sets are known before anything is tried."""

_BATCHES: Mapping[Method, int] = {"grid": 256, "random": 256, "genetic": 32, "bayesian": 8}
_SWEPT = 4096
_STARTUP = 16
# Optuna may propose what was tried, or what a constraint forbids; a small space runs dry.
_IN_VAIN = 50
_VIOLATED = "violated"


class UnknownMethod(Invalid):
    """A way to search that there is not."""

    code = "optimise.unknown_method"

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.method = method

    def __str__(self) -> str:
        return f"there is no method {self.method!r}; choose one of {', '.join(METHODS)}"


class OptimiseExtraMissing(Unavailable):
    """A library of the extra `optimise` is not installed."""

    code = "optimise.extra_missing"

    def __init__(self, library: str) -> None:
        super().__init__(library)
        self.library = library

    def __str__(self) -> str:
        return (
            f"this method needs {self.library}: pip install 'quantloom[optimise]'; "
            "grid and random search do without"
        )


class Sampler(Protocol):
    """Proposes sets of parameters."""

    def ask(self, count: int) -> list[dict[str, Value]]:
        """Give so many sets at most, each new; none where nothing is left."""
        ...

    def tell(self, trials: Sequence[Trial]) -> None:
        """Learn what came of the sets that were asked for last, in their order."""
        ...


def batch_of(method: str, executor: str = "") -> int:
    """How many sets a method is asked for at a time.

    Args:
        executor: what runs them; a sweep is quicker with many at once.

    Raises:
        UnknownMethod: there is no such method.
    """
    for known, batch in _BATCHES.items():
        if known == method:
            return _SWEPT if executor == "sweep" and known in FIXED_METHODS else batch
    raise UnknownMethod(method)


def sampler_of(
    method: str, space: Space, *, objectives: Sequence[Objective], seed: int, batch: int
) -> Sampler:
    """Make a sampler.

    Raises:
        UnknownMethod: there is no such method.
        BadSpace: a grid over a continuous axis.
        OptimiseExtraMissing: optuna is not installed, and the method needs it.
    """
    batch_of(method)
    if method == "grid":
        return ListedSampler(space.grid())
    if method == "random":
        return ListedSampler(space.draws(np.random.default_rng(seed)))
    return OptunaSampler(
        space, objectives=objectives, seed=seed, population=batch if method == "genetic" else 0
    )


class ListedSampler:
    """Gives sets that were settled before, whatever comes of them."""

    def __init__(self, sets: Iterator[dict[str, Value]]) -> None:
        self._sets = sets

    def ask(self, count: int) -> list[dict[str, Value]]:
        """Give the next ones."""
        return list(islice(self._sets, count))

    def tell(self, trials: Sequence[Trial]) -> None:
        """Nothing is learnt."""


class OptunaSampler:
    """Optuna's NSGA-II or TPE, asked batch by batch, never for a set that was tried.

    Source:
        Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002.
        Bergstra et al., "Algorithms for Hyper-Parameter Optimization", 2011; within a batch sets
        that are not told yet count as bad ("constant liar"), so that proposals keep apart.
    """

    def __init__(
        self, space: Space, *, objectives: Sequence[Objective], seed: int, population: int
    ) -> None:
        self.space, self.objectives = space, objectives
        self._study = _study(len(objectives), seed=seed, population=population)
        self._seen: dict[tuple[Value, ...], Trial | None] = {}
        self._asked: list[OptunaTrial] = []
        self._repeated: list[tuple[OptunaTrial, tuple[Value, ...]]] = []

    def ask(self, count: int) -> list[dict[str, Value]]:
        """Give proposals that are new and allowed; fewer where the space runs dry."""
        found: list[dict[str, Value]] = []
        in_vain = 0
        with _quiet():
            while len(found) < count and in_vain < _IN_VAIN and len(self._seen) < self.space.size:
                trial = self._study.ask()
                values = {axis.name: _suggest(trial, axis) for axis in self.space.axes}
                if self._is_new(trial, values):
                    found.append(values)
                    self._asked.append(trial)
                    in_vain = 0
                else:
                    in_vain += 1
        return found

    def tell(self, trials: Sequence[Trial]) -> None:
        """Learn what came of the sets that were asked for last, in their order."""
        with _quiet():
            for told, trial in zip(self._asked, trials, strict=True):
                self._seen[trial.key] = trial
                self._tell_one(told, trial)
            for told, key in self._repeated:
                self._tell_one(told, self._seen[key])
        self._asked, self._repeated = [], []

    def _is_new(self, trial: "OptunaTrial", values: dict[str, Value]) -> bool:
        """Answer at once what need not be run: a forbidden set, or one that was tried."""
        key = tuple(values.values())
        if not self.space.allows(values):
            self._tell_one(trial, None)
            return False
        if key not in self._seen:
            self._seen[key] = None
            return True
        earlier = self._seen[key]
        if earlier is None:  # of this batch: not known yet
            self._repeated.append((trial, key))
        else:
            self._tell_one(trial, earlier)
        return False

    def _tell_one(self, told: "OptunaTrial", trial: Trial | None) -> None:
        """Hand an outcome on; what has no value is infeasible, not merely bad."""
        worth = None
        if trial is not None and trial.state == "done":
            worth = worths(trial, self.objectives)
        told.set_user_attr(_VIOLATED, 0.0 if worth is not None else 1.0)
        self._study.tell(told, list(worth) if worth is not None else [0.0] * len(self.objectives))


def _study(objectives: int, *, seed: int, population: int) -> "OptunaStudy":
    try:
        import optuna  # noqa: PLC0415  optional, and only these methods need it
    except ImportError as error:
        raise OptimiseExtraMissing("optuna") from error
    with _quiet():
        sampler: optuna.samplers.BaseSampler
        if population:
            sampler = optuna.samplers.NSGAIISampler(
                population_size=population, seed=seed, constraints_func=_violation
            )
        else:
            sampler = optuna.samplers.TPESampler(
                n_startup_trials=_STARTUP,
                multivariate=True,
                constant_liar=True,
                seed=seed,
                constraints_func=_violation,
            )
        return optuna.create_study(directions=["maximize"] * objectives, sampler=sampler)


def _violation(trial: Any) -> tuple[float]:
    return (trial.user_attrs.get(_VIOLATED, 0.0),)


def _suggest(trial: "OptunaTrial", axis: Axis) -> Value:
    if axis.values is None:
        return trial.suggest_float(axis.name, axis.low, axis.high)
    last = len(axis.values) - 1
    if axis.is_ordered:
        return axis.values[trial.suggest_int(axis.name, 0, last)]
    return axis.values[trial.suggest_categorical(axis.name, range(last + 1))]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna's log and its warnings of experimental settings off the terminal."""
    import optuna  # noqa: PLC0415  loaded already where this is called

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(level)
