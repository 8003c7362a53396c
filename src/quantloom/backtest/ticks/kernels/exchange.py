# mypy: disable-error-code="no-any-return"
"""The compiled exchange: what `quantloom.backtest.ticks.exchange` does, row by row, in floats."""

import numpy as np

from quantloom.backtest.ticks.kernels.state import (
    ACCEPT,
    CANCELLED,
    END,
    FILL,
    IMMEDIATE,
    MARKET,
    NEAR,
    NOT_IMMEDIATE,
    POST_ONLY,
    RING,
    SLOTS,
    TOO_MUCH,
    UNKNOWN,
    WOULD_TAKE,
    Desk,
    Rows,
    World,
)
from quantloom.kit import IntArray
from quantloom.kit.compiling import inlined, kernel

# As `QueueKind` names them.
PESSIMISTIC, RISK_AVERSE, POWER, LOG = 0, 1, 2, 3


@kernel
def delay_at(at_ns: IntArray, values: IntArray, moment: int) -> int:
    """The latency at a moment: on the line between its neighbours."""
    if len(at_ns) == 1:
        return values[0]
    place = np.searchsorted(at_ns, moment, side="right")
    if place == 0:
        return values[0]
    if place == len(at_ns):
        return values[place - 1]
    begin, low = at_ns[place - 1], values[place - 1]
    return low + (values[place] - low) * (moment - begin) // (at_ns[place] - begin)


@kernel
def moved_up(kind: int, exponent: float, ahead: float, shown: float, now: float) -> float:
    """What stands in front of an order after its level has changed by other things than trades."""
    if kind == PESSIMISTIC:
        return ahead
    cancelled = shown - now
    if kind >= POWER and 0.0 < cancelled < np.inf and ahead < np.inf:
        behind = max(shown - ahead, 0.0)
        if kind == LOG:
            front, back = np.log1p(ahead), np.log1p(behind)
        else:
            front, back = ahead**exponent, behind**exponent
        share = front / (front + back) if front + back > 0.0 else 0.0
        ahead = ahead - max(cancelled * share, cancelled - behind)
    return min(max(ahead, 0.0), now)


@kernel
def tell(desk: Desk, slot: int, kind: int, value: float, price: float) -> None:
    """Put news on their way; the driver says when they are heard."""
    if desk.n_tail - desk.n_head >= RING:
        desk.problem = TOO_MUCH
        return
    place = desk.n_tail % RING
    desk.n_at[place] = desk.x_now
    desk.n_slot[place] = slot
    desk.n_kind[place] = kind
    desk.n_value[place] = value
    desk.n_price[place] = price
    desk.n_tail += 1


@kernel
def end(desk: Desk, slot: int, rule: int) -> None:
    """End an order at the exchange."""
    desk.o_there[slot] = 0
    desk.has_ended = 1
    tell(desk, slot, END, rule, 0.0)


@kernel
def fill(desk: Desk, slot: int, lots: float, price: float) -> None:
    """Execute so many lots of an order; at NaN it makes, at its own limit."""
    tell(desk, slot, FILL, lots, price)
    desk.o_lots_there[slot] -= lots
    if desk.o_lots_there[slot] <= 0.0:
        desk.o_there[slot] = 0
        desk.has_ended = 1


@kernel
def within(desk: Desk, slot: int, price: float) -> bool:
    """Whether an order takes a price of the other side."""
    if desk.o_terms[slot] == MARKET:
        return not np.isnan(price)
    away = desk.o_limit[slot] - price if desk.o_is_buy[slot] else price - desk.o_limit[slot]
    return away >= -NEAR * desk.tick


@kernel
def level_of(desk: Desk, slot: int) -> float:
    """What the book shows at an order's price on its own side."""
    if desk.x_row < 0:
        return UNKNOWN
    is_buy, limit = desk.o_is_buy[slot], desk.o_limit[slot]
    for level in range(desk.x_levels):
        price = desk.x_bid[level] if is_buy else desk.x_ask[level]
        if abs(price - limit) <= NEAR * desk.tick:
            return desk.x_bid_size[level] if is_buy else desk.x_ask_size[level]
        if not (price > limit if is_buy else price < limit):
            return 0.0
    return UNKNOWN


@kernel
def whole_lots(desk: Desk, size: float) -> float:
    return size if size == np.inf else np.floor(size / desk.lot + NEAR)


