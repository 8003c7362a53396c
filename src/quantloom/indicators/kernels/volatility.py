"""How much prices move: from closes, from whole bars, and down from their highs."""

from math import isnan, log, nan, sqrt

import numpy as np

from quantloom.indicators.kernels.running import Columns, Run, State
from quantloom.indicators.kernels.smoothing import delay, delayed, log_ratio, positive, ratio
from quantloom.indicators.kernels.windows import SLOTS, highest, mean, spread, window
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


def drawdown(period: int) -> Run:
    return _drawdown, (window(period),)


@kernel
def _drawdown(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    (closes,) = state
    for row in range(out.shape[1]):
        top = highest(closes, close[row])
        out[0, row] = ratio(top - close[row], top, 0.0)


def ewma_volatility(decay: float, bars_per_year: float) -> Run:
    return _ewma_volatility, (delay(1), decay, bars_per_year, np.array([nan]))


@kernel
def _ewma_volatility(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, decay, bars_per_year, variance = state
    for row in range(out.shape[1]):
        change = log_ratio(close[row], delayed(closes, close[row]))
        if isnan(variance[0]):
            variance[0] = change * change
        elif not isnan(change):
            variance[0] += (1 - decay) * (change * change - variance[0])
        out[0, row] = sqrt(variance[0] * bars_per_year)


def garman_klass(period: int, bars_per_year: float) -> Run:
    return _garman_klass, (window(period), bars_per_year)


@kernel
def _garman_klass(bars: Columns, state: State, out: FloatArray) -> None:
    open_, high, low, close = bars
    terms, bars_per_year = state
    for row in range(out.shape[1]):
        span = log_ratio(high[row], low[row])
        move = log_ratio(close[row], open_[row])
        term = 0.5 * span * span - (2 * log(2.0) - 1) * move * move
        out[0, row] = sqrt(mean(terms, positive(term)) * bars_per_year)


def historical_volatility(period: int, bars_per_year: float) -> Run:
    return _historical_volatility, (delay(1), window(period, 2), bars_per_year)


@kernel
def _historical_volatility(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, changes, bars_per_year = state
    period = len(changes) - SLOTS
    for row in range(out.shape[1]):
        change = log_ratio(close[row], delayed(closes, close[row]))
        out[0, row] = sqrt(spread(changes, change)[1] / (period - 1) * bars_per_year)


def parkinson(period: int, bars_per_year: float) -> Run:
    return _parkinson, (window(period), bars_per_year)


@kernel
def _parkinson(bars: Columns, state: State, out: FloatArray) -> None:
    high, low = bars
    terms, bars_per_year = state
    for row in range(out.shape[1]):
        span = log_ratio(high[row], low[row])
        out[0, row] = sqrt(mean(terms, span * span) / (4 * log(2.0)) * bars_per_year)


@kernel
def _rogers_satchell_term(open_: float, high: float, low: float, close: float) -> float:
    up = log_ratio(high, close) * log_ratio(high, open_)
    return positive(up + log_ratio(low, close) * log_ratio(low, open_))


def rogers_satchell(period: int, bars_per_year: float) -> Run:
    return _rogers_satchell, (window(period), bars_per_year)


@kernel
def _rogers_satchell(bars: Columns, state: State, out: FloatArray) -> None:
    open_, high, low, close = bars
    terms, bars_per_year = state
    for row in range(out.shape[1]):
        term = _rogers_satchell_term(open_[row], high[row], low[row], close[row])
        out[0, row] = sqrt(mean(terms, term) * bars_per_year)


def ulcer(period: int) -> Run:
    return _ulcer, (window(period), window(period))


@kernel
def _ulcer(bars: Columns, state: State, out: FloatArray) -> None:
    (close,) = bars
    closes, squares = state
    for row in range(out.shape[1]):
        top = highest(closes, close[row])
        fall = 100 * ratio(top - close[row], top, 0.0)
        out[0, row] = sqrt(mean(squares, fall * fall))


def yang_zhang(period: int, bars_per_year: float) -> Run:
    windows = window(period, 2), window(period, 2), window(period)
    return _yang_zhang, (*windows, delay(1), bars_per_year)


@kernel
def _yang_zhang(bars: Columns, state: State, out: FloatArray) -> None:
    open_, high, low, close = bars
    gaps, moves, terms, closes, bars_per_year = state
    period = len(terms) - SLOTS
    share = 0.34 / (1.34 + (period + 1) / (period - 1))
    for row in range(out.shape[1]):
        gap = log_ratio(open_[row], delayed(closes, close[row]))
        overnight = spread(gaps, gap)[1] / (period - 1)
        move = spread(moves, log_ratio(close[row], open_[row]))[1] / (period - 1)
        term = _rogers_satchell_term(open_[row], high[row], low[row], close[row])
        variance = overnight + share * move + (1 - share) * mean(terms, term)
        out[0, row] = sqrt(variance * bars_per_year)
