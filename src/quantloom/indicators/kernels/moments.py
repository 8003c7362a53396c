"""Windows of weighted, paired and higher moments.

They are kept as `windows` says, by the formulas that join the moments of two stretches of values
(Chan, Golub and LeVeque 1983; Pebay 2008).
"""

from math import isnan, nan, sqrt

from quantloom.indicators.kernels.windows import IS_FULL, PLACE, PREFIX, SLOTS, advance
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


@kernel
def _join_weighted(window: FloatArray, slot: int, newer: int) -> tuple[float, float, float]:
    """Weight, mean and squares of the stretches at two rows."""
    weight = window[slot, 0] + window[newer, 0]
    if weight == 0:
        return 0.0, window[newer, 1], 0.0
    gap = window[newer, 1] - window[slot, 1]
    share = window[newer, 0] / weight
    squares = window[slot, 2] + window[newer, 2] + gap * gap * window[slot, 0] * share
    return weight, window[slot, 1] + gap * share, squares


@kernel
def weighted(window: FloatArray, value: float, weight: float) -> tuple[float, float]:
    """Weighted mean and variance of the last values; the newest and 0 where nothing weighs."""
    if isnan(value + weight):
        return nan, nan
    slot = SLOTS + int(window[PLACE, 0])
    window[slot, 0], window[slot, 1], window[slot, 2] = weight, value, 0.0
    if slot == SLOTS:
        window[PREFIX] = window[slot]
    else:
        joined = _join_weighted(window, PREFIX, slot)
        window[PREFIX, 0], window[PREFIX, 1], window[PREFIX, 2] = joined
    mass, mean, squares = window[PREFIX, 0], window[PREFIX, 1], window[PREFIX, 2]
    if advance(window):
        for older in range(len(window) - 2, SLOTS - 1, -1):
            joined = _join_weighted(window, older, older + 1)
            window[older, 0], window[older, 1], window[older, 2] = joined
    elif window[IS_FULL, 0] == 0:
        return nan, nan
    else:
        mass, mean, squares = _join_weighted(window, slot + 1, PREFIX)
    return (mean, squares / mass) if mass > 0 else (value, 0.0)


@kernel
def _join_paired(window: FloatArray, slot: int, newer: int, counts: tuple[int, int]) -> None:
    """Fold the stretch at `newer` into the one at `slot`: means, squares, and products of gaps."""
    count = counts[0] + counts[1]
    first = window[newer, 0] - window[slot, 0]
    second = window[newer, 1] - window[slot, 1]
    both = counts[0] * counts[1] / count
    window[slot, 0] += first * counts[1] / count
    window[slot, 1] += second * counts[1] / count
    window[slot, 2] += window[newer, 2] + first * first * both
    window[slot, 3] += window[newer, 3] + second * second * both
    window[slot, 4] += window[newer, 4] + first * second * both


@kernel
def correlation(window: FloatArray, first: float, second: float) -> float:
    """Correlation of the last pairs; 0 where either of the two stands still."""
    if isnan(first + second):
        return nan
    place = int(window[PLACE, 0])
    slot = SLOTS + place
    window[slot] = 0.0
    window[slot, 0], window[slot, 1] = first, second
    if place == 0:
        window[PREFIX] = window[slot]
    else:
        _join_paired(window, PREFIX, slot, (place, 1))
    joined = window[PREFIX].copy()
    if advance(window):
        for older in range(len(window) - 2, SLOTS - 1, -1):
            _join_paired(window, older, older + 1, (1, len(window) - older - 1))
    elif window[IS_FULL, 0] == 0:
        return nan
    else:
        # The two stretches are joined aside: both go on being used.
        aside = window[slot : slot + 2].copy()
        aside[0] = window[slot + 1]
        aside[1] = joined
        _join_paired(aside, 0, 1, (len(window) - slot - 1, place + 1))
        joined = aside[0]
    if joined[2] <= 0 or joined[3] <= 0:
        return 0.0
    ratio: float = joined[4] / (sqrt(joined[2]) * sqrt(joined[3]))
    return min(1.0, max(-1.0, ratio))


@kernel
def _join_powers(window: FloatArray, slot: int, newer: int, counts: tuple[int, int]) -> None:
    """Fold the stretch at `newer` into the one at `slot`: mean and sums of powers of gaps."""
    a, b = counts
    gap = window[newer, 0] - window[slot, 0]
    step = gap / (a + b)
    old_squares, old_cubes = window[slot, 1], window[slot, 2]
    new_squares, new_cubes = window[newer, 1], window[newer, 2]
    window[slot, 0] += step * b
    window[slot, 1] += new_squares + gap * step * a * b
    window[slot, 2] += (
        new_cubes
        + gap * step * step * a * b * (a - b)
        + 3 * step * (a * new_squares - b * old_squares)
    )
    window[slot, 3] += (
        window[newer, 3]
        + gap * step * step * step * a * b * (a * a - a * b + b * b)
        + 6 * step * step * (a * a * new_squares + b * b * old_squares)
        + 4 * step * (a * new_cubes - b * old_cubes)
    )


@kernel
def powers(window: FloatArray, value: float) -> tuple[float, float, float]:
    """Sums of the second, third and fourth powers of the last values' distances from their mean."""
    if isnan(value):
        return nan, nan, nan
    place = int(window[PLACE, 0])
    slot = SLOTS + place
    window[slot] = 0.0
    window[slot, 0] = value
    if place == 0:
        window[PREFIX] = window[slot]
    else:
        _join_powers(window, PREFIX, slot, (place, 1))
    joined = window[PREFIX].copy()
    if advance(window):
        for older in range(len(window) - 2, SLOTS - 1, -1):
            _join_powers(window, older, older + 1, (1, len(window) - older - 1))
    elif window[IS_FULL, 0] == 0:
        return nan, nan, nan
    else:
        aside = window[slot : slot + 2].copy()
        aside[0] = window[slot + 1]
        aside[1] = joined
        _join_powers(aside, 0, 1, (len(window) - slot - 1, place + 1))
        joined = aside[0]
    return joined[1], joined[2], joined[3]
