"""What the kernels of a sweep read and write, as records of arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import FloatArray, IntArray

Codes = NDArray[np.uint8]


class Bars(NamedTuple):
    """Columns of the run's bars, oldest first."""

    high: FloatArray
    low: FloatArray
    close: FloatArray


class Lines(NamedTuple):
    """The distinct indicators of a group of sets.

    Attributes:
        kinds: (l,) as `lines` numbers them. periods: (l, 3) their parameters.
        rows: (l,) the first row of `values` that each writes.
        kept: (l, STATE) what each remembers.
        values: (r, block + 1) the present block, after the last value of the one before.
        last: (1,) the place of the last value of the block before.
    """

    kinds: IntArray
    periods: FloatArray
    rows: IntArray
    kept: FloatArray
    values: FloatArray
    last: IntArray


class Rates(NamedTuple):
    """What an order of one kind costs: by money and by lot, and taxes by money and by lot."""

    money: float
    lot: float
    tax_money: float
    tax_lot: float


class Terms(NamedTuple):
    """What holds for all sets.

    Attributes:
        unit: money of one lot at a price of 1.
        buy_opens, buy_closes, sell_opens, sell_closes: what orders cost. minimum: of commission.
        long_margin, short_margin: share of a position's value that equity must cover.
        size: lots of each entry, or share of equity where `is_share`.
        turns: 1 where an entry turns a position of the other side.
        top, bottom: the tick as a fraction. slip_ticks, slip_ratio: slippage.
    """

    unit: float
    buy_opens: Rates
    buy_closes: Rates
    sell_opens: Rates
    sell_closes: Rates
    minimum: float
    long_margin: float
    short_margin: float
    can_short: bool
    is_margined: bool
    is_share: bool
    size: float
    turns: int
    top: float
    bottom: float
    slip_ticks: float
    slip_ratio: float


class Watch(NamedTuple):
    """What a position waits for: bits of a code, a low at the floor, a high at the ceiling."""

    bits: int
    floor: float
    ceiling: float


class Market(NamedTuple):
    """What market orders meet.

    Attributes:
        high, low, close: (n,) of the bars.
        buy, sell: (n,) price of a fill at a bar's open, slipped and on the tick; open: unslipped.
        most: (n,) lots that a bar fills at most; of length 0 where any.
        ends: (d + 1,) last row of each trading day, and a row that never comes.
        blocks: (s + 1,) the days at which blocks of them begin, and how many days there are.
        first: the row from which on signals count.
    """

    high: FloatArray
    low: FloatArray
    close: FloatArray
    buy: FloatArray
    sell: FloatArray
    open: FloatArray
    most: FloatArray
    ends: IntArray
    blocks: IntArray
    first: int


class Sets(NamedTuple):
    """The parameter sets of a group.

    Attributes:
        rule: how lines become codes, as `codes` numbers it.
        rows: (n, 3) rows of `Lines.values`. numbers: (n, 3) what else the rule needs.
        accounts: (n, FIELDS) as `plain` numbers them.
        sums: (n, s, 3) of daily returns, as `performance.block_sums`.
    """

    rule: int
    rows: IntArray
    numbers: FloatArray
    accounts: FloatArray
    sums: FloatArray


class Room(NamedTuple):
    """Where a group is worked on.

    Attributes:
        codes: (block,) codes of one set, a multiple of eight; words: the same, eight at a time.
        before: (block + 1,) closes of a block and of the bar before.
        log: (f, 3) room for what follows each fill, f being 0 where nobody asks.
    """

    codes: Codes
    words: IntArray
    before: FloatArray
    log: FloatArray
