"""The equity curve, reckoned anew from the fills, bar by bar."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.data import random_walk
from quantloom.market import Bar, Instrument, Kind
from quantloom.strategy import Context, Strategy

D = Decimal
KINDS = [Kind.STOCK, Kind.FUTURE, Kind.SPOT, Kind.PERPETUAL]


class Turning(Strategy):
    """Turns the position over every few bars, by orders of every kind."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.random.random() < 0.3:
            ctx.target_quantity(bar.symbol, int(ctx.random.integers(-4, 5)))
        if ctx.position.is_long and not ctx.orders():
            ctx.sell(bar.symbol, 1, stop=ctx.round_down(bar.close * 0.999))


def turn(**terms: Any) -> BacktestResult:
    bars = random_walk(500, seed=8, volatility=0.002)
    instrument = Instrument(symbol=bars.symbol, tick_size=D("0.01"), **terms)
    return backtest(
        Turning, bars, instrument=instrument, commission=0.0005, slippage=1, margin=0.2, cash=50_000
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("multiplier", ["1", "10", "0.01"])
def test_the_curve_is_cash_plus_position_at_every_close(kind: Kind, multiplier: str) -> None:
    result = turn(kind=kind, multiplier=D(multiplier))
    assert len(result.fills) > 100

    cash, held, curve = D(50_000), D(0), []
    fills = list(result.fills.rows())
    for ts, close in zip(result.bars.ts.tolist(), result.bars.close.tolist(), strict=True):
        while fills and fills[0]["ts_ns"] == ts:
            fill = fills.pop(0)
            signed = fill["quantity"] * (1 if fill["side"] == "buy" else -1)
            cash -= signed * fill["price"] * D(multiplier) + fill["commission"]
            held += signed
        curve.append(float(cash + held * D(repr(close)) * D(multiplier)))

    assert result.equity["equity"].tolist() == pytest.approx(curve, rel=1e-12)
    assert float(result.final_equity) == pytest.approx(curve[-1], rel=1e-15)


def test_paying_in_full_and_on_margin_give_one_equity() -> None:
    spot, margined = turn(kind=Kind.STOCK), turn(kind=Kind.FUTURE)

    assert spot.final_equity == margined.final_equity
    assert spot.equity["quantity"].tolist() == margined.equity["quantity"].tolist()
    assert spot.final_cash != margined.final_cash


def test_the_metrics_end_where_the_curve_ends() -> None:
    result = turn(kind=Kind.STOCK)

    assert result.metrics.final_equity == pytest.approx(float(result.final_equity))
    assert result.metrics.commission == pytest.approx(float(sum(result.fills["commission"])))
    assert result.metrics.slippage == pytest.approx(float(sum(result.fills["slippage"])))
    assert result.metrics.round_trip_count == len(result.round_trips)


def test_round_trips_and_the_open_position_explain_the_whole_profit() -> None:
    result = turn(kind=Kind.FUTURE)

    gained = sum(result.round_trips["pnl"]) + sum(result.positions["unrealised"])
    entry_costs = sum(result.fills["commission"]) - sum(result.round_trips["commission"])
    assert result.final_equity == 50_000 + gained - entry_costs
