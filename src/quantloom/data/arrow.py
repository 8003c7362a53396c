"""Arrow columns as NumPy arrays, without the pandas that Arrow's own conversions would import."""

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from quantloom.kit import BoolArray, FloatArray, IntArray

Column: TypeAlias = "pa.ChunkedArray[Any]"


def floats(column: Column) -> FloatArray:
    """Give the column as float64, NaN where it is empty; not copied where it need not be."""
    values: FloatArray = _values(column.cast(pa.float64(), safe=False), np.float64, empty=np.nan)
    return values


def ints(column: Column, *, empty: int = 0) -> IntArray:
    """Give the column as int64, `empty` where it is empty; not copied where it need not be."""
    values: IntArray = _values(column.cast(pa.int64()), np.int64, empty=empty)
    return values


def nulls(column: Column) -> BoolArray:
    """Tell which cells are empty, in an array of the caller's own."""
    if not column.null_count:
        return np.zeros(len(column), dtype=np.bool_)
    return bools(column.is_null())


def bools(column: Column) -> BoolArray:
    """Give a boolean column, False where it is empty, in an array of the caller's own."""
    mask: BoolArray = _values(column.cast(pa.uint8()), np.uint8, empty=0).astype(np.bool_)
    return mask


def column_of(values: IntArray | FloatArray) -> Column:
    """Make a column of int64 or float64 numbers, not copied."""
    kind = pa.int64() if values.dtype.kind == "i" else pa.float64()
    # Not pa.array: it would import pandas to ask whether the array is a frame's.
    buffer = pa.py_buffer(np.ascontiguousarray(values).data)
    array: Any = pa.Array.from_buffers(kind, len(values), [None, buffer])
    return pa.chunked_array([array])


def _values(column: Column, dtype: type[np.generic], *, empty: float) -> Any:
    whole: Any = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    values = np.frombuffer(whole.buffers()[1] or b"", dtype=dtype)
    values = values[whole.offset : whole.offset + len(whole)]
    if not column.null_count:
        return values
    return np.where(nulls(column), empty, values)
