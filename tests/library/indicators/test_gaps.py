"""Where values are missing, few or all alike: one rule for the whole catalog, in both ways."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.indicators import BoundIndicator, IndicatorDefinition, get_indicator, list_indicators
from quantloom.kit import FloatArray
from quantloom.market import Bars
from tests.library.indicators.builders import (
    CATALOG,
    bound,
    make_bars,
    random_bars,
    stream_over,
    walks,
    with_volume,
)

ROWS = 300


def columns_of(chosen: BoundIndicator, bars: Bars) -> list[FloatArray]:
    return [getattr(bars, name).copy() for name in chosen.columns]


def stream_arrays(chosen: BoundIndicator, inputs: list[FloatArray]) -> dict[str, FloatArray]:
    stream = chosen.stream()
    rows = [
        stream.update_values(*values)
        for values in zip(*map(np.ndarray.tolist, inputs), strict=True)
    ]
    columns = np.array(rows).reshape(len(rows), -1).T
    return dict(zip(chosen.definition.outputs, columns, strict=True))


def check_both_ways(chosen: BoundIndicator, inputs: list[FloatArray]) -> dict[str, FloatArray]:
    values = chosen.compute_arrays(*inputs)
    streamed = stream_arrays(chosen, inputs)
    for name, column in values.items():
        np.testing.assert_array_equal(streamed[name], column)
        assert not np.isinf(column).any()
    return values


@CATALOG
@pytest.mark.untraced
def test_an_input_that_begins_late_only_delays_the_values(definition: IndicatorDefinition) -> None:
    chosen = definition.bind()
    inputs = columns_of(chosen, random_bars(ROWS))
    inputs[-1][:40] = np.nan

    values = check_both_ways(chosen, inputs)

    afterwards = chosen.compute_arrays(*(column[40:] for column in inputs))
    for name, column in values.items():
        assert np.isnan(column[:40]).all()
        np.testing.assert_array_equal(column[40:], afterwards[name])


@CATALOG
@pytest.mark.parametrize("missing", [math.nan, math.inf, -math.inf])
@pytest.mark.sample(0.4)
@pytest.mark.untraced
def test_an_indicator_starts_again_after_a_missing_value(
    definition: IndicatorDefinition, missing: float
) -> None:
    chosen = definition.bind()
    inputs = columns_of(chosen, random_bars(2 * ROWS))
    inputs[0][ROWS] = missing

    values = check_both_ways(chosen, inputs)

    before = chosen.compute_arrays(*(column[:ROWS] for column in inputs))
    after = chosen.compute_arrays(*(column[ROWS + 1 :] for column in inputs))
    for name, column in values.items():
        assert np.isnan(column[ROWS])
        np.testing.assert_array_equal(column[:ROWS], before[name])
        np.testing.assert_array_equal(column[ROWS + 1 :], after[name])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_pattern_of_gaps_is_the_same_both_ways(data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(list_indicators()).flatmap(bound))
    inputs = columns_of(chosen, data.draw(walks()))
    rows = len(inputs[0])
    for row in data.draw(st.lists(st.integers(0, rows - 1), max_size=12)):
        inputs[data.draw(st.integers(0, len(inputs) - 1))][row] = math.nan

    check_both_ways(chosen, inputs)


@CATALOG
def test_no_bars_give_no_values(definition: IndicatorDefinition) -> None:
    values = definition.bind().compute(random_bars(1)[:0])

    assert tuple(values) == definition.outputs
    assert all(column.shape == (0,) for column in values.values())


@CATALOG
def test_fewer_bars_than_the_warm_up_give_no_value_and_no_error(
    definition: IndicatorDefinition,
) -> None:
    chosen = definition.bind()
    for rows in {1, chosen.warm_up} - {0}:
        values = chosen.compute(random_bars(rows))

        found = any(np.isfinite(column).any() for column in values.values())
        assert found == (rows > chosen.warm_up)


@CATALOG
@pytest.mark.parametrize("volume", [0.0, 1_000.0, math.nan])
@pytest.mark.sample(0.4)
@pytest.mark.untraced
def test_prices_that_never_move_give_no_infinity(
    definition: IndicatorDefinition, volume: float
) -> None:
    bars = make_bars(np.full(ROWS, 100.0), volume=np.full(ROWS, volume))

    check_both_ways(definition.bind(), columns_of(definition.bind(), bars))


@CATALOG
@pytest.mark.untraced
def test_values_come_back_after_bars_without_volume(definition: IndicatorDefinition) -> None:
    bars = random_bars(900)
    volume = bars.volume.copy()
    volume[300:500] = 0.0
    quiet = with_volume(bars, volume)

    values = definition.bind().compute(quiet)

    streamed = stream_over(definition.bind(), quiet)
    for name, column in values.items():
        np.testing.assert_array_equal(streamed[name], column)
        assert np.isfinite(column[500 + definition.bind().warm_up :]).all()


@CATALOG
@pytest.mark.untraced
def test_no_infinity_comes_of_prices_far_apart(definition: IndicatorDefinition) -> None:
    close = np.where(np.arange(ROWS) % 7 == 0, 1e-9, 1e9)

    values = definition.bind().compute(make_bars(close, volume=close))

    assert not any(np.isinf(column).any() for column in values.values())


def test_a_source_without_volume_gives_no_value_and_keeps_one_twin() -> None:
    made = []

    class CountedTwin:
        def __init__(self) -> None:
            made.append(self)

        def update(self, close: float, volume: float) -> float:
            return close * volume

    counted = replace(get_indicator("OBV"), streaming=CountedTwin).bind()
    bars = make_bars(np.full(50, 100.0), volume=np.full(50, math.nan))

    assert np.isnan(stream_over(counted, bars)["value"]).all()
    assert len(made) == 1
