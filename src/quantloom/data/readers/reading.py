"""Bars and ticks from files of any kind that is known, with every row accounted for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from quantloom.data.arrow import Column, column_of, ints
from quantloom.data.cleaning import clean
from quantloom.data.readers.accounting import (
    NO_NUMBER,
    NO_TIME,
    ONE_SIDED,
    TORN_ROW,
    BadPolicy,
    DamagedFile,
    Faults,
    FileBars,
    FileTicks,
    NoUsableRows,
    OnBad,
    TornRows,
    count_unusable,
    late_rows,
)
from quantloom.data.readers.detection import NotMarketData, detect
from quantloom.data.readers.events import book_of, book_of_lists, impossible_rows, ticks_of
from quantloom.data.readers.given import ColumnsMissing
from quantloom.data.readers.lengths import OnlyDates, WrongLength
from quantloom.data.readers.mapping import Hints, Mapping, Role, explained
from quantloom.data.readers.naming import symbol_of_cell
from quantloom.data.readers.opening import open_tables
from quantloom.data.readers.raw import RawTable, UnreadableFile
from quantloom.data.readers.rows import Block, RowReader, concat, mid_bars, pick
from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray, from_ns
from quantloom.market import AmbiguousMonth, Bars, NoTicks, Ticks, Timeframe, UnknownSymbol, resolve
from quantloom.market.bars import FIELDS

Progress = Callable[[int, int], None]
_SHOWN = 5


class TicksNotBars(Invalid):
    """A file of quotes or trades where bars are wanted."""

    code = "data.ticks_not_bars"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return (
            f"{self.path} holds ticks, not bars; run them by `quantloom backtest ticks`, or in "
            "Python read them by read_ticks and give them to backtest_ticks"
        )


class BarsNotTicks(Invalid):
    """A file of bars where quotes or trades are wanted."""

    code = "data.bars_not_ticks"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} holds bars, not ticks; read them by read_bars"


class SeveralSymbols(Invalid):
    """A file of several instruments where one is wanted."""

    code = "data.several_symbols"

    def __init__(self, path: Path, symbols: tuple[str, ...]) -> None:
        super().__init__(path, symbols)
        self.path, self.symbols = path, symbols

    def __str__(self) -> str:
        shown = ", ".join(self.symbols[:_SHOWN])
        more = f" and {len(self.symbols) - _SHOWN} more" if len(self.symbols) > _SHOWN else ""
        return (
            f"{self.path} holds several instruments: {shown}{more}; say which by --symbol, put all "
            "into the catalog by `quantloom data import`, or in Python take read_file"
        )


class DayNeeded(Invalid):
    """Times of day without a date, and nobody has said which day it was."""

    code = "data.day_needed"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return (
            f"{self.path} has times of day without a date; say which day by --day 2024-01-31, in "
            "Python by hints=Hints(day='2024-01-31')"
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A table of a file with what its columns mean."""

    table: RawTable
    mapping: Mapping


@dataclass(frozen=True, slots=True)
class FileRead:
    """All that a file held: bars and ticks by symbol, and tables that hold neither.

    Attributes:
        skipped: of an archive or a workbook, the parts that were left out, with the reason.
    """

    bars: tuple[FileBars, ...] = ()
    ticks: tuple[FileTicks, ...] = ()
    skipped: tuple[str, ...] = ()


def map_file(path: Path | str, *, hints: Hints | None = None) -> tuple[Part, ...]:
    """Work out what every table of a file means, before any of it is read whole.

    Tables of an archive that are laid out alike are told by the largest of them.

    Raises:
        FileNotThere, UnreadableFile: there is no file, or no table in it.
        ColumnsMissing, ColumnTwice, NotMarketData: no table of it makes bars or ticks.
        BadMapping: a hint that does not fit.
    """
    parts, _ = _mapped(Path(path), hints or Hints())
    return parts


