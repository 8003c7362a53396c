"""How long an order waits: sentences 12 to 20 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import backtest
from quantloom.strategy import above
from tests.library.backtest.builders import (
    Row,
    Script,
    buy,
    cover,
    ends,
    fills,
    hour,
    make_bars,
    make_instrument,
    prices,
    run,
    scripted,
    sell,
    short,
    taken,
    target,
)

D = Decimal


def test_a_day_order_ends_with_its_trading_day() -> None:
    dip: Row = (10, 10, 9, 10)

    # The bars open at 20, 21, 22 and 23 o'clock, and the last at midnight.
    of_today = run({0: buy(1, price=9, tif="DAY")}, [10, 10, 10, 10, dip], start_hour=20)
    of_tomorrow = run({3: buy(1, price=9, tif="DAY")}, [10, 10, 10, 10, dip], start_hour=20)

    assert ends(of_today) == [("expired", "day_over")]
    assert prices(of_tomorrow) == [(24, D(9))]


@pytest.mark.parametrize(
    ("hours", "end"),
    [
        ([22, 23], ("expired", "day_over")),
        ([20, 21, 30], ("expired", "day_over")),
        ([20, 21], ("expired", "end_of_data")),
    ],
)
def test_the_last_bar_of_a_day_is_known_from_the_calendar_or_the_data(
    hours: list[int], end: tuple[str, str]
) -> None:
    rows: list[Any] = [10, 10, (10, 10, 9, 10)][: len(hours)]

    result = run({0: buy(1, price=9, tif="DAY")}, rows, hours=hours)

    assert ends(result) == [end]


@pytest.mark.parametrize(("until", "end"), [(2, ("expired", "time_over")), (3, ("filled", ""))])
def test_a_gtd_order_ends_at_its_time(until: int, end: tuple[str, str]) -> None:
    order = buy(1, price=9, tif="GTD", until=hour(until))

    result = run({0: order}, [10, 10, (10, 10, 9, 10), 10])

    assert ends(result) == [end]


def test_ioc_fills_at_the_open_or_is_cancelled() -> None:
    sent = [buy(1, tif="IOC"), buy(1, price=9, tif="IOC"), buy(1, price=10.5, tif="IOC")]

    result = run({0: sent}, [10, (10, 11, 8, 10), 8])

    assert prices(result) == [(1, D(10)), (1, D(10))]
    assert ends(result) == [("filled", ""), ("cancelled", "not_immediate"), ("filled", "")]


@pytest.mark.parametrize(
    ("order", "end"),
    [
        (buy(5, tif="FOK"), ("filled", "")),
        (buy(6, tif="FOK"), ("cancelled", "not_whole")),
        (sell(4, tif="FOK"), ("cancelled", "not_whole")),
        (sell(3, tif="FOK"), ("filled", "")),
        (cover(1, tif="FOK"), ("rejected", "nothing_to_close")),
        (buy(1, price=9, tif="FOK"), ("cancelled", "not_immediate")),
        (buy(5, price=11, tif="FOK"), ("filled", "")),
    ],
)
def test_fok_fills_whole_or_not_at_all(order: Any, end: tuple[str, str]) -> None:
    rows: list[Any] = [10, 10, (10, 11, 8, 10), 10]

    # Three are open when it comes, and a bar gives five.
    result = run({0: buy(3), 1: order}, rows, volume=[10] * 4, participation="0.5")

    assert ends(result)[1] == end
    assert result.orders["filled"][1] in {0, result.orders["quantity"][1]}


def test_an_on_open_order_fills_at_the_days_open() -> None:
    script: Script = {-1: buy(1, tif="OPEN"), 0: [buy(2, tif="OPEN"), buy(3, price=9, tif="OPEN")]}

    result = run(script, [10, 11, (12, 13, 8, 9), 8], start_hour=22)

    assert fills(result) == [(22, "buy", D(1), D(10)), (24, "buy", D(2), D(12))]
    assert ends(result)[2] == ("cancelled", "auction_over")


def test_an_on_close_order_fills_at_the_days_close() -> None:
    script = {0: buy(1, tif="CLOSE"), 2: buy(2, tif="CLOSE")}

    result = run(script, [10, 11, (12, 15, 9, 14), 13], start_hour=21)

    assert prices(result) == [(23, D(14))]
    assert ends(result)[1] == ("expired", "end_of_data")


@pytest.mark.parametrize(
    ("tif", "rule"),
    [
        ("IOC", "not_immediate"),
        ("FOK", "not_immediate"),
        ("OPEN", "auction_over"),
        ("CLOSE", "auction_over"),
    ],
)
def test_an_order_for_one_moment_ends_where_nothing_trades(tif: str, rule: str) -> None:
    # The bar without volume is the first and the last of its day.
    result = run({0: buy(1, tif=tif)}, [10, 10, 10], hours=[20, 47, 48], volume=[5, 0, 5])

    assert ends(result) == [("cancelled", rule)]


@pytest.mark.parametrize(
    ("order", "opens"),
    [
        (buy(1, price=10, post_only=True), 10),
        (buy(1, price=10, post_only=True), 9),
        (short(1, price=10, post_only=True), 10),
        (sell(1, price=10, post_only=True), 11),
    ],
)
def test_post_only_is_cancelled_where_the_open_reaches_it(order: Any, opens: float) -> None:
    result = run({0: order}, [10, opens, opens])

    assert ends(result) == [("cancelled", "would_take")]


def test_a_day_orders_last_bar_may_fill_it() -> None:
    result = run({0: buy(1, price=9, tif="DAY")}, [10, (10, 10, 9, 10)], start_hour=22)

    assert ends(result) == [("filled", "")]


def test_a_day_order_of_a_late_arrival_has_the_day_it_is_offered_on() -> None:
    result = run(
        {0: buy(1, price=9, tif="DAY")},
        [10, 10, 10, (10, 10, 9, 10)],
        start_hour=22,
        latency=1,
    )

    assert prices(result) == [(25, D(9))]


def test_a_bar_of_a_day_is_the_last_of_its_day() -> None:
    bars = make_bars([10, 10, (10, 10, 9, 10)], timeframe="1d", hours=[0, 24, 48])

    result = backtest(scripted({0: buy(1, price=9, tif="DAY")}), bars, instrument=make_instrument())

    assert ends(result) == [("expired", "day_over")]


def test_a_gtd_order_ends_whatever_it_waits_for() -> None:
    order = buy(1, until=hour(2), when=above(50))

    result = run({0: order}, [10, 10, 10, 10])

    assert ends(result) == [("expired", "time_over")]


def test_the_rest_of_an_ioc_order_is_cancelled() -> None:
    result = run({0: buy(8, tif="IOC")}, [10, 10, 10], volume=[10] * 3, participation="0.5")

    assert taken(result) == [(1, D(5))]
    assert ends(result) == [("cancelled", "not_immediate")]


def test_fok_is_not_cut_to_what_the_account_affords() -> None:
    result = run({0: [target(15, tif="FOK")]}, [10, 10], cash=100)

    assert ends(result) == [("cancelled", "not_whole")]


@pytest.mark.parametrize("rows", [[10, (10, 10, 9, 10)], [10, 10, (9, 10, 9, 10)]])
def test_post_only_that_waits_fills_like_any_limit(rows: list[Any]) -> None:
    result = run({0: buy(1, price=9, post_only=True)}, rows)

    assert [price for _, price in prices(result)] == [9]
