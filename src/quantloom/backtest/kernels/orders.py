"""The compiled venue's orders: how they are sent, taken back and ended."""

from math import inf, isnan, nan

from quantloom.backtest.kernels.account import closing_part
from quantloom.backtest.kernels.grid import price_away
from quantloom.backtest.kernels.layout import (
    ABOVE_MAXIMUM,
    BELOW_MINIMUM,
    BELOW_NOTIONAL,
    CANCELLED,
    CANCELLED_BY_STRATEGY,
    CLOSES,
    END_OF_DATA,
    ENTRY_GONE,
    EXPIRED,
    IS_STOP_LOSS,
    IS_TRAILING,
    LIMIT,
    MARKET,
    NO_DISTANCE,
    NO_MOMENT,
    NO_RULE,
    NOT_AWAY,
    NOTHING_TO_CLOSE,
    OFF_LOT,
    REJECTED,
    SLOTS,
    SLOTS_FULL,
    STOP,
    STOP_LIMIT,
    TRAILING,
    TRIMS,
    UNDER_A_LOT,
    WORKING,
    Away,
    Order,
    State,
    Ticket,
)
from quantloom.kit.compiling import kernel, part

# The slots that one call may need: an entry with both halves.
_OF_A_BRACKET = 3


@part
def is_stop(order: Order) -> bool:
    """A stop or trailing stop that was not reached yet."""
    return order.kind in (STOP, TRAILING) and not order.is_market


@part
def is_trailing(order: Order) -> bool:
    return order.kind == TRAILING and not order.is_market


@part
def waits_for_stop(order: Order) -> bool:
    """A stop-limit order that is no limit order yet."""
    return order.kind == STOP_LIMIT and not order.is_triggered


@part
def is_offered(order: Order) -> bool:
    """Whether a bar may fill it."""
    return order.wait == 0 and not order.is_held and order.status == WORKING


@part
def is_stop_reached(order: Order, price: float) -> bool:
    return price >= order.stop if order.sign > 0 else price <= order.stop


@part
def is_limit_reached(order: Order, price: float) -> bool:
    return price <= order.limit if order.sign > 0 else price >= order.limit


@part
def outstanding(order: Order) -> float:
    """What is left; the two halves of a bracket share what their entry has filled."""
    left = order.lots - order.filled
    return min(left, order.room) if order.entry > 0 else left


@kernel
def follow(order: Order, price: float, state: State) -> None:
    """Draw a trailing stop along with the market, never back."""
    is_further = price < order.best if order.sign > 0 else price > order.best
    if isnan(order.best) or is_further:
        order.best = price
        order.stop = price_away(price, order.sign, order, state)


# What is sent


@part
def send(sign: int, lots: float, how: int, state: State) -> int:
    """Send a market order; as `submit`."""
    return submit(Ticket(MARKET, sign, lots, how, nan, nan, NOT_AWAY), state)


@kernel
def submit(ticket: Ticket, state: State) -> int:
    """Send an order after the close of a bar, to be offered to the next one.

    Returns:
        Its place in the slots, to hang halves on with `attach`; -1 where there was no room for it.
        Where it was refused it has ended already; halves are hung on nevertheless.
    """
    if state.working + _OF_A_BRACKET > SLOTS:
        state.status = SLOTS_FULL
        return -1
    place = state.working
    order = state.slots[place]
    clear(order, ticket.kind, ticket.sign, ticket.lots, state)
    order.closes, order.trims = ticket.how & CLOSES != 0, ticket.how & TRIMS != 0
    order.limit, order.stop = ticket.limit, ticket.stop
    order.is_market = ticket.kind == MARKET
    order.wait = state.terms.latency
    hang(order, ticket.away)
    if ticket.kind == TRAILING:
        follow(order, state.close, state)
    rule = check(order, state)
    state.working += 1
    if rule != NO_RULE:
        turn_down(order, rule, state)
    state.rise, state.fall = -inf, inf
    return place


