"""The order in which the bars of several instruments close."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.feed import Feed
from quantloom.kit import BoolArray, IntArray
from quantloom.market import ends_of


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """One step for each time at which bars close together.

    Attributes:
        opens_ns: (n,) the earliest open of the step's bars, UTC nanoseconds.
        closes_ns: (n,) when the step's bars are over.
        days: (n,) trading day as days since 1970.
        rows: (n, feeds) the last row of each feed that has closed by then; -1 before its first.
        present: (n, feeds) whether that row is of this step.
    """

    opens_ns: IntArray
    closes_ns: IntArray
    days: IntArray
    rows: NDArray[np.int32]
    present: BoolArray

    @classmethod
    def of(cls, feeds: Sequence[Feed]) -> "Timeline":
        """Merge the bars of feeds; bars whose nominal ends are one are one step."""
        first = feeds[0]
        if all(_is_aligned(first, feed) for feed in feeds):
            return cls._of_aligned(first, len(feeds))
        ends = [ends_of(feed.bars.ts, feed.bars.timeframe) for feed in feeds]
        steps = np.unique(np.concatenate(ends))
        count = len(steps), len(feeds)
        rows, present = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.bool_)
        opens = np.full(len(steps), np.iinfo(np.int64).max)
        closes, days = opens.copy(), np.zeros(len(steps), dtype=np.int64)
        for place, (feed, end) in enumerate(zip(feeds, ends, strict=True)):
            found = np.searchsorted(end, steps, side="right") - 1
            rows[:, place] = found
            present[:, place] = (found >= 0) & (end[np.maximum(found, 0)] == steps)
            at = np.searchsorted(steps, end)
            opens[at] = np.minimum(opens[at], feed.bars.ts)
            closes[at] = np.minimum(closes[at], feed.closes_ns)
            days[at] = np.maximum(days[at], feed.day_numbers)
        # A market that keeps its day longer does not turn the day back for the others.
        return cls(opens, np.maximum.accumulate(closes), np.maximum.accumulate(days), rows, present)

    @classmethod
    def _of_aligned(cls, feed: Feed, count: int) -> "Timeline":
        row = np.arange(len(feed.bars), dtype=np.int32)[:, np.newaxis]
        rows = np.broadcast_to(row, (len(row), count))
        present = np.broadcast_to(np.True_, rows.shape)
        return cls(feed.bars.ts, feed.closes_ns, feed.day_numbers, rows, present)

    def begin_ns(self, start: int, stop: int) -> int:
        """The earliest open of the bars of some steps, but not before what has closed by then."""
        opens_ns = int(self.opens_ns[start:stop].min())
        return max(opens_ns, int(self.closes_ns[start - 1])) if start else opens_ns

    def day_begin_ns(self, step: int) -> int:
        """The same of the trading day that begins with a step."""
        return self.begin_ns(step, int(np.searchsorted(self.days, self.days[step], side="right")))

    def day_steps(self) -> IntArray:
        """The steps with which a trading day begins, but for the first of all."""
        found: IntArray = np.flatnonzero(np.diff(self.days)) + 1
        return found

    def steps_of(self, place: int, rows: Sequence[int]) -> list[int]:
        """The step at which each of these rows has closed, of the feed at a place."""
        found: list[int] = np.searchsorted(self.rows[:, place], rows).tolist()
        return found

    @property
    def is_aligned(self) -> bool:
        """Whether every feed has a bar at every step, so that steps and rows are one."""
        return self.rows.strides[1] == 0

    def __len__(self) -> int:
        return len(self.closes_ns)


def _is_aligned(one: Feed, other: Feed) -> bool:
    if one is other:
        return True
    if one.bars.timeframe != other.bars.timeframe or not np.array_equal(one.bars.ts, other.bars.ts):
        return False
    # Products have calendars of their own, most of them with the same days.
    return one.calendar is other.calendar or np.array_equal(one.day_numbers, other.day_numbers)
