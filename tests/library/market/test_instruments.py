from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import (
    BadInstrument,
    Instrument,
    Kind,
    PriceOffTick,
    QuantityOffLot,
    exact,
    infer_tick,
)


def make_instrument(tick_size: str = "0.01", lot: str = "1", kind: Kind = Kind.STOCK) -> Instrument:
    return Instrument(symbol="X.US", kind=kind, tick_size=Decimal(tick_size), lot=Decimal(lot))


ticks = st.sampled_from(["0.00001", "0.02", "0.2", "0.5", "1", "5"])
values = st.decimals("0.001", "1e9", allow_nan=False, places=7)


@given(values, ticks)
def test_rounding_down_and_up_encloses_the_price_within_one_tick(value: Decimal, tick: str) -> None:
    instrument = make_instrument(tick)

    low, high = instrument.round_down(value), instrument.round_up(value)

    assert low <= value <= high
    assert high - low == (0 if low == value else instrument.tick_size)
    assert instrument.price(high).value == high


@given(values, ticks)
def test_no_order_price_is_nearer_than_the_nearest(value: Decimal, tick: str) -> None:
    instrument = make_instrument(tick)

    nearest = instrument.round_nearest(value)

    assert abs(nearest - value) <= instrument.tick_size / 2
    assert instrument.price(nearest).value == nearest


@given(values, st.sampled_from(["0.00001", "1", "100"]))
def test_whole_lots_never_exceed_what_was_asked(quantity: Decimal, lot: str) -> None:
    instrument = make_instrument(lot=lot)

    lots = instrument.whole_lots(quantity)

    assert lots <= quantity < lots + instrument.lot
    assert not lots or instrument.quantity(lots).value == lots


@given(st.floats(0, 1e18))
def test_any_float_above_zero_is_rounded_exactly(value: float) -> None:
    instrument = make_instrument("0.00000001", lot="0.00001")

    low, high = instrument.round_down(value), instrument.round_up(value)

    assert low <= exact(value) <= high
    assert instrument.whole_lots(value) <= exact(value)
    assert instrument.price(low).value == low


def test_under_zero_down_is_down_too() -> None:
    instrument = make_instrument("0.05")

    assert instrument.round_down("-0.07") == Decimal("-0.10")
    assert instrument.round_up("-0.07") == Decimal("-0.05")
    assert instrument.round_nearest("-0.07") == Decimal("-0.05")
    assert instrument.round_down("-0.10") == Decimal("-0.10")


def test_less_than_a_lot_and_less_than_nothing_are_zero_lots() -> None:
    instrument = make_instrument(lot="100")

    assert instrument.whole_lots(99) == 0
    assert instrument.whole_lots(-500) == 0


def test_a_price_off_the_tick_and_a_quantity_off_the_lot_are_refused() -> None:
    instrument = make_instrument("0.05", lot="100")

    with pytest.raises(PriceOffTick):
        instrument.price("10.01")
    with pytest.raises(QuantityOffLot):
        instrument.quantity(150)


@pytest.mark.parametrize("field", ["tick_size", "lot", "multiplier"])
@pytest.mark.parametrize("value", [Decimal(0), Decimal(-1)])
def test_a_grid_that_is_not_above_zero_is_refused(field: str, value: Decimal) -> None:
    terms: dict[str, Any] = {"tick_size": Decimal(1)} | {field: value}

    with pytest.raises(BadInstrument, match=rf"X\.US: {field} is {value}; it must be above zero"):
        Instrument(symbol="X.US", kind=Kind.STOCK, **terms)


@pytest.mark.parametrize("kind", list(Kind))
def test_only_futures_and_swaps_are_margined(kind: Kind) -> None:
    margined = {Kind.FUTURE, Kind.PERPETUAL, Kind.INVERSE}
    assert make_instrument(kind=kind).is_margined == (kind in margined)


@pytest.mark.parametrize(
    ("prices", "tick"),
    [
        ([3000.0, 3015.0], "1"),
        ([10.5, 10.0], "0.1"),
        ([10.25, 10.5], "0.01"),
        ([1.12345, 1.1], "0.00001"),
        ([0.00000123], "0.00000001"),
        ([1 / 3], "0.00000001"),
        ([2.5e-9, 1.1e-9], "1e-10"),
        ([1e-9 / 3], "1e-17"),
        ([0.0], "1"),
        ([3379.36999999999989], "0.01"),
    ],
)
def test_the_tick_is_the_coarsest_power_of_ten_all_prices_lie_on(
    prices: list[float], tick: str
) -> None:
    assert infer_tick(np.array(prices)) == Decimal(tick)


@given(st.lists(st.integers(1, 10**9), min_size=1), st.integers(0, 6))
def test_prices_lie_on_the_inferred_tick(counts: list[int], decimals: int) -> None:
    prices = np.array(counts) / 10**decimals

    tick = infer_tick(prices)

    assert tick >= Decimal(1).scaleb(-decimals)
    assert all(Decimal(repr(price)) % tick == 0 for price in prices.tolist())
