"""A result in a folder: `result.json`, and Parquet files of its tables and bars."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quantloom.backtest.export import write_bytes, write_parquet
from quantloom.backtest.leaks import Audit, read_audit
from quantloom.backtest.tables import Table
from quantloom.data import DataGrade, arrow
from quantloom.data.atomic import remove
from quantloom.errors import Conflict, Invalid, NotFound
from quantloom.market import Bars

FORMAT = 1
_RECORD, _AUDIT, _QUALITY = "result.json", "audit.json", "quality.json"
_PRICES = ("open", "high", "low", "close", "volume")


class ResultThere(Conflict):
    """A folder that already holds another result."""

    code = "backtest.result_there"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return (
            f"{self.folder} holds another result; choose another folder, or replace it: "
            "replace=True, or --force on the command line"
        )


class NoResult(NotFound):
    """A folder without a saved result."""

    code = "backtest.no_result"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return (
            f"{self.folder} holds no result; `result.save(folder)` makes one, "
            "as `quantloom backtest run --save FOLDER` does"
        )


class CorruptResult(Invalid):
    """A saved result that is not what was saved."""

    code = "backtest.corrupt_result"

    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(folder, problem)
        self.folder, self.problem = folder, problem

    def __str__(self) -> str:
        return f"the result in {self.folder} cannot be read: {self.problem}; run and save it again"


def write_archive(
    folder: Path,
    record: Mapping[str, Any],
    *,
    tables: Mapping[str, Table],
    bars: Mapping[str, Bars],
    replace: bool,
    quality: Iterable[DataGrade] = (),
    audit: Audit | None = None,
) -> Path:
    """Write a result; its record, which makes the folder one, comes last.

    Args:
        quality: grades of its data. audit: what it was found to be. Both are kept apart, since
            the record is the same without.
    Raises:
        ResultThere: the folder holds another result, and `replace` is false.
    """
    content = msgspec.json.encode({"format": FORMAT, **record, "bars": _timeframes(bars)})
    kept = folder / _RECORD
    if kept.exists():
        if not replace and kept.read_bytes() != content:
            raise ResultThere(folder)
        # Until the last file is there, the folder must not pass for a result.
        remove(kept)
    write_parquet(tables, folder, is_archive=True)
    columns = {_place(place): _bar_table(one) for place, one in enumerate(bars.values())}
    write_parquet(columns, folder, is_archive=True)
    (folder / _AUDIT).unlink(missing_ok=True)
    if audit is not None:
        write_bytes(msgspec.json.encode(audit.plain()), folder / _AUDIT)
    write_bytes(msgspec.json.encode([one.plain() for one in quality]), folder / _QUALITY)
    write_bytes(content, kept)
    return folder


def read_record(folder: Path) -> dict[str, Any]:
    """Read what is not a table.

    Raises:
        NoResult: the folder holds none.
        CorruptResult: it cannot be read, or a later version wrote it.
    """
    try:
        record: dict[str, Any] = msgspec.json.decode((folder / _RECORD).read_bytes(), type=dict)
    except FileNotFoundError as error:
        raise NoResult(folder) from error
    except msgspec.MsgspecError as error:
        raise CorruptResult(folder, str(error)) from error
    if record.get("format") != FORMAT:
        raise CorruptResult(folder, f"its format is {record.get('format')}, not {FORMAT}")
    return record


def read_audit_of(folder: Path) -> Audit | None:
    """Read the audit as it was written; None where there is none.

    Raises:
        CorruptResult: it cannot be read.
    """
    try:
        return read_audit((folder / _AUDIT).read_bytes())
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise CorruptResult(folder, str(error)) from error


def read_quality_of(folder: Path) -> dict[str, DataGrade] | None:
    """Read the grades of the data, by symbol; None where they were not kept.

    Raises:
        CorruptResult: they cannot be read.
    """
    try:
        content = (folder / _QUALITY).read_bytes()
        grades = msgspec.json.decode(content, type=tuple[DataGrade, ...])
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise CorruptResult(folder, str(error)) from error
    return {one.symbol: one for one in grades}


def read_table(folder: Path, name: str) -> Table:
    """Read a table as it was.

    Raises:
        CorruptResult: its file is missing or damaged.
    """
    try:
        table = pq.read_table(folder / f"{name}.parquet", partitioning=None)
        return Table({field.name: _column(table, field) for field in table.schema})
    except (OSError, pa.ArrowException) as error:
        raise CorruptResult(folder, str(error).partition("\n")[0]) from error


def read_all_bars(folder: Path, record: Mapping[str, Any]) -> dict[str, Bars]:
    """Read the bars by symbol."""
    found = {}
    for place, (symbol, timeframe) in enumerate(record["bars"].items()):
        columns = dict(read_table(folder, _place(place)).items())
        prices = {name: columns.pop(name) for name in ("ts", *_PRICES)}
        found[symbol] = Bars.of(symbol, timeframe, **prices, extras=columns)
    return found


def _timeframes(bars: Mapping[str, Bars]) -> dict[str, str]:
    return {symbol: str(one.timeframe) for symbol, one in bars.items()}


def _place(place: int) -> str:
    # Symbols may hold what no file name can.
    return f"bars-{place}"


def _bar_table(bars: Bars) -> Table:
    return Table(
        {"ts": bars.ts, **{name: getattr(bars, name) for name in _PRICES}, **dict(bars.extras)}
    )


def _column(table: pa.Table, field: "pa.Field[Any]") -> NDArray[Any]:
    column = table.column(field.name)
    if pa.types.is_floating(field.type):
        return arrow.floats(column)
    if pa.types.is_integer(field.type):
        return arrow.ints(column)
    if pa.types.is_date(field.type):
        return arrow.ints(column.cast(pa.int32())).astype("datetime64[D]")
    values = np.empty(len(column), dtype=object)
    values[:] = column.to_pylist()
    if field.metadata and b"exact" in field.metadata:
        values[:] = [None if one is None else Decimal(one) for one in values]
    return values
