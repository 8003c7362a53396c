"""A result's tables as files for other programs: Parquet, CSV and workbooks."""

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quantloom.backtest.tables import Table
from quantloom.data.atomic import replacing
from quantloom.errors import Invalid, Unavailable
from quantloom.kit import objects
from quantloom.performance import METRICS, REASONS, Summary

MAX_SHEET_ROWS = 1_048_575
"""What a sheet of Excel holds below its line of headings."""

_WIDEST = 60


class TooManyRows(Invalid):
    """A table that no sheet of a workbook can hold."""

    code = "backtest.too_many_rows"

    def __init__(self, table: str, rows: int, most: int) -> None:
        super().__init__(table, rows, most)
        self.table, self.rows, self.most = table, rows, most

    def __str__(self) -> str:
        return (
            f"{self.table} has {self.rows:,} rows and a sheet holds {self.most:,}; "
            "write CSV or Parquet in its place"
        )


class XlsxExtraMissing(Unavailable):
    """The package that writes workbooks is not installed."""

    code = "backtest.xlsx_extra_missing"

    def __str__(self) -> str:
        return "workbooks need xlsxwriter; install it: pip install 'quantloom[xlsx]'"


def metrics_table(metrics: Summary) -> Table:
    """Each measure with its value, unit and meaning; where it has no value, with the reason."""
    values = metrics.as_dict()
    reasons = {name: REASONS[key].text_en for name, key in metrics.reasons.items()}
    columns: dict[str, list[Any]] = {
        "metric": list(values),
        "value": list(values.values()),
        "unit": [METRICS[name].unit for name in values],
        "meaning": [METRICS[name].meaning_en for name in values],
        "reason": [reasons.get(name, "") for name in values],
    }
    return Table({name: objects(column) for name, column in columns.items()})


def write_bytes(content: bytes, path: Path) -> Path:
    """Write a file whole or not at all."""
    with replacing(path) as file:
        file.write(content)
    return path


def write_parquet(
    tables: Mapping[str, Table], folder: Path, *, is_archive: bool = False
) -> list[Path]:
    """Write each table to its own file.

    Args:
        is_archive: exact numbers as the text of their digits, which keeps trailing zeros, in place
            of decimals; times as the integers they are.
    """
    return [
        _write_one(arrow_table(table, is_archive=is_archive), folder / f"{name}.parquet")
        for name, table in tables.items()
    ]


def arrow_table(table: Table, *, is_archive: bool) -> pa.Table:
    """Arrow columns of a table; in an archive an exact column is marked as such."""
    columns = {name: _arrow(name, column, is_archive=is_archive) for name, column in table.items()}
    marks = {name: {"exact": "1"} if _is_exact(column) else None for name, column in table.items()}
    schema = pa.schema(
        [
            pa.field(name, column.type, metadata=marks[name] if is_archive else None)
            for name, column in columns.items()
        ]
    )
    return pa.table(columns, schema=schema)


def write_csv(tables: Mapping[str, Table], folder: Path) -> list[Path]:
    """Write each table to its own file, with a line of headings."""
    written = []
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        with replacing(path) as file:
            text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(map(_heading, table))
            writer.writerows(_lines(table, _csv_cells))
            text.detach()
        written.append(path)
    return written


def write_xlsx(tables: Mapping[str, Table], path: Path, *, created: datetime) -> Path:
    """Write one sheet for each table; the same tables give the same bytes."""
    try:
        import xlsxwriter  # noqa: PLC0415  optional, and only workbooks need it
    except ImportError as error:
        raise XlsxExtraMissing from error
    for name, table in tables.items():
        if len(table) > MAX_SHEET_ROWS:
            raise TooManyRows(name, len(table), MAX_SHEET_ROWS)
    content = BytesIO()
    settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, settings) as book:
        book.set_properties({"created": created.replace(tzinfo=None)})
        for name, table in tables.items():
            _fill_sheet(book, book.add_worksheet(name), table)
    return write_bytes(content.getvalue(), path)


def _fill_sheet(book: Any, sheet: Any, table: Table) -> None:
    head = book.add_format({"bold": True, "bottom": 1})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    lines = _lines(table, _sheet_cells)
    first = next(lines, ())
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(table):
        is_time = name.endswith("_ns")
        width = len(str(first[place])) if first else 0
        sheet.set_column(
            place, place, min(max(len(name), width) + 3, _WIDEST), time if is_time else None
        )
        sheet.write_string(0, place, _heading(name), head)
    for row, line in enumerate((first, *lines) if first else (), start=1):
        for place, value in enumerate(line):
            if isinstance(value, datetime):
                sheet.write_datetime(row, place, value, time)
            elif isinstance(value, int | float):
                sheet.write_number(row, place, value)
            elif value:
                sheet.write_string(row, place, str(value))


def _lines(
    table: Table, shown: Callable[[str, NDArray[Any]], Iterable[Any]]
) -> "zip[tuple[Any, ...]]":
    return zip(*(shown(name, column) for name, column in table.items()), strict=True)


def _csv_cells(name: str, column: NDArray[Any]) -> Iterable[Any]:
    if name.endswith("_ns"):
        moments = column.astype("datetime64[ns]").astype("datetime64[us]")
        return (f"{text}Z" for text in np.datetime_as_string(moments, timezone="naive").tolist())
    return (f"{one:f}" if isinstance(one, Decimal) else one for one in column.tolist())


def _sheet_cells(name: str, column: NDArray[Any]) -> Iterable[Any]:
    if name.endswith("_ns"):
        found: list[Any] = column.astype("datetime64[ns]").astype("datetime64[us]").tolist()
        return found
    return (
        float(one) if isinstance(one, Decimal) else None if one != one else one  # noqa: PLR0124
        for one in column.tolist()
    )


def _heading(name: str) -> str:
    """What a column is called where its times are no longer integers."""
    return "time" if name == "ts_ns" else name.replace("_ns", "_time")


def _arrow(name: str, column: NDArray[Any], *, is_archive: bool) -> "pa.Array[Any]":
    if column.dtype != object:
        array = pa.array(column)
        return array if is_archive or not name.endswith("_ns") else _times(array)
    values = column.tolist()
    if is_archive and _is_exact(column):
        values = [None if one is None else str(one) for one in values]
    found: pa.Array[Any] = pa.array(values)
    return found


def _times(array: "pa.Array[Any]") -> "pa.Array[Any]":
    times: pa.Array[Any] = array.cast(pa.timestamp("ns", tz="UTC"))
    return times


def _is_exact(column: NDArray[Any]) -> bool:
    return column.dtype == object and any(isinstance(one, Decimal) for one in column)


def _write_one(table: pa.Table, path: Path) -> Path:
    with replacing(path) as file:
        pq.write_table(table, file, compression="zstd")
    return path
