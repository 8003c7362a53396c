"""Crossings over whole columns, for signals; `crossed_above` and `crossed_below` over lines."""

import numpy as np

from quantloom.kit import BoolArray, FloatArray


def rises_through(left: FloatArray, right: FloatArray | float) -> BoolArray:
    """Tell on which bars `left` came from at or below `right` on the bar before to above it.

    Args:
        left, right: (n,) values; NaN in a warm-up.
    Returns:
        (n,) whether `crossed_above` would hold; never on the first bar, nor where one is NaN.
    """
    found = np.zeros(len(left), dtype=np.bool_)
    before, now = _shifted(right)
    found[1:] = (left[1:] > now) & (left[:-1] <= before)
    return found


def falls_through(left: FloatArray, right: FloatArray | float) -> BoolArray:
    """Tell on which bars `left` came from at or above `right` on the bar before to below it.

    Args:
        left, right: (n,) values; NaN in a warm-up.
    Returns:
        (n,) whether `crossed_below` would hold; never on the first bar, nor where one is NaN.
    """
    found = np.zeros(len(left), dtype=np.bool_)
    before, now = _shifted(right)
    found[1:] = (left[1:] < now) & (left[:-1] >= before)
    return found


def _shifted(right: FloatArray | float) -> tuple[FloatArray | float, FloatArray | float]:
    return (right[:-1], right[1:]) if isinstance(right, np.ndarray) else (right, right)
