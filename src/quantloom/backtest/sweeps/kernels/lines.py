"""Indicators a block of bars at a time, in the very arithmetic of `quantloom.indicators`.

A line that is off by a rounding meets a tie otherwise, and trades otherwise. So every step here is
the one that TA-Lib takes over the whole column, in its order; only what it remembers is kept from
block to block.
"""

from math import nan, sqrt

from quantloom.backtest.sweeps.kernels.fused import fused
from quantloom.backtest.sweeps.kernels.tables import Bars, Lines
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel

AVERAGE, DEVIATION, RSI, MACD, TREND = range(5)
"""Kinds of lines: SMA, the deviation inside BBANDS, RSI, MACD (two rows), trend of SUPERTREND."""

STATE = 10
"""Numbers that a line remembers from block to block."""

# When TA-Lib measures a variance from a new mean: after so many windows, where the squares cancel,
# and where a price that leaves was most of them. What is less than the last share is none.
_RENEWED, _WORN, _OUTLIER, _NOTHING = 32, 1e-6, 1e6, 1e-12


@kernel
def draw(bars: Bars, lines: Lines, start: int, stop: int) -> None:
    """Compute every line over rows start to stop; place 0 of a row is that of the bar before."""
    for line in range(len(lines.kinds)):
        kind, row = lines.kinds[line], lines.rows[line]
        periods, kept = lines.periods[line], lines.kept[line]
        out = lines.values[row]
        out[0] = out[lines.last[0]]
        if kind == AVERAGE:
            _average(bars.close, start, stop, periods, kept, out)
        elif kind == DEVIATION:
            _deviation(bars.close, start, stop, periods, kept, out)
        elif kind == RSI:
            _rsi(bars.close, start, stop, periods, kept, out)
        elif kind == MACD:
            signal = lines.values[row + 1]
            signal[0] = signal[lines.last[0]]
            _macd(bars.close, start, stop, periods, kept, out, signal)
        else:
            _trend(bars, start, stop, periods, kept, out)
    lines.last[0] = stop - start


@kernel
def _average(
    close: FloatArray, start: int, stop: int, periods: FloatArray, kept: FloatArray, out: FloatArray
) -> None:
    length, period, total = int(periods[0]), periods[0], kept[0]
    first = min(max(length - 1, start), stop)
    for row in range(start, first):
        total += close[row]
        out[row - start + 1] = nan
    for row in range(first, stop):
        total += close[row]
        out[row - start + 1] = total / period
        total -= close[row - length + 1]
    kept[0] = total


@kernel
def _deviation(
    close: FloatArray, start: int, stop: int, periods: FloatArray, kept: FloatArray, out: FloatArray
) -> None:
    length, share = int(periods[0]), 1.0 / periods[0]
    anchor, total, squares, left = kept[0], kept[1], kept[2], kept[3]
    if start == 0:
        anchor, left = close[0], _RENEWED * length
    first = min(max(length - 1, start), stop)
    for row in range(start, first):
        gap = close[row] - anchor
        total += gap
        squares += gap * gap
        out[row - start + 1] = nan
    for row in range(first, stop):
        gap = close[row] - anchor
        total += gap
        squares += gap * gap
        mean = total * share
        variance = squares * share - mean * mean
        old = close[row - length + 1] - anchor
        squares -= old * old
        left -= 1
        is_worn = squares * share * _WORN > variance or old * old > squares * _OUTLIER
        if is_worn or left == 0:
            anchor, total, squares = _anew(close, row - length + 1, row + 1)
            mean = total * share
            variance = squares * share - mean * mean
            if variance < squares * share * _NOTHING:
                variance = 0.0
            old = close[row - length + 1] - anchor
            squares -= old * old
            left = _RENEWED * length
        total -= old
        out[row - start + 1] = sqrt(variance)
    kept[0], kept[1], kept[2], kept[3] = anchor, total, squares, left


@kernel
def _anew(close: FloatArray, first: int, stop: int) -> tuple[float, float, float]:
    """The mean of a window, and the sums of what is left of its prices and of its squares."""
    share, anchor, total, squares = 1.0 / (stop - first), 0.0, 0.0, 0.0
    for row in range(first, stop):
        anchor += close[row]
    anchor *= share
    for row in range(first, stop):
        gap = close[row] - anchor
        total += gap
        squares += gap * gap
    return anchor, total, squares


@kernel
def _rsi(
    close: FloatArray, start: int, stop: int, periods: FloatArray, kept: FloatArray, out: FloatArray
) -> None:
    length, period = int(periods[0]), periods[0]
    share, gain, loss = 1.0 / period, kept[0], kept[1]
    for row in range(start, stop):
        change = close[row] - close[row - 1] if row else 0.0
        if row > length:
            loss *= period - 1.0
            gain *= period - 1.0
        if change < 0:
            loss -= change
        else:
            gain += change
        if row >= length:
            loss *= share
            gain *= share
        both = gain + loss
        is_known = row >= length
        value = 100.0 * (gain / both) if both > 0 else 0.0
        out[row - start + 1] = value if is_known else nan
    kept[0], kept[1] = gain, loss


@kernel
def _macd(
    close: FloatArray,
    start: int,
    stop: int,
    periods: FloatArray,
    kept: FloatArray,
    out: FloatArray,
    signal: FloatArray,
) -> None:
    fast, slow, length = int(periods[0]), int(periods[1]), int(periods[2])
    fast_share, slow_share, share = 2.0 / (fast + 1), 2.0 / (slow + 1), 2.0 / (length + 1)
    quick, calm, average = kept[0], kept[1], kept[2]
    first = slow - 1 + length - 1
    for row in range(start, stop):
        price = close[row]
        # Each begins with a plain mean, the fast one of the last bars before the slow one begins.
        if row < slow:
            calm += price
            quick += price if row >= slow - fast else 0.0
            if row == slow - 1:
                calm /= slow
                quick /= fast
        else:
            calm = fused(price - calm, slow_share, calm)
            quick = fused(price - quick, fast_share, quick)
        gap = quick - calm
        if row >= slow - 1:
            if row <= first:
                average += gap
                if row == first:
                    average /= length
            else:
                average = fused(gap - average, share, average)
        is_known = row >= first
        out[row - start + 1] = gap if is_known else nan
        signal[row - start + 1] = average if is_known else nan
    kept[0], kept[1], kept[2] = quick, calm, average


@kernel
def _trend(
    bars: Bars, start: int, stop: int, periods: FloatArray, kept: FloatArray, out: FloatArray
) -> None:
    length, period, ranges = int(periods[0]), periods[0], periods[1]
    average, upper, lower, trend = kept[0], kept[1], kept[2], kept[3]
    high, low, close = bars.high, bars.low, bars.close
    for row in range(start, stop):
        out[row - start + 1] = nan
        if row == 0:
            continue
        before = close[row - 1]
        reach = max(high[row] - low[row], abs(high[row] - before), abs(low[row] - before))
        if row <= length:
            average += reach
            if row < length:
                continue
            average /= period
        else:
            average *= period - 1.0
            average += reach
            average /= period
        middle = (high[row] + low[row]) / 2.0
        top, bottom = middle + ranges * average, middle - ranges * average
        if row == length:
            upper, lower = top, bottom
            trend = 1.0
        else:
            upper = top if top < upper or before > upper else upper
            lower = bottom if bottom > lower or before < lower else lower
            if trend > 0:
                trend = -1.0 if close[row] < lower else 1.0
            else:
                trend = 1.0 if close[row] > upper else -1.0
        out[row - start + 1] = trend
    kept[0], kept[1], kept[2], kept[3] = average, upper, lower, trend
