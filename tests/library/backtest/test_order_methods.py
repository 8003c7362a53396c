"""What a strategy sends: sentences 1 to 20 of docs/reference/orders.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import StrategyFailed
from quantloom.market import Kind
from quantloom.strategy import (
    BadTerms,
    Context,
    EquityShare,
    above,
    atr,
    points,
    ticks,
    trailing,
)
from quantloom.trading import Margin, Order
from tests.library.backtest.builders import (
    SYMBOL,
    Action,
    Row,
    buy,
    close,
    cover,
    ends,
    fills,
    hour,
    make_instrument,
    prices,
    run,
    sell,
    short,
    taken,
    target,
)

D = Decimal


def quantities(result: Any) -> list[tuple[str, Decimal]]:
    return [(row["side"], row["quantity"]) for row in result.orders.rows()]


@pytest.mark.parametrize(
    ("method", "side"), [(buy, "buy"), (cover, "buy"), (short, "sell"), (sell, "sell")]
)
def test_price_and_stop_make_the_kind(method: Any, side: str) -> None:
    sent = [
        method(1),
        method(1, price=5),
        method(1, stop=15),
        method(1, stop=15, price=16),
        method(1, trail=ticks(8)),
    ]

    result = run({0: sent}, [10])

    assert result.orders["side"].tolist() == [side] * 5
    kinds = ["market", "limit", "stop", "stop_limit", "trailing_stop"]
    assert result.orders["kind"].tolist() == kinds
    assert result.orders["price"].tolist()[:4] == [None, D(5), None, D(16)]
    assert result.orders["stop"].tolist()[:4] == [None, None, D(15), D(15)]


@pytest.mark.parametrize(
    "order",
    [
        buy(1, trail=ticks(8), price=5),
        buy(1, trail=ticks(8), stop=15),
        buy(1, stop=15, tif="IOC"),
        buy(1, stop=15, price=16, tif="FOK"),
        buy(1, trail=ticks(8), tif="OPEN"),
        sell(1, stop=5, tif="CLOSE"),
        buy(1, post_only=True),
        buy(1, stop=15, post_only=True),
        buy(1, price=9, post_only=True, tif="IOC"),
        buy(1, tif="GTD"),
        buy(1, tif="DAY", until=hour(5)),
        buy(1, offset="close", stop_loss=9),
        buy(1, reduce_only=True, take_profit=12),
        sell(1, offset="open"),
        buy(1, reduce_only=True, offset="open"),
    ],
)
def test_terms_that_do_not_fit_are_an_error(order: Any) -> None:
    with pytest.raises(StrategyFailed) as caught:
        run({0: order}, [10])

    assert isinstance(caught.value.__cause__, BadTerms)


@pytest.mark.parametrize("terms", [{}, {"tif": "GTD"}])
def test_until_makes_an_order_gtd(terms: Any) -> None:
    result = run({0: buy(1, price=5, until=hour(1), **terms)}, [10, 10])

    assert ends(result) == [("expired", "time_over")]


def test_a_distance_by_atr_is_fixed_when_it_is_sent() -> None:
    quiet: Row = (10, 11, 9, 10)
    script = {0: buy(1), 3: sell(trail=atr(1, 2))}

    # The average true range is 2 at sending, and more after the bar that goes up to 20.
    result = run(script, [quiet, quiet, quiet, quiet, (10, 20, 9, 20), (20, 20, 18, 18.5)])

    assert prices(result)[1:] == [(5, D(18))]


def test_a_distance_by_atr_needs_its_warm_up() -> None:
    sent = [buy(1, trail=atr(2)), buy(1, stop_loss=atr(2)), buy(1, stop_loss=trailing(atr(2)))]

    result = run({0: sent}, [10, 10])

    assert ends(result) == [("rejected", "not_ready")] * 3


@pytest.mark.parametrize(
    "terms", [{"offset": "close"}, {"offset": "close_today"}, {"reduce_only": True}]
)
def test_an_offset_that_closes_makes_an_order_close_only(terms: Any) -> None:
    result = run({0: short(3), 1: [buy(5, **terms), buy(1, **terms)]}, [10, 10, 10])
    all_of_it = run({0: short(3), 1: buy(**terms)}, [10, 10, 10])

    nothing = "nothing_to_close"
    assert taken(result)[1:] == taken(all_of_it)[1:] == [(2, D(3))]
    assert ends(result)[1:] == [("cancelled", nothing), ("rejected", nothing)]


def test_targets_count_market_orders_on_their_way() -> None:
    result = run({0: [buy(3), buy(9, price=5), buy(9, stop=15), target(5)]}, [10, 10])

    assert quantities(result)[-1] == ("buy", D(2))
    assert result.equity["quantity"][-1] == 5


def test_a_closing_order_on_its_way_counts_for_what_it_can_close() -> None:
    result = run({0: buy(10), 1: [sell(100), target(50)]}, [10, 10, 10])

    assert result.equity["quantity"].tolist() == [0, 10, 50]


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [("25", ("buy", D(20))), ("-25", ("sell", D(20))), ("10", ("buy", D(10)))],
)
def test_a_target_sends_the_whole_lots_of_the_difference(
    wanted: str, sent: tuple[str, Decimal]
) -> None:
    result = run({0: target(wanted)}, [10, 10], instrument=make_instrument(lot=D(10)))

    assert quantities(result) == [sent]


def test_close_leaves_stops_and_limits_working() -> None:
    result = run({0: buy(1), 1: [short(1, stop=5), close]}, [10, 10, 10])

    assert ends(result)[1:] == [("expired", "end_of_data"), ("filled", "")]


@pytest.mark.parametrize(("value", "quantity"), [(59, 5), (-59, -5), (60, 6), (0, 0)])
def test_a_target_value_rounds_towards_zero(value: int, quantity: int) -> None:
    result = run({0: lambda ctx: ctx.target_value(SYMBOL, value)}, [10, 10])

    assert result.equity["quantity"][-1] == quantity


def test_a_target_weight_is_a_share_of_equity() -> None:
    # 50 shares bought at 10 stand at 20, so equity is 1,500; half of it is 37 shares.
    half: Action = lambda ctx: ctx.target_weight(SYMBOL, 0.5)  # noqa: E731

    result = run({0: buy(50), 1: half}, [10, (10, 20, 10, 20), 20], cash=1_000)

    assert quantities(result)[1] == ("sell", D(13))


@pytest.mark.parametrize(("weight", "quantity"), [("0.5", 25), ("-0.5", -50)])
def test_a_margin_weight_is_divided_by_the_margin_ratio(weight: str, quantity: int) -> None:

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


def test_the_tag_of_the_entry_is_carried_to_the_round_trip() -> None:
    result = run({0: buy(1, tag="in"), 1: sell(tag="out")}, [10, 10, 10])

    assert result.fills["tag"].tolist() == ["in", "out"]
    assert result.round_trips["tag"].tolist() == ["in"]


@pytest.mark.parametrize(
    ("script", "bar", "cause"),
    [
        ({0: buy(1), 1: sell()}, 10, "market"),
        ({0: buy(1), 1: sell(price=11)}, (10, 11, 10, 10), "limit"),
        ({0: buy(1), 1: sell(stop=9)}, (10, 10, 9, 10), "stop"),
        ({0: buy(1), 1: sell(stop=9, price=8)}, (10, 10, 9, 10), "stop_limit"),
        ({0: buy(1), 1: sell(trail=points(1))}, (10, 10, 9, 10), "trailing_stop"),
        ({0: buy(1, stop_loss=9)}, (10, 10, 9, 10), "stop_loss"),
        ({0: buy(1, stop_loss=trailing(points(1)))}, (10, 10, 9, 10), "stop_loss"),
        ({0: buy(1, take_profit=11)}, (10, 11, 10, 10), "take_profit"),
    ],
)
def test_a_round_trip_says_what_closed_it(script: Any, bar: Any, cause: str) -> None:
    result = run(script, [10, 10, bar])

    assert result.round_trips["exit"].tolist() == [cause]


def test_sizing_by_equity_share_is_the_default() -> None:
    result = run({0: buy()}, [10, 10], cash=1_000)

    assert fills(result)[0][2] == 95
    assert result.spec.sizing == EquityShare(D("0.95"))


def test_a_second_close_finds_nothing_left() -> None:
    result = run({0: buy(10), 1: [close, close, sell()]}, [10, 10, 10])

    assert ends(result) == [("filled", ""), ("filled", ""), ("rejected", "nothing_to_close")]


@pytest.mark.parametrize("wanted", ["0", "9.9", "-9.9"])
def test_a_target_within_a_lot_sends_nothing(wanted: str) -> None:
    returned: list[object] = []

    run(
        {0: lambda ctx: returned.append(ctx.target_quantity(SYMBOL, wanted))},
        [10],
        instrument=make_instrument(lot=D(10)),
    )

    assert returned == [None]


def test_a_target_value_counts_the_multiplier() -> None:
    future = make_instrument(kind=Kind.FUTURE, multiplier=D(5))

    result = run({0: lambda ctx: ctx.target_value(SYMBOL, 120)}, [10, 10], instrument=future)

    assert result.equity["quantity"][-1] == 2


def test_cancel_all_takes_every_working_order_back() -> None:
    result = run({0: [buy(1), buy(1, price=5), Context.cancel_all]}, [10, 5])

    assert {status for status, _ in ends(result)} == {"cancelled"}
    assert len(result.fills) == 0


def test_a_share_of_equity_below_one_lot_is_short_of_funds() -> None:
    result = run({0: buy()}, [10, 10], cash=100, instrument=make_instrument(lot=D(100)))

    assert ends(result) == [("rejected", "insufficient_funds")]
    assert result.orders["quantity"].tolist() == [0]


def test_conditions_and_brackets_on_their_way_are_not_expected() -> None:
    sent = [buy(3, when=above(50)), buy(2, price=5, stop_loss=4), target(5)]

    result = run({0: sent}, [10, 10])

    assert quantities(result)[-1] == ("buy", D(5))


@pytest.mark.parametrize("go_flat", [close, target(0)])
def test_going_flat_never_opens_a_position(go_flat: Action) -> None:
    result = run(
        {0: buy(), 1: go_flat},
        [10, 10, 20, 20, 20, 20],
        volume=[10.0] * 6,
        participation="0.4",
        cash=100,
        weight=1,
    )

    # Of the ten that were on their way the account could hold seven after all.
    assert result.equity["quantity"].tolist() == [0, 4, 6, 2, 0, 0]
    assert ends(result) == [("cancelled", "trimmed"), ("cancelled", "nothing_to_close")]
