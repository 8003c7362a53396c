"""Notional value and profit of linear and inverse contracts."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import Grid
from quantloom.trading import COIN_QUANTUM, Holding, Perpetual
from tests.library.trading.builders import decimals

D = Decimal

LINEAR = Perpetual()
INVERSE = Perpetual(is_inverse=True)

prices = decimals("0.01", "99999", 2)
quantities = st.integers(-50_000, 50_000).filter(bool).map(D)


def test_a_linear_contract_gains_the_difference_of_prices_times_coins() -> None:
    contract = Perpetual(multiplier=D("0.01"))

    assert contract.profit(D(5), 20_000, 21_000) == D(50)
    assert contract.profit(D(-5), 20_000, 21_000) == D(-50)
    assert contract.notional(D(-5), D(21_000)) == D(1_050)


def test_an_inverse_contract_gains_coin_as_bybit_reckons() -> None:
    # Bybit's examples: 10,000 contracts of 1 USD, 8,000 to 12,500: 1.25 - 0.8 BTC; and 23,000 to
    # 25,000: 0.43478260869... - 0.4, of which the buyer keeps eight digits.
    assert INVERSE.profit(D(10_000), 8_000, 12_500) == D("0.45")
    assert INVERSE.profit(D(-10_000), 8_000, 12_500) == D("-0.45")
    assert INVERSE.profit(D(10_000), 23_000, 25_000) == D("0.03478260")
    # The seller's entry is cut up: 0.4 - 0.43478261.
    assert INVERSE.profit(D(-10_000), 23_000, 25_000) == D("-0.03478261")


def test_the_contract_follows_the_rule_book() -> None:
    book = rule_book()
    day = date(2025, 6, 2)

    coin_margined = Perpetual.of(book.need(Grid, "BTC-USD-PERP.BINANCE", day))
    linear = Perpetual.of(book.need(Grid, "BTC-USDT-PERP.BINANCE", day))

    assert coin_margined == Perpetual(multiplier=D(100), is_inverse=True)
    assert linear == LINEAR


@given(quantities, prices, prices)
def test_inverse_profit_is_never_kinder_than_the_exact_one(
    quantity: Decimal, entry: Decimal, leaving: Decimal
) -> None:
    profit = INVERSE.profit(quantity, entry, leaving)

    # Exact profit is quantity x (leaving - entry) / (entry x leaving); compared without division.
    divisor = entry * leaving
    exact = quantity * (leaving - entry)
    assert profit * divisor <= exact
    assert (profit + 2 * COIN_QUANTUM) * divisor > exact


@given(quantities, prices, prices, st.sampled_from([LINEAR, INVERSE]))
def test_both_sides_of_a_trade_share_no_more_than_there_is(
    quantity: Decimal, entry: Decimal, leaving: Decimal, contract: Perpetual
) -> None:
    both = contract.profit(quantity, entry, leaving) + contract.profit(-quantity, entry, leaving)

    assert -2 * COIN_QUANTUM <= both <= 0
    assert contract.is_inverse or both == 0


@given(st.lists(st.tuples(st.integers(1, 900).map(D), prices), min_size=1), prices)
def test_a_holding_gains_what_its_lots_gain_at_their_own_prices(
    lots: list[tuple[Decimal, Decimal]], price: Decimal
) -> None:
    holding = Holding.of(LINEAR, lots)

    assert holding.quantity == sum(part for part, _ in lots)
    assert holding.profit(price) == sum(part * (price - paid) for part, paid in lots)
    assert holding.direction == 1
