"""The catalog: bars on disk, one Parquet file per symbol and timeframe.

`docs/reference/catalog.md` describes layout, file format and guarantees.
"""

import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import quote, unquote

import numpy as np

from quantloom.data.atomic import remove, replacing
from quantloom.data.dataset import (
    CorruptDataset,
    SchemaTooNew,
    read_dataset,
    read_record,
    write_dataset,
)
from quantloom.data.origin import MoreTold, Origin, Told
from quantloom.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from quantloom.kit import FloatArray, from_ns
from quantloom.market import Bars, EmptyRange, Instrument, Timeframe
from quantloom.market.bars import FIELDS

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


class InstrumentMissing(Invalid):
    """The first bars of a symbol offered without its instrument."""

    code = "data.instrument_missing"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return f"{self.symbol} is not in the catalog yet; give its instrument with its first bars"


class NotLater(Conflict):
    """Bars to be added at the end that do not begin after it."""

    code = "data.not_later"

    def __init__(self, symbol: str, timeframe: Timeframe, last: datetime, first: datetime) -> None:
        super().__init__(symbol, timeframe, last, first)
        self.symbol, self.timeframe, self.last, self.first = symbol, timeframe, last, first

    def __str__(self) -> str:
        return (
            f"{self.symbol} {self.timeframe} ends with the bar of {self.last}; bars from "
            f"{self.first} on are not all later: sort them, or use upsert to replace bars"
        )


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
        origin: what was done to the source's rows; None where nobody said.
        quality: what a check of the bars found, in short; None where nobody checked.
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
    origin: Origin | None = None
    quality: Mapping[str, Any] | None = None

    @property
    def grade(self) -> str | None:
        """Grade of the bars, A to F; None where nobody checked."""
        return None if self.quality is None else str(self.quality.get("grade", "")) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What an upsert came to.

    Attributes:
        info: the dataset as it is now.
        added: rows at times that had none.
        changed: rows that took the place of others that differed.
        unchanged: rows that were there already, to the bit.
    """

    info: DatasetInfo
    added: int
    changed: int
    unchanged: int


class BarWriter:
    """Takes the bars of one dataset block by block; made by `Catalog.writer`.

    Attributes:
        info: the dataset as it is stored, once it is.
    """

    def __init__(self, symbol: str, timeframe: Timeframe) -> None:
        self.symbol, self.timeframe = symbol, timeframe
        self.told: MoreTold = {}
        self.info: DatasetInfo | None = None
        self._blocks: list[Bars] = []

    def add(self, bars: Bars) -> None:
        """Take bars that are all later than those before.

        Raises:
            NotLater: they are not.
            InstrumentMismatch: they are another symbol's.
        """
        if self._blocks and self._blocks[-1].ts[-1] >= bars.ts[0]:
            raise NotLater(self.symbol, self.timeframe, self._blocks[-1].end, bars.start)
        self._blocks.append(bars)

    def describe(self, **told: Unpack[MoreTold]) -> None:
        """Say what is known only when every row has been seen."""
        self.told = told

    def bars(self) -> Bars:
        """Everything taken so far."""
        if not self._blocks:
            raise EmptyRange(self.symbol, None, None)
        whole = self._blocks[0]
        for block in self._blocks[1:]:
            whole = _merged(whole, block)
        return whole


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
        origin: Origin | None = None,
        quality: Mapping[str, Any] | None = None,
    ) -> DatasetInfo:
        """Store bars, replacing those of the same symbol and timeframe in one step.

        Args:
            source: where the bars come from, in words.
            licence: under which they may be passed on; empty where nobody said.
            dropped_rows: rows that the import left out.
            origin: what was done to the source's rows.
            quality: what a check found, in short: JSON values, among them `grade`.
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
                origin=origin,
                quality=quality,
            )
        return self.info(bars.symbol, bars.timeframe)

    def append(
        self, bars: Bars, instrument: Instrument | None = None, **told: Unpack[MoreTold]
    ) -> DatasetInfo:
        """Store bars that are all later than those stored; without any stored, the first ones.

        Args:
            instrument: replaces the stored one; needed where nothing is stored.
            source, licence, origin, quality: replace what is stored; left alone where not given.
            dropped_rows: rows this import left out, counted on top of those before.
        Raises:
            NotLater: a bar is not later than the last one stored; `upsert` takes such bars.
            InstrumentMissing: nothing is stored yet and no instrument was given.
            EmptyRange, BadSymbol, InstrumentMismatch, ReservedColumn, ReadOnlyCatalog,
                CatalogUnwritable, CorruptDataset: as for `write` and `read`.
        """
        held = self._held(bars)
        if held is not None and held.ts[-1] >= bars.ts[0]:
            raise NotLater(bars.symbol, bars.timeframe, held.end, bars.start)
        return self._store_more(bars if held is None else _merged(held, bars), instrument, told)

    def upsert(
        self, bars: Bars, instrument: Instrument | None = None, **told: Unpack[MoreTold]
    ) -> Upserted:
        """Store bars among those stored; where both have a time, the given bar stays.

        Arguments and errors are those of `append`, without `NotLater`.
        """
        held = self._held(bars)
        info = self._store_more(bars if held is None else _merged(held, bars), instrument, told)
        unchanged, changed = (0, 0) if held is None else _overlap(held, bars)
        added = len(bars) - unchanged - changed
        return Upserted(info=info, added=added, changed=changed, unchanged=unchanged)

    @contextmanager
    def writer(
        self,
        symbol: str,
        timeframe: Timeframe | str,
        instrument: Instrument,
        **told: Unpack[Told],
    ) -> Iterator["BarWriter"]:
        """Store bars block by block, replacing what is stored when the block of code ends well.

        `add` takes blocks of bars, each later than the one before; `describe` what is known at the
        end only. Until the end readers see what was there before; an exception leaves it there.

        Raises:
            NotLater: a block does not begin after the one before.
            EmptyRange, BadSymbol, InstrumentMismatch, ReservedColumn, ReadOnlyCatalog,
                CatalogUnwritable: as for `write`.
        """
        writer = BarWriter(symbol, Timeframe.parse(timeframe))
        yield writer
        writer.info = self.write(writer.bars(), instrument, **(told | writer.told))

    def _held(self, bars: Bars) -> Bars | None:
        try:
            return self.read(bars.symbol, bars.timeframe)
        except DatasetNotFound:
            return None

    def _store_more(self, bars: Bars, instrument: Instrument | None, told: MoreTold) -> DatasetInfo:
        try:
            before = self.info(bars.symbol, bars.timeframe)
        except DatasetNotFound:
            if instrument is None:
                raise InstrumentMissing(bars.symbol) from None
            return self.write(bars, instrument, **({"source": ""} | told))
        return self.write(
            bars,
            instrument or before.instrument,
            source=told.get("source") or before.source,
            licence=told.get("licence") or before.licence,
            dropped_rows=told.get("dropped_rows", 0) + before.dropped_rows,
            origin=told.get("origin") or before.origin,
            quality=told.get("quality") or before.quality,
        )

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


