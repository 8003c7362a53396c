import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import FloatArray
from quantloom.performance import (
    Drawdown,
    NotPositive,
    drawdown_ratios,
    find_max_drawdown,
    list_drawdowns,
    longest_drawdown,
    max_drawdown,
    pain_index,
    recovery_factor,
    ulcer_index,
)
from tests.library.performance.curves import equities, make_equity

CURVE = [100.0, 120.0, 90.0, 120.0, 130.0, 117.0, 104.0, 110.0]


def test_a_drawdown_is_a_share_of_the_peak_above_zero() -> None:
    assert drawdown_ratios([100.0, 80.0, 100.0, 50.0]).tolist() == [0.0, 0.2, 0.0, 0.5]


def test_debt_is_a_drawdown_past_the_whole() -> None:
    assert max_drawdown([100.0, -50.0]) == 1.5


def test_the_deepest_fall_knows_its_peak_trough_and_recovery() -> None:
    assert find_max_drawdown(CURVE) == Drawdown(
        depth_ratio=0.25, peak=1, trough=2, recovery=3, length=2
    )


def test_an_open_fall_lasts_to_the_last_row() -> None:
    _, open_one = list_drawdowns(CURVE)

    assert open_one == Drawdown(depth_ratio=0.2, peak=4, trough=6, recovery=None, length=3)


def test_the_longest_fall_need_not_be_the_deepest() -> None:
    assert longest_drawdown(CURVE) == 3


def test_a_curve_that_only_rises_has_no_drawdown() -> None:
    rising = [100.0, 100.0, 101.0]

    assert find_max_drawdown(rising) is None
    assert list_drawdowns(rising) == ()
    assert (max_drawdown(rising), longest_drawdown(rising)) == (0.0, 0)


def test_the_list_is_no_longer_than_asked_and_deepest_first() -> None:
    deepest = list_drawdowns(make_equity(), top=3)

    depths = [one.depth_ratio for one in deepest]
    assert len(depths) == 3
    assert depths == sorted(depths, reverse=True)


def test_equal_falls_are_listed_earlier_first() -> None:
    assert [one.peak for one in list_drawdowns([10.0, 5.0, 10.0, 5.0, 10.0])] == [0, 2]


def test_a_list_of_none_is_refused() -> None:
    with pytest.raises(NotPositive, match="top"):
        list_drawdowns(CURVE, top=0)


@given(equities)
def test_a_drawdown_of_positive_equity_lies_between_zero_and_one(equity: FloatArray) -> None:
    ratios = drawdown_ratios(equity)

    assert ((ratios >= 0) & (ratios < 1)).all()


@given(st.lists(st.integers(1, 6), min_size=1, max_size=40))
def test_falls_are_what_a_loop_finds(levels: list[int]) -> None:
    equity = np.array(levels, dtype=np.float64)

    found = sorted(list_drawdowns(equity, top=99), key=lambda one: one.peak)

    assert [(one.peak, one.recovery, one.depth_ratio) for one in found] == walk_falls(levels)
    assert all(equity[one.trough] == equity[one.peak : one.recovery].min() for one in found)
    assert longest_drawdown(equity) == max((one.length for one in found), default=0)


def walk_falls(levels: list[int]) -> list[tuple[int, int | None, float]]:
    falls: list[tuple[int, int | None, float]] = []
    peak, lowest = 0, levels[0]
    for row, level in enumerate(levels):
        if level < levels[peak]:
            lowest = min(lowest, level)
            continue
        if lowest < levels[peak]:
            falls.append((peak, row, (levels[peak] - lowest) / levels[peak]))
        peak, lowest = row, level
    if lowest < levels[peak]:
        falls.append((peak, None, (levels[peak] - lowest) / levels[peak]))
    return falls


def test_ulcer_pain_and_recovery_of_a_fall() -> None:
    curve = [100.0, 80.0, 90.0, 110.0]

    assert ulcer_index(curve) == pytest.approx(np.sqrt((0.2**2 + 0.1**2) / 3))
    assert pain_index(curve) == pytest.approx(0.1)
    assert recovery_factor(curve) == pytest.approx(0.1 / 0.2)


def test_a_curve_that_never_falls_has_no_pain_and_nothing_to_recover_from() -> None:
    assert ulcer_index([1.0, 2.0]) == pain_index([1.0, 2.0]) == 0.0
    assert np.isnan(recovery_factor([1.0, 2.0]))
    assert np.isnan([ulcer_index([1.0]), pain_index([1.0])]).all()


@given(equities)
def test_pain_is_at_most_ulcer_and_ulcer_at_most_the_deepest_fall(equity: FloatArray) -> None:
    curve = np.concatenate(([1.0], equity))

    assert pain_index(curve) <= ulcer_index(curve) + 1e-12
    assert ulcer_index(curve) <= max_drawdown(curve) + 1e-12
