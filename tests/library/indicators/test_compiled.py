"""The numbers of the compiled indicators, against references and where numbers are hard."""

from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantloom.indicators import BoundIndicator, IndicatorDefinition, get_indicator
from quantloom.indicators.compiled_entries import COMPILED
from quantloom.market import Bars
from quantloom.market.bars import PRICES
from tests.library.indicators.builders import bound, make_bars, random_bars, walks
from tests.library.indicators.references_momentum import MOMENTUM
from tests.library.indicators.references_overlap import OVERLAP
from tests.library.indicators.references_statistic import STATISTIC

REFERENCES = {**OVERLAP, **MOMENTUM, **STATISTIC}
EACH = pytest.mark.parametrize("definition", COMPILED, ids=lambda entry: entry.name)
SLOWLY = settings(
    max_examples=max(8, settings().max_examples // 40),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
STEADY = pytest.mark.parametrize(
    "definition",
    # Where prices repeat, the last bit decides whether a squeeze is on, and the wave is a ratio
    # of what little is left of a move.
    [entry for entry in COMPILED if entry.name not in {"SQUEEZE", "WAVETREND"}],
    ids=lambda entry: entry.name,
)


def bars_with_gaps(seed: int) -> Bars:
    """Bars that do not open where the one before closed."""
    bars = random_bars(180, seed)
    shift = np.random.default_rng(seed).uniform(0.99, 1.01, len(bars))
    columns = {name: getattr(bars, name) * shift for name in PRICES}
    return Bars.of("TEST.SIM", "1m", ts=bars.ts, volume=bars.volume, **columns)


def check_against_reference(chosen: BoundIndicator, bars: Bars) -> None:
    values = chosen.compute(bars)

    columns = REFERENCES[chosen.definition.name](bars, **chosen.parameters)
    missing = np.isnan(columns).any(axis=0)
    for found, column in zip(values.values(), columns, strict=True):
        wanted = np.where(missing, np.nan, column)
        scale = np.nanmax(np.abs(wanted), initial=1e-3)
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-8 * scale)


def test_every_compiled_indicator_has_a_reference() -> None:
    assert set(REFERENCES) == {entry.name for entry in COMPILED}


@EACH
@SLOWLY
@given(data=st.data(), seed=st.integers(0, 1_000))
def test_values_equal_a_plain_reference(
    definition: IndicatorDefinition, data: st.DataObject, seed: int
) -> None:
    check_against_reference(data.draw(bound(definition)), bars_with_gaps(seed))


@STEADY
@SLOWLY
@given(data=st.data())
def test_values_equal_a_plain_reference_where_prices_repeat_and_volume_is_missing(
    definition: IndicatorDefinition, data: st.DataObject
) -> None:
    check_against_reference(data.draw(bound(definition)), data.draw(walks()))


def exact_deviation(closes: list[float]) -> float:
    values = [Fraction(close) for close in closes]
    mean = sum(values) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def test_a_deviation_is_right_where_prices_are_large_and_hardly_move() -> None:
    close = 1e5 + 1e-4 * np.random.default_rng(1).normal(size=20_000)
    bands = get_indicator("BANDWIDTH").bind(20, 1.0)

    values = bands.compute(make_bars(close))["value"]

    for row in (19, 25, 10_000, 19_999):
        wanted = 2 * exact_deviation(close[row - 19 : row + 1].tolist()) / 1e5
        assert values[row] == pytest.approx(wanted, rel=1e-9)


def test_a_sum_does_not_remember_the_large_numbers_that_left_it() -> None:
    volume = np.where(np.arange(400) < 200, 1e15, 0.001)
    bars = make_bars(np.linspace(100, 120, 400), volume=volume)

    values = get_indicator("VWMA").bind(20).compute(bars)["value"]

    np.testing.assert_allclose(values[-1], bars.close[-20:].mean(), rtol=1e-14)


STANDING_STILL = {
    **dict.fromkeys(["ZSCORE", "SKEW", "KURTOSIS", "R_SQUARED", "SHARPE", "SORTINO"], 0.0),
    **dict.fromkeys(["AUTOCORRELATION", "WAVETREND", "PGO", "RVGI", "AMIHUD", "BANDWIDTH"], 0.0),
    **dict.fromkeys(["CONNORS_RSI"], 100 / 3),
    **dict.fromkeys(["QQE", "STC", "LAGUERRE_RSI"], 50.0),
    **dict.fromkeys(["CHOP", "VR", "CR", "ARBR"], 100.0),
    **dict.fromkeys(["PERCENT_B"], 0.5),
    **dict.fromkeys(["VWAP", "VWMA", "EVWMA", "FRAMA", "VIDYA", "MCGINLEY", "LAGUERRE"], 73.1),
}


@pytest.mark.parametrize("name", STANDING_STILL)
def test_a_market_that_stands_still_and_trades_nothing_has_a_value(name: str) -> None:
    bars = make_bars(np.full(200, 73.1), volume=np.zeros(200))

    values: dict[str, Any] = get_indicator(name).bind().compute(bars)

    last = next(iter(values.values()))[-1]
    assert last == pytest.approx(STANDING_STILL[name], rel=1e-12, abs=0)


@pytest.mark.parametrize("name", ["WAVETREND", "PGO"])
def test_what_rounding_leaves_of_a_move_is_not_taken_for_one(name: str) -> None:
    moving = 73.1 + np.sin(np.arange(100))
    bars = make_bars(np.concatenate([moving, np.full(3_000, 73.1)]))

    values = get_indicator(name).bind().compute(bars)["value"]

    assert abs(values[-1]) < 1e-9


def test_a_dynamic_average_survives_a_price_that_falls_to_a_thousandth() -> None:
    close = np.concatenate([np.full(50, 1_000.0), np.full(50, 1.0)])

    values = get_indicator("MCGINLEY").bind().compute(make_bars(close))["value"]

    assert values[50] == 1.0
    assert np.isfinite(values[1:]).all()


def test_a_price_channel_can_be_broken_by_its_own_bar() -> None:
    upper = get_indicator("PRICE_CHANNEL").bind(3).compute(make_bars([1.0, 2.0, 3.0, 9.0]))["upper"]

    assert upper[3] == 3.0
