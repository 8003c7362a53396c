"""Compile lowered callbacks, in memory, each text once in a process."""

from functools import lru_cache
from typing import Any

import numba
from numba import types

from quantloom.backtest.lowering.kernels import guards

_MOST = 256
_NUMBER, _ROW = types.float64, types.int64
_ARRAY, _TABLE = types.Array(_NUMBER, 1, "C"), types.Array(_NUMBER, 2, "C")
# Nobody counts who holds the four arrays: that took two thirds of a bar's time.
_UNCOUNTED: Any = {"error_model": "numpy", "_nrt": False}
_SIGNATURE = _ROW(_ROW, *([_NUMBER] * 5), _TABLE, _ARRAY, _ARRAY, _TABLE)


@lru_cache(maxsize=_MOST)
def build(text: str) -> Any:
    """Compile a lowered callback.

    Returns:
        A function that kernels call through its address.
    """
    space: dict[str, Any] = {"guards": guards}
    exec(compile(text, "<compiled strategy>", "exec"), space)  # noqa: S102  the text is ours, made of numbers alone
    last = space.pop("on_bar")
    for inner, function in space.items():
        if callable(function) and not inner.startswith("_"):
            space[inner] = numba.njit(nogil=True, **_UNCOUNTED)(function)
    return numba.cfunc(_SIGNATURE, **_UNCOUNTED)(last)
