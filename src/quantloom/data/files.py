"""Bars from a CSV or Parquet file, with every row that was left out accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from quantloom.data.arrow import Column
from quantloom.data.cleaning import clean
from quantloom.data.columns import FIELD_NAMES, Layout, find_layout, read_numbers
from quantloom.data.readers.raw import FileNotThere, UnreadableFile
from quantloom.data.times import Times, read_dates_and_times, read_times, session_dates
from quantloom.errors import Invalid
from quantloom.kit import BoolArray, FloatArray, IntArray, from_ns
from quantloom.market import (
    BadTimeframe,
    Bars,
    Timeframe,
    UnknownSymbol,
    local_symbol,
    resolve,
    usual_timeframe,
)

OnBad = Literal["error", "drop"]
_PARQUET_MAGIC = b"PAR1"
_COMPRESSED = frozenset({".gz", ".bz2", ".zst", ".lz4"})
_SUFFIXES = _COMPRESSED | {".csv", ".txt", ".parquet", ".pq"}
_NOT_UTF8 = "is not UTF-8 text; Chinese files often need `iconv -f GB18030 -t UTF-8` first"
_TORN_ROW = "a row with too many or too few cells"
_NO_TIME = "a time not written like 2024-01-31 or 2024-01-31 09:30"
_NO_NUMBER = "text where a number belongs"


class BadPolicy(Invalid):
    """An `on_bad` that is neither `error` nor `drop`."""

    code = "data.bad_policy"

    def __init__(self, on_bad: str) -> None:
        super().__init__(on_bad)
        self.on_bad = on_bad

    def __str__(self) -> str:
        return f"impossible rows cannot be treated by {self.on_bad!r}; say 'error' or 'drop'"


class BadCells(Invalid):
    """Cells of a file that do not hold what their column is for."""

    code = "data.bad_cells"

    def __init__(self, path: Path, problem: str, column: str, count: int, sample: str) -> None:
        super().__init__(path, problem, column, count, sample)
        self.path, self.problem, self.column = path, problem, column
        self.count, self.sample = count, sample

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.problem} in {self.count} row(s) of column {self.column!r}, "
            f"first {self.sample}; mend the file, or import it with --on-bad drop to leave "
            "those rows out"
        )


class NoUsableRows(Invalid):
    """A file of which nothing is left once impossible rows are dropped."""

    code = "data.no_usable_rows"

    def __init__(self, path: Path, dropped: tuple[tuple[str, int], ...]) -> None:
        super().__init__(path, dropped)
        self.path, self.dropped = path, dropped

    def __str__(self) -> str:
        why = ", ".join(f"{problem}: {count}" for problem, count in self.dropped)
        return f"no row of {self.path} can be used ({why}); check what its columns hold"


@dataclass(frozen=True, slots=True)
class FileBars:
    """Bars read from a file, and what reading them took.

    Attributes:
        dropped: problem and number of rows left out for it; empty where nothing was.
        notes: what was assumed or left alone, one sentence each.
    """

    bars: Bars
    dropped: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def dropped_rows(self) -> int:
        return sum(count for _, count in self.dropped)


def read_bars(
    path: Path | str,
    *,
    symbol: str | None = None,
    timeframe: Timeframe | str | None = None,
    on_bad: OnBad = "error",
) -> FileBars:
    """Read bars from a CSV file with a header, plain or compressed, or from a Parquet file.

    Columns are found by name in any case: open, high, low, close and volume or o, h, l, c, v; the
    time in ts, timestamp, datetime, time, date or trade_date, in date and time together, or in a
    first column without a name. Times may be ISO 8601, yyyymmdd, or s, ms, us or ns since 1970;
    without a zone they are UTC. Other columns of numbers become extras; an adjusted close is one.

    Args:
        symbol: taken from the file's name where not given, `<name>.LOCAL`.
        timeframe: the usual distance of the rows where not given. Bars of a day or longer get
            the date written in the file, at 00:00 UTC.
        on_bad: `error` refuses a file with any impossible row; `drop` sorts by time, leaves such
            rows out and counts them.
    Raises:
        BadPolicy: `on_bad` is neither of the two.
        FileNotThere: the path leads nowhere.
        UnreadableFile: a directory, an empty file, no table, or text that is not UTF-8.
        ColumnsMissing, ColumnTwice, SeveralSymbols: the columns do not make bars.
        BadCells: times or prices that cannot be read, under `error`.
        BadBars: rows that cannot be true or are out of order, under `error`.
        NoUsableRows: nothing is left, under `drop`.
    """
    if on_bad not in get_args(OnBad):
        raise BadPolicy(on_bad)
    path = Path(path)
    table, torn = _read_table(path, on_bad)
    layout = find_layout(path, table)
    if not table.num_rows:
        raise UnreadableFile(path, "it has no rows")
    times = _times(table, layout)
    length = Timeframe.parse(timeframe) if timeframe else _usual(times)
    ts = times.ns if length.is_intraday else session_dates(_written(path, table, layout), times)
    columns, wrong = _numbers(table, layout)
    name, naming = (symbol, ()) if symbol else _name(path, times)
    is_zone_assumed = length.is_intraday and not times.has_zone
    notes = naming + _notes(table, layout, is_zone_assumed=is_zone_assumed)
    if on_bad == "error":
        _demand_readable(path, table, layout, times.unreadable, wrong)
        return FileBars(_bars(name, length, ts, columns), (), notes)
    unusable = {_NO_TIME: times.unreadable, _NO_NUMBER: np.logical_or.reduce([*wrong.values()])}
    counts, usable = _count(unusable)
    cleaned = clean(ts[usable], {field: column[usable] for field, column in columns.items()})
    dropped = tuple((problem, n) for problem, n in [(_TORN_ROW, torn), *counts] if n)
    dropped += cleaned.dropped
    if not len(cleaned.ts):
        raise NoUsableRows(path, dropped)
    if not cleaned.was_sorted:
        notes += ("Rows were not in order of time and were sorted.",)
    return FileBars(_bars(name, length, cleaned.ts, cleaned.columns), dropped, notes)


def read_table(path: Path) -> pa.Table:
    """Read a CSV or Parquet file as it is written.

    Raises:
        FileNotThere: the path leads to no file.
        UnreadableFile: it is no table.
    """
    return _read_table(path, "error")[0]


def _read_table(path: Path, on_bad: OnBad) -> tuple[pa.Table, int]:
    """Read the file as a table; with it the number of torn rows that were left out."""
    try:
        head = _head(path)
        if head[: len(_PARQUET_MAGIC)] == _PARQUET_MAGIC:
            with pq.ParquetFile(path) as file:
                return file.read(), 0
        if path.suffix.lower() in {".parquet", ".pq"}:
            raise UnreadableFile(path, "it does not begin like a Parquet file")
        if b"\0" in head and path.suffix.lower() not in _COMPRESSED:
            raise UnreadableFile(path, "it is binary")
        return _read_csv(path, on_bad)
    except UnicodeDecodeError:
        raise UnreadableFile(path, f"it {_NOT_UTF8}") from None
    except (pa.ArrowException, OSError) as problem:
        raise UnreadableFile(path, str(problem).splitlines()[0]) from problem


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise UnreadableFile(path, "it is a directory")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise FileNotThere(path) from None
    if not head:
        raise UnreadableFile(path, "it is empty")
    return head


def _read_csv(path: Path, on_bad: OnBad) -> tuple[pa.Table, int]:
    torn: list[int] = []

    def skip(row: pacsv.InvalidRow) -> Literal["skip"]:
        torn.append(row.actual_columns)
        return "skip"

    options = pacsv.ParseOptions(invalid_row_handler=skip if on_bad == "drop" else None)
    table = pacsv.read_csv(str(path), parse_options=options)
    # Names are decoded when they are asked for: here, where bytes that are no UTF-8 are expected.
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if pa.types.is_binary(kind):
            raise UnreadableFile(path, f"column {name!r} {_NOT_UTF8}")
    return table, len(torn)


def _times(table: pa.Table, layout: Layout) -> Times:
    column = table.column(layout.time)
    if layout.clock is None:
        return read_times(column)
    return read_dates_and_times(column, table.column(layout.clock))


def _usual(times: Times) -> Timeframe:
    # np.unique would hash: a second for a million rows that sorting does in a hundredth.
    ts = np.sort(times.ns[~times.unreadable])
    return usual_timeframe(ts[np.diff(ts, prepend=ts[:1] - 1) > 0])


def _written(path: Path, table: pa.Table, layout: Layout) -> Column:
    """The time column; as text where the CSV reader turned local times into UTC."""
    column = table.column(layout.time)
    is_zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    if not is_zoned or _head(path).startswith(_PARQUET_MAGIC):
        return column
    name = table.column_names[layout.time]
    options = pacsv.ConvertOptions(include_columns=[name], column_types={name: pa.string()})
    return pacsv.read_csv(str(path), convert_options=options).column(0)


def _numbers(table: pa.Table, layout: Layout) -> tuple[dict[str, FloatArray], dict[str, BoolArray]]:
    columns, wrong = {}, {}
    for field, place in layout.fields.items():
        columns[field], wrong[field] = read_numbers(table.column(place))
    columns.setdefault("volume", np.full(table.num_rows, np.nan))
    for name, place in layout.extras.items():
        columns[name], _ = read_numbers(table.column(place))
    return columns, wrong


def _demand_readable(
    path: Path,
    table: pa.Table,
    layout: Layout,
    unreadable: BoolArray,
    wrong: Mapping[str, BoolArray],
) -> None:
    time = layout.time if layout.clock is None else layout.clock
    masks = [(_NO_TIME, time, unreadable)]
    masks += [(_NO_NUMBER, layout.fields[field], mask) for field, mask in wrong.items()]
    for problem, place, mask in masks:
        if mask.any():
            row = int(np.argmax(mask))
            sample = f"{table.column(place)[row].as_py()!r} in row {row}"
            raise BadCells(path, problem, table.column_names[place], int(mask.sum()), sample)


def _count(unusable: Mapping[str, BoolArray]) -> tuple[list[tuple[str, int]], BoolArray]:
    """Count each row once, under its first problem; give the rows that have none."""
    usable: BoolArray = np.ones_like(next(iter(unusable.values())))
    counts = []
    for problem, mask in unusable.items():
        counts.append((problem, int((mask & usable).sum())))
        usable = usable & ~mask
    return counts, usable


def _bars(
    symbol: str, timeframe: Timeframe, ts: IntArray, columns: Mapping[str, FloatArray]
) -> Bars:
    extras = {name: column for name, column in columns.items() if name not in FIELD_NAMES}
    base = {name: columns[name] for name in FIELD_NAMES}
    return Bars.of(symbol, timeframe, ts=ts, **base, extras=extras)


def _notes(table: pa.Table, layout: Layout, *, is_zone_assumed: bool) -> tuple[str, ...]:
    notes = []
    if is_zone_assumed:
        notes.append("Times carry no zone and were read as UTC.")
    volume = layout.fields.get("volume")
    if volume is None:
        notes.append("There is no volume column.")
    elif table.column_names[volume].lower() == "vol":
        notes.append("Volume was taken from 'vol' as it stands; some vendors count lots there.")
    if layout.ignored:
        notes.append(f"Columns left alone: {', '.join(map(repr, layout.ignored))}.")
    return tuple(notes)


def _name(path: Path, times: Times) -> tuple[str, tuple[str, ...]]:
    stem = path.name
    while (suffix := Path(stem).suffix) and (suffix.lower() in _SUFFIXES or _is_length(suffix)):
        stem = stem.removesuffix(suffix)
    try:
        found = resolve(stem, on=from_ns(int(times.ns[-1])).date())
    except UnknownSymbol:
        symbol = local_symbol(stem)
        note = f"Called {symbol} after the file; --symbol or symbol= calls it otherwise."
        return symbol, (note,)
    return found.symbol, (f"By its name: {found.note}.",)


def _is_length(suffix: str) -> bool:
    try:
        Timeframe.parse(suffix[1:])
    except BadTimeframe:
        return False
    return True
