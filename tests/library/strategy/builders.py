"""Lines over plain numbers, standing at a row."""

from collections.abc import Sequence

import numpy as np

from quantloom.strategy import Cursor, Line


def make_lines(*columns: Sequence[float], row: int | None = None) -> list[Line]:
    """Lines that share a cursor, loaded whole; it stands at the last row where none is given."""
    cursor = Cursor()
    cursor.at = len(columns[0]) if row is None else row + 1
    lines = [Line("LINE", np.array(column, dtype=np.float64), cursor, {}) for column in columns]
    for line in lines:
        line.load(0, len(columns[0]))
    return lines
