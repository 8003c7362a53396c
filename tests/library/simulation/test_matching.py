"""Which orders a bar reaches, at what moment and at what price of the market."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quantloom.simulation import (
    Moment,
    OfferedBar,
    reach_close,
    reach_inside,
    reach_late,
    reach_open,
    trigger_at_open,
)
from quantloom.trading import OrderKind, Side, TimeInForce, ticks
from tests.library.simulation.builders import PRICES, make_bar, make_resting, random_bars

BUY, SELL = Side.BUY, Side.SELL
LIMIT, STOP, MARKET = OrderKind.LIMIT, OrderKind.STOP, OrderKind.MARKET
STOP_LIMIT, TRAIL = OrderKind.STOP_LIMIT, OrderKind.TRAILING_STOP
FROM_8_TO_12 = make_bar(10, 12, 8, 9, is_day_start=True, is_day_end=True)


@pytest.mark.parametrize(
    ("side", "kind", "prices", "moment"),
    [
        (BUY, MARKET, {}, Moment.OPEN_MARKET),
        (BUY, STOP, {"stop": 10}, Moment.OPEN_STOP),
        (BUY, STOP, {"stop": 9}, Moment.OPEN_STOP),
        (SELL, STOP, {"stop": 10}, Moment.OPEN_STOP),
        (SELL, STOP, {"stop": 11}, Moment.OPEN_STOP),
        (BUY, LIMIT, {"price": 10}, Moment.OPEN_LIMIT),
        (BUY, LIMIT, {"price": 11}, Moment.OPEN_LIMIT),
        (SELL, LIMIT, {"price": 10}, Moment.OPEN_LIMIT),
        (SELL, LIMIT, {"price": 9}, Moment.OPEN_LIMIT),
    ],
)
def test_what_the_open_reaches_meets_the_open(
    side: Side, kind: OrderKind, prices: dict[str, float], moment: Moment
) -> None:
    resting = make_resting(side, kind, **prices)

    hit = reach_open(resting, FROM_8_TO_12)

    assert hit == (moment, 1, resting, 10)


@pytest.mark.parametrize(
    ("side", "kind", "prices", "moment", "met"),
    [
        (BUY, STOP, {"stop": 12}, Moment.INSIDE_STOP, 12),
        (BUY, STOP, {"stop": 9}, Moment.INSIDE_STOP, 10),
        (SELL, STOP, {"stop": 8}, Moment.INSIDE_STOP, 8),
        (BUY, STOP_LIMIT, {"stop": 11, "price": 11.5}, Moment.INSIDE_STOP, 11),
        (BUY, LIMIT, {"price": 8}, Moment.INSIDE_LIMIT, 8),
        (SELL, LIMIT, {"price": 12}, Moment.INSIDE_LIMIT, 12),
        (
            *(SELL, LIMIT, {"price": 12, "is_reduce_only": True}),
            *(Moment.INSIDE_CLOSING_LIMIT, 12),
        ),
    ],
)
def test_what_the_inside_reaches_meets_its_own_price_or_a_worse_open(
    side: Side, kind: OrderKind, prices: dict[str, Any], moment: Moment, met: float
) -> None:
    resting = make_resting(side, kind, **prices)

    assert reach_inside(resting, FROM_8_TO_12) == (moment, 1, resting, met)


@pytest.mark.parametrize(
    ("side", "kind", "prices"),
    [
        (BUY, STOP, {"stop": 12.25}),
        (SELL, LIMIT, {"price": 12.25}),
        (SELL, STOP, {"stop": 7.75}),
        (BUY, LIMIT, {"price": 7.75}),
        (BUY, MARKET, {"tif": TimeInForce.CLOSE}),
    ],
)
def test_what_the_bar_does_not_touch_waits(
    side: Side, kind: OrderKind, prices: dict[str, Any]
) -> None:
    resting = make_resting(side, kind, **prices)

    assert reach_open(resting, FROM_8_TO_12) is None
    assert trigger_at_open(resting, FROM_8_TO_12) is None
    assert reach_inside(resting, FROM_8_TO_12) is None


def test_a_stop_limit_order_is_triggered_before_it_is_a_limit() -> None:
    resting = make_resting(BUY, STOP_LIMIT, stop=9, price=11)

    assert trigger_at_open(resting, FROM_8_TO_12) == (Moment.OPEN_STOP, 1, resting, 10)
    resting.is_triggered = True
    assert trigger_at_open(resting, FROM_8_TO_12) is None
    assert reach_open(resting, FROM_8_TO_12) == (Moment.OPEN_LIMIT, 1, resting, 10)


def test_a_stop_limit_order_whose_stop_is_out_of_reach_waits() -> None:
    resting = make_resting(BUY, STOP_LIMIT, stop=12.25, price=20)

    assert trigger_at_open(resting, FROM_8_TO_12) is None
    assert reach_inside(resting, FROM_8_TO_12) is None


@pytest.mark.parametrize(("was_tried", "is_reached"), [(True, False), (False, True)])
def test_a_closing_stop_that_had_no_chance_inside_the_bar_is_tried_late(
    was_tried: bool, is_reached: bool
) -> None:
    resting = make_resting(SELL, STOP, stop=9, is_reduce_only=True)
    resting.was_tried = was_tried

    hit = reach_late(resting, FROM_8_TO_12)

    assert hit == ((Moment.LATE_STOP, 1, resting, 9) if is_reached else None)


def test_a_close_below_where_the_high_has_drawn_a_trail_reaches_it_late() -> None:
    trail = make_resting(SELL, TRAIL, distance=ticks(8))
    trail.follow(10)

    hit = reach_late(trail, FROM_8_TO_12)

    # Drawn up to 2 under the high of 12; the close of 9 lies below that.
    assert hit == (Moment.LATE_STOP, 1, trail, 10)


@pytest.mark.parametrize(
    ("tif", "bar", "reached"),
    [
        (TimeInForce.GTC, make_bar(10), "open"),
        (TimeInForce.IOC, make_bar(10), "open"),
        (TimeInForce.OPEN, make_bar(10), ""),
        (TimeInForce.OPEN, make_bar(10, is_day_start=True), "open"),
        (TimeInForce.CLOSE, make_bar(10), ""),
        (TimeInForce.CLOSE, make_bar(10, is_day_end=True), "close"),
    ],
)
def test_an_order_for_a_moment_is_reached_then_alone(
    tif: TimeInForce, bar: OfferedBar, reached: str
) -> None:
    resting = make_resting(BUY, MARKET, tif=tif)

    looks = {"open": reach_open, "inside": reach_inside, "close": reach_close}
    hits = [name for name, look in looks.items() if look(resting, bar) is not None]

    assert hits == [reached] * bool(reached)


@pytest.mark.parametrize(("price", "is_reached"), [(9, True), (8.75, False)])
def test_a_limit_on_close_needs_the_close(price: float, is_reached: bool) -> None:
    resting = make_resting(BUY, LIMIT, price=price, tif=TimeInForce.CLOSE)

    hit = reach_close(resting, FROM_8_TO_12)

    assert (hit is not None) == is_reached
    assert hit is None or hit.met == 9


@given(random_bars(), st.sampled_from(Side), st.sampled_from([LIMIT, STOP]), PRICES)
def test_the_price_met_lies_inside_the_bar(
    bar: OfferedBar, side: Side, kind: OrderKind, price: float
) -> None:
    resting = make_resting(side, kind, **{"price" if kind is LIMIT else "stop": price})

    hit = reach_open(resting, bar) or reach_inside(resting, bar)

    assume(hit is not None)
    assert hit is not None
    assert bar.low <= hit.met <= bar.high
    worse = (price - hit.met) * side.sign
    assert worse >= 0 if kind is LIMIT else worse <= 0


@given(
    st.lists(random_bars(), min_size=1, max_size=12),
    st.sampled_from(Side),
    st.integers(1, 8),
)
def test_a_trailing_stop_never_moves_back_and_ends_a_distance_from_the_best(
    bars: list[OfferedBar], side: Side, distance: int
) -> None:
    trail = make_resting(side, TRAIL, distance=ticks(distance))
    stops, seen = [], []

    for bar in bars:
        if reach_open(trail, bar) is not None:
            break
        seen.append(bar.open)
        stops.append(trail.stop)
        best = bar.low if side is BUY else bar.high
        trail.follow(best)
        seen.append(best)
        stops.append(trail.stop)

    is_drawn = sorted(stops, reverse=side is BUY)
    assert stops == is_drawn
    extreme = (min if side is BUY else max)(seen, default=None)
    assert extreme is None or trail.stop == extreme + side.sign * distance / 4
