"""Quantloom, by its event-driven path."""

import math
from collections.abc import Callable
from decimal import Decimal

from benchmarks.systems.job import Columns, Job, Outcome, answer
from quantloom.backtest import backtest
from quantloom.market import Bar, Bars, Instrument, Kind
from quantloom.strategy import (
    Context,
    Parameter,
    Strategy,
    crossed_above,
    crossed_below,
)
from quantloom.trading import Fill, Side

SYMBOL = "WALK.LOCAL"


class Breakout(Strategy):
    """Buys a rise of `threshold` above the low since the last trade, sells such a fall."""

    threshold: float = Parameter(0.01, low=0.0, high=1.0)

    is_long = False
    extreme = math.inf

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        close = bar.close
        if self.is_long:
            if close > self.extreme:
                self.extreme = close
            elif close < self.extreme * (1.0 - self.threshold):
                ctx.sell(bar.symbol, 1)
                self.is_long = False
                self.extreme = close
        elif close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.threshold):
            ctx.buy(bar.symbol, 1)
            self.is_long = True
            self.extreme = close


class Guarded(Strategy):
    """Buys as `Breakout` does, with a stop and a target; only these two sell."""

    threshold: float = Parameter(0.01, low=0.0, high=1.0)
    loss: float = Parameter(0.01, low=0.0, high=1.0)
    gain: float = Parameter(0.02, low=0.0, high=1.0)

    is_long = False
    extreme = math.inf

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.is_long:
            return
        close = bar.close
        if close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.threshold):
            stop, target = round(close * (1.0 - self.loss), 2), round(close * (1.0 + self.gain), 2)
            ctx.buy(bar.symbol, 1, stop_loss=stop, take_profit=target)
            self.is_long = True

    def on_fill(self, _ctx: Context, fill: Fill) -> None:
        if fill.side is Side.SELL:
            self.is_long = False
            self.extreme = math.inf


class Cross(Strategy):
    """Long from a crossing of the fast average above the slow one to the next one below."""

    fast: int = Parameter(10, low=1)
    slow: int = Parameter(30, low=2)

    def initialize(self, ctx: Context) -> None:
        self.fast_average = ctx.indicator("SMA", self.fast)
        self.slow_average = ctx.indicator("SMA", self.slow)
        self.is_long = False

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if crossed_above(self.fast_average, self.slow_average):
            if not self.is_long:
                ctx.buy(bar.symbol, 1)
                self.is_long = True
        elif self.is_long and crossed_below(self.fast_average, self.slow_average):
            ctx.sell(bar.symbol, 1)
            self.is_long = False


def prepare(strategy: type[Strategy], job: Job) -> Callable[[], Outcome]:
    bars = _bars(job.columns)
    instrument = Instrument(symbol=SYMBOL, kind=Kind.STOCK, tick_size=Decimal(job.tick))

    def run() -> Outcome:
        result = backtest(
            strategy,
            bars,
            parameters=job.parameters,
            instrument=instrument,
            cash=job.cash,
            commission=job.commission,
            participation=None,
        )
        return Outcome(
            trades=len(result.round_trips),
            open_trades=len(result.positions),
            final_equity=float(result.final_equity),
        )

    return run


def _bars(columns: Columns) -> Bars:
    return Bars.of(SYMBOL, "1m", **vars(columns))


if __name__ == "__main__":
    answer(
        {
            "breakout": lambda job: prepare(Breakout, job),
            "guarded": lambda job: prepare(Guarded, job),
            "cross": lambda job: prepare(Cross, job),
        }
    )
