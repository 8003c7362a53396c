import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.performance import (
    WrongShape,
    block_bounds,
    block_sums,
    kurtosis,
    power_sums,
    sharpe_ratio,
    skewness,
    trial_shapes,
)


@settings(max_examples=30)
@given(st.integers(0, 200), st.integers(1, 20))
def test_blocks_hold_every_day_once_and_differ_by_one_day_at_most(days: int, blocks: int) -> None:
    bounds = block_bounds(days, blocks)

    lengths = np.diff(bounds)
    assert bounds[0] == 0
    assert lengths.sum() == days
    assert lengths.max() - lengths.min() <= 1


def test_each_block_has_count_sum_and_squares_of_its_days() -> None:
    sums = block_sums([0.01, -0.02, 0.03, 0.04], blocks=2)

    assert sums == pytest.approx(np.array([[2, -0.01, 0.0005], [2, 0.07, 0.0025]]))


def test_what_was_kept_tells_the_shape_of_the_returns() -> None:
    returns = np.random.default_rng(1).standard_t(5, size=(3, 400)) * 0.01 + 0.001
    days = returns.shape[1]

    shapes = trial_shapes(
        [block_sums(one) for one in returns], [power_sums(one) for one in returns]
    )

    for row, one in enumerate(returns):
        scores = (one - one.mean()) / one.std()
        assert shapes.days[row] == days
        assert shapes.sharpe[row] == pytest.approx(sharpe_ratio(one, 1), rel=1e-9)
        assert shapes.skewness[row] == pytest.approx((scores**3).mean(), rel=1e-6)
        assert shapes.kurtosis[row] == pytest.approx((scores**4).mean() - 3, rel=1e-6)
    # the corrections for small samples are small on 400 days
    assert shapes.skewness == pytest.approx([skewness(one) for one in returns], rel=0.01)
    assert shapes.kurtosis == pytest.approx([kurtosis(one) for one in returns], rel=0.1, abs=0.1)


def test_returns_that_do_not_vary_have_no_shape() -> None:
    steady = np.full(100, 0.01)

    shapes = trial_shapes([block_sums(steady)], [power_sums(steady)])

    assert np.isnan([shapes.sharpe, shapes.skewness, shapes.kurtosis]).all()


def test_sums_of_another_shape_are_refused() -> None:
    with pytest.raises(WrongShape, match="sums has shape"):
        trial_shapes(np.zeros((4, 3)), np.zeros((4, 2)))
    with pytest.raises(WrongShape, match="powers has shape"):
        trial_shapes(np.zeros((4, 16, 3)), np.zeros((3, 2)))
