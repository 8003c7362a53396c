"""How large an entry is when the strategy leaves it open."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.backtest import OneSizing
from quantloom.backtest.facade import _sizing
from quantloom.strategy import Account, BadSizing, EquityShare, FixedSize
from tests.library.backtest.builders import make_instrument

D = Decimal


@dataclass
class FakeBook:
    """An account of some equity and a market at some price."""

    at: Decimal
    worth: Decimal

    @property
    def account(self) -> Account:
        return Account(self.worth, self.worth)

    def price(self, symbol: str) -> Decimal:
        return self.at


@given(
    st.decimals("0.01", 5_000, places=2),
    st.decimals(-1_000, 10**7, places=2),
    st.sampled_from(["0.5", "0.95", "1", "2"]),
    st.sampled_from(["1", "100", "0.001"]),
)
def test_an_equity_share_is_the_most_whole_lots_of_its_value(
    price: Decimal, equity: Decimal, weight: str, lot: str
) -> None:
    instrument = make_instrument(lot=D(lot), multiplier=D(10))

    quantity = EquityShare.of(weight).quantity(instrument, FakeBook(price, equity))

    budget = max(equity * D(weight), D(0))
    assert quantity % D(lot) == 0
    assert quantity * price * 10 <= budget < (quantity + D(lot)) * price * 10


def test_a_fixed_size_looks_at_nothing() -> None:
    assert FixedSize.of("2.5").quantity(make_instrument(), FakeBook(D(0), D(0))) == D("2.5")


def test_shares_may_be_trimmed_and_sizes_may_not() -> None:
    assert EquityShare().may_trim
    assert not FixedSize.of(1).may_trim


@pytest.mark.parametrize("value", [0, -1])
def test_nothing_is_no_size(value: int) -> None:
    with pytest.raises(BadSizing, match=f"size is {value}; it must be above zero"):
        FixedSize.of(value)
    with pytest.raises(BadSizing, match=f"weight is {value}; it must be above zero"):
        EquityShare.of(value)


def test_a_size_and_a_weight_together_are_refused() -> None:
    with pytest.raises(OneSizing, match=r"size=1 or weight=0\.5, not both"):
        _sizing(1, 0.5)
    assert _sizing(None, None) == EquityShare(D("0.95"))
