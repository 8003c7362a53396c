"""Parameter sets one at a time: by the core alone where it can make the run, or backtested."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quantloom.backtest.analysis import without_ruin
from quantloom.backtest.executors import QuickWay
from quantloom.backtest.facade import backtest
from quantloom.backtest.lowering.refusals import NotCompilable
from quantloom.backtest.optimise.trial import WHOLE, Daily, Span, Trial
from quantloom.backtest.preparing import RunSettings, prepare
from quantloom.backtest.quick import NeedsEventEngine, QuickRun, QuickRunner
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.tables import Table
from quantloom.errors import QuantloomError
from quantloom.market import EmptyRange
from quantloom.performance import Summary, block_sums, power_sums
from quantloom.strategy import BadParameter, Strategy, Value

BACKTESTS = "backtests"
"""What runs sets, where the core does not do so alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every set of a study has in common.

    Attributes:
        strategy: the class.
        data: as `backtest` takes it.
        fixed: values of the parameters that are not searched.
        settings: all else that `backtest` takes, by name.
        way: how the core may run a set by itself, in floats, where nothing hangs on rounding.
    """

    strategy: type[Strategy]
    data: Any
    fixed: Mapping[str, Value] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    way: QuickWay | None = None

    def run(self, values: Mapping[str, Value], span: Span = WHOLE) -> BacktestResult:
        """Backtest one set over a part of the data.

        Raises:
            QuantloomError: whatever `backtest` raises.
        """
        return backtest(
            warmed(self.strategy, span.warm_up),
            self.data,
            parameters={**self.fixed, **values},
            # A study counts its trials all at once, and audits none of them.
            **{**self.settings, **span.bounds, "trials": False, "audit": False},
        )


def warmed(strategy: type[Strategy], bars: int) -> type[Strategy]:
    """The strategy with a warm-up of so many bars at least."""
    if not bars:
        return strategy

    def warm_up(self: Strategy) -> int:
        return max(strategy.warm_up(self), bars)

    named = {"__module__": strategy.__module__, "__qualname__": strategy.__qualname__}
    return type(strategy.__name__, (strategy,), {"warm_up": warm_up, **named})


class Trier:
    """Tries sets of a job, by the core alone where it can and by whole backtests otherwise.

    Attributes:
        is_quick: whether the core alone made the set that was tried last.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.is_quick = False
        self._runner: tuple[Span, QuickRunner] | None = None

    def try_set(self, values: Mapping[str, Value], span: Span = WHOLE) -> Trial:
        """Keep what a study needs of one set; an error becomes part of the trial."""
        self.is_quick = False
        try:
            return self._tried(values, span)
        except (BadParameter, EmptyRange) as error:
            return Trial(parameters=values, state="refused", problem=str(error))
        except QuantloomError as error:
            return Trial(parameters=values, state="failed", problem=str(error))
        except Exception as error:  # noqa: BLE001  one set that fails must not end the others
            problem = f"{type(error).__name__}: {error}"
            return Trial(parameters=values, state="failed", problem=problem)

    def _tried(self, values: Mapping[str, Value], span: Span) -> Trial:
        run = None if self.job.way is None else self._quick(self.job.way, values, span)
        self.is_quick = run is not None
        made = run or self.job.run(values, span)
        return trial_of(values, made.metrics, made.daily, keeps_daily=span.keeps_daily)

    def _quick(self, way: QuickWay, values: Mapping[str, Value], span: Span) -> QuickRun | None:
        """Run a set in the core; None where a whole backtest has to be made."""
        if self._runner is None or self._runner[0] != span:
            self._runner = span, self._runner_of(way, span)
        try:
            run = self._runner[1].run({**self.job.fixed, **values})
        except (NeedsEventEngine, NotCompilable):
            return None
        return None if run.doubts else run

    def _runner_of(self, way: QuickWay, span: Span) -> QuickRunner:
        job = self.job
        settings = {name: value for name, value in job.settings.items() if name != "engine"}
        asked = RunSettings(**settings | span.bounds)
        return QuickRunner(prepare(job.strategy, job.data, asked), way, span.warm_up)


def trial_of(
    values: Mapping[str, Value], metrics: Summary, daily: Table, *, keeps_daily: bool = False
) -> Trial:
    """Keep of a run what a study judges it by."""
    returns = without_ruin(daily["return"])
    return Trial(
        parameters=values,
        metrics=metrics.as_dict(),
        blocks=block_sums(returns),
        powers=power_sums(returns),
        daily=Daily(daily["day"], returns) if keeps_daily else None,
    )


class HereEvaluator:
    """Tries one set after the other in this process."""

    def __init__(self, job: Job) -> None:
        self.ways = Ways(job)
        self._trier = Trier(job)

    @property
    def executor(self) -> str:
        """What ran the sets so far."""
        return f"{self.ways}, 1 process"

    def evaluate(self, sets: Sequence[Mapping[str, Value]], span: Span = WHOLE) -> Iterator[Trial]:
        """Give a trial for each set, in their order."""
        for values in sets:
            trial = self._trier.try_set(values, span)
            self.ways.note(trial, is_quick=self._trier.is_quick)
            yield trial

    def close(self) -> None:
        """Nothing is held."""


class Ways:
    """In which ways the sets of a job were run so far."""

    def __init__(self, job: Job) -> None:
        self._usual = job.way or BACKTESTS
        self._met: set[str] = set()

    def note(self, trial: Trial, *, is_quick: bool) -> None:
        """Take in how a set was run; one that was refused was not."""
        if trial.state != "refused":
            self._met.add(self._usual if is_quick else BACKTESTS)

    def __str__(self) -> str:
        return " and ".join(sorted(self._met, reverse=True)) or self._usual
