"""Who prevails, buyers or sellers, and whether there is a trend: many of them usual in China."""

from math import isnan, log10, nan, sqrt

import numpy as np

from quantloom.indicators.kernels.averages import alligator
from quantloom.indicators.kernels.running import Columns, Run, State
from quantloom.indicators.kernels.smoothing import (
    delay,
    delayed,
    positive,
    ratio,
    smooth,
    true_range,
)
from quantloom.indicators.kernels.windows import (
    SLOTS,
    highest,
    linear,
    lowest,
    mean,
    spread,
    total,
    window,
)
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


def arbr(period: int) -> Run:
    return _arbr, (*(window(period) for _ in range(4)), delay(1))


@kernel
def _arbr(bars: Columns, state: State, out: FloatArray) -> None:
    open_, high, low, close = bars
    above_open, below_open, above_close, below_close, closes = state
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        up = total(above_open, high[row] - open_[row])
        down = total(below_open, open_[row] - low[row])
        gain = total(above_close, positive(high[row] - before))
        loss = total(below_close, positive(before - low[row]))
        out[0, row] = 100 * ratio(up, down, 1.0)
        out[1, row] = 100 * ratio(gain, loss, 1.0)


def bias(period: int) -> Run:
    return _bias, (window(period),)


@kernel
def _bias(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    (closes,) = state
    for row in range(out.shape[1]):
        average = mean(closes, close[row])
        out[0, row] = 100 * ratio(close[row] - average, average, 0.0)


def center_of_gravity(period: int) -> Run:
    return _center_of_gravity, (window(period, 2),)


@kernel
def _center_of_gravity(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    (closes,) = state
    middle = (len(closes) - SLOTS + 1) / 2
    for row in range(out.shape[1]):
        plain, weighted = linear(closes, close[row])
        out[0, row] = ratio(weighted, plain, middle) - middle


def chop(period: int) -> Run:
    return _chop, (window(period), window(period), window(period), delay(1))


@kernel
def _chop(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    ranges, highs, lows, closes = state
    period = len(ranges) - SLOTS
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        if isnan(before):
            out[0, row] = nan
            continue
        walked = total(ranges, true_range(before, high[row], low[row]))
        top = highest(highs, max(high[row], before))
        bottom = lowest(lows, min(low[row], before))
        # Prices that never moved went nowhere: as choppy as can be.
        spans = ratio(walked, top - bottom, float(period))
        out[0, row] = 100 * log10(spans) / log10(period)


def cr(period: int) -> Run:
    return _cr, (window(period), window(period), delay(1))


@kernel
def _cr(bars: Columns, state: State, out: FloatArray) -> None:
    high, low = bars
    above, below, middles = state
    for row in range(out.shape[1]):
        before = delayed(middles, (high[row] + low[row]) / 2)
        up = total(above, positive(high[row] - before))
        down = total(below, positive(before - low[row]))
        out[0, row] = 100 * ratio(up, down, 1.0)


def dma(fast: int, slow: int, signal: int) -> Run:
    return _dma, (window(fast), window(slow), window(signal))


@kernel
def _dma(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    fast, slow, signal = state
    for row in range(out.shape[1]):
        out[0, row] = mean(fast, close[row]) - mean(slow, close[row])
        out[1, row] = mean(signal, out[0, row])


def gator(**parameters: int) -> Run:
    """Of the parameters of an alligator."""
    return _gator, alligator(**parameters)[1]


@kernel
def _gator(bars: Columns, state: State, out: FloatArray) -> None:
    high, low = bars
    jaw, teeth, lips, jaw_shift, teeth_shift, lips_shift = state
    for row in range(out.shape[1]):
        middle = (high[row] + low[row]) / 2
        slow = delayed(jaw_shift, smooth(jaw, middle))
        medium = delayed(teeth_shift, smooth(teeth, middle))
        fast = delayed(lips_shift, smooth(lips, middle))
        out[0, row], out[1, row] = abs(slow - medium), -abs(medium - fast)


def psy(period: int, signal: int) -> Run:
    return _psy, (delay(1), window(period), window(signal))


@kernel
def _psy(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, rises, signal = state
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        rise = nan
        if not isnan(before):
            rise = 100.0 if close[row] > before else 0.0
        out[0, row] = mean(rises, rise)
        out[1, row] = mean(signal, out[0, row])


def squeeze(period: int, deviations: float, ranges: float) -> Run:
    windows = [window(period, columns) for columns in (1, 1, 2, 1, 2)]
    return _squeeze, (*windows, delay(1), deviations, ranges)


@kernel
def _squeeze(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    highs, lows, closes, spans, gaps, before, deviations, ranges = state
    period = len(highs) - SLOTS
    weights = period * (period + 1) / 2
    for row in range(out.shape[1]):
        average, squares = spread(closes, close[row])
        span = mean(spans, true_range(delayed(before, close[row]), high[row], low[row]))
        middle = (highest(highs, high[row]) + lowest(lows, low[row])) / 2
        plain, weighted = linear(gaps, close[row] - (middle + average) / 2)
        # The end of a straight line through values: three weighted averages less two plain ones.
        momentum = 3 * weighted / weights - 2 * plain / period
        out[0, row] = momentum
        is_on = deviations * sqrt(squares / period) < ranges * span
        out[1, row] = nan if isnan(span) else 1.0 if is_on else 0.0


def td_setup(lookback: int) -> Run:
    return _td_setup, (delay(lookback), np.zeros(1))


@kernel
def _td_setup(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, count = state
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        if close[row] > before:
            count[0] = max(count[0], 0.0) + 1
        elif close[row] < before:
            count[0] = min(count[0], 0.0) - 1
        else:
            count[0] = 0.0
        out[0, row] = nan if isnan(before) else count[0]
