"""Slippage goes against the trader, grows with what is traded and ends on the tick."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import Instrument, exactly
from quantloom.simulation import (
    AnySlippage,
    BadSlippage,
    Slippage,
    SquareRootImpact,
    VolumeShareSlippage,
    worsen,
)
from quantloom.trading import Side
from tests.library.simulation.builders import make_instrument

D = Decimal
IMPACTS: list[AnySlippage] = [
    VolumeShareSlippage(),
    VolumeShareSlippage(impact=D("0.5"), base=Slippage.of(ticks=2)),
    SquareRootImpact(),
    SquareRootImpact(coefficient=D("0.3"), base=Slippage.of(ratio="0.001")),
]


@dataclass
class Known:
    """What is known of an instrument; `window` is what was last asked for."""

    volume: float = 1_000
    taken: Decimal = D(0)
    returns: float = 0.02
    usual: float = 1_000
    window: int = 0

    def deviation(self, window: int) -> float:
        self.window = window
        return self.returns

    def mean_volume(self, window: int) -> float:
        return self.usual


def distance(model: AnySlippage, price: Any, quantity: Any, **known: Any) -> Decimal:
    with exactly():
        return model.distance(D(price), D(quantity), make_instrument(), Known(**known))


@given(
    st.decimals("0.0001", "9999", places=4),
    st.sampled_from(["0.01", "0.05", "0.25", "5"]),
    st.decimals(0, 20, places=1),
    st.decimals(0, "0.2", places=4),
)
def test_slipped_prices_are_worse_on_the_tick_and_within_one(
    price: Decimal, tick: str, ticks: Decimal, ratio: Decimal
) -> None:
    instrument = make_instrument(tick_size=D(tick))
    slipped = Slippage.of(ticks=ticks, ratio=ratio).distance(price, D(1), instrument, Known())
    assert slipped == ticks * D(tick) + ratio * price

    bought = worsen(price, slipped, Side.BUY, instrument)
    sold = worsen(price, slipped, Side.SELL, instrument)

    assert price + slipped <= bought < price + slipped + D(tick)
    assert sold == D(tick) or price - slipped - D(tick) < sold <= price - slipped
    assert bought % D(tick) == sold % D(tick) == 0
    assert sold > 0


def test_no_slippage_leaves_a_price_on_the_tick_alone() -> None:
    instrument: Instrument = make_instrument()

    assert worsen(D("9.75"), D(0), Side.BUY, instrument) == D("9.75")
    assert worsen(D("9.75"), D(0), Side.SELL, instrument) == D("9.75")


def test_taking_a_tenth_of_a_bar_costs_a_hundredth_of_the_impact() -> None:
    model = VolumeShareSlippage(impact=D("0.1"))

    assert distance(model, 50, 100) == D("0.05")
    assert distance(model, 50, 60, taken=D(40)) == D("0.05")


def test_the_square_root_impact_is_a_deviation_where_all_usual_volume_is_traded() -> None:
    model = SquareRootImpact(coefficient=D(2))

    assert distance(model, 50, 1_000) == 2
    assert distance(model, 50, 250) == 1


@pytest.mark.parametrize("model", IMPACTS)
@given(data=st.data())
def test_an_impact_grows_with_the_quantity_and_the_price(
    model: AnySlippage, data: st.DataObject
) -> None:
    small, large = sorted(data.draw(st.tuples(*[st.decimals("0.1", 2_000, places=1)] * 2)))
    low, high = sorted(data.draw(st.tuples(*[st.decimals("0.25", 900, places=2)] * 2)))
    known = {"volume": 1_000.0, "returns": 0.02, "usual": 700.0}

    assert distance(model, low, small, **known) <= distance(model, low, large, **known)
    assert distance(model, low, small, **known) <= distance(model, high, small, **known)
    base = model.base if not isinstance(model, Slippage) else model
    assert distance(model, low, small, **known) > distance(base, low, small, **known)


@given(*[st.decimals("0.1", 900, places=1)] * 3)
def test_what_was_taken_before_makes_the_next_fill_dearer(
    quantity: Decimal, taken: Decimal, more: Decimal
) -> None:
    model = VolumeShareSlippage()

    before = distance(model, 50, quantity, taken=taken)

    assert distance(model, 50, quantity, taken=taken + more) > before


@pytest.mark.parametrize(
    ("model", "known"),
    [
        (VolumeShareSlippage(base=Slippage.of(ticks=1)), {"volume": math.nan}),
        (VolumeShareSlippage(base=Slippage.of(ticks=1)), {"volume": 0.0}),
        (SquareRootImpact(base=Slippage.of(ticks=1)), {"returns": math.nan}),
        (SquareRootImpact(base=Slippage.of(ticks=1)), {"usual": math.nan}),
        (SquareRootImpact(base=Slippage.of(ticks=1)), {"usual": 0.0}),
    ],
)
def test_what_is_not_known_adds_nothing(model: AnySlippage, known: dict[str, float]) -> None:
    assert distance(model, 50, 100, **known) == D("0.25")


def test_the_window_is_the_models() -> None:
    known = Known()

    SquareRootImpact(window=7).distance(D(50), D(1), make_instrument(), known)

    assert known.window == 7


@pytest.mark.parametrize(
    "make",
    [
        lambda: Slippage.of(ticks=-1),
        lambda: Slippage.of(ratio="-0.001"),
        lambda: VolumeShareSlippage(impact=D(-1)),
        lambda: SquareRootImpact(coefficient=D("-0.1")),
    ],
)
def test_slippage_in_the_traders_favour_is_an_error(make: Callable[[], object]) -> None:
    with pytest.raises(BadSlippage, match="at or above zero"):
        make()


def test_a_window_without_a_deviation_is_an_error() -> None:
    with pytest.raises(BadSlippage):
        SquareRootImpact(window=2)
