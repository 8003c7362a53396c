from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import (
    NotFinite,
    NotPositive,
    UnsortedDays,
    WrongShape,
    align_benchmark,
    alpha,
    beta,
    correlation,
    down_capture,
    information_ratio,
    simple_returns,
    tracking_error,
    up_capture,
)
from tests.library.performance.curves import make_days, make_equity

Relative = Callable[..., float]
YEAR = 252
MARKET = simple_returns(make_equity(400, seed=2))
PAIRED = (
    beta,
    correlation,
    up_capture,
    down_capture,
    lambda r, b: alpha(r, b, periods_per_year=YEAR),
    lambda r, b: tracking_error(r, b, YEAR),
    lambda r, b: information_ratio(r, b, YEAR),
)
paired = st.lists(
    st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)), min_size=2, max_size=50
).map(lambda rows: np.array(rows).T.round(6))


def days(*offsets: int) -> np.ndarray:
    return np.datetime64("2024-01-01") + np.array(offsets)


def test_a_benchmark_follows_itself_exactly() -> None:
    assert beta(MARKET, MARKET) == pytest.approx(1.0)
    assert correlation(MARKET, MARKET) == pytest.approx(1.0)
    assert alpha(MARKET, MARKET, periods_per_year=YEAR) == pytest.approx(0.0)
    assert up_capture(MARKET, MARKET) == down_capture(MARKET, MARKET) == 1.0
    assert tracking_error(MARKET, MARKET, YEAR) == 0.0
    assert np.isnan(information_ratio(MARKET, MARKET, YEAR))


def test_half_of_the_benchmark_and_a_little_every_day() -> None:
    returns = MARKET / 2 + 0.001

    assert beta(returns, MARKET) == pytest.approx(0.5)
    assert alpha(returns, MARKET, periods_per_year=YEAR) == pytest.approx(0.252)
    assert correlation(returns, MARKET) == pytest.approx(1.0)


def test_alpha_charges_the_return_of_cash_to_both_sides() -> None:
    returns = MARKET / 2 + 0.001

    measured = alpha(returns, MARKET, periods_per_year=YEAR, risk_free=0.0001)

    assert measured == pytest.approx(YEAR * (0.001 - 0.5 * 0.0001))


def test_captures_see_the_days_of_their_own_sign() -> None:
    market, returns = [0.10, -0.10, 0.0], [0.05, 0.02, 0.9]

    assert up_capture(returns, market) == pytest.approx(0.5)
    assert down_capture(returns, market) == pytest.approx(-0.2)


def test_half_of_each_gain_is_captured_as_half() -> None:
    rising = np.abs(MARKET)

    assert up_capture(rising / 2, rising) == pytest.approx(0.5, abs=0.01)


def test_the_information_ratio_is_yearly() -> None:
    # differences 0.01 and 0.03: mean 0.02, deviation 0.01 * sqrt(2)
    measured = information_ratio([0.02, 0.05], [0.01, 0.02], 4)

    assert measured == pytest.approx(0.02 / (0.01 * np.sqrt(2)) * 2)


@pytest.mark.parametrize("measure", PAIRED)
def test_one_day_is_too_few_and_none_too(measure: Relative) -> None:
    assert np.isnan(measure([], []))


def test_a_benchmark_that_does_not_vary_has_nothing_to_follow() -> None:
    steady = np.full(10, 0.01)

    assert np.isnan(beta(MARKET[:10], steady))
    assert np.isnan(alpha(MARKET[:10], steady, periods_per_year=YEAR))
    assert np.isnan(correlation(MARKET[:10], steady))
    assert np.isnan(correlation(steady, MARKET[:10]))
    assert np.isnan(down_capture(MARKET[:10], steady))


def test_a_day_that_loses_everything_has_no_mean_growth() -> None:
    assert np.isnan(up_capture([-1.0, 0.1], [0.1, 0.1]))
    assert np.isnan(down_capture([0.0, 0.1], [-1.0, 0.1]))


