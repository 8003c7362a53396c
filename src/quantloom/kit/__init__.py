"""Clock, ids and array types; knows nothing of trading."""

from typing import TYPE_CHECKING, Any

from quantloom.kit.clock import (
    Clock,
    ManualClock,
    NaiveTime,
    SystemClock,
    from_day,
    from_ns,
    to_day,
    to_ns,
)
from quantloom.kit.ids import IdMaker

if TYPE_CHECKING:
    from quantloom.kit.arrays import BoolArray, DayArray, FloatArray, IntArray, freeze, objects

__all__ = [
    "BoolArray",
    "Clock",
    "DayArray",
    "FloatArray",
    "IdMaker",
    "IntArray",
    "ManualClock",
    "NaiveTime",
    "SystemClock",
    "freeze",
    "from_day",
    "from_ns",
    "objects",
    "to_day",
    "to_ns",
]


def __getattr__(name: str) -> Any:
    """Load arrays when they are first asked for: the service's processes need the clock alone."""
    if name not in __all__:
        raise AttributeError(f"module 'quantloom.kit' has no attribute {name!r}")
    # Here, or whoever wants the time would pay for numpy.
    from quantloom.kit import arrays  # noqa: PLC0415

    return getattr(arrays, name)
