"""Orders that wait for others or for a condition: sentences 71 to 73 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.strategy import Context, above, at, below
from tests.library.backtest.builders import (
    OTHER,
    Row,
    Sent,
    buy,
    ends,
    hour,
    oco,
    prices,
    run,
    run_two,
    statuses_into,
    taken,
)

D = Decimal


def test_one_cancels_the_others() -> None:
    pair = oco(buy(1, price=9), buy(1, stop=11))

    result = run({0: pair}, [10, (10, 11, 9, 10)])

    assert prices(result) == [(1, D(11))]
    assert ends(result) == [("cancelled", "oco"), ("filled", "")]


@pytest.mark.parametrize(
    ("condition", "bar"),
    [(above(11), (10, 11, 10, 10)), (below(9), (10, 10, 9, 10))],
)
def test_a_price_condition_is_met_by_a_whole_bar(condition: Any, bar: Any) -> None:
    heard: list[tuple[int, int, str]] = []

    result = run({0: buy(1, when=condition)}, [10, 10, bar, 12], callbacks=statuses_into(heard))

    assert prices(result) == [(3, D(12))]
    assert (2, 1, "triggered") in heard


def test_a_time_condition_is_met_at_the_bars_open() -> None:
    order = buy(1, when=at(hour(2)))

    on_time = run({0: order}, [10, 11, 12, 13])
    between = run({0: order}, [10, 11, 13], hours=[0, 1, 3])

    assert prices(on_time) == [(2, D(12))]
    assert prices(between) == [(3, D(13))]


def test_a_part_of_one_cancels_the_others_too() -> None:
    group = oco(buy(1, price=5), buy(15, OTHER, price=9))
    dip: Row = (10, 10, 5, 10)

    result = run_two(
        {0: group}, [10, 10, dip], [10, dip, dip], other_volume=[100] * 3, participation="0.1"
    )

    assert taken(result) == [(1, D(10)), (2, D(5))]
    assert ends(result) == [("cancelled", "oco"), ("filled", "")]


def test_an_order_may_be_in_two_groups() -> None:
    first, second, third = (Sent(buy(1, price=price)) for price in (9, 5, 4))

    def link(ctx: Context) -> None:
        ctx.oco(first.orders[0], second.orders[0])
        ctx.oco(first.orders[0], third.orders[0])

    result = run({0: [first, second, third, link]}, [10, (10, 10, 9, 10)])

    assert ends(result) == [("filled", ""), ("cancelled", "oco"), ("cancelled", "oco")]


def test_a_condition_is_not_met_a_tick_short_or_without_volume() -> None:
    order = buy(1, when=above(11))

    short_of_it = run({0: order}, [10, (10, 10.99, 10, 10), 10])
    silent = run({0: order}, [10, (10, 12, 10, 10), 10, 10], volume=[5, 0, 5, 5])

    assert ends(short_of_it) == ends(silent) == [("expired", "end_of_data")]


def test_a_condition_may_watch_another_instrument() -> None:
    order = buy(1, when=above(21, symbol=OTHER))

    result = run_two({0: order}, [10, 50, 11, 12], [20, 20, 22], other_hours=[0, 1, 2])

    assert prices(result) == [(3, D(12))]


def test_a_condition_is_watched_once_the_order_has_arrived() -> None:
    result = run(
        {0: buy(1, when=above(11))}, [10, (10, 11, 10, 10), (10, 11, 10, 10), 12], latency=1
    )

    assert prices(result) == [(3, D(12))]