@pytest.mark.parametrize("measure", PAIRED)
def test_unknown_and_unpaired_returns_are_refused(measure: Relative) -> None:
    with pytest.raises(NotFinite, match="benchmark"):
        measure([0.1, 0.2], [0.1, np.nan])
    with pytest.raises(WrongShape, match="benchmark"):
        measure([0.1, 0.2], [0.1])


@given(paired, st.floats(0.1, 10))
def test_nothing_is_infinite_and_beta_grows_with_the_stake(rows: np.ndarray, stake: float) -> None:
    returns, market = rows

    assert not any(np.isinf(measure(returns, market)) for measure in PAIRED)
    grown = beta(returns * stake, market)
    assert grown == pytest.approx(beta(returns, market) * stake, nan_ok=True, rel=1e-6, abs=1e-9)


@given(paired)
def test_a_correlation_lies_between_minus_one_and_one(rows: np.ndarray) -> None:
    measured = correlation(*rows)

    assert np.isnan(measured) or -1 <= measured <= 1


def test_prices_become_returns_by_trading_day() -> None:
    aligned = align_benchmark(
        prices=[100.0, 110.0, 121.0], price_days=days(0, 1, 2), days=days(1, 2)
    )

    assert aligned == pytest.approx([0.1, 0.1])


def test_a_day_the_benchmark_rests_keeps_its_price_and_the_next_moves_by_both() -> None:
    aligned = align_benchmark(
        prices=[100.0, 110.0, 121.0], price_days=days(0, 1, 4), days=days(1, 2, 4)
    )

    assert aligned == pytest.approx([0.1, 0.0, 0.1])


def test_days_the_run_rests_are_made_up_for_on_its_next() -> None:
    aligned = align_benchmark(
        prices=[100.0, 110.0, 121.0, 133.1], price_days=days(0, 1, 2, 3), days=days(1, 3)
    )

    assert aligned == pytest.approx([0.1, 0.21])


def test_the_last_price_of_a_day_counts() -> None:
    aligned = align_benchmark(
        prices=[100.0, 90.0, 108.0, 99.0], price_days=days(0, 0, 1, 1), days=days(1)
    )

    assert aligned == pytest.approx([0.1])


def test_before_its_first_price_and_after_its_last_a_benchmark_is_unknown() -> None:
    aligned = align_benchmark(
        prices=[100.0, 110.0], price_days=days(1, 2), days=days(0, 1, 2, 3, 4)
    )

    assert np.isnan(aligned).tolist() == [True, True, False, True, True]
    assert aligned[2] == pytest.approx(0.1)


def test_without_prices_or_days_nothing_is_known() -> None:
    assert (
        np.isnan(align_benchmark(prices=[], price_days=[], days=days(0, 1))).tolist() == [True] * 2
    )
    assert len(align_benchmark(prices=[1.0], price_days=days(0), days=[])) == 0


def test_bad_prices_are_refused() -> None:
    with pytest.raises(NotPositive, match="prices"):
        align_benchmark(prices=[1.0, 0.0], price_days=days(0, 1), days=days(0))
    with pytest.raises(UnsortedDays):
        align_benchmark(prices=[1.0, 2.0], price_days=days(1, 0), days=days(0))
    with pytest.raises(WrongShape):
        align_benchmark(prices=[1.0], price_days=days(0, 1), days=days(0))


@given(st.lists(st.floats(1, 1e4), min_size=2, max_size=40), st.integers(0, 2**32))
def test_aligned_returns_compound_to_the_move_of_the_price(prices: list[float], seed: int) -> None:
    every = make_days(len(prices))
    kept = np.random.default_rng(seed).random(len(prices) - 1) < 0.6
    asked = np.append(every[1:-1][kept[:-1]], every[-1])

    aligned = align_benchmark(prices=prices, price_days=every, days=asked)

    before = prices[int(np.searchsorted(every, asked[0])) - 1]
    assert np.prod(1 + aligned) == pytest.approx(prices[-1] / before)
