"""When an order is offered to a bar: sentences 1 to 11 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import backtest
from quantloom.market import Bar, Kind
from quantloom.strategy import Context, Strategy
from quantloom.trading import Fill
from tests.library.backtest.builders import (
    HOUR_NS,
    SYMBOL,
    Row,
    Sent,
    buy,
    ends,
    fills,
    make_bars,
    make_instrument,
    prices,
    run,
    statuses_into,
)

D = Decimal


def test_history_ends_with_the_bar_just_closed() -> None:
    seen: list[tuple[float, float, float]] = []

    class Watching(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.close = ctx.line("close")

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen.append((bar.close, float(ctx.history(5).close[-1]), self.close[-1]))

    backtest(Watching, make_bars([10, 11, 12]), instrument=make_instrument())

    assert seen == [(10, 10, 10), (11, 11, 11), (12, 12, 12)]


def test_an_order_fills_from_the_next_bars_open() -> None:
    result = run({0: buy(1)}, [(10, 12, 9, 11), (13, 14, 12, 12)])

    assert fills(result) == [(1, "buy", D(1), D(13))]


def test_an_order_sent_at_the_start_fills_on_the_first_bar() -> None:
    result = run({-1: buy()}, [(10, 20, 10, 20), 20], cash=1_000, weight=1)

    assert fills(result) == [(0, "buy", D(100), D(10))]


def test_an_order_sent_on_a_fill_waits_for_the_next_bar() -> None:
    def on_fill(self: Any, ctx: Context, fill: Fill) -> None:
        if fill.side == "buy":
            ctx.sell(SYMBOL, stop=9)

    result = run(
        {0: buy(1)}, [10, (10, 10, 8, 10), (10, 10, 8, 10)], callbacks={"on_fill": on_fill}
    )

    assert fills(result) == [(1, "buy", D(1), D(10)), (2, "sell", D(1), D(9))]


def test_a_cancel_in_on_fill_comes_after_the_whole_bar() -> None:
    def on_fill(self: Any, ctx: Context, fill: Fill) -> None:
        ctx.cancel_all()

    result = run(
        {0: [buy(1), buy(1, price=9)]}, [10, (10, 10, 9, 10)], callbacks={"on_fill": on_fill}
    )

    assert ends(result) == [("filled", ""), ("filled", "")]


def test_a_bar_without_volume_fills_nothing() -> None:
    result = run({0: buy(1)}, [10, 11, 12], volume=[5, 0, 5])

    assert fills(result) == [(2, "buy", D(1), D(12))]


def test_a_stop_is_not_reached_on_a_bar_without_volume() -> None:
    result = run({0: buy(1, stop=11)}, [10, (10, 12, 10, 10), 10], volume=[5, 0, 5])

    assert fills(result) == []


@pytest.mark.parametrize("volume", [None, [0, 0, 0], [np.nan, 5, 5]])
def test_bars_of_a_source_without_volume_fill(volume: list[float] | None) -> None:
    result = run({-1: buy(1)}, [10, 11, 12], volume=volume)

    assert fills(result) == [(0, "buy", D(1), D(10))]


def test_the_volume_of_fx_counts_as_unknown() -> None:
    fx = make_instrument(kind=Kind.FX)

    result = run({0: buy(50)}, [10, 11], volume=[5, 0], instrument=fx, participation="0.1")

    assert fills(result) == [(1, "buy", D(50), D(11))]


def test_latency_holds_an_order_back_by_that_many_bars() -> None:
    heard: list[tuple[int, int, str]] = []

    result = run({0: buy(1)}, [10, 11, 12, 13, 14], latency=2, callbacks=statuses_into(heard))

    assert prices(result) == [(3, D(13))]
    assert heard == [(2, 1, "accepted"), (3, 1, "filled")]


def test_an_order_on_its_way_is_pending() -> None:
    seen: list[str] = []
    order = Sent(buy(1, price=5))

    def look(ctx: Context) -> None:
        seen.append(order.orders[0].status)

    run({0: [order, look], 1: look, 2: look}, [10, 10, 10], latency=2)

    assert seen == ["pending_new", "pending_new", "accepted"]


def test_an_order_of_the_start_is_held_back_likewise() -> None:
    result = run({-1: buy(1)}, [10, 11, 12], latency=1)

    assert prices(result) == [(1, D(11))]


def test_an_order_still_on_its_way_at_the_end_expires() -> None:
    result = run({0: buy(1)}, [10, 10, 10], latency=2)

    assert ends(result) == [("expired", "end_of_data")]


def test_a_late_cancel_does_not_stop_what_fills_meanwhile() -> None:
    heard: list[tuple[int, int, str]] = []
    dip: Row = (10, 10, 9, 10)
    touched, missed = Sent(buy(1, price=9)), Sent(buy(1, price=9))

    filled = run({0: touched, 2: touched.cancel}, [10, 10, 10, dip], latency=1)
    gone = run(
        {0: missed, 2: missed.cancel},
        [10, 10, 10, 10, dip],
        latency=1,
        callbacks=statuses_into(heard),
    )

    assert prices(filled) == [(3, D(9))]
    assert ends(gone) == [("cancelled", "cancelled_by_strategy")]
    assert heard[-2:] == [(2, 1, "pending_cancel"), (3, 1, "cancelled")]


def test_the_end_of_a_day_comes_before_a_late_cancel() -> None:
    order = Sent(buy(1, price=9, tif="DAY"))

    result = run({0: order, 2: order.cancel}, [10] * 5, start_hour=20, latency=1)

    assert ends(result) == [("expired", "day_over")]


def test_orders_expire_after_the_last_bar() -> None:
    result = run({0: buy(1, price=5), 1: buy(1)}, [10, 10])

    assert ends(result) == [("expired", "end_of_data"), ("expired", "end_of_data")]


def test_a_fill_carries_the_open_time_of_its_bar() -> None:
    result = run({0: buy(1, price=9)}, [10, 10, (10, 10, 9, 10)])

    assert result.fills["ts_ns"].tolist() == [2 * HOUR_NS]
