"""Bars stored block by block, and the errors of bars that do not fit what they are stored as."""

from collections.abc import Iterator
from datetime import datetime
from typing import Unpack, cast

import numpy as np

from quantloom.data.bar_rows import (
    COLUMNS,
    Joining,
    NotLater,
    bars_of,
    columns_of,
    fitted,
    plan_of,
    told_anew,
)
from quantloom.data.described import DatasetInfo
from quantloom.data.names import InstrumentMismatch
from quantloom.data.origin import MoreTold, Told
from quantloom.data.store import Builder, Columns, Manifest, Revision
from quantloom.errors import Invalid
from quantloom.market import Bars, EmptyRange, Instrument, Timeframe

# Small enough that what is worked out of so many rows stays in the processor's cache.
_BLOCK = 1 << 16


class ColumnsChanged(Invalid):
    """A block of bars with other columns than the blocks before."""

    code = "data.columns_changed"

    def __init__(self, symbol: str, before: tuple[str, ...], now: tuple[str, ...]) -> None:
        super().__init__(symbol, before, now)
        self.symbol, self.before, self.now = symbol, before, now

    def __str__(self) -> str:
        return (
            f"{self.symbol}: a block has the columns {', '.join(self.now)}, those before had "
            f"{', '.join(self.before)}; give every block the same columns"
        )


class BarWriter:
    """Takes the bars of one dataset block by block; made by `Catalog.writer`.

    Attributes:
        instrument: what they are of; may be set once they have been seen.
        info: the dataset as it is stored, once it is.
        added, changed, unchanged: bars that were new, that took another one's place, and that were
            there already.
    """

    def __init__(
        self,
        symbol: str,
        timeframe: Timeframe,
        instrument: Instrument,
        revision: Revision,
        *,
        before: Manifest | None = None,
    ) -> None:
        self.symbol, self.timeframe, self.instrument = symbol, timeframe, instrument
        self.told: MoreTold = {}
        self.info: DatasetInfo | None = None
        self.added = self.changed = self.unchanged = 0
        self._revision, self._before = revision, before
        self._held = Columnwise(revision.parts(before.pieces if before else ()))
        self._builder: Builder | None = None
        self._given: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self._last: datetime | None = None

    def add(self, bars: Bars) -> None:
        """Take bars that are all later than those before.

        Raises:
            NotLater: they are not.
            InstrumentMismatch: they are another symbol's, or of another timeframe.
            ColumnsChanged: they have other columns than those before.
            CatalogUnwritable: the disk is full or refuses.
            CorruptDataset: bars that they join cannot be read.
        """
        if (bars.symbol, bars.timeframe) != (self.symbol, self.timeframe):
            raise InstrumentMismatch(f"{bars.symbol} {bars.timeframe}", self.symbol)
        if not len(bars):
            return
        columns = columns_of(bars)
        builder = self._builder or self._begun(tuple(columns))
        if self._last is not None and bars.start <= self._last:
            raise NotLater(self.symbol, self.timeframe, self._last, bars.start)
        if tuple(columns) != self._given:
            raise ColumnsChanged(self.symbol, self._given, tuple(columns))
        self._last = bars.end
        for held, new in self._held.beside(columns):
            builder.add(self._joined(held, new))

    def describe(self, **told: Unpack[MoreTold]) -> None:
        """Say what is known only when every row has been seen."""
        self.told = told

    @property
    def rows(self) -> int:
        """How many bars there are by now."""
        return 0 if self._builder is None else self._builder.rows

    def close(self) -> None:
        """Take the bars that were there and are later than all that were added."""
        if self._builder is None:
            raise EmptyRange(self.symbol, None, None)
        for held in self._held.rest():
            self._builder.add(fitted(held, self._names))

    def blocks(self) -> Iterator[Bars]:
        """Give every bar, those that were there among them, in blocks; after `close`."""
        if self._builder is not None:
            for columns in self._revision.parts(self._builder.store_all()):
                bars = bars_of(self.symbol, self.timeframe, columns)
                yield from (bars[at : at + _BLOCK] for at in range(0, len(bars), _BLOCK))

    def finish(self, told: Told) -> Manifest:
        """Make what was taken the dataset.

        Raises:
            EmptyRange: there are no bars.
        """
        self.close()
        assert self._builder is not None  # noqa: S101  as `close` has seen
        both: Told = told | self.told
        if self._before is not None:
            both = cast("Told", told_anew(self._before, both))
        return self._revision.create(self._builder, self.instrument, both)

    def _begun(self, given: tuple[str, ...]) -> Builder:
        there = self._before.columns if self._before else given
        extras = sorted({*there[len(COLUMNS) :], *given[len(COLUMNS) :]})
        self._given, self._names = given, (*COLUMNS, *extras)
        plan = plan_of(self.symbol, self.timeframe, extras)
        self._builder = self._revision.builder(plan)
        return self._builder

    def _joined(self, held: Columns, new: Columns) -> Columns:
        if not len(held["ts"]):
            self.added += len(new["ts"])
            return fitted(new, self._names)
        joining = Joining()
        joined = joining(fitted(held, self._names), fitted(new, self._names))
        self.changed += joining.changed
        self.unchanged += joining.unchanged
        self.added += len(new["ts"]) - joining.changed - joining.unchanged
        return joined


class Columnwise:
    """Rows that are there already, read part by part beside those that join them."""

    def __init__(self, parts: Iterator[Columns]) -> None:
        self._parts = parts
        self._part: Columns | None = next(parts, None)

    def beside(self, new: Columns) -> Iterator[tuple[Columns, Columns]]:
        """Give the rows up to the last new one, each time with the new ones of the same span."""
        while len(new["ts"]) and self._part is not None:
            upto = min(int(self._part["ts"][-1]), int(new["ts"][-1]))
            held, self._part = _cut(self._part, upto)
            mine, new = _cut(new, upto)
            if not len(self._part["ts"]):
                self._part = next(self._parts, None)
            yield held, mine
        if len(new["ts"]):
            yield {name: values[:0] for name, values in new.items()}, new

    def rest(self) -> Iterator[Columns]:
        """Give what is later than all that was joined."""
        while self._part is not None:
            if len(self._part["ts"]):
                yield self._part
            self._part = next(self._parts, None)


def _cut(columns: Columns, upto_ns: int) -> tuple[Columns, Columns]:
    stop = int(np.searchsorted(columns["ts"], upto_ns, side="right"))
    return (
        {name: values[:stop] for name, values in columns.items()},
        {name: values[stop:] for name, values in columns.items()},
    )
