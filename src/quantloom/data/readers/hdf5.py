"""Tables in HDF5 files as raw tables: those of pandas and PyTables, records and plain arrays."""

import importlib
import io
import pickletools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa

from quantloom.data.readers.arrays import Array, of_masked, of_numbers, of_strings
from quantloom.data.readers.extras import PackageMissing
from quantloom.data.readers.raw import Account, Form, NoTable, UnreadableFile
from quantloom.data.readers.streams import Source
from quantloom.data.readers.typed import ROWS, TypedTable

_FAULTS = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, IndexError)
_MOST_TABLES = 1000
_DEEPEST = 32
_STRING_OPS = frozenset({"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING"})
_TIME = re.compile(r"datetime64(?:\[(s|ms|us|ns)\b)?")
_NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class _Column:
    """A column inside a dataset: a field of its records, and a place where that is an array.

    Attributes:
        time: the type of its cells, where they are times.
    """

    name: str
    dataset: str
    field: str | None = None
    place: int | None = None
    time: pa.DataType | None = None


def open_hdf5(source: Source) -> tuple[TypedTable, ...]:
    """Open every table of an HDF5 file.

    Raises:
        PackageMissing: the packages that read HDF5 are not installed.
        UnreadableFile: it is damaged.
        NoTable: there is no table in it.
    """
    try:
        with _opened(source) as file:
            found = [table for key in _keys(file) if (table := _table(source, file, key))]
    except _FAULTS as fault:
        raise _damaged(source, fault) from fault
    if not found:
        raise NoTable(source.path, "it is HDF5 without a table")
    return tuple(found)


def _opened(source: Source) -> Any:
    try:
        # Registers the filters that pandas and PyTables pack with.
        importlib.import_module("hdf5plugin")
        h5py = importlib.import_module("h5py")
    except ImportError:
        raise PackageMissing(source.path, "h5py", "hdf5") from None
    file = source.path if source.compression is None else io.BytesIO(source.whole())
    return h5py.File(file, "r")


def _damaged(source: Source, fault: Exception) -> UnreadableFile:
    reason = str(fault).partition("\n")[0] or type(fault).__name__
    return UnreadableFile(source.path, f"its HDF5 is damaged ({reason})")


def _keys(file: Any) -> list[str]:
    """List the groups and datasets that may be tables, never through a link to another file."""
    found: list[str] = []
    waiting = [("/", 0)]
    while waiting and len(found) < _MOST_TABLES:
        key, depth = waiting.pop()
        found.append(key)
        group = file[key]
        if _is_group(group) and depth < _DEEPEST and not _is_taken(file, key):
            inner = [name for name in group if _is_hard(group, name) and name != "_i_table"]
            waiting += [(f"{key.rstrip('/')}/{name}", depth + 1) for name in reversed(inner)]
    return found


def _is_group(node: Any) -> bool:
    return not hasattr(node, "shape")


def _is_hard(group: Any, name: str) -> bool:
    return type(group.get(name, getlink=True)).__name__ == "HardLink"


def _is_taken(file: Any, key: str) -> bool:
    """Whether the group as a whole is one table of pandas."""
    return _kind(file[key]).startswith("frame")


def _kind(node: Any) -> str:
    kind = node.attrs.get("pandas_type", b"")
    return kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)


def _table(source: Source, file: Any, key: str) -> TypedTable | None:
    columns = _columns(file, key)
    if not columns:
        return None
    rows = min(_length(file, column) for column in columns)
    empty = [_array(file, column, 0, 0).type for column in columns]
    schema = pa.schema([(one.name, kind) for one, kind in zip(columns, empty, strict=True)])
    return TypedTable(
        source.path,
        Form(kind="hdf5", compression=source.compression, member=key),
        schema=schema,
        rows=rows,
        size_bytes=source.size_bytes,
        read=partial(_batches, source, columns, rows),
    )


def _batches(
    source: Source,
    columns: Sequence[_Column],
    rows: int,
    account: Account,
    places: tuple[int, ...],
) -> Iterator[pa.RecordBatch]:
    del account  # whose rows the table counts itself
    names = [str(place) for place in places]
    try:
        file = _opened(source)
    except _FAULTS as fault:
        raise _damaged(source, fault) from fault
    with file:
        for start in range(0, rows, ROWS):
            end = min(rows, start + ROWS)
            try:
                arrays = [_array(file, columns[place], start, end) for place in places]
            except _FAULTS as fault:
                raise _damaged(source, fault) from fault
            yield pa.RecordBatch.from_arrays(arrays, names=names)


def _length(file: Any, column: _Column) -> int:
    return int(file[column.dataset].shape[0])


