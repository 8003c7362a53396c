"""Bars and ticks from files of any kind that is known, with every row accounted for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from quantloom.data.arrow import ints
from quantloom.data.readers.accounting import (
    BadPolicy,
    DamagedFile,
    Faults,
    FileBars,
    FileTicks,
    NoUsableRows,
    OnBad,
    TornRows,
)
from quantloom.data.readers.making import Maker
from quantloom.data.readers.mapping import Hints, Role
from quantloom.data.readers.naming import symbol_of_cell
from quantloom.data.readers.parts import Part, map_all
from quantloom.data.readers.raw import RawTable, UnreadableFile
from quantloom.data.readers.rows import Block, RowReader, concat
from quantloom.errors import Invalid
from quantloom.kit import IntArray, from_ns
from quantloom.market import AmbiguousMonth, Ticks, Timeframe, UnknownSymbol, resolve

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


class DatesNeeded(Invalid):
    """Dates that can be read day or month first, and nobody has said which."""

    code = "data.dates_needed"

    def __init__(self, path: Path, example: str) -> None:
        super().__init__(path, example)
        self.path, self.example = path, example

    def __str__(self) -> str:
        return (
            f"{self.path} has dates that read both ways: {self.example}; say which by `quantloom "
            "data import FILE --dates day-first` (or month-first), in Python by "
            "hints=Hints(dates='day-first')"
        )


@dataclass(frozen=True, slots=True)
class FileRead:
    """All that a file held: bars and ticks by symbol, and tables that hold neither.

    Attributes:
        skipped: of an archive or a workbook, the parts that were left out, with the reason.
    """

    bars: tuple[FileBars, ...] = ()
    ticks: tuple[FileTicks, ...] = ()
    skipped: tuple[str, ...] = ()


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
        DatesNeeded: its dates may be day or month first, and nothing tells which.
        WrongDates: they cannot be read in the order that was said.
        BadCells, TornRows, BadBars, BadTicks: rows that cannot be true, under `error`.
        NoUsableRows: nothing is left, under `drop`.
    """
    if on_bad not in get_args(OnBad):
        raise BadPolicy(on_bad)
    place = Path(path)
    parts, skipped = map_all(place, hints or Hints())
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
        ColumnsMissing, ColumnTwice, NotMarketData, BadMapping: as for `read_file`.
        DayNeeded, DatesNeeded, WrongDates: as for `read_file`.
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
        ColumnsMissing, ColumnTwice, NotMarketData, BadMapping: as for `read_file`.
        DayNeeded, DatesNeeded, WrongDates: as for `read_file`.
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


def demand_answers(part: Part) -> None:
    """Refuse a table that cannot be read before a human has said something of it.

    Raises:
        DayNeeded, DatesNeeded: as for `read_file`.
    """
    path, mapping = part.table.path, part.mapping
    if mapping.day.confidence == 0:
        raise DayNeeded(path)
    if mapping.dates.confidence == 0:
        raise DatesNeeded(path, mapping.dates.reasons[0])


def _read_part(
    part: Part, on_bad: OnBad, progress: Progress | None
) -> Iterator[FileBars | FileTicks]:
    table, mapping = part.table, part.mapping
    demand_answers(part)
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
        yield Maker(part, symbol, on_bad, torn).read(whole, rows)


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
