"""Times that come with a type of their own."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from quantloom.data.arrow import Column, ints, nulls
from quantloom.data.readers.written import LAST_NS, Moments
from quantloom.kit import BoolArray, IntArray
from quantloom.kit.clock import NS_PER_SECOND

# The stubs of Arrow know fewer of its functions than it has.
pc: Any = pyarrow.compute


def is_temporal(kind: pa.DataType) -> bool:
    """Whether cells of a type are times already."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind))


def from_typed(column: Column) -> Moments:
    """Read a column of timestamps, dates or times of day."""
    kind = column.type
    unreadable = nulls(column)
    if pa.types.is_time(kind):
        return Moments(ints(column.cast(pa.time64("ns"))), unreadable, has_date=False)
    zone = getattr(kind, "tz", None)
    ns, bad = _timestamps(column, zone)
    unreadable |= bad
    ns = np.where(unreadable, 0, ns)
    if zone is None:
        return Moments(ns, unreadable)
    local: Any = pc.local_timestamp(column)
    wall, bad = _timestamps(local, None)
    unreadable |= bad
    wall = np.where(unreadable, 0, wall)
    return Moments(wall, unreadable, offset=np.where(unreadable, 0, wall - ns))


def _timestamps(column: Column, zone: str | None) -> tuple[IntArray, BoolArray]:
    """Nanoseconds, and what a date past the year 2261 makes unreadable."""
    try:
        return ints(column.cast(pa.timestamp("ns", zone))), np.zeros(len(column), dtype=np.bool_)
    except pa.ArrowInvalid:
        seconds = ints(column.cast(pa.timestamp("s", zone), safe=False))
        bad = np.abs(seconds) > LAST_NS // NS_PER_SECOND
        return np.where(bad, 0, seconds) * NS_PER_SECOND, bad
