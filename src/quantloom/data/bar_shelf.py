"""Bars as they are stored: by symbol and timeframe, whatever the schema of their files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

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
from quantloom.data.described import Compacted, DatasetInfo, bars_info
from quantloom.data.legacy_bars import LegacyBars
from quantloom.data.names import (
    BARS,
    BarsAt,
    DatasetNotFound,
    InstrumentMissing,
    TimeframeNeeded,
    bars_at,
    dataset_not_found,
    folder_of,
    matches,
)
from quantloom.data.origin import MoreTold, Told
from quantloom.data.store import (
    CorruptDataset,
    Dataset,
    Manifest,
    Place,
    Revision,
    SchemaTooNew,
    Subject,
    Wanted,
)
from quantloom.data.store.manifest import MANIFEST
from quantloom.kit import from_ns
from quantloom.market import Bars, EmptyRange, Instrument, Provenance, Timeframe

_BLOCK = 1 << 17


class BarShelf:
    """The bars of a place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._legacy = LegacyBars(place)

    @contextmanager
    def writer(
        self,
        symbol: str,
        timeframe: Timeframe,
        instrument: Instrument,
        told: Told,
        *,
        is_added: bool = False,
    ) -> Iterator[BarWriter]:
        """Store bars block by block in the place of what there is, or among it."""
        if is_added:
            self.renew(symbol, timeframe)
        dataset = self._dataset(symbol, timeframe)
        with dataset.changing() as revision:
            before = revision.before() if is_added else None
            writer = BarWriter(symbol, timeframe, instrument, revision, before=before)
            yield writer
            manifest = writer.finish(told)
        self._legacy.drop(symbol, timeframe)
        writer.info = bars_info(manifest, dataset.where)

    def grow(
        self,
        bars: Bars,
        instrument: Instrument | None,
        told: MoreTold,
        *,
        joining: Joining | None,
    ) -> DatasetInfo:
        """Store bars after those there are, or among them by a way to join them."""
        if not len(bars):
            raise EmptyRange(bars.symbol, None, None)
        self.renew(bars.symbol, bars.timeframe)
        dataset = self._dataset(bars.symbol, bars.timeframe)
        with dataset.changing() as revision:
            before = revision.before()
            if before is None:
                manifest = _begun(revision, bars, instrument, told)
            else:
                joining = joining or Following(bars, before.end_ns)
                fields = _joined(revision, before, bars, joining) | told_anew(before, told)
                fields["instrument"] = instrument or before.instrument
                manifest = revision.change(before, fields)
        return bars_info(manifest, dataset.where)

    def read(self, symbol: str, timeframe: Timeframe, wanted: Wanted) -> Bars:
        """Read the bars wanted."""
        try:
            manifest, columns = self._dataset(symbol, timeframe).read(wanted)
        except FileNotFoundError:
            return self._read_legacy(symbol, timeframe, wanted)
        if not len(columns["ts"]):
            raise EmptyRange(symbol, _moment(wanted.start_ns), _moment(wanted.end_ns))
        bars = bars_of(symbol, timeframe, columns)
        return replace(bars, provenance=_provenance(manifest))

    def info(self, symbol: str, timeframe: Timeframe) -> DatasetInfo:
        """Describe bars."""
        dataset = self._dataset(symbol, timeframe)
        try:
            return bars_info(dataset.manifest(), dataset.where)
        except FileNotFoundError:
            pass
        info = self._legacy_info(symbol, timeframe)
        if info is None:
            raise self.not_found(symbol, timeframe)
        return info

    def look_at(
        self, there: Sequence[BarsAt]
    ) -> Iterator[DatasetInfo | CorruptDataset | SchemaTooNew]:
        """Describe each of the datasets named, or say why it cannot be read."""
        present = [one for one in there if not one.is_legacy]
        texts = self._place.read_all([f"{one.name}/{MANIFEST}" for one in present])
        by_key = dict(zip((one.key for one in present), texts, strict=True))
        for one in there:
            try:
                info = self._look_at(one, by_key.get(one.key))
            except (CorruptDataset, SchemaTooNew) as error:
                yield error
            else:
                if info is not None:
                    yield info

    def there(self, match: str, wanted: Timeframe | None) -> Sequence[BarsAt]:
        """Name every dataset, readable or not, without opening any."""
        found: dict[tuple[str, int, str], BarsAt] = {}
        for one in map(bars_at, self._place.datasets(BARS)):
            if one is None or not matches(one.symbol, match) or wanted not in (None, one.timeframe):
                continue
            # A file of schema 1 beside the folder is one that a write has not cleared away yet.
            if one.key not in found or not one.is_legacy:
                found[one.key] = one
        return tuple(found[key] for key in sorted(found))

    def timeframes(self, symbol: str) -> tuple[Timeframe, ...]:
        """Name the timeframes of a symbol, shortest first."""
        found = filter(None, map(bars_at, self._place.datasets(folder_of(BARS, symbol))))
        return tuple(dict.fromkeys(one.timeframe for one in sorted(found, key=_key)))

    def timeframe(self, symbol: str, timeframe: Timeframe | str | None) -> Timeframe:
        """The timeframe that is meant: the only one there is where none is named."""
        if timeframe is not None:
            return Timeframe.parse(timeframe)
        choices = self.timeframes(symbol)
        if not choices:
            raise self.not_found(symbol, None)
        if len(choices) > 1:
            raise TimeframeNeeded(symbol, tuple(map(str, choices)))
        return choices[0]

    def delete(self, symbol: str, timeframe: Timeframe) -> None:
        """Remove bars, readable or not."""
        is_legacy = self._legacy.drop(symbol, timeframe)
        try:
            with self._dataset(symbol, timeframe).changing() as revision:
                revision.remove()
        except FileNotFoundError:
            if not is_legacy:
                raise self.not_found(symbol, timeframe) from None

    def blocks(self, symbol: str, timeframe: Timeframe) -> Iterator[Bars]:
        """Read all bars, never more than a block of them at once."""
        dataset = self._dataset(symbol, timeframe)
        for piece in dataset.manifest().pieces:
            bars = bars_of(symbol, timeframe, dataset.piece(piece, Wanted()))
            yield from (bars[at : at + _BLOCK] for at in range(0, len(bars), _BLOCK))

    def grade(
        self, symbol: str, timeframe: Timeframe, digest: str, quality: dict[str, Any]
    ) -> None:
        """Keep what a check of stored bars found, unless others have come meanwhile."""
        with self._dataset(symbol, timeframe).changing() as revision:
            before = revision.before()
            if before is None:
                raise self.not_found(symbol, timeframe)
            if before.digest == digest:
                revision.change(before, {"quality": quality})

    def compact(self, symbol: str, timeframe: Timeframe) -> Compacted:
        """Join the pieces of each period into one."""
        before = self.info(symbol, timeframe)
        self.renew(symbol, timeframe)
        dataset = self._dataset(symbol, timeframe)
        with dataset.changing() as revision:
            manifest = revision.before()
            if manifest is None:
                raise self.not_found(symbol, timeframe)
            plan = plan_of(symbol, timeframe, manifest.columns[len(COLUMNS) :])
            manifest = revision.compact(manifest, plan)
        info = bars_info(manifest, dataset.where)
        return Compacted(info=info, pieces_before=before.pieces, bytes_before=before.bytes)

    def renew(self, symbol: str, timeframe: Timeframe) -> None:
        """Make a dataset of schema 1 one of the present schema."""
        if self._dataset(symbol, timeframe).is_there():
            return
        old = self._legacy.find(symbol, timeframe)
        if old is None:
            return
        bars = self._read_legacy(symbol, timeframe, Wanted())
        told: Told = {
            "source": old.source,
            "licence": old.licence,
            "dropped_rows": old.dropped_rows,
        }
        with self.writer(symbol, timeframe, old.instrument, told) as writer:
            writer.add(bars)

    def not_found(self, symbol: str, timeframe: Timeframe | None) -> DatasetNotFound:
        """Say that there are no such bars, and what comes close."""
        symbols = tuple(dict.fromkeys(one.symbol for one in self.there("", None)))
        return dataset_not_found(
            symbol, timeframe, timeframes=self.timeframes(symbol), symbols=symbols
        )

    def _dataset(self, symbol: str, timeframe: Timeframe) -> Dataset:
        folder = f"{folder_of(BARS, symbol)}/{timeframe}"
        subject = Subject(kind=BARS, symbol=symbol, part=str(timeframe))
        return Dataset(self._place, folder, subject)

    def _look_at(self, one: BarsAt, text: bytes | None) -> DatasetInfo | None:
        # None where another process deleted the dataset since it was listed.
        if one.is_legacy:
            return self._legacy_info(one.symbol, one.timeframe)
        if text is None:
            return None
        dataset = self._dataset(one.symbol, one.timeframe)
        return bars_info(dataset.decoded(text), dataset.where)

    def _legacy_info(self, symbol: str, timeframe: Timeframe) -> DatasetInfo | None:
        old = self._legacy.find(symbol, timeframe)
        return None if old is None else bars_info(old, str(self._legacy.where(symbol, timeframe)))

    def _read_legacy(self, symbol: str, timeframe: Timeframe, wanted: Wanted) -> Bars:
        try:
            return self._legacy.read(symbol, timeframe, wanted)
        except FileNotFoundError:
            raise self.not_found(symbol, timeframe) from None


def _provenance(manifest: Manifest) -> Provenance:
    told = manifest.quality
    # What was found before rows were added says nothing of what is there now.
    is_of_now = told is not None and "grade" in told and told.get("rows") == manifest.rows
    return Provenance(manifest.digest, told if is_of_now else None)


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


def _moment(ts_ns: int | None) -> datetime | None:
    return None if ts_ns is None else from_ns(ts_ns)


def _key(one: BarsAt) -> tuple[str, int, str]:
    return one.key