def _merged(held: Bars, bars: Bars) -> Bars:
    """Both, by time; of two bars at one time the second's. A column one has not is NaN there."""
    kept = ~np.isin(held.ts, bars.ts)
    order = np.argsort(np.concatenate([held.ts[kept], bars.ts]), kind="stable")
    names = dict.fromkeys((*held.extras, *bars.extras))

    def column(of: Bars, name: str) -> FloatArray:
        found = of.extras.get(name, np.full(len(of), np.nan))
        return found if name in names else getattr(of, name)

    def both(name: str) -> Any:
        return np.concatenate([column(held, name)[kept], column(bars, name)])[order]

    return Bars.of(
        bars.symbol,
        bars.timeframe,
        ts=np.concatenate([held.ts[kept], bars.ts])[order],
        **{name: both(name) for name in FIELDS},
        extras={name: both(name) for name in names},
    )


def _overlap(held: Bars, bars: Bars) -> tuple[int, int]:
    """Count the times both have: with equal bars, with others."""
    _, before, after = np.intersect1d(held.ts, bars.ts, return_indices=True)
    equal = np.ones(len(before), dtype=np.bool_)
    for name in FIELDS:
        equal &= getattr(held, name)[before] == getattr(bars, name)[after]
    return int(equal.sum()), int((~equal).sum())


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
        origin=record.origin,
        quality=record.quality,
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
