"""The streaming half of the catalog: equal to the batch half, from the first bar, at fixed cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.indicators import IndicatorDefinition
from tests.library.indicators import heap
from tests.library.indicators.builders import (
    CATALOG,
    bar_at,
    bound,
    leading_nans,
    make_bars,
    read_bars,
    stream_over,
    walks,
)
from tests.shared_data import SHARED, needs_shared

REAL_FILES = (
    "us_stock/AAPL.1d",
    "fx/EURUSD.1h",
    "cn_futures/SHFE.ag.HOT.5m",
    "crypto/UNITTEST-BTC.1m",
)


@CATALOG
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_stream_gives_the_batch_values_to_the_last_bit(
    definition: IndicatorDefinition, data: st.DataObject
) -> None:
    chosen, bars = data.draw(bound(definition)), data.draw(walks())

    streamed = stream_over(chosen, bars)

    for name, values in chosen.compute(bars).items():
        np.testing.assert_array_equal(streamed[name], values)


@needs_shared
@pytest.mark.parametrize("file", REAL_FILES)
@CATALOG
def test_a_stream_gives_the_batch_values_on_real_bars(
    definition: IndicatorDefinition, file: str
) -> None:
    bars = read_bars(SHARED / "data" / "bars" / f"{file}.parquet", rows=3_000)
    chosen = definition.bind()

    streamed = stream_over(chosen, bars)

    for name, values in chosen.compute(bars).items():
        assert leading_nans(values) == chosen.warm_up
        np.testing.assert_array_equal(streamed[name], values)


@CATALOG
def test_a_warming_stream_gives_nan_for_every_output(definition: IndicatorDefinition) -> None:
    values = definition.bind().stream().update(bar_at(make_bars([100.0]), 0))

    assert len(values) == len(definition.outputs)
    assert np.isnan(values).all()


@CATALOG
def test_two_streams_of_one_indicator_do_not_share_state(definition: IndicatorDefinition) -> None:
    chosen = definition.bind()
    rising, falling = make_bars(np.linspace(50, 90, 60)), make_bars(np.linspace(90, 50, 60))
    first, second = chosen.stream(), chosen.stream()

    interleaved = [
        (first.update(bar_at(rising, row)), second.update(bar_at(falling, row)))[0]
        for row in range(60)
    ]

    alone = np.array(list(stream_over(chosen, rising).values())).T
    np.testing.assert_array_equal(interleaved, alone)


@pytest.mark.skipif(not heap.can_count, reason="counts the C heap by glibc's mallinfo2")
@CATALOG
def test_a_stream_holds_no_more_after_ten_thousand_bars(definition: IndicatorDefinition) -> None:
    bars = make_bars(100 + 10 * np.sin(np.arange(500)))
    one_round = [bar_at(bars, row) for row in range(len(bars))]
    stream = definition.bind().stream()

    def feed(rounds: int) -> None:
        for bar in one_round * rounds:
            stream.update(bar)

    feed(1)

    # One float kept per bar would take 80,000 bytes and more.
    assert heap.growth_of(lambda: feed(20)) < 8_000


@pytest.mark.skipif(not heap.can_count, reason="counts the C heap by glibc's mallinfo2")
def test_the_heap_count_sees_a_float_kept_per_bar() -> None:
    kept: list[float] = []
    column: list[object] = []

    assert heap.growth_of(lambda: kept.extend(np.arange(10_000.0).tolist())) > 80_000
    assert heap.growth_of(lambda: column.append(np.zeros(10_000))) > 80_000