@kernel
def take(desk: Desk, slot: int) -> None:
    """Take the other side level by level, as far as the limit goes."""
    if desk.x_row < 0:
        return
    is_buy = desk.o_is_buy[slot]
    gone = desk.taken_ask if is_buy else desk.taken_bid
    for level in range(desk.x_levels):
        price = desk.x_ask[level] if is_buy else desk.x_bid[level]
        size = desk.x_ask_size[level] if is_buy else desk.x_bid_size[level]
        if not within(desk, slot, price) or not desk.o_there[slot]:
            return
        usable = max(size - gone, 0.0)
        gone = max(gone - size, 0.0)
        lots = min(desk.o_lots_there[slot], whole_lots(desk, usable))
        if lots > 0.0:
            note(desk, lots, is_buy)
            fill(desk, slot, lots, price)


@kernel
def note(desk: Desk, lots: float, is_buy: int) -> None:
    """Remember what was taken from the other side."""
    if is_buy:
        desk.taken_ask += lots * desk.lot
    else:
        desk.taken_bid += lots * desk.lot


@kernel
def reachable(desk: Desk, slot: int) -> float:
    """The lots that the other side shows within an order's limit, less what was taken."""
    is_buy, lots = desk.o_is_buy[slot], 0.0
    gone = desk.taken_ask if is_buy else desk.taken_bid
    for level in range(desk.x_levels):
        price = desk.x_ask[level] if is_buy else desk.x_bid[level]
        size = desk.x_ask_size[level] if is_buy else desk.x_bid_size[level]
        if not within(desk, slot, price):
            break
        lots += whole_lots(desk, max(size - gone, 0.0))
        gone = max(gone - size, 0.0)
    return lots


@kernel
def is_crossed(desk: Desk, slot: int) -> bool:
    if desk.x_row < 0:
        return False
    return within(desk, slot, desk.x_ask[0] if desk.o_is_buy[slot] else desk.x_bid[0])


@kernel
def arrive(desk: Desk, slot: int) -> None:
    """Take an order in as the book stands."""
    desk.o_there[slot] = 1
    desk.o_lots_there[slot] = desk.o_lots[slot]
    if desk.o_terms[slot] == POST_ONLY and is_crossed(desk, slot):
        end(desk, slot, WOULD_TAKE)
        return
    tell(desk, slot, ACCEPT, 0.0, 0.0)
    take(desk, slot)
    if not desk.o_there[slot]:
        return
    if desk.o_terms[slot] == IMMEDIATE:
        end(desk, slot, NOT_IMMEDIATE)
        return
    desk.listed[desk.count] = slot
    desk.count += 1
    if desk.o_terms[slot] != MARKET:
        found = level_of(desk, slot)
        desk.o_ahead[slot] = found
        desk.o_shown[slot] = max(found, 0.0)


@kernel
def cancel_there(desk: Desk, slot: int) -> None:
    """End an order if it still works."""
    if desk.o_there[slot]:
        end(desk, slot, CANCELLED)
        tidy(desk)


@kernel
def tidy(desk: Desk) -> None:
    """Forget the orders that have ended at the exchange."""
    if not desk.has_ended:
        return
    desk.has_ended = 0
    kept = 0
    for place in range(desk.count):
        slot = desk.listed[place]
        if desk.o_there[slot]:
            desk.listed[kept] = slot
            kept += 1
    desk.count = kept


@kernel
def room_of(desk: Desk, slot: int, price: float, size: float, side: int) -> float:
    """How much of a trade could have been an order's; it moves up the queue by the rest."""
    is_buy = desk.o_is_buy[slot]
    beyond = desk.o_limit[slot] - price if is_buy else price - desk.o_limit[slot]
    near = NEAR * desk.tick
    if beyond > near:
        desk.o_ahead[slot] = desk.o_shown[slot] = 0.0
        return size
    if beyond < -near or side == (1 if is_buy else -1) or desk.o_ahead[slot] == UNKNOWN:
        return 0.0
    room = max(size - desk.o_ahead[slot], 0.0)
    desk.o_ahead[slot] = max(desk.o_ahead[slot] - size, 0.0)
    desk.o_shown[slot] = max(desk.o_shown[slot] - size, 0.0)
    return room


