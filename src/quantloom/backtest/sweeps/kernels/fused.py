"""A product and a sum with one rounding, as TA-Lib's exponential averages have it."""

from fractions import Fraction
from typing import Any

from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload


def fused(left: float, right: float, added: float) -> float:
    """The value of left * right + added, rounded once."""
    return float(Fraction(left) * Fraction(right) + Fraction(added))


@intrinsic
def _fused(_typing: Any, left: Any, right: Any, added: Any) -> Any:
    if any(kind is not types.float64 for kind in (left, right, added)):
        raise TypingError("fused takes float64")

    def generate(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.fma(*values)

    return types.float64(types.float64, types.float64, types.float64), generate


def _types(left: Any, right: Any, added: Any) -> Any:  # noqa: ARG001  numba compares the names
    def compiled(left: Any, right: Any, added: Any) -> Any:
        return _fused(left, right, added)  # type: ignore[call-arg]

    return compiled


overload(fused)(_types)