def read_file(
    path: Path | str,
    *,
    hints: Hints | None = None,
    on_bad: OnBad = "error",
    progress: Progress | None = None,
) -> FileRead:
    """Read everything a file holds, by symbol.

    Args:
        hints: what is known of it; the rest is worked out.
        on_bad: as for `read_bars`.
        progress: told how many bytes are done, of how many.
    Raises:
        BadPolicy: `on_bad` is neither of the two.
        FileNotThere, UnreadableFile, DamagedFile: it cannot be read.
        ColumnsMissing, ColumnTwice, NotMarketData, BadMapping: it cannot be understood.
        DayNeeded: its times have no date, and neither name nor hints tell it.
        BadCells, TornRows, BadBars, BadTicks: rows that cannot be true, under `error`.
        NoUsableRows: nothing is left, under `drop`.
    """
    if on_bad not in get_args(OnBad):
        raise BadPolicy(on_bad)
    place = Path(path)
    parts, skipped = _mapped(place, hints or Hints())
    bars: list[FileBars] = []
    ticks: list[FileTicks] = []
    for part in parts:
        try:
            read = list(_read_part(part, on_bad, progress))
        except NoUsableRows as empty:
            if len(parts) == 1:
                raise
            skipped += (str(empty),)
            continue
        bars += [one for one in read if isinstance(one, FileBars)]
        ticks += [one for one in read if isinstance(one, FileTicks)]
    if not bars and not ticks:
        raise UnreadableFile(place, "no part of it has rows that can be used")
    return FileRead(tuple(bars), tuple(ticks), skipped)


def read_bars(
    path: Path | str,
    *,
    symbol: str | None = None,
    timeframe: Timeframe | str | None = None,
    on_bad: OnBad = "error",
    hints: Hints | None = None,
) -> FileBars:
    """Read the bars of one instrument from a file of any kind that is known.

    What its columns mean is worked out from what they hold and what they are called: roles,
    times, the end of the bar that a time names, zone, units, timeframe and symbol.

    Args:
        symbol: what the file holds, or which of several instruments is wanted.
        timeframe: how long the bars are, where that should not be worked out.
        on_bad: `error` refuses a file with any impossible row; `drop` sorts by time, leaves such
            rows out and counts them. A file that runs backwards is turned under either.
        hints: more of what is known of the file.
    Returns:
        Bars named by the time they open; those of a day or longer carry their session's date.
    Raises:
        TicksNotBars: the file holds quotes or trades.
        SeveralSymbols: it holds several instruments, and none of them was asked for.
        BadPolicy, FileNotThere, UnreadableFile, DamagedFile: as for `read_file`.
        ColumnsMissing, ColumnTwice, NotMarketData, BadMapping, DayNeeded: as for `read_file`.
        BadCells, TornRows, BadBars, NoUsableRows: as for `read_file`.
    """
    place = Path(path)
    said = Hints(timeframe=str(timeframe) if timeframe else None, symbol=symbol)
    found = read_file(place, hints=said.over(hints or Hints()), on_bad=on_bad)
    if not found.bars:
        raise TicksNotBars(place)
    chosen: FileBars = _choose(place, found.bars, symbol)
    return chosen


def read_ticks(path: Path | str, *, symbol: str | None = None, hints: Hints | None = None) -> Ticks:
    """Read the quotes, trades or snapshots of one instrument from a file.

    Args:
        symbol: what they are ticks of, or which of several instruments is wanted.
    Returns:
        Snapshots that bring the day's volume so far; quotes of any number of levels; trades; or
        the best ten levels of a book that is told in updates. Rows are put in the order of their
        times. Times of receipt that were taken by a slow clock are set right by the least that
        puts every row after its exchange time.
    Raises:
        BarsNotTicks: the file holds bars.
        SeveralSymbols: it holds several instruments, and none of them was asked for.
        BadTicks: rows that cannot be true.
        FileNotThere, UnreadableFile, DamagedFile: as for `read_file`.
        ColumnsMissing, ColumnTwice, NotMarketData, BadMapping, DayNeeded: as for `read_file`.
        BadCells, TornRows: as for `read_file`.
    """
    place = Path(path)
    found = read_file(place, hints=Hints(symbol=symbol).over(hints or Hints()))
    if not found.ticks:
        raise BarsNotTicks(place)
    chosen: FileTicks = _choose(place, found.ticks, symbol)
    return chosen.ticks


