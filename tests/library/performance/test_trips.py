import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import NotFinite, TripStatistics, WrongShape, trip_statistics
from tests.library.performance.curves import Trips, make_trips

EXCURSIONS = ("average_adverse_ratio", "average_favourable_ratio", "edge_ratio")


def test_wins_losses_and_zeros_are_counted_apart() -> None:
    pnl = [30.0, 10.0, 0.0, -5.0, -15.0]

    measured = trip_statistics(make_trips(pnl, hours=12))

    assert measured == TripStatistics(
        count=5,
        wins=2,
        losses=2,
        pnl=20.0,
        win_rate=0.4,
        profit_factor=2.0,
        payoff_ratio=2.0,
        average_win=20.0,
        average_loss=-10.0,
        expectancy=4.0,
        system_quality=4.0 * math.sqrt(5) / float(np.std(pnl, ddof=1)),
        kelly_ratio=0.5 - 0.5 / 2.0,
        largest_win=30.0,
        largest_loss=-15.0,
        average_holding_days=0.5,
        longest_holding_days=0.5,
        longest_win_streak=2,
        longest_loss_streak=2,
        average_adverse_ratio=None,
        average_favourable_ratio=None,
        edge_ratio=None,
        reasons=dict.fromkeys(EXCURSIONS, "no_excursions"),
    )


def test_without_trips_only_counts_are_known() -> None:
    measured = trip_statistics(make_trips())

    assert (measured.count, measured.longest_win_streak, measured.longest_loss_streak) == (0, 0, 0)
    assert measured.pnl == 0.0
    assert set(measured.reasons.values()) == {"no_trips"}
    assert len(measured.reasons) == 15


@pytest.mark.parametrize("name", ["profit_factor", "payoff_ratio", "average_loss", "kelly_ratio"])
def test_without_a_loss_nothing_is_divided_by_losses(name: str) -> None:
    measured = trip_statistics(make_trips([5.0, 0.0]))

    assert getattr(measured, name) is None
    assert measured.reasons[name] == "no_losses"


def test_one_trip_has_no_quality_and_equal_trips_none_either() -> None:
    one, equal = trip_statistics(make_trips([5.0])), trip_statistics(make_trips([5.0, 5.0]))

    assert (one.reasons["system_quality"], equal.reasons["system_quality"]) == (
        "one_trip",
        "equal_trips",
    )


def test_the_kelly_ratio_leaves_trips_of_zero_out() -> None:
    pnl = [2.0, -1.0, 2.0]

    assert trip_statistics(make_trips(pnl)).kelly_ratio == pytest.approx(2 / 3 - (1 / 3) / 2)
    assert (
        trip_statistics(make_trips([*pnl, 0.0, 0.0])).kelly_ratio
        == trip_statistics(make_trips(pnl)).kelly_ratio
    )


def test_without_a_win_the_profit_factor_is_zero() -> None:
    measured = trip_statistics(make_trips([-5.0, 0.0]))

    assert (measured.profit_factor, measured.win_rate) == (0.0, 0.0)
    assert (measured.payoff_ratio, measured.average_win, measured.largest_win) == (None,) * 3
    assert measured.reasons["payoff_ratio"] == "no_wins"


def test_trips_of_zero_are_neither_wins_nor_losses() -> None:
    measured = trip_statistics(make_trips([0.0, 0.0]))

    assert (measured.win_rate, measured.expectancy) == (0.0, 0.0)
    assert measured.reasons["profit_factor"] == "no_losses"


def test_a_zero_ends_a_streak() -> None:
    measured = trip_statistics(make_trips([1.0, 0.0, 1.0, -1.0, 0.0, -1.0]))

    assert (measured.longest_win_streak, measured.longest_loss_streak) == (1, 1)


def test_streaks_follow_the_time_of_exit() -> None:
    exits = np.array([30, 10, 20], dtype=np.int64)

    measured = trip_statistics(Trips(np.array([1.0, -1.0, 1.0]), exits - 5, exits))

    assert measured.longest_win_streak == 2


def test_an_unknown_pnl_is_refused() -> None:
    with pytest.raises(NotFinite, match="pnl"):
        trip_statistics(make_trips([1.0, np.nan]))


def test_columns_of_different_length_are_refused() -> None:
    times = np.zeros(1, dtype=np.int64)

    with pytest.raises(WrongShape, match="entry_ns"):
        trip_statistics(Trips(np.array([1.0, 2.0]), times, times))


@given(st.lists(st.integers(-3, 3).map(float), max_size=60))
def test_streaks_are_what_a_loop_finds(pnl: list[float]) -> None:
    measured = trip_statistics(make_trips(pnl))

    longest = {1: 0, -1: 0}
    streak, direction = 0, 0.0
    for result in np.sign(pnl):
        streak = streak + 1 if result == direction else 1
        direction = result
        if direction:
            longest[int(direction)] = max(longest[int(direction)], streak)
    assert (measured.longest_win_streak, measured.longest_loss_streak) == (longest[1], longest[-1])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_wins_and_losses_add_up_to_the_whole(pnl: list[float]) -> None:
    measured = trip_statistics(make_trips(pnl))

    wins = sum(result > 0 for result in pnl)
    losses = sum(result < 0 for result in pnl)
    earned = (measured.average_win or 0.0) * wins + (measured.average_loss or 0.0) * losses
    assert (measured.wins, measured.losses) == (wins, losses)
    assert (measured.expectancy or 0.0) * measured.count == pytest.approx(earned, abs=1e-6)
    assert measured.pnl == pytest.approx(earned, abs=1e-6)
