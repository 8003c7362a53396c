"""Bands, channels and stops around the price."""

from math import isnan, nan, sqrt

import numpy as np

from quantloom.indicators.kernels.moments import weighted
from quantloom.indicators.kernels.running import Columns, Run, State
from quantloom.indicators.kernels.smoothing import (
    delay,
    delayed,
    ratio,
    smooth,
    true_range,
    wilder,
)
from quantloom.indicators.kernels.windows import SLOTS, highest, lowest, mean, spread, window
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


def atr_bands(period: int, ranges: float) -> Run:
    return _atr_bands, (delay(1), wilder(period), ranges)


@kernel
def _atr_bands(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    before, average, ranges = state
    for row in range(out.shape[1]):
        span = true_range(delayed(before, close[row]), high[row], low[row])
        width = ranges * smooth(average, span)
        out[0, row], out[1, row] = close[row] + width, close[row] - width


def atr_stop(period: int, ranges: float) -> Run:
    return _atr_stop, (delay(1), wilder(period), ranges, np.array([nan, nan, 1.0]))


@kernel
def _atr_stop(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    before, average, ranges, stops = state
    for row in range(out.shape[1]):
        previous = delayed(before, close[row])
        width = ranges * smooth(average, true_range(previous, high[row], low[row]))
        if isnan(width):
            out[:, row] = nan
            continue
        upper, lower = close[row] + width, close[row] - width
        if isnan(stops[0]):
            stops[0], stops[1] = upper, lower
            stops[2] = 1.0 if close[row] >= previous else -1.0
        # A stop only tightens, until price has passed it.
        if upper < stops[0] or previous > stops[0]:
            stops[0] = upper
        if lower > stops[1] or previous < stops[1]:
            stops[1] = lower
        stops[2] = 1.0 if close[row] > (stops[1] if stops[2] > 0 else stops[0]) else -1.0
        out[0, row] = stops[1] if stops[2] > 0 else stops[0]
        out[1, row] = stops[2]


def bandwidth(period: int, deviations: float) -> Run:
    return _bandwidth, (window(period, 2), deviations)


@kernel
def _bandwidth(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, deviations = state
    period = len(closes) - SLOTS
    for row in range(out.shape[1]):
        middle, squares = spread(closes, close[row])
        out[0, row] = ratio(2 * deviations * sqrt(squares / period), middle, 0.0)


def percent_b(period: int, deviations: float) -> Run:
    return _percent_b, (window(period, 2), deviations)


@kernel
def _percent_b(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, deviations = state
    period = len(closes) - SLOTS
    for row in range(out.shape[1]):
        middle, squares = spread(closes, close[row])
        width = 2 * deviations * sqrt(squares / period)
        out[0, row] = 0.5 + ratio(close[row] - middle, width, 0.0)


def chandelier(period: int, ranges: float) -> Run:
    return _chandelier, (window(period), window(period), delay(1), wilder(period), ranges)


@kernel
def _chandelier(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    highs, lows, before, average, ranges = state
    for row in range(out.shape[1]):
        span = true_range(delayed(before, close[row]), high[row], low[row])
        width = ranges * smooth(average, span)
        out[0, row] = highest(highs, high[row]) - width
        out[1, row] = lowest(lows, low[row]) + width


def envelope(period: int, percent: float) -> Run:
    return _envelope, (window(period), percent / 100)


@kernel
def _envelope(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, share = state
    for row in range(out.shape[1]):
        middle = mean(closes, close[row])
        out[0, row], out[1, row], out[2, row] = middle * (1 + share), middle, middle * (1 - share)


def ichimoku(conversion: int, base: int, span: int, shift: int) -> Run:
    middles = [(window(bars), window(bars)) for bars in (conversion, base, span)]
    return _ichimoku, (*middles, delay(shift), delay(shift))


@kernel
def _middle(windows: tuple[FloatArray, FloatArray], high: float, low: float) -> float:
    return (highest(windows[0], high) + lowest(windows[1], low)) / 2


@kernel
def _ichimoku(bars: Columns, state: State, out: FloatArray) -> None:
    high, low = bars
    conversion, base, span, shift_a, shift_b = state
    for row in range(out.shape[1]):
        fast = _middle(conversion, high[row], low[row])
        slow = _middle(base, high[row], low[row])
        out[0, row], out[1, row] = fast, slow
        out[2, row] = delayed(shift_a, (fast + slow) / 2)
        out[3, row] = delayed(shift_b, _middle(span, high[row], low[row]))


def pivots(period: int, offset: int) -> Run:
    return _pivots, (window(period), window(period), *(delay(offset + 1) for _ in range(3)))


@kernel
def _pivots(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    highs, lows, highs_before, lows_before, closes_before = state
    for row in range(out.shape[1]):
        top = delayed(highs_before, highest(highs, high[row]))
        bottom = delayed(lows_before, lowest(lows, low[row]))
        pivot = (top + bottom + delayed(closes_before, close[row])) / 3
        span = top - bottom
        out[0, row] = pivot
        out[1, row], out[2, row] = 2 * pivot - bottom, 2 * pivot - top
        out[3, row], out[4, row] = pivot + span, pivot - span
        out[5, row] = top + 2 * (pivot - bottom)
        out[6, row] = bottom - 2 * (top - pivot)


def price_channel(period: int) -> Run:
    return _price_channel, (window(period), window(period), delay(1), delay(1))


@kernel
def _price_channel(bars: Columns, state: State, out: FloatArray) -> None:
    high, low = bars
    highs, lows, highs_before, lows_before = state
    for row in range(out.shape[1]):
        upper = delayed(highs_before, highest(highs, high[row]))
        lower = delayed(lows_before, lowest(lows, low[row]))
        out[0, row], out[1, row], out[2, row] = upper, (upper + lower) / 2, lower


def starc(period: int, atr_period: int, ranges: float) -> Run:
    return _starc, (window(period), delay(1), wilder(atr_period), ranges)


@kernel
def _starc(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    closes, before, average, ranges = state
    for row in range(out.shape[1]):
        span = true_range(delayed(before, close[row]), high[row], low[row])
        width, middle = ranges * smooth(average, span), mean(closes, close[row])
        out[0, row], out[1, row], out[2, row] = middle + width, middle, middle - width


def vwap(period: int) -> Run:
    return _vwap, (window(period, 3),)


@kernel
def _vwap(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close, volume = bars
    (prices,) = state
    for row in range(out.shape[1]):
        price = (high[row] + low[row] + close[row]) / 3
        out[0, row] = weighted(prices, price, volume[row])[0]


def vwap_bands(period: int, deviations: float) -> Run:
    return _vwap_bands, (window(period, 3), deviations)


@kernel
def _vwap_bands(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close, volume = bars
    prices, deviations = state
    for row in range(out.shape[1]):
        price = (high[row] + low[row] + close[row]) / 3
        middle, variance = weighted(prices, price, volume[row])
        width = deviations * sqrt(variance)
        out[0, row], out[1, row], out[2, row] = middle + width, middle, middle - width
