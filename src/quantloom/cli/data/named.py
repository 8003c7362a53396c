"""Bars that a command names: symbols of the catalog, files and folders of files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from quantloom.cli.failure import describe_failure
from quantloom.cli.output import warn
from quantloom.data import Catalogs, TicksInfo, look_up
from quantloom.data.filing import instrument_of
from quantloom.data.quality import RowAccount
from quantloom.data.readers import FileBars, FileTicks, Hints, read_file
from quantloom.errors import QuantloomError
from quantloom.kit import FloatArray
from quantloom.market import Bars, Instrument, Ticks, Timeframe, assume_instrument, resolve

_SUFFIXES = (
    *(".csv", ".txt", ".tsv", ".parquet", ".pq", ".feather", ".json", ".xlsx", ".h5", ".dsb"),
    *(".gz", ".bz2", ".zst", ".zip"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """Bars, and where they are from.

    Attributes:
        path: the file they are from; empty of the catalog's.
    """

    bars: Bars
    instrument: Instrument
    path: str = ""
    account: RowAccount | None = None
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TickSource:
    """Ticks, and where they are from; fields as those of `Source`.

    Attributes:
        total: (n,) the volume of the trading day so far, of snapshots of a file.
    """

    ticks: Ticks
    instrument: Instrument
    path: str = ""
    account: RowAccount | None = None
    total: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that cannot be read, and why."""

    path: str
    problem: str


def read_sources(
    catalog: Catalogs,
    what: Sequence[str],
    *,
    symbol: str | None,
    timeframe: str | None,
    stream: str | None = None,
) -> Iterator[Source | TickSource | Unread]:
    """Read what is named, the whole catalog where nothing is; a file of a folder may fail.

    Args:
        symbol: what a file holds.
        timeframe: of bars of this length only.
        stream: of the catalog this stream of ticks alone.
    """
    streams = {(one.symbol, one.stream): one for one in catalog.list_ticks()}
    for given in what or sorted({*catalog.symbols(), *(name for name, _ in streams)}):
        path = Path(given)
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and file.suffix.lower() in _SUFFIXES:
                    yield from _told(file, timeframe)
        elif path.suffix.lower() in _SUFFIXES or path.is_file():
            yield from _of_file(path, symbol, timeframe)
        else:
            names = tuple(name for name, _ in streams)
            found, note = look_up(catalog, given, more=names)
            if note:
                warn(f"note: {note}")
            held = [one for (name, _), one in streams.items() if name == found]
            if stream is None and (timeframe or catalog.timeframes(found) or not held):
                yield from _of_catalog(catalog, found, timeframe)
            if timeframe is None:
                yield from _streams(catalog, found, held, stream)


def _told(path: Path, timeframe: str | None) -> Iterator[Source | TickSource | Unread]:
    """What a file of a folder holds, or why it cannot be read: the others are told all the same."""
    try:
        yield from _of_file(path, None, timeframe)
    except (QuantloomError, OSError) as error:
        yield Unread(str(path), describe_failure(error, chinese=False))


def _of_file(
    path: Path, symbol: str | None, timeframe: str | None
) -> Iterator[Source | TickSource]:
    name = None if symbol is None else resolve(symbol).symbol
    wanted = None if timeframe is None else Timeframe.parse(timeframe)
    read = read_file(path, hints=Hints(symbol=name), on_bad="drop")
    for one in read.bars:
        if wanted in {None, one.bars.timeframe}:
            yield Source(one.bars, assume_instrument(one.bars), str(path), _account(one))
    if wanted is None:
        for ticks in read.ticks:
            yield TickSource(
                ticks.ticks, instrument_of(ticks), str(path), _account(ticks), ticks.total
            )


def _account(read: FileBars | FileTicks) -> RowAccount:
    return RowAccount(read=read.read, dropped=read.dropped, unsorted=read.unsorted)


def _streams(
    catalog: Catalogs, symbol: str, held: Sequence[TicksInfo], stream: str | None
) -> Iterator[TickSource]:
    for info in held:
        if stream in {None, info.stream}:
            yield TickSource(catalog.read_ticks(symbol, stream=info.stream), info.instrument)
    if stream is not None and stream not in {one.stream for one in held}:
        catalog.read_ticks(symbol, stream=stream)  # says that it is not there, and what is


def _of_catalog(catalog: Catalogs, symbol: str, timeframe: str | None) -> Iterator[Source]:
    for held in [timeframe] if timeframe else catalog.timeframes(symbol):
        info = catalog.info(symbol, held)
        repairs = () if info.origin is None else info.origin.changes
        yield Source(catalog.read(symbol, held), info.instrument, repairs=repairs)
