"""The catalog: bars and ticks on disk or in a bucket.

`docs/reference/catalog.md` describes layout, file format and guarantees.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Unpack

from quantloom.data.atomic import remove
from quantloom.data.bar_rows import (
    COLUMNS,
    Following,
    Joining,
    bars_of,
    columns_of,
    fitted,
    plan_of,
    told_anew,
)
from quantloom.data.bar_writer import BarWriter
from quantloom.data.described import (
    Compacted,
    DatasetInfo,
    TicksInfo,
    Upserted,
    bars_info,
    legacy_info,
)
from quantloom.data.names import (
    BARS,
    BarsAt,
    DatasetNotFound,
    InstrumentMismatch,
    InstrumentMissing,
    TimeframeNeeded,
    bars_at,
    dataset_not_found,
    folder_of,
    matches,
)
from quantloom.data.origin import MoreTold, Told
from quantloom.data.store import (
    CatalogUnwritable,
    CorruptDataset,
    Dataset,
    Disk,
    Manifest,
    Place,
    Revision,
    SchemaTooNew,
    Subject,
    Wanted,
)
from quantloom.data.store.buckets import SCHEME, Bucket
from quantloom.data.store.disk import LEGACY
from quantloom.data.store.legacy import read_legacy, read_record
from quantloom.data.store.manifest import MANIFEST
from quantloom.data.tick_shelf import TickShelf
from quantloom.errors import Forbidden
from quantloom.kit import to_ns
from quantloom.market import Bars, EmptyRange, Instrument, Provenance, Ticks, Timeframe

if TYPE_CHECKING:
    from quantloom.data.quality import RowAccount

MOST_GRADED = 5_000_000
"""How many bars a dataset has at most that is graded when it is stored."""


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
        self._ticks = TickShelf(self.place)

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
        **told: Unpack[Told],
    ) -> Iterator[BarWriter]:
        """Store bars block by block, replacing what is stored when the block of code ends well.

        `add` takes blocks of bars, each later than the one before; `describe` what is known at the
        end only. Until the end readers see what was there before; an exception leaves it there.
        The memory held does not grow with the number of bars.

        Raises:
            NotLater: a block does not begin after the one before.
            ColumnsChanged: a block has other columns than the one before.
            EmptyRange, BadSymbol, InstrumentMismatch, ReservedColumn: as for `write`.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for `write`.
        """
        found = Timeframe.parse(timeframe)
        _demand_own(symbol, instrument)
        with self._changing(symbol, found) as revision:
            writer = BarWriter(symbol, found, revision)
            yield writer
            manifest = writer.finish(instrument, told)
        self._drop_legacy(symbol, found)
        writer.info = bars_info(manifest, self._dataset(symbol, found).where)

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
        found = self._timeframe(symbol, timeframe)
        wanted = Wanted(
            start_ns=None if start is None else to_ns(start),
            end_ns=None if end is None else to_ns(end),
            last=last,
            names=None if extras else COLUMNS,
        )
        try:
            manifest, columns = self._dataset(symbol, found).read(wanted)
        except FileNotFoundError:
            return self._legacy_bars(symbol, found, wanted)
        if not len(columns["ts"]):
            raise EmptyRange(symbol, start, end)
        bars = bars_of(symbol, found, columns)
        return replace(bars, provenance=_provenance(manifest))

    def instrument(self, symbol: str) -> Instrument:
        """The instrument stored with the shortest timeframe of a symbol.

        Raises:
            DatasetNotFound: there are no bars of it.
        """
        timeframes = self.timeframes(symbol)
        if not timeframes:
            raise self._not_found(symbol, None)
        return self.info(symbol, timeframes[0]).instrument

    def info(self, symbol: str, timeframe: Timeframe | str | None = None) -> DatasetInfo:
        """Describe one dataset.

        Raises:
            DatasetNotFound, TimeframeNeeded, BadTimeframe, CorruptDataset, SchemaTooNew: as for
                `read`.
        """
        found = self._timeframe(symbol, timeframe)
        dataset = self._dataset(symbol, found)
        try:
            return bars_info(dataset.manifest(), dataset.where)
        except FileNotFoundError:
            pass
        info = self._legacy_info(symbol, found)
        if info is None:
            raise self._not_found(symbol, found)
        return info

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
        present = [one for one in there if not one.is_legacy]
        texts = self.place.read_all([f"{one.name}/{MANIFEST}" for one in present])
        by_key = dict(zip((one.key for one in present), texts, strict=True))
        for one in there:
            try:
                info = self._look_at(one, by_key.get(one.key))
            except (CorruptDataset, SchemaTooNew) as error:
                yield error
            else:
                if info is not None:
                    yield info

    def there(self, match: str = "", timeframe: Timeframe | str | None = None) -> Sequence[BarsAt]:
        """Name every dataset of bars, readable or not, in the order of `list`, without opening any.

        Arguments are those of `list`.
        """
        wanted = None if timeframe is None else Timeframe.parse(timeframe)
        found: dict[tuple[str, int, str], BarsAt] = {}
        for one in map(bars_at, self.place.datasets(BARS)):
            if one is None or not matches(one.symbol, match) or wanted not in (None, one.timeframe):
                continue
            # A file of schema 1 beside the folder is one that a write has not cleared away yet.
            if one.key not in found or not one.is_legacy:
                found[one.key] = one
        return tuple(found[key] for key in sorted(found))

    def damaged(self) -> tuple[CorruptDataset | SchemaTooNew, ...]:
        """Say of each dataset that `list` leaves out why it cannot be read."""
        found = self.look_at(self.there())
        return tuple(one for one in found if not isinstance(one, DatasetInfo))

    def symbols(self) -> tuple[str, ...]:
        """Name every symbol there are bars of, sorted."""
        return tuple(dict.fromkeys(one.symbol for one in self.there()))

    def timeframes(self, symbol: str) -> tuple[Timeframe, ...]:
        """Name the timeframes there are of a symbol, shortest first; empty where it is unknown."""
        found = filter(None, map(bars_at, self.place.datasets(folder_of(BARS, symbol))))
        return tuple(dict.fromkeys(one.timeframe for one in sorted(found, key=_key)))

    def delete(self, symbol: str, timeframe: Timeframe | str) -> None:
        """Remove one dataset, readable or not.

        Raises:
            DatasetNotFound: there is none.
            ReadOnlyCatalog: this catalog is there to be read.
            CatalogBusy: a writer did not finish in time.
            CatalogUnwritable: the disk refuses.
        """
        found = Timeframe.parse(timeframe)
        is_legacy = self._drop_legacy(symbol, found)
        try:
            with self._changing(symbol, found) as revision:
                revision.remove()
        except FileNotFoundError:
            if not is_legacy:
                raise self._not_found(symbol, found) from None

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
            The dataset; without a grade where it has more than 5,000,000 bars: runs then check
            those that they take.
        Raises:
            DatasetNotFound, TimeframeNeeded, CorruptDataset: as for `read`.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for `write`.
        """
        from quantloom.data.quality import check  # noqa: PLC0415  reading needs none of it

        info = self.info(symbol, timeframe)
        if info.rows > MOST_GRADED:
            return info
        self._upgrade(symbol, info.timeframe)
        bars = self.read(symbol, info.timeframe)
        repairs = () if info.origin is None else info.origin.changes
        report = check(bars, instrument=info.instrument, raw=raw, repairs=repairs, is_sound=True)
        with self._changing(symbol, info.timeframe) as revision:
            before = revision.before()
            if before is None:
                raise self._not_found(symbol, info.timeframe)
            # Rows that came meanwhile were not looked at.
            is_of_now = bars.provenance is not None and before.digest == bars.provenance.digest
            if is_of_now:
                revision.change(before, {"quality": report.short()})
        return self.info(symbol, info.timeframe)

    def compact(self, symbol: str, timeframe: Timeframe | str) -> Compacted:
        """Join the pieces of each period into one, and clear away what dead writers left.

        A dataset of schema 1 becomes one of the present schema. The bars stay as they are.

        Raises:
            DatasetNotFound, ReadOnlyCatalog, CatalogBusy, CatalogUnwritable, CorruptDataset: as for
                `append`.
        """
        found = Timeframe.parse(timeframe)
        before = self.info(symbol, found)
        self._upgrade(symbol, found)
        with self._changing(symbol, found) as revision:
            manifest = revision.before()
            if manifest is None:
                raise self._not_found(symbol, found)
            plan = plan_of(symbol, found, manifest.columns[len(COLUMNS) :])
            manifest = revision.compact(manifest, plan)
        info = bars_info(manifest, self._dataset(symbol, found).where)
        return Compacted(info=info, pieces_before=before.pieces, bytes_before=before.bytes)

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

    def delete_ticks(self, symbol: str, stream: str) -> None:
        """Remove a stream of ticks, readable or not.

        Raises:
            TicksNotFound: there is none.
            ReadOnlyCatalog, CatalogBusy, CatalogUnwritable: as for `delete`.
        """
        self._demand_writable(symbol)
        self._ticks.delete(symbol, stream)

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
        if not len(bars):
            raise EmptyRange(bars.symbol, None, None)
        self._upgrade(bars.symbol, bars.timeframe)
        with self._changing(bars.symbol, bars.timeframe) as revision:
            before = revision.before()
            if before is None:
                manifest = _begun(revision, bars, instrument, told)
            else:
                joining = joining or Following(bars, before.end_ns)
                fields = _joined(revision, before, bars, joining) | told_anew(before, told)
                fields["instrument"] = instrument or before.instrument
                manifest = revision.change(before, fields)
        return bars_info(manifest, self._dataset(bars.symbol, bars.timeframe).where)

    @contextmanager
    def _changing(self, symbol: str, timeframe: Timeframe) -> Iterator[Revision]:
        self._demand_writable(symbol)
        with self._dataset(symbol, timeframe).changing() as revision:
            yield revision

    def _demand_writable(self, symbol: str) -> None:
        if not self.is_writable:
            raise ReadOnlyCatalog(symbol)

    def _dataset(self, symbol: str, timeframe: Timeframe) -> Dataset:
        folder = f"{folder_of(BARS, symbol)}/{timeframe}"
        subject = Subject(kind=BARS, symbol=symbol, part=str(timeframe))
        return Dataset(self.place, folder, subject)

    def _timeframe(self, symbol: str, timeframe: Timeframe | str | None) -> Timeframe:
        if timeframe is not None:
            return Timeframe.parse(timeframe)
        choices = self.timeframes(symbol)
        if not choices:
            raise self._not_found(symbol, None)
        if len(choices) > 1:
            raise TimeframeNeeded(symbol, tuple(map(str, choices)))
        return choices[0]

    def _not_found(self, symbol: str, timeframe: Timeframe | None) -> DatasetNotFound:
        return dataset_not_found(
            symbol, timeframe, timeframes=self.timeframes(symbol), symbols=self.symbols()
        )

    def _look_at(self, one: BarsAt, text: bytes | None) -> DatasetInfo | None:
        # None where another process deleted the dataset since it was listed.
        if one.is_legacy:
            return self._legacy_info(one.symbol, one.timeframe)
        if text is None:
            return None
        dataset = self._dataset(one.symbol, one.timeframe)
        return bars_info(dataset.decoded(text), dataset.where)

    @property
    def root(self) -> Path:
        """The folder it lies in; of a bucket the one for files that are needed for a while only."""
        return self.place.root if isinstance(self.place, Disk) else Path(gettempdir())

    def _legacy(self, symbol: str, timeframe: Timeframe) -> Path:
        """Where a file of schema 1 would lie; in a bucket there are none."""
        return Path(self.place.where(f"{folder_of(BARS, symbol)}/{timeframe}{LEGACY}"))

    def _legacy_info(self, symbol: str, timeframe: Timeframe) -> DatasetInfo | None:
        path = self._legacy(symbol, timeframe)
        try:
            record, size = read_record(path), path.stat().st_size
        except FileNotFoundError:
            return None
        _check_place(path, record.symbol, record.timeframe, (symbol, str(timeframe)))
        return legacy_info(record, str(path), size)

    def _legacy_bars(self, symbol: str, timeframe: Timeframe, wanted: Wanted) -> Bars:
        path = self._legacy(symbol, timeframe)
        try:
            bars = read_legacy(path, wanted)
        except FileNotFoundError:
            raise self._not_found(symbol, timeframe) from None
        _check_place(path, bars.symbol, str(bars.timeframe), (symbol, str(timeframe)))
        return bars

    def _upgrade(self, symbol: str, timeframe: Timeframe) -> None:
        """Make a dataset of schema 1 one of the present schema."""
        if self._dataset(symbol, timeframe).is_there():
            return
        info = self._legacy_info(symbol, timeframe)
        if info is None:
            return
        self.write(
            self._legacy_bars(symbol, timeframe, Wanted()),
            info.instrument,
            source=info.source,
            licence=info.licence,
            dropped_rows=info.dropped_rows,
        )

    def _drop_legacy(self, symbol: str, timeframe: Timeframe) -> bool:
        """Take a file of schema 1 away; tell whether there was one."""
        self._demand_writable(symbol)
        path = self._legacy(symbol, timeframe)
        try:
            remove(path)
        except FileNotFoundError:
            return False
        except OSError as problem:
            raise CatalogUnwritable(path, problem.strerror or str(problem)) from problem
        return True


