"""Sums, extremes and moments of the last values, each in constant time per value.

A window is filled block by block. While a block fills, its values are folded into a prefix; once
it is full it is folded from its end into suffixes, and the next block overwrites them one by one:
the window is always what is left of the suffixes and the prefix so far. Nothing is ever taken away
from a sum, so nothing drifts or cancels, and flat prices have a deviation of exactly 0. The fold
visits every value once, so the cost of a value does not grow with the period, on average.

Every step ignores NaN and gives NaN until its window is full, so steps can feed each other.
"""

from math import isnan, nan

import numpy as np

from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel

PREFIX, PLACE, IS_FULL, SLOTS = 0, 1, 2, 3


def window(period: int, columns: int = 1) -> FloatArray:
    """An empty window, with as many columns as its step keeps numbers for each stretch.

    One for `total` and `highest`, two for `spread` and `linear`, three for `weighted`, four for
    `moments`, five for `paired`.
    """
    return np.zeros((SLOTS + period, columns))


@kernel
def advance(window: FloatArray) -> bool:
    """Move to the next place and tell whether that completes the block."""
    window[PLACE, 0] += 1
    if window[PLACE, 0] < len(window) - SLOTS:
        return False
    window[PLACE, 0] = 0
    window[IS_FULL, 0] = 1
    return True


@kernel
def total(window: FloatArray, value: float) -> float:
    """Sum of the last values."""
    if isnan(value):
        return nan
    place = int(window[PLACE, 0])
    prefix: float = value if place == 0 else window[PREFIX, 0] + value
    window[SLOTS + place, 0] = value
    window[PREFIX, 0] = prefix
    if advance(window):
        for slot in range(len(window) - 2, SLOTS - 1, -1):
            window[slot, 0] += window[slot + 1, 0]
        return prefix
    if window[IS_FULL, 0] == 0:
        return nan
    older: float = window[SLOTS + place + 1, 0]
    return older + prefix


@kernel
def mean(window: FloatArray, value: float) -> float:
    """Mean of the last values."""
    return total(window, value) / (len(window) - SLOTS)


@kernel
def highest(window: FloatArray, value: float) -> float:
    """Greatest of the last values."""
    if isnan(value):
        return nan
    place = int(window[PLACE, 0])
    prefix: float = value if place == 0 else max(window[PREFIX, 0], value)
    window[SLOTS + place, 0] = value
    window[PREFIX, 0] = prefix
    if advance(window):
        for slot in range(len(window) - 2, SLOTS - 1, -1):
            window[slot, 0] = max(window[slot, 0], window[slot + 1, 0])
        return prefix
    if window[IS_FULL, 0] == 0:
        return nan
    older: float = window[SLOTS + place + 1, 0]
    return max(older, prefix)


@kernel
def lowest(window: FloatArray, value: float) -> float:
    """Least of the last values."""
    return -highest(window, -value)


@kernel
def linear(window: FloatArray, value: float) -> tuple[float, float]:
    """Sum of the last values, and their sum with weights from 1 for the oldest up to the period."""
    if isnan(value):
        return nan, nan
    place = int(window[PLACE, 0])
    if place == 0:
        window[PREFIX] = 0.0
    window[PREFIX, 0] += value
    window[PREFIX, 1] += (place + 1) * value
    newer, weighted = window[PREFIX, 0], window[PREFIX, 1]
    window[SLOTS + place] = value
    if advance(window):
        for slot in range(len(window) - 2, SLOTS - 1, -1):
            # One more value in front: the weight of every later one grows by one.
            window[slot, 0] += window[slot + 1, 0]
            window[slot, 1] = window[slot, 0] + window[slot + 1, 1]
        return newer, weighted
    if window[IS_FULL, 0] == 0:
        return nan, nan
    older = SLOTS + place + 1
    older_count = len(window) - older
    return window[older, 0] + newer, window[older, 1] + weighted + older_count * newer


@kernel
def _join(window: FloatArray, slot: int, older: int, newer: int) -> tuple[float, float]:
    """Mean and squares of two stretches together: the one at `slot` and the prefix after it."""
    gap = window[PREFIX, 0] - window[slot, 0]
    share = newer / (older + newer)
    squares = window[slot, 1] + window[PREFIX, 1] + gap * gap * older * share
    return window[slot, 0] + gap * share, squares


@kernel
def spread(window: FloatArray, value: float) -> tuple[float, float]:
    """Mean of the last values, and the sum of their squared distances from it."""
    if isnan(value):
        return nan, nan
    place = int(window[PLACE, 0])
    if place == 0:
        window[PREFIX] = 0.0
    gap = value - window[PREFIX, 0]
    window[PREFIX, 0] += gap / (place + 1)
    window[PREFIX, 1] += gap * (value - window[PREFIX, 0])
    window[SLOTS + place, 0] = value
    window[SLOTS + place, 1] = 0.0
    mean, squares = window[PREFIX, 0], window[PREFIX, 1]
    if advance(window):
        for slot in range(len(window) - 2, SLOTS - 1, -1):
            count = len(window) - slot
            gap = window[slot, 0] - window[slot + 1, 0]
            window[slot, 0] = window[slot + 1, 0] + gap / count
            window[slot, 1] = window[slot + 1, 1] + gap * gap * (count - 1) / count
        return mean, squares
    if window[IS_FULL, 0] == 0:
        return nan, nan
    older = SLOTS + place + 1
    return _join(window, older, len(window) - older, place + 1)
