import pickle
from decimal import Decimal, Inexact

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import (
    CurrencyMismatch,
    Money,
    NotANumber,
    Number,
    Price,
    PriceOffTick,
    Quantity,
    QuantityOffLot,
    exact,
    exactly,
)

TICKS = [Decimal(tick) for tick in ("0.00000001", "0.001", "0.02", "0.2", "0.5", "1", "5", "10")]

ticks = st.sampled_from(TICKS)
counts = st.integers(-(10**15), 10**15)
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=8)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_by_its_shortest_spelling(number: float) -> None:
    assert exact(number) == Decimal(repr(number))
    assert float(exact(number)) == number


@pytest.mark.parametrize("number", [0.1, np.float64(0.1), np.float32(0.1), "0.1", Decimal("0.1")])
def test_one_tenth_is_one_tenth_in_every_type(number: Number) -> None:
    assert exact(number) * 10 == 1


@pytest.mark.parametrize(
    "value", ["", "ten", "1,000", "nan", "-inf", float("nan"), float("inf"), True, Decimal("NaN")]
)
def test_what_is_no_finite_number_is_refused(value: Number) -> None:
    with pytest.raises(NotANumber, match="write it like"):
        exact(value)


@pytest.mark.parametrize("text", ["1e401", "-1e401", "1e-401", "9" * 401, "1e999999999"])
def test_a_number_longer_than_any_float_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        exact(text)


@given(counts, ticks)
def test_a_price_on_the_tick_is_read_back_exactly(count: int, tick: Decimal) -> None:
    price = Price.parse(str(count * tick), tick)

    assert (price.ticks, price.value) == (count, count * tick)
    assert Decimal(str(price)) == price.value


@given(counts, ticks, st.integers(1, 99))
def test_a_price_between_two_ticks_is_refused(count: int, tick: Decimal, percent: int) -> None:
    between = (count + Decimal(percent) / 100) * tick

    with pytest.raises(PriceOffTick, match=r"round it with instrument\.round_down"):
        Price.parse(between, tick)


@given(st.floats(allow_nan=False, allow_infinity=False), ticks)
def test_any_float_is_either_on_the_tick_or_refused(number: float, tick: Decimal) -> None:
    try:
        price = Price.parse(number, tick)
    except PriceOffTick:
        return
    assert price.value == exact(number)


def test_prices_compare_by_value_on_different_grids() -> None:
    dime, dollar = Price(1, Decimal("0.1")), Price(1, Decimal(1))

    assert dime < dollar
    assert dollar >= dime
    assert Price(10, Decimal("0.1")) == dollar
    assert hash(Price(10, Decimal("0.1"))) == hash(dollar)
    assert Price(10, Decimal("0.1")) <= dollar


def test_a_price_is_never_equal_to_a_quantity() -> None:
    assert Price(1, Decimal(1)) != Quantity(1, Decimal(1))


def test_a_price_of_forty_digits_keeps_them_all() -> None:
    text = "1" * 40 + ".05"

    assert str(Price.parse(text, Decimal("0.01"))) == text


@given(st.integers(1, 10**15), st.sampled_from([Decimal(lot) for lot in ("0.00001", "1", "100")]))
def test_whole_lots_are_read_back_exactly(count: int, lot: Decimal) -> None:
    quantity = Quantity.parse(count * lot, lot)

    assert (quantity.lots, quantity.value) == (count, count * lot)
    assert Decimal(str(quantity)) == count * lot


@pytest.mark.parametrize("quantity", [0, -100, 150, "0.5"])
def test_a_quantity_that_is_no_positive_number_of_lots_is_refused(quantity: Number) -> None:
    with pytest.raises(QuantityOffLot, match="positive multiple of lot 100"):
        Quantity.parse(quantity, Decimal(100))


@given(st.lists(amounts, max_size=20))
def test_adding_and_taking_away_money_loses_nothing(parts: list[Decimal]) -> None:
    start = total = Money(Decimal("0.01"), "CNY")
    for part in parts:
        total += Money(part, "CNY")
    for part in parts:
        total -= Money(part, "CNY")

    assert total == start


def test_money_of_one_currency_is_ordered() -> None:
    less, more = Money.parse("1.10", "USD"), Money.parse(2, "USD")

    assert less < more
    assert less <= more
    assert str(less) == "1.10 USD"


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__"])
def test_two_currencies_never_mix(operation: str) -> None:
    with pytest.raises(CurrencyMismatch, match="CNY and USD do not mix"):
        getattr(Money.parse(1, "CNY"), operation)(Money.parse(1, "USD"))


def test_a_result_that_needs_rounding_raises() -> None:
    with exactly(), pytest.raises(Inexact):
        _ = Decimal(1) / 3


@pytest.mark.parametrize(
    "error",
    [
        NotANumber("x"),
        PriceOffTick(Decimal("1.5"), Decimal(1)),
        QuantityOffLot(Decimal(1), Decimal(100)),
        CurrencyMismatch("CNY", "USD"),
    ],
)
def test_errors_keep_their_text_when_pickled(error: Exception) -> None:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
