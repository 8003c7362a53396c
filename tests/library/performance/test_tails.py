from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import (
    BadTail,
    NotFinite,
    conditional_value_at_risk,
    kurtosis,
    skewness,
    tail_ratio,
    value_at_risk,
)

Tail = Callable[..., float]
EACH = (value_at_risk, conditional_value_at_risk, tail_ratio, skewness, kurtosis)
daily = st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=80).map(np.array)


def test_value_at_risk_is_what_one_day_in_twenty_falls_below() -> None:
    returns = np.arange(21) / 100 - 0.1

    assert value_at_risk(returns) == pytest.approx(-0.09)
    assert conditional_value_at_risk(returns) == pytest.approx((-0.1 - 0.09) / 2)


def test_a_wider_tail_is_less_extreme() -> None:
    returns = np.arange(21) / 100 - 0.1

    assert value_at_risk(returns, 0.25) == pytest.approx(-0.05)


def test_equal_ends_have_a_tail_ratio_of_one_and_no_skew() -> None:
    returns = np.array([-0.03, -0.01, 0.0, 0.01, 0.03])

    assert tail_ratio(returns) == pytest.approx(1.0)
    assert skewness(returns) == pytest.approx(0.0)


def test_a_rare_large_loss_skews_to_the_left() -> None:
    assert skewness([0.01] * 20 + [0.02, -0.3]) < -3


def test_a_lower_quantile_of_zero_leaves_no_tail_ratio() -> None:
    assert np.isnan(tail_ratio([0.0, 0.0, 0.0, 0.1]))


@pytest.mark.parametrize("measure", EACH)
def test_nothing_is_known_of_no_returns(measure: Tail) -> None:
    assert np.isnan(measure([]))


@pytest.mark.parametrize(("measure", "count"), [(skewness, 2), (kurtosis, 3)])
def test_a_shape_needs_enough_returns(measure: Tail, count: int) -> None:
    assert np.isnan(measure([0.01, 0.02, -0.01][:count]))
    assert np.isnan(measure([0.01] * 10))


@pytest.mark.parametrize("tail", [0.0, -0.1, 0.5, 5.0, np.nan])
def test_a_tail_is_a_share_below_a_half(tail: float) -> None:
    for measure in (value_at_risk, conditional_value_at_risk, tail_ratio):
        with pytest.raises(BadTail, match=r"above 0 and below 0\.5"):
            measure([0.01, 0.02], tail)


@pytest.mark.parametrize("measure", EACH)
def test_an_unknown_return_is_refused(measure: Tail) -> None:
    with pytest.raises(NotFinite):
        measure([0.01, np.nan])


@given(daily, st.floats(0.01, 0.49))
def test_the_mean_of_the_tail_lies_at_or_below_its_edge(returns: np.ndarray, tail: float) -> None:
    edge = value_at_risk(returns, tail)

    assert conditional_value_at_risk(returns, tail) <= edge + 1e-15
    assert returns.min() - 1e-15 <= edge <= returns.max() + 1e-15


@given(daily, st.floats(0.01, 10))
def test_shapes_do_not_depend_on_size_and_edges_grow_with_it(
    returns: np.ndarray, scale: float
) -> None:
    returns = returns.round(4)

    for measure in (tail_ratio, skewness, kurtosis):
        assert measure(returns * scale) == pytest.approx(measure(returns), nan_ok=True, abs=1e-6)
    assert value_at_risk(returns * scale) == pytest.approx(value_at_risk(returns) * scale)
