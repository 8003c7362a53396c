"""One piece of a dataset as one Parquet file.

Nothing damaged is ever read as data: every page carries a checksum that reading verifies, and what
the footer says is held in one record with a checksum of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, BinaryIO, Literal, TypeAlias
from zlib import crc32

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quantloom.data.store.failures import CorruptDataset
from quantloom.data.store.scaled import PRECISION, scaled, to_floats
from quantloom.kit import BoolArray

# Small enough that the last thousand bars cost one millisecond, large enough to compress well.
ROWS_PER_GROUP = 32_768
Columns: TypeAlias = Mapping[str, NDArray[Any]]
"""Columns of equal length by name, the rising times `ts` first."""

TIMES = ("ts", "received")
_RECORD_KEY, _CHECK_KEY = "quantloom", "quantloom.crc32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose rows they are.

    Attributes:
        kind: `bars` or `ticks`.
        part: timeframe of bars; `trades`, `quotes` or `mixed` of ticks.
    """

    kind: str
    symbol: str
    part: str


@dataclass(frozen=True, slots=True)
class Field:
    """How a column is stored.

    Attributes:
        form: `time` as a timestamp, `decimal` as whole numbers of a decimal place, `float` as it
            is, `small` as an eight-bit integer.
        places: decimal places of a `decimal`.
        has_gaps: whether NaN stands as null in it.
    """

    name: str
    form: Literal["time", "decimal", "float", "small"]
    places: int = 0
    has_gaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceRecord:
    """What a piece says of itself, kept as JSON in its Parquet metadata."""

    subject: Subject
    rows: int
    group_starts: tuple[int, ...]
    end_ns: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows and columns are to be read.

    Attributes:
        start_ns, end_ns: start <= time < end; None without a bound.
        last: this many rows at the end at most.
        names: None for all.
    """

    start_ns: int | None = None
    end_ns: int | None = None
    last: int | None = None
    names: tuple[str, ...] | None = None


EVERYTHING = Wanted()
_RECORD = msgspec.json.Decoder(PieceRecord)


def write_piece(file: BinaryIO, subject: Subject, columns: Columns) -> str:
    """Write columns as a Parquet file that other tools can read; give their forms, in short."""
    ts = columns["ts"]
    fields, arrays = [], []
    for name, values in columns.items():
        described, array = _stored(name, values)
        fields.append(described)
        arrays.append(array)
    record = PieceRecord(
        subject=subject,
        rows=len(ts),
        group_starts=tuple(ts[::ROWS_PER_GROUP].tolist()),
        end_ns=int(ts[-1]),
        fields=tuple(fields),
    )
    table = pa.Table.from_arrays(arrays, schema=_schema(record.fields))
    # By way of memory: the writer's many short writes would wait for other threads' Python.
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        column_encoding={one.name: _encoding(one) for one in fields},
        write_statistics=["ts"],
        write_page_checksum=True,
        store_decimal_as_integer=True,
        store_schema=True,
    ) as writer:
        writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        text = msgspec.json.encode(record)
        writer.add_key_value_metadata({_RECORD_KEY: text.decode(), _CHECK_KEY: str(crc32(text))})
    file.write(sink.getvalue())
    return " ".join(map(_short, fields))


def arrow_type(form: str) -> pa.DataType:
    """The type a column has in Parquet, by its form in short; times are in UTC and do not say so.

    Args:
        form: one word of what `write_piece` gives.
    """
    if form == "time":
        return pa.timestamp("ns")
    if form == "small":
        return pa.int8()
    return pa.float64() if form == "float" else pa.decimal128(PRECISION, int(form))


def read_piece(
    source: Any,
    where: str,
    subject: Subject,
    wanted: Wanted = EVERYTHING,
    *,
    rows: int | None = None,
) -> dict[str, NDArray[Any]]:
    """Read the rows and columns wanted; row groups without wanted rows stay unread.

    Args:
        source: path or open file.
        where: its name, for the errors.
        rows: how many it must hold.
    Returns:
        Columns by name, in the order they are stored, of no rows where none are wanted.
    Raises:
        FileNotFoundError: there is no such file.
        CorruptDataset: the file is damaged, none of ours or another dataset's.
    """
    with _opened(source, where) as file:
        record = _record(where, file)
        if record.subject != subject:
            raise CorruptDataset(where, _is_of(record.subject))
        if rows is not None and record.rows != rows:
            raise CorruptDataset(where, f"it holds {record.rows} rows instead of {rows}")
        groups = _groups(record, wanted)
        fields = [one for one in record.fields if _is_wanted(one.name, wanted.names)]
        names = [one.name for one in fields]
        table = file.read_row_groups(list(groups), columns=names, use_threads=len(groups) > 1)
        if table.num_rows != _rows_of(record, groups):
            raise CorruptDataset(where, "rows are missing")
    return _between({one.name: _values(one, table.column(one.name)) for one in fields}, wanted)


def read_record(source: Any, where: str) -> PieceRecord:
    """Read what a piece says of itself; errors are those of `read_piece`."""
    with _opened(source, where) as file:
        return _record(where, file)


def _stored(name: str, values: NDArray[Any]) -> tuple[Field, "pa.Array[Any]"]:
    """Choose how to store a column, and give it so.

    Not by `pa.array`: it would import pandas to ask whether the array is a frame's.
    """
    if name in TIMES:
        described = Field(name, "time")
    elif values.dtype == np.int8:
        described = Field(name, "small")
    else:
        return _stored_floats(name, np.ascontiguousarray(values))
    return described, _arrow(described, np.ascontiguousarray(values))


def _stored_floats(name: str, values: NDArray[np.float64]) -> tuple[Field, "pa.Array[Any]"]:
    found = scaled(values)
    if found is None:
        described = Field(name, "float")
        return described, _arrow(described, values)
    described = Field(name, "decimal", found.places, found.gaps is not None)
    return described, _arrow(described, found.whole, found.gaps)


def _arrow(
    described: Field, values: NDArray[Any], gaps: BoolArray | None = None
) -> "pa.Array[Any]":
    present = None if gaps is None else pa.py_buffer(np.packbits(~gaps, bitorder="little").data)
    buffers = [present, pa.py_buffer(values.data)]
    return pa.Array.from_buffers(_type(described), len(values), buffers)


def _type(described: Field) -> "pa.DataType":
    if described.form == "time":
        return pa.timestamp("ns", "UTC")
    if described.form == "small":
        return pa.int8()
    if described.form == "float":
        return pa.float64()
    return pa.decimal64(PRECISION, described.places)


def _schema(fields: Sequence[Field]) -> pa.Schema:
    return pa.schema([pa.field(one.name, _type(one), nullable=one.has_gaps) for one in fields])


def _encoding(described: Field) -> str:
    return "BYTE_STREAM_SPLIT" if described.form == "float" else "DELTA_BINARY_PACKED"


def _short(described: Field) -> str:
    return str(described.places) if described.form == "decimal" else described.form


@contextmanager
def _opened(source: Any, where: str) -> Iterator[pq.ParquetFile]:
    try:
        # Not memory-mapped: a file cut short under a map kills the process instead of raising.
        with pq.ParquetFile(source, page_checksum_verification=True) as file:
            yield file
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise CorruptDataset(where, (str(problem).splitlines() or ["?"])[0]) from problem


def _record(where: str, file: pq.ParquetFile) -> PieceRecord:
    metadata: dict[bytes, bytes] = file.metadata.metadata or {}
    text = metadata.get(_RECORD_KEY.encode())
    if text is None:
        raise CorruptDataset(where, "no quantloom record in it")
    if str(crc32(text)).encode() != metadata.get(_CHECK_KEY.encode()):
        raise CorruptDataset(where, "its record fails its checksum")
    record = _RECORD.decode(text)
    if file.metadata.num_rows != record.rows or file.num_row_groups != len(record.group_starts):
        raise CorruptDataset(where, "its footer and its record disagree on the rows")
    if not file.schema_arrow.equals(_schema(record.fields)):
        raise CorruptDataset(where, "its footer and its record disagree on the columns")
    return record


def _is_of(subject: Subject) -> str:
    return f"it holds {subject.part} {subject.kind} of {subject.symbol}"


def _is_wanted(name: str, names: tuple[str, ...] | None) -> bool:
    return name == "ts" or names is None or name in names


def _groups(record: PieceRecord, wanted: Wanted) -> range:
    starts = record.group_starts
    first, stop = 0, len(starts)
    if wanted.end_ns is not None:
        stop = int(np.searchsorted(starts, wanted.end_ns, side="left"))
    if wanted.start_ns is not None:
        # To the left: rows of one time may lie on both sides of a border.
        first = max(int(np.searchsorted(starts, wanted.start_ns, side="left")) - 1, 0)
    elif wanted.last is not None and wanted.end_ns is None:
        first = max(record.rows - wanted.last, 0) // ROWS_PER_GROUP
    return range(first, max(first, stop))


def _rows_of(record: PieceRecord, groups: range) -> int:
    bounds = [*range(0, record.rows, ROWS_PER_GROUP), record.rows]
    sizes = [after - before for before, after in pairwise(bounds)]
    return sum(sizes[group] for group in groups)


def _values(described: Field, column: "pa.ChunkedArray[Any]") -> NDArray[Any]:
    parts = [_part(described, chunk) for chunk in column.chunks]
    return parts[0] if len(parts) == 1 else np.concatenate([_none(described), *parts])


def _part(described: Field, chunk: Any) -> NDArray[Any]:
    dtype = np.int8 if described.form == "small" else np.int64
    if described.form == "float":
        return _raw(chunk, np.dtype(np.float64))
    whole = _raw(chunk, np.dtype(dtype))
    if described.form != "decimal":
        return whole
    values = to_floats(whole, described.places)
    if chunk.null_count:
        values[_nulls(chunk)] = np.nan
    return values


def _raw(chunk: Any, dtype: "np.dtype[Any]") -> NDArray[Any]:
    values = np.frombuffer(chunk.buffers()[1] or b"", dtype=dtype)
    return values[chunk.offset : chunk.offset + len(chunk)]


def _nulls(chunk: Any) -> BoolArray:
    bits = np.frombuffer(chunk.buffers()[0], dtype=np.uint8)
    present = np.unpackbits(bits, bitorder="little")[chunk.offset : chunk.offset + len(chunk)]
    is_null: BoolArray = present == 0
    return is_null


def _none(described: Field) -> NDArray[Any]:
    """No rows, of the column's type: what there is where no row group is read."""
    if described.form == "time":
        return np.empty(0, np.int64)
    return np.empty(0, np.int8 if described.form == "small" else np.float64)


def _between(columns: dict[str, NDArray[Any]], wanted: Wanted) -> dict[str, NDArray[Any]]:
    ts = columns["ts"]
    first = 0 if wanted.start_ns is None else int(np.searchsorted(ts, wanted.start_ns))
    stop = len(ts) if wanted.end_ns is None else int(np.searchsorted(ts, wanted.end_ns))
    if wanted.last is not None:
        first = max(first, stop - wanted.last)
    if (first, stop) == (0, len(ts)):
        return columns
    return {name: values[first:stop] for name, values in columns.items()}
