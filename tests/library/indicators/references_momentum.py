"""The compiled oscillators once more from their definitions, as `references_overlap` has them."""

from collections.abc import Callable
from math import log, log10

import numpy as np

from quantloom.kit import FloatArray
from quantloom.market import Bars
from tests.library.indicators.plain import (
    ema,
    lagged,
    middle_of,
    over,
    rolled,
    rsi,
    sma,
    smoothed,
    true_range,
    typical,
)
from tests.library.indicators.references_overlap import Outputs, alligator, laguerre_stages


def arbr(bars: Bars, period: int) -> Outputs:
    before = lagged(bars.close, 1)
    pairs = [
        (bars.high - bars.open, bars.open - bars.low),
        (np.maximum(bars.high - before, 0), np.maximum(before - bars.low, 0)),
    ]
    return [
        100 * over(rolled(period, np.sum, up), rolled(period, np.sum, down), 1.0)
        for up, down in pairs
    ]


def bias(bars: Bars, period: int) -> Outputs:
    average = sma(bars.close, period)
    return [100 * (bars.close / average - 1)]


def center_of_gravity(bars: Bars, period: int) -> Outputs:
    ages = np.arange(period, 0, -1)
    return [rolled(period, lambda x: -(ages @ x) / x.sum(), bars.close) + (period + 1) / 2]


def chop(bars: Bars, period: int) -> Outputs:
    before = lagged(bars.close, 1)
    top = rolled(period, np.max, np.maximum(bars.high, before))
    bottom = rolled(period, np.min, np.minimum(bars.low, before))
    walked = rolled(period, np.sum, true_range(bars))
    return [100 * np.log10(over(walked, top - bottom, period)) / log10(period)]


def connors_rsi(bars: Bars, rsi_period: int, streak_period: int, rank_period: int) -> Outputs:
    streaks = np.zeros(len(bars))
    for row in range(1, len(bars)):
        sign = np.sign(bars.close[row] - bars.close[row - 1])
        streaks[row] = sign + streaks[row - 1] if sign * streaks[row - 1] > 0 else sign
    before = lagged(bars.close, 1)
    # Not close / before - 1, which breaks ties of equal changes another way.
    change = (bars.close - before) / before
    rank = rolled(rank_period + 1, lambda x: 100 * np.mean(x[:-1] < x[-1]), change)
    return [(rsi(bars.close, rsi_period) + rsi(streaks, streak_period) + rank) / 3]


def cr(bars: Bars, period: int) -> Outputs:
    before = lagged(middle_of(bars), 1)
    up = rolled(period, np.sum, np.maximum(bars.high - before, 0))
    down = rolled(period, np.sum, np.maximum(before - bars.low, 0))
    return [100 * over(up, down, 1.0)]


def dma(bars: Bars, fast: int, slow: int, signal: int) -> Outputs:
    gap = sma(bars.close, fast) - sma(bars.close, slow)
    return [gap, sma(gap, signal)]


def fisher(bars: Bars, period: int) -> Outputs:
    middle, out = middle_of(bars), np.full(len(bars), np.nan)
    place = value = 0.0
    for row in range(period - 1, len(bars)):
        window = middle[row - period + 1 : row + 1]
        span = window.max() - window.min()
        share = (middle[row] - window.min()) / span if span else 0.5
        place = 0.33 * 2 * (share - 0.5) + 0.67 * place
        place = float(np.sign(place)) * 0.999 if abs(place) > 0.99 else place
        value = 0.5 * log((1 + place) / (1 - place)) + 0.5 * value
        out[row] = value
    return [out, lagged(out, 1)]


def gator(bars: Bars, **lengths: int) -> Outputs:
    jaw, teeth, lips = alligator(bars, **lengths)
    return [abs(jaw - teeth), -abs(teeth - lips)]


def kst(bars: Bars, signal: int, **lengths: int) -> Outputs:
    value = np.zeros(len(bars))
    for rank in (1, 2, 3, 4):
        change = 100 * (bars.close / lagged(bars.close, lengths[f"change_{rank}"]) - 1)
        value = value + rank * sma(change, lengths[f"average_{rank}"])
    return [value, sma(value, signal)]


def laguerre_rsi(bars: Bars, gamma: float) -> Outputs:
    stages = np.array(laguerre_stages(bars.close, gamma))
    # Where prices stand still, the stages come to rest some last bits apart.
    falls = -np.diff(stages, axis=0)
    falls[abs(falls) <= 1e-12 * bars.close] = 0
    up, down = np.maximum(falls, 0).sum(axis=0), np.maximum(-falls, 0).sum(axis=0)
    return [100 * over(up, up + down, 0.5)]


