# mypy: disable-error-code="import-not-found, misc"
"""backtrader, without its standard observers, which record what nobody asks for here."""

import math
from collections.abc import Callable
from typing import Any

import backtrader
import pandas as pd

from benchmarks.systems.job import Columns, Job, Outcome, answer


class Counting(backtrader.Strategy):
    """Counts the round trips that were closed."""

    def __init__(self) -> None:
        self.closed = 0
        self.is_long = False

    def notify_trade(self, trade: Any) -> None:
        self.closed += trade.isclosed


class Breakout(Counting):
    params = (("threshold", 0.01),)

    def __init__(self) -> None:
        super().__init__()
        self.extreme = math.inf

    def next(self) -> None:
        close = self.data.close[0]
        if self.is_long:
            if close > self.extreme:
                self.extreme = close
            elif close < self.extreme * (1.0 - self.p.threshold):
                self.sell(size=1)
                self.is_long = False
                self.extreme = close
        elif close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.p.threshold):
            self.buy(size=1)
            self.is_long = True
            self.extreme = close


class Guarded(Counting):
    params = (("threshold", 0.01), ("loss", 0.01), ("gain", 0.02))

    def __init__(self) -> None:
        super().__init__()
        self.extreme = math.inf

    def next(self) -> None:
        if self.is_long:
            return
        close = self.data.close[0]
        if close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.p.threshold):
            self.buy_bracket(
                size=1,
                exectype=backtrader.Order.Market,
                stopprice=round(close * (1.0 - self.p.loss), 2),
                limitprice=round(close * (1.0 + self.p.gain), 2),
            )
            self.is_long = True

    def notify_trade(self, trade: Any) -> None:
        super().notify_trade(trade)
        if trade.isclosed:
            self.is_long = False
            self.extreme = math.inf


class Cross(Counting):
    params = (("fast", 10), ("slow", 30))

    def __init__(self) -> None:
        super().__init__()
        self.fast = backtrader.indicators.SMA(self.data.close, period=self.p.fast)
        self.slow = backtrader.indicators.SMA(self.data.close, period=self.p.slow)

    def next(self) -> None:
        if self.is_long:
            if self.fast[0] < self.slow[0] and self.fast[-1] >= self.slow[-1]:
                self.sell(size=1)
                self.is_long = False
        elif self.fast[0] > self.slow[0] and self.fast[-1] <= self.slow[-1]:
            self.buy(size=1)
            self.is_long = True


def prepare(strategy: type[Any], job: Job) -> Callable[[], Outcome]:
    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.adddata(backtrader.feeds.PandasData(dataname=_frame(job.columns)))
    cerebro.addstrategy(strategy, **job.parameters)
    cerebro.broker.setcash(job.cash)
    cerebro.broker.setcommission(commission=job.commission)

    def run() -> Outcome:
        (ran,) = cerebro.run()
        return Outcome(
            trades=ran.closed,
            open_trades=int(ran.position.size),
            final_equity=cerebro.broker.getvalue(),
        )

    return run


def _frame(columns: Columns) -> Any:
    names = ("open", "high", "low", "close", "volume")
    return pd.DataFrame(
        {name: getattr(columns, name) for name in names}, index=pd.DatetimeIndex(columns.ts)
    )


if __name__ == "__main__":
    answer(
        {
            "breakout": lambda job: prepare(Breakout, job),
            "guarded": lambda job: prepare(Guarded, job),
            "cross": lambda job: prepare(Cross, job),
        }
    )
