"""The numbers of the catalog over whole arrays: against plain references, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.indicators import IndicatorDefinition, get_indicator
from quantloom.market import Bars
from tests.library.indicators.builders import (
    CATALOG,
    bound,
    leading_nans,
    make_bars,
    random_bars,
    walks,
)
from tests.library.indicators.references import REFERENCES, running_sum_sma


@pytest.mark.parametrize("name", REFERENCES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_batch_values_equal_a_plain_reference(name: str, data: st.DataObject) -> None:
    chosen, bars = data.draw(bound(get_indicator(name))), data.draw(walks())

    values = chosen.compute(bars)

    reference = REFERENCES[name]
    expected = reference(bars.high, bars.low, bars.close, *chosen.parameters.values())
    atol = 1e-11 * bars.close.max()
    for found, wanted in zip(values.values(), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=atol)


@CATALOG
@settings(max_examples=max(6, settings().max_examples // 40), deadline=None)
@given(data=st.data())
def test_the_warm_up_counts_the_leading_bars_without_a_value(
    definition: IndicatorDefinition, data: st.DataObject
) -> None:
    chosen, bars = data.draw(bound(definition)), random_bars(150)

    values = chosen.compute(bars)

    warm_up = min(chosen.warm_up, len(bars))
    assert {leading_nans(column) for column in values.values()} == {warm_up}


@CATALOG
@settings(max_examples=max(6, settings().max_examples // 40), deadline=None)
@given(data=st.data())
def test_no_value_changes_when_later_bars_are_cut_off(
    definition: IndicatorDefinition, data: st.DataObject
) -> None:
    chosen, bars = data.draw(bound(definition)), data.draw(walks(min_size=60, max_size=160))
    known = data.draw(st.integers(0, len(bars)))

    values = chosen.compute(bars)

    for name, column in chosen.compute(bars[:known]).items():
        np.testing.assert_array_equal(column, values[name][:known])


@settings(deadline=None)
@given(bars=walks(), period=st.integers(1, 40))
def test_the_simple_average_is_a_running_sum_bit_for_bit(bars: Bars, period: int) -> None:
    values = get_indicator("SMA").bind(period).compute(bars)["value"]

    np.testing.assert_array_equal(values, running_sum_sma(bars.close, period))


def test_the_rate_of_change_is_in_percent() -> None:
    values = get_indicator("ROC").bind(1).compute(make_bars([100.0, 102.0]))["value"]

    np.testing.assert_allclose(values, [np.nan, 2.0])


def test_macd_takes_the_longer_average_for_the_slow_one() -> None:
    bars = make_bars(100 + np.sin(np.arange(60)))

    usual, swapped = (
        get_indicator("MACD").bind(*periods).compute(bars) for periods in [(12, 26), (26, 12)]
    )

    np.testing.assert_array_equal(usual["macd"], swapped["macd"])


@CATALOG
def test_computed_columns_are_read_only_floats(definition: IndicatorDefinition) -> None:
    values = definition.bind().compute(random_bars(60))

    assert tuple(values) == definition.outputs
    for column in values.values():
        assert column.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1.0


@CATALOG
def test_bars_sliced_with_a_step_give_what_their_copy_gives(
    definition: IndicatorDefinition,
) -> None:
    sliced = random_bars(200)[::2]
    copied = Bars.of(
        sliced.symbol,
        sliced.timeframe,
        ts=sliced.ts.copy(),
        open=sliced.open.copy(),
        high=sliced.high.copy(),
        low=sliced.low.copy(),
        close=sliced.close.copy(),
        volume=sliced.volume.copy(),
    )

    for name, values in definition.bind().compute(sliced).items():
        np.testing.assert_array_equal(values, definition.bind().compute(copied)[name])
