"""Several catalogs read as one: the user's own first, then the packaged demonstration set."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from quantloom.data.bar_writer import BarWriter
from quantloom.data.catalog import Catalog, ReadOnlyCatalog
from quantloom.data.described import Compacted, CompactedTicks, DatasetInfo, TicksInfo, Upserted
from quantloom.data.names import BarsAt, DatasetNotFound, dataset_not_found
from quantloom.data.origin import MoreTold, Told
from quantloom.data.store import CorruptDataset, Place, SchemaTooNew
from quantloom.data.tick_shelf import TicksNotFound
from quantloom.market import Bars, Instrument, Ticks, Timeframe

if TYPE_CHECKING:
    from quantloom.data.quality import RowAccount


def default_folder() -> Path:
    """Where the user's own data lives where nobody says otherwise."""
    return Path.home() / ".local" / "share" / "quantloom"


class Catalogs:
    """Catalogs in order; the first that has what is asked for answers, the first takes changes."""

    def __init__(self, layers: tuple[Catalog, ...]) -> None:
        self.layers = layers

    @property
    def place(self) -> Place:
        """Where changes go."""
        return self.layers[0].place

    def write(self, bars: Bars, instrument: Instrument, **told: Unpack[Told]) -> DatasetInfo:
        """Store bars in the first catalog; `Catalog.write` describes arguments and errors."""
        return self.layers[0].write(bars, instrument, **told)

    def append(
        self, bars: Bars, instrument: Instrument | None = None, **told: Unpack[MoreTold]
    ) -> DatasetInfo:
        """Store later bars in the first catalog; `Catalog.append` describes the rest."""
        return self.layers[0].append(bars, instrument, **told)

    def upsert(
        self, bars: Bars, instrument: Instrument | None = None, **told: Unpack[MoreTold]
    ) -> Upserted:
        """Store bars among those of the first catalog; `Catalog.upsert` describes the rest."""
        return self.layers[0].upsert(bars, instrument, **told)

    def writer(
        self,
        symbol: str,
        timeframe: Timeframe | str,
        instrument: Instrument,
        *,
        is_added: bool = False,
        **told: Unpack[Told],
    ) -> AbstractContextManager[BarWriter]:
        """Store bars block by block in the first catalog; `Catalog.writer` describes the rest."""
        return self.layers[0].writer(symbol, timeframe, instrument, is_added=is_added, **told)

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
        """Read bars; `Catalog.read` describes arguments and errors."""
        layer = self._layer(symbol, timeframe)
        return layer.read(symbol, timeframe, start=start, end=end, last=last, extras=extras)

    def instrument(self, symbol: str) -> Instrument:
        """The instrument of a symbol, as the first catalog that has bars of it knows it."""
        return self._layer(symbol, None).instrument(symbol)

    def info(self, symbol: str, timeframe: Timeframe | str | None = None) -> DatasetInfo:
        """Describe one dataset; `Catalog.read` describes arguments and errors."""
        return self._layer(symbol, timeframe).info(symbol, timeframe)

    def list(
        self,
        match: str = "",
        *,
        timeframe: Timeframe | str | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[DatasetInfo, ...]:
        """Describe every dataset once; `Catalog.list` describes order and arguments."""
        return self.survey(match, timeframe=timeframe, offset=offset, limit=limit)[0]

    def survey(
        self,
        match: str = "",
        *,
        timeframe: Timeframe | str | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[tuple[DatasetInfo, ...], tuple[CorruptDataset | SchemaTooNew, ...]]:
        """Describe what `list` gives, and say of the others there why they cannot be read."""
        asked = self.there(match, timeframe)[offset:][:limit]
        infos: list[DatasetInfo] = []
        errors: list[CorruptDataset | SchemaTooNew] = []
        for layer in self.layers:
            for found in layer.look_at([one for kept, one in asked if kept is layer]):
                if isinstance(found, DatasetInfo):
                    infos.append(found)
                else:
                    errors.append(found)
        return tuple(sorted(infos, key=_order)), tuple(errors)

    def there(
        self, match: str = "", timeframe: Timeframe | str | None = None
    ) -> Sequence[tuple[Catalog, BarsAt]]:
        """Name every dataset once with the catalog that answers for it, without opening any."""
        found: dict[tuple[str, int, str], tuple[Catalog, BarsAt]] = {}
        for layer in self.layers:
            for one in layer.there(match, timeframe):
                found.setdefault(one.key, (layer, one))
        return tuple(found[key] for key in sorted(found))

    def write_ticks(
        self,
        ticks: Ticks,
        instrument: Instrument,
        *,
        stream: str | None = None,
        **told: Unpack[Told],
    ) -> TicksInfo:
        """Store ticks in the first catalog; `Catalog.write_ticks` describes the rest."""
        return self.layers[0].write_ticks(ticks, instrument, stream=stream, **told)

    def append_ticks(
        self,
        ticks: Ticks,
        instrument: Instrument | None = None,
        *,
        stream: str | None = None,
        **told: Unpack[MoreTold],
    ) -> TicksInfo:
        """Store later ticks in the first catalog; `Catalog.append_ticks` describes the rest."""
        return self.layers[0].append_ticks(ticks, instrument, stream=stream, **told)

    def upsert_ticks(
        self,
        ticks: Ticks,
        instrument: Instrument | None = None,
        *,
        stream: str | None = None,
        **told: Unpack[MoreTold],
    ) -> TicksInfo:
        """Replace a span of ticks in the first catalog; `Catalog.upsert_ticks` tells the rest."""
        return self.layers[0].upsert_ticks(ticks, instrument, stream=stream, **told)

    def read_ticks(
        self,
        symbol: str,
        *,
        stream: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Ticks:
        """Read ticks of the first catalog that has any of the symbol, or any of the stream.

        `Catalog.read_ticks` describes arguments and errors.
        """
        layer = self._tick_layer(symbol, stream) or self.layers[0]
        return layer.read_ticks(symbol, stream=stream, start=start, end=end)

    def list_ticks(self, match: str = "") -> tuple[TicksInfo, ...]:
        """Describe every readable stream of ticks once; `match` as for `list`."""
        found: dict[tuple[str, str], TicksInfo] = {}
        for layer in self.layers:
            for info in layer.list_ticks(match):
                found.setdefault((info.symbol, info.stream), info)
        return tuple(found[key] for key in sorted(found))

    def delete_ticks(self, symbol: str, stream: str) -> None:
        """Remove a stream from the first catalog.

        Raises:
            TicksNotFound: no catalog has it.
            ReadOnlyCatalog: only a later catalog has it.
        """
        try:
            self.layers[0].delete_ticks(symbol, stream)
        except TicksNotFound:
            if self._tick_layer(symbol, stream) is not None:
                raise ReadOnlyCatalog(symbol) from None
            raise

    def compact_ticks(self, symbol: str, stream: str) -> CompactedTicks:
        """Compact a stream of the first catalog; `Catalog.compact_ticks` describes the rest."""
        return self.layers[0].compact_ticks(symbol, stream)

    def grade(
        self,
        symbol: str,
        timeframe: Timeframe | str | None = None,
        *,
        raw: "RowAccount | None" = None,
    ) -> DatasetInfo:
        """Check a dataset of the first catalog; `Catalog.grade` describes the rest."""
        return self.layers[0].grade(symbol, timeframe, raw=raw)

    def compact(self, symbol: str, timeframe: Timeframe | str) -> Compacted:
        """Compact a dataset of the first catalog; `Catalog.compact` describes the rest."""
        return self.layers[0].compact(symbol, timeframe)

    def damaged(self) -> tuple[CorruptDataset | SchemaTooNew, ...]:
        """Say of each dataset that `list` leaves out why it cannot be read."""
        return tuple(error for layer in self.layers for error in layer.damaged())

    def symbols(self) -> tuple[str, ...]:
        """Name every symbol there are bars of, sorted."""
        return tuple(sorted({name for layer in self.layers for name in layer.symbols()}))

    def timeframes(self, symbol: str) -> tuple[Timeframe, ...]:
        """Name the timeframes of a symbol in any catalog, shortest first."""
        found = {timeframe for layer in self.layers for timeframe in layer.timeframes(symbol)}
        return tuple(sorted(found, key=lambda timeframe: timeframe.seconds))

    def delete(self, symbol: str, timeframe: Timeframe | str) -> None:
        """Remove one dataset from the first catalog; the demonstration set stays.

        Raises:
            DatasetNotFound: no catalog has it.
            ReadOnlyCatalog: only a later catalog has it.
        """
        try:
            self.layers[0].delete(symbol, timeframe)
        except DatasetNotFound:
            if Timeframe.parse(timeframe) in self.timeframes(symbol):
                raise ReadOnlyCatalog(symbol) from None
            raise

    def _tick_layer(self, symbol: str, stream: str | None) -> Catalog | None:
        for layer in self.layers:
            held = layer.streams(symbol)
            if stream in held or (stream is None and held):
                return layer
        return None

    def _layer(self, symbol: str, timeframe: Timeframe | str | None) -> Catalog:
        wanted = None if timeframe is None else Timeframe.parse(timeframe)
        for layer in self.layers:
            held = layer.timeframes(symbol)
            if wanted in held or (wanted is None and held):
                return layer
        raise dataset_not_found(
            symbol, wanted, timeframes=self.timeframes(symbol), symbols=self.symbols()
        )


def _order(info: DatasetInfo) -> tuple[str, int, str]:
    return info.symbol, info.timeframe.seconds, str(info.timeframe)


def demo_catalog() -> Catalog:
    """The packaged demonstration set, there to be read; `NOTICE` names its sources."""
    return Catalog(Path(str(resources.files("quantloom.data") / "demo")), is_writable=False)


def open_catalog(
    root: Path | str | None = None, *, s3: Mapping[str, str] | None = None
) -> Catalogs:
    """Open the catalog under `root` with the demonstration set behind it.

    Args:
        root: the user's own catalog, a folder made by the first write or `s3://bucket/prefix`; None
            for the demonstration set alone.
        s3: what a bucket is reached with, as for `Catalog`; `s3_options` takes it from variables.
    Raises:
        BucketExtraMissing: the root is in a bucket, and the extra `s3` is not installed.
    """
    own = () if root is None else (Catalog(root, s3=s3),)
    return Catalogs((*own, demo_catalog()))
