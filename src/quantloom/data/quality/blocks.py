"""Bars block by block: whole days of them, rows with their neighbours, and the ends of days."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantloom.kit import DayArray, IntArray
from quantloom.market import Bars, Calendar, trading_days_of
from quantloom.market.bars import FIELDS

# A row is looked at with the two rows before it and the one behind.
_BEFORE = 2
_KEPT_EXTRAS = ("settlement", "open_interest")


def join(parts: Sequence[Bars]) -> Bars:
    """Put bars behind each other; they have the same columns."""
    first = parts[0]
    if len(parts) == 1:
        return first
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in ("ts", *FIELDS)
    }
    extras = {name: np.concatenate([part.extras[name] for part in parts]) for name in first.extras}
    return Bars(first.symbol, first.timeframe, **columns, extras=extras)


@dataclass(frozen=True, slots=True)
class Window:
    """Some rows, with neighbours on both sides.

    Attributes:
        offset: place of the first of `bars` among all bars.
        first, stop: which of `bars` are the window's own; the others are those of its neighbours.
    """

    bars: Bars
    offset: int
    first: int
    stop: int

    @property
    def left(self) -> int:
        """How many of `bars` the next window does not have."""
        return max(len(self.bars) - 1 - _BEFORE, 0)

    @property
    def own(self) -> slice:
        return slice(self.first, self.stop)

    @property
    def own_steps(self) -> slice:
        """The steps that lead onto its own rows, of those between all rows of `bars`."""
        return slice(max(self.first - 1, 0), self.stop - 1)

    def is_own(self, rows: IntArray) -> IntArray:
        """Those rows of `bars` that are its own."""
        return rows[(rows >= self.first) & (rows < self.stop)]


class Windows:
    """Cuts blocks into windows of which every row is the own one of just one."""

    def __init__(self) -> None:
        self._held: Bars | None = None
        self._offset = self._done = 0

    def add(self, block: Bars) -> Window:
        """Take a block; its last row waits for the next one."""
        held = block if self._held is None else join([self._held, block])
        window = Window(held, self._offset, self._done - self._offset, len(held) - 1)
        self._held, self._done = held[window.left :], self._offset + len(held) - 1
        self._offset += window.left
        return window

    def last(self) -> Window:
        """The window of the very last row."""
        assert self._held is not None  # noqa: S101  nobody asks before a block was added
        held = self._held
        return Window(held, self._offset, self._done - self._offset, len(held))


def windows(blocks: Iterable[Bars]) -> Iterator[Window]:
    """Give every row of some blocks once, with its neighbours."""
    cutting = Windows()
    for block in blocks:
        yield cutting.add(block)
    yield cutting.last()


class WholeDays:
    """Cuts blocks anew, so that no trading day lies in two of them."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._held: list[Bars] = []

    def add(self, block: Bars) -> tuple[Bars, DayArray] | None:
        """Take a block; give the days before its last one, with the day of each row."""
        days = trading_days_of(block, self._calendar)
        first = int(np.searchsorted(days, days[-1]))
        held_day = trading_days_of(self._held[0][:1], self._calendar) if self._held else days[:0]
        if not first and (not len(held_day) or held_day[0] == days[-1]):
            self._held.append(block)
            return None
        found = [*self._held, block[:first]] if first else self._held
        held = sum(map(len, self._held))
        self._held = [block[first:]]
        return join(found), np.concatenate([np.repeat(held_day, held), days[:first]])

    def last(self) -> tuple[Bars, DayArray] | None:
        """What is left."""
        if not self._held:
            return None
        whole = join(self._held)
        return whole, trading_days_of(whole, self._calendar)


class DayEnds:
    """Keeps of each trading day its first bar and its last, and what is summed up over it.

    The first bar of a day has its highest price, its lowest and its volume; the last one, where it
    is another, no volume. What is asked of days and of the nights between them gets the same
    answer from these few bars as from all of them.
    """

    def __init__(self) -> None:
        self._parts: list[Bars] = []
        self._counts: list[IntArray] = []

    def add(self, bars: Bars, days: DayArray) -> None:
        """Take whole days."""
        heads = np.flatnonzero(np.append(True, days[1:] != days[:-1]))
        counts = np.diff(np.append(heads, len(bars)))
        rows = np.unique(np.concatenate([heads, heads + counts - 1]))
        is_head = np.isin(rows, heads)
        columns: dict[str, Any] = {name: getattr(bars, name)[rows] for name in ("ts", *FIELDS)}
        columns["high"][is_head] = np.maximum.reduceat(bars.high, heads)
        columns["low"][is_head] = np.minimum.reduceat(bars.low, heads)
        columns["volume"][:] = 0
        columns["volume"][is_head] = np.add.reduceat(np.nan_to_num(bars.volume), heads)
        extras = {name: bars.extras[name][rows] for name in _KEPT_EXTRAS if name in bars.extras}
        self._parts.append(Bars(bars.symbol, bars.timeframe, **columns, extras=extras))
        self._counts.append(counts)

    def bars(self) -> Bars:
        """The first and last bars of all days."""
        return join(self._parts)

    def counts(self) -> IntArray:
        """(d,) how many bars each day has."""
        return np.concatenate(self._counts)
