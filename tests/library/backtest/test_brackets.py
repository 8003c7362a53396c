"""Brackets: sentences 66 to 70 of docs/reference/fills.md, 8 to 10 of orders.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.strategy import percent, points, ticks, trailing
from tests.library.backtest.builders import (
    Sent,
    buy,
    ends,
    fills,
    prices,
    run,
    short,
)

D = Decimal


def test_a_brackets_halves_wait_for_their_entry() -> None:
    order = Sent(buy(1, price=9, stop_loss=20, take_profit=5))

    result = run({0: order}, [10, 10, 10])

    assert ends(result)[0] == ("expired", "end_of_data")
    assert len(result.fills) == 0


@pytest.mark.parametrize(
    ("bracket", "bar", "price"),
    [
        ({"stop_loss": percent(10)}, (20, 20, 18, 19), "18"),
        ({"stop_loss": ticks(150)}, (20, 20, 18, 19), "18.5"),
        ({"stop_loss": points("1.005")}, (20, 20, 18, 19), "18.99"),
        ({"take_profit": points(2)}, (20, 22, 20, 20), "22"),
        ({"take_profit": points("1.005")}, (20, 22, 20, 20), "21.01"),
        ({"stop_loss": trailing(points(2))}, (20, 23, 19, 20), "21"),
    ],
)
def test_a_brackets_distance_is_measured_from_the_fill(bracket: Any, bar: Any, price: str) -> None:
    # The last close before sending is 10; the entry fills at 20.
    result = run({0: buy(1, **bracket)}, [10, 20, bar])

    assert prices(result)[1:] == [(2, D(price))]


def test_a_bracket_closes_no_more_than_its_entry_filled() -> None:
    # Ten are open; of the five more, the second bar gives two.
    script = {0: buy(10), 1: buy(5, price=9, stop_loss=8)}
    rows: list[Any] = [10, 10, (10, 10, 9, 10), (10, 10, 8, 10)]

    result = run(script, rows, volume=[1_000, 1_000, 20, 1_000], participation="0.1")

    assert fills(result)[1:] == [(2, "buy", D(2), D(9)), (3, "sell", D(2), D(8))]
    assert ends(result)[1:] == [("cancelled", "bracket_closed"), ("cancelled", "nothing_to_close")]


@pytest.mark.parametrize(
    ("bar", "halves"),
    [
        ((10, 10, 8, 10), [("filled", ""), ("cancelled", "oco")]),
        ((10, 12, 10, 10), [("cancelled", "oco"), ("filled", "")]),
    ],
)
def test_a_brackets_halves_cancel_each_other(bar: Any, halves: list[Any]) -> None:
    result = run({0: buy(2, stop_loss=8, take_profit=12)}, [10, 10, bar])

    assert ends(result)[1:] == halves


@pytest.mark.parametrize(
    ("entry", "end"),
    [
        (buy(1, price=5, tif="DAY", stop_loss=4), ("expired", "day_over")),
        (buy(1, price=9, tif="IOC", stop_loss=4), ("cancelled", "not_immediate")),
        (buy(11, take_profit=20), ("rejected", "insufficient_funds")),
        (buy(1, price=5, stop_loss=4), ("expired", "end_of_data")),
    ],
)
def test_a_bracket_goes_with_an_entry_that_never_filled(entry: Any, end: Any) -> None:
    result = run({0: entry}, [10, 10, 10], cash=100, start_hour=22)

    assert ends(result) == [end, ("cancelled", "entry_gone")]


@pytest.mark.parametrize(
    ("entry", "bars", "filled"),
    [
        # Entered at the open, so that both halves wait inside the bar.
        ({}, [(10, 12, 10, 11)], (1, D(12))),
        ({}, [(10, 13, 8, 11)], (1, D(8))),
        # Entered inside: the stop is late, the target waits for the next bar.
        ({"price": 9.5}, [(10, 13, 8, 10), (10, 13, 10, 11)], (1, D(8))),
        ({"price": 9.5}, [(10, 13, 9, 10), (11, 11, 10, 11), (11, 13, 8.5, 12)], (3, D(12))),
        ({"stop": 11}, [(10, 13, 9, 12), (12.5, 13, 10, 11)], (2, D("12.5"))),
    ],
)
def test_a_brackets_halves_come_with_their_entry(
    entry: Any, bars: list[Any], filled: tuple[int, Decimal]
) -> None:
    result = run({0: buy(1, stop_loss=8, take_profit=12, **entry)}, [10, *bars])

    assert prices(result)[1] == filled


def test_a_bracket_of_a_short_entry_is_the_mirror_image() -> None:
    bracket: dict[str, Any] = {"stop_loss": percent(10), "take_profit": points(3)}

    lost = run({0: short(1, **bracket)}, [10, (10, 11, 6, 10)])
    won = run({0: short(1, **bracket)}, [10, (10, 10.9, 6, 10)])

    assert prices(lost)[1] == (1, D(11))
    assert prices(won)[1] == (1, D(7))


def test_a_distance_past_zero_is_never_reached() -> None:
    result = run({0: buy(1, stop_loss=points(20))}, [10, 10, (10, 10, 0.01, 10)])

    assert ends(result)[1] == ("expired", "end_of_data")


def test_a_part_of_the_target_leaves_the_stop_to_close_the_rest() -> None:
    script = {0: buy(10, stop_loss=8, take_profit=12)}
    rows: list[Any] = [10, 10, (10, 12, 10, 10), (10, 10, 8, 10)]

    result = run(script, rows, volume=[100, 100, 60, 100], participation="0.1")

    assert fills(result)[1:] == [(2, "sell", D(6), D(12)), (3, "sell", D(4), D(8))]
    assert ends(result)[1:] == [("cancelled", "nothing_to_close"), ("cancelled", "oco")]


def test_a_bracket_is_an_entry_and_its_two_ways_out() -> None:
    order = Sent(short(2, price=11, stop_loss=12, take_profit=9, tif="DAY", tag="swing"))

    result = run({0: order}, [10])

    stop, target_ = order.orders[0].children
    assert result.orders["side"].tolist() == ["sell", "buy", "buy"]
    assert result.orders["kind"].tolist() == ["limit", "stop", "limit"]
    assert result.orders["quantity"].tolist() == [2, 2, 2]
    assert result.orders["tag"].tolist() == ["swing"] * 3
    assert (stop.id, target_.id) == (2, 3)
    assert stop.ticket.terms.tif == target_.ticket.terms.tif == "GTC"


@pytest.mark.parametrize(
    ("bracket", "kind"),
    [
        ({"stop_loss": 9}, "stop"),
        ({"take_profit": 12}, "limit"),
        ({"stop_loss": trailing(percent(2))}, "trailing_stop"),
    ],
)
def test_one_half_of_a_bracket_may_be_missing(bracket: Any, kind: str) -> None:
    result = run({0: buy(1, **bracket)}, [10])

    assert result.orders["kind"].tolist() == ["market", kind]


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (buy(1, stop_loss="8.001", take_profit=12), "off_tick"),
        (buy(1, stop_loss=8, take_profit=-12), "bad_price"),
        (buy("0.5", stop_loss=8, take_profit="12.001"), "off_lot"),
    ],
)
def test_a_bracket_is_refused_whole(order: Any, rule: str) -> None:
    result = run({0: order}, [10, 10])

    assert ends(result) == [("rejected", rule), *[("cancelled", "entry_gone")] * 2]
