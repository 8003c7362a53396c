"""What every indicator must come to, computed plainly from its definition.

Averages that never forget are started afresh some thousand bars before the last: what came before
has faded out of them by then.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from math import sqrt

from benchmarks.systems.job import Columns, Tails

LEAD = 3_000
"""Bars from which the last values are computed."""

Values = list[float]


def sma(values: Sequence[float], period: int) -> Values:
    return [sum(window) / len(window) for window in _windows(values, period)]


def ema(values: Sequence[float], period: int) -> Values:
    return _fading(values, 2 / (period + 1))


def rsi(close: Values, period: int) -> Values:
    steps = [now - before for before, now in pairwise(close)]
    rises = _fading([max(step, 0.0) for step in steps], 1 / period)
    falls = _fading([max(-step, 0.0) for step in steps], 1 / period)
    return [100 * rise / (rise + fall) for rise, fall in zip(rises, falls, strict=True)]


def macd(close: Values, fast: int, slow: int, period: int) -> tuple[Values, Values, Values]:
    line = _less(ema(close, fast), ema(close, slow))
    signal = ema(line, period)
    return line, signal, _less(line, signal)


def bbands(close: Values, period: int, width: float) -> tuple[Values, Values, Values]:
    middle = sma(close, period)
    spread = [
        width * sqrt(sum((value - mean) ** 2 for value in window) / period)
        for window, mean in zip(_windows(close, period), middle, strict=True)
    ]
    return _plus(middle, spread), middle, _less(middle, spread)


def true_range(bars: "Bars") -> Values:
    found = zip(bars.high[1:], bars.low[1:], bars.close, strict=False)
    return [max(high, before) - min(low, before) for high, low, before in found]


def atr(bars: "Bars", period: int) -> Values:
    return _fading(true_range(bars), 1 / period)


def adx(bars: "Bars", period: int) -> Values:
    ups = [now - before for before, now in pairwise(bars.high)]
    downs = [before - now for before, now in pairwise(bars.low)]
    moves = [*zip(ups, downs, strict=True)]
    ranges = atr(bars, period)
    rising = _fading([up if up > max(down, 0.0) else 0.0 for up, down in moves], 1 / period)
    falling = _fading([down if down > max(up, 0.0) else 0.0 for up, down in moves], 1 / period)
    plus = [up / width for up, width in zip(rising, ranges, strict=True)]
    minus = [down / width for down, width in zip(falling, ranges, strict=True)]
    strengths = [
        100 * abs(up - down) / (up + down) if up + down else 0.0
        for up, down in zip(plus, minus, strict=True)
    ]
    return _fading(strengths, 1 / period)


def stoch(bars: "Bars", period: int, smooth_k: int, smooth_d: int) -> tuple[Values, Values]:
    lows = [min(window) for window in _windows(bars.low, period)]
    highs = [max(window) for window in _windows(bars.high, period)]
    raw = [
        100 * (close - low) / (high - low)
        for close, low, high in zip(bars.close, lows, highs, strict=True)
    ]
    k = sma(raw, smooth_k)
    return k, sma(k, smooth_d)


def supertrend(bars: "Bars", period: int, width: float) -> tuple[Values, Values]:
    stops: Values = []
    trends: Values = []
    upper, lower, trend, before = float("inf"), 0.0, 1.0, bars.close[0]
    found = zip(bars.high[1:], bars.low[1:], bars.close[1:], atr(bars, period), strict=True)
    for high, low, close, span in found:
        middle = (high + low) / 2
        # A band moves towards the price alone, until a close has passed it.
        highest, lowest = middle + width * span, middle - width * span
        upper = highest if highest < upper or before > upper else upper
        lower = lowest if lowest > lower or before < lower else lower
        if close > upper or close < lower:
            trend = 1.0 if close > upper else -1.0
        stops.append(lower if trend > 0 else upper)
        trends.append(trend)
        before = close
    return stops, trends


def keltner(
    bars: "Bars", period: int, atr_period: int, width: float
) -> tuple[Values, Values, Values]:
    typical = [
        (high + low + close) / 3
        for high, low, close in zip(bars.high, bars.low, bars.close, strict=True)
    ]
    middle = ema(typical, period)[1:]
    spread = [width * span for span in atr(bars, atr_period)]
    return _plus(middle, spread), middle, _less(middle, spread)


def ichimoku(
    bars: "Bars", conversion: int, base: int, span: int, shift: int
) -> tuple[Values, Values, Values, Values]:
    quick, usual, wide = (_middle(bars, period) for period in (conversion, base, span))
    ahead = [(one + other) / 2 for one, other in zip(quick, usual, strict=True)]
    return quick, usual, ahead[:-shift], wide[:-shift]


def vwma(bars: "Bars", period: int) -> Values:
    money = [close * volume for close, volume in zip(bars.close, bars.volume, strict=True)]
    pairs = zip(_windows(money, period), _windows(bars.volume, period), strict=True)
    return [sum(traded) / sum(volume) for traded, volume in pairs]


class Bars:
    """The last bars as plain lists."""

    def __init__(self, columns: Columns) -> None:
        self.high = columns.high[-LEAD:].tolist()
        self.low = columns.low[-LEAD:].tolist()
        self.close = columns.close[-LEAD:].tolist()
        self.volume = columns.volume[-LEAD:].tolist()


DEFINITIONS: dict[str, Callable[[Bars], Sequence[Values]]] = {
    "SMA": lambda bars: [sma(bars.close, 20)],
    "EMA": lambda bars: [ema(bars.close, 20)],
    "RSI": lambda bars: [rsi(bars.close, 14)],
    "MACD": lambda bars: macd(bars.close, 12, 26, 9),
    "BBANDS": lambda bars: bbands(bars.close, 20, 2.0),
    "ATR": lambda bars: [atr(bars, 14)],
    "ADX": lambda bars: [adx(bars, 14)],
    "STOCH": lambda bars: stoch(bars, 14, 3, 3),
    "SUPERTREND": lambda bars: supertrend(bars, 10, 3.0),
    "KC": lambda bars: keltner(bars, 20, 10, 2.0),
    "ICHIMOKU": lambda bars: ichimoku(bars, 9, 26, 52, 26),
    "VWMA": lambda bars: [vwma(bars, 20)],
}


def define(name: str, columns: Columns) -> Tails:
    """Compute an indicator's last values."""
    return Tails.of(DEFINITIONS[name](Bars(columns)))


def _windows(values: Sequence[float], period: int) -> Iterator[Sequence[float]]:
    """Each value and those before it; the first windows are shorter."""
    return (values[max(end - period, 0) : end] for end in range(1, len(values) + 1))


def _fading(values: Sequence[float], share: float) -> Values:
    return [*accumulate(values, lambda mean, value: mean + share * (value - mean))]


def _middle(bars: Bars, period: int) -> Values:
    pairs = zip(_windows(bars.high, period), _windows(bars.low, period), strict=True)
    return [(max(highs) + min(lows)) / 2 for highs, lows in pairs]


def _plus(left: Values, right: Values) -> Values:
    return [one + other for one, other in zip(left, right, strict=True)]


def _less(left: Values, right: Values) -> Values:
    return [one - other for one, other in zip(left, right, strict=True)]
