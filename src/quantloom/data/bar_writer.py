"""Bars stored block by block, and the errors of bars that do not fit what they are stored as."""

from datetime import datetime
from typing import Unpack

from quantloom.data.bar_rows import COLUMNS, NotLater, columns_of, plan_of
from quantloom.data.described import DatasetInfo
from quantloom.data.names import InstrumentMismatch
from quantloom.data.origin import MoreTold, Told
from quantloom.data.store import Builder, Manifest, Revision
from quantloom.errors import Invalid
from quantloom.market import Bars, EmptyRange, Instrument, Timeframe


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
        info: the dataset as it is stored, once it is.
    """

    def __init__(self, symbol: str, timeframe: Timeframe, revision: Revision) -> None:
        self.symbol, self.timeframe = symbol, timeframe
        self.told: MoreTold = {}
        self.info: DatasetInfo | None = None
        self._revision = revision
        self._builder: Builder | None = None
        self._names: tuple[str, ...] = ()
        self._last: datetime | None = None

    def add(self, bars: Bars) -> None:
        """Take bars that are all later than those before.

        Raises:
            NotLater: they are not.
            InstrumentMismatch: they are another symbol's, or of another timeframe.
            ColumnsChanged: they have other columns than those before.
            CatalogUnwritable: the disk is full or refuses.
        """
        if (bars.symbol, bars.timeframe) != (self.symbol, self.timeframe):
            raise InstrumentMismatch(f"{bars.symbol} {bars.timeframe}", self.symbol)
        if not len(bars):
            return
        columns = columns_of(bars)
        if self._builder is None:
            self._names = tuple(columns)
            plan = plan_of(self.symbol, self.timeframe, self._names[len(COLUMNS) :])
            self._builder = self._revision.builder(plan)
        elif self._last is not None and bars.start <= self._last:
            raise NotLater(self.symbol, self.timeframe, self._last, bars.start)
        if tuple(columns) != self._names:
            raise ColumnsChanged(self.symbol, self._names, tuple(columns))
        self._last = bars.end
        self._builder.add(columns)

    def describe(self, **told: Unpack[MoreTold]) -> None:
        """Say what is known only when every row has been seen."""
        self.told = told

    def finish(self, instrument: Instrument, told: Told) -> Manifest:
        """Make what was taken the dataset.

        Raises:
            EmptyRange: there are no bars.
        """
        if self._builder is None:
            raise EmptyRange(self.symbol, None, None)
        return self._revision.create(self._builder, instrument, told | self.told)
