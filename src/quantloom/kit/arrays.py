"""Array types, and how an array is made read-only."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
DayArray = NDArray[np.datetime64]
"""datetime64[D]: trading days."""

Scalar = TypeVar("Scalar", bound=np.generic)


def freeze(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Give a read-only view of the array; the caller's own array stays writable."""
    view = array.view()
    view.flags.writeable = False
    return view
