"""The grid that a venue asks of orders on a day."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import Grid
from quantloom.trading import is_rest, review_size
from tests.library.trading.builders import decimals

D = Decimal


def make_grid(**given: Any) -> Grid:
    fields: dict[str, Any] = {
        "of": ("BTC-USDT-PERP.BINANCE",),
        "since": date(2023, 9, 1),
        "source": "default",
        "tick": D("0.1"),
        "step": D("0.001"),
        "maximum": D(1_000),
        "maximum_market": D(120),
        "min_notional": D(5),
    } | given
    return Grid(**fields)


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        ({"quantity": "1000.001"}, "above_maximum"),
        ({"quantity": "0.001", "price": "4999.9"}, "below_notional"),
        ({"quantity": "0.001", "price": "5000"}, None),
        ({"quantity": "1000"}, None),
    ],
)
def test_an_order_too_large_or_of_too_little_money_is_refused(
    order: dict[str, str], rule: str | None
) -> None:
    given = {"quantity": "0.001", "price": "30000"} | order

    verdict = review_size(make_grid(), quantity=D(given["quantity"]), price=D(given["price"]))

    assert (verdict and verdict.rule) == rule


def test_a_market_order_has_a_most_of_its_own() -> None:
    at_mark: dict[str, Any] = {"price": D("30000.0512"), "is_market": True}

    assert review_size(make_grid(), quantity=D(120), **at_mark) is None
    verdict = review_size(make_grid(), quantity=D(121), **at_mark)
    assert verdict is not None
    assert verdict.rule == "above_maximum"


def test_an_order_that_only_reduces_may_be_of_little_money() -> None:
    little: dict[str, Any] = {"quantity": D("0.001"), "price": D(1_000)}

    assert review_size(make_grid(), **little, is_reduce_only=True) is None
    assert review_size(make_grid(), **little) is not None


def test_the_least_quantity_may_be_above_the_step() -> None:
    grid = make_grid(minimum=D("0.01"))

    verdict = review_size(grid, quantity=D("0.009"), price=D(30_000))

    assert verdict is not None
    assert verdict.rule == "below_minimum"


def test_money_of_inverse_contracts_is_told_by_their_count() -> None:
    grid = make_grid(step=D(1), multiplier=D(100), inverse=True, min_notional=D(200))

    assert review_size(grid, quantity=D(2), price=D(30_000)) is None
    assert review_size(grid, quantity=D(1), price=D(30_000)) is not None


@given(decimals("0.001", "1000", 3), decimals("0.1", "99999", 1))
def test_what_is_on_the_packaged_grid_and_large_enough_passes(
    quantity: Decimal, price: Decimal
) -> None:
    grid = rule_book().need(Grid, "BTC-USDT-PERP.BINANCE", date(2025, 6, 2))

    verdict = review_size(grid, quantity=quantity, price=price)

    assert (verdict is None) == (quantity * price >= 5)


BOARDS = {"main": {"step": D(100)}, "star": {"step": D(1), "minimum": D(200)}}


@pytest.mark.parametrize(
    ("board", "held", "sold", "taken"),
    [
        # Of 1,030 in steps of 100, 30 are left, and go in one order, alone or with the others.
        ("main", 1_030, 30, True),
        ("main", 1_030, 130, True),
        ("main", 1_030, 1_030, True),
        ("main", 1_030, 50, False),
        ("main", 1_030, 1_050, False),
        ("main", 30, 30, True),
        ("main", 30, 20, False),
        ("main", 1_000, 30, False),
        # Under 200 the STAR board takes all or nothing.
        ("star", 150, 150, True),
        ("star", 150, 100, False),
        ("star", 250, 50, False),
    ],
)
def test_what_is_left_under_a_step_is_sold_at_one_go(
    board: str, held: int, sold: int, taken: bool
) -> None:
    grid = make_grid(odd_lot_sells=True, **BOARDS[board])

    assert is_rest(grid, D(sold), D(held)) is taken


def test_odd_lots_are_not_sold_where_the_market_takes_none() -> None:
    assert not is_rest(make_grid(step=D(100)), D(30), D(30))
