"""Strategies that make signals from whole arrays, looking ahead or not."""

from collections.abc import Callable
from typing import Any

import numpy as np

from quantloom.indicators import compute
from quantloom.kit import BoolArray, FloatArray
from quantloom.market import Anchor, Bars, get_calendar, resample
from quantloom.strategy import Signals, Strategy, percent, trailing
from tests.library.backtest.lookahead.corpus import (
    Case,
    adjusted,
    days,
    past_feature,
    quarters,
    target_encoded,
)

Long = Callable[[Bars], BoolArray]
VECTORISED: dict[str, Any] = {"engine": "vectorised"}


def by(is_long: Long, bars: Callable[[], Bars] = days, **terms: Any) -> Case:
    """Long where a whole array says so."""

    class BySignals(Strategy):
        def generate_signals(self, bars: Bars) -> Signals:
            found = np.asarray(is_long(bars), dtype=np.bool_)
            return Signals(entries=found, exits=~found, **terms)

    return Case(lambda: BySignals, bars)


def by_weight(weight: Callable[[Bars], FloatArray]) -> Case:
    class ByWeights(Strategy):
        def generate_signals(self, bars: Bars) -> Signals:
            return Signals(weights=weight(bars))

    return Case(lambda: ByWeights, days)


def preset(name: str) -> Case:
    return Case(lambda: name, days, settings=VECTORISED)


def value(name: str, bars: Bars, period: int) -> FloatArray:
    return compute(name, bars, period)["value"]


def _next(values: FloatArray) -> FloatArray:
    return np.append(values[1:], values[-1])


def _z_score(values: FloatArray) -> FloatArray:
    scaled: FloatArray = (values - values.mean()) / values.std()
    return scaled


def _centred(values: FloatArray) -> FloatArray:
    return np.convolve(values, np.full(9, 1 / 9), mode="same")


def _backwards(values: FloatArray) -> FloatArray:
    """An exponential average from the end to the start."""
    found = values.copy()
    for row in range(len(values) - 2, -1, -1):
        found[row] = 0.2 * values[row] + 0.8 * found[row + 1]
    return found


def _pivots(bars: Bars) -> BoolArray:
    """Lows of swings at the bar of the low."""
    low = bars.low
    found = np.zeros(len(low), dtype=np.bool_)
    for row in range(3, len(low) - 3):
        found[row] = low[row] == low[row - 3 : row + 4].min()
    return found


def _hours(bars: Bars) -> BoolArray:
    """Whether the hour that a bar is in will rise."""
    hours = resample(bars, "1h", get_calendar("24x7"))
    rows = np.searchsorted(hours.ts, bars.ts, side="right") - 1
    return hours.close[rows] > hours.open[rows]


def _finished_hours(bars: Bars) -> BoolArray:
    """Whether the last hour that is over has risen."""
    hours = resample(bars, "1h", get_calendar("24x7"))
    ends = hours.ts + hours.timeframe.ns
    rows = np.searchsorted(ends, bars.ts + bars.timeframe.ns, side="right") - 1
    rises = hours.close[np.maximum(rows, 0)] > hours.open[np.maximum(rows, 0)]
    # How the hour of the last bar is cut off changes nothing: only bars that are whole count.
    return np.asarray((rows >= 0) & rises, dtype=np.bool_)


def _expanding(bars: Bars) -> BoolArray:
    means = np.cumsum(bars.close) / np.arange(1, len(bars) + 1)
    return np.asarray(bars.close < means, dtype=np.bool_)


def outside(bars: Bars) -> Case:
    rises = np.append(np.diff(bars.close) > 0, False)
    return by(lambda given: rises[: len(given)])


def _clipped(bars: Bars) -> FloatArray:
    """A weight scaled by the largest move of the whole sample."""
    moves = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    found: FloatArray = np.clip(0.5 + moves / np.abs(moves).max(), 0.0, 1.0)
    return np.round(found, 1)


def _scaled(bars: Bars) -> FloatArray:
    """A weight scaled by moves that have come."""
    moves = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    so_far = np.maximum.accumulate(np.abs(moves)) + 1e-9
    found: FloatArray = np.clip(0.5 + moves / so_far, 0.0, 1.0)
    return np.round(found, 1)


LEAKING: dict[str, Case] = {
    "signals shifted by -1": by(lambda bars: _next(bars.close) > bars.close),
    "signals by a full-sample z-score": by(lambda bars: _z_score(bars.close) < 0),
    "signals by a centred window": by(lambda bars: bars.close < _centred(bars.close)),
    "signals at the lows of swings": by(_pivots),
    "signals by a quantile of the sample": by(
        lambda bars: bars.close < np.quantile(bars.close, 0.4)
    ),
    "signals by the hour to come": by(_hours, quarters),
    "signals by the next open": by(lambda bars: _next(bars.open) < bars.close),
    "signals from the end backwards": by(lambda bars: _backwards(bars.close) > bars.close),
    "signals from a frame outside": outside(days()),
    "signals by a target-encoded column": by(
        lambda bars: bars.extras["feature"] > 0, target_encoded
    ),
    "signals by adjusted prices": by(lambda bars: bars.close < 95, lambda: adjusted(Anchor.LATEST)),
    "weights scaled by the whole sample": by_weight(_clipped),
}

CLEAN: dict[str, Case] = {
    f"signals of {name}": preset(name)
    for name in ("sma-cross", "macd", "rsi", "bollinger", "supertrend")
} | {
    "signals by two averages": by(lambda bars: value("EMA", bars, 5) > value("SMA", bars, 20)),
    "signals by an expanding mean": by(_expanding),
    "signals of a weak day": by(lambda bars: value("RSI", bars, 7) < 45),
    "signals with a trailing stop": by(
        lambda bars: value("EMA", bars, 5) > value("EMA", bars, 30), stop_loss=trailing(percent(3))
    ),
    "signals by finished hours": by(_finished_hours, quarters),
    "signals by a column of the past": by(lambda bars: bars.extras["feature"] > 0, past_feature),
    "signals by back-adjusted prices": by(
        lambda bars: bars.close < 95, lambda: adjusted(Anchor.FIRST)
    ),
    "weights scaled by what has come": by_weight(_scaled),
}
