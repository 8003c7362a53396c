"""Stop-limit and trailing orders, and the close: sentences 36 to 42 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.strategy import percent, points, ticks
from tests.library.backtest.builders import buy, ends, prices, run, sell, short

D = Decimal


def test_a_stop_limit_reached_by_the_open_is_a_limit_at_once() -> None:
    order = buy(1, stop=11, price=12)

    at_the_open = run({0: order}, [10, (11.5, 13, 11, 12)], slippage=5)
    inside = run({0: order}, [10, (13, 13, 11.9, 12)], slippage=5)
    later = run({0: order}, [10, (13, 14, 12.5, 13), (12.2, 13, 11, 12)])

    assert prices(at_the_open) == [(1, D("11.5"))]
    assert prices(inside) == [(1, D(12))]
    assert prices(later) == [(2, D(12))]


@pytest.mark.parametrize(
    ("limit", "filled"), [("11.5", (1, D(11))), (11, (1, D(11))), ("10.5", (2, D("10.2")))]
)
def test_a_stop_limit_reached_inside_waits_for_the_next_bar_unless_it_allows(
    limit: Any, filled: tuple[int, Decimal]
) -> None:
    result = run({0: buy(1, stop=11, price=limit)}, [10, (10, 12, 10, 10), (10.2, 11, 10, 10)])

    assert prices(result) == [filled]


def test_a_trailing_stop_starts_from_the_last_close() -> None:
    script = {0: buy(1), 1: sell(trail=points(1))}

    touched = run(script, [10, (10, 12, 10, 12), (12, 12, 11, 11.5)])
    missed = run(script, [10, (10, 12, 10, 12), (12, 12, 11.01, 11.5)])
    of_the_start = run({-1: buy(1, trail=points(1))}, [(10, 11, 10, 10)])

    assert prices(touched)[1:] == [(2, D(11))]
    assert prices(missed)[1:] == []
    assert prices(of_the_start) == [(0, D(11))]


def test_a_trailing_stop_follows_the_high_only_after_the_low_was_tried() -> None:
    script = {0: buy(1), 1: sell(trail=points(2))}

    # The stop stands at 8, and at 13 once the high of 15 has drawn it.
    result = run(script, [10, 10, (10, 15, 8.5, 14), (13.5, 13.5, 12.9, 13)])

    assert prices(result)[1:] == [(3, D(13))]


def test_a_close_below_the_drawn_trail_fills_it() -> None:
    script = {0: buy(1), 1: sell(trail=points(2))}

    result = run(script, [10, 10, (10, 15, 9, 12)])

    assert prices(result)[1:] == [(2, D(13))]


@pytest.mark.parametrize(
    ("order", "bar", "price"),
    [
        (short(1, trail=points("0.015")), (10, 10, 9.98, 9.99), "9.98"),
        (buy(1, trail=points("0.015")), (10, 10.02, 10, 10.01), "10.02"),
    ],
)
def test_a_trail_is_snapped_away_from_the_market(order: Any, bar: Any, price: str) -> None:
    result = run({0: order}, [10, bar])

    assert prices(result) == [(1, D(price))]


def test_a_limit_on_close_fills_at_the_close_or_not() -> None:
    sent = [buy(1, price=11, tif="CLOSE"), buy(1, price=9, tif="CLOSE")]

    result = run({0: sent}, [10, 10, (10, 12, 8, 10.5)], start_hour=21)

    assert prices(result) == [(23, D("10.5"))]
    assert ends(result)[1] == ("cancelled", "auction_over")


def test_a_trailing_stop_is_drawn_along_by_the_open() -> None:
    sale = run({0: buy(1), 1: sell(trail=points(2))}, [10, 10, (12, 12, 10, 11)])
    purchase = run({0: buy(1, trail=percent(10))}, [20, (10, 11, 10, 10)])

    assert prices(sale)[1:] == [(2, D(10))]
    assert prices(purchase) == [(1, D(11))]


def test_a_trailing_stop_never_moves_back() -> None:
    script = {0: buy(1), 1: sell(trail=ticks(200))}

    result = run(script, [10, 10, (10, 14, 10, 14), (12.5, 13, 12.1, 13), (13, 13, 12, 13)])

    assert prices(result)[1:] == [(4, D(12))]


def test_a_late_trail_is_no_better_than_a_lot_opened_inside() -> None:
    # Asleep until the limit fills at 11; the high of 15 had drawn the stop to 13.
    result = run({0: [sell(1, trail=points(2)), buy(1, price=11)]}, [12, (12, 15, 10.5, 11)])

    assert prices(result) == [(1, D(11)), (1, D(11))]


def test_a_stop_limit_never_slips_past_its_limit() -> None:
    sent = [buy(1, stop=11, price="11.02"), buy(1, stop=11, price=12)]

    result = run({0: sent}, [10, (10, 12, 10, 10)], slippage=5)

    assert prices(result) == [(1, D("11.02")), (1, D("11.05"))]
