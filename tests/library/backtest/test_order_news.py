"""Statuses, news and refusals: sentences 29 to 34 of docs/reference/orders.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import StrategyFailed
from quantloom.strategy import Context, SymbolNotInRun
from quantloom.trading import Fill, Order
from tests.library.backtest.builders import SYMBOL, buy, ends, fills, run, sell, target

D = Decimal


def test_a_cut_order_is_cancelled_with_what_it_filled() -> None:
    result = run({0: target(15)}, [10, 10], cash=100)

    assert ends(result) == [("cancelled", "trimmed")]
    assert result.orders["filled"].tolist() == [10]
    assert result.orders["reason"][0] == "the account could hold 10 of it and no more"


def test_news_comes_in_the_order_in_which_it_happened() -> None:
    heard: list[tuple[str, int, str]] = []

    def on_fill(self: Any, ctx: Context, fill: Fill) -> None:
        heard.append(("fill", fill.order_id, ""))

    def on_order_update(self: Any, ctx: Context, order: Order) -> None:
        heard.append(("update", order.id, order.status.value))

    run(
        {0: [buy(1, price=9), buy(1), buy("0.5")], 1: target(20)},
        [10, (10, 10, 9, 10), 10],
        cash=150,
        callbacks={"on_fill": on_fill, "on_order_update": on_order_update},
    )

    assert heard == [
        ("update", 1, "accepted"),
        ("update", 2, "accepted"),
        ("update", 3, "rejected"),
        ("fill", 2, ""),
        ("update", 2, "filled"),
        ("fill", 1, ""),
        ("update", 1, "filled"),
        ("update", 4, "accepted"),
        ("fill", 4, ""),
        ("update", 4, "cancelled"),
    ]


def test_news_of_the_start_and_the_end_is_told_as_it_comes() -> None:
    heard: list[tuple[int, str]] = []

    def on_order_update(self: Any, ctx: Context, order: Order) -> None:
        heard.append((order.id, order.status.value))

    def on_stop(self: Any, ctx: Context) -> None:
        ctx.buy(SYMBOL, 1)

    callbacks = {"on_order_update": on_order_update, "on_stop": on_stop}
    result = run({-1: buy(1, price=5)}, [10], callbacks=callbacks)

    assert heard == [(1, "accepted"), (2, "accepted"), (1, "expired"), (2, "expired")]
    assert ends(result) == [("expired", "end_of_data")] * 2


def test_an_order_sent_on_the_last_news_ends_too() -> None:
    def send_again(self: Any, ctx: Context, order: Order) -> None:
        if order.status == "expired":
            ctx.buy(SYMBOL, 1, price=5)

    result = run({0: buy(1, price=5)}, [10, 10], callbacks={"on_order_update": send_again})

    assert ends(result) == [("expired", "end_of_data")] * 2


def test_a_quantity_is_checked_before_a_price() -> None:
    odd = run({0: [buy("1.5", price="5.001"), buy(-1, price=-1), buy(1, price=-1)]}, [10])

    assert [rule for _, rule in ends(odd)] == ["off_lot", "off_lot", "bad_price"]


def test_a_price_off_the_tick_is_refused() -> None:
    result = run({0: [buy(1, price="9.995"), sell(1, stop=9.995)]}, [10])

    assert ends(result) == [("rejected", "off_tick")] * 2
    assert result.orders["reason"][0] == (
        "price 9.995 is not a multiple of tick 0.01; round it with ctx.round_down or ctx.round_up"
    )


def test_rounding_helpers_make_prices_that_are_taken() -> None:
    def send(ctx: Context) -> None:
        ctx.buy(SYMBOL, 1, price=ctx.round_down(9.999))
        ctx.buy(SYMBOL, 1, stop=ctx.round_up("10.001"))

    result = run({0: send}, [10])

    assert result.orders["price"][0] == D("9.99")
    assert result.orders["stop"][1] == D("10.01")


def test_an_oversize_order_is_rejected_with_the_numbers() -> None:
    result = run({0: buy(11)}, [10, 10.5], cash=100)

    assert ends(result) == [("rejected", "insufficient_funds")]
    told = "holding 11 at 10.50 the account needs 115.50 in all, and has 100.00"
    assert result.orders["reason"][0] == told


def test_another_symbol_is_an_error_that_names_what_there_is() -> None:
    with pytest.raises(StrategyFailed, match=r"AAPL\.NASDAQ is not part of this run") as caught:
        run({0: lambda ctx: ctx.buy("AAPL.NASDAQ", 1)}, [10])

    assert isinstance(caught.value.__cause__, SymbolNotInRun)
    assert caught.value.__cause__.known == (SYMBOL,)


def test_working_orders_are_listed_oldest_first() -> None:
    listed: list[list[int]] = []

    def look(ctx: Context) -> None:
        listed.append([order.id for order in ctx.orders(SYMBOL)])

    run({0: [buy(1), buy(1, price=5), look], 1: look}, [10, 10])

    assert listed == [[1, 2], [2]]


def test_fills_and_position_are_seen_by_the_same_bars_callback() -> None:
    seen: list[Decimal] = []

    result = run({0: buy(2), 1: lambda ctx: seen.append(ctx.position.quantity)}, [10, 10])

    assert seen == [2]
    assert fills(result)[0][2] == 2


def test_an_order_that_changes_twice_in_a_bar_is_told_once() -> None:
    heard: list[str] = []

    def on_order_update(self: Any, ctx: Context, order: Order) -> None:
        heard.append(order.status.value)

    run(
        {0: buy(1, stop=10, price=10.5)},
        [9, (10.2, 10.2, 10.2, 10.2)],
        callbacks={"on_order_update": on_order_update},
    )

    assert heard == ["accepted", "filled"]  # not triggered, which it was for no time
