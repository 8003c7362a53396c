"""Runs compiled kernels: once over whole columns, or once for each bar of a stream.

numba and the kernels load on the first use of an indicator, and each kernel is compiled, or read
from numba's cache, when it first runs.
"""

from importlib import import_module
from math import isnan, nan
from typing import Any

import numpy as np

from quantloom.kit import FloatArray, freeze


def compute(
    family: str, name: str, output_count: int, *inputs: FloatArray, **parameters: float
) -> tuple[FloatArray, ...]:
    """Run a kernel over whole columns.

    Args:
        family: the module of the kernel.
        name: the function there that starts it.
        inputs: (n,) float64 arrays without NaN, oldest first.
    Returns:
        One (n,) array for each output. A row is NaN in all of them until all have a value.
    """
    kernel, state = _start(family, name, parameters)
    columns = tuple(map(_as_kernels_read, inputs))
    out = np.empty((output_count, len(columns[0])))
    kernel(columns, state, out)
    if output_count > 1:
        out[:, np.isnan(out).any(axis=0)] = nan
    return tuple(out)


class KernelTwin:
    """Runs a kernel over one row for each bar, with what it remembers kept in between."""

    __slots__ = ("_bar", "_blank", "_columns", "_kernel", "_out", "_state")

    def __init__(
        self, family: str, name: str, input_count: int, output_count: int, **parameters: float
    ) -> None:
        self._kernel, self._state = _start(family, name, parameters)
        self._bar = np.empty((input_count, 1))
        self._columns = tuple(map(_as_kernels_read, self._bar))
        self._out = np.empty((output_count, 1))
        self._blank = (nan,) * output_count

    def update(self, *values: float) -> tuple[float, ...]:
        """Take in the inputs of one closed bar and give its values, NaN while warming up."""
        self._bar[:, 0] = values
        self._kernel(self._columns, self._state, self._out)
        found = tuple(self._out[:, 0].tolist())
        return self._blank if any(map(isnan, found)) else found


def _start(family: str, name: str, parameters: dict[str, float]) -> Any:
    module = import_module(f"quantloom.indicators.kernels.{family}")
    return getattr(module, name)(**parameters)


def _as_kernels_read(column: FloatArray) -> FloatArray:
    # Columns of bars are read-only, which is a type of its own to numba: were a stream's not, every
    # kernel would be compiled twice.
    return freeze(np.ascontiguousarray(column).view())
