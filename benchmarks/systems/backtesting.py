# mypy: disable-error-code="import-not-found, misc"
"""backtesting.py; its run always includes the equity curve and the statistics."""

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
from backtesting import Backtest, Strategy

from benchmarks.systems.job import Columns, Job, Outcome, answer


class Breakout(Strategy):
    threshold = 0.01

    def init(self) -> None:
        self.is_long = False
        self.extreme = math.inf

    def next(self) -> None:
        close = self.data.Close[-1]
        if self.is_long:
            if close > self.extreme:
                self.extreme = close
            elif close < self.extreme * (1.0 - self.threshold):
                self.position.close()
                self.is_long = False
                self.extreme = close
        elif close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.threshold):
            self.buy(size=1)
            self.is_long = True
            self.extreme = close


class Guarded(Strategy):
    threshold = 0.01
    loss = 0.01
    gain = 0.02

    def init(self) -> None:
        self.is_long = False
        self.closed = 0
        self.extreme = math.inf

    def next(self) -> None:
        if self.is_long:
            if len(self.closed_trades) == self.closed:
                return
            self.is_long = False
            self.closed += 1
            self.extreme = math.inf
        # NumPy rounds its own floats otherwise than Python does: some stops would lie a tick off.
        close = float(self.data.Close[-1])
        if close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.threshold):
            stop, target = round(close * (1.0 - self.loss), 2), round(close * (1.0 + self.gain), 2)
            self.buy(size=1, sl=stop, tp=target)
            self.is_long = True


class Cross(Strategy):
    fast = 10
    slow = 30

    def init(self) -> None:
        self.fast_average = self.I(_average, self.data.Close, self.fast)
        self.slow_average = self.I(_average, self.data.Close, self.slow)
        self.is_long = False

    def next(self) -> None:
        fast, slow = self.fast_average, self.slow_average
        if self.is_long:
            if fast[-1] < slow[-1] and fast[-2] >= slow[-2]:
                self.position.close()
                self.is_long = False
        elif fast[-1] > slow[-1] and fast[-2] <= slow[-2]:
            self.buy(size=1)
            self.is_long = True


def prepare(strategy: type[Any], job: Job) -> Callable[[], Outcome]:
    test = Backtest(
        _frame(job.columns),
        strategy,
        cash=job.cash,
        commission=job.commission,
        trade_on_close=False,
        exclusive_orders=False,
        finalize_trades=False,
    )

    def run() -> Outcome:
        result = test.run(**job.parameters)
        return Outcome(
            trades=int(result["# Trades"]),
            open_trades=len(result["_strategy"].trades),
            final_equity=float(result["Equity Final [$]"]),
        )

    return run


def _average(values: Any, period: int) -> Any:
    return pd.Series(values).rolling(period).mean()


def _frame(columns: Columns) -> Any:
    names = ("open", "high", "low", "close", "volume")
    return pd.DataFrame(
        {name.capitalize(): getattr(columns, name) for name in names},
        index=pd.DatetimeIndex(columns.ts),
    )


if __name__ == "__main__":
    answer(
        {
            "breakout": lambda job: prepare(Breakout, job),
            "guarded": lambda job: prepare(Guarded, job),
            "cross": lambda job: prepare(Cross, job),
        }
    )
