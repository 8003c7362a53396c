from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import FloatArray
from quantloom.performance import (
    NotFinite,
    annual_return,
    calmar_ratio,
    max_drawdown,
    omega_ratio,
    probabilistic_sharpe_ratio,
    sharpe_error,
    sharpe_ratio,
    simple_returns,
    sortino_ratio,
)
from tests.library.performance.curves import make_equity

Ratio = Callable[..., float]


def test_sharpe_is_the_yearly_mean_over_the_sample_deviation() -> None:
    # mean 0.01, sample deviation 0.02, four periods a year
    assert sharpe_ratio([-0.01, 0.01, 0.03], 4) == pytest.approx(0.01 / 0.02 * 2)


def test_sharpe_takes_the_return_of_cash_off_each_period() -> None:
    assert sharpe_ratio([-0.01, 0.01, 0.03], 4, risk_free=0.02) == pytest.approx(-1.0)


def test_sortino_spreads_the_downside_over_all_returns() -> None:
    # downside deviation sqrt((0.02^2 + 0 + 0 + 0) / 4) = 0.01
    assert sortino_ratio([-0.02, 0.01, 0.02, 0.03], 4) == pytest.approx(0.01 / 0.01 * 2)


def test_sortino_counts_a_return_below_the_target_as_a_loss() -> None:
    returns = np.array([0.01, 0.02, 0.03])

    assert sortino_ratio(returns, 4, target=0.02) == pytest.approx(0.0)
    assert np.isnan(sortino_ratio(returns, 4))


@pytest.mark.parametrize("ratio", [sharpe_ratio, sortino_ratio])
@pytest.mark.parametrize("returns", [[], [0.01], [0.0, 0.0, 0.0]])
def test_without_risk_a_ratio_is_unknown(ratio: Ratio, returns: list[float]) -> None:
    assert np.isnan(ratio(returns, 252))


def test_a_steady_growth_has_no_sharpe_ratio_whatever_rounding_leaves() -> None:
    returns = simple_returns(100.0 * 1.01 ** np.arange(300))

    assert np.std(returns) > 0
    assert np.isnan(sharpe_ratio(returns, 252))


def test_a_missing_return_of_cash_is_refused() -> None:
    with pytest.raises(NotFinite, match="taken off"):
        sharpe_ratio([0.1, 0.2], 252, risk_free=np.nan)


def test_calmar_is_annual_return_over_maximum_drawdown() -> None:
    equity = make_equity()

    expected = annual_return(equity, 252) / max_drawdown(equity)
    assert calmar_ratio(equity, 252) == pytest.approx(expected)


@pytest.mark.parametrize("equity", [[100.0, 101.0, 102.0], [100.0, 90.0], [100.0, 0.0, 50.0]])
def test_calmar_needs_a_drawdown_and_an_annual_return(equity: list[float]) -> None:
    assert np.isnan(calmar_ratio(equity, 252))


@given(st.integers(0, 1000), st.floats(1e-6, 1e6))
def test_the_size_of_the_account_does_not_change_a_ratio(seed: int, factor: float) -> None:
    equity = make_equity(50, seed=seed)

    for measure in (sharpe_of, sortino_of, lambda e: calmar_ratio(e, 252), max_drawdown):
        assert measure(equity * factor) == pytest.approx(measure(equity), rel=1e-9, abs=1e-12)


def sharpe_of(equity: FloatArray) -> float:
    return sharpe_ratio(simple_returns(equity), 252)


def sortino_of(equity: FloatArray) -> float:
    return sortino_ratio(simple_returns(equity), 252)


def test_omega_weighs_gains_against_losses() -> None:
    assert omega_ratio([0.03, -0.01, 0.0, -0.01]) == pytest.approx(1.5)
    assert omega_ratio([0.03, -0.01], threshold=0.01) == pytest.approx(1.0)
    assert np.isnan(omega_ratio([0.03, 0.01]))


def test_the_error_of_a_normal_sharpe_ratio_is_lo_s() -> None:
    returns = np.random.default_rng(8).normal(0.001, 0.01, 200_000)
    ratio = sharpe_ratio(returns, 1)

    expected = np.sqrt((1 + ratio**2 / 2) / (len(returns) - 1) * 252)

    assert sharpe_error(returns, 252) == pytest.approx(expected, rel=1e-3)


def test_the_error_shrinks_with_the_root_of_the_days() -> None:
    returns = simple_returns(make_equity(100))

    shrunk = sharpe_error(np.tile(returns, 100), 252) / sharpe_error(returns, 252)

    assert shrunk == pytest.approx(0.1, rel=0.02)


def test_skill_is_as_likely_as_not_where_nothing_was_earned_and_sure_where_much_was() -> None:
    noise = np.array([0.01, -0.01, 0.02, -0.02] * 30)

    assert probabilistic_sharpe_ratio(noise) == pytest.approx(0.5)
    assert probabilistic_sharpe_ratio(noise + 0.01) > 0.999
    assert probabilistic_sharpe_ratio(noise, risk_free=0.01) < 0.001


@pytest.mark.parametrize("returns", [[], [0.01], [0.01, 0.02, -0.01], [0.01] * 10])
def test_an_error_needs_four_returns_that_vary(returns: list[float]) -> None:
    assert np.isnan(sharpe_error(returns, 252))
    assert np.isnan(probabilistic_sharpe_ratio(returns))


@given(st.lists(st.floats(-0.5, 0.5).map(lambda ratio: round(ratio, 4)), max_size=40))
def test_a_probability_lies_between_zero_and_one(returns: list[float]) -> None:
    measured = probabilistic_sharpe_ratio(returns)

    assert np.isnan(measured) or 0.0 <= measured <= 1.0
