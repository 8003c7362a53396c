"""When shares were listed, and what cannot be true of it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quantloom.market import BadListing, DaySpan, Listing, get_calendar

FIRST, LAST = date(2024, 3, 4), date(2024, 3, 15)


def listing(**fields: Any) -> Listing:
    return Listing(symbol="600000.SSE", **fields)


def test_prices_are_exact_and_spans_have_names() -> None:
    made = listing(issue_price="9.9", special_treatment=[(FIRST, None)])

    assert made.issue_price == Decimal("9.9")
    assert made.special_treatment == (DaySpan(FIRST, None),)


@pytest.mark.parametrize(
    ("day", "is_special"),
    [(1, False), (4, True), (15, True), (16, False), (20, True)],
)
def test_special_treatment_holds_from_its_first_to_its_last_day(day: int, is_special: bool) -> None:
    made = listing(special_treatment=[(FIRST, LAST), (date(2024, 3, 20), None)])

    assert made.is_special(date(2024, 3, day)) is is_special


@pytest.mark.parametrize(("day", "age"), [(1, 0), (4, 1), (8, 5), (11, 6)])
def test_age_counts_trading_days_from_one(day: int, age: int) -> None:
    assert listing(listed=FIRST).age(date(2024, 3, day), get_calendar("cn_stock")) == age


def test_the_last_day_is_a_trading_day_before_the_delisting() -> None:
    # 2020-02-03 was the first trading day after a holiday that began on 2020-01-24.
    made = listing(delisted=date(2020, 2, 3))

    assert made.last_day(get_calendar("cn_stock")) == date(2020, 1, 23)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"listed": LAST, "delisted": FIRST}, "before it begins"),
        ({"issue_price": 0}, "not above zero"),
        ({"final_price": -1}, "below zero"),
        ({"special_treatment": [(LAST, FIRST)]}, "before it begins"),
        ({"special_treatment": [(FIRST, None), (LAST, None)]}, "overlap"),
        ({"special_treatment": [(FIRST, LAST), (LAST, None)]}, "overlap"),
    ],
)
def test_what_cannot_be_true_is_an_error(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadListing, match=problem):
        listing(**fields)


@pytest.mark.parametrize(
    "fields", [{"listed": date(2024, 3, 5)}, {"delisted": LAST}, {"delisted": date(2024, 3, 14)}]
)
def test_bars_beyond_its_life_are_an_error(fields: dict[str, Any]) -> None:
    with pytest.raises(BadListing, match="there are bars of"):
        listing(**fields).check_days(FIRST, LAST)
