"""Weights against closed forms and against solvers that work in another way."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, minimize

from quantloom.kit import FloatArray
from quantloom.performance import (
    BadCovariance,
    BadLimits,
    GroupLimit,
    Limits,
    NoAllocation,
    TooFewReturns,
    WrongShape,
    equal_weights,
    inverse_volatility,
    max_sharpe,
    mean_variance,
    minimum_variance,
    risk_contributions,
    risk_parity,
    sample_covariance,
    shrunk_covariance,
    target_return,
    weighted_covariance,
)

UNBOUNDED = Limits(low=-np.inf, high=np.inf)


def make_returns(seed: int = 1, rows: int = 250, columns: int = 6) -> FloatArray:
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.01, (rows, 1))
    scale = rng.uniform(0.005, 0.02, columns)
    drift = rng.uniform(-0.0005, 0.002, columns)
    found: FloatArray = (
        drift + common * rng.uniform(0.2, 1.5, columns) + rng.normal(0, 1, (rows, columns)) * scale
    )
    return found


RETURNS = make_returns()
MEANS, COVARIANCE = RETURNS.mean(axis=0), sample_covariance(RETURNS)


def solve_otherwise(
    objective: Callable[[FloatArray], float],
    *constraints: LinearConstraint,
    low: float,
    high: float,
) -> FloatArray:
    """By sequential quadratic programming from equal weights."""
    found = minimize(
        objective,
        np.full(6, 1 / 6),
        method="SLSQP",
        bounds=Bounds(low, high),
        constraints=[LinearConstraint(np.ones((1, 6)), 1, 1), *constraints],
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    weights: FloatArray = found.x
    return weights


def variance(weights: FloatArray) -> float:
    return float(weights @ COVARIANCE @ weights) * 1e4


# Covariances


def test_the_weighted_covariance_is_that_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")

    ours = weighted_covariance(RETURNS, 20)

    theirs = pandas.DataFrame(RETURNS).ewm(halflife=20).cov().loc[len(RETURNS) - 1]
    assert np.allclose(ours, theirs, rtol=1e-10, atol=0)


def test_a_long_halflife_weighs_all_alike() -> None:
    assert np.allclose(weighted_covariance(RETURNS, 1e9), COVARIANCE, rtol=1e-6)


def test_the_shrunk_covariance_follows_its_definition() -> None:
    few = make_returns(rows=12)
    centred = few - few.mean(axis=0)
    sample = centred.T @ centred / 12
    target = np.trace(sample) / 6 * np.eye(6)
    spread = sum(((np.outer(row, row) - sample) ** 2).sum() for row in centred) / 12**2
    share = min(spread / ((sample - target) ** 2).sum(), 1)

    assert 0.05 < share < 1
    assert np.allclose(shrunk_covariance(few), share * target + (1 - share) * sample, rtol=1e-12)


def test_the_shrunk_covariance_can_be_inverted_with_few_rows() -> None:
    few = make_returns(rows=4)

    assert np.linalg.eigvalsh(sample_covariance(few))[0] < 1e-12
    assert np.linalg.eigvalsh(shrunk_covariance(few))[0] > 1e-6


def test_rows_with_a_gap_are_left_out() -> None:
    gaps = RETURNS.copy()
    gaps[3, 2] = np.nan

    assert np.array_equal(sample_covariance(gaps), sample_covariance(np.delete(RETURNS, 3, axis=0)))


def test_an_instrument_without_history_is_named() -> None:
    gaps = RETURNS.copy()
    gaps[:, 4] = np.nan

    with pytest.raises(TooFewReturns, match="column 4 first"):
        sample_covariance(gaps)


def test_returns_are_a_table() -> None:
    with pytest.raises(WrongShape):
        shrunk_covariance(RETURNS[:, 0])


# Without limits


def test_equal_weights_are_equal() -> None:
    assert equal_weights(4).tolist() == [0.25] * 4


def test_inverse_volatility_of_known_volatilities() -> None:
    found = inverse_volatility(np.diag([0.01, 0.04]))

    assert np.allclose(found, [2 / 3, 1 / 3], rtol=1e-15)


def test_least_variance_without_limits_is_the_closed_form() -> None:
    inverse = np.linalg.inv(COVARIANCE)

    found = minimum_variance(COVARIANCE, None)

    assert np.allclose(found, inverse.sum(axis=1) / inverse.sum(), rtol=0, atol=1e-10)
    assert np.allclose(minimum_variance(COVARIANCE, UNBOUNDED), found, rtol=0, atol=1e-8)


def test_of_equal_variances_least_variance_takes_the_nearest_to_equal() -> None:
    twins = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

    assert np.allclose(minimum_variance(twins, None), [0.25, 0.25, 0.5])


def test_the_best_ratio_without_limits_is_the_closed_form() -> None:
    tangent = np.linalg.solve(COVARIANCE, MEANS - 0.0001)

    found = max_sharpe(MEANS, COVARIANCE, risk_free=0.0001, limits=UNBOUNDED)

    assert np.allclose(found, tangent / tangent.sum(), rtol=0, atol=1e-7)


def test_risk_aversion_without_limits_is_the_closed_form() -> None:
    inverse, ones = np.linalg.inv(COVARIANCE), np.ones(6)
    level = (ones @ inverse @ MEANS - 50) / inverse.sum()

    found = mean_variance(MEANS, COVARIANCE, risk_aversion=50, limits=UNBOUNDED)

    assert np.allclose(found, inverse @ (MEANS - level) / 50, rtol=0, atol=1e-7)


# Equal risk


@pytest.mark.parametrize("seed", range(8))
def test_risk_parity_shares_out_the_variance(seed: int) -> None:
    covariance = sample_covariance(make_returns(seed, columns=12))

    found = risk_parity(covariance)

    assert found.min() > 0
    assert found.sum() == pytest.approx(1, abs=1e-14)
    assert np.abs(risk_contributions(found, covariance) - 1 / 12).max() < 1e-10


def test_risk_parity_keeps_to_a_budget() -> None:
    budget = np.array([0.4, 0.3, 0.1, 0.1, 0.05, 0.05])

    found = risk_parity(COVARIANCE, budget)

    assert np.abs(risk_contributions(found, COVARIANCE) - budget).max() < 1e-10


def test_risk_parity_of_two_is_inverse_volatility() -> None:
    pair = np.array([[0.04, -0.01], [-0.01, 0.01]])

    assert np.allclose(risk_parity(pair), inverse_volatility(pair), rtol=0, atol=1e-12)


def test_risk_parity_of_twins_needs_no_inverse() -> None:
    twins = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

    assert np.allclose(risk_contributions(risk_parity(twins), twins), 1 / 3)


def test_perfect_hedges_have_no_risk_to_share() -> None:
    with pytest.raises(NoAllocation, match="hedge each other"):
        risk_parity(np.array([[1.0, -1.0], [-1.0, 1.0]]))


# Within limits

CAPPED = Limits(low=0.02, high=0.3)


def test_least_variance_within_bounds_is_what_another_solver_finds() -> None:
    found = minimum_variance(COVARIANCE, CAPPED)

    other = solve_otherwise(variance, low=0.02, high=0.3)
    assert np.allclose(found, other, rtol=0, atol=1e-5)
    assert variance(found) <= variance(other) + 1e-9


def test_a_target_return_is_what_two_other_solvers_find() -> None:
    target = float(np.quantile(MEANS, 0.7))
    earning = LinearConstraint(MEANS[np.newaxis] * 1e3, target * 1e3, np.inf)

    found = target_return(MEANS, COVARIANCE, target=target)

    other = solve_otherwise(variance, earning, low=0, high=1)
    interior = minimize(
        variance,
        np.full(6, 1 / 6),
        jac=lambda weights: 2e4 * COVARIANCE @ weights,
        hess=lambda weights: 2e4 * COVARIANCE,
        method="trust-constr",
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(np.ones((1, 6)), 1, 1), earning],
        options={"gtol": 1e-10, "xtol": 1e-12, "maxiter": 2000},
    )
    assert found @ MEANS >= target - 1e-9
    assert np.allclose(found, other, rtol=0, atol=1e-5)
    assert np.allclose(found, interior.x, rtol=0, atol=1e-4)


def test_the_best_ratio_within_bounds_is_what_another_solver_finds() -> None:
    def less_ratio(weights: FloatArray) -> float:
        return float(-(weights @ MEANS) / np.sqrt(weights @ COVARIANCE @ weights))

    found = max_sharpe(MEANS, COVARIANCE, limits=CAPPED)

    other = solve_otherwise(less_ratio, low=0.02, high=0.3)
    assert np.allclose(found, other, rtol=0, atol=1e-4)
    assert less_ratio(found) <= less_ratio(other) + 1e-10


def test_groups_turnover_and_gross_are_kept() -> None:
    held = np.array([0.5, 0.5, 0.0, 0.0, 0.0, 0.0])
    limits = Limits(
        low=-0.2,
        high=1.0,
        groups=[GroupLimit([0, 1], low=0.3, high=0.8)],
        held=held,
        turnover=0.6,
        gross=1.1,
    )

    found = mean_variance(MEANS, COVARIANCE, risk_aversion=5, limits=limits)

    assert found.sum() == pytest.approx(1, abs=1e-9)
    assert found.min() >= -0.2 - 1e-9
    assert 0.3 - 1e-9 <= found[:2].sum() <= 0.8 + 1e-9
    assert np.abs(found - held).sum() <= 0.6 + 1e-9
    assert np.abs(found).sum() <= 1.1 + 1e-9
    free = mean_variance(MEANS, COVARIANCE, risk_aversion=5, limits=Limits(low=-0.2))
    assert np.abs(free - held).sum() > 0.6


def test_no_step_within_the_limits_betters_the_solution() -> None:
    limits = Limits(low=-0.2, high=0.5, gross=1.2)
    found = minimum_variance(COVARIANCE, limits)

    rng = np.random.default_rng(3)
    steps = rng.normal(0, 1e-3, (4_000, 6))
    tried = found + steps - steps.mean(axis=1, keepdims=True)
    within = (
        (np.abs(tried).sum(axis=1) <= 1.2)
        & (tried >= -0.2).all(axis=1)
        & (tried <= 0.5).all(axis=1)
    )
    assert within.sum() > 50
    assert min(map(variance, tried[within])) >= variance(found) - 1e-9


def test_limits_that_nothing_is_within_are_told() -> None:
    with pytest.raises(NoAllocation, match="widen"):
        minimum_variance(COVARIANCE, Limits(high=0.1))


def test_a_target_beyond_all_is_told() -> None:
    with pytest.raises(NoAllocation, match="ask for less"):
        target_return(MEANS, COVARIANCE, target=1.0)


def test_the_best_ratio_needs_something_better_than_cash() -> None:
    with pytest.raises(NoAllocation, match="more than cash"):
        max_sharpe(MEANS, COVARIANCE, risk_free=1.0)


def test_a_portfolio_may_be_neutral() -> None:
    neutral = Limits(low=-1.0, high=1.0, total=0.0, gross=1.0)

    found = max_sharpe(MEANS, COVARIANCE, limits=neutral)

    assert found.sum() == pytest.approx(0, abs=1e-9)
    assert found @ MEANS > 0


def test_one_instrument_is_all_there_is() -> None:
    alone = np.array([[0.04]])

    for found in (
        minimum_variance(alone),
        minimum_variance(alone, None),
        risk_parity(alone),
        inverse_volatility(alone),
        max_sharpe([0.01], alone),
    ):
        assert np.allclose(found, [1.0])


@pytest.mark.parametrize(
    ("covariance", "problem"),
    [
        ([[1.0, 0.0]], "give as many rows as columns"),
        ([[1.0, np.nan], [np.nan, 1.0]], "has a NaN"),
        ([[1.0, 0.5], [0.2, 1.0]], "is not symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "below zero"),
        ([[1.0, 0.0], [0.0, 0.0]], "no variance in column 1"),
    ],
)
def test_what_is_no_covariance_is_refused(covariance: list[list[float]], problem: str) -> None:
    with pytest.raises(BadCovariance, match=problem):
        risk_parity(covariance)


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (Limits(low=0.5, high=0.2), "low is above high for column 0"),
        (Limits(low=[0.0, 0.0]), "low has shape"),
        (Limits(groups=[GroupLimit([9])]), "columns 0 to 5"),
        (Limits(groups=[GroupLimit([1], low=1.0, high=0.0)]), "is above its high"),
    ],
)
def test_limits_that_make_no_sense_are_refused(limits: Limits, problem: str) -> None:
    with pytest.raises(BadLimits, match=problem):
        minimum_variance(COVARIANCE, limits)
