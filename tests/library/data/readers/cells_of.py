"""Tables made of numbers, for tests of what columns hold."""

import pyarrow as pa

from quantloom.kit import FloatArray


def table_of(*columns: FloatArray) -> pa.Table:
    """Give columns under the names of their places, as a sample has them."""
    return pa.table({str(place): pa.array(column) for place, column in enumerate(columns)})
