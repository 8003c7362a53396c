"""The catalog: bars on disk, one Parquet file per symbol and timeframe.

`docs/reference/catalog.md` describes layout, file format and guarantees.
"""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

from quantloom.data.atomic import remove, replacing
from quantloom.data.dataset import (
    CorruptDataset,
    SchemaTooNew,
    read_dataset,
    read_record,
    write_dataset,
)
from quantloom.errors import Forbidden, Invalid, NotFound, Unavailable
from quantloom.kit import from_ns
from quantloom.market import Bars, Instrument, Timeframe

_LONGEST_NAME = 200
_SUGGESTIONS = 3


class BadSymbol(Invalid):
    """A symbol that is not spelled `code.VENUE`."""

    code = "data.bad_symbol"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return f"{self.symbol!r} is no symbol; write code.VENUE, like rb2410.SHFE or AAPL.NASDAQ"


class DatasetNotFound(NotFound):
    """Bars that no catalog at hand holds."""

    code = "data.dataset_not_found"

    def __init__(
        self,
        symbol: str,
        timeframe: Timeframe | None,
        *,
        timeframes: tuple[str, ...] = (),
        similar: tuple[str, ...] = (),
    ) -> None:
        super().__init__(symbol, timeframe)
        self.symbol, self.timeframe = symbol, timeframe
        self.timeframes, self.similar = timeframes, similar

    def __str__(self) -> str:
        what = f"{self.timeframe} bars of {self.symbol}" if self.timeframe else self.symbol
        if self.timeframes:
            return f"no {what}; there are {', '.join(self.timeframes)} bars of it"
        guess = f"did you mean {' or '.join(self.similar)}? " if self.similar else ""
        return (
            f"no {what} in the catalog; {guess}`quantloom data list` shows what there is, "
            "`quantloom data import` adds more"
        )


class TimeframeNeeded(Invalid):
    """Bars asked for without a timeframe where there are several."""

    code = "data.timeframe_needed"

    def __init__(self, symbol: str, timeframes: tuple[str, ...]) -> None:
        super().__init__(symbol, timeframes)
        self.symbol, self.timeframes = symbol, timeframes

    def __str__(self) -> str:
        return (
            f"{self.symbol} has bars of {', '.join(self.timeframes)}; "
            f"say which, as by --timeframe {self.timeframes[-1]}"
        )


class InstrumentMismatch(Invalid):
    """Bars of one symbol offered with the instrument of another."""

    code = "data.instrument_mismatch"

    def __init__(self, symbol: str, instrument: str) -> None:
        super().__init__(symbol, instrument)
        self.symbol, self.instrument = symbol, instrument

    def __str__(self) -> str:
        return f"bars of {self.symbol} cannot be stored with the instrument {self.instrument}"


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


class CatalogUnwritable(Unavailable):
    """The disk refused a change; what was there before is unharmed."""

    code = "data.catalog_unwritable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot write {self.path}: {self.reason}; free space or choose another directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInfo:
    """What is known of a dataset without reading its bars.

    Attributes:
        start, end: open times of the first and the last bar.
        bytes: size of its file.
        dropped_rows: rows its import left out as impossible.
        extras: names of its columns beyond those every bar has.
        digest: `Bars.digest` of the whole dataset.
    """

    symbol: str
    timeframe: Timeframe
    rows: int
    start: datetime
    end: datetime
    bytes: int
    source: str
    licence: str
    dropped_rows: int
    extras: tuple[str, ...]
    digest: str
    instrument: Instrument
    path: Path


