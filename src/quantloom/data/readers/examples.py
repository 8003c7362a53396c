"""A few rows of a table as they would be stored, to be looked at before they are."""

import numpy as np

from quantloom.data.readers.parts import Part
from quantloom.data.readers.rows import RowReader
from quantloom.kit import from_ns

_ROWS = 3
_COLUMNS = 8


def example_rows(part: Part, rows: int = _ROWS) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Read the first rows of a table by its mapping.

    Returns:
        Names of columns, and rows of cells as text: times in UTC, figures in units. No rows where
        times have no date yet, or dates that read both ways.
    """
    if 0 in {part.mapping.day.confidence, part.mapping.dates.confidence}:
        return (), []
    sample = part.table.sample(rows * 10).slice(0, rows)
    batches = sample.combine_chunks().to_batches()
    if not batches:
        return (), []
    block = RowReader.of(part.table, part.mapping).read(batches[0])
    names = tuple(block.columns)[:_COLUMNS]
    told = [
        (
            "?" if block.unreadable[row] else f"{from_ns(int(block.ts[row])):%Y-%m-%d %H:%M:%S}",
            *(_figure(float(block.columns[name][row])) for name in names),
        )
        for row in range(len(block))
    ]
    return ("time", *names), told


def _figure(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.10g}"