def _choose(path: Path, found: Sequence[Any], symbol: str | None) -> Any:
    if len(found) == 1:
        return found[0]
    if symbol is not None:
        wanted = {symbol, _canonical(symbol)}
        chosen = [one for one in found if one.symbol in wanted]
        if len(chosen) == 1:
            return chosen[0]
    raise SeveralSymbols(path, tuple(one.symbol for one in found))


def _canonical(symbol: str) -> str:
    try:
        return resolve(symbol).symbol
    except (UnknownSymbol, AmbiguousMonth):
        return symbol


def _mapped(path: Path, hints: Hints) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    tables = open_tables(path)
    order = sorted(range(len(tables)), key=lambda place: -tables[place].size_bytes)
    found: dict[int, Mapping] = {}
    like: dict[tuple[str, ...], Mapping] = {}
    failures: dict[int, Exception] = {}
    for place in order:
        table = tables[place]
        try:
            found[place] = _like_the_others(table, hints, like.get(table.columns))
        except (NotMarketData, ColumnsMissing, UnreadableFile) as error:
            failures[place] = error
            continue
        like.setdefault(table.columns, found[place])
    if not found:
        raise failures[order[0]]
    parts = tuple(Part(tables[place], found[place]) for place in sorted(found))
    return parts, tuple(str(failures[place]) for place in sorted(failures))


def _like_the_others(table: RawTable, hints: Hints, model: Mapping | None) -> Mapping:
    """Read a table of an archive as the greatest one laid out alike, where it can be read so."""
    if model is None:
        return detect(table, hints=hints)
    try:
        found = detect(table, hints=hints.over(_laid_out_like(model)))
    except (OnlyDates, WrongLength):
        return detect(table, hints=hints)
    return explained(found, hints, "as in the greatest table of the file, which is laid out so")


def _laid_out_like(model: Mapping) -> Hints:
    """What a table of an archive has in common with the one it is laid out like."""
    told = model.hints()
    return replace(told, symbol=None, day=None, adjustment=None)


def _read_part(
    part: Part, on_bad: OnBad, progress: Progress | None
) -> Iterator[FileBars | FileTicks]:
    table, mapping = part.table, part.mapping
    if mapping.day.confidence == 0:
        raise DayNeeded(table.path)
    reader, faults = RowReader.of(table, mapping), Faults(table.path, mapping)
    blocks = []
    for batch in table.batches(reader.types):
        block = reader.read(batch)
        faults.note(batch, block)
        blocks.append(block)
        if progress is not None:
            progress(table.done_bytes, table.size_bytes)
    if not faults.rows:
        raise UnreadableFile(table.path, "it has no rows")
    if on_bad == "error":
        _demand_whole(table)
        faults.demand_none()
    whole = concat(blocks)
    for symbol, rows in _instruments(part, whole):
        torn = table.torn if len(whole) == len(rows) else 0
        yield _Reading(part, symbol, on_bad, torn).read(whole, rows)


def _demand_whole(table: RawTable) -> None:
    if table.damage:
        raise DamagedFile(table.path, table.damage)
    if table.torn:
        raise TornRows(table.path, table.torn)


