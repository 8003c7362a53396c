"""Made-up bars that anyone may pass on, the same on every machine: for examples and benchmarks."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.errors import Invalid
from quantloom.kit import FloatArray
from quantloom.market import Bars, Number, Timeframe, exact

_FIRST_NS = 1_577_836_800_000_000_000  # 2020-01-01T00:00:00Z
_WORDS_PER_BAR = 4
_BITS_16, _BITS_32 = 0xFFFF, 0xFFFFFFFF


class BadWalk(Invalid):
    """A random walk asked for with a number it cannot use."""

    code = "data.bad_walk"

    def __init__(self, field: str, value: float) -> None:
        super().__init__(field, value)
        self.field, self.value = field, value

    def __str__(self) -> str:
        return f"{self.field} is {self.value}; it must be above zero"


def random_walk(
    n: int,
    seed: int,
    *,
    symbol: str = "DEMO.LOCAL",
    timeframe: Timeframe | str = "1m",
    start_price: float = 100.0,
    volatility: float = 0.0005,
    tick: Number = Decimal("0.01"),
) -> Bars:
    """Make bars of a geometric random walk, without gaps in time, from 2020-01-01 UTC on.

    Equal arguments give equal bars, to the bit, on every platform and NumPy version: the walk uses
    the raw words of PCG64, a stream NumPy promises to keep, and beyond those only integer sums and
    the IEEE 754 operations that must round correctly. Its steps are sums of four uniform numbers,
    close to normal and never past 3.5 standard deviations. An open lies a little off the close
    before it, so that filling at the wrong one of the two shows.

    Args:
        n: number of bars.
        volatility: standard deviation of one bar's return, as a ratio.
        tick: every price is a whole number of these, at least one.
    Returns:
        n bars whose volume is a whole number from 1 to 1000.
    Raises:
        BadWalk: n, start_price, volatility or tick is not above zero.
    """
    step = exact(tick)
    _demand_positive(n=n, start_price=start_price, volatility=volatility, tick=float(step))
    words = np.random.PCG64(seed).random_raw(n * _WORDS_PER_BAR).reshape(_WORDS_PER_BAR, n)
    close = start_price * np.cumprod(1.0 + volatility * _standard(words[0]))
    before = np.concatenate([[start_price], close[:-1]])
    opened = before * (1.0 + 0.25 * volatility * _standard(words[1]))
    high = np.maximum(opened, close) * (1.0 + volatility * _uniform(words[2] >> np.uint64(32)))
    low = np.minimum(opened, close) * (1.0 - volatility * _uniform(words[2] & np.uint64(_BITS_32)))
    parsed = Timeframe.parse(timeframe)
    return Bars.of(
        symbol,
        parsed,
        ts=_FIRST_NS + np.arange(n, dtype=np.int64) * parsed.ns,
        open=_on_tick(opened, step),
        high=_on_tick(high, step),
        low=_on_tick(low, step),
        close=_on_tick(close, step),
        volume=1 + words[3] % np.uint64(1000),
    )


def _demand_positive(**numbers: float) -> None:
    for field, value in numbers.items():
        if not value > 0:
            raise BadWalk(field, value)


def _standard(words: NDArray[np.uint64]) -> FloatArray:
    """Sum four uniform 16-bit numbers of each word; mean 0, variance 1."""
    total = np.zeros(len(words), dtype=np.int64)
    for shift in (0, 16, 32, 48):
        total += ((words >> np.uint64(shift)) & np.uint64(_BITS_16)).astype(np.int64)
    # Each part has mean 65535/2 and variance (65536^2 - 1)/12.
    return (total - 2 * _BITS_16) / math.sqrt(4 * (2.0**32 - 1) / 12)


def _uniform(words: NDArray[np.uint64]) -> FloatArray:
    return words.astype(np.float64) / 2.0**32


def _on_tick(prices: NDArray[np.floating[Any]], tick: Decimal) -> FloatArray:
    # Dividing whole numbers rounds once, so each price is the float nearest to its decimal.
    numerator, denominator = tick.as_integer_ratio()
    ticks = np.rint(prices * denominator / numerator)
    return np.maximum(ticks, 1.0) * numerator / denominator
