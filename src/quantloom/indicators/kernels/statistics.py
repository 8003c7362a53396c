"""Statistics of prices and returns over a window."""

from math import isnan, nan, sqrt

import numpy as np

from quantloom.indicators.kernels.moments import correlation, powers
from quantloom.indicators.kernels.running import Columns, Run, State
from quantloom.indicators.kernels.smoothing import delay, delayed, log_ratio, ratio
from quantloom.indicators.kernels.windows import SLOTS, mean, spread, window
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


def autocorrelation(period: int, lag: int) -> Run:
    return _autocorrelation, (delay(1), delay(lag), window(period, 5))


@kernel
def _autocorrelation(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, changes, pairs = state
    for row in range(out.shape[1]):
        change = log_ratio(close[row], delayed(closes, close[row]))
        out[0, row] = correlation(pairs, change, delayed(changes, change))


def kurtosis(period: int) -> Run:
    return _kurtosis, (window(period, 4),)


@kernel
def _kurtosis(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    (closes,) = state
    n = float(len(closes) - SLOTS)
    scale = (n - 1) * n * (n + 1) / ((n - 2) * (n - 3))
    # The share of a normal distribution; a flat window is given the same and comes to 0.
    normal = 3 * (n - 1) / (n * (n + 1))
    for row in range(out.shape[1]):
        squares, _, fourths = powers(closes, close[row])
        out[0, row] = scale * (ratio(fourths, squares * squares, normal) - normal)


def log_return(period: int) -> Run:
    return _log_return, (delay(period),)


@kernel
def _log_return(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    (closes,) = state
    for row in range(out.shape[1]):
        out[0, row] = log_ratio(close[row], delayed(closes, close[row]))


def r_squared(period: int) -> Run:
    return _r_squared, (window(period, 5), np.zeros(1))


@kernel
def _r_squared(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    pairs, clock = state
    for row in range(out.shape[1]):
        clock[0] += 1
        fit = correlation(pairs, clock[0], close[row])
        out[0, row] = fit * fit


def sharpe(period: int, bars_per_year: float) -> Run:
    return _sharpe, (delay(1), window(period, 2), bars_per_year)


@kernel
def _sharpe(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, returns, bars_per_year = state
    period = len(returns) - SLOTS
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        average, squares = spread(returns, ratio(close[row] - before, before, 0.0))
        deviation = sqrt(squares / (period - 1))
        out[0, row] = sqrt(bars_per_year) * ratio(average, deviation, 0.0)


def skew(period: int) -> Run:
    return _skew, (window(period, 4),)


@kernel
def _skew(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    (closes,) = state
    n = float(len(closes) - SLOTS)
    scale = n * sqrt(n - 1) / (n - 2)
    for row in range(out.shape[1]):
        squares, cubes, _ = powers(closes, close[row])
        out[0, row] = scale * ratio(cubes, squares * sqrt(squares), 0.0)


def sortino(period: int, bars_per_year: float) -> Run:
    return _sortino, (delay(1), window(period), window(period), bars_per_year)


@kernel
def _sortino(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, returns, falls, bars_per_year = state
    for row in range(out.shape[1]):
        before = delayed(closes, close[row])
        change = ratio(close[row] - before, before, 0.0)
        average = mean(returns, change)
        fall = nan if isnan(change) else min(change, 0.0)
        deviation = sqrt(mean(falls, fall * fall))
        out[0, row] = sqrt(bars_per_year) * ratio(average, deviation, 0.0)


def zscore(period: int) -> Run:
    return _zscore, (window(period, 2),)


@kernel
def _zscore(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    (closes,) = state
    period = len(closes) - SLOTS
    for row in range(out.shape[1]):
        average, squares = spread(closes, close[row])
        out[0, row] = ratio(close[row] - average, sqrt(squares / period), 0.0)
