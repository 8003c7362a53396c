"""Bars, instruments and scripted strategies with defaults, for tests of the engine."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bar, Bars, Instrument, Kind
from quantloom.strategy import Context, Strategy
from quantloom.trading import Order

SYMBOL = "TEST.LOCAL"
OTHER = "OTHER.LOCAL"
HOUR_NS = 3_600_000_000_000

Action = Callable[[Context], object]
Script = Mapping[int, Action | Sequence[Action]]
Row = tuple[float, float, float, float]


def make_instrument(symbol: str = SYMBOL, **given: Any) -> Instrument:
    fields: dict[str, Any] = {"kind": Kind.STOCK, "tick_size": Decimal("0.01")} | given
    return Instrument(symbol=symbol, **fields)


def make_bars(
    rows: Sequence[float | Row],
    *,
    symbol: str = SYMBOL,
    volume: Sequence[float] | None = None,
    timeframe: str = "1h",
    start_ns: int = 0,
    hours: Sequence[float] | None = None,
) -> Bars:
    """Bars of (open, high, low, close); a lone number is a bar that stands still there.

    Args:
        hours: when each of them opens, where it is not one after the other from `start_ns` on.
    """
    table = [row if isinstance(row, tuple) else (row,) * 4 for row in rows]
    opens, highs, lows, closes = np.array(table, dtype=np.float64).T
    at = np.arange(len(rows)) if hours is None else np.array(hours)
    opened_ns = start_ns + (at * HOUR_NS).astype(np.int64)
    return Bars.of(
        symbol,
        timeframe,
        ts=opened_ns,
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=volume,
    )


def scripted(script: Script, **callbacks: Any) -> type[Strategy]:
    """A strategy that does what the script says on each bar, counted from 0; -1 is `on_start`."""
    return _scripted("on_bar", script, callbacks)


def scripted_over_all(script: Script, **callbacks: Any) -> type[Strategy]:
    """Likewise on each step of several instruments."""
    return _scripted("on_bars", script, callbacks)


def _scripted(callback: str, script: Script, callbacks: Mapping[str, Any]) -> type[Strategy]:
    class Scripted(Strategy):
        row = -1

        def on_start(self, ctx: Context) -> None:
            self.act(ctx)

        def act(self, ctx: Context) -> None:
            actions = script.get(self.row, ())
            for action in [actions] if callable(actions) else actions:
                action(ctx)

    def go_on(self: Any, ctx: Context, _: Bar | Mapping[str, Bar]) -> None:
        self.row += 1
        self.act(ctx)

    return type("Scripted", (Scripted,), {callback: go_on, **callbacks})


def run(
    script: Script,
    rows: Sequence[float | Row],
    *,
    volume: Sequence[float] | None = None,
    start_hour: int = 0,
    hours: Sequence[float] | None = None,
    instrument: Instrument | None = None,
    callbacks: Mapping[str, Any] | None = None,
    **settings: Any,
) -> BacktestResult:
    """Run a script over bars, without costs and without a cap on volume but for those given."""
    bars = make_bars(rows, volume=volume, start_ns=start_hour * HOUR_NS, hours=hours)
    terms: dict[str, Any] = {"participation": None} | settings
    return backtest(
        scripted(script, **(callbacks or {})),
        bars,
        instrument=instrument or make_instrument(),
        **terms,
    )


def run_two(
    script: Script,
    rows: Sequence[float | Row],
    other: Sequence[float | Row],
    *,
    other_hours: Sequence[float] | None = None,
    other_volume: Sequence[float] | None = None,
    instruments: Mapping[str, Instrument] | None = None,
    callbacks: Mapping[str, Any] | None = None,
    **settings: Any,
) -> BacktestResult:
    """Likewise over bars of two instruments."""
    data = {
        SYMBOL: make_bars(rows),
        OTHER: make_bars(other, symbol=OTHER, hours=other_hours, volume=other_volume),
    }
    terms: dict[str, Any] = {"participation": None} | settings
    return backtest(
        _scripted("on_bars", script, callbacks or {}),
        data,
        instrument=instruments or {symbol: make_instrument(symbol) for symbol in data},
        **terms,
    )


def hour(count: int) -> datetime:
    """So many hours after the first bar."""
    return datetime.fromtimestamp(count * 3_600, UTC)


def buy(quantity: Any = None, symbol: str = SYMBOL, **terms: Any) -> Action:
    return lambda ctx: ctx.buy(symbol, quantity, **terms)


def short(quantity: Any = None, symbol: str = SYMBOL, **terms: Any) -> Action:
    return lambda ctx: ctx.short(symbol, quantity, **terms)


def sell(quantity: Any = None, symbol: str = SYMBOL, **terms: Any) -> Action:
    return lambda ctx: ctx.sell(symbol, quantity, **terms)


def cover(quantity: Any = None, symbol: str = SYMBOL, **terms: Any) -> Action:
    return lambda ctx: ctx.cover(symbol, quantity, **terms)


def close(ctx: Context) -> object:
    return ctx.close(SYMBOL)


def target(quantity: Any, **terms: Any) -> Action:
    return lambda ctx: ctx.target_quantity(SYMBOL, quantity, **terms)


def oco(*actions: Action) -> Action:
    """Send orders and link them."""

    def link(ctx: Context) -> None:
        orders = [order for action in actions if isinstance(order := action(ctx), Order)]
        ctx.oco(*orders)

    return link


class Sent:
    """Keeps what an action sent, so that a later one can take it back."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self.orders: list[Order] = []

    def __call__(self, ctx: Context) -> None:
        order = self.action(ctx)
        assert isinstance(order, Order)
        self.orders.append(order)

    def cancel(self, ctx: Context) -> None:
        for order in self.orders:
            ctx.cancel(order)


def statuses_into(heard: list[tuple[int, int, str]]) -> dict[str, Any]:
    """Callbacks that write down each news of an order: bar, number, status."""

    def on_order_update(self: Any, ctx: Context, order: Order) -> None:
        bar = int(ctx.now.timestamp()) // 3_600 - 1
        heard.append((bar, order.id, order.status.value))

    return {"on_order_update": on_order_update}


def fills(result: BacktestResult) -> list[tuple[int, str, Decimal, Decimal]]:
    """Bar, side, quantity and price of every fill."""
    table = result.fills
    return [
        (int(ts) // HOUR_NS, side, quantity, price)
        for ts, side, quantity, price in zip(
            table["ts_ns"], table["side"], table["quantity"], table["price"], strict=True
        )
    ]


def prices(result: BacktestResult) -> list[tuple[int, Decimal]]:
    """Bar and price of every fill."""
    return [(bar, price) for bar, _, _, price in fills(result)]


def taken(result: BacktestResult) -> list[tuple[int, Decimal]]:
    """Bar and quantity of every fill."""
    return [(bar, quantity) for bar, _, quantity, _ in fills(result)]


def ends(result: BacktestResult) -> list[tuple[str, str]]:
    """Status and rule of every order; no rule is an empty one."""
    return list(zip(result.orders["status"], result.orders["rule"], strict=True))
