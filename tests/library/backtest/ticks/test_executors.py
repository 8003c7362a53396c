"""The compiled exchange gives the fills of the plain one, on random ticks, orders and models."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest

from quantloom.backtest import BacktestResult
from quantloom.backtest.ticks import (
    LOG_QUEUE,
    NO_LATENCY,
    PESSIMISTIC,
    PRO_RATA,
    RISK_AVERSE,
    Latency,
    QueueModel,
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
WAYS = 8


def wish(row: int, seed: int) -> tuple[int, int, int]:
    """What a random sender does at a row: an action, ticks from the best price, a quantity."""
    drawn = (row * 48271 + seed * 7919 + 12345) % 1000003
    return drawn % 23, drawn // 23 % 7 - 3, drawn // 161 % 6 + 1


class Random(Strategy):
    seed: int = Parameter(0, low=0)
    lot: int = Parameter(1, low=1)

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
        send(tick.symbol, quantity * self.lot, **ways[action // 2])


compiled_wish = kernel(wish)


@tick_program(seed=0, lot=1)
def random_program(desk: Any) -> None:
    action, away, quantity = compiled_wish(desk.row, int(desk.parameters[0]))
    if action == 8 or desk.in_use > 20:
        api.cancel_all(desk)
    if action >= 8 or not (desk.bid > 0 and desk.ask > 0):
        return
    best = desk.bid if action % 2 == 0 else desk.ask
    price = (np.rint(best * 100) + away) * 0.01
    terms = 3 if action // 2 == 3 else action // 2
    api.send(desk, 1 if action % 2 == 0 else -1, price, quantity * desk.parameters[1], terms)


class Case(NamedTuple):
    """A random run: its seed, and one choice of everything that a run can differ in."""

    seed: int
    levels: int
    model: QueueModel
    latency: Latency
    has_receipt: bool
    has_sizes: bool
    has_snapshots: bool
    lot: int

    @classmethod
    def of(cls, seed: int) -> "Case":
        """Every combination of choices once in as many seeds as there are combinations."""
        rest, sizes = divmod(seed, 4)
        rest, model = divmod(rest, len(MODELS))
        rest, latency = divmod(rest, len(LATENCIES))
        rest, levels = divmod(rest, 3)
        rest, has_receipt = divmod(rest, 2)
        return cls(
            seed,
            levels + 1,
            MODELS[model],
            LATENCIES[latency],
            has_receipt=bool(has_receipt),
            has_sizes=sizes > 0,
            has_snapshots=bool(rest % 2),
            lot=3 if sizes == 1 else 1,
        )


COMBINATIONS = 4 * 5 * 4 * 3 * 2 * 2


def random_ticks(case: Case, count: int = 150) -> Ticks:
    rng = np.random.default_rng(case.seed)
    ts = START + np.cumsum(rng.integers(0, 40, count)) * MS
    bid = 1_000 + np.cumsum(rng.integers(-1, 2, count) * (rng.random(count) < 0.4))
    spread = rng.integers(1, 4, count)
    away = np.arange(case.levels)
    book: dict[str, Any] = {
        "bid": np.round((bid[:, None] - away) * 0.01, 2),
        "ask": np.round((bid[:, None] + spread[:, None] + away) * 0.01, 2),
    }
    if case.has_sizes:
        for side in ("bid_size", "ask_size"):
            book[side] = rng.integers(1, 20, (count, case.levels))
    book["bid"][rng.random(count) < 0.02] = np.nan
    price = np.round((bid + rng.integers(-1, 4, count)) * 0.01, 2)
    size = rng.integers(1, 12, count)
    if case.has_snapshots:
        volume = np.cumsum(size * (rng.random(count) < 0.6))
        return Ticks.of_snapshots(SYMBOL, ts=ts, last=price, volume=volume, **book)
    received = None
    if case.has_receipt:
        received = np.maximum.accumulate(ts + rng.integers(0, 30, count) * MS)
    quotes = Ticks.of_quotes(SYMBOL, ts=ts, received=received, **book)
    chosen = np.sort(rng.integers(0, count, count))
    trades = Ticks.of_trades(
        SYMBOL,
        ts=ts[chosen],
        price=price[chosen],
        size=size,
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


def compare(seed: int) -> int:
    """Run a case both ways; how often it filled."""
    case = Case.of(seed)
    ticks = random_ticks(case)
    plain, compiled = (
        backtest_ticks(
            one,
            ticks,
            parameters={"seed": seed, "lot": case.lot},
            instrument=replace(INSTRUMENT, lot=Decimal(case.lot)),
            cash=10_000_000,
            commission=0.001,
            queue=case.model,
            latency=case.latency,
        )
        for one in (Random, random_program)
    )
    assert told(plain) == told(compiled), case
    assert (plain.executor, compiled.executor) == ("ticks", "ticks-compiled")
    assert plain.ticks == compiled.ticks
    return len(plain.fills)


def test_the_compiled_exchange_gives_the_fills_of_the_plain_one() -> None:
    # The step shares no factor with any choice, so that few seeds meet all of them.
    filled = [compare(seed) for seed in range(7, COMBINATIONS, 67)]

    assert len(filled) == 15
    assert sum(filled) > 500


def test_the_random_runs_meet_every_choice() -> None:
    few = [Case.of(seed) for seed in range(7, COMBINATIONS, 67)]
    every = [Case.of(seed) for seed in range(COMBINATIONS)]

    for name in Case._fields[1:]:
        met = {str(getattr(case, name)) for case in few}
        assert met == {str(getattr(case, name)) for case in every}, name


@pytest.mark.soak
def test_they_agree_on_many_more() -> None:
    filled = [compare(seed) for seed in range(2_000)]

    assert min(filled) < np.median(filled)
