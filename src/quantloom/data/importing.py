"""Bars from files of any size into the catalog, a block at a time: memory does not grow."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from quantloom.data.arrow import ints
from quantloom.data.bar_rows import NotLater
from quantloom.data.bar_writer import BarWriter
from quantloom.data.catalog import Catalog
from quantloom.data.cleaning import CONFLICTING, clean
from quantloom.data.described import DatasetInfo
from quantloom.data.layers import Catalogs
from quantloom.data.origin import Origin
from quantloom.data.quality import QualityReport, RowAccount, Survey
from quantloom.data.quality.blocks import join
from quantloom.data.quality.rows import pick as pick_bars
from quantloom.data.readers import DamagedFile, NoUsableRows, OnBad, Part, TornRows
from quantloom.data.readers.accounting import (
    NO_NUMBER,
    NO_TIME,
    ONE_SIDED,
    TORN_ROW,
    Faults,
    count_unusable,
)
from quantloom.data.readers.mapping import Role
from quantloom.data.readers.naming import symbol_of_cell
from quantloom.data.readers.reading import demand_answers
from quantloom.data.readers.rows import Block, RowReader, concat, mid_bars, pick
from quantloom.data.spool import Rows, Spool
from quantloom.data.store import Disk, Place
from quantloom.errors import Conflict
from quantloom.kit import BoolArray, FloatArray, IntArray, from_ns
from quantloom.kit.announcing import announce
from quantloom.market import BadBars, Bars, Instrument, assume_instrument
from quantloom.market.bars import FIELDS
from quantloom.market.defaults import price_step

ROWS = 1 << 17
"""Rows that are checked and stored at once."""

Progress = Callable[[int, int], None]
_UNSORTED = "times that do not rise, nor fall from the newest to the oldest"


class FileChanged(Conflict):
    """A file that somebody wrote to while it was read: its rows and its hash would not agree."""

    code = "data.file_changed"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} was written to while it was read; import it when it is whole"


class Watched:
    """A file as it is when its reading begins."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begun = self._stamp()

    def demand_unchanged(self) -> None:
        """Say so where somebody has written to it since.

        Raises:
            FileChanged: its size or its time of writing is another.
        """
        if self._stamp() != self._begun:
            raise FileChanged(self.path)

    def _stamp(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Streamed:
    """One instrument of a file as it went into the catalog.

    Attributes:
        report: how good all the bars are that are stored now.
        dropped: problem and number of rows left out for it; empty where nothing was.
        read: rows of the file that are of this instrument, those left out among them.
    """

    info: DatasetInfo
    dropped: tuple[tuple[str, int], ...]
    read: int
    report: QualityReport


@dataclass(frozen=True, slots=True)
class StreamedFile:
    """What streaming a table into the catalog came to.

    Attributes:
        torn: rows with too many or too few cells, of no instrument that could be told.
        nameless: rows without a name, in a file of several instruments.
        damage: what of the file could not be read, one sentence each.
    """

    datasets: tuple[Streamed, ...]
    torn: int
    nameless: int
    damage: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    watched: Watched
    instrument_of: Callable[[Bars], Instrument]
    source: str
    licence: str
    origin: Origin | None
    is_added: bool | Callable[[str], bool]
    on_stored: Callable[[Streamed], None] | None

    def joins(self, symbol: str) -> bool:
        return self.is_added if isinstance(self.is_added, bool) else self.is_added(symbol)


def stream_bars(
    part: Part,
    catalog: Catalog | Catalogs,
    *,
    on_bad: OnBad = "error",
    instrument_of: Callable[[Bars], Instrument] = assume_instrument,
    source: str = "",
    licence: str = "",
    origin: Origin | None = None,
    is_added: bool | Callable[[str], bool] = False,
    on_stored: Callable[[Streamed], None] | None = None,
    progress: Progress | None = None,
) -> StreamedFile:
    """Store and grade the bars of a table without holding them all.

    Rows of one instrument that rise with time go straight into the catalog; others are set aside
    on its disk first. What was stored of an instrument stays, whole, until its last row is there.

    Args:
        part: of `map_file`; a table of bars.
        on_bad: `error` refuses a file with any impossible row; `drop` sorts by time and leaves
            such rows out.
        instrument_of: tells an instrument by bars of it: by its first ones, and in the end by some
            from all over them.
        source, licence, origin: kept with the bars.
        is_added: joins the bars to those stored, of all symbols or by symbol, where both have a
            time the file's stay; otherwise they replace what is stored.
        on_stored: told of each instrument once it is stored; those after it are not yet.
        progress: told how many bytes are done, of how many.
    Raises:
        NoUsableRows: no row can be used.
        BadCells, BadBars, TornRows, DamagedFile: rows that cannot be true, under `error`.
        UnreadableFile: the file is damaged.
        FileChanged: somebody wrote to it meanwhile.
        DayNeeded, DatesNeeded: nobody has said which day its times are of, or whether its dates
            put the day or the month first.
    """
    demand_answers(part)
    telling = _Telling(
        watched=Watched(part.table.path),
        instrument_of=instrument_of,
        source=source or str(part.table.path),
        licence=licence,
        origin=origin,
        is_added=is_added,
        on_stored=on_stored,
    )
    datasets = None
    flow = _Flow(part, on_bad, progress)
    if part.mapping.symbol.value:
        datasets = _straight(flow, catalog, telling)
    if datasets is None:
        flow = _Flow(part, on_bad, progress)
        datasets = _set_aside(flow, catalog, telling)
    if not datasets:
        raise NoUsableRows(part.table.path, flow.all_dropped(), part.table.form.member)
    return StreamedFile(datasets, part.table.torn, flow.nameless, part.table.damage)


def _straight(
    flow: "_Flow", catalog: Catalog | Catalogs, telling: _Telling
) -> tuple[Streamed, ...] | None:
    """Store rows as they come; None where they do not rise with time."""
    symbol = flow.part.mapping.symbol.value
    rows = ((ts, columns) for _, ts, columns in flow.rows() if len(ts))
    try:
        stored = _store(flow, catalog, telling, symbol, _rising(rows))
    except (_NotRising, NotLater):
        return None
    return () if stored is None else (stored,)


def _set_aside(
    flow: "_Flow", catalog: Catalog | Catalogs, telling: _Telling
) -> tuple[Streamed, ...]:
    """Read the whole file, and then store one instrument after the other."""
    with Spool(_room(catalog.place)) as spool:
        for symbol, ts, columns in flow.rows():
            flow.note_order(symbol, ts)
            spool.add(symbol, ts, columns)
        flow.demand_order()
        found = (
            _store(flow, catalog, telling, symbol, spool.blocks(symbol)) for symbol in spool.names
        )
        return tuple(stored for stored in found if stored is not None)


def _room(place: Place) -> Path | None:
    """The folder of the catalog, where the rows will need room anyway; a bucket has none."""
    return place.root if isinstance(place, Disk) else None


class _NotRising(Exception):
    """Rows that cannot be stored in the order in which they come."""


def _rising(blocks: Iterable[Rows]) -> Iterator[Rows]:
    last_ns = None
    for ts, columns in blocks:
        if (np.diff(ts) < 0).any() or (last_ns is not None and int(ts[0]) < last_ns):
            raise _NotRising
        last_ns = int(ts[-1])
        yield ts, columns


def _store(
    flow: "_Flow", catalog: Catalog | Catalogs, telling: _Telling, symbol: str, rows: Iterable[Rows]
) -> Streamed | None:
    blocks = flow.bars(symbol, rows)
    first = next(blocks, None)
    if first is None:
        return None
    writing = catalog.writer(
        symbol,
        first.timeframe,
        telling.instrument_of(first),
        is_added=telling.joins(symbol),
        source=telling.source,
        licence=telling.licence,
        origin=telling.origin,
    )
    with writing as writer:
        for bars in chain([first], blocks):
            writer.add(bars)
        writer.close()
        report = _graded(writer, telling, flow.account(symbol))
        dropped = flow.dropped.get(symbol, {})
        telling.watched.demand_unchanged()
        writer.describe(dropped_rows=sum(dropped.values()), quality=report.short())
    info = writer.info or catalog.info(symbol, first.timeframe)
    stored = Streamed(info, tuple(dropped.items()), flow.read.get(symbol, 0), report)
    if telling.on_stored is not None:
        telling.on_stored(stored)
    return stored


def _graded(writer: BarWriter, telling: _Telling, account: RowAccount) -> QualityReport:
    """Grade what is about to be stored, and tell the instrument by bars from all over it."""
    announce(f"grading {writer.symbol}")
    survey, every = Survey(writer.instrument), price_step(writer.rows)
    sample: list[Bars] = []
    seen = 0
    for bars in writer.blocks():
        survey.add(bars)
        # A copy: a slice would keep all the bars that it is a part of.
        sample.append(pick_bars(bars, np.arange(-seen % every, len(bars), every)))
        seen += len(bars)
    writer.instrument = telling.instrument_of(join(sample))
    return survey.report(writer.blocks(), instrument=writer.instrument, raw=account)


@dataclass(slots=True)
class _Flow:
    """Rows of a table by instrument, and what was left out on the way.

    Attributes:
        dropped: rows left out, by instrument and problem.
        read: rows of the file, by instrument.
        nameless: rows that say of no instrument.
    """

    part: Part
    on_bad: OnBad
    progress: Progress | None
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    nameless: int = 0
    _orders: dict[str, "_Order"] = field(default_factory=dict)
    _symbols: dict[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, IntArray, dict[str, FloatArray]]]:
        """Give rows whose cells can be read, in the order of the file.

        Raises:
            BadCells, TornRows, DamagedFile: there are others, under `error`.
        """
        for block in self._blocks():
            for symbol, rows in self._instruments(block):
                mine = block if rows is None else pick(block, rows)
                self.read[symbol] = self.read.get(symbol, 0) + len(mine)
                yield symbol, *self._usable(symbol, mine)
        self._demand_whole()

    def bars(self, symbol: str, blocks: Iterable[Rows]) -> Iterator[Bars]:
        """Make bars of rows in order of time.

        Raises:
            BadBars: rows that cannot be true, under `error`.
        """
        last_ns: int | None = None
        for rows in blocks:
            ts, columns = self._cleaned(symbol, rows, last_ns) if self.on_bad == "drop" else rows
            if len(ts):
                last_ns = int(ts[-1])
                yield self._bars(symbol, ts, columns)

    def _cleaned(self, symbol: str, rows: Rows, last_ns: int | None) -> Rows:
        cleaned = clean(*rows)
        self._drop(symbol, cleaned.dropped)
        ts, columns = cleaned.ts, dict(cleaned.columns)
        if not len(ts) or int(ts[0]) != last_ns:
            return ts, columns
        self._drop(symbol, [(CONFLICTING, 1)])
        return ts[1:], {name: values[1:] for name, values in columns.items()}

    def note_order(self, symbol: str, ts: IntArray) -> None:
        """Remember whether the rows of an instrument rise or fall throughout."""
        self._orders.setdefault(symbol, _Order()).note(ts)

    def account(self, symbol: str) -> RowAccount:
        """What reading the rows of an instrument took."""
        order = self._orders.get(symbol)
        is_alone = len(self.read) == 1 and not self.nameless
        torn = self.part.table.torn if is_alone else 0
        dropped = {TORN_ROW: torn} | self.dropped.get(symbol, {})
        return RowAccount(
            read=self.read.get(symbol, 0) + torn,
            dropped=tuple((problem, count) for problem, count in dropped.items() if count),
            unsorted=0 if order is None else order.unsorted,
        )

    def demand_order(self) -> None:
        """Refuse rows that neither rise nor fall, where nobody asked to sort them.

        Raises:
            BadBars: there are some, under `error`.
        """
        for symbol, order in self._orders.items():
            if self.on_bad == "error" and order.is_broken:
                raise BadBars(symbol, _UNSORTED, order.breaks, ())

    def all_dropped(self) -> tuple[tuple[str, int], ...]:
        """Rows left out by problem, of all instruments together."""
        counts: dict[str, int] = {}
        for dropped in self.dropped.values():
            for problem, count in dropped.items():
                counts[problem] = counts.get(problem, 0) + count
        return tuple(counts.items())

    def _blocks(self) -> Iterator[Block]:
        table, mapping = self.part.table, self.part.mapping
        reader, faults = RowReader.of(table, mapping), Faults(table.path, mapping)
        held: list[Block] = []
        for batch in table.batches(reader.types):
            held.append(reader.read(batch))
            faults.note(batch, held[-1])
            if self.on_bad == "error":
                faults.demand_none()
            if sum(map(len, held)) >= ROWS:
                yield concat(held)
                held = []
            if self.progress is not None:
                self.progress(table.done_bytes, table.size_bytes)
        if held:
            yield concat(held)

    def _instruments(self, block: Block) -> Iterator[tuple[str, IntArray | None]]:
        told = self.part.mapping.symbol.value
        cells: Any = block.texts.get(Role.SYMBOL)
        if told or cells is None:
            yield told, None
            return
        coded = pa.chunked_array(cells.chunks, cells.type).combine_chunks().dictionary_encode()
        codes = ints(pa.chunked_array([coded.indices]), empty=-1)
        self.nameless += int((codes < 0).sum())
        for code, text in enumerate(map(str, coded.dictionary.to_pylist())):
            if text not in self._symbols:
                on = from_ns(int(block.ts.max())).date()
                self._symbols[text] = symbol_of_cell(text, "", on)
            yield self._symbols[text], np.flatnonzero(codes == code)

    def _usable(self, symbol: str, block: Block) -> Rows:
        counts, usable = count_unusable({NO_TIME: block.unreadable, NO_NUMBER: _any(block)})
        self._drop(symbol, counts)
        block = block if usable.all() else pick(block, usable)
        ts, columns = block.ts, dict(block.columns)
        if "bid_open" in columns and "ask_open" in columns:
            columns = mid_bars(columns)
            known = np.isfinite(columns["close"]) & (columns["bid_close"] > 0)
            self._drop(symbol, [(ONE_SIDED, int((~known).sum()))])
            ts, columns = ts[known], {name: values[known] for name, values in columns.items()}
        columns.setdefault("volume", np.full(len(ts), np.nan))
        return ts, columns

    def _bars(self, symbol: str, ts: IntArray, columns: dict[str, FloatArray]) -> Bars:
        for values in (ts, *columns.values()):
            values.flags.writeable = False  # so that they are not copied
        extras = {name: values for name, values in columns.items() if name not in FIELDS}
        base = {name: columns[name] for name in FIELDS}
        timeframe = self.part.mapping.timeframe.value
        return Bars.of(symbol, timeframe, ts=ts, **base, extras=extras)

    def _demand_whole(self) -> None:
        table = self.part.table
        if self.on_bad == "error" and table.damage:
            raise DamagedFile(table.path, table.damage)
        if self.on_bad == "error" and table.torn:
            raise TornRows(table.path, table.torn)

    def _drop(self, symbol: str, counts: Iterable[tuple[str, int]]) -> None:
        mine = self.dropped.setdefault(symbol, {})
        for problem, count in counts:
            if count:
                mine[problem] = mine.get(problem, 0) + count


@dataclass(slots=True)
class _Order:
    """Which way the times of an instrument run, seen block by block."""

    rises: int = 0
    falls: int = 0
    late: int = 0
    _last_ns: int | None = None
    _latest_ns: int = -(2**63)

    @property
    def breaks(self) -> int:
        return min(self.rises, self.falls)

    @property
    def unsorted(self) -> int:
        """Rows that stand before rows of an earlier time; none where all run backwards."""
        return self.late if self.rises else 0

    @property
    def is_broken(self) -> bool:
        return self.breaks > 0

    def note(self, ts: IntArray) -> None:
        if not len(ts):
            return
        steps = np.diff(ts, prepend=ts[:1] if self._last_ns is None else [self._last_ns])
        self.rises += int((steps > 0).sum())
        self.falls += int((steps < 0).sum())
        latest = np.maximum(np.maximum.accumulate(ts), self._latest_ns)
        self.late += int((ts < latest).sum())
        self._last_ns, self._latest_ns = int(ts[-1]), int(latest[-1])


def _any(block: Block) -> BoolArray:
    found: BoolArray = np.zeros(len(block), dtype=np.bool_)
    for mask in block.wrong.values():
        found |= mask
    return found
