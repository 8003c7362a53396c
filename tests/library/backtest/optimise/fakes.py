"""Evaluators that reckon instead of running backtests, and a study to give them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from quantloom.backtest.optimise import OptimisationResult, Span, Trial, optimise
from quantloom.data import random_walk
from quantloom.market import Bar
from quantloom.performance import block_sums, power_sums
from quantloom.strategy import Context, Parameter, Strategy, Value

EVERYTHING = Span()
WALK = random_walk(60, seed=3, timeframe="1d")


class Tuned(Strategy):
    """Has parameters of every kind."""

    fast: int = Parameter(10, low=1, high=50)
    slow: int = Parameter(20, low=1, high=100, step=10)
    stop: float = Parameter(1.0, low=0.0, high=5.0)
    turns: bool = Parameter(default=False)
    mode: str = Parameter("calm", choices=("calm", "wild"))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.position.is_flat:
            ctx.buy(bar.symbol)


class Reckoned:
    """Takes measures from a function of the parameters, and counts what it was asked for."""

    executor = "reckoned"

    def __init__(self, measured: Callable[[Mapping[str, Any]], dict[str, float | None]]) -> None:
        self.measured = measured
        self.asked: list[tuple[Mapping[str, Value], Span]] = []

    def evaluate(
        self, sets: Sequence[Mapping[str, Value]], span: Span = EVERYTHING
    ) -> Iterator[Trial]:
        for values in sets:
            self.asked.append((values, span))
            returns = np.random.default_rng(len(self.asked)).normal(0, 0.01, 64)
            yield Trial(
                parameters=values,
                metrics=self.measured(values),
                blocks=block_sums(returns),
                powers=power_sums(returns),
            )

    def close(self) -> None: ...


def search(
    measured: Callable[[Mapping[str, Any]], dict[str, float | None]], **settings: Any
) -> OptimisationResult:
    """Search the parameters of `Tuned` for what a function says of them."""
    return optimise(Tuned, WALK, evaluator=Reckoned(measured), **settings)


def planted(fast: int, slow: int) -> Callable[[Mapping[str, Any]], dict[str, float | None]]:
    """A hill with its top at (fast, slow)."""

    def measured(values: Mapping[str, Any]) -> dict[str, float | None]:
        away = values.get("fast", fast) - fast, values.get("slow", slow) - slow
        return {"sharpe_ratio": -((away[0] / 10) ** 2) - (away[1] / 20) ** 2}

    return measured
