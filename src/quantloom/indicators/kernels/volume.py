"""What volume says about a move of the price."""

from math import isnan, nan

import numpy as np

from quantloom.indicators.kernels.running import Columns, Run, State
from quantloom.indicators.kernels.smoothing import delay, delayed, exponential, ratio, smooth
from quantloom.indicators.kernels.windows import mean, total, window
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


def amihud(period: int) -> Run:
    return _amihud, (delay(1), window(period))


@kernel
def _amihud(bars: Columns, state: State, out: FloatArray) -> None:
    close, volume = bars
    closes, impacts = state
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        change = abs(ratio(close[row] - before, before, 0.0))
        impact = ratio(change, close[row] * volume[row] / 1e6, 0.0)
        out[0, row] = mean(impacts, nan if isnan(before) else impact)


def eom(period: int, divisor: float) -> Run:
    return _eom, (delay(1), window(period), divisor)


@kernel
def _eom(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, volume = bars
    middles, moves, divisor = state
    for row in range(out.shape[1]):
        middle = (high[row] + low[row]) / 2
        moved = middle - delayed(middles, middle)
        ease = ratio(moved * (high[row] - low[row]) * divisor, volume[row], 0.0)
        out[0, row] = mean(moves, nan if isnan(moved) else ease)


def kvo(fast: int, slow: int, signal: int) -> Run:
    averages = exponential(fast), exponential(slow), exponential(signal)
    return _kvo, (*averages, np.array([nan, nan, nan, 0.0]))


@kernel
def _force(kept: FloatArray, total: float, span: float, volume: float) -> float:
    """Volume with the sign of the trend, scaled by how the bar's range stands to the trend's."""
    before, span_before, trend_before = kept[0], kept[1], kept[2]
    trend = 1.0 if total > before else -1.0
    kept[0], kept[1], kept[2] = total, span, nan if isnan(before) else trend
    if isnan(trend_before):
        return nan
    kept[3] = span + (kept[3] if trend == trend_before else span_before)
    size: float = abs(2 * (ratio(span, kept[3], 1.0) - 1))
    return 100 * volume * size * trend


@kernel
def _kvo(bars: Columns, state: State, out: FloatArray) -> None:
    high, low, close, volume = bars
    fast, slow, signal, kept = state
    for row in range(out.shape[1]):
        price = high[row] + low[row] + close[row]
        force = _force(kept, price, high[row] - low[row], volume[row])
        out[0, row] = smooth(fast, force) - smooth(slow, force)
        out[1, row] = smooth(signal, out[0, row])


def rvol(period: int) -> Run:
    return _rvol, (window(period), delay(1))


@kernel
def _rvol(bars: Columns, state: State, out: FloatArray) -> None:
    (volume,) = bars
    volumes, before = state
    for row in range(out.shape[1]):
        usual = delayed(before, mean(volumes, volume[row]))
        out[0, row] = ratio(volume[row], usual, 0.0)


def vr(period: int) -> Run:
    return _vr, (delay(1), window(period), window(period), window(period))


@kernel
def _vr(bars: Columns, state: State, out: FloatArray) -> None:
    close, volume = bars
    closes, rises, falls, rests = state
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        if isnan(before):
            out[0, row] = nan
            continue
        up = total(rises, volume[row] if close[row] > before else 0.0)
        down = total(falls, volume[row] if close[row] < before else 0.0)
        rest = total(rests, volume[row] if close[row] == before else 0.0)
        out[0, row] = 100 * ratio(2 * up + rest, 2 * down + rest, 1.0)


def vroc(period: int) -> Run:
    return _vroc, (delay(period),)


@kernel
def _vroc(bars: Columns, state: State, out: FloatArray) -> None:
    (volume,) = bars
    (volumes,) = state
    for row in range(out.shape[1]):
        before = delayed(volumes, volume[row])
        out[0, row] = 100 * ratio(volume[row] - before, before, 0.0)


def wvad(period: int) -> Run:
    return _wvad, (window(period),)


@kernel
def _wvad(bars: Columns, state: State, out: FloatArray) -> None:
    open_, high, low, close, volume = bars
    (flows,) = state
    for row in range(out.shape[1]):
        share = ratio(close[row] - open_[row], high[row] - low[row], 0.0)
        out[0, row] = total(flows, share * volume[row])
