"""Parquet and Feather files as raw tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from quantloom.data.readers.raw import Account, Form, UnreadableFile
from quantloom.data.readers.streams import Source
from quantloom.data.readers.typed import ROWS, TypedTable

# The name a pandas index without one has in Parquet; in text it has none at all.
_FRAME_INDEX = "__index_level_0__"
_FILE_MAGIC = b"ARROW1"
_FAULTS = (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError)


def open_parquet(source: Source) -> TypedTable:
    """Open a Parquet file.

    Raises:
        UnreadableFile: it is damaged.
    """
    with _readable(source) as file, _guarded(source), pq.ParquetFile(file) as parquet:
        schema, rows = _named(parquet.schema_arrow), parquet.metadata.num_rows
    return TypedTable(
        source.path,
        Form(kind="parquet", compression=source.compression, member=source.member),
        schema=schema,
        rows=rows,
        size_bytes=source.size_bytes,
        read=partial(_parquet_batches, source),
    )


def open_feather(source: Source) -> TypedTable:
    """Open a Feather file, or another file or stream of Arrow's record batches.

    Raises:
        UnreadableFile: it is damaged.
    """
    with _readable(source) as file, _guarded(source):
        schema = _named(_arrow_reader(file).schema)
    return TypedTable(
        source.path,
        Form(kind="feather", compression=source.compression, member=source.member),
        schema=schema,
        rows=None,
        size_bytes=source.size_bytes,
        read=partial(_feather_batches, source),
    )


def _parquet_batches(
    source: Source, account: Account, places: tuple[int, ...]
) -> Iterator[pa.RecordBatch]:
    del account  # whose rows the table counts itself
    with _readable(source) as file:
        with _guarded(source):
            parquet = pq.ParquetFile(file)
            names = parquet.schema_arrow.names
        # Only the columns wanted are read, unless names that come twice would pick too many.
        chosen = [names[place] for place in places] if len(set(names)) == len(names) else None
        inner = tuple(range(len(places))) if chosen else places
        rows = parquet.iter_batches(ROWS, columns=chosen)
        yield from _safely(source, rows, inner)


def _feather_batches(
    source: Source, account: Account, places: tuple[int, ...]
) -> Iterator[pa.RecordBatch]:
    with _readable(source) as file:
        with _guarded(source):
            reader = _arrow_reader(file)
        is_file = hasattr(reader, "num_record_batches")
        count = reader.num_record_batches if is_file else 0
        whole = (reader.get_batch(place) for place in range(count)) if is_file else reader
        for done, batch in enumerate(_safely(source, whole, places), 1):
            account.done_bytes = source.size_bytes * done // (count or done)
            for start in range(0, batch.num_rows, ROWS):
                yield batch.slice(start, ROWS)


def _safely(source: Source, batches: Any, places: tuple[int, ...]) -> Iterator[pa.RecordBatch]:
    """Give columns of the batches once it is sure that reading them stays within their bytes."""
    rest = iter(batches)
    while True:
        with _guarded(source):
            batch = next(rest, None)
            if batch is None:
                return
            chosen = batch.select(list(places))
            chosen.validate(full=True)
        yield chosen


def _arrow_reader(file: Any) -> Any:
    is_file = file.read(len(_FILE_MAGIC)) == _FILE_MAGIC
    file.seek(0)
    return pyarrow.ipc.open_file(file) if is_file else pyarrow.ipc.open_stream(file)


@contextmanager
def _readable(source: Source) -> Iterator[Any]:
    """Open the file for reading anywhere; one that is packed is unpacked into memory."""
    is_plain = source.compression is None
    with _guarded(source):
        file: Any = (
            pa.OSFile(str(source.path), "r") if is_plain else pa.BufferReader(source.whole())
        )
    with file:
        yield file


def _file(source: Source) -> Any:
    if source.compression is None:
        return pa.OSFile(str(source.path), "r")
    return pa.BufferReader(source.whole())


@contextmanager
def _guarded(source: Source) -> Iterator[None]:
    try:
        yield
    except _FAULTS as fault:
        reason = str(fault).partition("\n")[0]
        raise UnreadableFile(source.path, f"its bytes are damaged ({reason})") from fault


def _named(schema: pa.Schema) -> pa.Schema:
    fields = [field.with_name("" if field.name == _FRAME_INDEX else field.name) for field in schema]
    return pa.schema(fields)