def _instruments(part: Part, whole: Block) -> Iterator[tuple[str, IntArray]]:
    """The rows of every instrument, in the order in which they first appear."""
    cells = whole.texts.get(Role.SYMBOL)
    told = part.mapping.symbol.value
    if cells is None or told:
        yield told, np.arange(len(whole))
        return
    coded: Any = pa.chunked_array([cells.cast(pa.string()).combine_chunks()]).dictionary_encode()
    codes = coded.combine_chunks()
    rows = ints(pa.chunked_array([codes.indices]), empty=-1)
    named: dict[str, list[int]] = {}
    on = from_ns(int(whole.ts.max())).date() if len(whole) else None
    for code, text in enumerate(codes.dictionary.to_pylist()):
        named.setdefault(symbol_of_cell(text, "", on), []).append(code)
    for symbol, found in named.items():
        yield symbol, np.flatnonzero(np.isin(rows, found))


@dataclass(frozen=True, slots=True)
class _Reading:
    """Makes bars or ticks of the rows of one instrument."""

    part: Part
    symbol: str
    on_bad: OnBad
    torn: int

    def read(self, whole: Block, rows: IntArray) -> FileBars | FileTicks:
        is_all = len(rows) == len(whole)
        block = whole if is_all else pick(whole, rows)
        texts = {
            role: cells if is_all else cells.take(_indices(rows))
            for role, cells in whole.texts.items()
        }
        masks = {NO_TIME: block.unreadable, NO_NUMBER: _any_wrong(block)}
        counts, usable = count_unusable(masks)
        dropped = [(problem, count) for problem, count in counts if count]
        if self.torn:
            dropped.insert(0, (TORN_ROW, self.torn))
        if not usable.all():
            kept = np.flatnonzero(usable)
            block = pick(block, kept)
            texts = {role: cells.take(_indices(kept)) for role, cells in texts.items()}
        count = len(rows) + self.torn
        if self.part.mapping.kind.value == "bars":
            return self._bars(block, dropped, count)
        return self._ticks(block, texts, dropped, count)

    @property
    def _path(self) -> Path:
        return self.part.table.path

    @property
    def _mapping(self) -> Mapping:
        return self.part.mapping

    def _bars(self, block: Block, dropped: list[tuple[str, int]], count: int) -> FileBars:
        columns = dict(block.columns)
        ts, notes = block.ts, list(self._notes())
        if "bid_open" in columns and "ask_open" in columns:
            ts, columns, one_sided = _two_sided(ts, mid_bars(columns))
            dropped = [*dropped, (ONE_SIDED, one_sided)] if one_sided else dropped
        columns.setdefault("volume", np.full(len(ts), np.nan))
        is_backwards = len(ts) > 1 and bool((np.diff(ts) <= 0).all()) and bool(ts[0] > ts[-1])
        if is_backwards:
            ts = ts[::-1]
            columns = {name: column[::-1] for name, column in columns.items()}
            notes.append("Rows ran from the newest to the oldest and were turned.")
        unsorted = late_rows(ts)
        if self.on_bad == "drop":
            cleaned = clean(ts, columns)
            dropped = [*dropped, *cleaned.dropped]
            ts, columns = cleaned.ts, dict(cleaned.columns)
            if not cleaned.was_sorted:
                notes.append("Rows were not in order of time and were sorted.")
        if not len(ts):
            raise NoUsableRows(self._path, tuple(dropped))
        bars = _make_bars(self.symbol, self._mapping.timeframe.value, ts, columns)
        return FileBars(
            bars,
            tuple(dropped),
            tuple(notes),
            mapping=self._mapping,
            read=count,
            unsorted=unsorted,
        )

    def _ticks(
        self,
        block: Block,
        texts: "dict[Role, Column]",
        dropped: list[tuple[str, int]],
        count: int,
    ) -> FileTicks:
        notes = list(self._notes())
        if self.on_bad == "drop":
            block, texts, counts = _possible(block, texts, self._mapping.kind.value)
            dropped = [*dropped, *counts]
        if not len(block):
            raise NoUsableRows(self._path, tuple(dropped))
        order = np.argsort(block.ts, kind="stable")
        if (np.diff(block.ts) < 0).any():
            notes.append("Rows were not in order of time and were sorted.")
            block = pick(block, order)
            texts = {role: cells.take(_indices(order)) for role, cells in texts.items()}
        try:
            ticks = self._made(block, texts)
        except NoTicks:
            problem = "a book that never has bids below asks"
            raise NoUsableRows(self._path, (*dropped, (problem, len(block)))) from None
        return FileTicks(ticks, tuple(dropped), tuple(notes), mapping=self._mapping, read=count)

    def _made(self, block: Block, texts: "dict[Role, Column]") -> Ticks:
        if Role.BIDS in texts:
            return book_of_lists(self.symbol, block, texts)
        if self._mapping.kind.value == "book":
            return book_of(self.symbol, block, texts[Role.SIDE], texts.get(Role.UPDATE))
        return ticks_of(self.symbol, block, self._mapping, texts.get(Role.SIDE))

    def _notes(self) -> Iterator[str]:
        mapping = self._mapping
        yield from mapping.notes
        yield from self.part.table.damage
        if self.symbol.endswith(".LOCAL") and mapping.symbol.confidence < 1:
            yield f"Called {self.symbol} after the file; --symbol or symbol= calls it otherwise."
        elif mapping.symbol.reasons and mapping.symbol.confidence < 1:
            yield f"It is {self.symbol}: {mapping.symbol.reasons[0]}."
        yield from self._time_notes()
        for name in ("volume_lot", "turnover_scale", "price_scale"):
            found = getattr(mapping, name)
            if found.value != 1 or found.confidence < 0.7:
                yield f"{name} {found.value:g}: {'; '.join(found.reasons)}."
        if mapping.adjustment.value != "none":
            why = "; ".join(mapping.adjustment.reasons)
            yield f"Prices are adjusted ({mapping.adjustment.value}): {why}."

    def _time_notes(self) -> Iterator[str]:
        mapping = self._mapping
        length = mapping.timeframe.value
        if length and not Timeframe.parse(length).is_intraday:
            return
        if mapping.zone.confidence < 1:
            why = "; ".join(mapping.zone.reasons)
            yield f"Times carry no zone and were read as {mapping.zone.value}: {why}."
        if length and mapping.label.value == "close":
            why = "; ".join(mapping.label.reasons)
            yield f"Bars are named by their close and were moved to their open: {why}."


