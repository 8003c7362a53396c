"""The test of Engle and Granger, against statsmodels 0.15 on packaged prices."""

import numpy as np
import pytest

from quantloom.strategy.presets import TooFewPrices, critical_value, fit_hedge
from tests.library.strategy.presets.cases import bars_of

RB, TA, M = "rb-MAIN.SHFE", "TA-MAIN.CZCE", "m-MAIN.DCE"


@pytest.mark.parametrize(
    ("first", "second", "count", "lags", "statistic", "ratio"),
    [
        (RB, TA, 100, 0, -4.199720191, 2.200255507),
        (RB, TA, 250, 0, -3.92398233, 2.587595692),
        (RB, TA, 100, 1, -4.468471158, 2.200255507),
        (RB, TA, 250, 1, -3.62398042, 2.587595692),
        (RB, TA, 250, 4, -3.547271352, 2.587595692),
        (M, RB, 100, 1, 0.909123171, 0.159809918),
        (M, RB, 250, 4, -1.125621222, 0.29833788),
    ],
)
def test_the_statistic_is_that_of_statsmodels(
    first: str, second: str, count: int, lags: int, statistic: float, ratio: float
) -> None:
    # statsmodels.tsa.stattools.coint(first, second, trend="c", maxlag=lags, autolag=None), of logs
    hedge = fit_hedge(bars_of(first).close[:count], bars_of(second).close[:count], lags)

    assert hedge.statistic == pytest.approx(statistic, abs=1e-8)
    assert hedge.ratio == pytest.approx(ratio, abs=1e-8)


@pytest.mark.parametrize(
    ("level", "count", "value"),
    [(5, 99, -3.39854434), (10, 99, -3.08756793), (5, 249, -3.3607786), (10, 249, -3.0615268)],
)
def test_critical_values_are_those_of_statsmodels(level: int, count: int, value: float) -> None:
    assert critical_value(level, count) == pytest.approx(value, abs=1e-8)


def test_a_surer_level_asks_for_a_lower_statistic() -> None:
    # 1 % without limit of observations: table 2 of MacKinnon (2010).
    assert critical_value(1, 10**9) == pytest.approx(-3.89644)
    assert critical_value(1, 100) < critical_value(5, 100) < critical_value(10, 100)


def test_prices_that_move_together_hold_and_two_random_walks_do_not() -> None:
    chance = np.random.default_rng(5)
    walk = np.exp(np.cumsum(chance.normal(0, 0.01, 500)) + 4)
    other = np.exp(np.cumsum(chance.normal(0, 0.01, 500)) + 4)
    follows = 3 * walk**0.7 * np.exp(chance.normal(0, 0.01, 500))

    together, apart = fit_hedge(follows, walk), fit_hedge(other, walk)

    assert together.holds(1)
    assert together.ratio == pytest.approx(0.7, abs=0.02)
    assert not apart.holds(10)


def test_the_score_is_the_spread_in_its_deviations() -> None:
    first, second = bars_of(RB).close[:250], bars_of(TA).close[:250]
    slope, level = np.polyfit(np.log(second), np.log(first), 1)
    spread = np.log(first) - level - slope * np.log(second)

    hedge = fit_hedge(first, second)

    scores = [hedge.score(*pair) for pair in zip(first, second, strict=True)]
    assert scores == pytest.approx(spread / spread.std(ddof=1), abs=1e-9)


def test_prices_that_stand_still_are_not_cointegrated() -> None:
    still = np.full(50, 10.0)

    hedge = fit_hedge(still, still)

    assert not hedge.holds(10)
    assert np.isnan(hedge.score(10.0, 11.0))


def test_too_few_prices_are_refused() -> None:
    with pytest.raises(TooFewPrices, match="19 and 20 prices"):
        fit_hedge(np.full(19, 1.0), np.full(20, 1.0))
