"""Quantloom, by its event-driven path."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from benchmarks.systems.job import Columns, Job, Outcome, answer
from quantloom.backtest import BacktestResult, backtest, run_quick
from quantloom.backtest.portfolio import QuickPortfolio
from quantloom.market import Bar, Bars, Instrument, Kind, assume_instrument
from quantloom.strategy import (
    Context,
    Panel,
    Parameter,
    Strategy,
    Weights,
    compiled,
    crossed_above,
    crossed_below,
    crossing,
)
from quantloom.trading import Fill, Side

SYMBOL, REBAR = "WALK.LOCAL", "rb-MAIN.SHFE"


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


@compiled
class CompiledBreakout(Breakout):
    """The same, its callback in machine code."""


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


class SleepingCross(Cross):
    """The same, called where the averages cross alone."""

    def initialize(self, ctx: Context) -> None:
        super().initialize(ctx)
        ctx.wake_on(crossing(self.fast_average, self.slow_average))


class Rotation(Strategy):
    """Holds a stake in each of the instruments that rose most, chosen anew each month."""

    count: int = Parameter(50, low=1)
    lookback: int = Parameter(126, low=1)
    stake: int = Parameter(100_000, low=1)

    def initialize(self, ctx: Context) -> None:
        self.rises = {
            symbol: ctx.indicator("ROCP", self.lookback, symbol=symbol) for symbol in ctx.portfolio
        }
        self.month = 0

    def on_bars(self, ctx: Context, _bars: Mapping[str, Bar]) -> None:
        month = ctx.trading_day.month
        if month == self.month:
            return
        is_first, self.month = not self.month, month
        if is_first or not next(iter(self.rises.values())).is_ready:
            return
        ranked = sorted(self.rises, key=lambda symbol: -self.rises[symbol].value)
        for symbol in ranked[: self.count]:
            ctx.target_value(symbol, self.stake)
        for symbol in ranked[self.count :]:
            ctx.close(symbol)


class RotationByWeights(Strategy):
    """The same as `Rotation`, said as what to hold at the first close of each month."""

    count: int = Parameter(50, low=1)
    lookback: int = Parameter(126, low=1)
    stake: int = Parameter(100_000, low=1)

    def generate_weights(self, panel: Panel) -> Weights:
        firsts = panel.monthly()[1:]
        rows = firsts[firsts >= self.lookback]
        rises = panel.close[rows] / panel.close[rows - self.lookback] - 1.0
        best = np.argsort(-rises, axis=1, kind="stable")[:, : self.count]
        values = np.zeros(rises.shape)
        np.put_along_axis(values, best, float(self.stake), axis=1)
        return Weights(rows, values, of="money")


def prepare(strategy: type[Strategy], job: Job) -> Callable[[], Outcome]:
    bars = make_bars(job.columns)
    return lambda: _outcome(run_one(strategy, job, bars))


def prepare_rebar(strategy: type[Strategy], job: Job, *, by_rules: bool) -> Callable[[], Outcome]:
    """The same on a future of ten tons, at the job's commission or by the market rule book."""
    bars = make_bars(job.columns, REBAR)
    instrument = replace(assume_instrument(bars), tick_size=Decimal(job.tick))
    plain: dict[str, Any] = {"commission": job.commission, "margin": 0.1}

    def run() -> Outcome:
        result = backtest(
            strategy,
            bars,
            parameters=job.parameters,
            instrument=instrument,
            cash=job.cash,
            audit=False,  # peers make none; `audit=` says what it costs
            participation=None,
            trials=False,
            **({"rules": True} if by_rules else plain),
        )
        return _outcome(result)

    return run


def prepare_quick(strategy: type[Strategy], job: Job) -> Callable[[], Outcome]:
    """In floats: equity at each close and every measure, without exact books."""
    bars = make_bars(job.columns)
    instrument = Instrument(symbol=SYMBOL, kind=Kind.STOCK, tick_size=Decimal(job.tick))

    def run() -> Outcome:
        quick = run_quick(
            strategy,
            bars,
            parameters=job.parameters,
            instrument=instrument,
            cash=job.cash,
            commission=job.commission,
            participation=None,
        )
        return Outcome(
            trades=len(quick.trips.pnl),
            open_trades=int(quick.quantity[-1] != 0),
            final_equity=quick.metrics.final_equity,
        )

    return run