def _provenance(manifest: Manifest) -> Provenance:
    told = manifest.quality
    # What was found before rows were added says nothing of what is there now.
    is_of_now = told is not None and "grade" in told and told.get("rows") == manifest.rows
    return Provenance(manifest.digest, told if is_of_now else None)


def _place(root: Path | str, wait_s: float, s3: Mapping[str, str] | None) -> Place:
    if isinstance(root, str) and root.startswith(SCHEME):
        return Bucket(root, s3)
    return Disk(Path(root), wait_s=wait_s)


def _begun(
    revision: Revision, bars: Bars, instrument: Instrument | None, told: MoreTold
) -> Manifest:
    if instrument is None:
        raise InstrumentMissing(bars.symbol)
    builder = revision.builder(plan_of(bars.symbol, bars.timeframe, tuple(bars.extras)))
    builder.add(columns_of(bars))
    return revision.create(builder, instrument, told)


def _joined(revision: Revision, before: Manifest, bars: Bars, joining: Joining) -> dict[str, Any]:
    """Join bars to those there; give the fields of the manifest that become others."""
    extras = sorted({*before.columns[len(COLUMNS) :], *bars.extras})
    names = (*COLUMNS, *extras)
    plan = plan_of(bars.symbol, bars.timeframe, extras)
    new = fitted(columns_of(bars), names)
    if names == before.columns:
        return revision.splice(before, new, plan, joining)
    held = fitted(revision.rows(before), names)
    return {"columns": names} | revision.rebuild(joining(held, new), plan)


def _demand_own(symbol: str, instrument: Instrument) -> None:
    if instrument.symbol != symbol:
        raise InstrumentMismatch(symbol, instrument.symbol)


def _check_place(path: Path, symbol: str, timeframe: str, expected: tuple[str, str]) -> None:
    if (symbol, timeframe) != expected:
        raise CorruptDataset(path, f"it holds {timeframe} bars of {symbol}")


def _key(one: BarsAt) -> tuple[str, int, str]:
    return one.key
