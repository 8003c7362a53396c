"""Bars to compute on, and the two ways to compute on them side by side."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import ArrayLike

from quantloom.indicators import BoundIndicator, IndicatorDefinition, list_indicators
from quantloom.kit import FloatArray
from quantloom.market import Bar, Bars
from quantloom.market.bars import FIELDS

MINUTE_NS = 60_000_000_000
_LARGEST_DRAWN = 25

CATALOG = pytest.mark.parametrize("definition", list_indicators(), ids=lambda entry: entry.name)
"""Runs a test once for each indicator of the catalog."""


def make_bars(
    close: ArrayLike,
    *,
    high: ArrayLike | None = None,
    low: ArrayLike | None = None,
    volume: ArrayLike | None = None,
) -> Bars:
    """Minute bars that open at the close before them, of 1,000 each."""
    closes = np.asarray(close, dtype=np.float64)
    opens = np.concatenate([closes[:1], closes[:-1]])
    return Bars.of(
        "TEST.SIM",
        "1m",
        ts=np.arange(len(closes), dtype=np.int64) * MINUTE_NS,
        open=opens,
        high=np.maximum(opens, closes) if high is None else high,
        low=np.minimum(opens, closes) if low is None else low,
        close=closes,
        volume=np.full(len(closes), 1_000.0) if volume is None else volume,
    )


@st.composite
def walks(draw: st.DrawFn, min_size: int = 1, max_size: int = 120) -> Bars:
    """Bars of a bounded random walk on a tick grid, where equal prices are common.

    Some have no volume.
    """
    size = draw(st.integers(min_size, max_size))
    steps = draw(arrays(np.int64, (size, 4), elements=st.integers(-9, 9)))
    tick = draw(st.sampled_from([0.01, 0.1, 1.0, 7.3]))
    ticks = np.clip(100 + np.cumsum(steps[:, 0]), 20, 500)
    bars = make_bars(ticks * tick)
    wicks = np.abs(steps[:, 1:3]) * tick
    volume = np.maximum(steps[:, 3], 0) * 12.7
    return make_bars(
        bars.close, high=bars.high + wicks[:, 0], low=bars.low - wicks[:, 1], volume=volume
    )


def random_bars(rows: int, seed: int = 1) -> Bars:
    """Bars of a seeded random walk in which hardly anything is equal."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, rows)))
    bars = make_bars(close)
    wicks = close * rng.uniform(0, 0.01, (2, rows))
    return make_bars(
        close, high=bars.high + wicks[0], low=bars.low - wicks[1], volume=rng.uniform(1, 9, rows)
    )


@st.composite
def bound(draw: st.DrawFn, definition: IndicatorDefinition) -> BoundIndicator:
    """The indicator with parameters from inside their bounds, small enough for short bars."""
    values: dict[str, Any] = {
        parameter.name: draw(
            st.integers(int(parameter.low), min(int(parameter.high), _LARGEST_DRAWN))
            if parameter.kind is int
            else st.floats(max(parameter.low, 0.0), min(parameter.high, _LARGEST_DRAWN))
        )
        for parameter in definition.parameters
    }
    return definition.bind(**values)


def read_bars(path: Path, rows: int) -> Bars:
    """The first rows of a Parquet file of bars."""
    table = pq.read_table(path, columns=["ts", "open", "high", "low", "close", "volume"])
    columns: dict[str, Any] = {name: table[name].to_numpy()[:rows] for name in table.column_names}
    return Bars.of(path.stem, "1m", **columns)


def bar_at(bars: Bars, row: int) -> Bar:
    bar = Bar()
    bar.symbol, bar.ts_ns = bars.symbol, int(bars.ts[row])
    for name in ("open", "high", "low", "close", "volume"):
        setattr(bar, name, float(getattr(bars, name)[row]))
    return bar


def stream_over(bound_indicator: BoundIndicator, bars: Bars) -> dict[str, FloatArray]:
    """Feed every bar to a fresh stream and give its values in the shape of `compute`."""
    stream, bar = bound_indicator.stream(), Bar()
    rows = []
    for values in zip(*(getattr(bars, name).tolist() for name in FIELDS), strict=True):
        bar.open, bar.high, bar.low, bar.close, bar.volume = values
        rows.append(stream.update(bar))
    columns = np.array(rows).reshape(len(bars), -1).T
    return dict(zip(bound_indicator.definition.outputs, columns, strict=True))


def with_volume(bars: Bars, volume: ArrayLike) -> Bars:
    """The same prices with another volume."""
    return make_bars(bars.close, high=bars.high, low=bars.low, volume=volume)


def leading_nans(values: FloatArray) -> int:
    valid = ~np.isnan(values)
    return int(valid.argmax()) if valid.any() else len(values)
