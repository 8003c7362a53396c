"""Small ticks by hand, and strategies that send what a test says at which row."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult
from quantloom.backtest.ticks import NO_LATENCY, RISK_AVERSE, backtest_ticks
from quantloom.market import Instrument, Kind, Tick, Ticks, merge_ticks
from quantloom.strategy import Context, Strategy
from quantloom.trading import Fill, Order

SYMBOL = "X.LOCAL"
START = 1_704_186_000_000_000_000  # 2024-01-02 09:00 UTC
SECOND = 1_000_000_000
MS = 1_000_000
INSTRUMENT = Instrument(symbol=SYMBOL, kind=Kind.STOCK, tick_size=Decimal("0.01"))

Row = tuple[float, ...]
"""A quote, its bid, bid size, ask and ask size; or a trade, its price, size and side."""
Act = Callable[[Context, Tick], object]


def make_ticks(rows: Sequence[Row], *, step_ns: int = SECOND) -> Ticks:
    """One row a second: a quote of four numbers or a trade of three."""
    quotes = [(at, row) for at, row in enumerate(rows) if len(row) == 4]
    trades = [(at, row) for at, row in enumerate(rows) if len(row) == 3]
    parts = []
    if quotes:
        bid, bid_size, ask, ask_size = np.array([row for _, row in quotes]).T
        ts = START + step_ns * np.array([at for at, _ in quotes])
        parts.append(
            Ticks.of_quotes(SYMBOL, ts=ts, bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size)
        )
    if trades:
        price, size, side = np.array([row for _, row in trades]).T
        ts = START + step_ns * np.array([at for at, _ in trades])
        parts.append(Ticks.of_trades(SYMBOL, ts=ts, price=price, size=size, side=side))
    return merge_ticks(*parts)


class Scripted(Strategy):
    """Does at each row what `script` says, and keeps what it hears."""

    script: dict[int, Act]
    heard: list[tuple[int, int, str]]

    def initialize(self, ctx: Context) -> None:
        self.row = -1
        self.heard.clear()

    def on_tick(self, ctx: Context, tick: Tick) -> None:
        self.row += 1
        act = self.script.get(self.row)
        if act is not None:
            act(ctx, tick)

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        self.heard.append((int(ctx.now.timestamp() * 1e3), fill.order_id, "fill"))

    def on_order_update(self, ctx: Context, order: Order) -> None:
        self.heard.append((int(ctx.now.timestamp() * 1e3), order.id, order.status.value))


def run_script(rows: Ticks | Sequence[Row], script: dict[int, Act], **options: Any) -> Any:
    """Run a script; the result, with what the strategy heard as `heard` beside it."""
    ticks = rows if isinstance(rows, Ticks) else make_ticks(rows)
    heard: list[tuple[int, int, str]] = []
    made = type("Made", (Scripted,), {"script": script, "heard": heard})
    given: dict[str, Any] = {"instrument": INSTRUMENT, "latency": NO_LATENCY, "queue": RISK_AVERSE}
    result = backtest_ticks(made, ticks, **(given | options))
    return result, heard


def fills_of(result: BacktestResult) -> list[tuple[float, float, float]]:
    """Seconds since the start, signed quantity and price of each fill."""
    columns = (result.fills[name].tolist() for name in ("ts_ns", "side", "quantity", "price"))
    return [
        ((ts - START) / SECOND, float(quantity) * (1 if side == "buy" else -1), float(price))
        for ts, side, quantity, price in zip(*columns, strict=True)
    ]


def ends_of_orders(result: BacktestResult) -> list[tuple[str, str]]:
    """Status and rule of each order."""
    pairs = zip(result.orders["status"].tolist(), result.orders["rule"].tolist(), strict=True)
    return [(str(status), rule) for status, rule in pairs]
