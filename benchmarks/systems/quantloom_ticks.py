"""Quantloom on ticks: a Python callback, and a compiled program."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from benchmarks.systems.job import Outcome, TickColumns, TickJob, answer_on_ticks
from quantloom.backtest import BacktestResult
from quantloom.backtest.ticks import NO_LATENCY, backtest_ticks, constant_latency, tick_program
from quantloom.backtest.ticks.kernels import (
    buy,
    cancel,
    is_working,
    price_of,
    sell,
)
from quantloom.market import Instrument, Kind, Tick, Ticks, merge_ticks
from quantloom.strategy import Context, Parameter, Strategy

SYMBOL = "WALK.LOCAL"


class Turner(Strategy):
    """At the first quote after so many ticks buys one, after as many more sells it."""

    every: int = Parameter(1_000, low=1)

    def initialize(self, _ctx: Context) -> None:
        self.count, self.next, self.is_long = 0, self.every, False

    def on_tick(self, ctx: Context, tick: Tick) -> None:
        self.count += 1
        if self.count < self.next or tick.kind != 1:
            return
        self.next = self.count + self.every
        if self.is_long:
            ctx.sell(tick.symbol, 1)
        else:
            ctx.buy(tick.symbol, 1)
        self.is_long = not self.is_long


@tick_program(wait_ns=0.0, away=0.0)
def maker(desk: Any) -> None:
    """Rests one order at the best price, to buy if flat and to sell if long; leaves if left."""
    if desk.now % 2 == 1 or desk.now < desk.memory[1]:
        return
    desk.memory[1] = desk.now + desk.parameters[0]
    order = int(desk.memory[0])
    if is_working(desk, order):
        best = desk.ask if desk.position > 0.0 else desk.bid
        if abs(price_of(desk, order) - best) > desk.parameters[1]:
            cancel(desk, order)
    elif desk.position > 0.0:
        desk.memory[0] = sell(desk, desk.ask, 1.0)
    else:
        desk.memory[0] = buy(desk, desk.bid, 1.0)


def prepare(strategy: Any, job: TickJob, **options: Any) -> Callable[[], Outcome]:
    ticks, instrument = _ticks(job.columns), _instrument(job)

    def run() -> Outcome:
        result = backtest_ticks(
            strategy,
            ticks,
            parameters={
                name: value for name, value in job.parameters.items() if name in strategy.parameters
            },
            instrument=instrument,
            cash=job.cash,
            **options,
        )
        return _outcome(result)

    return run


def _outcome(result: BacktestResult) -> Outcome:
    return Outcome(
        trades=len(result.round_trips),
        open_trades=len(result.positions),
        final_equity=float(result.final_equity),
    )


def _instrument(job: TickJob) -> Instrument:
    return Instrument(symbol=SYMBOL, kind=Kind.STOCK, tick_size=Decimal(job.tick))


def _ticks(columns: TickColumns) -> Ticks:
    """Make ticks of the columns; every row has a time of its own."""
    quote, trade = columns.kind == 1, columns.kind == 2
    book = ("bid", "bid_size", "ask", "ask_size")
    quotes = {name: getattr(columns, name)[quote] for name in ("ts", *book)}
    trades = {name: getattr(columns, name)[trade] for name in ("ts", "price", "size", "side")}
    return merge_ticks(Ticks.of_trades(SYMBOL, **trades), Ticks.of_quotes(SYMBOL, **quotes))


if __name__ == "__main__":
    answer_on_ticks(
        {
            "turner": lambda job: prepare(Turner, job, latency=NO_LATENCY),
            "maker": lambda job: prepare(
                maker, job, latency=constant_latency(job.parameters["latency_ms"])
            ),
        }
    )
