"""What market orders meet at the opens of bars."""

from math import ceil, floor

from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel

# What float64 leaves of a whole number of ticks; as an exact number it is whole.
_NEAR, _ROUNDING = 1e-9, 1e-14


@kernel
def are_on_tick(prices: FloatArray, top: float, bottom: float) -> bool:
    """Whether all prices are whole numbers of ticks, a tick being top / bottom."""
    scale, most = bottom / top, 0.0
    for row in range(len(prices)):
        ticks = prices[row] * scale
        off = abs(ticks - floor(ticks + 0.5)) - _ROUNDING * ticks
        most = max(most, off)
    return most <= _NEAR


@kernel
def worsened(plain: float, ticks: float, ratio: float, sign: float) -> float:
    """Whole ticks of a fill that meets a price of so many, at one tick at the lowest.

    Args:
        sign: 1 for a purchase, -1 for a sale.
    """
    moved = plain + sign * (ticks + ratio * plain)
    whole = floor(moved + 0.5)
    if abs(moved - whole) > _NEAR + _ROUNDING * plain:
        whole = ceil(moved) if sign > 0 else floor(moved)
    return max(float(whole), 1.0)


@kernel
def slip(
    prices: FloatArray,
    top: float,
    bottom: float,
    ticks: float,
    ratio: float,
    out: FloatArray,
) -> None:
    """Move prices against the trader by ticks and a share of them, then on to the tick.

    Args:
        top, bottom: the tick as a fraction. ticks, ratio: at or above zero.
        out: (2n,) prices of buys, then of sales, of which the lowest is one tick.
    """
    count, scale = len(prices), bottom / top
    for row in range(count):
        plain = prices[row] * scale
        out[row] = worsened(plain, ticks, ratio, 1.0) * top / bottom
        out[count + row] = worsened(plain, ticks, ratio, -1.0) * top / bottom
