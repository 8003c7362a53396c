"""Clock, ids and array types; knows nothing of trading."""

from quantloom.kit.arrays import BoolArray, DayArray, FloatArray, IntArray, freeze, objects
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
