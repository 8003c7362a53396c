"""The rows a recipe works on: bars of all symbols, one after the other, and their columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars, Calendar, Instrument, Timeframe
from quantloom.market.bars import FIELDS


@dataclass(frozen=True, slots=True)
class Market:
    """What a step has to know of a symbol besides its bars."""

    calendar: Calendar
    instrument: Instrument

    @property
    def zone(self) -> str:
        return self.calendar.timezone


@dataclass(frozen=True, slots=True)
class Other:
    """Bars that have no rows of their own, only columns beside those of others."""

    bars: Bars
    market: Market


@dataclass(frozen=True, slots=True)
class Site:
    """Where a recipe is carried out.

    Attributes:
        markets: by symbol. folder: the one that files named in the recipe are looked for in.
        others: by symbol and timeframe as a step names them.
    """

    markets: Mapping[str, Market]
    folder: Path
    others: Mapping[tuple[str, str], Other] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """What is to be foretold.

    Attributes:
        values: (n,) NaN where it is not known by the end of the data.
        known: (n,) the row of the table at whose close it is known, -1 where it is not.
    """

    values: FloatArray
    known: IntArray


# Not slotted: what is derived of the rows is worked out when a step first asks for it.
@dataclass(frozen=True)
class Table:
    """Rows by symbol, then time.

    Attributes:
        bars: of every symbol, in the order of the recipe, each with a row at least.
        features: (n,) columns by name, in the order in which they were made. labels: likewise.
    """

    bars: Sequence[Bars]
    features: dict[str, FloatArray] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def timeframe(self) -> Timeframe:
        return self.bars[0].timeframe

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(one.symbol for one in self.bars)

    @cached_property
    def starts(self) -> IntArray:
        """(m + 1,) row at which each symbol begins, and the number of rows."""
        return np.append(0, np.cumsum([len(one) for one in self.bars]))

    @cached_property
    def ts(self) -> IntArray:
        """(n,) open times, UTC nanoseconds, rising within each symbol."""
        return np.concatenate([one.ts for one in self.bars])

    @cached_property
    def moments(self) -> IntArray:
        """(t,) every open time that some symbol has, rising."""
        return np.unique(self.ts)

    @cached_property
    def moment_rows(self) -> IntArray:
        """(n,) the place of each row's time in `moments`."""
        rows: IntArray = np.searchsorted(self.moments, self.ts)
        return rows

    @property
    def extras(self) -> tuple[str, ...]:
        """Names of the columns that the bars of some symbol have beyond those of all bars."""
        return tuple(dict.fromkeys(name for one in self.bars for name in one.extras))

    def parts(self) -> Iterator[tuple[Bars, slice]]:
        """The bars of each symbol, and its rows."""
        for place, one in enumerate(self.bars):
            yield one, slice(int(self.starts[place]), int(self.starts[place + 1]))

    def column(self, name: str) -> FloatArray:
        """A feature made before, or a column of the bars; NaN where a symbol has none."""
        if name in self.features:
            return self.features[name]
        return np.concatenate([bar_column(one, name) for one in self.bars])


def bar_column(bars: Bars, name: str) -> FloatArray:
    """A column of bars by name; NaN throughout where they have none."""
    if name in FIELDS:
        column: FloatArray = getattr(bars, name)
        return column
    return bars.extras.get(name, np.full(len(bars), np.nan))
