from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import (
    Excursions,
    Grouping,
    WrongShape,
    group_by_keys,
    group_trips,
    trip_statistics,
)
from tests.library.performance.curves import FullTrips, make_full_trips

DAY_NS = 86_400_000_000_000


def make_mixed(count: int, seed: int = 0) -> FullTrips:
    """Trips of every side, symbol, exit and tag over two years."""
    random = np.random.default_rng(seed)
    entry = random.integers(18_000, 18_700, count) * DAY_NS
    return make_full_trips(
        count,
        side=random.choice(["buy", "sell"], count),
        symbol=random.choice(["A", "B", "C"], count),
        exit_reason=random.choice(["stop", "limit", "market"], count),
        tag=random.choice(["", "x"], count),
        entry_ns=entry,
        exit_ns=entry + random.integers(0, 30, count) * DAY_NS,
        pnl=random.normal(1, 10, count).round(2),
    )


def test_long_and_short_are_measured_apart() -> None:
    trips = make_full_trips(3, side=["sell", "buy", "sell"], pnl=[1.0, 5.0, -2.0])

    buy, sell = group_trips(trips, "side")

    assert (buy.key, buy.statistics.count, buy.statistics.pnl) == ("buy", 1, 5.0)
    assert (sell.key, sell.statistics.win_rate, sell.statistics.pnl) == ("sell", 0.5, -1.0)


def test_years_and_months_are_those_of_the_exit() -> None:
    exits = np.array(["2023-12-31", "2024-01-01", "2024-02-29"], dtype="datetime64[ns]")
    trips = make_full_trips(3, exit_ns=exits.view(np.int64))

    assert [group.key for group in group_trips(trips, "year")] == ["2023", "2024"]
    assert [group.key for group in group_trips(trips, "month")] == ["2023-12", "2024-01", "2024-02"]


def test_trading_days_of_the_caller_s_own_decide_where_they_are_given() -> None:
    days = np.array(["2024-01-31", "2024-02-01"], dtype="datetime64[D]")

    groups = group_by_keys(make_full_trips(2), days.astype("datetime64[M]"))

    assert [group.key for group in groups] == ["2024-01", "2024-02"]


def test_excursions_go_with_their_trips() -> None:
    ratios = np.array([-0.01, -0.03, -0.05]), np.array([0.02, 0.04, 0.06])
    trips = make_full_trips(3, exit_reason=["stop", "limit", "stop"])

    limit, stop = group_trips(trips, "exit_reason", Excursions(*ratios, *ratios))

    assert limit.statistics.average_adverse_ratio == -0.03
    assert stop.statistics.average_favourable_ratio == pytest.approx(0.04)


def test_no_trips_make_no_groups() -> None:
    assert [group_trips(make_full_trips(0), by) for by in get_args(Grouping)] == [()] * 6


def test_a_key_for_every_trip_is_demanded() -> None:
    with pytest.raises(WrongShape, match="keys"):
        group_by_keys(make_full_trips(3), ["a", "b"])


@given(st.integers(1, 80), st.integers(0, 2**32), st.sampled_from(get_args(Grouping)))
def test_the_groups_add_up_to_the_whole(count: int, seed: int, by: Grouping) -> None:
    trips = make_mixed(count, seed)

    parts = [group.statistics for group in group_trips(trips, by)]

    whole = trip_statistics(trips)
    assert sum(part.count for part in parts) == whole.count
    assert sum(part.wins for part in parts) == whole.wins
    assert sum(part.losses for part in parts) == whole.losses
    assert sum(part.pnl for part in parts) == pytest.approx(whole.pnl)
    assert max(part.longest_holding_days or 0.0 for part in parts) == whole.longest_holding_days
