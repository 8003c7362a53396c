"""Files made from bytes or cells, and what comes back from them, for the tests of this folder."""

from pathlib import Path

import pyarrow as pa

from quantloom.data.readers import RawTable, open_tables

HEADER = "date,open,high,low,close,volume"
ROWS = tuple(f"2024-01-{day:02},10.5,12,9,11,100" for day in range(2, 12))


def write(folder: Path, content: bytes | str, name: str = "data.bin") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def text_of(*rows: str, header: str | None = HEADER) -> str:
    return "\n".join([*([header] if header else []), *rows]) + "\n"


def open_one(folder: Path, content: bytes | str) -> RawTable:
    (table,) = open_tables(write(folder, content))
    return table


def cells(table: RawTable) -> list[tuple[object, ...]]:
    """Every row of a table, its cells as they come without any types asked for."""
    return [row for batch in table.batches() for row in rows_of(batch)]


def rows_of(batch: pa.RecordBatch) -> list[tuple[object, ...]]:
    return list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
