"""What market, stop and limit orders pay: sentences 30 to 52 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.market import Kind
from quantloom.simulation import Slippage
from tests.library.backtest.builders import buy, fills, make_instrument, run, short

D = Decimal


def test_a_market_order_meets_the_open() -> None:
    result = run({0: [buy(1), short(2)]}, [10, (11, 15, 9, 14)])

    assert [price for *_, price in fills(result)] == [11, 11]


@pytest.mark.parametrize(("order", "opens"), [(buy(1, stop=11), 12), (short(1, stop=9), 8)])
def test_a_gap_through_a_stop_fills_at_the_open(order: Any, opens: float) -> None:
    result = run({0: order}, [10, (opens, 13, 7, 10)])

    assert [price for *_, price in fills(result)] == [opens]


@pytest.mark.parametrize(("order", "price"), [(buy(1, stop=11), 11), (short(1, stop=9), 9)])
def test_a_stop_inside_the_bar_fills_at_its_price(order: Any, price: int) -> None:
    result = run({0: order}, [10, (10, 12, 8, 10)])

    assert [price for *_, price in fills(result)] == [price]


@pytest.mark.parametrize(("order", "opens"), [(buy(1, price=9), 8), (short(1, price=11), 12)])
def test_a_limit_better_than_the_open_fills_at_the_open(order: Any, opens: float) -> None:
    result = run({0: order}, [10, (opens, 13, 7, 10)])

    assert [price for *_, price in fills(result)] == [opens]


@pytest.mark.parametrize(("order", "price"), [(buy(1, price=9), 9), (short(1, price=11), 11)])
def test_a_limit_inside_the_bar_fills_at_its_price(order: Any, price: int) -> None:
    result = run({0: order}, [10, (10, 12, 8, 10)])

    assert [price for *_, price in fills(result)] == [price]


@pytest.mark.parametrize(
    "order", [buy(1, price=9), short(1, price=11), buy(1, stop=11), short(1, stop=9)]
)
def test_a_touch_is_enough_and_a_tick_short_is_not(order: Any) -> None:
    touched = run({0: order}, [10, (10, 11, 9, 10)])
    missed = run({0: order}, [10, (10, 10.99, 9.01, 10)])

    assert len(touched.fills) == 1
    assert len(missed.fills) == 0


def test_market_and_stop_orders_slip_against_the_trader() -> None:
    slippage = Slippage.of(ticks=2, ratio="0.001")

    result = run(
        {0: [buy(1), buy(1, stop=11), short(5), short(1, stop=9)]},
        [10, (10, 11, 9, 10)],
        slippage=slippage,
    )

    # 10 + 0.02 + 0.01, 10 - 0.02 - 0.01, 11 + 0.02 + 0.011 up, 9 - 0.02 - 0.009 down.
    assert [price for *_, price in fills(result)] == [
        D("10.03"),
        D("9.97"),
        D("11.04"),
        D("8.97"),
    ]


def test_a_slipped_price_may_lie_outside_the_bar() -> None:
    result = run({0: buy(1, stop=11)}, [10, (10, 11, 10, 10)], slippage=3)

    assert [price for *_, price in fills(result)] == [D("11.03")]


def test_a_limit_never_slips() -> None:
    script = {0: [buy(1, price=11), buy(1, price=9)]}

    result = run(script, [10, (10, 11, 9, 10)], slippage=Slippage.of(ticks=5, ratio="0.1"))

    assert [price for *_, price in fills(result)] == [10, 9]


@pytest.mark.parametrize(
    ("order", "price"),
    [
        (buy(1), "10.02"),
        (short(1), "10.01"),
        (buy(1, price=11), "10.02"),
        (short(1, price=9), "10.01"),
    ],
)
def test_prices_between_ticks_snap_against_the_trader(order: Any, price: str) -> None:
    result = run({0: order}, [10, 10.013])

    assert [price for *_, price in fills(result)] == [D(price)]


def test_snapping_never_passes_a_limit() -> None:
    result = run({0: buy(1, price="10.02")}, [11, 10.013])

    assert [price for *_, price in fills(result)] == [D("10.02")]


def test_a_sale_never_fills_below_one_tick() -> None:
    result = run({0: short(1)}, [1, 1], slippage=500)

    assert [price for *_, price in fills(result)] == [D("0.01")]


def test_the_fills_slippage_is_what_the_price_lost() -> None:
    future = make_instrument(kind=Kind.FUTURE, multiplier=D(10))

    result = run({0: buy(2)}, [10, 10.005], slippage=1, instrument=future)

    # Bought at 10.02, 0.015 above the open, 2 contracts of 10.
    assert result.fills["slippage"].tolist() == [D("0.3")]
