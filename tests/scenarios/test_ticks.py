"""Index futures snapshots and a crypto book of real days, with numbers followed by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, load_result
from quantloom.backtest.ticks import (
    NO_LATENCY,
    PESSIMISTIC,
    RISK_AVERSE,
    QueueModel,
    TicksWithoutQuotes,
    backtest_ticks,
)
from quantloom.data import read_ticks
from quantloom.market import Tick, Ticks, merge_ticks
from quantloom.strategy import Context, Strategy
from tests.shared_data import SHARED, needs_shared

INDEX, COIN = "IF2101.CFFEX", "BTC-USDT-PERP.BINANCE"
ROW = 5_000  # the snapshot of 2021-01-04 10:11:53.4 in Shanghai


def index_ticks() -> Ticks:
    folder = SHARED / "data" / "ticks" / "cn_futures"
    return read_ticks(folder / "CFFEX.IF.HOT.ticks.20210104.parquet", symbol=INDEX)


def run_at(row: int, act: Callable[[Context], object], **options: Any) -> BacktestResult:
    class Once(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.row = -1

        def on_tick(self, ctx: Context, tick: Tick) -> None:
            self.row += 1
            if self.row == row:
                act(ctx)

    given: dict[str, Any] = {"cash": 2_000_000, "margin": 0.12, "latency": NO_LATENCY}
    return backtest_ticks(Once, index_ticks(), **(given | options))


def fills_of(result: BacktestResult) -> list[tuple[str, int, float]]:
    times = result.fills["ts_ns"].astype(np.int64).astype("datetime64[ns]")
    return [
        (str(ts)[14:21], int(quantity), float(price))
        for ts, quantity, price in zip(
            times, result.fills["quantity"], result.fills["price"], strict=True
        )
    ]


@needs_shared
@pytest.mark.parametrize(
    ("queue", "fills"),
    [
        # 9 stand at 5227.8. Sold there: 4 (5 are left, 5 shown), 2 (3, 3 shown); then only 2 are
        # shown; of the 3 sold at 55.4 one is ours, of the 3 at 56.4 all.
        (RISK_AVERSE, [("11:55.4", 1, 5227.8), ("11:56.4", 3, 5227.8)]),
        # Without what the book shows 3 stand before it until the 3 sold at 55.4 have gone.
        (PESSIMISTIC, [("11:56.4", 3, 5227.8), ("11:56.9", 1, 5227.8)]),
    ],
)
def test_a_bid_in_the_index_future_waits_for_its_turn(
    queue: QueueModel, fills: list[tuple[str, int, float]]
) -> None:
    result = run_at(ROW, lambda ctx: ctx.buy(INDEX, 4, price=5227.8), queue=queue)

    assert fills_of(result) == fills


@needs_shared
def test_a_market_order_takes_one_lot_of_each_snapshot_where_one_is_shown() -> None:
    result = run_at(ROW + 5, lambda ctx: ctx.buy(INDEX, 3), commission=0.000023)

    assert fills_of(result) == [
        ("11:55.9", 1, 5229.0),
        ("11:56.4", 1, 5228.0),
        ("11:56.9", 1, 5227.8),
    ]
    # 300 yuan a point: 15684.8 points of value pay 0.23 of a basis point.
    assert float(result.fills.floats("commission").sum()) == pytest.approx(15684.8 * 300 * 0.000023)
    assert int(result.positions["quantity"][0]) == 3


@needs_shared
def test_the_usual_latency_meets_the_next_snapshot() -> None:
    result = run_at(ROW + 7, lambda ctx: ctx.buy(INDEX, 1), latency=300)

    # Heard of at 57.2, there at 57.5: the snapshot of 57.4 still asks 5227.8 for one.
    assert fills_of(result) == [("11:57.5", 1, 5227.8)]


@needs_shared
def test_a_result_on_ticks_is_marked_by_the_minute_saved_and_read_again(tmp_path: Any) -> None:
    result = run_at(ROW + 5, lambda ctx: ctx.buy(INDEX, 1))

    loaded = load_result(result.save(tmp_path / "kept"))

    bars = index_ticks().bars("1m")
    assert len(result.equity) == len(bars) == 242  # the auction, and 241 minutes
    last = float(bars.close[-1])
    assert float(result.final_equity) == pytest.approx(2_000_000 + (last - 5229.0) * 300)
    assert loaded.ticks == result.ticks
    assert loaded.hashes == result.hashes
    assert result.summary()["ticks"]["queue"] == "risk_averse"


@needs_shared
def test_a_maker_on_a_real_book_fills_after_its_orders_have_arrived() -> None:
    folder = SHARED / "data" / "ticks" / "crypto"
    quotes, trades = (
        read_ticks(folder / f"binance_usdm.BTC-USDT.{kind}.20240808.parquet", symbol=COIN)
        for kind in ("book_ticker", "trades")
    )
    ticks = merge_ticks(trades, quotes)

    class Joiner(Strategy):
        def on_tick(self, ctx: Context, tick: Tick) -> None:
            if not ctx.orders() and tick.bid > 0:
                if ctx.position:
                    ctx.sell(COIN, price=ctx.round_up(tick.ask), post_only=True)
                else:
                    ctx.buy(COIN, 1, price=ctx.round_down(tick.bid), post_only=True)

    slow, fast = (
        backtest_ticks(Joiner, ticks[:20_000], cash=1_000_000, latency=latency)
        for latency in (250, 0)
    )

    for result, latency_ms in ((slow, 250), (fast, 0)):
        sent = result.orders["submitted_ns"][result.fills["order_id"].astype(np.int64) - 1]
        waited = result.fills["ts_ns"].astype(np.int64) - sent.astype(np.int64)
        assert len(waited) > 20
        assert (waited >= latency_ms * 1_000_000).all()
    assert ticks.received is not None
    assert (ticks.received >= ticks.ts).all()
    assert fast.ticks is not None
    assert fast.ticks.kinder == ("an order, a cancel or its news takes no time",)


@needs_shared
def test_trades_alone_are_refused_with_what_to_do() -> None:
    path = SHARED / "data" / "ticks" / "us_stock" / "SPY.trades.20131007.parquet"

    with pytest.raises(TicksWithoutQuotes, match="merge_ticks"):
        backtest_ticks("sma-cross", read_ticks(path, symbol="SPY.ARCA"))