def _outcome(result: BacktestResult) -> Outcome:
    return Outcome(
        trades=len(result.round_trips),
        open_trades=len(result.positions),
        final_equity=float(result.final_equity),
    )


def run_one(strategy: type[Strategy], job: Job, bars: Bars | None = None) -> BacktestResult:
    """Run a job of one instrument; its bars are made where they are not given."""
    return backtest(
        strategy,
        make_bars(job.columns) if bars is None else bars,
        parameters=job.parameters,
        instrument=Instrument(symbol=SYMBOL, kind=Kind.STOCK, tick_size=Decimal(job.tick)),
        cash=job.cash,
        audit=False,  # peers make none; `audit=` says what it costs
        commission=job.commission,
        participation=None,
        trials=False,
    )


def prepare_weights(job: Job) -> Callable[[], Outcome]:
    """Weights, fills, equity at each close and statistics, in floats; bars laid out before."""
    data, instruments = _market(job)
    strategy = RotationByWeights(**job.parameters)
    quick = QuickPortfolio.of(
        data, instrument=instruments, cash=job.cash, commission=job.commission, participation=None
    )

    def run() -> Outcome:
        followed = quick.follow(strategy.generate_weights(quick.panel))
        return Outcome(
            trades=len(followed.fills),
            open_trades=int((followed.held != 0).sum()),
            final_equity=followed.metrics.final_equity,
        )

    return run


def _market(job: Job) -> tuple[dict[str, Bars], dict[str, Instrument]]:
    data = {bars.symbol: bars for bars in _each(job.columns)}
    instruments = {
        symbol: Instrument(symbol=symbol, kind=Kind.STOCK, tick_size=Decimal(job.tick))
        for symbol in data
    }
    return data, instruments


def prepare_rotation(strategy: type[Strategy], job: Job) -> Callable[[], Outcome]:
    data, instruments = _market(job)

    def run() -> Outcome:
        result = backtest(
            strategy,
            data,
            parameters=job.parameters,
            instrument=instruments,
            cash=job.cash,
            audit=False,  # peers make none; `audit=` says what it costs
            commission=job.commission,
            participation=None,
            trials=False,
        )
        return Outcome(
            trades=len(result.fills),
            open_trades=len(set(result.positions["symbol"])),
            final_equity=float(result.final_equity),
        )

    return run


def _each(columns: Columns) -> Iterator[Bars]:
    names = ("open", "high", "low", "close", "volume")
    for place in range(columns.close.shape[1]):
        prices = {name: getattr(columns, name)[:, place] for name in names}
        yield Bars.of(f"N{place:03}.LOCAL", "1d", ts=columns.ts, **prices)


def make_bars(columns: Columns, symbol: str = SYMBOL) -> Bars:
    for column in vars(columns).values():
        column.flags.writeable = False  # bars share what nobody can change, and copy the rest
    return Bars.of(symbol, "1m", **vars(columns))


if __name__ == "__main__":
    answer(
        {
            "breakout": lambda job: prepare(Breakout, job),
            "breakout compiled": lambda job: prepare_quick(CompiledBreakout, job),
            "breakout compiled booked": lambda job: prepare(CompiledBreakout, job),
            "guarded": lambda job: prepare(Guarded, job),
            "cross": lambda job: prepare(Cross, job),
            "cross asleep": lambda job: prepare(SleepingCross, job),
            "breakout on rebar": lambda job: prepare_rebar(Breakout, job, by_rules=False),
            "breakout by rules": lambda job: prepare_rebar(Breakout, job, by_rules=True),
            "guarded on rebar": lambda job: prepare_rebar(Guarded, job, by_rules=False),
            "guarded by rules": lambda job: prepare_rebar(Guarded, job, by_rules=True),
            "rotation": lambda job: prepare_rotation(Rotation, job),
            "rotation by weights": prepare_weights,
            "rotation by weights booked": lambda job: prepare_rotation(RotationByWeights, job),
        }
    )
