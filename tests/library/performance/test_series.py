import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.errors import Invalid
from quantloom.performance import (
    NotFinite,
    NotPositive,
    UnsortedDays,
    WrongShape,
    daily_equity,
    sharpe_ratio,
    total_return,
)
from quantloom.performance.series import runs


def test_a_day_keeps_its_last_equity() -> None:
    days, equity = daily_equity(
        [10.0, 11.0, 12.0, 13.0], ["2024-01-02", "2024-01-02", "2024-01-03", "2024-01-05"]
    )

    assert equity.tolist() == [11.0, 12.0, 13.0]
    assert days.astype(str).tolist() == ["2024-01-02", "2024-01-03", "2024-01-05"]


def test_no_points_make_no_days() -> None:
    days, equity = daily_equity(np.empty(0), np.empty(0, dtype="datetime64[D]"))

    assert len(days) == len(equity) == 0


def test_a_missing_value_is_refused_with_its_row() -> None:
    with pytest.raises(NotFinite) as caught:
        sharpe_ratio([0.1, np.nan, np.inf], 252)

    assert (caught.value.name, caught.value.count, caught.value.row) == ("returns", 2, 1)


def test_a_missing_day_is_refused() -> None:
    with pytest.raises(NotFinite, match="days has 1"):
        daily_equity([1.0, 2.0], np.array(["2024-01-02", "NaT"], dtype="datetime64[D]"))


def test_days_that_go_back_are_refused_with_their_row() -> None:
    with pytest.raises(UnsortedDays) as caught:
        daily_equity([1.0, 2.0, 3.0], ["2024-01-02", "2024-01-03", "2024-01-01"])

    assert caught.value.row == 2


def test_days_and_equity_of_different_length_are_refused() -> None:
    with pytest.raises(WrongShape, match="2 rows"):
        daily_equity([1.0, 2.0], ["2024-01-02"])


def test_a_table_is_no_equity_curve() -> None:
    with pytest.raises(WrongShape, match="one value per row"):
        total_return(np.ones((3, 2)))


def test_an_equity_curve_has_a_starting_point() -> None:
    with pytest.raises(WrongShape, match="starting point"):
        total_return([])


@pytest.mark.parametrize("start", [0.0, -5.0])
def test_a_curve_that_starts_with_nothing_is_refused(start: float) -> None:
    with pytest.raises(NotPositive, match="first value"):
        total_return([start, 10.0])


@pytest.mark.parametrize(
    "error",
    [
        NotFinite("equity", 2, 5),
        WrongShape("days", (3,), "4 rows"),
        NotPositive("initial", 0.0),
        UnsortedDays(3),
    ],
)
def test_an_error_survives_the_way_between_processes(error: Invalid) -> None:
    arrived = pickle.loads(pickle.dumps(error))

    assert (type(arrived), str(arrived), arrived.args) == (type(error), str(error), error.args)


@given(st.lists(st.booleans(), max_size=40))
def test_runs_are_what_a_loop_finds(flags: list[bool]) -> None:
    starts, stops = runs(np.array(flags, dtype=bool))

    found = [row for start, stop in zip(starts, stops, strict=True) for row in range(start, stop)]
    assert found == [row for row, flag in enumerate(flags) if flag]
    assert all(starts[1:] > stops[:-1])
