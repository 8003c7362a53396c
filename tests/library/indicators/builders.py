"""Bars to compute on, and the two ways to compute on them side by side."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from quantloom.indicators import BoundIndicator, IndicatorDefinition, list_indicators
from quantloom.kit import FloatArray
from quantloom.market import Bar, Bars

MINUTE_NS = 60_000_000_000
_LARGEST_DRAWN = 40

CATALOG = pytest.mark.parametrize("definition", list_indicators(), ids=lambda entry: entry.name)
"""Runs a test once for each indicator of the catalog."""


def make_bars(
    close: ArrayLike, *, high: ArrayLike | None = None, low: ArrayLike | None = None
) -> Bars:
    """Minute bars that open at the close before them."""
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
    )


@st.composite
def walks(draw: st.DrawFn, max_size: int = 120) -> Bars:
    """Bars of a bounded random walk on a tick grid, where equal prices are common."""
    steps = draw(st.lists(st.tuples(*[st.integers(-9, 9)] * 3), min_size=1, max_size=max_size))
    tick = draw(st.sampled_from([0.01, 0.1, 1.0, 7.3]))
    ticks = np.clip(100 + np.cumsum([step for step, _, _ in steps]), 20, 500)
    bars = make_bars(ticks * tick)
    wicks = np.abs([wick for _, *wick in steps]) * tick
    return make_bars(bars.close, high=bars.high + wicks[:, 0], low=bars.low - wicks[:, 1])


@st.composite
def bound(draw: st.DrawFn, definition: IndicatorDefinition) -> BoundIndicator:
    """The indicator with parameters from inside their bounds, small enough for short bars."""
    values = {
        parameter.name: draw(
            st.integers(int(parameter.low), min(int(parameter.high), _LARGEST_DRAWN))
            if parameter.kind is int
            else st.floats(parameter.low, min(parameter.high, _LARGEST_DRAWN))
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
    stream = bound_indicator.stream()
    rows = [stream.update(bar_at(bars, row)) for row in range(len(bars))]
    columns = np.array(rows).T
    return dict(zip(bound_indicator.definition.outputs, columns, strict=True))


def leading_nans(values: FloatArray) -> int:
    valid = ~np.isnan(values)
    return int(valid.argmax()) if valid.any() else len(values)
