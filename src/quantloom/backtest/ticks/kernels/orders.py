# mypy: disable-error-code="no-any-return"
"""What a compiled program may call: orders, cancels, and what it knows of them.

A program is `def program(desk)`; docs/how-to/ticks.md lists the fields of its desk.
"""

import numpy as np

from quantloom.backtest.ticks.kernels.state import (
    CANCEL,
    CANCELLING,
    FREE,
    IMMEDIATE,
    MARKET,
    NEW,
    POST_ONLY,
    RING,
    SENT,
    SLOTS,
    TOO_MUCH,
    Desk,
)
from quantloom.kit.compiling import kernel

BUY, SELL = 1, -1
NONE = -1
"""No order: what comes back where nothing could be sent."""


@kernel
def send(desk: Desk, side: int, price: float, quantity: float, terms: int) -> int:
    """Send an order, and give its handle; NONE where it is under a lot or no slot is free."""
    lots = np.floor(quantity / desk.lot + 0.5)
    if lots < 1.0 or not (terms == MARKET or price > 0.0):
        return NONE
    for slot in range(SLOTS):
        if desk.o_state[slot] == FREE:
            break
    else:
        desk.problem = TOO_MUCH
        return NONE
    desk.next_id += 1
    desk.in_use += 1
    desk.o_id[slot] = desk.next_id
    desk.o_state[slot] = SENT
    desk.o_is_buy[slot] = side == BUY
    desk.o_terms[slot] = terms
    desk.o_limit[slot] = np.rint(price / desk.tick) * desk.tick
    desk.o_lots[slot] = lots
    desk.o_left[slot] = lots
    desk.o_sent[slot] = desk.now
    desk.o_there[slot] = 0
    post(desk, slot, NEW)
    return desk.next_id * SLOTS + slot


@kernel
def post(desk: Desk, slot: int, kind: int) -> None:
    """Put a request on its way; the driver stamps it when the program has returned."""
    if desk.q_tail - desk.q_head >= RING:
        desk.problem = TOO_MUCH
        return
    place = desk.q_tail % RING
    desk.q_at[place] = -1
    desk.q_slot[place] = slot
    desk.q_kind[place] = kind
    desk.q_tail += 1


@kernel
def buy(desk: Desk, price: float, quantity: float) -> int:
    """A limit order to buy."""
    return send(desk, BUY, price, quantity, 0)


@kernel
def sell(desk: Desk, price: float, quantity: float) -> int:
    """A limit order to sell; it may go short."""
    return send(desk, SELL, price, quantity, 0)


@kernel
def buy_as_maker(desk: Desk, price: float, quantity: float) -> int:
    """A limit order to buy that is cancelled where it would take as it arrives."""
    return send(desk, BUY, price, quantity, POST_ONLY)


@kernel
def sell_as_maker(desk: Desk, price: float, quantity: float) -> int:
    """A limit order to sell that is cancelled where it would take as it arrives."""
    return send(desk, SELL, price, quantity, POST_ONLY)


@kernel
def buy_at_once(desk: Desk, price: float, quantity: float) -> int:
    """A limit order to buy whose rest is cancelled as it arrives (IOC)."""
    return send(desk, BUY, price, quantity, IMMEDIATE)


@kernel
def sell_at_once(desk: Desk, price: float, quantity: float) -> int:
    """A limit order to sell whose rest is cancelled as it arrives (IOC)."""
    return send(desk, SELL, price, quantity, IMMEDIATE)


@kernel
def buy_market(desk: Desk, quantity: float) -> int:
    """A market order to buy."""
    return send(desk, BUY, 0.0, quantity, MARKET)


@kernel
def sell_market(desk: Desk, quantity: float) -> int:
    """A market order to sell; it may go short."""
    return send(desk, SELL, 0.0, quantity, MARKET)


@kernel
def is_working(desk: Desk, order: int) -> bool:
    """Whether the end of an order has not been heard of yet."""
    if order < 0:
        return False
    slot = order % SLOTS
    return desk.o_state[slot] != FREE and desk.o_id[slot] == order // SLOTS


@kernel
def left_of(desk: Desk, order: int) -> float:
    """What is left of an order, as far as is known; 0 once it has ended."""
    return desk.o_left[order % SLOTS] * desk.lot if is_working(desk, order) else 0.0


@kernel
def price_of(desk: Desk, order: int) -> float:
    """The limit of a working order; NaN of any other."""
    is_limit = is_working(desk, order) and desk.o_terms[order % SLOTS] != MARKET
    return desk.o_limit[order % SLOTS] if is_limit else np.nan


@kernel
def cancel(desk: Desk, order: int) -> None:
    """Send a cancel, unless the order has ended or one is on its way."""
    if is_working(desk, order) and desk.o_state[order % SLOTS] != CANCELLING:
        desk.o_state[order % SLOTS] = CANCELLING
        post(desk, order % SLOTS, CANCEL)


@kernel
def cancel_all(desk: Desk) -> None:
    """Send a cancel for every working order, the oldest first."""
    last = 0
    for _ in range(desk.in_use):
        found = -1
        for slot in range(SLOTS):
            is_next = desk.o_state[slot] != FREE and desk.o_id[slot] > last
            if is_next and (found < 0 or desk.o_id[slot] < desk.o_id[found]):
                found = slot
        if found < 0:
            return
        last = desk.o_id[found]
        cancel(desk, last * SLOTS + found)
