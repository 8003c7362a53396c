import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import FloatArray
from quantloom.performance import NotFinite, WrongShape, equity_at_costs

TIMES = np.arange(4, dtype=np.int64) * 10
EQUITY = [100.0, 99.0, 105.0, 103.0]


def at(multiple: float, fill_ns: list[int], costs: list[float]) -> FloatArray:
    return equity_at_costs(
        equity=EQUITY,
        ts_ns=TIMES,
        fill_ns=np.array(fill_ns, dtype=np.int64),
        costs=costs,
        multiple=multiple,
    )


def test_twice_the_costs_take_each_cost_again_from_its_fill_on() -> None:
    assert at(2.0, [10, 30], [1.0, 2.0]).tolist() == [100.0, 98.0, 104.0, 100.0]


def test_without_costs_they_are_given_back() -> None:
    assert at(0.0, [10], [1.0]).tolist() == [100.0, 100.0, 106.0, 104.0]


def test_a_fill_between_points_counts_from_the_one_before_and_never_earlier_than_the_first() -> (
    None
):
    assert at(2.0, [-5, 15], [1.0, 1.0]).tolist() == [99.0, 97.0, 103.0, 101.0]


def test_no_points_stay_none() -> None:
    empty = np.empty(0, dtype=np.int64)

    assert not len(equity_at_costs(equity=[], ts_ns=empty, fill_ns=empty, costs=[], multiple=2.0))


def test_bad_columns_are_refused() -> None:
    with pytest.raises(WrongShape, match="costs"):
        at(2.0, [10], [])
    with pytest.raises(NotFinite, match="multiple"):
        at(np.nan, [10], [1.0])
    with pytest.raises(WrongShape, match="ts_ns"):
        equity_at_costs(equity=[1.0], ts_ns=TIMES, fill_ns=TIMES[:0], costs=[], multiple=1.0)


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1e3))), st.floats(0, 5))
def test_the_end_moves_by_all_that_was_paid(
    fills: list[tuple[int, float]], multiple: float
) -> None:
    times, costs = [moment for moment, _ in fills], [cost for _, cost in fills]

    moved = at(multiple, times, costs)

    assert moved[-1] == pytest.approx(EQUITY[-1] - (multiple - 1) * sum(costs))
    assert at(1.0, times, costs).tolist() == EQUITY
