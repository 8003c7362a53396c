"""Array types, and how an array is made read-only."""

from collections.abc import Sequence
from typing import Any, TypeVar

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


def objects(values: Sequence[Any]) -> NDArray[Any]:
    """Make a column of texts, exact numbers and None, each left as it is."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