@kernel
def trade(desk: Desk) -> None:
    """Let the trade of the present row happen to the orders that work."""
    used = 0.0
    for place in range(desk.count):
        slot = desk.listed[place]
        if not desk.o_there[slot] or desk.o_terms[slot] == MARKET:
            continue
        room = room_of(desk, slot, desk.x_price, desk.x_size, desk.x_side)
        lots = min(desk.o_lots_there[slot], whole_lots(desk, room - used))
        if lots > 0.0:
            used += lots * desk.lot
            fill(desk, slot, lots, np.nan)


@kernel
def quote(desk: Desk, model: int, exponent: float) -> None:
    """Let the prices of the present row happen to the orders that work."""
    for place in range(desk.count):
        slot = desk.listed[place]
        if not desk.o_there[slot]:
            continue
        if desk.o_terms[slot] == MARKET:
            take(desk, slot)
        elif is_crossed(desk, slot):
            desk.o_ahead[slot] = desk.o_shown[slot] = 0.0
            lots = min(desk.o_lots_there[slot], reachable(desk, slot))
            if lots > 0.0:
                note(desk, lots, desk.o_is_buy[slot])
                fill(desk, slot, lots, np.nan)
        else:
            requeue(desk, slot, model, exponent)


@kernel
def requeue(desk: Desk, slot: int, model: int, exponent: float) -> None:
    now = level_of(desk, slot)
    if now == UNKNOWN:
        return
    ahead = desk.o_ahead[slot]
    if ahead == UNKNOWN:
        desk.o_ahead[slot] = now
    else:
        desk.o_ahead[slot] = moved_up(model, exponent, ahead, desk.o_shown[slot], now)
    desk.o_shown[slot] = now


@inlined
def load(desk: Desk, rows: Rows, row: int) -> None:
    """Stand at a row; a side that has changed shows what was taken from it no more."""
    desk.x_row, desk.x_now = row, rows.ts[row]
    desk.x_price, desk.x_size, desk.x_side = rows.price[row], rows.size[row], rows.side[row]
    for level in range(desk.x_levels):
        bid, bid_size = rows.bid[row, level], rows.bid_size[row, level]
        ask, ask_size = rows.ask[row, level], rows.ask_size[row, level]
        if desk.taken_ask > 0.0 and differs(
            desk.x_ask[level], ask, desk.x_ask_size[level], ask_size
        ):
            desk.taken_ask = 0.0
        if desk.taken_bid > 0.0 and differs(
            desk.x_bid[level], bid, desk.x_bid_size[level], bid_size
        ):
            desk.taken_bid = 0.0
        desk.x_bid[level], desk.x_bid_size[level] = bid, bid_size
        desk.x_ask[level], desk.x_ask_size[level] = ask, ask_size


@kernel
def differs(old: float, new: float, old_size: float, new_size: float) -> bool:
    """Whether a level shows something else; two empty ones do not."""
    return old_size != new_size or (old != new and not (np.isnan(old) and np.isnan(new)))


@kernel
def stamp_news(desk: Desk, world: World) -> None:
    """Say when the latest news are heard, and log the fills among them."""
    delays, log = world.delays, world.log
    while desk.n_stamped < desk.n_tail:
        place = desk.n_stamped % RING
        at = desk.n_at[place]
        heard = max(desk.last_heard, at + delay_at(delays.at_ns, delays.response_ns, at))
        desk.last_heard = desk.n_at[place] = heard
        desk.n_stamped += 1
        if desk.n_kind[place] != FILL:
            continue
        slot, price, row = desk.n_slot[place], desk.n_price[place], desk.fills
        if row >= len(log.fills):
            desk.problem = TOO_MUCH
            return
        is_maker = np.isnan(price)
        log.fills[row, 0] = desk.o_id[slot]
        log.fills[row, 1] = at
        log.fills[row, 2] = heard
        log.fills[row, 3] = is_maker
        log.fill_values[row, 0] = desk.n_value[place]
        log.fill_values[row, 1] = desk.o_limit[slot] if is_maker else price
        desk.fills += 1


@kernel
def is_full(desk: Desk) -> bool:
    """Whether the log may not hold what the next step could write."""
    return (
        desk.fills + SLOTS * (RING // 8) >= desk.fill_room or desk.next_id + RING >= desk.order_room
    )