def pgo(bars: Bars, period: int) -> Outputs:
    return [over(bars.close - sma(bars.close, period), ema(true_range(bars), period), 0.0)]


def pmo(bars: Bars, first: int, second: int, signal: int) -> Outputs:
    change = 100 * (bars.close / lagged(bars.close, 1) - 1)
    value = smoothed(10 * smoothed(change, first, 2 / first), second, 2 / second)
    return [value, ema(value, signal)]


def psy(bars: Bars, period: int, signal: int) -> Outputs:
    before = lagged(bars.close, 1)
    rises = np.where(np.isnan(before), np.nan, 100.0 * (bars.close > before))
    value = sma(rises, period)
    return [value, sma(value, signal)]


def qqe(bars: Bars, period: int, smoothing: int, factor: float) -> Outputs:
    index = ema(rsi(bars.close, period), smoothing)
    before = lagged(index, 1)
    width = factor * ema(ema(abs(index - before), 2 * period - 1), 2 * period - 1)
    value, stop = np.full((2, len(bars)), np.nan)
    lower, upper, is_up = -np.inf, np.inf, True
    rows = np.flatnonzero(~np.isnan(width))
    for row in rows:
        now, last = index[row], before[row]
        if now > upper:
            is_up = True
        elif now < lower:
            is_up = False
        first = row == rows[0]
        climbs, falls = min(last, now) > lower, max(last, now) < upper
        lower = max(lower, now - width[row]) if climbs and not first else now - width[row]
        upper = min(upper, now + width[row]) if falls and not first else now + width[row]
        value[row], stop[row] = now, lower if is_up else upper
    return [value, stop]


def _symmetric(values: FloatArray) -> FloatArray:
    return rolled(4, lambda x: x @ np.array([1, 2, 2, 1]) / 6, values)


def rvgi(bars: Bars, period: int) -> Outputs:
    move = rolled(period, np.sum, _symmetric(bars.close - bars.open))
    span = rolled(period, np.sum, _symmetric(bars.high - bars.low))
    value = over(move, span, 0.0)
    return [value, _symmetric(value)]


def squeeze(bars: Bars, period: int, deviations: float, ranges: float) -> Outputs:
    top, bottom = rolled(period, np.max, bars.high), rolled(period, np.min, bars.low)
    gap = bars.close - ((top + bottom) / 2 + sma(bars.close, period)) / 2
    time = np.arange(period)
    momentum = rolled(period, lambda x: float(np.polyval(np.polyfit(time, x, 1), period - 1)), gap)
    inside = deviations * rolled(period, np.std, bars.close)
    outside = ranges * sma(true_range(bars), period)
    on = np.where(np.isnan(momentum), np.nan, (inside < outside) * 1.0)
    return [momentum, on]


def _cycle(values: FloatArray, cycle: int, factor: float, levels: FloatArray) -> FloatArray:
    out, place, smooth = np.full(len(values), np.nan), 50.0, None
    top, bottom = rolled(cycle, np.max, values), rolled(cycle, np.min, values)
    for row in np.flatnonzero(~np.isnan(top)):
        if top[row] - bottom[row] > 1e-12 * levels[row]:
            place = 100 * (values[row] - bottom[row]) / (top[row] - bottom[row])
        smooth = place if smooth is None else smooth + factor * (place - smooth)
        out[row] = smooth
    return out


def stc(bars: Bars, cycle: int, fast: int, slow: int, factor: float) -> Outputs:
    gap = ema(bars.close, fast) - ema(bars.close, slow)
    once = _cycle(gap, cycle, factor, bars.close)
    return [_cycle(once, cycle, factor, np.full(len(bars), 100.0))]


def td_setup(bars: Bars, lookback: int) -> Outputs:
    sign = np.sign(bars.close - lagged(bars.close, lookback))
    out = sign.copy()
    for row in range(lookback + 1, len(bars)):
        if sign[row] and sign[row] == sign[row - 1]:
            out[row] = out[row - 1] + sign[row]
    return [out]


def wavetrend(bars: Bars, channel: int, average: int, signal: int) -> Outputs:
    gap = typical(bars) - ema(typical(bars), channel)
    value = ema(over(gap, 0.015 * ema(abs(gap), channel), 0.0), average)
    return [value, sma(value, signal)]


MOMENTUM: dict[str, Callable[..., Outputs]] = {
    function.__name__.upper(): function
    for function in (
        *(arbr, bias, center_of_gravity, chop, connors_rsi, cr, dma, fisher, gator, kst),
        *(laguerre_rsi, pgo, pmo, psy, qqe, rvgi, squeeze, stc, td_setup, wavetrend),
    )
}
