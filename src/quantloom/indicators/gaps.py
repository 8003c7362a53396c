"""What happens where a value is missing: nothing comes out, and the indicator starts again.

TA-Lib's running sums would carry one NaN to the end of the column, its windows only for a while.
Starting again is one rule for all of them, and the only one that a stream can keep as well.
"""

from collections.abc import Callable, Sequence
from math import isfinite

import numpy as np

from quantloom.kit import FloatArray


def compute_between_gaps(
    compute: Callable[[Sequence[FloatArray]], Sequence[FloatArray]],
    inputs: Sequence[FloatArray],
    output_count: int,
) -> list[FloatArray]:
    """Compute each run of rows in which every input is a finite number, as if it stood alone.

    Args:
        compute: of the inputs of one run, one array per output, each as long as the run.
        inputs: (n,) columns.
    Returns:
        (n,) arrays without infinities, NaN where an input is missing.
    """
    if len(inputs[0]) and all(isfinite(column.sum()) for column in inputs):
        return [_without_infinities(column) for column in compute(inputs)]
    outputs = [np.full(len(inputs[0]), np.nan) for _ in range(output_count)]
    for start, stop in _runs(inputs):
        parts = compute([column[start:stop] for column in inputs])
        for output, part in zip(outputs, parts, strict=True):
            output[start:stop] = part
    return [_without_infinities(column) for column in outputs]


def _runs(inputs: Sequence[FloatArray]) -> list[tuple[int, int]]:
    whole = np.logical_and.reduce([np.isfinite(column) for column in inputs])
    edges = np.diff(whole.astype(np.int8), prepend=0, append=0)
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _without_infinities(column: FloatArray) -> FloatArray:
    infinite = np.isinf(column)
    return np.where(infinite, np.nan, column) if infinite.any() else column
