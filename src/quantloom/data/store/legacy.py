"""Datasets of schema 1, one Parquet file each, as version 0.1 wrote them; they are only read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from quantloom.data.arrow import floats, ints
from quantloom.data.store.failures import CorruptDataset, SchemaTooNew
from quantloom.data.store.manifest import Manifest, Piece
from quantloom.data.store.pieces import EVERYTHING, Wanted
from quantloom.kit import FloatArray, IntArray, freeze, from_ns, to_ns
from quantloom.market import Bars, EmptyRange, Instrument, Timeframe
from quantloom.market.bars import FIELDS

SCHEMA = 1
ROWS_PER_GROUP = 32_768
COLUMNS = ("ts", *FIELDS)
_RECORD_KEY, _CHECK_KEY = "quantloom", "quantloom.crc32"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRecord:
    """What a dataset's file says of itself, kept as JSON in its Parquet metadata.

    Attributes:
        group_starts: open time of the first bar of each row group, UTC nanoseconds.
        end_ns: open time of the last bar, UTC nanoseconds.
        digest: of the whole dataset, by the definition of its time.
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


class _SchemaOnly(msgspec.Struct):
    schema: int


def read_record(path: Path) -> DatasetRecord:
    """Read what a dataset's file says of itself, without its bars.

    Raises:
        FileNotFoundError: there is no such file.
        CorruptDataset: the file is damaged or none of ours.
        SchemaTooNew: a later version wrote it.
    """
    with _opened(path) as file:
        return _record(path, file)


def read_manifest(path: Path) -> Manifest:
    """Describe a file as a dataset of one piece, in the folder it lies in; errors as before.

    It has no digest: that of its time was another.
    """
    record, size = read_record(path), path.stat().st_size
    columns = (*COLUMNS, *record.extras)
    piece = Piece(
        name=path.name,
        period="all",
        rows=record.rows,
        start_ns=record.group_starts[0],
        end_ns=record.end_ns,
        bytes=size,
        forms=" ".join(("time", *("float" for _ in columns[1:]))),
    )
    return Manifest(
        schema=SCHEMA,
        kind="bars",
        symbol=record.symbol,
        part=record.timeframe,
        generation=0,
        rows=record.rows,
        columns=columns,
        digest="",
        blocks={},
        pieces=(piece,),
        instrument=record.instrument,
        source=record.source,
        licence=record.licence,
        dropped_rows=record.dropped_rows,
    )


def read_legacy(path: Path, wanted: Wanted = EVERYTHING) -> Bars:
    """Read the bars wanted; row groups and extras not asked for stay unread.

    Raises:
        FileNotFoundError: there is no such file.
        EmptyRange: no bar lies there.
        CorruptDataset: the file is damaged or none of ours.
        SchemaTooNew: a later version wrote it.
    """
    start = None if wanted.start_ns is None else from_ns(wanted.start_ns)
    end = None if wanted.end_ns is None else from_ns(wanted.end_ns)
    with _opened(path) as file:
        record = _record(path, file)
        names = (*COLUMNS, *(record.extras if wanted.names is None else ()))
        groups = _groups(record.group_starts, start, end)
        if not groups:
            raise EmptyRange(record.symbol, start, end)
        table = file.read_row_groups(list(groups), columns=list(names), use_threads=len(groups) > 1)
    columns = {name: floats(table.column(name)) for name in names[1:]}
    ts = ints(table.column("ts"))
    if len(ts) != _rows_of(record, groups):
        raise CorruptDataset(path, "rows are missing")
    return _bars(record, ts, columns).between(start, end)[-(wanted.last or 0) :]


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
        raise SchemaTooNew(path, schema, SCHEMA)
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
    base: dict[str, Any] = {name: freeze(columns.pop(name)) for name in FIELDS}
    extras = {name: freeze(column) for name, column in columns.items()}
    timeframe = Timeframe.parse(record.timeframe)
    return Bars(record.symbol, timeframe, freeze(ts), **base, extras=extras)
