"""Every sentence of docs/reference/orders.md that fills.md does not hold already."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import StrategyFailed
from quantloom.market import Kind
from quantloom.strategy import Context, FixedSize, SymbolNotInRun
from quantloom.trading import Fill, Order
from tests.library.backtest.builders import (
    SYMBOL,
    Action,
    buy,
    close,
    cover,
    ends,
    fills,
    make_instrument,
    run,
    sell,
    short,
    target,
)

D = Decimal


def quantities(result: Any) -> list[tuple[str, Decimal]]:
    return [(row["side"], row["quantity"]) for row in result.orders.rows()]


@pytest.mark.parametrize(
    ("method", "side"), [(buy, "buy"), (cover, "buy"), (short, "sell"), (sell, "sell")]
)
def test_price_makes_a_limit_and_stop_a_stop(method: Any, side: str) -> None:
    result = run({0: [method(1), method(1, price=5), method(1, stop=15)]}, [10])

    assert result.orders["side"].tolist() == [side] * 3
    assert result.orders["kind"].tolist() == ["market", "limit", "stop"]
    assert result.orders["price"].tolist() == [None, D(5), D(15)]


def test_price_and_stop_together_are_an_error() -> None:
    with pytest.raises(StrategyFailed, match="price=5 or stop=15, not both"):
        run({0: buy(1, price=5, stop=15)}, [10])


def test_targets_count_market_orders_on_their_way() -> None:
    result = run({0: [buy(3), buy(9, price=5), buy(9, stop=15), target(5)]}, [10, 10])

    assert quantities(result)[-1] == ("buy", D(2))
    assert result.equity["quantity"][-1] == 5


def test_a_closing_order_on_its_way_counts_for_what_it_can_close() -> None:
    result = run({0: buy(10), 1: [sell(100), target(50)]}, [10, 10, 10])

    assert result.equity["quantity"].tolist() == [0, 10, 50]


def test_a_second_close_finds_nothing_left() -> None:
    result = run({0: buy(10), 1: [close, close, sell()]}, [10, 10, 10])

    assert ends(result) == [("filled", ""), ("filled", ""), ("rejected", "nothing_to_close")]


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [("25", ("buy", D(20))), ("-25", ("sell", D(20))), ("10", ("buy", D(10)))],
)
def test_a_target_sends_the_whole_lots_of_the_difference(
    wanted: str, sent: tuple[str, Decimal]
) -> None:
    result = run({0: target(wanted)}, [10, 10], instrument=make_instrument(lot=D(10)))

    assert quantities(result) == [sent]


@pytest.mark.parametrize("wanted", ["0", "9.9", "-9.9"])
def test_a_target_within_a_lot_sends_nothing(wanted: str) -> None:
    returned: list[object] = []

    run(
        {0: lambda ctx: returned.append(ctx.target_quantity(SYMBOL, wanted))},
        [10],
        instrument=make_instrument(lot=D(10)),
    )

    assert returned == [None]


def test_close_leaves_stops_and_limits_working() -> None:
    result = run({0: buy(1), 1: [short(1, stop=5), close]}, [10, 10, 10])

    assert ends(result)[1:] == [("expired", "end_of_data"), ("filled", "")]


@pytest.mark.parametrize(("value", "quantity"), [(59, 5), (-59, -5), (60, 6), (0, 0)])
def test_a_target_value_rounds_towards_zero(value: int, quantity: int) -> None:
    result = run({0: lambda ctx: ctx.target_value(SYMBOL, value)}, [10, 10])

    assert result.equity["quantity"][-1] == quantity


def test_a_target_value_counts_the_multiplier() -> None:
    future = make_instrument(kind=Kind.FUTURE, multiplier=D(5))

    result = run({0: lambda ctx: ctx.target_value(SYMBOL, 120)}, [10, 10], instrument=future)

    assert result.equity["quantity"][-1] == 2


def test_a_target_weight_is_a_share_of_equity() -> None:
    # 50 shares bought at 10 stand at 20, so equity is 1,500; half of it is 37 shares.
    half: Action = lambda ctx: ctx.target_weight(SYMBOL, 0.5)  # noqa: E731

    result = run({0: buy(50), 1: half}, [10, (10, 20, 10, 20), 20], cash=1_000)

    assert quantities(result)[1] == ("sell", D(13))


@pytest.mark.parametrize(("weight", "quantity"), [("0.5", 25), ("-0.5", -50)])
def test_a_margin_weight_is_divided_by_the_margin_ratio(weight: str, quantity: int) -> None:
    from quantloom.trading import Margin

    future = make_instrument(kind=Kind.FUTURE)

    result = run(
        {0: lambda ctx: ctx.target_weight(SYMBOL, weight, of="margin")},
        [10, 10],
        cash=100,
        margin=Margin(D("0.2"), D("0.1")),
        instrument=future,
    )

    assert result.equity["quantity"][-1] == quantity


def test_cancel_ends_a_working_order_and_no_other() -> None:
    sent: list[Order] = []

    def send(ctx: Context) -> None:
        sent.extend([ctx.buy(SYMBOL, 1), ctx.buy(SYMBOL, 1, price=5)])

    def cancel(ctx: Context) -> None:
        for order in sent:
            ctx.cancel(order)

    result = run({0: send, 1: cancel}, [10, 10, 5])

    assert ends(result) == [("filled", ""), ("cancelled", "cancelled_by_strategy")]


def test_cancel_all_takes_every_working_order_back() -> None:
    result = run({0: [buy(1), buy(1, price=5), Context.cancel_all]}, [10, 5])

    assert {status for status, _ in ends(result)} == {"cancelled"}
    assert len(result.fills) == 0


def test_the_tag_of_the_entry_is_carried_to_the_round_trip() -> None:
    result = run({0: buy(1, tag="in"), 1: sell(tag="out")}, [10, 10, 10])

    assert result.fills["tag"].tolist() == ["in", "out"]
    assert result.round_trips["tag"].tolist() == ["in"]


def test_a_fixed_size_is_taken_as_it_stands() -> None:
    result = run({0: [buy(), short()]}, [10, 10], size=7)

    assert quantities(result) == [("buy", D(7)), ("sell", D(7))]
    assert result.spec.sizing == FixedSize(D(7))


def test_an_equity_share_is_notional() -> None:
    future = make_instrument(kind=Kind.FUTURE, multiplier=D(3), lot=D(2))

    # 0.5 of 1,000 over 30 is 16.67 contracts.
    result = run({0: buy()}, [10, 10], cash=1_000, weight="0.5", instrument=future)

    assert quantities(result) == [("buy", D(16))]


def test_a_share_of_equity_below_one_lot_is_short_of_funds() -> None:
    result = run({0: buy()}, [10, 10], cash=100, instrument=make_instrument(lot=D(100)))

    assert ends(result) == [("rejected", "insufficient_funds")]
    assert result.orders["quantity"].tolist() == [0]


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

    assert result.orders["price"].tolist() == [D("9.99"), D("10.01")]


def test_an_oversize_order_is_rejected_with_the_numbers() -> None:
    result = run({0: buy(11)}, [10, 10.5], cash=100)

    assert ends(result) == [("rejected", "insufficient_funds")]
    assert result.orders["reason"][0] == "holding 11 at 10.50 needs 115.50, the account has 100.00"


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
