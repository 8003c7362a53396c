"""One dataset as one Parquet file: how bars, instrument and origin are laid out in it.

Nothing damaged is ever read as data: every page carries a checksum that reading verifies, and what
the footer says is held in one record with a checksum of its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from quantloom.data.arrow import floats, ints
from quantloom.data.origin import Origin
from quantloom.errors import Invalid, Unavailable
from quantloom.kit import FloatArray, IntArray, freeze, to_ns
from quantloom.market import Bars, EmptyRange, Instrument, Timeframe
from quantloom.market.bars import FIELDS

SCHEMA = 1
# Small enough that the last thousand bars cost one millisecond, large enough to compress well.
ROWS_PER_GROUP = 32_768
COLUMNS = ("ts", *FIELDS)
_RECORD_KEY, _CHECK_KEY = "quantloom", "quantloom.crc32"


class CorruptDataset(Unavailable):
    """A file of the catalog that cannot be read as what it should be."""

    code = "data.corrupt_dataset"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return (
            f"{self.path} is damaged ({self.reason}); restore it from a backup, "
            "or delete it and import the data again"
        )


class SchemaTooNew(Invalid):
    """A dataset that a later version of this library wrote."""

    code = "data.schema_too_new"

    def __init__(self, path: Path, schema: int) -> None:
        super().__init__(path, schema)
        self.path, self.schema = path, schema

    def __str__(self) -> str:
        return (
            f"{self.path} has schema {self.schema}, this version reads up to {SCHEMA}; "
            "upgrade quantloom, or import the data again"
        )


class ReservedColumn(Invalid):
    """An extra column that has the name of a column every bar has."""

    code = "data.reserved_column"

    def __init__(self, symbol: str, column: str) -> None:
        super().__init__(symbol, column)
        self.symbol, self.column = symbol, column

    def __str__(self) -> str:
        return f"{self.symbol}: an extra column cannot be named {self.column!r}; rename it"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRecord:
    """What a dataset's file says of itself, kept as JSON in its Parquet metadata.

    Attributes:
        group_starts: open time of the first bar of each row group, UTC nanoseconds.
        end_ns: open time of the last bar, UTC nanoseconds.
        digest: `Bars.digest` of the whole dataset.
    """

    schema: int
    symbol: str
    timeframe: str
    rows: int
    group_starts: tuple[int, ...]
    end_ns: int
    extras: tuple[str, ...]
    instrument: Instrument
    source: str
    licence: str
    dropped_rows: int
    digest: str
    origin: Origin | None = None
    quality: Mapping[str, Any] | None = None


class _SchemaOnly(msgspec.Struct):
    schema: int


def write_dataset(
    file: BinaryIO,
    bars: Bars,
    *,
    instrument: Instrument,
    source: str,
    licence: str,
    dropped_rows: int,
    origin: Origin | None = None,
    quality: Mapping[str, Any] | None = None,
) -> None:
    """Write bars and what belongs to them as one Parquet file.

    Raises:
        EmptyRange: there are no bars.
        ReservedColumn: an extra is named like a column of every bar.
    """
    if not len(bars):
        raise EmptyRange(bars.symbol, None, None)
    record = DatasetRecord(
        schema=SCHEMA,
        symbol=bars.symbol,
        timeframe=str(bars.timeframe),
        rows=len(bars),
        group_starts=tuple(bars.ts[::ROWS_PER_GROUP].tolist()),
        end_ns=int(bars.ts[-1]),
        extras=tuple(bars.extras),
        instrument=instrument,
        source=source,
        licence=licence,
        dropped_rows=dropped_rows,
        digest=bars.digest(),
        origin=origin,
        quality=quality,
    )
    table = _table(bars)
    numbers = table.column_names[1:]
    with pq.ParquetWriter(
        file,
        table.schema,
        compression="zstd",
        use_dictionary=False,
        column_encoding={"ts": "DELTA_BINARY_PACKED"} | dict.fromkeys(numbers, "BYTE_STREAM_SPLIT"),
        write_statistics=["ts"],
        write_page_checksum=True,
        store_schema=False,
    ) as writer:
        writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        text = msgspec.json.encode(record)
        writer.add_key_value_metadata({_RECORD_KEY: text.decode(), _CHECK_KEY: str(crc32(text))})


def read_record(path: Path) -> DatasetRecord:
    """Read what a dataset's file says of itself, without its bars.

    Raises:
        FileNotFoundError: there is no such file.
        CorruptDataset: the file is damaged or none of ours.
        SchemaTooNew: a later version wrote it.
    """
    with _opened(path) as file:
        return _record(path, file)


def read_dataset(
    path: Path, *, start: datetime | None = None, end: datetime | None = None, extras: bool = True
) -> Bars:
    """Read the bars with start <= open time < end; row groups and extras not asked for stay unread.

    Raises:
        FileNotFoundError: there is no such file.
        EmptyRange: no bar lies there.
        CorruptDataset: the file is damaged or none of ours.
        SchemaTooNew: a later version wrote it.
    """
    with _opened(path) as file:
        record = _record(path, file)
        names = (*COLUMNS, *(record.extras if extras else ()))
        groups = _groups(record.group_starts, start, end)
        if not groups:
            raise EmptyRange(record.symbol, start, end)
        table = file.read_row_groups(list(groups), columns=list(names), use_threads=len(groups) > 1)
    columns = {name: floats(table.column(name)) for name in names[1:]}
    ts = ints(table.column("ts"))
    if len(ts) != _rows_of(record, groups):
        raise CorruptDataset(path, "rows are missing")
    return _bars(record, ts, columns).between(start, end)


def _table(bars: Bars) -> pa.Table:
    for name in bars.extras:
        if name in COLUMNS:
            raise ReservedColumn(bars.symbol, name)
    schema = _schema(tuple(bars.extras))
    arrays = [*bars.columns(), *bars.extras.values()]
    # Not pa.array: it would import pandas to ask whether the array is a frame's.
    buffers = [pa.py_buffer(np.ascontiguousarray(array).data) for array in arrays]
    columns = [
        pa.Array.from_buffers(field.type, len(bars), [None, buffer])
        for field, buffer in zip(schema, buffers, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _schema(extras: tuple[str, ...]) -> pa.Schema:
    times = pa.field("ts", pa.timestamp("ns", "UTC"), nullable=False)
    names = (*FIELDS, *extras)
    fields: list[pa.Field[Any]] = [times]
    fields += [pa.field(name, pa.float64(), nullable=False) for name in names]
    return pa.schema(fields)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        # Not memory-mapped: a file cut short under a map kills the process instead of raising.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise CorruptDataset(path, str(problem).splitlines()[0]) from problem


def _record(path: Path, file: pq.ParquetFile) -> DatasetRecord:
    metadata: dict[bytes, bytes] = file.metadata.metadata or {}
    text = metadata.get(_RECORD_KEY.encode())
    if text is None:
        raise CorruptDataset(path, "no quantloom record in it")
    if str(crc32(text)).encode() != metadata.get(_CHECK_KEY.encode()):
        raise CorruptDataset(path, "its record fails its checksum")
    schema = msgspec.json.decode(text, type=_SchemaOnly).schema
    if schema > SCHEMA:
        raise SchemaTooNew(path, schema)
    record = msgspec.json.decode(text, type=DatasetRecord)
    if file.metadata.num_rows != record.rows or file.num_row_groups != len(record.group_starts):
        raise CorruptDataset(path, "its footer and its record disagree on the rows")
    if not file.schema_arrow.equals(_schema(record.extras)):
        raise CorruptDataset(path, "its footer and its record disagree on the columns")
    return record


def _groups(starts: tuple[int, ...], start: datetime | None, end: datetime | None) -> range:
    first, last = 0, len(starts)
    if start is not None:
        first = max(int(np.searchsorted(starts, to_ns(start), side="right")) - 1, 0)
    if end is not None:
        last = int(np.searchsorted(starts, to_ns(end), side="left"))
    return range(first, last)


def _rows_of(record: DatasetRecord, groups: range) -> int:
    bounds = [*range(0, record.rows, ROWS_PER_GROUP), record.rows]
    sizes = [after - before for before, after in pairwise(bounds)]
    return sum(sizes[group] for group in groups)


def _bars(record: DatasetRecord, ts: IntArray, columns: dict[str, FloatArray]) -> Bars:
    # `Bars.of` checked every row before it was written, and the checksums say it is unchanged.
    base = {name: freeze(columns.pop(name)) for name in FIELDS}
    extras = {name: freeze(column) for name, column in columns.items()}
    timeframe = Timeframe.parse(record.timeframe)
    return Bars(record.symbol, timeframe, freeze(ts), **base, extras=extras)