@kernel
def attach(place: int, part: int, price: float, away: Away, state: State) -> None:
    """Give an order that was just sent a way out, at a price or (where it is NaN) a distance.

    Args:
        place: of the entry in the slots. part: IS_STOP_LOSS or IS_TAKE_PROFIT.
    """
    entry, half = state.slots[place], state.slots[state.working]
    kind = LIMIT
    if part == IS_STOP_LOSS:
        kind = TRAILING if away.kind == IS_TRAILING else STOP
    clear(half, kind, -entry.sign, entry.lots, state)
    half.entry, half.part, half.closes, half.is_held = entry.id, part, True, True
    if kind == LIMIT:
        half.limit = price
    else:
        half.stop = price
    hang(half, away)
    state.working += 1
    if entry.status != WORKING:
        half.at_close = True
        end(half, CANCELLED, ENTRY_GONE, state)


@kernel
def clear(order: Order, kind: int, sign: int, lots: float, state: State) -> None:
    """Make a slot a new order with the next number."""
    state.sent += 1
    order.id, order.sent, order.kind = state.sent, state.row, kind
    order.sign, order.lots = sign, lots
    order.entry, order.part, order.status, order.rule = 0, 0, WORKING, NO_RULE
    order.ended, order.fills, order.at_close = state.row, 0, False
    order.wait, order.cancel_wait, order.moment, order.also_limit = 0, -1, NO_MOMENT, False
    order.closes, order.trims, order.is_market, order.is_triggered = False, False, False, False
    order.is_held, order.was_tried, order.is_drawn = False, False, True
    order.away, order.ticks, order.top, order.bottom = NO_DISTANCE, 0.0, 0.0, 1.0
    order.filled, order.room, order.raw, order.charged = 0.0, 0.0, 0.0, 0.0
    order.tried, order.tried_ticks = 0.0, 0.0
    order.limit, order.stop, order.best, order.met = nan, nan, nan, nan


@part
def hang(order: Order, away: Away) -> None:
    order.away, order.ticks, order.top, order.bottom = away.kind, away.ticks, away.top, away.bottom


@kernel
def check(order: Order, state: State) -> int:
    """The rule by which an order may not be sent."""
    if order.lots <= 0:
        if order.closes:
            return NOTHING_TO_CLOSE
        return UNDER_A_LOT if order.trims else OFF_LOT
    if order.is_market and order.lots > state.day.most:
        return ABOVE_MAXIMUM
    is_spared = order.closes
    if state.day.sells_rest and order.sign < 0:
        is_spared = takes_rest(order.lots, state)
    if is_spared:
        return NO_RULE
    if order.lots < state.day.least:
        return BELOW_MINIMUM
    price = state.close
    if not isnan(order.limit):
        price = order.limit
    elif not isnan(order.stop):
        price = order.stop
    money = order.lots * price * state.terms.unit
    return NO_RULE if money >= state.day.notional else BELOW_NOTIONAL


@kernel
def takes_rest(lots: float, state: State) -> bool:
    """Whether a sale takes all of what is under the least, with or without sales on their way."""
    held = state.position
    if held <= 0:
        return False
    left = held
    for place in range(state.working):
        other = state.slots[place]
        is_on_its_way = other.sign < 0 and not is_stop(other) and not waits_for_stop(other)
        if is_on_its_way and not other.is_held:
            left -= other.lots - other.filled
    least = 1.0 if isnan(state.day.least) else state.day.least
    return (held < least and lots == held) or (left < least and lots == left)


# What ends


@part
def end(order: Order, status: int, rule: int, state: State) -> None:
    """End an order, and with it the bracket that it never opened."""
    # Copied into its callers: a kernel would be compiled for each of their numbers apart.
    order.status, order.rule = status, rule
    order.ended, order.fills = state.row, state.fills_so_far
    if order.filled == 0 and order.entry == 0:
        end_halves(order, state)


@kernel
def turn_down(order: Order, rule: int, state: State) -> None:
    """Refuse an order that was just sent, whatever else there was against it."""
    order.at_close = True
    end(order, REJECTED, rule, state)