def _possible(
    block: Block, texts: "dict[Role, Column]", kind: str
) -> "tuple[Block, dict[Role, Column], list[tuple[str, int]]]":
    """Leave out ticks that no market can have printed, and count them."""
    masks = impossible_rows(block, kind)
    if not masks:
        return block, texts, []
    counts, usable = count_unusable(masks)
    if usable.all():
        return block, texts, []
    kept = np.flatnonzero(usable)
    picked = {role: cells.take(_indices(kept)) for role, cells in texts.items()}
    return pick(block, kept), picked, [(problem, count) for problem, count in counts if count]


def _two_sided(
    ts: IntArray, columns: dict[str, FloatArray]
) -> tuple[IntArray, dict[str, FloatArray], int]:
    """Leave out bars of quotes that have no middle; that nobody bid is no fault of the file."""
    known = np.isfinite(columns["close"]) & (columns["bid_close"] > 0)
    kept = {name: column[known] for name, column in columns.items()}
    return ts[known], kept, int((~known).sum())


def _indices(rows: IntArray) -> Any:
    return column_of(rows.astype(np.int64))


def _any_wrong(block: Block) -> Any:
    masks = [*block.wrong.values()]
    return np.logical_or.reduce(masks) if masks else np.zeros(len(block), dtype=np.bool_)


def _make_bars(symbol: str, timeframe: str, ts: IntArray, columns: dict[str, FloatArray]) -> Bars:
    extras = {name: column for name, column in columns.items() if name not in FIELDS}
    base = {name: columns[name] for name in FIELDS}
    return Bars.of(symbol, timeframe, ts=ts, **base, extras=extras)
