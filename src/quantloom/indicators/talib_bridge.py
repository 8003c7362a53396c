"""The one module that imports talib: late, and without the pandas it would bring along.

TA-Lib's streaming handles run the same C code as its batch functions, so both halves of a
built-in indicator agree to the last bit.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from math import nan
from types import ModuleType
from typing import Any

import numpy as np

from quantloom.kit import FloatArray

_FRAME_LIBRARIES = ("pandas", "polars")
_hides_frames = ContextVar("_hides_frames", default=False)


def compute(function: str, *inputs: FloatArray, **parameters: float) -> Any:
    """Run a TA-Lib function over whole arrays.

    Args:
        function: TA-Lib's name for it.
        inputs: (n,) arrays in TA-Lib's order, oldest first.
        parameters: in TA-Lib's order; their names are ours and are not passed on.
    Returns:
        One (n,) array, or a tuple of them, with TA-Lib's NaN warm-up.
    """
    return getattr(_talib(), function)(*inputs, *parameters.values())


class HandleTwin:
    """A TA-Lib streaming handle that may be fed from the very first bar.

    TA-Lib opens a handle on `warm_up + 1` bars; until then they are kept here, afterwards none.
    """

    __slots__ = ("_blank", "_handle", "_handle_class", "_history", "_parameters", "_warm_up")

    def __init__(
        self,
        function: str,
        output_count: int,
        warm_up: Callable[..., int],
        **parameters: float,
    ) -> None:
        self._handle_class: Any = getattr(_talib().stream, function)
        self._parameters = tuple(parameters.values())
        self._warm_up = warm_up(**parameters)
        self._blank = nan if output_count == 1 else (nan,) * output_count
        self._history: list[tuple[float, ...]] = []
        self._handle: Any = None

    def update(self, *values: float) -> float | tuple[float, ...]:
        """Take in the inputs of one closed bar and give its values, NaN while warming up."""
        if self._handle is not None:
            return self._handle.update(*values)  # type: ignore[no-any-return]
        self._history.append(values)
        if len(self._history) <= self._warm_up:
            return self._blank
        columns = np.array(self._history).T.copy()
        self._history.clear()
        self._handle = self._handle_class(*columns, *self._parameters)
        return self._handle.value  # type: ignore[no-any-return]


@cache
def _talib() -> ModuleType:
    # talib wraps its functions for pandas and polars when it finds them, which costs a second of
    # import and gives nothing here: it is only ever handed arrays.
    with _frames_hidden():
        import talib  # noqa: PLC0415  loads late
    return talib


@contextmanager
def _frames_hidden() -> Iterator[None]:
    """Let imports of frame libraries fail in this thread, unless they are loaded already.

    Other threads may import them meanwhile: a context variable is theirs alone, whereas an entry
    in `sys.modules` would be seen by all.
    """
    finder = _FrameHider()
    sys.meta_path.insert(0, finder)
    token = _hides_frames.set(True)
    try:
        yield
    finally:
        _hides_frames.reset(token)
        sys.meta_path.remove(finder)


class _FrameHider(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  the import system's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname in _FRAME_LIBRARIES and _hides_frames.get():
            raise ModuleNotFoundError(f"{fullname} is hidden while talib loads", name=fullname)
        return None
