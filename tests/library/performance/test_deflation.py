"""Published examples of the papers, and noise that must not look good."""

from math import sqrt

import numpy as np
import pytest

from quantloom.performance import (
    BadShare,
    NotPositive,
    deflated_sharpe_ratio,
    effective_trials,
    expected_best_sharpe,
    mean_correlation,
    minimum_backtest_length,
    minimum_track_record,
    probabilistic_sharpe_ratio,
    sharpe_probability,
    sharpe_ratio,
)
from quantloom.performance import kurtosis as kurtosis_of
from quantloom.performance import skewness as skewness_of


@pytest.mark.parametrize(
    ("trials", "skewness", "kurtosis", "published"),
    [(100, -3.0, 7.0, 0.9004), (46, -3.0, 7.0, 0.9505), (88, 0.0, 0.0, 0.9505)],
)
def test_the_example_of_the_deflated_sharpe_ratio(
    trials: int, skewness: float, kurtosis: float, published: float
) -> None:
    # Bailey and Lopez de Prado (2014): 5 years of 250 days, yearly ratio 2.5, variance 1/2 a year
    measured = deflated_sharpe_ratio(
        2.5 / sqrt(250),
        days=1250,
        trials=trials,
        variance=0.5 / 250,
        skewness=skewness,
        kurtosis=kurtosis,
    )

    assert measured == pytest.approx(published, abs=5e-5)


def test_the_best_of_a_hundred_is_expected_to_reach_what_the_paper_says() -> None:
    assert expected_best_sharpe(100, 0.5 / 250) == pytest.approx(0.1132, abs=5e-5)


@pytest.mark.parametrize(
    ("per_year", "skewness", "kurtosis", "years"),
    [(252, 0.0, 0.0, 2.73), (52, 0.0, 0.0, 2.83), (12, 0.0, 0.0, 3.24), (12, -0.72, 2.78, 4.99)],
)
def test_the_track_record_lengths_of_the_paper(
    per_year: int, skewness: float, kurtosis: float, years: float
) -> None:
    # Bailey and Lopez de Prado (2012): a yearly ratio of 2 against one of 1, at 95 %
    periods = minimum_track_record(
        2 / sqrt(per_year), benchmark=1 / sqrt(per_year), skewness=skewness, kurtosis=kurtosis
    )

    assert periods / per_year == pytest.approx(years, abs=0.005)


def test_five_years_carry_no_more_than_45_trials() -> None:
    # Bailey, Borwein, Lopez de Prado and Zhu (2014), for a yearly ratio of 1
    assert minimum_backtest_length(45) == pytest.approx(5.0, abs=0.01)
    assert minimum_backtest_length(45, sharpe=2.0) == pytest.approx(1.25, abs=0.01)
    assert minimum_backtest_length(1) == 0.0


@pytest.mark.parametrize("trials", [5, 50, 500])
def test_the_expected_best_is_that_of_drawn_noise(trials: int) -> None:
    draws = np.random.default_rng(7).standard_normal((4_000, trials)) * 0.05

    assert expected_best_sharpe(trials, 0.05**2) == pytest.approx(
        draws.max(axis=1).mean(), rel=0.04
    )


def test_one_trial_deflates_nothing() -> None:
    returns = np.random.default_rng(3).standard_t(4, 500) * 0.01 + 0.001

    measured = deflated_sharpe_ratio(
        sharpe_ratio(returns, 1),
        days=len(returns),
        trials=1,
        variance=0.01,
        skewness=skewness_of(returns),
        kurtosis=kurtosis_of(returns),
    )

    assert measured == pytest.approx(probabilistic_sharpe_ratio(returns))


def test_the_best_of_noise_looks_good_no_oftener_than_it_may() -> None:
    rng = np.random.default_rng(11)
    passed = 0
    for _ in range(300):
        returns = rng.standard_normal((40, 400)) * 0.01
        ratios = returns.mean(axis=1) / returns.std(axis=1, ddof=1)
        best = int(ratios.argmax())
        measured = deflated_sharpe_ratio(
            float(ratios[best]), days=400, trials=40, variance=float(ratios.var(ddof=1))
        )
        passed += measured > 0.95

    # undeflated, the best of 40 passes 95 % nearly always
    assert passed / 300 < 0.05


def test_a_planted_edge_passes_among_noise() -> None:
    returns = np.random.default_rng(5).standard_normal((40, 1_000)) * 0.01
    returns[17] += 0.0025
    ratios = returns.mean(axis=1) / returns.std(axis=1, ddof=1)

    assert ratios.argmax() == 17
    assert (
        deflated_sharpe_ratio(
            float(ratios[17]), days=1_000, trials=40, variance=float(ratios.var(ddof=1))
        )
        > 0.99
    )


def test_alike_trials_count_less() -> None:
    common = np.random.default_rng(1).standard_normal((500, 1))
    own = np.random.default_rng(2).standard_normal((500, 30))
    table = sqrt(0.5) * common + sqrt(0.5) * own

    measured = mean_correlation(table)

    pairs = np.asarray(np.corrcoef(table.T))[np.triu_indices(30, 1)]
    assert measured == pytest.approx(pairs.mean())
    assert effective_trials(30, measured) == pytest.approx(15.5, abs=2)
    assert effective_trials(30, 1.0) == 1.0
    assert effective_trials(30, -0.2) == 30.0


def test_trials_that_never_traded_correlate_with_nothing() -> None:
    table = np.random.default_rng(1).standard_normal((50, 3))
    table[:, 1] = 0.0

    assert mean_correlation(table) == pytest.approx(np.asarray(np.corrcoef(table[:, ::2].T))[0, 1])
    assert np.isnan(mean_correlation(table[:, :2]))


def test_no_length_proves_a_ratio_that_is_not_above_its_benchmark() -> None:
    assert np.isnan(minimum_track_record(0.0))
    assert np.isnan(minimum_track_record(0.1, benchmark=0.1))


def test_numbers_without_an_answer_give_none() -> None:
    assert np.isnan(sharpe_probability(0.1, days=1))
    assert np.isnan(sharpe_probability(np.nan, days=100))
    assert np.isnan(expected_best_sharpe(10, np.nan))
    assert np.isnan(deflated_sharpe_ratio(0.1, days=100, trials=10, variance=np.nan))


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(NotPositive, match="trials is 0"):
        expected_best_sharpe(0, 0.1)
    with pytest.raises(BadShare, match="confidence is 95"):
        minimum_track_record(0.1, confidence=95)
