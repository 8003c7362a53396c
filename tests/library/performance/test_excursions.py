import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import Bars
from quantloom.performance import measure_excursions, trip_statistics
from tests.library.performance.curves import (
    HOUR_NS,
    FullTrips,
    PriceBars,
    make_bars,
    make_full_trips,
)

BARS = {"A": make_bars([105, 120, 103, 130], [95, 99, 80, 70])}


def one(**columns: Any) -> tuple[float, float]:
    """The excursions of one trip from the first bar to the fourth."""
    measured = measure_excursions(make_full_trips(exit_ns=3 * HOUR_NS, **columns), BARS)
    return float(measured.adverse[0]), float(measured.favourable[0])


def test_a_long_trip_suffers_the_lowest_low_and_enjoys_the_highest_high() -> None:
    assert one(quantity=2.0, multiplier=10.0) == (-20.0 * 20, 20.0 * 20)


def test_a_short_trip_suffers_the_highest_high_and_enjoys_the_lowest_low() -> None:
    assert one(side="sell", exit_price=95.0) == (-20.0, 20.0)


def test_of_the_bar_of_the_exit_only_the_price_of_the_exit_counts() -> None:
    assert one(exit_price=75.0) == (-25.0, 20.0)
    assert one(exit_price=125.0) == (-20.0, 25.0)


def test_a_ratio_is_over_the_value_at_entry() -> None:
    trips = make_full_trips(exit_ns=3 * HOUR_NS, quantity=2.0, multiplier=10.0)

    measured = measure_excursions(trips, BARS)

    assert (measured.adverse_ratio[0], measured.favourable_ratio[0]) == (-0.2, 0.2)


def test_a_trip_within_one_bar_has_no_excursion_but_its_result() -> None:
    trips = make_full_trips(2, entry_ns=0, exit_ns=0, exit_price=[104.0, 97.0])

    measured = measure_excursions(trips, BARS)

    assert measured.adverse.tolist() == [0.0, -3.0]
    assert measured.favourable.tolist() == [4.0, 0.0]


def test_a_fill_within_a_bar_belongs_to_that_bar() -> None:
    trips = make_full_trips(entry_ns=HOUR_NS + 5, exit_ns=2 * HOUR_NS + 5, exit_price=100.0)

    measured = measure_excursions(trips, BARS)

    assert (measured.adverse[0], measured.favourable[0]) == (-1.0, 20.0)


def test_trips_see_the_bars_of_their_own_symbol_and_without_them_nothing() -> None:
    trips = make_full_trips(3, symbol=["A", "B", "C"], entry_ns=0, exit_ns=2 * HOUR_NS)
    bars = BARS | {"B": make_bars([101, 102, 103], [99, 98, 97])}

    measured = measure_excursions(trips, bars)

    assert measured.favourable[:2].tolist() == [20.0, 10.0]
    assert measured.adverse[:2].tolist() == [-5.0, -2.0]
    assert np.isnan([measured.adverse[2], measured.favourable[2]]).all()


def test_a_trip_from_before_the_first_bar_is_unknown_and_so_is_the_mean() -> None:
    trips = make_full_trips(2, entry_ns=[-HOUR_NS, 0], exit_ns=2 * HOUR_NS)

    measured = measure_excursions(trips, BARS)

    assert np.isnan(measured.adverse).tolist() == [True, False]
    statistics = trip_statistics(trips, measured)
    assert statistics.reasons["average_adverse_ratio"] == "no_excursions"


def test_bars_of_the_market_will_do() -> None:
    close = [100.0, 120.0, 90.0]
    bars = Bars.of(
        "A.LOCAL", "1h", ts=BARS["A"].ts[:3], open=close, high=close, low=close, close=close
    )

    measured = measure_excursions(
        make_full_trips(symbol="A.LOCAL", exit_ns=2 * HOUR_NS), {"A.LOCAL": bars}
    )

    assert (measured.adverse[0], measured.favourable[0]) == (0.0, 20.0)


def test_no_trips_have_no_excursions() -> None:
    measured = measure_excursions(make_full_trips(0), BARS)

    assert len(measured.adverse) == len(measured.favourable_ratio) == 0


@st.composite
def traded(draw: st.DrawFn) -> tuple[FullTrips, dict[str, PriceBars]]:
    count = draw(st.integers(1, 70))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    low = random.uniform(50, 100, count)
    bars = make_bars(low + random.uniform(0, 20, count), low)
    trips = draw(st.integers(0, 40))
    rows = np.sort(random.integers(0, count, (trips, 2)))
    prices = random.uniform(60, 120, (2, trips))
    made = make_full_trips(
        trips,
        side=random.choice(["buy", "sell"], trips),
        quantity=random.integers(1, 9, trips).astype(float),
        entry_ns=rows[:, 0] * HOUR_NS,
        exit_ns=rows[:, 1] * HOUR_NS,
        entry_price=prices[0],
        exit_price=prices[1],
    )
    return made, {"A": bars}


@given(traded())
def test_excursions_are_what_a_loop_over_bars_finds(
    case: tuple[FullTrips, dict[str, PriceBars]],
) -> None:
    trips, bars = case

    measured = measure_excursions(trips, bars)

    for row in range(len(trips.pnl)):
        first, last = trips.entry_ns[row] // HOUR_NS, trips.exit_ns[row] // HOUR_NS
        seen = [trips.entry_price[row], trips.exit_price[row]]
        seen += [*bars["A"].high[first:last], *bars["A"].low[first:last]]
        moves = (np.array(seen) - trips.entry_price[row]) * trips.quantity[row]
        moves = moves if trips.side[row] == "buy" else -moves
        assert measured.adverse[row] == pytest.approx(moves.min())
        assert measured.favourable[row] == pytest.approx(moves.max())


@given(traded())
def test_the_result_lies_between_the_excursions_and_they_on_both_sides_of_zero(
    case: tuple[FullTrips, dict[str, PriceBars]],
) -> None:
    trips, bars = case
    direction = np.where(trips.side == "buy", 1, -1)
    result = (trips.exit_price - trips.entry_price) * direction * trips.quantity

    measured = measure_excursions(trips, bars)

    assert (measured.adverse <= np.minimum(result, 0)).all()
    assert (measured.favourable >= np.maximum(result, 0)).all()


def test_forty_thousand_trips_over_a_million_bars_are_measured_at_once() -> None:
    count, trips = 1_000_000, 40_000
    low = 100 + np.sin(np.arange(count) / 50)
    bars = {"A": make_bars(low + 1, low)}
    random = np.random.default_rng(1)
    entry = np.sort(random.integers(0, count - 2_000, trips))
    held = random.integers(1, 2_000, trips)
    made = make_full_trips(trips, entry_ns=entry * HOUR_NS, exit_ns=(entry + held) * HOUR_NS)

    started = time.process_time()
    measure_excursions(made, bars)

    # Measured near 0.02 s; the bound only catches a loop over bars or trips.
    assert time.process_time() - started < 2.0
