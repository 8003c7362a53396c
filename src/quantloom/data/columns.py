"""Find out which column of a table is which, by the names data files give them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quantloom.data.arrow import Column, bools, floats, nulls
from quantloom.data.times import holds_times_of_day
from quantloom.errors import Invalid
from quantloom.kit import BoolArray, FloatArray

TIME_NAMES = ("ts", "timestamp", "datetime", "time", "date", "trade_date")
FIELD_NAMES = {
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price"),
    "low": ("low", "l", "low_price"),
    "close": ("close", "c", "close_price"),
    "volume": ("volume", "vol", "v"),
}
_SYMBOL_NAMES = ("symbol", "ticker", "tic", "code", "ts_code", "local_symbol", "instrument")
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_SHOWN = 5
_OF_TICKS = ({"bid", "ask"}, {"bid_price1", "ask_price1"}, {"price", "qty"})
# The name a pandas index without one has in Parquet; in CSV it has none at all.
_FRAME_INDEX = "__index_level_0__"


class ColumnsMissing(Invalid):
    """A file without the columns that every bar needs."""

    code = "data.columns_missing"

    def __init__(self, path: Path, missing: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(path, missing, found)
        self.path, self.missing, self.found = path, missing, found

    def __str__(self) -> str:
        return (
            f"{self.path} has no column for {', '.join(self.missing)}; found "
            f"{', '.join(map(repr, self.found))}. Rename the columns to time, open, high, low, "
            "close and volume, in a first line separated by commas"
        )


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


class ColumnTwice(Invalid):
    """Two columns of a file that bear the same name."""

    code = "data.column_twice"

    def __init__(self, path: Path, column: str) -> None:
        super().__init__(path, column)
        self.path, self.column = path, column

    def __str__(self) -> str:
        return f"{self.path} has two columns named {self.column!r}; rename or remove one of them"


class SeveralSymbols(Invalid):
    """A file that mixes the bars of several instruments."""

    code = "data.several_symbols"

    def __init__(self, path: Path, column: str, symbols: tuple[str, ...]) -> None:
        super().__init__(path, column, symbols)
        self.path, self.column, self.symbols = path, column, symbols

    def __str__(self) -> str:
        return (
            f"{self.path} holds several instruments: {', '.join(self.symbols)} and perhaps more "
            f"in column {self.column!r}; split it into one file each"
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column is which, by position.

    Attributes:
        time: position of the time, or of the date where `clock` holds the time of day.
        fields: position of open, high, low, close and, where there is one, volume.
        extras: position of every further column of numbers, by its name in lower case.
        ignored: names of the columns left alone.
    """

    time: int
    clock: int | None
    fields: Mapping[str, int]
    extras: Mapping[str, int]
    ignored: tuple[str, ...]


def find_layout(path: Path, table: pa.Table) -> Layout:
    """Match the columns of a table with what bars need.

    Raises:
        ColumnsMissing: no time, open, high, low or close among them.
        ColumnTwice: two columns differ in nothing but case.
        SeveralSymbols: the file mixes instruments.
    """
    by_name = _by_name(path, table)
    _demand_one_symbol(path, table, by_name)
    fields = {
        field: next(by_name[name] for name in names if name in by_name)
        for field, names in FIELD_NAMES.items()
        if any(name in by_name for name in names)
    }
    time, clock = _find_time(table, by_name)
    missing = tuple(field for field in FIELD_NAMES if field not in fields and field != "volume")
    if missing and any(names <= {*by_name} for names in _OF_TICKS):
        raise TicksNotBars(path)
    if time is None or missing:
        lacking = ("the time",) if time is None else ()
        raise ColumnsMissing(path, (*lacking, *missing), tuple(table.column_names))
    used = {time, clock, *fields.values()}
    rest = {name: place for name, place in by_name.items() if place not in used}
    extras = {name: place for name, place in rest.items() if name and _is_number(table, place)}
    ignored = tuple(table.column_names[place] for name, place in rest.items() if name not in extras)
    return Layout(time, clock, fields, extras, ignored)


def read_numbers(column: Column) -> tuple[FloatArray, BoolArray]:
    """Read a column as float64, with a mask of the cells that hold something else.

    Empty cells are NaN and not in the mask.
    """
    kind = column.type
    if _is_numeric(kind) or pa.types.is_null(kind):
        return floats(column), np.zeros(len(column), dtype=np.bool_)
    if not pa.types.is_string(kind):
        return np.full(len(column), np.nan), np.ones(len(column), dtype=np.bool_)
    trimmed = pc.utf8_trim_whitespace(column)
    good: Any = pc.match_substring_regex(trimmed, _NUMBER)
    wrong = ~bools(good) & ~nulls(column)
    numbers: Any = pc.if_else(good, trimmed, pa.scalar(None, pa.string()))
    return floats(numbers.cast(pa.float64())), wrong


def _by_name(path: Path, table: pa.Table) -> dict[str, int]:
    by_name: dict[str, int] = {}
    for place, written in enumerate(table.column_names):
        name = re.sub(r"\s+", "_", written.strip().strip("<>").lower())
        if written == _FRAME_INDEX:
            name = ""
        if name in by_name:
            raise ColumnTwice(path, written)
        by_name[name] = place
    return by_name


def _demand_one_symbol(path: Path, table: pa.Table, by_name: dict[str, int]) -> None:
    for name in [name for name in _SYMBOL_NAMES if name in by_name]:
        symbols = pc.unique(table.column(by_name[name])).slice(0, _SHOWN).to_pylist()
        if len(symbols) > 1:
            raise SeveralSymbols(path, table.column_names[by_name[name]], tuple(map(str, symbols)))


def _find_time(table: pa.Table, by_name: dict[str, int]) -> tuple[int | None, int | None]:
    clock, day = by_name.get("time"), by_name.get("date", by_name.get("trade_date"))
    if clock is not None and day is not None and holds_times_of_day(table.column(clock)):
        return day, clock
    return next((by_name[name] for name in (*TIME_NAMES, "") if name in by_name), None), None


def _is_number(table: pa.Table, place: int) -> bool:
    return _is_numeric(table.schema.field(place).type)


def _is_numeric(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )
