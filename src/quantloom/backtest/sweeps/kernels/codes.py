"""What the lines of a parameter set signal on each bar of a block: one byte a bar.

The loops are plain comparisons without a branch, which the compiler turns into vector code.
"""

import numpy as np

from quantloom.backtest.sweeps.kernels.tables import Codes
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel

ENTRY, EXIT, SHORT_ENTRY, SHORT_EXIT = 1, 2, 4, 8
"""Bits of a code."""

CROSS, BANDS, SIGNAL_LINE, LEVELS, TREND_TURN = range(1, 6)
"""Rules."""


@kernel
def cross(fast: FloatArray, slow: FloatArray, count: int, codes: Codes) -> None:
    """Enter where the fast line crosses above the slow one, leave while it is below."""
    for place in range(count):
        was, now = fast[place], fast[place + 1]
        level_was, level = slow[place], slow[place + 1]
        up = (now > level) & (was <= level_was)
        down = now < level
        codes[place] = np.uint8(up) | np.uint8(down) << np.uint8(1)


@kernel
def bands(
    close: FloatArray,
    middle: FloatArray,
    deviation: FloatArray,
    width: float,
    both: int,
    count: int,
    codes: Codes,
) -> None:
    """Enter against the band that the close leaves, leave past the middle.

    `close` begins with the bar before the block, as the lines do.
    """
    short = np.uint8(12 * both)
    for place in range(count):
        was, now = close[place], close[place + 1]
        low_was = middle[place] - width * deviation[place]
        low = middle[place + 1] - width * deviation[place + 1]
        high_was = middle[place] + width * deviation[place]
        high = middle[place + 1] + width * deviation[place + 1]
        enters = (now < low) & (was >= low_was)
        shorts = (now > high) & (was <= high_was)
        leaves, covers = now > middle[place + 1], now < middle[place + 1]
        codes[place] = (
            np.uint8(enters)
            | np.uint8(leaves) << np.uint8(1)
            | (np.uint8(shorts) << np.uint8(2) | np.uint8(covers) << np.uint8(3)) & short
        )


@kernel
def signal_line(
    line: FloatArray,
    average: FloatArray,
    both: int,
    with_trend: int,
    count: int,
    codes: Codes,
) -> None:
    """Enter where a line crosses its average, leave while it is on the other side of it."""
    short, free = np.uint8(12 * both), with_trend == 0
    for place in range(count):
        was, now = line[place], line[place + 1]
        level_was, level = average[place], average[place + 1]
        enters = (now > level) & (was <= level_was) & ((now > 0) | free)
        shorts = (now < level) & (was >= level_was) & ((now < 0) | free)
        leaves, covers = now < level, now > level
        codes[place] = (
            np.uint8(enters)
            | np.uint8(leaves) << np.uint8(1)
            | (np.uint8(shorts) << np.uint8(2) | np.uint8(covers) << np.uint8(3)) & short
        )


@kernel
def levels(line: FloatArray, low: float, high: float, both: int, count: int, codes: Codes) -> None:
    """Enter where a line comes back above the low level, leave above the high one."""
    short = np.uint8(12 * both)
    for place in range(count):
        was, now = line[place], line[place + 1]
        enters, shorts = (now > low) & (was <= low), (now < high) & (was >= high)
        leaves, covers = now > high, now < low
        codes[place] = (
            np.uint8(enters)
            | np.uint8(leaves) << np.uint8(1)
            | (np.uint8(shorts) << np.uint8(2) | np.uint8(covers) << np.uint8(3)) & short
        )


@kernel
def trend_turn(trend: FloatArray, both: int, count: int, codes: Codes) -> None:
    """Enter where a trend turns up, leave while it points down."""
    short = np.uint8(12 * both)
    for place in range(count):
        was, now = trend[place], trend[place + 1]
        enters, shorts = (now > 0) & (was <= 0), (now < 0) & (was >= 0)
        leaves, covers = now < 0, now > 0
        codes[place] = (
            np.uint8(enters)
            | np.uint8(leaves) << np.uint8(1)
            | (np.uint8(shorts) << np.uint8(2) | np.uint8(covers) << np.uint8(3)) & short
        )