@kernel
def end_halves(order: Order, state: State) -> None:
    for place in range(state.working):
        half = state.slots[place]
        if half.entry == order.id and half.status == WORKING:
            half.status, half.rule = CANCELLED, ENTRY_GONE
            half.ended, half.fills, half.at_close = state.row, state.fills_so_far, order.at_close


@kernel
def cancel(order: Order, state: State) -> None:
    """Take a working order back after the close of a bar; with a latency so many bars later."""
    if order.status != WORKING or order.cancel_wait >= 0:
        return
    if state.terms.latency > 0:
        order.cancel_wait = state.terms.latency
        return
    order.at_close = True
    end(order, CANCELLED, CANCELLED_BY_STRATEGY, state)


@kernel
def expire_all(state: State) -> None:
    """End whatever still waits after the last bar."""
    for place in range(state.working):
        order = state.slots[place]
        if order.status == WORKING:
            order.at_close = True
            end(order, EXPIRED, END_OF_DATA, state)
    tidy(state)


@part
def keep(order: Order, state: State) -> None:
    """Note an order that has ended, where anybody asks for orders."""
    if state.terms.keeps_orders:
        state.gone[state.ended] = order
        state.ended += 1


@kernel
def tidy(state: State) -> None:
    """Forget what has ended, and find the prices at which the next bar matters."""
    there = 0
    state.rise, state.fall = inf, -inf
    for place in range(state.working):
        order = state.slots[place]
        if order.status != WORKING:
            keep(order, state)
            continue
        if there != place:
            state.slots[there] = order
        mind(state.slots[there], state)
        there += 1
    state.working = there


@kernel
def mind(order: Order, state: State) -> None:
    """Count in from which prices on a bar concerns an order."""
    if order.is_held and order.cancel_wait < 0:
        return
    waits = order.is_market or order.wait > 0 or order.cancel_wait >= 0
    if waits or is_trailing(order):
        state.rise, state.fall = -inf, inf
    elif is_stop(order) or waits_for_stop(order):
        mind_price(order.stop, order.sign > 0, state)
    else:
        mind_price(order.limit, order.sign < 0, state)


@kernel
def mind_price(price: float, is_above: bool, state: State) -> None:
    if is_above:
        state.rise = min(state.rise, price)
    else:
        state.fall = max(state.fall, price)


# What the position will be


@kernel
def expected(state: State) -> float:
    """The position once every market order on its way has filled."""
    position = state.position
    for place in range(state.working):
        order = state.slots[place]
        if order.is_market and not order.is_held and order.status == WORKING:
            step = outstanding(order)
            if order.closes:
                step = min(step, max(-order.sign * position, 0.0))
            position += order.sign * step
    return position


@kernel
def leave(state: State) -> None:
    """Take back what would add to a position and close it, by one order however often called."""
    if state.position == 0:
        cancel_all(state)
        return
    way_out = -1 if state.position > 0 else 1
    is_leaving = False
    for place in range(state.working):
        order = state.slots[place]
        if order.status != WORKING or order.entry > 0:
            continue
        if order.sign != way_out:
            cancel(order, state)
        elif order.is_market and order.cancel_wait < 0:
            is_leaving = True
    tidy(state)
    if not is_leaving:
        send_exit(way_out, abs(state.position), state)


@kernel
def send_exit(sign: int, lots: float, state: State) -> None:
    """Send a market order that only closes."""
    send(sign, lots, CLOSES, state)


@kernel
def cancel_all(state: State) -> None:
    """Take every working order back."""
    for place in range(state.working):
        cancel(state.slots[place], state)
    tidy(state)


@kernel
def fillable(order: Order, state: State) -> float:
    """What is left of an order, and for one that closes no more than there is to close."""
    is_held = state.day.holds_today and order.sign < 0 and state.position > 0
    if not order.closes and not is_held:
        return order.lots - order.filled
    return closing_part(order.sign, outstanding(order), state)
