"""Each built-in indicator once more: plain, slow NumPy written from its definition.

A reference takes (high, low, close, parameters) and returns one array per output. It shares no
code with TA-Lib; only its conventions for seeding are TA-Lib's.
"""

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import assume

from quantloom.kit import FloatArray

# Below this sum of gains and losses TA-Lib takes a market for motionless.
_MOTIONLESS = 1e-14


Outputs = Sequence[FloatArray]


def _windows(values: FloatArray, period: int, measure: Callable[[FloatArray], float]) -> FloatArray:
    out = np.full(len(values), np.nan)
    for last in range(period - 1, len(values)):
        out[last] = measure(values[last - period + 1 : last + 1])
    return out


def _smoothed(values: FloatArray, start: int, period: int, weight: float) -> FloatArray:
    """Start from the mean of `period` values from `start` on, then move by `weight`."""
    out = np.full(len(values), np.nan)
    seed = start + period - 1
    if seed < len(values):
        out[seed] = values[start : seed + 1].mean()
    for row in range(seed + 1, len(values)):
        out[row] = out[row - 1] + weight * (values[row] - out[row - 1])
    return out


def _exponential(values: FloatArray, start: int, period: int) -> FloatArray:
    return _smoothed(values, start, period, 2 / (period + 1))


def _lagged(values: FloatArray, period: int) -> FloatArray:
    out = np.full(len(values), np.nan)
    out[period:] = values[: max(len(values) - period, 0)]
    return out


def sma(_high: FloatArray, _low: FloatArray, close: FloatArray, period: int) -> Outputs:
    return [_windows(close, period, np.mean)]


def running_sum_sma(close: FloatArray, period: int) -> FloatArray:
    """Add the newest, divide, drop the oldest: the order that decides ties of two averages."""
    out = np.full(len(close), np.nan)
    total = 0.0
    for row, price in enumerate(close):
        total += price
        if row >= period - 1:
            out[row] = total / period
            total -= close[row - period + 1]
    return out


def ema(_high: FloatArray, _low: FloatArray, close: FloatArray, period: int) -> Outputs:
    return [_exponential(close, 0, period)]


def wma(_high: FloatArray, _low: FloatArray, close: FloatArray, period: int) -> Outputs:
    weights = np.arange(1, period + 1)
    return [_windows(close, period, lambda window: float(window @ weights / weights.sum()))]


def bbands(
    _high: FloatArray, _low: FloatArray, close: FloatArray, period: int, up: float, down: float
) -> Outputs:
    middle, deviation = _windows(close, period, np.mean), _windows(close, period, np.std)
    return [middle + up * deviation, middle, middle - down * deviation]


def rsi(_high: FloatArray, _low: FloatArray, close: FloatArray, period: int) -> Outputs:
    change = np.diff(close, prepend=np.nan)
    gain = _smoothed(np.maximum(change, 0), 1, period, 1 / period)
    loss = _smoothed(np.maximum(-change, 0), 1, period, 1 / period)
    # What is left of old changes halves and halves: near the bound rounding decides.
    assume(not np.isclose(gain + loss, _MOTIONLESS, rtol=0.5, atol=0).any())
    total = np.where(gain + loss < _MOTIONLESS, np.inf, gain + loss)
    return [100 * gain / total]


def macd(
    _high: FloatArray, _low: FloatArray, close: FloatArray, fast: int, slow: int, signal: int
) -> Outputs:
    fast, slow = sorted((fast, slow))
    # Both averages get their first value on the same bar, so the fast one starts late.
    line = _exponential(close, slow - fast, fast) - _exponential(close, 0, slow)
    average = _exponential(line, slow - 1, signal)
    shown = np.where(np.isnan(average), np.nan, line)
    return [shown, average, shown - average]


def roc(_high: FloatArray, _low: FloatArray, close: FloatArray, period: int) -> Outputs:
    return [100 * (close / _lagged(close, period) - 1)]


def mom(_high: FloatArray, _low: FloatArray, close: FloatArray, period: int) -> Outputs:
    return [close - _lagged(close, period)]


def atr(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> Outputs:
    before = _lagged(close, 1)
    true_range = np.maximum(high, before) - np.minimum(low, before)
    return [_smoothed(true_range, 1, period, 1 / period)]


def stddev(
    _high: FloatArray, _low: FloatArray, close: FloatArray, period: int, deviations: float
) -> Outputs:
    return [deviations * _windows(close, period, np.std)]


def highest(_high: FloatArray, _low: FloatArray, close: FloatArray, period: int) -> Outputs:
    return [_windows(close, period, np.max)]


def lowest(_high: FloatArray, _low: FloatArray, close: FloatArray, period: int) -> Outputs:
    return [_windows(close, period, np.min)]


REFERENCES: dict[str, Callable[..., Outputs]] = {
    "SMA": sma,
    "EMA": ema,
    "WMA": wma,
    "BBANDS": bbands,
    "RSI": rsi,
    "MACD": macd,
    "ROC": roc,
    "MOM": mom,
    "ATR": atr,
    "STDDEV": stddev,
    "MAX": highest,
    "MIN": lowest,
}
