"""The compiled indicators drawn over the price, once more from their definitions.

A reference takes bars and the parameters by name and gives one array for each output.
"""

from collections.abc import Callable, Sequence
from math import cos, exp, log2, pi, sqrt

import numpy as np

from quantloom.kit import FloatArray
from quantloom.market import Bars
from tests.library.indicators.plain import (
    atr,
    lagged,
    middle_of,
    over,
    rma,
    rolled,
    sma,
    typical,
)

Outputs = Sequence[FloatArray]


def alligator(bars: Bars, **lengths: int) -> Outputs:
    middle = middle_of(bars)
    return [
        lagged(rma(middle, lengths[line]), lengths[f"{line}_shift"])
        for line in ("jaw", "teeth", "lips")
    ]


def alma(bars: Bars, period: int, offset: float, sigma: float) -> Outputs:
    centre, width = offset * (period - 1), period / sigma
    weights = np.array([exp(-((i - centre) ** 2) / (2 * width * width)) for i in range(period)])
    return [rolled(period, lambda closes: closes @ weights / weights.sum(), bars.close)]


def atr_bands(bars: Bars, period: int, ranges: float) -> Outputs:
    width = ranges * atr(bars, period)
    return [bars.close + width, bars.close - width]


def atr_stop(bars: Bars, period: int, ranges: float) -> Outputs:
    width = ranges * atr(bars, period)
    stop, trend = np.full((2, len(bars)), np.nan)
    for row in range(period, len(bars)):
        close, before = bars.close[row], bars.close[row - 1]
        above, below = close + width[row], close - width[row]
        if row == period:
            upper, lower, is_long = above, below, close >= before
        upper = above if before > upper else min(upper, above)
        lower = below if before < lower else max(lower, below)
        is_long = close > (lower if is_long else upper)
        stop[row], trend[row] = (lower, 1) if is_long else (upper, -1)
    return [stop, trend]


def chandelier(bars: Bars, period: int, ranges: float) -> Outputs:
    width = ranges * atr(bars, period)
    high, low = rolled(period, np.max, bars.high), rolled(period, np.min, bars.low)
    return [high - width, low + width]


def envelope(bars: Bars, period: int, percent: float) -> Outputs:
    middle = sma(bars.close, period)
    return [middle * (1 + percent / 100), middle, middle * (1 - percent / 100)]


def evwma(bars: Bars, period: int) -> Outputs:
    out = np.full(len(bars), np.nan)
    out[period - 1 : period] = bars.close[period - 1 : period]
    for row in range(period, len(bars)):
        volume, total = bars.volume[row], bars.volume[row - period + 1 : row + 1].sum()
        moved = (total - volume) * out[row - 1] + volume * bars.close[row]
        out[row] = moved / total if total else out[row - 1]
    return [out]


def frama(bars: Bars, half_period: int) -> Outputs:
    out, weight, middle = np.full(len(bars), np.nan), 1.0, middle_of(bars)
    for row in range(2 * half_period - 1, len(bars)):
        newer = slice(row - half_period + 1, row + 1)
        older = slice(row - 2 * half_period + 1, row - half_period + 1)
        whole = slice(row - 2 * half_period + 1, row + 1)
        first, second, both = (
            bars.high[span].max() - bars.low[span].min() for span in (newer, older, whole)
        )
        if first + second > 0 and both > 0:
            per_half, per_whole = (first + second) / half_period, both / (2 * half_period)
            dimension = log2(per_half) - log2(per_whole)
            weight = float(np.clip(exp(-4.6 * (dimension - 1)), 0.01, 1))
        before = middle[row] if row == 2 * half_period - 1 else out[row - 1]
        out[row] = weight * middle[row] + (1 - weight) * before
    return [out]


def _range_middle(bars: Bars, period: int) -> FloatArray:
    return (rolled(period, np.max, bars.high) + rolled(period, np.min, bars.low)) / 2


def ichimoku(bars: Bars, conversion: int, base: int, span: int, shift: int) -> Outputs:
    fast, slow = _range_middle(bars, conversion), _range_middle(bars, base)
    spans = lagged((fast + slow) / 2, shift), lagged(_range_middle(bars, span), shift)
    return [fast, slow, *spans]


