"""The compiled account: what a fill costs, whether it may happen, and how it is booked."""

from math import nan
from typing import NamedTuple

from quantloom.backtest.kernels.grid import near
from quantloom.backtest.kernels.layout import (
    BOUGHT_TODAY,
    INSUFFICIENT_FUNDS,
    KELLY,
    LOTS_FULL,
    NO_RULE,
    NOTHING_TO_CLOSE,
    SHORT_NOT_ALLOWED,
    Order,
    State,
)
from quantloom.kit.compiling import kernel, part


class Charge(NamedTuple):
    """Commission before the order's minimum, after it, and the taxes on top."""

    raw: float
    due: float
    taxes: float


@part
def cash_of(state: State) -> float:
    return state.cash - state.cash_rest


@kernel
def move_cash(amount: float, state: State) -> None:
    """Add money, and keep what the sum of floats loses (Kahan)."""
    wanted = amount - state.cash_rest
    total = state.cash + wanted
    state.cash_rest = (total - state.cash) - wanted
    state.cash = total


@part
def tick_money(state: State) -> float:
    """Money of one lot at a price of one tick."""
    terms = state.terms
    return terms.unit * terms.tick_top / terms.tick_bottom


@kernel
def value_at(price: float, state: State) -> float:
    """What the position adds to cash in equity: its value, or its profit if margined."""
    value = state.position * price * state.terms.unit
    if state.terms.is_margined:
        value -= state.cost * tick_money(state)
    return value


@kernel
def equity_at(price: float, state: State) -> float:
    return cash_of(state) + value_at(price, state)


@part
def is_free(number: int, state: State) -> bool:
    """Whether a lot of a day may be closed today."""
    return not state.day.holds_today or number < state.day.number


@kernel
def closing_part(sign: int, lots: float, state: State) -> float:
    """How much of an order would close lots."""
    if state.position * sign >= 0:
        return 0.0
    if not state.day.holds_today:
        return min(lots, abs(state.position))
    there = 0.0
    for place in range(state.first_lot, state.last_lot):
        lot = state.lots[place]
        if is_free(lot.day, state):
            there += abs(lot.lots)
    return min(lots, there)


@kernel
def closing_part_of_today(lots: float, state: State) -> float:
    """How much of what closes falls, first in first out, on lots opened today."""
    left, found = lots, 0.0
    for place in range(state.first_lot, state.last_lot):
        lot = state.lots[place]
        if left <= 0 or not is_free(lot.day, state):
            continue
        part = min(left, abs(lot.lots))
        if lot.day == state.day.number:
            found += part
        left -= part
    return found


@kernel
def charge(order: Order, lots: float, ticks: float, state: State) -> Charge:
    """What the order's next execution would cost, its minimum spread over the whole order."""
    closing, today = closing_part(order.sign, lots, state), 0.0
    if state.terms.knows_today and closing > 0:
        today = closing_part_of_today(closing, state)
    money, opened, closed = ticks * tick_money(state), lots - closing, closing - today
    raw = (
        opened * (money * state.day.open_money + state.day.open_unit)
        + closed * (money * state.day.close_money + state.day.close_unit)
        + today * (money * state.day.today_money + state.day.today_unit)
    )
    due = max(order.raw + raw, state.day.minimum) - order.charged
    tax = money * (state.day.buy_tax if order.sign > 0 else state.day.sell_tax)
    if order.sign < 0:
        tax += state.day.sell_levy
    return Charge(raw, due, lots * tax)


@kernel
def review(sign: int, lots: float, ticks: float, costs: float, state: State) -> int:
    """The rule that forbids an execution; NO_RULE where it may happen."""
    before = state.position
    after = before + sign * lots
    if abs(after) <= abs(before) and after * before >= 0:
        return NO_RULE
    if after < 0 and not state.terms.can_short:
        return SHORT_NOT_ALLOWED
    money = ticks * tick_money(state)
    needed = abs(after) * money * (state.day.margin_long if after > 0 else state.day.margin_short)
    value = before * money
    if state.terms.is_margined:
        value -= state.cost * tick_money(state)
    available = cash_of(state) + value - costs
    if abs(needed - available) <= near(max(abs(needed), abs(available))):
        state.doubts += 1
        return NO_RULE
    return NO_RULE if needed <= available else INSUFFICIENT_FUNDS


