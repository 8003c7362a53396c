"""Oscillators that measure the strength of a move."""

from math import isnan, log, nan

import numpy as np

from quantloom.indicators.kernels.averages import move_laguerre
from quantloom.indicators.kernels.running import Columns, Run, State
from quantloom.indicators.kernels.smoothing import (
    above_noise,
    delay,
    delayed,
    exponential,
    positive,
    ratio,
    rsi,
    smooth,
    smoothing,
    strength,
    true_range,
)
from quantloom.indicators.kernels.windows import highest, lowest, mean, total, window
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


def connors_rsi(rsi_period: int, streak_period: int, rank_period: int) -> Run:
    kept = np.full(rank_period, nan)
    return _connors_rsi, (rsi(rsi_period), rsi(streak_period), kept, np.array([nan, 0.0, 0.0]))


@kernel
def _rank(changes: FloatArray, place: int, change: float) -> float:
    """Percentage of the changes before this one that are below it; takes its place among them."""
    below = 0
    for earlier in changes:
        if isnan(earlier):
            below = -len(changes)
        elif earlier < change:
            below += 1
    changes[place] = change
    return 100.0 * below / len(changes) if below >= 0 else nan


@kernel
def _connors_rsi(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, streaks, changes, kept = state
    for row in range(out.shape[1]):
        before, streak, place = kept[0], kept[1], int(kept[2])
        change = close[row] - before
        if change > 0:
            streak = max(streak, 0.0) + 1
        elif change < 0:
            streak = min(streak, 0.0) - 1
        else:
            streak = 0.0
        rank = nan
        if not isnan(change):
            rank = _rank(changes, place, ratio(change, abs(before), 0.0))
            kept[2] = (place + 1) % len(changes)
        kept[0], kept[1] = close[row], streak
        out[0, row] = (strength(closes, close[row]) + strength(streaks, streak) + rank) / 3


def fisher(period: int) -> Run:
    return _fisher, (window(period), window(period), np.zeros(2), delay(1))


@kernel
def _fisher(bars: Columns, state: State, out: FloatArray) -> None:
    high, low = bars
    highs, lows, kept, trigger = state
    for row in range(out.shape[1]):
        middle = (high[row] + low[row]) / 2
        top, bottom = highest(highs, middle), lowest(lows, middle)
        if isnan(top):
            out[:, row] = nan
            continue
        place = ratio(middle - bottom, top - bottom, 0.5) - 0.5
        kept[0] = 0.66 * place + 0.67 * kept[0]
        if abs(kept[0]) > 0.99:
            kept[0] = 0.999 if kept[0] > 0 else -0.999
        kept[1] = 0.5 * log((1 + kept[0]) / (1 - kept[0])) + 0.5 * kept[1]
        out[0, row], out[1, row] = kept[1], delayed(trigger, kept[1])


def kst(signal: int, **parameters: int) -> Run:
    """Of the length of each of four changes, and of the average that smooths it."""
    changes = tuple(delay(parameters[f"change_{rank}"]) for rank in (1, 2, 3, 4))
    averages = tuple(window(parameters[f"average_{rank}"]) for rank in (1, 2, 3, 4))
    return _kst, (changes, averages, window(signal))


@kernel
def _kst(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    changes, averages, signal = state
    for row in range(out.shape[1]):
        value = 0.0
        for rank in range(4):
            before = delayed(changes[rank], close[row])
            change = 100 * ratio(close[row] - before, before, 0.0)
            value += (rank + 1) * mean(averages[rank], change)
        out[0, row], out[1, row] = value, mean(signal, value)


def laguerre_rsi(gamma: float) -> Run:
    return _laguerre_rsi, (np.full(4, nan), gamma)


@kernel
def _laguerre_rsi(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    stages, gamma = state
    for row in range(out.shape[1]):
        move_laguerre(stages, close[row], gamma)
        up, down = 0.0, 0.0
        for stage in range(3):
            fall = stages[stage] - stages[stage + 1]
            up += above_noise(positive(fall), close[row])
            down += above_noise(positive(-fall), close[row])
        out[0, row] = 100.0 * ratio(up, up + down, 0.5)


def pgo(period: int) -> Run:
    return _pgo, (window(period), delay(1), exponential(period))


@kernel
def _pgo(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    closes, before, average = state
    for row in range(out.shape[1]):
        span = smooth(average, true_range(delayed(before, close[row]), high[row], low[row]))
        gap = close[row] - mean(closes, close[row])
        out[0, row] = ratio(gap, above_noise(span, close[row]), 0.0)


def pmo(first: int, second: int, signal: int) -> Run:
    # DecisionPoint's smoothing weighs 2 / period, an exponential average 2 / (period + 1).
    averages = smoothing(2 / first, first), smoothing(2 / second, second), exponential(signal)
    return _pmo, (delay(1), *averages)


@kernel
def _pmo(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, first, second, signal = state
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        change = 100 * ratio(close[row] - before, before, 0.0)
        out[0, row] = smooth(second, 10 * smooth(first, change))
        out[1, row] = smooth(signal, out[0, row])


def qqe(period: int, smoothing: int, factor: float) -> Run:
    wide = [exponential(2 * period - 1), exponential(2 * period - 1)]
    kept = np.array([nan, nan, nan, 1.0])
    return _qqe, (rsi(period), exponential(smoothing), delay(1), *wide, factor, kept)


@kernel
def _qqe(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, average, before, first, second, factor, kept = state
    for row in range(out.shape[1]):
        index = smooth(average, strength(closes, close[row]))
        previous = delayed(before, index)
        width = factor * smooth(second, smooth(first, abs(index - previous)))
        if isnan(width):
            out[:, row] = nan
            continue
        lower, upper = kept[0], kept[1]
        if index > upper:
            kept[3] = 1.0
        elif index < lower:
            kept[3] = -1.0
        # A band only tightens for as long as the index has stayed on its side of it.
        stays_above = previous > lower and index > lower
        stays_below = previous < upper and index < upper
        kept[0] = max(lower, index - width) if stays_above else index - width
        kept[1] = min(upper, index + width) if stays_below else index + width
        out[0, row], out[1, row] = index, kept[0] if kept[3] > 0 else kept[1]


def rvgi(period: int) -> Run:
    averages = np.full(3, nan), np.full(3, nan), np.full(3, nan)
    return _rvgi, (*averages, window(period), window(period))


@kernel
def _symmetric(kept: FloatArray, value: float) -> float:
    """Average of the last four values that weighs the middle two twice."""
    average: float = (value + 2 * kept[0] + 2 * kept[1] + kept[2]) / 6
    kept[0], kept[1], kept[2] = value, kept[0], kept[1]
    return average


@kernel
def _rvgi(bars: Columns, state: State, out: FloatArray) -> None:
    open_, high, low, close = bars
    moves, ranges, signal, move_sums, range_sums = state
    for row in range(out.shape[1]):
        move = total(move_sums, _symmetric(moves, close[row] - open_[row]))
        span = total(range_sums, _symmetric(ranges, high[row] - low[row]))
        out[0, row] = ratio(move, span, 0.0)
        out[1, row] = _symmetric(signal, out[0, row])


def stc(cycle: int, fast: int, slow: int, factor: float) -> Run:
    stages = [(window(cycle), window(cycle), np.array([50.0, nan])) for _ in range(2)]
    return _stc, (exponential(fast), exponential(slow), *stages, factor)


@kernel
def _cycle(
    stage: tuple[FloatArray, FloatArray, FloatArray], value: float, factor: float, level: float
) -> float:
    """Place of the value between the least and the greatest, 0 to 100, smoothed."""
    highs, lows, kept = stage
    top, bottom = highest(highs, value), lowest(lows, value)
    if isnan(top):
        return nan
    # A cycle that is flat leaves the place as it was.
    kept[0] = ratio(100.0 * (value - bottom), above_noise(top - bottom, level), kept[0])
    if isnan(kept[1]):
        kept[1] = kept[0]
    kept[1] += factor * (kept[0] - kept[1])
    smoothed: float = kept[1]
    return smoothed


@kernel
def _stc(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    fast, slow, first, second, factor = state
    for row in range(out.shape[1]):
        gap = smooth(fast, close[row]) - smooth(slow, close[row])
        place = _cycle(first, gap, factor, close[row])
        out[0, row] = _cycle(second, place, factor, 100.0)


def wavetrend(channel: int, average: int, signal: int) -> Run:
    averages = exponential(channel), exponential(channel), exponential(average)
    return _wavetrend, (*averages, window(signal))


@kernel
def _wavetrend(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close = bars
    prices, distances, average, signal = state
    for row in range(out.shape[1]):
        price = (high[row] + low[row] + close[row]) / 3
        gap = price - smooth(prices, price)
        distance = above_noise(smooth(distances, abs(gap)), price)
        out[0, row] = smooth(average, ratio(gap, 0.015 * distance, 0.0))
        out[1, row] = mean(signal, out[0, row])
