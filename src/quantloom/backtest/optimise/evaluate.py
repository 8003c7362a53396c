"""Whole backtests of parameter sets: in this process, or in several beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quantloom.backtest.facade import backtest
from quantloom.backtest.optimise.trial import WHOLE, Daily, Span, Trial
from quantloom.backtest.result import BacktestResult
from quantloom.errors import QuantloomError
from quantloom.kit import FloatArray
from quantloom.market import EmptyRange
from quantloom.performance import block_sums, power_sums
from quantloom.strategy import BadParameter, Strategy, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every set of a study has in common.

    Attributes:
        strategy: the class.
        data: as `backtest` takes it.
        fixed: values of the parameters that are not searched.
        settings: all else that `backtest` takes, by name.
    """

    strategy: type[Strategy]
    data: Any
    fixed: Mapping[str, Value] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def run(self, values: Mapping[str, Value], span: Span = WHOLE) -> BacktestResult:
        """Backtest one set over a part of the data.

        Raises:
            QuantloomError: whatever `backtest` raises.
        """
        bounds = {"start": span.start, "end": span.end}
        given = {name: value for name, value in bounds.items() if value is not None}
        return backtest(
            warmed(self.strategy, span.warm_up),
            self.data,
            parameters={**self.fixed, **values},
            # A study counts its trials all at once, and audits none of them.
            **{**self.settings, **given, "trials": False, "audit": False},
        )


def warmed(strategy: type[Strategy], bars: int) -> type[Strategy]:
    """The strategy with a warm-up of so many bars at least."""
    if not bars:
        return strategy

    def warm_up(self: Strategy) -> int:
        return max(strategy.warm_up(self), bars)

    named = {"__module__": strategy.__module__, "__qualname__": strategy.__qualname__}
    return type(strategy.__name__, (strategy,), {"warm_up": warm_up, **named})


def try_set(job: Job, values: Mapping[str, Value], span: Span = WHOLE) -> Trial:
    """Backtest one set and keep what a study needs of it; an error becomes part of the trial."""
    try:
        return trial_of_result(values, job.run(values, span), keeps_daily=span.keeps_daily)
    except (BadParameter, EmptyRange) as error:
        return Trial(parameters=values, state="refused", problem=str(error))
    except QuantloomError as error:
        return Trial(parameters=values, state="failed", problem=str(error))
    except Exception as error:  # noqa: BLE001  one set that fails must not end the others
        problem = f"{type(error).__name__}: {error}"
        return Trial(parameters=values, state="failed", problem=problem)


def trial_of_result(
    values: Mapping[str, Value], result: BacktestResult, *, keeps_daily: bool = False
) -> Trial:
    """Keep of a result what a study judges it by."""
    returns = without_ruin(result.daily["return"])
    return Trial(
        parameters=values,
        metrics=result.metrics.as_dict(),
        blocks=block_sums(returns),
        powers=power_sums(returns),
        daily=Daily(result.daily["day"], returns) if keeps_daily else None,
    )


def without_ruin(returns: FloatArray) -> FloatArray:
    """Daily returns in which the day that took all counts -1 and those after it 0."""
    lost = np.isnan(returns)
    if not lost.any():
        return returns
    found = np.where(lost, 0.0, returns)
    found[int(lost.argmax())] = -1.0
    return found


class HereEvaluator:
    """Runs one backtest after the other in this process."""

    executor = "backtests, 1 process"

    def __init__(self, job: Job) -> None:
        self.job = job

    def evaluate(self, sets: Sequence[Mapping[str, Value]], span: Span = WHOLE) -> Iterator[Trial]:
        """Give a trial for each set, in their order."""
        for values in sets:
            yield try_set(self.job, values, span)

    def close(self) -> None:
        """Nothing is held."""
