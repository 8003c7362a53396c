"""Distances, conditions and how long an order waits."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import NaiveTime, to_ns
from quantloom.trading import (
    AtrDistance,
    BadDistance,
    Distance,
    Offset,
    PriceCondition,
    TimeCondition,
    Trailing,
    above,
    at,
    atr,
    below,
    percent,
    points,
    ticks,
    trailing,
)
from tests.library.trading.builders import decimals, make_instrument

D = Decimal
DISTANCES = st.one_of(
    decimals("0.1", "40", 1).map(ticks),
    decimals("0.01", "20", 2).map(percent),
    decimals("0.001", "20", 3).map(points),
)


@pytest.mark.parametrize(
    ("distance", "lower", "upper"),
    [
        (ticks(8), "49.60", "50.40"),
        (percent(2), "49.00", "51.00"),
        (points("1.5"), "48.50", "51.50"),
        (points("0.07"), "49.90", "50.10"),
        (Distance(ticks=D(1), points=D(1)), "48.95", "51.05"),
    ],
)
def test_a_distance_is_laid_off_from_a_price(distance: Distance, lower: str, upper: str) -> None:
    instrument = make_instrument(tick_size=D("0.05"))

    assert distance.below(D(50), instrument) == D(lower)
    assert distance.above(D(50), instrument) == D(upper)


@given(DISTANCES, decimals("30", "999", 2), st.sampled_from(["0.01", "0.05", "0.25", "5"]))
def test_a_distance_is_kept_and_snapped_away_by_less_than_a_tick(
    distance: Distance, price: Decimal, tick: str
) -> None:
    instrument = make_instrument(tick_size=D(tick))
    width = distance.ticks * D(tick) + distance.ratio * price + distance.points

    low, high = distance.below(price, instrument), distance.above(price, instrument)

    assert price + width <= high < price + width + D(tick)
    assert high % D(tick) == low % D(tick) == 0
    if low > 0:
        assert price - width - D(tick) < low <= price - width


@pytest.mark.parametrize(
    "make",
    [
        lambda: ticks(0),
        lambda: percent(-1),
        lambda: points("-0.5"),
        lambda: atr(0),
        lambda: atr(2, 0),
        Distance,
    ],
)
def test_a_distance_that_is_none_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(BadDistance, match="must be above zero"):
        make()


def test_what_a_strategy_writes_is_read_exactly() -> None:
    moment = datetime(2024, 5, 6, 7, tzinfo=UTC)

    assert atr(1.1, 20) == AtrDistance(D("1.1"), 20)
    assert trailing(percent(0.1)) == Trailing(Distance(ratio=D("0.001")))
    assert above("9.5") == PriceCondition(9.5, is_above=True)
    assert below(9.5, "X.LOCAL") == PriceCondition(9.5, is_above=False, symbol="X.LOCAL")
    assert at(moment) == TimeCondition(to_ns(moment))


def test_a_time_without_a_zone_is_no_condition() -> None:
    with pytest.raises(NaiveTime):
        at(datetime(2024, 5, 6, 7))  # noqa: DTZ001  what is refused


def test_which_offsets_close_only() -> None:
    closing = {offset for offset in Offset if offset.only_closes}

    assert closing == {Offset.CLOSE, Offset.CLOSE_TODAY, Offset.CLOSE_YESTERDAY}
