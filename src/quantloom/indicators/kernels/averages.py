"""Moving averages that adapt, lag little or weigh by volume."""

from math import cos, exp, isnan, log, nan, pi, sqrt

import numpy as np

from quantloom.indicators.kernels.running import Columns, Run, State
from quantloom.indicators.kernels.smoothing import (
    DELAY_IS_FULL,
    DELAY_KEPT,
    DELAY_PLACE,
    delay,
    delayed,
    positive,
    ratio,
    smooth,
    wilder,
)
from quantloom.indicators.kernels.windows import highest, lowest, total, window
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


def alma(period: int, offset: float, sigma: float) -> Run:
    distance = np.arange(period) - offset * (period - 1)
    weights = np.exp(-(distance**2) / (2 * (period / sigma) ** 2))
    return _alma, (delay(period), weights / weights.sum())


@kernel
def _alma(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    kept, weights = state
    period = len(weights)
    for row in range(out.shape[1]):
        delayed(kept, close[row])
        if kept[DELAY_IS_FULL] == 0:
            out[0, row] = nan
            continue
        # The next place to be overwritten holds the oldest close.
        oldest = int(kept[DELAY_PLACE])
        value = 0.0
        for age in range(period):
            value += weights[age] * kept[DELAY_KEPT + (oldest + age) % period]
        out[0, row] = value


def alligator(**parameters: int) -> Run:
    """Of jaw, teeth and lips, and the shift of each."""
    averages = [wilder(parameters[line]) for line in ("jaw", "teeth", "lips")]
    shifts = [delay(parameters[f"{line}_shift"]) for line in ("jaw", "teeth", "lips")]
    return _alligator, (*averages, *shifts)


@kernel
def _alligator(bars: Columns, state: State, out: FloatArray) -> None:
    high, low = bars
    jaw, teeth, lips, jaw_shift, teeth_shift, lips_shift = state
    for row in range(out.shape[1]):
        middle = (high[row] + low[row]) / 2
        out[0, row] = delayed(jaw_shift, smooth(jaw, middle))
        out[1, row] = delayed(teeth_shift, smooth(teeth, middle))
        out[2, row] = delayed(lips_shift, smooth(lips, middle))


def evwma(period: int) -> Run:
    return _evwma, (window(period), np.array([nan]))


@kernel
def _evwma(bars: Columns, state: State, out: FloatArray) -> None:
    close, volume = bars
    shares, average = state
    for row in range(out.shape[1]):
        share = ratio(volume[row], total(shares, volume[row]), 0.0)
        if isnan(average[0]) and not isnan(share):
            average[0] = close[row]
        elif not isnan(share):
            average[0] += share * (close[row] - average[0])
        out[0, row] = average[0]


def frama(half_period: int) -> Run:
    spans = [window(half_period), window(half_period), delay(half_period), delay(half_period)]
    return _frama, (*spans, np.array([nan, 1.0]))


@kernel
def _frama(bars: Columns, state: State, out: FloatArray) -> None:
    high, low = bars
    highs, lows, highs_before, lows_before, average = state
    half_period = len(highs_before) - DELAY_KEPT
    for row in range(out.shape[1]):
        newer_high, newer_low = highest(highs, high[row]), lowest(lows, low[row])
        older_high, older_low = delayed(highs_before, newer_high), delayed(lows_before, newer_low)
        middle = (high[row] + low[row]) / 2
        if isnan(older_high):
            out[0, row] = nan
            continue
        halves = (newer_high - newer_low + older_high - older_low) / half_period
        whole = max(newer_high, older_high) - min(newer_low, older_low)
        whole /= 2 * half_period
        # A window without any range has no dimension: the weight stays what it was.
        if halves > 0 and whole > 0:
            dimension = log(halves / whole) / log(2.0)
            average[1] = min(1.0, max(0.01, exp(-4.6 * (dimension - 1))))
        if isnan(average[0]):
            average[0] = middle
        average[0] += average[1] * (middle - average[0])
        out[0, row] = average[0]


def laguerre(gamma: float) -> Run:
    return _laguerre, (np.full(4, nan), gamma)


@kernel
def move_laguerre(stages: FloatArray, value: float, gamma: float) -> None:
    """Pass a value through Ehlers' four stages; the first one fills them all."""
    if isnan(stages[0]):
        stages[:] = value
    newer = value
    before = value
    for stage in range(4):
        kept = stages[stage]
        stages[stage] = before + gamma * (kept - newer)
        newer, before = stages[stage], kept


@kernel
def _laguerre(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    stages, gamma = state
    for row in range(out.shape[1]):
        move_laguerre(stages, close[row], gamma)
        out[0, row] = (stages[0] + 2 * stages[1] + 2 * stages[2] + stages[3]) / 6


def mcginley(period: int, factor: float) -> Run:
    return _mcginley, (factor * period, np.array([nan]))


@kernel
def _mcginley(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    slowness, average = state
    for row in range(out.shape[1]):
        if isnan(average[0]):
            average[0] = close[row]
            out[0, row] = nan
            continue
        distance = ratio(close[row], average[0], 1.0)
        square = distance * distance
        # Far below its average a price would throw it past itself, and then out of all bounds.
        average[0] += (close[row] - average[0]) / max(1.0, slowness * square * square)
        out[0, row] = average[0]


def super_smoother(period: int) -> Run:
    decay = exp(-sqrt(2) * pi / period)
    turn = 2 * decay * cos(sqrt(2) * pi / period)
    return _super_smoother, (turn, -decay * decay, np.full(3, nan))


@kernel
def _super_smoother(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    first, second, before = state
    weight = 1 - first - second
    for row in range(out.shape[1]):
        if isnan(before[0]):
            before[:] = close[row]
            out[0, row] = nan
            continue
        value = weight * (close[row] + before[0]) / 2 + first * before[1] + second * before[2]
        before[0], before[1], before[2] = close[row], value, before[1]
        out[0, row] = value


def vidya(period: int) -> Run:
    return _vidya, (window(period), window(period), 2 / (period + 1), np.full(2, nan))


@kernel
def _vidya(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    gains, losses, weight, before = state
    for row in range(out.shape[1]):
        change = close[row] - before[0]
        gain, loss = total(gains, positive(change)), total(losses, positive(-change))
        before[0] = close[row]
        pace = abs(ratio(gain - loss, gain + loss, 0.0))
        if isnan(before[1]) and not isnan(pace):
            before[1] = close[row]
        elif not isnan(pace):
            before[1] += weight * pace * (close[row] - before[1])
        out[0, row] = before[1]


def vwma(period: int) -> Run:
    return _vwma, (window(period), window(period))


@kernel
def _vwma(bars: Columns, state: State, out: FloatArray) -> None:
    close, volume = bars
    turnovers, volumes = state
    for row in range(out.shape[1]):
        turnover, traded = total(turnovers, close[row] * volume[row]), total(volumes, volume[row])
        out[0, row] = ratio(turnover, traded, close[row])