def _columns(file: Any, key: str) -> list[_Column]:
    node = file[key]
    kind = _kind(node)
    if kind == "frame_table" and "table" in node:
        return _of_frame_table(file, key)
    if kind == "frame":
        return _of_fixed_frame(file, key)
    if _is_group(node) or not _is_own(node):
        return []
    if node.dtype.names:
        return _of_records(node, key)
    is_matrix = len(node.shape) == 2 and node.shape[1] > 1 and node.dtype.kind in "iuf"
    return [_Column("", key, place=place) for place in range(node.shape[1])] if is_matrix else []


def _is_own(dataset: Any) -> bool:
    """Whether the data lies in this file: others may hold what their reader must not see."""
    return not dataset.external and not dataset.is_virtual and len(dataset.shape) > 0


def _of_records(dataset: Any, key: str) -> list[_Column]:
    columns = []
    for name in dataset.dtype.names:
        shape = dataset.dtype[name].shape
        if not shape:
            columns.append(_Column(name, key, name))
        elif len(shape) == 1:
            columns += [_Column(f"{name}{place}", key, name, place) for place in range(shape[0])]
    return columns


def _of_frame_table(file: Any, key: str) -> list[_Column]:
    """Columns of a pandas table: blocks of values of one type, and columns of their own."""
    dataset = file[f"{key}/table"]
    if not _is_own(dataset) or not dataset.dtype.names:
        return []
    zone = _zone_within(file[key].attrs.get("info", b""))
    found = []
    for field in dataset.dtype.names:
        said = [_word(dataset.attrs.get(f"{field}_{what}", "")) for what in ("dtype", "kind")]
        time = _time_of(said[0], zone) or _time_of(said[1], zone)
        found += _of_field(dataset, field, time, is_index=field == "index")
    return [replace(column, dataset=f"{key}/table") for column in found]


def _of_field(
    dataset: Any, field: str, time: pa.DataType | None, *, is_index: bool
) -> list[_Column]:
    names = _words_of(dataset.attrs.get(f"{field}_kind", b"")) or [field]
    shape = dataset.dtype[field].shape
    if is_index or not shape:
        return [_Column("" if is_index else names[0], "", field, None, time)]
    names += [f"{field}{place}" for place in range(len(names), shape[0])]
    return [_Column(names[place], "", field, place, time) for place in range(shape[0])]


def _of_fixed_frame(file: Any, key: str) -> list[_Column]:
    """Columns of a pandas frame stored as it lies in memory: an index, and blocks with items."""
    node = file[key]
    found = []
    if "axis1" in node and _is_own(node["axis1"]):
        said = node["axis1"].attrs
        zone = _word(said.get("tz", "")) or None
        time = _time_of(_word(said.get("kind", "")), zone)
        found.append(_Column("", f"{key}/axis1", time=time))
    for block in range(int(node.attrs.get("nblocks", 0))):
        items, values = node[f"block{block}_items"], node[f"block{block}_values"]
        if not _is_own(values) or len(values.shape) != 2 or values.dtype.kind not in "iufb":
            continue
        time = _time_of(_word(values.attrs.get("value_type", "")), None)
        names = [_word(name) for name in items[:].tolist()]
        found += [
            _Column(name, f"{key}/block{block}_values", None, place, time)
            for place, name in enumerate(names)
        ]
    return found


def _word(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _time_of(said: str, zone: str | None) -> pa.DataType | None:
    """Give the type of times that pandas wrote; in nanoseconds where it does not say."""
    match = _TIME.match(said)
    unit: Any = match[1] if match else None
    return pa.timestamp(unit or "ns", tz=zone) if match else None


def _zone_within(pickled: Any) -> str | None:
    """Find the time zone among what pandas noted of a table; the times themselves are UTC."""
    words = _words_of(pickled)
    if "tz" not in words:
        return None
    after = [word for word in words[words.index("tz") + 1 :] if _is_zone(word)]
    return after[0] if after else "UTC"


def _is_zone(word: str) -> bool:
    try:
        ZoneInfo(word)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _words_of(pickled: Any) -> list[str]:
    """Read the strings of a pickled list without running what a pickle may run."""
    if not isinstance(pickled, bytes):
        return []
    try:
        ops = list(pickletools.genops(pickled))
    except (ValueError, UnicodeDecodeError):
        return []
    return [str(value) for op, value, _ in ops if op.name in _STRING_OPS]


def _array(file: Any, column: _Column, start: int, end: int) -> Array:
    dataset = file[column.dataset]
    values = dataset[start:end] if column.field is None else dataset[start:end][column.field]
    if column.place is not None:
        values = values[..., column.place]
    if column.time is not None:
        stamps = np.ascontiguousarray(values.astype(np.int64))
        return of_masked(stamps, stamps != _NO_TIME, column.time)
    return _typed(values)


def _typed(values: Any) -> Array:
    if values.dtype.kind in "SO":
        return of_strings([_word(value).rstrip("\0") for value in values.tolist()])
    if values.dtype.kind == "b":
        return of_numbers(values.astype(np.uint8)).cast(pa.bool_())
    return of_numbers(np.ascontiguousarray(values))