@kernel
def book(order: Order, lots: float, ticks: float, costs: float, state: State) -> None:
    """Close the oldest lots, open the rest as one, and move the cash."""
    left, cost_left, gross = lots, costs, 0.0
    place = state.first_lot
    while left > 0 and state.position * order.sign < 0 and place < state.last_lot:
        lot = state.lots[place]
        place += 1
        if lot.lots == 0 or not is_free(lot.day, state):
            continue
        part = min(left, abs(lot.lots))
        share = cost_left * part / left
        gross += close_part(order, place - 1, part, ticks, share, state)
        left -= part
        cost_left -= share
    drop_empty(state)
    if left > 0:
        open_lot(order, left, ticks, cost_left, state)
    if state.position == 0:
        state.cost = 0.0
    if not state.terms.is_margined:
        gross = -order.sign * lots * ticks * tick_money(state)
    move_cash(gross - costs, state)
    if state.terms.is_ruled and cash_of(state) < 0:
        # Brokers call for margin then, of which only the event engine knows.
        state.doubts += 1


@kernel
def close_part(
    order: Order,
    place: int,
    part: float,
    ticks: float,
    share: float,
    state: State,
) -> float:
    """Close a part of a lot as one round trip; return its gross profit."""
    lot = state.lots[place]
    signed = -order.sign * part
    commission = lot.commission * part / abs(lot.lots)
    gross = signed * (ticks - lot.ticks) * tick_money(state)
    pnl = gross - commission - share
    trip = state.closed[state.trips]
    trip.entry, trip.exit, trip.sign = lot.row, state.row, -order.sign
    trip.cause, trip.part = order.kind, order.part
    trip.lots, trip.entry_ticks, trip.exit_ticks = part, lot.ticks, ticks
    trip.gross, trip.commission, trip.pnl = gross, commission + share, pnl
    state.trips += 1
    state.trips_so_far += 1
    if state.terms.sizing == KELLY:
        count(pnl, state)
    lot.lots -= signed
    lot.commission -= commission
    state.position -= signed
    state.cost -= signed * lot.ticks
    return gross


@kernel
def count(pnl: float, state: State) -> None:
    """Count a round trip as won or lost, or as neither."""
    if abs(pnl) <= near(state.cash):
        state.doubts += pnl != 0
        return
    if pnl > 0:
        state.wins += 1
        state.won += pnl
    else:
        state.losses += 1
        state.lost += pnl


@kernel
def drop_empty(state: State) -> None:
    """Forget lots that are closed; those that must be kept a night may lie among them."""
    while state.first_lot < state.last_lot and state.lots[state.first_lot].lots == 0:
        state.first_lot += 1
    if state.first_lot == state.last_lot:
        state.first_lot = state.last_lot = 0


@kernel
def open_lot(order: Order, lots: float, ticks: float, commission: float, state: State) -> None:
    if state.last_lot == len(state.lots):
        pack(state)
    if state.last_lot == len(state.lots):
        state.status = LOTS_FULL
        return
    lot = state.lots[state.last_lot]
    state.last_lot += 1
    state.opened += 1
    lot.lots, lot.ticks, lot.commission = order.sign * lots, ticks, commission
    lot.day, lot.row, lot.number = state.day.number, state.row, state.opened
    state.position += lot.lots
    state.cost += lot.lots * ticks


@kernel
def pack(state: State) -> None:
    """Move the open lots to the front."""
    there = 0
    for place in range(state.first_lot, state.last_lot):
        if state.lots[place].lots != 0:
            state.lots[there] = state.lots[place]
            there += 1
    state.first_lot, state.last_lot = 0, there


@kernel
def newest_inside(state: State) -> float:
    """Ticks of the newest lot if it was opened inside the present bar; NaN otherwise."""
    if state.first_lot == state.last_lot:
        return nan
    lot = state.lots[state.last_lot - 1]
    return lot.ticks if lot.number == state.inside_lot else nan


@part
def may_be_held(sign: int, state: State) -> bool:
    """Whether an order sells what may have been bought today, where that is kept a night."""
    return state.day.holds_today and sign < 0 and state.position > 0


@kernel
def why_nothing(sign: int, state: State) -> int:
    """The rule by which there is nothing to close."""
    return BOUGHT_TODAY if may_be_held(sign, state) else NOTHING_TO_CLOSE
