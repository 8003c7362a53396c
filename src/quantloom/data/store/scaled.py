"""Floats as whole numbers of a decimal place, where that loses nothing.

Prices and volumes are decimals: 100.37 is 10037 hundredths. The whole numbers move by little from
row to row and take a tenth of the space of the floats. A quotient of two whole numbers below 2**53
by IEEE 754 is the float nearest to it, so what comes back is the same to the bit, or the column
stays as it is.
"""

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import BoolArray, FloatArray, IntArray

MOST_PLACES = 10
PRECISION = 16
"""Digits of the whole numbers: 2**53 has sixteen."""

_LARGEST = 2.0**53
_SAMPLED = 256
_NAN_BITS = np.float64(np.nan).view(np.int64)


def decimal_places(values: FloatArray) -> int | None:
    """Find the fewest places at which every value comes back to the bit; None where none do.

    Args:
        values: (n,) floats. NaN may be among them: it stands apart, `absent` says where.
    """
    is_absent = absent(values)
    if is_absent is not None and not _is_plain_nan(values, is_absent):
        return None
    present = values if is_absent is None else values[~is_absent]
    sample = present[:: max(len(present) // _SAMPLED, 1)]
    for places in range(MOST_PLACES + 1):
        if _comes_back(sample, places) and _comes_back(present, places):
            return places
    return None


def absent(values: FloatArray) -> BoolArray | None:
    """Mask the rows that are NaN; None where there are none."""
    mask: BoolArray = np.isnan(values)
    return mask if mask.any() else None


def to_whole(values: FloatArray, places: int) -> IntArray:
    """Give the whole numbers of a decimal place; zero where a value is NaN."""
    with np.errstate(invalid="ignore"):
        whole = np.rint(values * 10.0**places)
    np.nan_to_num(whole, copy=False, nan=0.0)
    numbers: IntArray = whole.astype(np.int64)
    return numbers


def to_floats(whole: NDArray[np.int64], places: int) -> FloatArray:
    """Give the floats again."""
    # By zero places too: it makes the copy that lets the buffer go.
    floats: FloatArray = whole / 10.0**places
    return floats


def _comes_back(values: FloatArray, places: int) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.rint(values * 10.0**places)
        if not (np.abs(whole) <= _LARGEST).all():
            return False
        # By way of whole numbers, which know no minus zero, as reading goes.
        back = whole.astype(np.int64) / 10.0**places
    return bool((back.view(np.int64) == values.view(np.int64)).all())


def _is_plain_nan(values: FloatArray, is_absent: BoolArray) -> bool:
    return bool((values[is_absent].view(np.int64) == _NAN_BITS).all())
