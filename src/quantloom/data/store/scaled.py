"""Floats as whole numbers of a decimal place, where that loses nothing.

Prices and volumes are decimals: 100.37 is 10037 hundredths. The whole numbers move by little from
row to row and take a tenth of the space of the floats. A quotient of two whole numbers below 2**53
by IEEE 754 is the float nearest to it, so what comes back is the same to the bit, or the column
stays as it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import BoolArray, FloatArray, IntArray

MOST_PLACES = 10
PRECISION = 16
"""Digits of the whole numbers: 2**53 has sixteen."""

_LARGEST = 2.0**53
_SAMPLED = 256
_AT_ONCE = 16_384  # what a pass leaves in the cache, the next one finds there
_NAN_BITS = np.float64(np.nan).view(np.int64)


@dataclass(frozen=True, slots=True)
class Scaled:
    """Floats as whole numbers.

    Attributes:
        places: decimal places of the whole numbers.
        whole: (n,) the numbers, zero where a value is NaN.
        gaps: (n,) true where a value is NaN; None where none is.
    """

    places: int
    whole: IntArray
    gaps: BoolArray | None


def scaled(values: FloatArray) -> Scaled | None:
    """Give floats as whole numbers of the fewest places at which every one comes back to the bit.

    Args:
        values: (n,) floats. NaN may be among them, and stands apart.
    Returns:
        None where there are no such places.
    """
    gaps = absent(values)
    if gaps is None:
        found = _fewest_places(values)
        return None if found is None else Scaled(*found, None)
    if not _is_plain_nan(values, gaps):
        return None
    found = _fewest_places(values[~gaps])
    if found is None:
        return None
    whole = np.zeros(len(values), dtype=np.int64)
    whole[~gaps] = found[1]
    return Scaled(found[0], whole, gaps)


def absent(values: FloatArray) -> BoolArray | None:
    """Mask the rows that are NaN; None where there are none."""
    mask: BoolArray = np.isnan(values)
    return mask if mask.any() else None


def to_floats(whole: NDArray[np.int64], places: int) -> FloatArray:
    """Give the floats again."""
    # By zero places too: it makes the copy that lets the buffer go.
    floats: FloatArray = whole / 10.0**places
    return floats


def _fewest_places(present: FloatArray) -> tuple[int, IntArray] | None:
    sample = present[:: max(len(present) // _SAMPLED, 1)]
    for places in range(MOST_PLACES + 1):
        if _whole(sample, places) is not None:
            whole = _whole(present, places)
            if whole is not None:
                return places, whole
    return None


def _whole(values: FloatArray, places: int) -> IntArray | None:
    """Give whole numbers of a decimal place; None where a value does not come back to the bit."""
    whole = np.empty(len(values), dtype=np.int64)
    numbers = np.empty(min(len(values), _AT_ONCE))
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(values), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            if not _scale(values[part], 10.0**places, whole[part], numbers):
                return None
    return whole


def _scale(values: FloatArray, factor: float, whole: IntArray, room: FloatArray) -> bool:
    numbers = room[: len(values)]
    np.multiply(values, factor, out=numbers)
    np.rint(numbers, out=numbers)
    # Asked so that infinity and NaN fail too.
    if not (numbers.min() >= -_LARGEST and numbers.max() <= _LARGEST):
        return False
    # Whole numbers know no minus zero: as reading goes, it becomes zero here.
    numbers += 0.0
    whole[:] = numbers
    numbers /= factor
    return bool((numbers.view(np.int64) == values.view(np.int64)).all())


def _is_plain_nan(values: FloatArray, is_absent: BoolArray) -> bool:
    return bool((values[is_absent].view(np.int64) == _NAN_BITS).all())
