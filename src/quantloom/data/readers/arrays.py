"""Arrow columns of what Python and NumPy hold, without the pandas that Arrow would import."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quantloom.kit import BoolArray

Array: TypeAlias = "pa.Array[Any]"


def of_numbers(values: "np.ndarray[Any, Any]", kind: pa.DataType | None = None) -> Array:
    """Give numbers as an Arrow array of the same width; `kind` where they are times or dates."""
    values = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="), copy=False))
    kind = kind or pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, _buffer(values)])


def of_strings(cells: Sequence[str | None]) -> Array:
    """Give text as an Arrow array, None as null."""
    encoded = [b"" if cell is None else cell.encode("utf-8", "replace") for cell in cells]
    ends = np.zeros(len(cells) + 1, dtype=np.int64)
    np.cumsum([len(cell) for cell in encoded], out=ends[1:])
    given = np.array([cell is not None for cell in cells], dtype=np.bool_)
    buffers = [_validity(given), _buffer(ends), pa.py_buffer(b"".join(encoded))]
    wide = pa.Array.from_buffers(pa.large_string(), len(cells), buffers)
    return wide.cast(pa.string())


def of_masked(values: "np.ndarray[Any, Any]", given: BoolArray, kind: pa.DataType) -> Array:
    """Give numbers as an Arrow array, null where they are not given."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(values), [_validity(given), _buffer(values)])


def _validity(given: BoolArray) -> pa.Buffer | None:
    return None if given.all() else _buffer(np.packbits(given, bitorder="little"))


def _buffer(values: Any) -> pa.Buffer:
    return pa.py_buffer(values)


def tidy(column: Any) -> Any:
    """Trim text, and take empty text for none."""
    if isinstance(column, pa.ChunkedArray):
        return pa.chunked_array([tidy(chunk) for chunk in column.chunks], column.type)
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, tidy(column.dictionary))
    trimmed = pc.utf8_trim_whitespace(column)
    return emptied(trimmed, pc.equal(trimmed, _EMPTY.cast(column.type)))


def emptied(column: Any, mask: Any) -> Any:
    """Give the column with null where the mask is true."""
    return pc.if_else(mask, _NONE.cast(column.type), column)


def is_text(kind: pa.DataType) -> bool:
    """Tell whether cells of this type are text."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def thinned(table: pa.Table, rows: int) -> pa.Table:
    """Keep at most `rows`: half of them from the beginning, a quarter each from middle and end."""
    if table.num_rows <= rows:
        return table
    quarter = rows // 4
    half, end = rows - 2 * quarter, table.num_rows - quarter
    middle = max(half, (end - quarter) // 2)
    spots = ((0, half), (middle, quarter), (end, quarter))
    return pa.concat_tables([table.slice(start, size) for start, size in spots])


# Taken out of arrays: pa.scalar would import pandas to ask what it was given.
_EMPTY, _NONE = of_strings(["", None])
