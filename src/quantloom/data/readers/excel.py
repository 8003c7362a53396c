"""Sheets of Excel and OpenDocument workbooks as raw tables."""

import importlib
import io
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from quantloom.data.readers.dialects import find_names
from quantloom.data.readers.extras import PackageMissing
from quantloom.data.readers.grids import column_of, worded
from quantloom.data.readers.raw import Account, Form, NoTable, UnreadableFile
from quantloom.data.readers.streams import Source
from quantloom.data.readers.typed import ROWS, TypedTable

_HEAD_ROWS = 200
_EXACT = 2**53


def open_workbook(source: Source) -> tuple[TypedTable, ...]:
    """Open every sheet of a workbook that holds a table.

    Raises:
        PackageMissing: the package that reads workbooks is not installed.
        UnreadableFile: it is damaged.
        NoTable: no sheet has rows.
    """
    book = _book(source)
    tables = [_table(source, book, name) for name in book.sheet_names]
    found = tuple(table for table in tables if table is not None)
    if not found:
        raise NoTable(source.path, "none of its sheets has rows")
    return found


def _book(source: Source) -> Any:
    try:
        calamine = importlib.import_module("python_calamine")
    except ImportError:
        raise PackageMissing(source.path, "python-calamine", "excel") from None
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.whole()))
    except calamine.CalamineError as fault:
        raise UnreadableFile(source.path, f"the workbook is damaged ({fault})") from fault


def _table(source: Source, book: Any, name: str) -> TypedTable | None:
    rows = _grid(source, book, name)
    if not rows:
        return None
    first, names = find_names([tuple(map(_seen, row)) for row in rows[:_HEAD_ROWS]])
    body = rows[first:]
    columns = [column_of(_whole_numbers(column)) for column in zip(*body, strict=True)]
    kinds = [column.type for column in columns] or [pa.string()] * len(names)
    return TypedTable(
        source.path,
        Form(
            kind="excel",
            compression=source.compression,
            member=name,
            has_header=any(names),
            skipped_lines=max(0, first - 1),
        ),
        schema=pa.schema(list(zip(names, kinds, strict=True))),
        rows=len(body),
        size_bytes=source.size_bytes,
        read=partial(_batches, columns),
    )


def _grid(source: Source, book: Any, name: str) -> list[list[Any]]:
    """Give the filled rows of a sheet, empty cells as None, less columns that are all empty."""
    try:
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
    except Exception as fault:
        raise UnreadableFile(source.path, f"sheet {name!r} is damaged ({fault})") from fault
    rows = [[None if cell == "" else cell for cell in row] for row in cells]
    rows = [row for row in rows if any(cell is not None for cell in row)]
    width = max((_used(row) for row in rows), default=0)
    return [row[:width] for row in rows] if width > 1 else []


def _whole_numbers(cells: Sequence[Any]) -> Sequence[Any]:
    """Give codes and dates as whole numbers: a sheet holds every number with a fraction."""
    floats = [cell for cell in cells if isinstance(cell, float)]
    if not floats or not all(cell.is_integer() and abs(cell) < _EXACT for cell in floats):
        return cells
    return [int(cell) if isinstance(cell, float) else cell for cell in cells]


def _used(row: Sequence[Any]) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell is not None), default=0)


def _seen(cell: Any) -> str:
    return "" if cell is None else worded(cell).strip()


def _batches(
    columns: Sequence[Any], account: Account, places: tuple[int, ...]
) -> Iterator[pa.RecordBatch]:
    del account  # a workbook is read whole, or not at all
    if not columns:
        return
    names = [str(place) for place in places]
    chosen = pa.RecordBatch.from_arrays([columns[place] for place in places], names=names)
    for start in range(0, chosen.num_rows, ROWS):
        yield chosen.slice(start, ROWS)
