"""Round trips of many instruments from their fills, the oldest lot closed first, in floats."""

import numpy as np

from quantloom.backtest.portfolio.kernels.columns import (
    COMMISSION,
    FILLS,
    ORDER,
    PRICE,
    QUANTITY,
    SIDE,
    STEP,
    SYMBOL,
)
from quantloom.backtest.portfolio.kernels.rebalancing import Journal
from quantloom.kit import FloatArray, IntArray
from quantloom.kit.compiling import kernel

ENTRY, EXIT, OF, TRIP_SIDE, TRIP_LOTS = range(5)
NO_LOT = -1


@kernel
def match_trips(journal: Journal, units: FloatArray) -> tuple[IntArray, FloatArray]:
    """Pair what opened with what closed.

    Args:
        units: (m,) money that one lot gains when its price gains 1.
    Returns:
        (t, 5) step of entry, step of exit, symbol, side and lots; (t,) profit after commission.
        In the order of their exits.
    """
    fills = journal.counts[FILLS]
    # A fill closes lots of older ones; each fill is used up once and cuts one lot at most.
    trips, profits = np.empty((2 * fills, 5), dtype=np.int64), np.empty(2 * fills)
    left, following = np.empty(fills, dtype=np.int64), np.full(fills, NO_LOT)
    first, last = np.full(len(units), NO_LOT), np.full(len(units), NO_LOT)
    found = 0
    for row in range(fills):
        order = journal.orders[journal.fills[row, ORDER]]
        j, side = order[SYMBOL], order[SIDE]
        lots = left[row] = journal.fills[row, QUANTITY]
        while lots > 0 and first[j] != NO_LOT:
            opening = first[j]
            opened_by = journal.orders[journal.fills[opening, ORDER], SIDE]
            if opened_by == side:
                break
            part = min(lots, left[opening])
            trip = trips[found]
            trip[ENTRY], trip[EXIT] = journal.fills[opening, STEP], journal.fills[row, STEP]
            trip[OF], trip[TRIP_SIDE], trip[TRIP_LOTS] = j, opened_by, part
            profits[found] = profit_of(journal, opening, row, part) * opened_by * units[j]
            profits[found] -= share_of(journal, opening, part) + share_of(journal, row, part)
            found += 1
            lots -= part
            left[opening] -= part
            if left[opening] == 0:
                first[j] = following[opening]
        left[row] = lots
        if lots > 0:
            if first[j] == NO_LOT:
                first[j] = row
            else:
                following[last[j]] = row
            last[j] = row
    return trips[:found], profits[:found]


@kernel
def profit_of(journal: Journal, opening: int, closing: int, lots: int) -> float:
    """What a rise between two fills comes to, without the unit."""
    rise: float = journal.prices[closing, PRICE] - journal.prices[opening, PRICE]
    return lots * rise


@kernel
def share_of(journal: Journal, row: int, lots: int) -> float:
    """A part of a fill's commission."""
    share: float = journal.prices[row, COMMISSION] * lots / journal.fills[row, QUANTITY]
    return share
