"""Bars, instruments and scripted strategies with defaults, for tests of the engine."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bar, Bars, Instrument, Kind
from quantloom.strategy import Context, Strategy

SYMBOL = "TEST.LOCAL"
HOUR_NS = 3_600_000_000_000

Action = Callable[[Context], object]
Row = tuple[float, float, float, float]


def make_instrument(**given: Any) -> Instrument:
    fields: dict[str, Any] = {"kind": Kind.STOCK, "tick_size": Decimal("0.01")} | given
    return Instrument(symbol=SYMBOL, **fields)


def make_bars(
    rows: Sequence[float | Row],
    *,
    volume: Sequence[float] | None = None,
    timeframe: str = "1h",
    start_ns: int = 0,
) -> Bars:
    """Bars of (open, high, low, close); a lone number is a bar that stands still there."""
    table = [row if isinstance(row, tuple) else (row,) * 4 for row in rows]
    opens, highs, lows, closes = np.array(table, dtype=np.float64).T
    return Bars.of(
        SYMBOL,
        timeframe,
        ts=start_ns + np.arange(len(rows), dtype=np.int64) * HOUR_NS,
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=volume,
    )


def scripted(script: Mapping[int, Action | Sequence[Action]], **callbacks: Any) -> type[Strategy]:
    """A strategy that does what the script says on each bar, counted from 0; -1 is `on_start`."""

    class Scripted(Strategy):
        row = -1

        def on_start(self, ctx: Context) -> None:
            self._act(ctx)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            self.row += 1
            self._act(ctx)

        def _act(self, ctx: Context) -> None:
            actions = script.get(self.row, ())
            for action in [actions] if callable(actions) else actions:
                action(ctx)

    return type("Scripted", (Scripted,), callbacks)


def run(
    script: Mapping[int, Action | Sequence[Action]],
    rows: Sequence[float | Row],
    *,
    volume: Sequence[float] | None = None,
    instrument: Instrument | None = None,
    callbacks: Mapping[str, Any] | None = None,
    **settings: Any,
) -> BacktestResult:
    """Run a script over bars, without costs but for those given."""
    return backtest(
        scripted(script, **(callbacks or {})),
        make_bars(rows, volume=volume),
        instrument=instrument or make_instrument(),
        **settings,
    )


def buy(quantity: Any = None, **terms: Any) -> Action:
    return lambda ctx: ctx.buy(SYMBOL, quantity, **terms)


def short(quantity: Any = None, **terms: Any) -> Action:
    return lambda ctx: ctx.short(SYMBOL, quantity, **terms)


def sell(quantity: Any = None, **terms: Any) -> Action:
    return lambda ctx: ctx.sell(SYMBOL, quantity, **terms)


def cover(quantity: Any = None, **terms: Any) -> Action:
    return lambda ctx: ctx.cover(SYMBOL, quantity, **terms)


def close(ctx: Context) -> object:
    return ctx.close(SYMBOL)


def target(quantity: Any) -> Action:
    return lambda ctx: ctx.target_quantity(SYMBOL, quantity)


def fills(result: BacktestResult) -> list[tuple[int, str, Decimal, Decimal]]:
    """Bar, side, quantity and price of every fill."""
    table = result.fills
    return [
        (int(ts) // HOUR_NS, side, quantity, price)
        for ts, side, quantity, price in zip(
            table["ts_ns"], table["side"], table["quantity"], table["price"], strict=True
        )
    ]


def ends(result: BacktestResult) -> list[tuple[str, str]]:
    """Status and rule of every order; no rule is an empty one."""
    return list(zip(result.orders["status"], result.orders["rule"], strict=True))
