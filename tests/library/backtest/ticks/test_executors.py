"""The compiled exchange gives the fills of the plain one, on random ticks, orders and models."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult
from quantloom.backtest.ticks import (
    LOG_QUEUE,
    NO_LATENCY,
    PESSIMISTIC,
    PRO_RATA,
    RISK_AVERSE,
    Latency,
    backtest_ticks,
    constant_latency,
    latency_series,
    power_queue,
    tick_program,
)
from quantloom.backtest.ticks import kernels as api
from quantloom.kit.compiling import kernel
from quantloom.market import Tick, Ticks, merge_ticks
from quantloom.strategy import Context, Parameter, Strategy
from tests.library.backtest.ticks.builders import INSTRUMENT, MS, START, SYMBOL

MODELS = [PESSIMISTIC, RISK_AVERSE, PRO_RATA, power_queue(2.5), LOG_QUEUE]
WAYS = 8


def wish(row: int, seed: int) -> tuple[int, int, int]:
    """What a random sender does at a row: an action, ticks from the best price, a quantity."""
    drawn = (row * 48271 + seed * 7919 + 12345) % 1000003
    return drawn % 23, drawn // 23 % 7 - 3, drawn // 161 % 6 + 1


class Random(Strategy):
    seed: int = Parameter(0, low=0)

    def initialize(self, ctx: Context) -> None:
        self.row = -1

    def on_tick(self, ctx: Context, tick: Tick) -> None:
        self.row += 1
        action, away, quantity = wish(self.row, self.seed)
        if action == WAYS or len(ctx.orders()) > 20:
            ctx.cancel_all()
        if action >= WAYS or not (tick.bid > 0 and tick.ask > 0):
            return
        best = tick.bid if action % 2 == 0 else tick.ask
        price = (round(best * 100) + away) * Decimal("0.01")
        send = ctx.buy if action % 2 == 0 else ctx.short
        ways: list[dict[str, Any]] = [
            {"price": price},
            {"price": price, "post_only": True},
            {"price": price, "tif": "IOC"},
            {},
        ]
        send(tick.symbol, quantity, **ways[action // 2])


compiled_wish = kernel(wish)


@tick_program(seed=0)
def random_program(desk: Any) -> None:
    action, away, quantity = compiled_wish(desk.row, int(desk.parameters[0]))
    if action == 8 or desk.in_use > 20:
        api.cancel_all(desk)
    if action >= 8 or not (desk.bid > 0 and desk.ask > 0):
        return
    best = desk.bid if action % 2 == 0 else desk.ask
    price = (np.rint(best * 100) + away) * 0.01
    terms = 3 if action // 2 == 3 else action // 2
    api.send(desk, 1 if action % 2 == 0 else -1, price, float(quantity), terms)


def random_ticks(seed: int, count: int, levels: int, *, with_receipt: bool) -> Ticks:
    rng = np.random.default_rng(seed)
    ts = START + np.cumsum(rng.integers(0, 40, count)) * MS
    bid = 1_000 + np.cumsum(rng.integers(-1, 2, count) * (rng.random(count) < 0.4))
    spread = rng.integers(1, 4, count)
    away = np.arange(levels)
    received = np.maximum.accumulate(ts + rng.integers(0, 30, count) * MS) if with_receipt else None
    bids = np.round((bid[:, None] - away) * 0.01, 2)
    asks = np.round((bid[:, None] + spread[:, None] + away) * 0.01, 2)
    bids[rng.random(count) < 0.02] = np.nan
    quotes = Ticks.of_quotes(
        SYMBOL,
        ts=ts,
        bid=bids,
        ask=asks,
        bid_size=rng.integers(1, 20, (count, levels)),
        ask_size=rng.integers(1, 20, (count, levels)),
        received=received,
    )
    chosen = np.sort(rng.integers(0, count, count))
    price = np.round((bid[chosen] + rng.integers(-1, 4, count)) * 0.01, 2)
    trades = Ticks.of_trades(
        SYMBOL,
        ts=ts[chosen],
        price=price,
        size=rng.integers(1, 12, count),
        side=rng.integers(-1, 2, count),
        received=None if received is None else received[chosen],
    )
    return merge_ticks(trades, quotes)


def told(result: BacktestResult) -> list[list[Any]]:
    fills = [
        result.fills[name].tolist()
        for name in ("order_id", "ts_ns", "side", "quantity", "price", "commission")
    ]
    orders = [
        result.orders[name].tolist()
        for name in ("side", "kind", "quantity", "price", "tif", "status", "filled", "rule")
    ]
    times = [result.orders[name].tolist() for name in ("submitted_ns",)]
    return [*fills, *orders, *times, [result.final_cash, result.final_equity]]


LATENCIES: list[Latency] = [
    NO_LATENCY,
    constant_latency(15),
    constant_latency(3, cancel_ms=40, response_ms=11, feed_ms=0),
    latency_series(
        [START, START + 500 * MS, START + 900 * MS],
        [0, 90 * MS, 7 * MS],
        response_ns=[5 * MS, 1, 33 * MS],
    ),
]


def compare(seed: int, levels: int, model: int, latency: int, *, with_receipt: bool) -> int:
    ticks = random_ticks(seed, 150, levels, with_receipt=with_receipt)
    plain, compiled = (
        backtest_ticks(
            one,
            ticks,
            parameters={"seed": seed},
            instrument=INSTRUMENT,
            cash=10_000_000,
            commission=0.001,
            queue=MODELS[model],
            latency=LATENCIES[latency],
        )
        for one in (Random, random_program)
    )
    assert told(plain) == told(compiled)
    return len(plain.fills)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    levels=st.integers(1, 3),
    model=st.integers(0, len(MODELS) - 1),
    latency=st.integers(0, len(LATENCIES) - 1),
    with_receipt=st.booleans(),
)
def test_the_compiled_exchange_gives_the_fills_of_the_plain_one(
    seed: int, levels: int, model: int, latency: int, with_receipt: bool
) -> None:
    compare(seed, levels, model, latency, with_receipt=with_receipt)


@pytest.mark.soak
def test_they_agree_on_many_more() -> None:
    filled = [
        compare(seed, seed % 3 + 1, seed % 5, seed % 4, with_receipt=seed % 2 == 0)
        for seed in range(2_000)
    ]

    assert min(filled) < np.median(filled)