def laguerre_stages(close: FloatArray, gamma: float) -> list[FloatArray]:
    stages, values = [], close
    for stage in range(4):
        out = values.copy()
        for row in range(1, len(close)):
            entering = (1 - gamma) * close[row]
            if stage:
                entering = values[row - 1] - gamma * values[row]
            out[row] = entering + gamma * out[row - 1]
        stages.append(out)
        values = out
    return stages


def laguerre(bars: Bars, gamma: float) -> Outputs:
    return [np.array([1, 2, 2, 1]) @ laguerre_stages(bars.close, gamma) / 6]


def mcginley(bars: Bars, period: int, factor: float) -> Outputs:
    out = np.full(len(bars), np.nan)
    value = bars.close[0]
    for row in range(1, len(bars)):
        close = bars.close[row]
        value += (close - value) / max(1, factor * period * (close / value) ** 4)
        out[row] = value
    return [out]


def pivots(bars: Bars, period: int, offset: int) -> Outputs:
    rows: list[list[float]] = []
    for row in range(len(bars)):
        stop = row - offset
        if stop < period:
            rows.append([np.nan] * 7)
            continue
        high, low = bars.high[stop - period : stop].max(), bars.low[stop - period : stop].min()
        pivot = (high + low + bars.close[stop - 1]) / 3
        first = 2 * pivot - low, 2 * pivot - high
        second = pivot + high - low, pivot - high + low
        rows.append([pivot, *first, *second, high + 2 * (pivot - low), low - 2 * (high - pivot)])
    return list(np.array(rows).T)


def price_channel(bars: Bars, period: int) -> Outputs:
    upper = lagged(rolled(period, np.max, bars.high), 1)
    lower = lagged(rolled(period, np.min, bars.low), 1)
    return [upper, (upper + lower) / 2, lower]


def starc(bars: Bars, period: int, atr_period: int, ranges: float) -> Outputs:
    middle, width = sma(bars.close, period), ranges * atr(bars, atr_period)
    return [middle + width, middle, middle - width]


def super_smoother(bars: Bars, period: int) -> Outputs:
    decay = exp(-sqrt(2) * pi / period)
    first, second = 2 * decay * cos(sqrt(2) * pi / period), -decay * decay
    close = np.concatenate([bars.close[:1], bars.close])
    out = np.full(len(close), close[0])
    for row in range(2, len(close)):
        fresh = (1 - first - second) * (close[row] + close[row - 1]) / 2
        out[row] = fresh + first * out[row - 1] + second * out[row - 2]
    out[1] = np.nan
    return [out[1:]]


def vidya(bars: Bars, period: int) -> Outputs:
    change = bars.close - lagged(bars.close, 1)
    moved, walked = rolled(period, np.sum, change), rolled(period, np.sum, abs(change))
    pace = abs(over(moved, walked, 0.0)) * 2 / (period + 1)
    out = np.full(len(bars), np.nan)
    out[period : period + 1] = bars.close[period : period + 1]
    for row in range(period + 1, len(bars)):
        out[row] = pace[row] * bars.close[row] + (1 - pace[row]) * out[row - 1]
    return [out]


def _by_volume(prices: FloatArray, volume: FloatArray) -> tuple[float, float]:
    if volume.sum() == 0:
        return prices[-1], 0.0
    mean = np.average(prices, weights=volume)
    return mean, sqrt(np.average((prices - mean) ** 2, weights=volume))


def vwap(bars: Bars, period: int) -> Outputs:
    return [rolled(period, lambda *pair: _by_volume(*pair)[0], typical(bars), bars.volume)]


def vwap_bands(bars: Bars, period: int, deviations: float) -> Outputs:
    columns = typical(bars), bars.volume
    middle, width = (
        rolled(period, lambda *pair, part=part: _by_volume(*pair)[part], *columns)
        for part in (0, 1)
    )
    return [middle + deviations * width, middle, middle - deviations * width]


def vwma(bars: Bars, period: int) -> Outputs:
    return [rolled(period, lambda *pair: _by_volume(*pair)[0], bars.close, bars.volume)]


OVERLAP: dict[str, Callable[..., Outputs]] = {
    function.__name__.upper(): function
    for function in (
        *(alligator, alma, atr_bands, atr_stop, chandelier, envelope, evwma, frama, ichimoku),
        *(laguerre, mcginley, pivots, price_channel, starc, super_smoother, vidya, vwap),
        *(vwap_bands, vwma),
    )
}
