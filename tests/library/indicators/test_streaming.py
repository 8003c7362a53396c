"""The streaming half of the catalog: equal to the batch half, from the first bar, at fixed cost."""

from functools import cache
from time import thread_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.data import demo_catalog
from quantloom.indicators import BoundIndicator, IndicatorDefinition
from quantloom.market import Bars
from tests.library.indicators import heap
from tests.library.indicators.builders import (
    CATALOG,
    bar_at,
    bound,
    leading_nans,
    random_bars,
    read_bars,
    stream_over,
    walks,
)
from tests.shared_data import SHARED, needs_shared

# Bytes; one float kept for each of 3,000 bars would take 24,000 and more.
LITTLE = 8_000
REAL_FILES = (
    "us_stock/AAPL.1d",
    "fx/EURUSD.1h",
    "cn_futures/SHFE.ag.HOT.5m",
    "crypto/UNITTEST-BTC.1m",
)


@CATALOG
@settings(max_examples=max(8, settings().max_examples // 20), deadline=None)
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
@pytest.mark.sample(0.25)
@pytest.mark.untraced
def test_a_stream_gives_the_batch_values_on_real_bars(
    definition: IndicatorDefinition, file: str
) -> None:
    check_both_ways(definition.bind(), read_shared_bars(file))


@CATALOG
@pytest.mark.untraced
def test_a_stream_gives_the_batch_values_on_the_packaged_bars(
    definition: IndicatorDefinition,
) -> None:
    for bars in packaged_bars():
        check_both_ways(definition.bind(), bars)


def check_both_ways(chosen: BoundIndicator, bars: Bars) -> None:
    streamed = stream_over(chosen, bars)

    lacks_volume = "volume" in chosen.columns and np.isnan(bars.volume).all()
    for name, values in chosen.compute(bars).items():
        assert leading_nans(values) >= (len(bars) if lacks_volume else chosen.warm_up)
        assert not np.isinf(values).any()
        np.testing.assert_array_equal(streamed[name], values)


@cache
def read_shared_bars(file: str) -> Bars:
    return read_bars(SHARED / "data" / "bars" / f"{file}.parquet", rows=1_500)


@cache
def packaged_bars() -> tuple[Bars, ...]:
    demo = demo_catalog()
    return tuple(demo.read(item.symbol, item.timeframe)[:700] for item in demo.list())


@CATALOG
def test_a_warming_stream_gives_nan_for_every_output(definition: IndicatorDefinition) -> None:
    chosen = definition.bind()

    values = chosen.stream().update(bar_at(random_bars(1), 0))

    assert len(values) == len(definition.outputs)
    assert np.isnan(values).all() == (chosen.warm_up > 0)


@CATALOG
def test_two_streams_of_one_indicator_do_not_share_state(definition: IndicatorDefinition) -> None:
    chosen = definition.bind()
    rows = chosen.warm_up + 20
    bars, others = random_bars(rows, seed=1), random_bars(rows, seed=2)
    first, second = chosen.stream(), chosen.stream()

    interleaved = [
        (first.update(bar_at(bars, row)), second.update(bar_at(others, row)))[0]
        for row in range(rows)
    ]

    alone = np.array(list(stream_over(chosen, bars).values())).T
    np.testing.assert_array_equal(interleaved, alone)


@pytest.mark.skipif(not heap.can_count, reason="counts the C heap by glibc's mallinfo2")
@CATALOG
@pytest.mark.sample(0.3)
@pytest.mark.untraced
def test_a_stream_holds_no_more_after_thousands_of_bars(definition: IndicatorDefinition) -> None:
    bars = random_bars(500)
    one_round = [bar_at(bars, row) for row in range(len(bars))]
    stream = definition.bind().stream()

    def feed(rounds: int) -> None:
        for bar in one_round * rounds:
            stream.update(bar)

    feed(1)

    assert heap.growth_of(lambda: feed(6), little=LITTLE) < LITTLE


@CATALOG
@pytest.mark.sample(0.3)
@pytest.mark.untraced
def test_a_bar_costs_no_more_after_ten_thousand_bars(definition: IndicatorDefinition) -> None:
    stream = long_periods(definition).stream()
    bars = random_bars(1_000)
    rows = [bar_at(bars, row) for row in range(len(bars))]

    def cost_of_a_round() -> float:
        begin = thread_time()
        for bar in rows:
            stream.update(bar)
        return thread_time() - begin

    cost_of_a_round()
    early = min(cost_of_a_round() for _ in range(2))
    for _ in range(6):
        cost_of_a_round()

    # Work that grew with the bars seen would cost four times as much by now, in every round.
    assert any(cost_of_a_round() < 3 * early for _ in range(10))


def long_periods(definition: IndicatorDefinition) -> BoundIndicator:
    """The indicator over windows of 50 bars and more, where it has any."""
    periods: dict[str, Any] = {
        entry.name: max(50, entry.default)
        for entry in definition.parameters
        if entry.kind is int and entry.high >= 50
    }
    return definition.bind(**periods)


@pytest.mark.skipif(not heap.can_count, reason="counts the C heap by glibc's mallinfo2")
def test_the_heap_count_sees_a_float_kept_per_bar() -> None:
    kept: list[float] = []
    column: list[object] = []

    assert heap.growth_of(lambda: kept.extend(np.arange(10_000.0).tolist()), little=LITTLE) > 80_000
    assert heap.growth_of(lambda: column.append(np.zeros(10_000)), little=LITTLE) > 80_000
