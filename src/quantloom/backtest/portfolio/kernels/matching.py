"""One order at one open: how much of it fills, at what price, and what that costs.

The event engine's `simulation.execution` in floats; docs/reference/fills.md says what it means.
Quantities are whole lots, `unit` is what one lot gains when its price gains 1. Equity is all that
the checks ask for, so what is held against margin is booked like what is paid in full.
"""

import math
from typing import NamedTuple

from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.kit.compiling import kernel

# What rounding may leave of numbers that are equal; what exact decimals tell apart is further.
NEAR = 1e-9
# Of prices in ticks, where an impact may be tiny.
NEAR_TICK = 1e-12


class Market(NamedTuple):
    """Prices, (n, m), and times, (n,) or (n, m): one column where all instruments share them.

    Attributes:
        open, volume: NaN where an instrument has no bar; volume also where it is not known.
        last: the close of the last bar up to each step. by_symbol: (m, n) the same, turned, so
            that the prices of an instrument lie side by side.
    """

    opens_ns: IntArray
    closes_ns: IntArray
    open: FloatArray
    last: FloatArray
    volume: FloatArray
    by_symbol: FloatArray


class Grid(NamedTuple):
    """Of each instrument, (m,).

    Attributes:
        lot: quantity of one lot. unit: money that one lot gains when its price gains 1.
        steps: ticks in 1, where that is a whole number; 0 where it is not.
        counts: whether its volume is known and of what is traded.
    """

    lot: FloatArray
    unit: FloatArray
    tick: FloatArray
    steps: FloatArray
    can_short: BoolArray
    counts: BoolArray


class Costs(NamedTuple):
    """What fills cost and positions tie up; a participation of 0 caps nothing."""

    open_money: float
    open_unit: float
    close_money: float
    close_unit: float
    minimum: float
    sell_tax: float
    buy_tax: float
    sell_levy: float
    transfer: float
    margin_long: float
    margin_short: float
    slip_ticks: float
    slip_ratio: float
    impact: float
    participation: float


class Turn(NamedTuple):
    """An order whose turn it is, and the account it asks: numbers alone.

    An array that is handed to a kernel is counted, atomically, which takes longer than the work.

    Attributes:
        side: 1 to buy, -1 to sell. held: lots, signed.
        raw, charged: commission of the order so far, before and after its minimum.
        taken: lots that our orders have taken of the bar; volume: of the bar, NaN where unknown.
        others, margins: what the other positions are worth and tie up.
    """

    side: int
    held: int
    may_trim: bool
    met: float
    volume: float
    taken: float
    lot: float
    unit: float
    tick: float
    steps: float
    can_short: bool
    raw: float
    charged: float
    cash: float
    others: float
    margins: float


class Deal(NamedTuple):
    """What a fill comes to; `lots` is 0 where the account may not hold one."""

    lots: int
    price: float
    raw: float
    due: float
    taxes: float
    is_close_call: bool


@kernel
def whole(value: float) -> tuple[int, bool]:
    """Cut a count down to a whole number, and say whether rounding decided."""
    nearest = round(value)
    if abs(value - nearest) <= NEAR * max(1.0, abs(nearest)):
        return int(nearest), True
    return math.floor(value), False


@kernel
def snap(price: float, side: int, tick: float, steps: float) -> float:
    """The tick at a price, or the next one against the trader."""
    count = price * steps if steps > 0 else price / tick
    ticks = float(round(count))
    if abs(count - ticks) > NEAR_TICK * max(1.0, abs(ticks)):
        ticks = math.ceil(count) if side > 0 else math.floor(count)
    if side < 0:
        ticks = max(ticks, 1.0)
    return ticks / steps if steps > 0 else ticks * tick


@kernel
def price_of(turn: Turn, lots: float, costs: Costs) -> float:
    """The price of a fill that meets an open."""
    distance = costs.slip_ticks * turn.tick + costs.slip_ratio * turn.met
    if costs.impact > 0 and turn.volume > 0:
        share = (turn.taken + lots) * turn.lot / turn.volume
        distance += costs.impact * turn.met * share * share
    return snap(turn.met + turn.side * distance, turn.side, turn.tick, turn.steps)


@kernel
def charge(turn: Turn, lots: float, price: float, costs: Costs) -> tuple[float, float, float]:
    """What more of an order costs: before its minimum, after it, and the taxes on top."""
    closing = min(lots, float(abs(turn.held))) if turn.held * turn.side < 0 else 0.0
    money = price * turn.unit
    raw = (lots - closing) * (money * costs.open_money + turn.lot * costs.open_unit)
    raw += closing * (money * costs.close_money + turn.lot * costs.close_unit)
    if turn.side < 0:
        taxes = lots * (money * (costs.sell_tax + costs.transfer) + turn.lot * costs.sell_levy)
    else:
        taxes = lots * money * (costs.buy_tax + costs.transfer)
    return raw, max(turn.raw + raw, costs.minimum) - turn.charged, taxes


@kernel
def weigh(turn: Turn, lots: int, price: float, costs: Costs) -> tuple[Deal, bool]:
    """What a fill would cost, and whether the account may hold what it leaves."""
    raw, due, taxes = charge(turn, float(lots), price, costs)
    after = turn.held + lots * turn.side
    sure = Deal(lots, price, raw, due, taxes, is_close_call=False)
    if abs(after) <= abs(turn.held) and after * turn.held >= 0:
        return sure, True
    if after < 0 and not turn.can_short:
        return sure, False
    ratio = costs.margin_long if after > 0 else costs.margin_short
    needed = abs(after) * turn.unit * price * ratio + turn.margins
    available = turn.cash + turn.held * turn.unit * price + turn.others - due - taxes
    is_close_call = abs(needed - available) <= NEAR * max(abs(needed), abs(turn.cash))
    return Deal(lots, price, raw, due, taxes, is_close_call), needed <= available


@kernel
def settle(turn: Turn, wanted: int, costs: Costs) -> Deal:
    """The most lots that the account may hold of an order, found by halving."""
    price = price_of(turn, float(wanted), costs)
    closing = min(wanted, abs(turn.held)) if turn.held * turn.side < 0 else 0
    deal, is_allowed = weigh(turn, wanted, price, costs)
    if is_allowed or not turn.may_trim or closing == wanted:
        return deal
    # The first guess is the whole order: usually it fits.
    low, high, is_close_call = 0, wanted - 1, deal.is_close_call
    while low < high:
        tried = (low + high + 1) // 2
        deal, is_allowed = weigh(turn, tried, price, costs)
        is_close_call = is_close_call or deal.is_close_call
        if is_allowed:
            low = tried
        else:
            high = tried - 1
    deal, is_allowed = weigh(turn, max(low, 1), price, costs)
    return Deal(
        deal.lots if is_allowed else 0,
        price,
        deal.raw,
        deal.due,
        deal.taxes,
        is_close_call or deal.is_close_call,
    )
