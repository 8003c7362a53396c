"""The compiled volume, volatility and statistics once more, as `references_overlap` has them."""

from collections.abc import Callable
from math import log, sqrt

import numpy as np
import pandas as pd

from quantloom.kit import FloatArray
from quantloom.market import Bars
from tests.library.indicators.plain import ema, lagged, middle_of, over, rolled, sma
from tests.library.indicators.references_overlap import Outputs


def amihud(bars: Bars, period: int) -> Outputs:
    change = abs(bars.close / lagged(bars.close, 1) - 1)
    return [sma(over(1e6 * change, bars.close * bars.volume, 0.0), period)]


def eom(bars: Bars, period: int, divisor: float) -> Outputs:
    moved = middle_of(bars) - lagged(middle_of(bars), 1)
    return [sma(over(moved * (bars.high - bars.low), bars.volume / divisor, 0.0), period)]


def kvo(bars: Bars, fast: int, slow: int, signal: int) -> Outputs:
    price, span = bars.high + bars.low + bars.close, bars.high - bars.low
    force = np.full(len(bars), np.nan)
    way, last_trend = 0.0, 0
    for row in range(1, len(bars)):
        trend = 1 if price[row] > price[row - 1] else -1
        if row > 1:
            way = span[row] + (way if trend == last_trend else span[row - 1])
            size = abs(2 * (span[row] / way - 1)) if way else 0.0
            force[row] = bars.volume[row] * size * trend * 100
        last_trend = trend
    value = ema(force, fast) - ema(force, slow)
    return [value, ema(value, signal)]


def rvol(bars: Bars, period: int) -> Outputs:
    return [over(bars.volume, lagged(sma(bars.volume, period), 1), 0.0)]


def vr(bars: Bars, period: int) -> Outputs:
    change = bars.close - lagged(bars.close, 1)
    weight = np.where(np.isnan(change), np.nan, 1.0) * bars.volume
    up, down, rest = (
        rolled(period, np.sum, weight * (np.sign(change) == sign)) for sign in (1, -1, 0)
    )
    return [100 * over(2 * up + rest, 2 * down + rest, 1.0)]


def vroc(bars: Bars, period: int) -> Outputs:
    before = lagged(bars.volume, period)
    return [100 * over(bars.volume - before, before, 0.0)]


def wvad(bars: Bars, period: int) -> Outputs:
    share = over(bars.close - bars.open, bars.high - bars.low, 0.0)
    return [rolled(period, np.sum, share * bars.volume)]


def _deviation(bars: Bars, period: int, deviations: float) -> tuple[FloatArray, FloatArray]:
    # An exact 0 for a flat window, where NumPy's own may leave a last bit.
    flat = rolled(period, np.ptp, bars.close) == 0
    width = deviations * np.where(flat, 0.0, rolled(period, np.std, bars.close))
    return sma(bars.close, period), width


def bandwidth(bars: Bars, period: int, deviations: float) -> Outputs:
    middle, width = _deviation(bars, period, deviations)
    return [2 * width / middle]


def percent_b(bars: Bars, period: int, deviations: float) -> Outputs:
    middle, width = _deviation(bars, period, deviations)
    return [over(bars.close - middle + width, 2 * width, 0.5)]


def zscore(bars: Bars, period: int) -> Outputs:
    middle, width = _deviation(bars, period, 1.0)
    return [over(bars.close - middle, width, 0.0)]


def drawdown(bars: Bars, period: int) -> Outputs:
    return [1 - bars.close / rolled(period, np.max, bars.close)]


def ulcer(bars: Bars, period: int) -> Outputs:
    fall = 100 * (1 - bars.close / rolled(period, np.max, bars.close))
    return [np.sqrt(sma(fall**2, period))]


def _log_returns(bars: Bars) -> FloatArray:
    return np.log(bars.close) - np.log(lagged(bars.close, 1))


def ewma_volatility(bars: Bars, decay: float, bars_per_year: float) -> Outputs:
    squares = pd.Series(_log_returns(bars) ** 2)
    return [np.sqrt(bars_per_year * squares.ewm(alpha=1 - decay, adjust=False).mean().to_numpy())]


