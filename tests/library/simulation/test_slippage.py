"""Slippage goes against the trader and ends on the tick."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import Instrument, Kind
from quantloom.simulation import BadSlippage, Slippage
from quantloom.trading import Side

D = Decimal


def make_instrument(tick: Decimal) -> Instrument:
    return Instrument(symbol="X.LOCAL", kind=Kind.STOCK, tick_size=tick)


@given(
    st.decimals("0.0001", "9999", places=4),
    st.sampled_from(["0.01", "0.05", "0.25", "5"]),
    st.decimals(0, 20, places=1),
    st.decimals(0, "0.2", places=4),
)
def test_slipped_prices_are_worse_on_the_tick_and_within_one(
    price: Decimal, tick: str, ticks: Decimal, ratio: Decimal
) -> None:
    instrument, slippage = make_instrument(D(tick)), Slippage.of(ticks=ticks, ratio=ratio)
    distance = ticks * D(tick) + ratio * price

    bought = slippage.worsen(price, Side.BUY, instrument)
    sold = slippage.worsen(price, Side.SELL, instrument)

    assert price + distance <= bought < price + distance + D(tick)
    assert sold == D(tick) or price - distance - D(tick) < sold <= price - distance
    assert bought % D(tick) == sold % D(tick) == 0
    assert sold > 0


def test_no_slippage_leaves_a_price_on_the_tick_alone() -> None:
    instrument = make_instrument(D("0.01"))

    assert Slippage().worsen(D("9.99"), Side.BUY, instrument) == D("9.99")
    assert Slippage().worsen(D("9.99"), Side.SELL, instrument) == D("9.99")


@pytest.mark.parametrize("terms", [{"ticks": -1}, {"ratio": "-0.001"}])
def test_slippage_in_the_traders_favour_is_an_error(terms: dict[str, str]) -> None:
    with pytest.raises(BadSlippage, match="at or above zero"):
        Slippage.of(**terms)
