"""Commission schemes, taxes and margin ratios."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.trading import (
    BadCost,
    BadMargin,
    Commission,
    FillParts,
    Ledger,
    Margin,
    Order,
    Rate,
    Side,
)
from tests.library.trading.builders import decimals, make_fill, make_instrument, make_ticket

D = Decimal


def test_money_and_lots_may_both_be_charged() -> None:
    scheme = Commission(open=Rate(D("0.001"), D(2)))

    assert scheme.raw(FillParts(Side.BUY, D(100), opened=D(3))) == D("6.3")


def test_the_percent_is_the_same_on_both_sides() -> None:
    scheme = Commission.percent(0.001)

    assert scheme.raw(FillParts(Side.BUY, D(100), opened=D(1))) == D("0.1")
    assert scheme.raw(FillParts(Side.SELL, D(100), closed=D(1))) == D("0.1")


def test_closing_today_costs_like_closing_unless_told_otherwise() -> None:
    trade = FillParts(Side.SELL, D(100), closed_today=D(2))

    assert Commission.per_unit(3).raw(trade) == 6
    assert Commission(close=Rate(by_unit=D(3)), close_today=Rate()).raw(trade) == 0
    assert not Commission.per_unit(3).knows_today


def test_taxes_fall_on_the_side_they_are_made_for() -> None:
    scheme = Commission(sell_tax=D("0.0005"), transfer=D("0.00001"))

    assert scheme.taxes(FillParts(Side.BUY, D(1_000), opened=D(10))) == D("0.1")
    assert scheme.taxes(FillParts(Side.SELL, D(1_000), closed=D(10))) == D("5.1")


@given(st.lists(decimals("1", "40", 0), min_size=1, max_size=6))
def test_the_minimum_is_of_the_order_however_many_fills_it_takes(parts: list[Decimal]) -> None:
    scheme = Commission.percent("0.001", minimum=5)
    taxed = replace(scheme, transfer=D("0.0001"))
    ledger = Ledger(D(10**9), commission=taxed, margin=Margin())
    stock, order = make_instrument(), Order(make_ticket(quantity=sum(parts, D(0))))

    for part in parts:
        charge = ledger.charge(order, stock, part, D(100), day=0)
        order.raw_charge += charge.raw
        order.charged += charge.due
        ledger.apply(make_fill(quantity=part, price=D(100), commission=charge.commission), stock)

    money = 100 * sum(parts, D(0))
    assert order.charged == max(money * D("0.001"), D(5))
    assert ledger.cash == 10**9 - money - order.charged - money * D("0.0001")


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Rate(by_money=D(-1)), "by_money"),
        (lambda: Rate(by_unit=D(-1)), "by_unit"),
        (lambda: Commission(minimum=D(-1)), "minimum"),
        (lambda: Commission(sell_tax=D(-1)), "sell_tax"),
        (lambda: Margin.ratio(-1), "long"),
        (lambda: Margin(D(1), D(0)), "short"),
    ],
)
def test_a_cost_that_cannot_be_is_named(make: Callable[[], object], field: str) -> None:
    with pytest.raises((BadCost, BadMargin)) as caught:
        make()

    assert getattr(caught.value, "field", None) == field
    assert field in str(caught.value)


def test_any_number_is_made_exact() -> None:
    assert Rate(0.0003, "1.5") == Rate(D("0.0003"), D("1.5"))  # type: ignore[arg-type]
    assert Margin(0.1, 1).long == D("0.1")  # type: ignore[arg-type]
