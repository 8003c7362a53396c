"""The catalog: bars and ticks on disk or in a bucket.

`docs/reference/catalog.md` describes layout, file format and guarantees.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Unpack

from quantloom.data.bar_rows import COLUMNS, Joining
from quantloom.data.bar_shelf import BarShelf
from quantloom.data.bar_writer import BarWriter
from quantloom.data.described import Compacted, CompactedTicks, DatasetInfo, TicksInfo, Upserted
from quantloom.data.names import BarsAt, InstrumentMismatch
from quantloom.data.origin import MoreTold, Told
from quantloom.data.store import CorruptDataset, Disk, Place, SchemaTooNew, Wanted
from quantloom.data.store.buckets import SCHEME, Bucket
from quantloom.data.tick_shelf import TickShelf
from quantloom.errors import Forbidden
from quantloom.kit import to_ns
from quantloom.market import Bars, Instrument, Ticks, Timeframe

if TYPE_CHECKING:
    from quantloom.data.quality import QualityReport, RowAccount

MOST_HELD = 5_000_000
"""How many bars a dataset has at most that is graded all at once; others are block by block."""


class ReadOnlyCatalog(Forbidden):
    """A change to a catalog that is there to be read, such as the packaged demonstration set."""

    code = "data.read_only_catalog"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return (
            f"{self.symbol}: the packaged demonstration data cannot be changed; "
            "give a data directory of your own"
        )


class Catalog:
    """Bars and ticks in one place. Many readers and writers, of many processes, may share it.

    Args:
        root: a folder, made by the first write, or `s3://bucket/prefix`.
        is_writable: whether changes are taken.
        wait_s: seconds to wait for another writer of the same dataset, in a folder.
        s3: `access_key_id`, `secret_access_key`, `session_token`, `region` and `endpoint` of a
            bucket; what is not given comes from where the AWS tools look.

    Raises:
        BucketExtraMissing: the root is in a bucket, and the extra `s3` is not installed.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        is_writable: bool = True,
        wait_s: float = 60.0,
        s3: Mapping[str, str] | None = None,
    ) -> None:
        self.is_writable = is_writable
        self.place = _place(root, wait_s, s3)
        self._bars = BarShelf(self.place)
        self._ticks = TickShelf(self.place)

    @property
    def root(self) -> Path:
        """The folder it lies in; of a bucket the one for files that are needed for a while only."""
        return self.place.root if isinstance(self.place, Disk) else Path(gettempdir())

    def write(self, bars: Bars, instrument: Instrument, **told: Unpack[Told]) -> DatasetInfo:
        """Store bars, replacing those of the same symbol and timeframe in one step.

        Args:
            told: `source`, where the bars come from, in words; `licence`, under which they may be
                passed on, empty where nobody said; `dropped_rows`, that the import left out;
                `origin`, what was done to the source's rows; `quality`, what a check found, in
                short: JSON values, among them `grade`, which makes one of what is stored.
        Raises:
            EmptyRange: there are no bars.
            BadSymbol: the symbol is not spelled `code.VENUE`.
            InstrumentMismatch: the instrument is another symbol's.
            ReservedColumn: an extra is named like a column of every bar.
            ReadOnlyCatalog: this catalog is there to be read.
            CatalogBusy: another writer of the dataset did not finish in time.
            CatalogUnwritable: the disk is full or refuses; the old bars are still there.
        """
        with self.writer(bars.symbol, bars.timeframe, instrument, **told) as writer:
            writer.add(bars)
        return writer.info or self.info(bars.symbol, bars.timeframe)

    @contextmanager
    def writer(
        self,
        symbol: str,
        timeframe: Timeframe | str,
        instrument: Instrument,
        *,
        is_added: bool = False,
        **told: Unpack[Told],
    ) -> Iterator[BarWriter]:
        """Store bars block by block, replacing what is stored when the block of code ends well.

        `add` takes blocks of bars, each later than the one before; `describe` what is known at the
        end only. Until the end readers see what was there before; an exception leaves it there.
        The memory held does not grow with the number of bars.

        Args:
            is_added: keeps the bars that are stored; where both have a time, the given bar stays.
                What is told then replaces what is stored as `append` has it.
        Raises:
            NotLater: a block does not begin after the one before.
            ColumnsChanged: a block has other columns than the one before.
            EmptyRange, BadSymbol, InstrumentMismatch, ReservedColumn: as for `write`.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for `write`.
        """
        _demand_own(symbol, instrument)
        self._demand_writable(symbol)
        found = Timeframe.parse(timeframe)
        with self._bars.writer(symbol, found, instrument, told, is_added=is_added) as writer:
            yield writer

    def append(
        self, bars: Bars, instrument: Instrument | None = None, **told: Unpack[MoreTold]
    ) -> DatasetInfo:
        """Store bars that are all later than those stored; without any stored, the first ones.

        What is stored is not rewritten, but for the newest part of it.

        Args:
            instrument: replaces the stored one; needed where nothing is stored.
            told: as for `write`. Source, licence and origin replace what is stored and are left
                alone where not given; dropped rows are counted on top of those before; quality is
                of all bars as they are then, and none is kept where none is given.
        Raises:
            NotLater: a bar is not later than the last one stored; `upsert` takes such bars.
            InstrumentMissing: nothing is stored yet and no instrument was given.
            EmptyRange, BadSymbol, InstrumentMismatch, ReservedColumn: as for `write`.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for `write`.
            CorruptDataset: as for `read`.
        """
        return self._grow(bars, instrument, told, joining=None)

    def upsert(
        self, bars: Bars, instrument: Instrument | None = None, **told: Unpack[MoreTold]
    ) -> Upserted:
        """Store bars among those stored; where both have a time, the given bar stays.

        Arguments and errors are those of `append`, without `NotLater`.
        """
        joining = Joining()
        info = self._grow(bars, instrument, told, joining=joining)
        return Upserted(
            info=info,
            added=len(bars) - joining.changed - joining.unchanged,
            changed=joining.changed,
            unchanged=joining.unchanged,
        )

    def read(
        self,
        symbol: str,
        timeframe: Timeframe | str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        last: int | None = None,
        extras: bool = True,
    ) -> Bars:
        """Read bars with start <= open time < end.

        Args:
            timeframe: may be left out where the symbol has one only.
            start, end: aware datetimes; None for the first and past the last bar.
            last: only so many of them, the latest.
            extras: whether to read columns beyond those every bar has.
        Returns:
            Read-only columns; only the parts of the files that hold the span are read.
        Raises:
            DatasetNotFound: there are no such bars; the error names what comes close.
            TimeframeNeeded: there are several timeframes and none was named.
            BadTimeframe: the timeframe cannot be read.
            EmptyRange: no bar lies in the span.
            CorruptDataset: a file is damaged or missing.
            SchemaTooNew: a later version of this library wrote it.
        """
        wanted = Wanted(
            start_ns=None if start is None else to_ns(start),
            end_ns=None if end is None else to_ns(end),
            last=last,
            names=None if extras else COLUMNS,
        )
        return self._bars.read(symbol, self._bars.timeframe(symbol, timeframe), wanted)

    def instrument(self, symbol: str) -> Instrument:
        """The instrument stored with the shortest timeframe of a symbol.

        Raises:
            DatasetNotFound: there are no bars of it.
        """
        timeframes = self.timeframes(symbol)
        if not timeframes:
            raise self._bars.not_found(symbol, None)
        return self.info(symbol, timeframes[0]).instrument

    def info(self, symbol: str, timeframe: Timeframe | str | None = None) -> DatasetInfo:
        """Describe one dataset.

        Raises:
            DatasetNotFound, TimeframeNeeded, BadTimeframe, CorruptDataset, SchemaTooNew: as for
                `read`.
        """
        return self._bars.info(symbol, self._bars.timeframe(symbol, timeframe))

    def list(
        self,
        match: str = "",
        *,
        timeframe: Timeframe | str | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[DatasetInfo, ...]:
        """Describe every readable dataset, by symbol, then shortest timeframe first.

        Args:
            match: symbols with this in them, in capitals or not; `*` and `?` stand for anything.
            timeframe: of this timeframe only.
            offset, limit: leave out so many, then at most so many.
        """
        found = self.look_at(self.there(match, timeframe)[offset:][:limit])
        return tuple(one for one in found if isinstance(one, DatasetInfo))

    def look_at(
        self, there: Sequence[BarsAt]
    ) -> Iterator[DatasetInfo | CorruptDataset | SchemaTooNew]:
        """Describe each of the datasets named, in their order, or say why it cannot be read."""
        return self._bars.look_at(there)

    def there(self, match: str = "", timeframe: Timeframe | str | None = None) -> Sequence[BarsAt]:
        """Name every dataset of bars, readable or not, in the order of `list`, without opening any.

        Arguments are those of `list`.
        """
        wanted = None if timeframe is None else Timeframe.parse(timeframe)
        return self._bars.there(match, wanted)

    def damaged(self) -> tuple[CorruptDataset | SchemaTooNew, ...]:
        """Say of each dataset that `list` and `list_ticks` leave out why it cannot be read."""
        found = self.look_at(self.there())
        bars = (one for one in found if not isinstance(one, DatasetInfo))
        return (*bars, *self._ticks.damaged())

    def symbols(self) -> tuple[str, ...]:
        """Name every symbol there are bars of, sorted."""
        return tuple(dict.fromkeys(one.symbol for one in self.there()))

    def timeframes(self, symbol: str) -> tuple[Timeframe, ...]:
        """Name the timeframes there are of a symbol, shortest first; empty where it is unknown."""
        return self._bars.timeframes(symbol)

    def delete(self, symbol: str, timeframe: Timeframe | str) -> None:
        """Remove one dataset, readable or not.

        Raises:
            DatasetNotFound: there is none.
            ReadOnlyCatalog: this catalog is there to be read.
            CatalogBusy: a writer did not finish in time.
            CatalogUnwritable: the disk refuses.
        """
        self._demand_writable(symbol)
        self._bars.delete(symbol, Timeframe.parse(timeframe))

    def grade(
        self,
        symbol: str,
        timeframe: Timeframe | str | None = None,
        *,
        raw: "RowAccount | None" = None,
    ) -> DatasetInfo:
        """Check a dataset and store the grade and what was found with it.

        Args:
            raw: what reading its source left out.
        Returns:
            The dataset; more than 5,000,000 bars are read twice, block by block, so that the
            memory held does not grow with them.
        Raises:
            DatasetNotFound, TimeframeNeeded, CorruptDataset: as for `read`.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for `write`.
        """
        found = self._bars.timeframe(symbol, timeframe)
        self.check(symbol, found, raw=raw)
        return self.info(symbol, found)

    def check(
        self,
        symbol: str,
        timeframe: Timeframe | str | None = None,
        *,
        raw: "RowAccount | None" = None,
    ) -> "QualityReport":
        """Do what `grade` does, and give all that was found; arguments and errors are the same."""
        self.info(symbol, timeframe)
        self._demand_writable(symbol)
        self._bars.renew(symbol, self._bars.timeframe(symbol, timeframe))
        info = self.info(symbol, timeframe)
        report = self._checked(info, raw)
        self._bars.grade(symbol, info.timeframe, info.digest, report.short())
        return report

    def _checked(self, info: DatasetInfo, raw: "RowAccount | None") -> "QualityReport":
        from quantloom.data.quality import check, check_blocks  # noqa: PLC0415  reading needs none

        repairs = () if info.origin is None else info.origin.changes
        if info.rows > MOST_HELD:
            return check_blocks(
                lambda: self._bars.blocks(info.symbol, info.timeframe),
                instrument=info.instrument,
                raw=raw,
                repairs=repairs,
            )
        bars = self.read(info.symbol, info.timeframe)
        return check(bars, instrument=info.instrument, raw=raw, repairs=repairs, is_sound=True)

    def compact(self, symbol: str, timeframe: Timeframe | str) -> Compacted:
        """Join the pieces of each period into one, and clear away what dead writers left.

        A dataset of schema 1 becomes one of the present schema. The bars stay as they are.

        Raises:
            DatasetNotFound, ReadOnlyCatalog, CatalogBusy, CatalogUnwritable, CorruptDataset: as for
                `append`.
        """
        self._demand_writable(symbol)
        return self._bars.compact(symbol, Timeframe.parse(timeframe))

    def write_ticks(
        self,
        ticks: Ticks,
        instrument: Instrument,
        *,
        stream: str | None = None,
        **told: Unpack[Told],
    ) -> TicksInfo:
        """Store ticks, replacing those of the same symbol and stream in one step.

        Args:
            stream: `trades`, `quotes` or `mixed`; by what the rows bring where not given.
            told: as for `write`.
        Raises:
            UnknownStream: there is no such stream.
            BadSymbol, InstrumentMismatch, ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for
                `write`.
        """
        _demand_own(ticks.symbol, instrument)
        self._demand_writable(ticks.symbol)
        return self._ticks.write(ticks, instrument, stream, told)

    def append_ticks(
        self,
        ticks: Ticks,
        instrument: Instrument | None = None,
        *,
        stream: str | None = None,
        **told: Unpack[MoreTold],
    ) -> TicksInfo:
        """Store ticks that are all later than those of their stream.

        Raises:
            TicksNotLater: a tick is not later than the last one stored.
            InstrumentMissing: nothing is stored yet and no instrument was given.
            ReceiptMissing: those stored tell when they were received, or these do, not both.
            UnknownStream, BadSymbol, InstrumentMismatch: as for `write_ticks`.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for `write_ticks`.
        """
        return self._grow_ticks(ticks, instrument, stream, told, is_later=True)

    def upsert_ticks(
        self,
        ticks: Ticks,
        instrument: Instrument | None = None,
        *,
        stream: str | None = None,
        **told: Unpack[MoreTold],
    ) -> TicksInfo:
        """Store ticks in the place of all that lie from the first of them to the last.

        Arguments and errors are those of `append_ticks`, without `TicksNotLater`.
        """
        return self._grow_ticks(ticks, instrument, stream, told, is_later=False)

    def read_ticks(
        self,
        symbol: str,
        *,
        stream: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Ticks:
        """Read ticks with start <= exchange time < end.

        Args:
            stream: may be left out where there is one; trades and quotes are then merged, the
                trades of a time before its quotes.
        Raises:
            TicksNotFound: there are no ticks of the symbol, or none of the stream.
            StreamNeeded: there are mixed ticks and others, and no stream was named.
            NoTicks: none lies in the span.
            CorruptDataset, SchemaTooNew: as for `read`.
        """
        return self._ticks.read(symbol, stream, start=start, end=end)

    def list_ticks(self, match: str = "") -> tuple[TicksInfo, ...]:
        """Describe every readable stream of ticks, by symbol and stream; `match` as for `list`."""
        return self._ticks.list(match)

    def streams(self, symbol: str) -> tuple[str, ...]:
        """Name the streams of ticks there are of a symbol; empty where it is unknown."""
        return self._ticks.streams(symbol)

    def delete_ticks(self, symbol: str, stream: str) -> None:
        """Remove a stream of ticks, readable or not.

        Raises:
            TicksNotFound: there is none.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for `delete`.
        """
        self._demand_writable(symbol)
        self._ticks.delete(symbol, stream)

    def check_ticks(
        self, symbol: str, stream: str, *, raw: "RowAccount | None" = None
    ) -> "QualityReport":
        """Check a stream of ticks, store the grade with it, and give all that was found.

        Args:
            raw: what reading its source left out.
        Raises:
            TicksNotFound: there is none.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable, CorruptDataset: as for `compact`.
        """
        from quantloom.data.quality import check_ticks  # noqa: PLC0415  reading needs none of it

        info = self._ticks.info(symbol, stream)
        self._demand_writable(symbol)
        ticks = self.read_ticks(symbol, stream=stream)
        report = check_ticks(ticks, instrument=info.instrument, raw=raw)
        self._ticks.grade(symbol, stream, info.digest, report.short())
        return report

    def compact_ticks(self, symbol: str, stream: str) -> CompactedTicks:
        """Join the files of each day of a stream into one; the ticks stay as they are.

        Raises:
            TicksNotFound: there is none.
            UnknownStream: there is no such stream.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable, CorruptDataset: as for `compact`.
        """
        self._demand_writable(symbol)
        return self._ticks.compact(symbol, stream)

    def _grow_ticks(
        self,
        ticks: Ticks,
        instrument: Instrument | None,
        stream: str | None,
        told: MoreTold,
        *,
        is_later: bool,
    ) -> TicksInfo:
        if instrument is not None:
            _demand_own(ticks.symbol, instrument)
        self._demand_writable(ticks.symbol)
        return self._ticks.grow(ticks, instrument, stream, told, is_later=is_later)

    def _grow(
        self,
        bars: Bars,
        instrument: Instrument | None,
        told: MoreTold,
        *,
        joining: Joining | None,
    ) -> DatasetInfo:
        if instrument is not None:
            _demand_own(bars.symbol, instrument)
        self._demand_writable(bars.symbol)
        return self._bars.grow(bars, instrument, told, joining=joining)

    def _demand_writable(self, symbol: str) -> None:
        if not self.is_writable:
            raise ReadOnlyCatalog(symbol)


def _place(root: Path | str, wait_s: float, s3: Mapping[str, str] | None) -> Place:
    if isinstance(root, str) and root.startswith(SCHEME):
        return Bucket(root, s3)
    return Disk(Path(root), wait_s=wait_s)


def _demand_own(symbol: str, instrument: Instrument) -> None:
    if instrument.symbol != symbol:
        raise InstrumentMismatch(symbol, instrument.symbol)
