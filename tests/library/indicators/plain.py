"""Plain, slow building blocks of references: windows looked at whole, averages step by step."""

from collections.abc import Callable

import numpy as np

from quantloom.kit import FloatArray
from quantloom.market import Bars


def rolled(period: int, measure: Callable[..., float], *columns: FloatArray) -> FloatArray:
    """Measure each window of the columns; NaN where a window is short or has a NaN."""
    out = np.full(len(columns[0]), np.nan)
    for last in range(period - 1, len(out)):
        windows = [column[last - period + 1 : last + 1] for column in columns]
        if not any(np.isnan(window).any() for window in windows):
            out[last] = measure(*windows)
    return out


def sma(values: FloatArray, period: int) -> FloatArray:
    return rolled(period, np.mean, values)


def smoothed(values: FloatArray, period: int, weight: float) -> FloatArray:
    """Start from the mean of the first `period` numbers, then move by `weight`."""
    out = np.full(len(values), np.nan)
    first = int(np.isnan(values).sum())
    seed = first + period - 1
    if seed < len(values):
        out[seed] = values[first : seed + 1].mean()
    for row in range(seed + 1, len(values)):
        out[row] = weight * values[row] + (1 - weight) * out[row - 1]
    return out


def ema(values: FloatArray, period: int) -> FloatArray:
    return smoothed(values, period, 2 / (period + 1))


def rma(values: FloatArray, period: int) -> FloatArray:
    return smoothed(values, period, 1 / period)


def lagged(values: FloatArray, bars: int) -> FloatArray:
    out = np.full(len(values), np.nan)
    if bars < len(values):
        out[bars:] = values[: len(values) - bars]
    return out


def over(part: FloatArray, whole: FloatArray, otherwise: float) -> FloatArray:
    """Divide, with a value of its own for a whole of 0; NaN stays."""
    safe = np.where(whole == 0, 1.0, whole)
    return np.where(whole == 0, otherwise + 0 * part, part / safe)


def true_range(bars: Bars) -> FloatArray:
    before = lagged(bars.close, 1)
    spans = [bars.high - bars.low, abs(bars.high - before), abs(bars.low - before)]
    widest: FloatArray = np.max(spans, axis=0)
    return widest


def atr(bars: Bars, period: int) -> FloatArray:
    return rma(true_range(bars), period)


def rsi(values: FloatArray, period: int) -> FloatArray:
    change = values - lagged(values, 1)
    gain, loss = rma(np.maximum(change, 0), period), rma(np.maximum(-change, 0), period)
    return 100 * over(gain, gain + loss, 0.5)


def middle_of(bars: Bars) -> FloatArray:
    return (bars.high + bars.low) / 2


def typical(bars: Bars) -> FloatArray:
    return (bars.high + bars.low + bars.close) / 3
