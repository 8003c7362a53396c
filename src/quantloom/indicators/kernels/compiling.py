"""The one way in which kernels and their steps are compiled, and what a run of one is."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from numba import njit

from quantloom.kit import FloatArray

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

Columns = tuple[FloatArray, ...]
State = tuple[Any, ...]
Run = tuple[Callable[[Columns, State, FloatArray], None], State]
"""A kernel and what it remembers: it reads columns and writes one row of `out` for each output."""


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile on the first call and keep the machine code on disk for the next process.

    numba looks at the file of the function alone: after a change to a step in `windows` or
    `smoothing`, remove `__pycache__` beside it, or kernels keep the step they were compiled with.
    """
    try:
        return _compile(function, cache=True)
    except RuntimeError:
        # Installed read-only and without a home folder: every process compiles for itself.
        return _compile(function, cache=False)


def _compile(function: Callable[Arguments, Result], *, cache: bool) -> Callable[Arguments, Result]:
    # The numpy error model leaves out a check at every division; kernels check where it can be 0.
    return njit(cache=cache, error_model="numpy")(function)
