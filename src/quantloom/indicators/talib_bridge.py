"""The one module that imports talib: late, and without the pandas it would bring along.

TA-Lib's streaming handles run the same C code as its batch functions, so both halves of a
built-in indicator agree to the last bit.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from math import nan
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import FloatArray

_FRAME_LIBRARIES = ("pandas", "polars")
_hides_frames = ContextVar("_hides_frames", default=False)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of TA-Lib.

    Attributes:
        parameters: TA-Lib's name for each parameter of ours.
        warm_up: of our parameters by name, TA-Lib's lookback.
    """

    name: str
    parameters: Mapping[str, str]
    warm_up: Callable[..., int]
    output_count: int

    def translate(self, values: Mapping[str, float]) -> dict[str, float]:
        """Put TA-Lib's names to the values of our parameters."""
        return {self.parameters[name]: value for name, value in values.items()}


def compute(function: Function, *inputs: FloatArray, **parameters: float) -> Any:
    """Run a TA-Lib function over whole arrays.

    Args:
        inputs: (n,) arrays in TA-Lib's order, oldest first.
    Returns:
        One (n,) array, or a tuple of them, with TA-Lib's NaN warm-up.
    """
    result = getattr(_talib(), function.name)(*inputs, **function.translate(parameters))
    columns = result if isinstance(result, tuple) else (result,)
    return tuple(_with_warm_up(column, function.warm_up(**parameters)) for column in columns)


def _with_warm_up(column: NDArray[Any], warm_up: int) -> FloatArray:
    if column.dtype == np.float64:
        return column
    # Whole numbers know no NaN: TA-Lib gives zero, which elsewhere means "none here".
    floats = column.astype(np.float64)
    floats[:warm_up] = nan
    return floats


class HandleTwin:
    """A TA-Lib streaming handle that may be fed from the very first bar.

    TA-Lib opens a handle on `warm_up + 1` bars; until then they are kept here, afterwards none.
    """

    __slots__ = ("_blank", "_function", "_handle", "_history", "_parameters", "_warm_up")

    def __init__(self, function: Function, **parameters: float) -> None:
        self._function = function
        self._parameters = function.translate(parameters)
        self._warm_up = function.warm_up(**parameters)
        self._blank = (nan,) * function.output_count
        self._history: list[tuple[float, ...]] = []
        self._handle: Any = None

    def update(self, *values: float) -> float | tuple[float, ...]:
        """Take in the inputs of one closed bar and give its values, NaN while warming up."""
        if self._handle is not None:
            result = self._handle.update(*values)
            return result if type(result) is float else _floats(result)
        self._history.append(values)
        if len(self._history) <= self._warm_up:
            return self._blank
        columns = np.array(self._history, dtype=np.float64).T.copy()
        self._history.clear()
        open_handle = getattr(_talib().stream, self._function.name)
        self._handle = open_handle(*columns, **self._parameters)
        return _floats(self._handle.value)


def _floats(result: Any) -> float | tuple[float, ...]:
    # Patterns and trends come as whole numbers.
    return tuple(map(float, result)) if isinstance(result, tuple) else float(result)


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
