"""Times cut along the calendar, and the digest of columns that is taken block by block.

The blocks make a digest that never has to see all rows at once: bars that arrive in pieces, or
that are added years later, need no more than the blocks they fall into.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import IntArray
from quantloom.market.timeframes import Timeframe

Unit = Literal["all", "Y", "M", "D"]
"""A calendar unit in UTC, or everything in one."""

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Span:
    """Rows start to stop, which lie in one calendar unit.

    Attributes:
        name: the unit, such as 2024-03; `all` for everything.
    """

    name: str
    start: int
    stop: int


def block_unit(timeframe: Timeframe) -> Unit:
    """Say in which blocks the digest of bars is taken: some tens of thousands of bars at most."""
    if timeframe.seconds >= _DAY:
        return "all"
    if timeframe.seconds >= _HOUR:
        return "Y"
    return "M" if timeframe.seconds >= _MINUTE else "D"


def cut(ts: IntArray, unit: Unit) -> Iterator[Span]:
    """Cut rising times along a calendar unit.

    Args:
        ts: (n,) int64 UTC nanoseconds, rising or equal.
    """
    start = 0
    while start < len(ts):
        name, end_ns = _unit_of(int(ts[start]), unit)
        stop = len(ts) if end_ns is None else int(np.searchsorted(ts, end_ns))
        yield Span(name, start, stop)
        start = stop


def bounds(ts_ns: int, unit: Unit) -> tuple[int | None, int | None]:
    """Begin and end of the unit that a time lies in, UTC nanoseconds; None where it has none."""
    if unit == "all":
        return None, None
    begin = np.datetime64(ts_ns, "ns").astype(f"datetime64[{unit}]")
    return _ns(begin), _ns(begin + 1)


class BlockDigests:
    """Takes the digests of calendar blocks from columns that arrive in pieces of any length.

    The digest of a block is SHA-256 over the SHA-256 of each of its columns.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit: Unit = unit
        self._open = ""
        self._columns: list[Any] = []
        self._found: dict[str, str] = {}

    def add(self, columns: Sequence[NDArray[Any]]) -> None:
        """Take rows that follow those before.

        Args:
            columns: of equal length, the times first, in the same order every time.
        """
        for span in cut(columns[0], self._unit):
            if span.name != self._open:
                self._close()
                self._open, self._columns = span.name, [hashlib.sha256() for _ in columns]
            for hashing, column in zip(self._columns, columns, strict=True):
                hashing.update(np.ascontiguousarray(column[span.start : span.stop]).data)

    def so_far(self) -> str:
        """A digest of every row taken until now."""
        told = [*self._found.values(), *(hashing.hexdigest() for hashing in self._columns)]
        return hashlib.sha256("".join(told).encode()).hexdigest()

    def finish(self) -> dict[str, str]:
        """Give the digest of each block by its name, in order."""
        self._close()
        return self._found

    def _close(self) -> None:
        if self._columns:
            joined = b"".join(hashing.digest() for hashing in self._columns)
            self._found[self._open] = hashlib.sha256(joined).hexdigest()
            self._columns = []


def joined_digest(head: str, blocks: Iterable[str]) -> str:
    """SHA-256 over what the columns are and the digests of their blocks, in order."""
    return hashlib.sha256("\n".join((head, *blocks)).encode()).hexdigest()


def bars_head(symbol: str, timeframe: Timeframe, extras: Iterable[str]) -> str:
    """What the digest of bars says beside their columns."""
    return "|".join((symbol, str(timeframe), *sorted(extras)))


def digest_columns(head: str, columns: Sequence[NDArray[Any]], unit: Unit) -> str:
    """The digest of columns, the times first."""
    blocks = BlockDigests(unit)
    blocks.add(columns)
    return joined_digest(head, blocks.finish().values())


def _unit_of(ts_ns: int, unit: Unit) -> tuple[str, int | None]:
    if unit == "all":
        return unit, None
    begin = np.datetime64(ts_ns, "ns").astype(f"datetime64[{unit}]")
    return str(begin), _ns(begin + 1)


def _ns(moment: Any) -> int:
    return int(moment.astype("datetime64[ns]").astype(np.int64))
