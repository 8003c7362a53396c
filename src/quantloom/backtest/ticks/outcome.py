"""The result of a run on ticks: what a run on bars leaves, marked at each bar made of the ticks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.outcome import make_result
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tick_use import Kindness, TickUse, ToldTicks
from quantloom.backtest.ticks.account import SeenAccount
from quantloom.backtest.ticks.models import Latency, QueueModel
from quantloom.market import Bars, Ticks
from quantloom.strategy import Strategy
from quantloom.trading import Order


def tick_use(ticks: Ticks, *, latency: Latency, queue: QueueModel) -> TickUse:
    """Say what a run rested on."""
    kinder = []
    if latency.is_partly_none:
        kinder.append(Kindness.NO_LATENCY)
    if ticks.received is None and not latency.feed_ns:
        kinder.append(Kindness.NO_FEED_LATENCY)
    if queue.is_kind:
        kinder.append(Kindness.CANCELLATIONS)
    if not ticks.has_trades:
        kinder.append(Kindness.NO_TRADES)
    return TickUse(
        count=len(ticks),
        levels=ticks.levels,
        queue=str(queue),
        latency=str(latency),
        kinder=tuple(kinder),
    )


def make_tick_result(
    spec: BacktestSpec,
    strategy: type[Strategy],
    ticks: Ticks,
    bars: Bars,
    *,
    seen: SeenAccount,
    orders: list[Order],
    log_lines: list[tuple[int, str]],
    state: Mapping[str, Any],
    use: TickUse,
    executor: str,
) -> BacktestResult:
    """Gather what a finished run is kept as; its equity is marked at the close of each bar.

    Args:
        executor: `ticks`, or `ticks-compiled` for a program.
    """
    desk = BarDesk(spec, {bars.symbol: bars})
    desk.ledger, desk.record = seen.ledger, seen.record
    desk.round_trips, desk.orders = seen.round_trips, orders
    desk.log_lines = log_lines
    result = make_result(spec, strategy, desk, state=state, executor=executor)
    return replace(result, ticks=use, told=ToldTicks(ticks, use))
