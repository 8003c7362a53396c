import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import NotFinite, TripStatistics, WrongShape, trip_statistics
from tests.library.performance.curves import Trips, make_trips


def test_wins_losses_and_zeros_are_counted_apart() -> None:
    measured = trip_statistics(make_trips([30.0, 10.0, 0.0, -5.0, -15.0], hours=12))

    assert measured == TripStatistics(
        count=5,
        win_rate=0.4,
        profit_factor=2.0,
        payoff_ratio=2.0,
        average_win=20.0,
        average_loss=-10.0,
        expectancy=4.0,
        largest_win=30.0,
        largest_loss=-15.0,
        average_holding_days=0.5,
        longest_win_streak=2,
        longest_loss_streak=2,
    )


def test_without_trips_only_counts_are_known() -> None:
    measured = trip_statistics(make_trips())

    assert (measured.count, measured.longest_win_streak, measured.longest_loss_streak) == (0, 0, 0)
    assert np.isnan(
        [
            measured.win_rate,
            measured.profit_factor,
            measured.payoff_ratio,
            measured.expectancy,
            measured.average_holding_days,
        ]
    ).all()


def test_without_a_loss_the_profit_factor_is_infinite_and_the_payoff_unknown() -> None:
    measured = trip_statistics(make_trips([5.0, 0.0]))

    assert measured.profit_factor == np.inf
    assert np.isnan([measured.payoff_ratio, measured.average_loss, measured.largest_loss]).all()


def test_without_a_win_the_profit_factor_is_zero() -> None:
    measured = trip_statistics(make_trips([-5.0, 0.0]))

    assert (measured.profit_factor, measured.win_rate) == (0.0, 0.0)
    assert np.isnan([measured.payoff_ratio, measured.average_win, measured.largest_win]).all()


def test_trips_of_zero_are_neither_wins_nor_losses() -> None:
    measured = trip_statistics(make_trips([0.0, 0.0]))

    assert (measured.win_rate, measured.expectancy) == (0.0, 0.0)
    assert np.isnan(measured.profit_factor)


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

    with pytest.raises(WrongShape, match="entry_ts"):
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
    earned = (measured.average_win * wins if wins else 0.0) + (
        measured.average_loss * losses if losses else 0.0
    )
    assert measured.expectancy * measured.count == pytest.approx(earned, abs=1e-6)