def historical_volatility(bars: Bars, period: int, bars_per_year: float) -> Outputs:
    returns = _log_returns(bars)
    return [rolled(period, lambda x: x.std(ddof=1) * sqrt(bars_per_year), returns)]


def parkinson(bars: Bars, period: int, bars_per_year: float) -> Outputs:
    squares = np.log(bars.high / bars.low) ** 2
    return [np.sqrt(bars_per_year * sma(squares, period) / (4 * log(2)))]


def garman_klass(bars: Bars, period: int, bars_per_year: float) -> Outputs:
    span, move = np.log(bars.high / bars.low), np.log(bars.close / bars.open)
    terms = span**2 / 2 - (2 * log(2) - 1) * move**2
    return [np.sqrt(bars_per_year * sma(terms, period))]


def _rogers_satchell_terms(bars: Bars) -> FloatArray:
    up, down = np.log(bars.high / bars.open), np.log(bars.low / bars.open)
    move = np.log(bars.close / bars.open)
    terms: FloatArray = np.maximum(up * (up - move) + down * (down - move), 0)
    return terms


def rogers_satchell(bars: Bars, period: int, bars_per_year: float) -> Outputs:
    return [np.sqrt(bars_per_year * sma(_rogers_satchell_terms(bars), period))]


def yang_zhang(bars: Bars, period: int, bars_per_year: float) -> Outputs:
    share = 0.34 / (1.34 + (period + 1) / (period - 1))
    overnight = rolled(period, lambda x: x.var(ddof=1), np.log(bars.open / lagged(bars.close, 1)))
    open_to_close = rolled(period, lambda x: x.var(ddof=1), np.log(bars.close / bars.open))
    inside = sma(_rogers_satchell_terms(bars), period)
    variance = overnight + share * open_to_close + (1 - share) * inside
    return [np.sqrt(bars_per_year * variance)]


def autocorrelation(bars: Bars, period: int, lag: int) -> Outputs:
    def measure(now: FloatArray, before: FloatArray) -> float:
        if np.ptp(now) == 0 or np.ptp(before) == 0:
            return 0.0
        return float(np.corrcoef(now, before)[0, 1])

    returns = np.log(bars.close / lagged(bars.close, 1))
    return [rolled(period, measure, returns, lagged(returns, lag))]


def _shape(closes: FloatArray, measure: str) -> float:
    return float(getattr(pd.Series(closes), measure)()) if np.ptp(closes) else 0.0


def kurtosis(bars: Bars, period: int) -> Outputs:
    return [rolled(period, lambda x: _shape(x, "kurt"), bars.close)]


def skew(bars: Bars, period: int) -> Outputs:
    return [rolled(period, lambda x: _shape(x, "skew"), bars.close)]


def log_return(bars: Bars, period: int) -> Outputs:
    return [np.log(bars.close / lagged(bars.close, period))]


def r_squared(bars: Bars, period: int) -> Outputs:
    time = np.arange(period)
    return [
        rolled(period, lambda x: np.corrcoef(time, x)[0, 1] ** 2 if np.ptp(x) else 0.0, bars.close)
    ]


def _returns(bars: Bars) -> FloatArray:
    return bars.close / lagged(bars.close, 1) - 1


def sharpe(bars: Bars, period: int, bars_per_year: float) -> Outputs:
    def measure(returns: FloatArray) -> float:
        return 0.0 if np.ptp(returns) == 0 else returns.mean() / returns.std(ddof=1)

    return [sqrt(bars_per_year) * rolled(period, measure, _returns(bars))]


def sortino(bars: Bars, period: int, bars_per_year: float) -> Outputs:
    mean = sma(_returns(bars), period)
    fall = np.sqrt(sma(np.minimum(_returns(bars), 0) ** 2, period))
    return [sqrt(bars_per_year) * over(mean, fall, 0.0)]


STATISTIC: dict[str, Callable[..., Outputs]] = {
    function.__name__.upper(): function
    for function in (
        *(amihud, eom, kvo, rvol, vr, vroc, wvad, bandwidth, percent_b, zscore, drawdown, ulcer),
        *(ewma_volatility, historical_volatility, parkinson, garman_klass, rogers_satchell),
        *(yang_zhang, autocorrelation, kurtosis, skew, log_return, r_squared, sharpe, sortino),
    )
}