class Catalog:
    """Bars under one directory. Many readers and writers, of many processes, may share it."""

    def __init__(self, root: Path | str, *, is_writable: bool = True) -> None:
        self.root = Path(root)
        self.is_writable = is_writable

    def write(
        self,
        bars: Bars,
        instrument: Instrument,
        *,
        source: str,
        licence: str = "",
        dropped_rows: int = 0,
    ) -> DatasetInfo:
        """Store bars, replacing those of the same symbol and timeframe in one step.

        Args:
            source: where the bars come from, in words.
            licence: under which they may be passed on; empty where nobody said.
            dropped_rows: rows that the import left out.
        Raises:
            EmptyRange: there are no bars.
            BadSymbol: the symbol is not spelled `code.VENUE`.
            InstrumentMismatch: the instrument is another symbol's.
            ReservedColumn: an extra is named like a column of every bar.
            ReadOnlyCatalog: this catalog is there to be read.
            CatalogUnwritable: the disk is full or refuses; the old bars are still there.
        """
        if instrument.symbol != bars.symbol:
            raise InstrumentMismatch(bars.symbol, instrument.symbol)
        path = self._path(bars.symbol, bars.timeframe)
        with self._changing(bars.symbol, path), replacing(path) as file:
            write_dataset(
                file,
                bars,
                instrument=instrument,
                source=source,
                licence=licence,
                dropped_rows=dropped_rows,
            )
        return self.info(bars.symbol, bars.timeframe)

    def read(
        self,
        symbol: str,
        timeframe: Timeframe | str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        extras: bool = True,
    ) -> Bars:
        """Read bars with start <= open time < end.

        Args:
            timeframe: may be left out where the symbol has one only.
            start, end: aware datetimes; None for the first and past the last bar.
            extras: whether to read columns beyond those every bar has.
        Returns:
            Read-only columns; only the parts of the file that hold the span are read.
        Raises:
            DatasetNotFound: there are no such bars; the error names what comes close.
            TimeframeNeeded: there are several timeframes and none was named.
            BadTimeframe: the timeframe cannot be read.
            EmptyRange: no bar lies in the span.
            CorruptDataset: the file is damaged.
        """
        found = self._timeframe(symbol, timeframe)
        path = self._path(symbol, found)
        try:
            bars = read_dataset(path, start=start, end=end, extras=extras)
        except FileNotFoundError:
            raise self._not_found(symbol, found) from None
        _check_place(path, bars.symbol, str(bars.timeframe))
        return bars

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
            DatasetNotFound, TimeframeNeeded, BadTimeframe, CorruptDataset: as for `read`.
        """
        found = self._timeframe(symbol, timeframe)
        path = self._path(symbol, found)
        info = _find_info(path)
        if info is None:
            raise self._not_found(symbol, found)
        return info

    def list(self) -> tuple[DatasetInfo, ...]:
        """Describe every readable dataset, by symbol, then shortest timeframe first."""
        infos = [found for found in self._looked_at() if isinstance(found, DatasetInfo)]
        return tuple(sorted(infos, key=lambda info: (info.symbol, info.timeframe.seconds)))

    def damaged(self) -> tuple[CorruptDataset | SchemaTooNew, ...]:
        """Say of each dataset that `list` leaves out why it cannot be read."""
        return tuple(found for found in self._looked_at() if not isinstance(found, DatasetInfo))

    def symbols(self) -> tuple[str, ...]:
        """Name every symbol there are bars of, sorted."""
        return tuple(sorted({_symbol(path) for path in self._files()}))

    def timeframes(self, symbol: str) -> tuple[Timeframe, ...]:
        """Name the timeframes there are of a symbol, shortest first; empty where it is unknown."""
        files = self._folder(symbol).glob("[!.]*.parquet")
        return tuple(sorted((Timeframe.parse(file.stem) for file in files), key=_length))

    def delete(self, symbol: str, timeframe: Timeframe | str) -> None:
        """Remove one dataset, readable or not.

        Raises:
            DatasetNotFound: there is none.
            ReadOnlyCatalog: this catalog is there to be read.
            CatalogUnwritable: the disk refuses.
        """
        found = Timeframe.parse(timeframe)
        path = self._path(symbol, found)
        try:
            with self._changing(symbol, path):
                remove(path)
        except FileNotFoundError:
            raise self._not_found(symbol, found) from None

    @contextmanager
    def _changing(self, symbol: str, path: Path) -> Iterator[None]:
        if not self.is_writable:
            raise ReadOnlyCatalog(symbol)
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as problem:
            raise CatalogUnwritable(path, problem.strerror or str(problem)) from problem

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

    def _looked_at(self) -> Iterator[DatasetInfo | CorruptDataset | SchemaTooNew]:
        for path in self._files():
            try:
                info = _find_info(path)
            except (CorruptDataset, SchemaTooNew) as error:
                yield error
            else:
                if info is not None:
                    yield info

    def _files(self) -> Iterator[Path]:
        return self.root.glob("bars/*/*/[!.]*.parquet")

    def _path(self, symbol: str, timeframe: Timeframe) -> Path:
        return self._folder(symbol) / f"{timeframe}.parquet"

    def _folder(self, symbol: str) -> Path:
        code, _, venue = symbol.rpartition(".")
        if not code or not venue:
            raise BadSymbol(symbol)
        folder = self.root / "bars" / _safe(venue) / _safe(code)
        if max(len(folder.name), len(folder.parent.name)) > _LONGEST_NAME:
            raise BadSymbol(symbol)
        return folder


def dataset_not_found(
    symbol: str,
    timeframe: Timeframe | None,
    *,
    timeframes: tuple[Timeframe, ...],
    symbols: tuple[str, ...],
) -> DatasetNotFound:
    """Say what is missing, and what comes close among `symbols`."""
    by_spelling = {name.casefold(): name for name in symbols if name != symbol}
    close = difflib.get_close_matches(symbol.casefold(), by_spelling, n=_SUGGESTIONS)
    return DatasetNotFound(
        symbol,
        timeframe,
        timeframes=tuple(map(str, timeframes)),
        similar=tuple(by_spelling[spelling] for spelling in close),
    )


def _find_info(path: Path) -> DatasetInfo | None:
    # None where another process deleted the file since it was listed.
    try:
        record, size = read_record(path), path.stat().st_size
    except FileNotFoundError:
        return None
    _check_place(path, record.symbol, record.timeframe)
    return DatasetInfo(
        symbol=record.symbol,
        timeframe=Timeframe.parse(record.timeframe),
        rows=record.rows,
        start=from_ns(record.group_starts[0]),
        end=from_ns(record.end_ns),
        bytes=size,
        source=record.source,
        licence=record.licence,
        dropped_rows=record.dropped_rows,
        extras=record.extras,
        digest=record.digest,
        instrument=record.instrument,
        path=path,
    )


def _check_place(path: Path, symbol: str, timeframe: str) -> None:
    if (symbol, timeframe) != (_symbol(path), path.stem):
        raise CorruptDataset(path, f"it holds {timeframe} bars of {symbol}")


def _length(timeframe: Timeframe) -> int:
    return timeframe.seconds


def _safe(name: str) -> str:
    # A dot is left alone by quote, and would allow "..", or a hidden file.
    return quote(name, safe="").replace(".", "%2E")


def _symbol(path: Path) -> str:
    return f"{unquote(path.parent.name)}.{unquote(path.parent.parent.name)}"
