"""A few bars of a real market, by its own clock, and a script over them under the rule book."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bars, Continuous
from quantloom.strategy import Context
from quantloom.trading import Fill, Side
from tests.library.backtest.builders import Script, scripted

Row = tuple[float, float, float, float]
Rows = dict[str, float | Row]
Action = Callable[[Context], object]


def bars_at(
    symbol: str,
    rows: Mapping[str, float | Row],
    *,
    timeframe: str = "1h",
    zone: str = "Asia/Shanghai",
    settlement: Sequence[float] | None = None,
) -> Bars:
    """Bars by local time; a lone number is a bar that stands still there.

    Args:
        settlement: of each bar's day; estimated by the run where not given.
    """
    table = [row if isinstance(row, tuple) else (row,) * 4 for row in rows.values()]
    opens, highs, lows, closes = np.array(table, dtype=np.float64).T
    clock = ZoneInfo("UTC" if timeframe == "1d" else zone)
    times = [datetime.fromisoformat(text).replace(tzinfo=clock) for text in rows]
    return Bars.of(
        symbol,
        timeframe,
        ts=np.array([int(moment.timestamp()) * 10**9 for moment in times]),
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=[1e9] * len(table),
        extras=None if settlement is None else {"settlement": np.array(settlement, dtype=float)},
    )


def without_volume(bars: Bars, rows: Collection[int]) -> Bars:
    """The same bars with no trade in some of them."""
    volume = [0.0 if row in rows else volume for row, volume in enumerate(bars.volume.tolist())]
    columns = {name: getattr(bars, name) for name in ("ts", "open", "high", "low", "close")}
    return Bars.of(bars.symbol, bars.timeframe, **columns, volume=volume)


def trade(bars: Bars | Continuous, script: Script, **settings: Any) -> BacktestResult:
    """Run a script, of actions after the bars counted from 0, under the rule book."""
    terms: dict[str, Any] = {"rules": True, "cash": 100_000} | settings
    return backtest(scripted(script), bars, **terms)


def buy(symbol: str, quantity: float, **terms: Any) -> Action:
    return lambda ctx: ctx.buy(symbol, quantity, **terms)


def sell(symbol: str, quantity: float | None = None, **terms: Any) -> Action:
    return lambda ctx: ctx.sell(symbol, quantity, **terms)


def short(symbol: str, quantity: float, **terms: Any) -> Action:
    return lambda ctx: ctx.short(symbol, quantity, **terms)


def own(symbol: str, quantity: int) -> Action:
    """Shares that came for nothing, such as bonus shares, on an earlier day."""

    def act(ctx: Context) -> None:
        gift = Fill(
            id=0,
            order_id=0,
            symbol=symbol,
            side=Side.BUY,
            quantity=Decimal(quantity),
            price=Decimal(0),
            commission=Decimal(0),
            slippage=Decimal(0),
            ts_ns=0,
            day=0,
        )
        ledger = ctx._desk.ledger
        ledger.apply(gift, ctx.instrument(symbol))

    return act
