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
ALLOWED, SHORT_OF_FUNDS, NO_SHORT = 0, 1, 2


class Market(NamedTuple):
    """Prices, (n, m), and times, (n,) or (n, m): one column where all instruments share them.

    Attributes:
        open, volume: NaN where an instrument has no bar; volume also where it is not known.
        last: the close of the last bar up to each step.
    """

    opens_ns: IntArray
    closes_ns: IntArray
    open: FloatArray
    last: FloatArray
    volume: FloatArray


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


class Deal(NamedTuple):
    """What a fill comes to; `lots` is 0 where `refusal` speaks against it."""

    lots: int
    price: float
    raw: float
    due: float
    taxes: float
    refusal: int
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
def price_of(
    met: float,
    lots: float,
    side: int,
    j: int,
    taken: float,
    volume: float,
    grid: Grid,
    costs: Costs,
) -> float:
    """The price of a fill that meets an open."""
    distance = costs.slip_ticks * grid.tick[j] + costs.slip_ratio * met
    if costs.impact > 0 and volume > 0:
        share = (taken + lots) * grid.lot[j] / volume
        distance += costs.impact * met * share * share
    return snap(met + side * distance, side, grid.tick[j], grid.steps[j])


@kernel
def charge(
    lots: float,
    held: float,
    price: float,
    side: int,
    j: int,
    raw: float,
    charged: float,
    grid: Grid,
    costs: Costs,
) -> tuple[float, float, float]:
    """What more of an order costs: before its minimum, after it, and the taxes on top."""
    closing = min(lots, abs(held)) if held * side < 0 else 0.0
    opening, unit, lot = lots - closing, price * grid.unit[j], grid.lot[j]
    more = opening * (unit * costs.open_money + lot * costs.open_unit)
    more += closing * (unit * costs.close_money + lot * costs.close_unit)
    money = lots * unit
    if side < 0:
        taxes = money * (costs.sell_tax + costs.transfer) + lots * lot * costs.sell_levy
    else:
        taxes = money * (costs.buy_tax + costs.transfer)
    return more, max(raw + more, costs.minimum) - charged, taxes


@kernel
def review(
    lots: float,
    held: float,
    price: float,
    side: int,
    j: int,
    cash: float,
    others: float,
    margins: float,
    cost: float,
    grid: Grid,
    costs: Costs,
) -> tuple[int, bool]:
    """Why an account may not hold what a fill would leave, and whether rounding decided."""
    after = held + lots * side
    if abs(after) <= abs(held) and after * held >= 0:
        return ALLOWED, False
    if after < 0 and not grid.can_short[j]:
        return NO_SHORT, False
    ratio = costs.margin_long if after > 0 else costs.margin_short
    needed = abs(after) * grid.unit[j] * price * ratio + margins
    available = cash + held * grid.unit[j] * price + others - cost
    is_close_call = abs(needed - available) <= NEAR * max(abs(needed), abs(cash))
    return (ALLOWED if needed <= available else SHORT_OF_FUNDS), is_close_call


@kernel
def settle(
    wanted: int,
    held: int,
    price: float,
    side: int,
    j: int,
    may_trim: bool,
    raw: float,
    charged: float,
    cash: float,
    others: float,
    margins: float,
    grid: Grid,
    costs: Costs,
) -> Deal:
    """The most lots that the account may hold of an order, found by halving."""
    low, high, is_close_call = 0, wanted, False
    closing = min(wanted, abs(held)) if held * side < 0 else 0
    if not may_trim or closing == wanted:
        low = wanted
    while low < high:
        # The first guess is the whole order: usually it fits.
        tried = high if high == wanted else (low + high + 1) // 2
        more, due, taxes = charge(
            tried, held, price, side, j, raw=raw, charged=charged, grid=grid, costs=costs
        )
        refusal, is_near = review(
            tried,
            held,
            price,
            side,
            j,
            cash=cash,
            others=others,
            margins=margins,
            cost=due + taxes,
            grid=grid,
            costs=costs,
        )
        is_close_call = is_close_call or is_near
        if refusal == ALLOWED:
            low = tried
        else:
            high = tried - 1
    lots = min(max(low, 1), wanted)
    more, due, taxes = charge(
        lots, held, price, side, j, raw=raw, charged=charged, grid=grid, costs=costs
    )
    refusal, is_near = review(
        lots,
        held,
        price,
        side,
        j,
        cash=cash,
        others=others,
        margins=margins,
        cost=due + taxes,
        grid=grid,
        costs=costs,
    )
    if refusal != ALLOWED:
        lots = 0
    return Deal(lots, price, more, due, taxes, refusal, is_close_call or is_near)
