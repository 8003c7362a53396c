# mypy: disable-error-code="no-any-return"
"""The compiled loop: the exchange's rows, messages on their way, and the program's calls."""

from collections.abc import Callable

from quantloom.backtest.ticks.kernels.exchange import (
    arrive,
    cancel_there,
    delay_at,
    is_full,
    load,
    quote,
    stamp_news,
    tidy,
    trade,
)
from quantloom.backtest.ticks.kernels.state import (
    ACCEPT,
    ACCEPTED,
    END,
    END_OF_DATA,
    FREE,
    NEEDS_ROOM,
    NEVER,
    NEW,
    RAISED,
    RING,
    SENT,
    SLOTS,
    Desk,
    Log,
    World,
)
from quantloom.kit.compiling import inlined, kernel, uncounted

Program = Callable[[Desk], None]


@inlined
def advance(desk: Desk, world: World, until: int) -> None:
    """Let happen what happens at the exchange, and let the program know of it, up to a time."""
    while True:
        heard = desk.n_at[desk.n_head % RING] if desk.n_tail > desk.n_head else NEVER
        limit = min(heard, until)
        arrives = desk.q_at[desk.q_head % RING] if desk.q_tail > desk.q_head else NEVER
        row = desk.x_row + 1
        happens = world.rows.ts[row] if row < len(world.rows.ts) else NEVER
        if happens <= min(arrives, limit):
            load(desk, world.rows, row)
            if desk.count:
                happen(desk, world.rows.kind[row], world.model, world.exponent)
        elif arrives <= limit:
            take_in(desk, arrives)
        elif heard <= until:
            hear(desk, world.log)
        else:
            break
        if desk.n_stamped < desk.n_tail:
            stamp_news(desk, world)


@kernel
def happen(desk: Desk, kind: int, model: int, exponent: float) -> None:
    """Let the present row happen to the orders that work: first its trade, then its prices."""
    if kind & 2:
        trade(desk)
    if kind & 1:
        quote(desk, model, exponent)
    tidy(desk)


@kernel
def take_in(desk: Desk, at: int) -> None:
    """Let the oldest request arrive."""
    place = desk.q_head % RING
    desk.q_head += 1
    desk.x_now = at
    if desk.q_kind[place] == NEW:
        arrive(desk, desk.q_slot[place])
    else:
        cancel_there(desk, desk.q_slot[place])


@uncounted
def drive(desks: Desk, program: Program, world: World) -> int:
    """Go on from where the desk stands, until the last row or until the log is full.

    Returns:
        DONE, NEEDS_ROOM, TOO_MUCH or RAISED.
    """
    desk, rows = desks[0], world.rows
    desk.fill_room, desk.order_room = len(world.log.fills), len(world.log.orders)
    received, ts, kind, total = rows.received, rows.ts, rows.kind, len(rows.ts)
    bid, bid_size, ask, ask_size = rows.bid, rows.bid_size, rows.ask, rows.ask_size
    price, size, side = rows.price, rows.size, rows.side
    row = desk.row + 1
    while row < total:
        now = received[row]
        if desk.q_tail > desk.q_head or desk.n_tail > desk.n_head or desk.count:
            if is_full(desk):
                return NEEDS_ROOM
            advance(desk, world, now)
        desk.row, desk.now = row, now
        desk.bid, desk.bid_size = bid[row, 0], bid_size[row, 0]
        desk.ask, desk.ask_size = ask[row, 0], ask_size[row, 0]
        desk.kind = kind[row]
        desk.price, desk.size, desk.side = price[row], size[row], side[row]
        sent = desk.q_tail
        program(desk)
        if desk.returned != row + 1:
            return RAISED
        if desk.problem:
            return desk.problem
        if desk.q_tail > sent:
            stamp(desk, world, sent)
        row += 1
    if is_full(desk):
        return NEEDS_ROOM
    advance(desk, world, desk.now)
    finish(desk, world.log, ts[total - 1])
    return desk.problem


@kernel
def stamp(desk: Desk, world: World, first: int) -> None:
    """Say when what the program has just sent arrives, and log its orders."""
    delays, log = world.delays, world.log
    for message in range(first, desk.q_tail):
        place = message % RING
        is_new = desk.q_kind[place] == NEW
        values = delays.order_ns if is_new else delays.cancel_ns
        desk.last_arrival = max(
            desk.last_arrival, desk.now + delay_at(delays.at_ns, values, desk.now)
        )
        desk.q_at[place] = desk.last_arrival
        if is_new:
            slot = desk.q_slot[place]
            at = desk.o_id[slot] - 1
            log.orders[at, 0] = desk.o_is_buy[slot]
            log.orders[at, 1] = desk.o_terms[slot]
            log.orders[at, 2] = desk.o_sent[slot]
            log.orders[at, 3] = 0
            log.orders[at, 4] = desk.o_sent[slot]
            log.order_values[at, 0] = desk.o_limit[slot]
            log.order_values[at, 1] = desk.o_lots[slot]
            desk.orders = at + 1


@kernel
def hear(desk: Desk, log: Log) -> None:
    """Take up what the news tell."""
    place = desk.n_head % RING
    desk.n_head += 1
    slot, kind = desk.n_slot[place], desk.n_kind[place]
    if kind == ACCEPT:
        if desk.o_state[slot] == SENT:
            desk.o_state[slot] = ACCEPTED
        return
    at = desk.o_id[slot] - 1
    log.orders[at, 4] = desk.n_at[place]
    if kind == END:
        log.orders[at, 3] = desk.n_value[place]
        free(desk, slot)
        return
    lots = desk.n_value[place]
    desk.position += (lots if desk.o_is_buy[slot] else -lots) * desk.lot
    desk.o_left[slot] -= lots
    if desk.o_left[slot] <= 0.0:
        free(desk, slot)


@kernel
def free(desk: Desk, slot: int) -> None:
    desk.o_state[slot] = FREE
    desk.in_use -= 1


@kernel
def finish(desk: Desk, log: Log, last: int) -> None:
    """Hear all that is on its way, and end what still works."""
    while desk.n_tail > desk.n_head:
        hear(desk, log)
    for slot in range(SLOTS):
        if desk.o_state[slot] != FREE:
            at = desk.o_id[slot] - 1
            log.orders[at, 3] = END_OF_DATA
            log.orders[at, 4] = last
            free(desk, slot)
