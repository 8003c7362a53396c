"""The compiled venue: a bar matched in the moments of docs/reference/fills.md."""

from math import isnan, nan, sqrt

from quantloom.backtest.kernels.account import (
    Charge,
    book,
    charge,
    closing_part,
    newest_inside,
    review,
    why_nothing,
)
from quantloom.backtest.kernels.grid import (
    moved,
    part_down,
    price_away,
    price_of,
    snapped,
    ticks_of,
)
from quantloom.backtest.kernels.layout import (
    BRACKET_CLOSED,
    CANCELLED,
    CANCELLED_BY_STRATEGY,
    FILLED,
    INSIDE_CLOSING_LIMIT,
    INSIDE_LIMIT,
    INSIDE_STOP,
    IS_FIXED,
    LATE_STOP,
    NO_IMPACT,
    NO_MOMENT,
    NO_RULE,
    OCO,
    OPEN_LIMIT,
    OPEN_MARKET,
    OPEN_STOP,
    POSITION_CLOSED,
    REJECTED,
    STOP,
    TRAILING,
    TRIMMED,
    VOLUME_SHARE,
    WORKING,
    Away,
    Order,
    State,
)
from quantloom.backtest.kernels.orders import (
    end,
    fillable,
    follow,
    is_limit_reached,
    is_offered,
    is_stop,
    is_stop_reached,
    is_trailing,
    tidy,
    waits_for_stop,
)
from quantloom.kit.compiling import kernel, part


@kernel
def match(state: State) -> None:
    """Offer the bar that `show` has shown to the working orders, moment by moment."""
    begin(state)
    trades = state.volume != 0
    if trades:
        look_at_open(state)
        take_turns(OPEN_MARKET, OPEN_LIMIT, state)
    if has_working(state):
        if trades:
            look_inside(state)
            take_turns(INSIDE_STOP, INSIDE_LIMIT, state)
            look_late(state)
            take_turns(LATE_STOP, LATE_STOP, state)
        pass_time(state.working, state)
    tidy(state)


@kernel
def begin(state: State) -> None:
    terms = state.terms
    state.taken, state.left, state.inside_lot = 0.0, nan, -1
    volume = state.volume
    if not isnan(terms.cap_top) and not isnan(volume):
        state.left = part_down(volume, terms.cap_top, terms.cap_bottom, state)
    for place in range(state.working):
        order = state.slots[place]
        order.was_tried, order.is_drawn = False, True
        order.moment, order.also_limit = NO_MOMENT, False


@kernel
def has_working(state: State) -> bool:
    count = 0
    for place in range(state.working):
        count += state.slots[place].status == WORKING
    return count > 0


# What the bar reaches


@kernel
def look_at_open(state: State) -> None:
    price = state.open
    for place in range(state.working):
        order = state.slots[place]
        if not is_offered(order):
            continue
        order.met = price
        if order.is_market:
            order.moment = OPEN_MARKET
        elif is_stop(order):
            if is_stop_reached(order, price):
                order.moment = OPEN_STOP
            elif is_trailing(order):
                follow(order, price, state)
        else:
            order.also_limit = is_limit_reached(order, price)
            if waits_for_stop(order) and is_stop_reached(order, price):
                order.moment = OPEN_STOP


@kernel
def look_inside(state: State) -> None:
    price = state.open
    for place in range(state.working):
        order = state.slots[place]
        order.moment, order.also_limit = NO_MOMENT, False
        if not is_offered(order) or order.is_market:
            continue
        if is_stop(order) or waits_for_stop(order):
            worst = state.high if order.sign > 0 else state.low
            if is_stop_reached(order, price):
                order.moment, order.met = INSIDE_STOP, price
            elif is_stop_reached(order, worst):
                order.moment, order.met = INSIDE_STOP, order.stop
            continue
        best = state.low if order.sign > 0 else state.high
        moment = INSIDE_CLOSING_LIMIT if order.closes else INSIDE_LIMIT
        if is_limit_reached(order, price):
            order.moment, order.met = moment, price
        elif is_limit_reached(order, best):
            order.moment, order.met = moment, order.limit


@kernel
def look_late(state: State) -> None:
    """Give stops their second chance, and trailing ones the level the bar has drawn them to."""
    for place in range(state.working):
        order = state.slots[place]
        order.moment = NO_MOMENT
        if not is_offered(order) or not is_stop(order):
            continue
        worst = state.high if order.sign > 0 else state.low
        met = order.stop
        had_no_chance = order.closes and not order.was_tried
        is_reached = had_no_chance and is_stop_reached(order, worst)
        if is_trailing(order) and order.is_drawn:
            follow(order, state.low if order.sign > 0 else state.high, state)
            if not is_reached and is_stop_reached(order, state.close):
                is_reached, met = True, order.stop
        if is_reached:
            order.moment, order.met = LATE_STOP, met


# What fills


@part
def take_turns(first: int, last: int, state: State) -> None:
    """Fill what the bar reaches from one moment to another."""
    for moment in range(first, last + 1):
        take_turn(moment, state)


@kernel
def take_turn(moment: int, state: State) -> None:
    """Fill what the bar reaches at a moment, the oldest order first."""
    for place in range(state.working):
        order = state.slots[place]
        is_limit = moment == OPEN_LIMIT and order.also_limit
        if order.status != WORKING or not (order.moment == moment or is_limit):
            continue
        if waits_for_stop(order) and not is_marketable(order, moment, state):
            continue
        if moment == LATE_STOP and order.closes:
            worsen_late(order, state)
        execute(order, moment, state)


@kernel
def is_marketable(order: Order, moment: int, state: State) -> bool:
    """Whether a stop-limit order fills at its stop; where it does not, it is a limit now."""
    if moment == OPEN_LIMIT or fillable(order, state) == 0:
        return False
    if moment == INSIDE_STOP and is_limit_reached(order, order.met):
        return True
    order.is_triggered = True
    return False


@kernel
def worsen_late(order: Order, state: State) -> None:
    """Let a late stop meet no better price than a lot that was opened inside the bar."""
    ticks = newest_inside(state)
    if isnan(ticks):
        return
    newest = price_of(ticks, state)
    order.met = max(order.met, newest) if order.sign > 0 else min(order.met, newest)


@kernel
def execute(order: Order, moment: int, state: State) -> None:
    """Fill what can be filled of an order that a bar reaches."""
    wanted = fillable(order, state)
    if wanted == 0:
        turn_away(order, state)
        return
    order.was_tried = True
    capped = wanted if isnan(state.left) else min(wanted, state.left)
    if is_stop(order):
        order.is_market = True
    elif waits_for_stop(order):
        order.is_triggered = True
    if capped > 0 and not is_locked(order, moment, state):
        fill(order, moment, wanted, capped, state)


@part
def turn_away(order: Order, state: State) -> None:
    """End a market order that has nothing to close; a stop or limit order sleeps on."""
    if order.is_market:
        status = CANCELLED if order.filled > 0 else REJECTED
        end(order, status, why_nothing(order.sign, state), state)


@kernel
def is_locked(order: Order, moment: int, state: State) -> bool:
    """Whether it meets the day's limit, where nobody sells (or, for a sale, buys)."""
    is_inside = moment > OPEN_LIMIT
    if order.sign > 0:
        edge = price_of(state.day.up, state) - price_of(1.0, state) / 2
        return order.met > edge and not (is_inside and state.open > edge > state.low)
    edge = price_of(state.day.down, state) + price_of(1.0, state) / 2
    return order.met < edge and not (is_inside and state.open < edge < state.high)


@part
def within(ticks: float, sign: int, state: State) -> float:
    """A price that slippage has moved, no further than the day's limit."""
    return min(ticks, state.day.up) if sign > 0 else max(ticks, state.day.down)


@kernel
def price(order: Order, moment: int, lots: float, state: State) -> float:
    """Ticks at which an order fills: the price met, slipped and snapped against the trader."""
    terms, sign = state.terms, order.sign
    met = ticks_of(order.met, state)
    if not isnan(order.limit) and moment != INSIDE_STOP:
        return within(snapped(met, sign, state), sign, state)
    extra = impact(lots, state)
    if extra > 0:
        by = terms.slip_ticks + met * extra + met * terms.slip_top / terms.slip_bottom
        found = snapped(met + sign * by, sign, state)
    else:
        slip = Away(IS_FIXED, terms.slip_ticks, terms.slip_top, terms.slip_bottom)
        found = moved(met, sign, slip, state)
    found = within(max(found, 1.0) if sign < 0 else found, sign, state)
    if isnan(order.limit):
        return found
    limit = ticks_of(order.limit, state)
    return min(found, limit) if sign > 0 else max(found, limit)


@kernel
def impact(lots: float, state: State) -> float:
    """How far our own size moves the price, as a share of it."""
    terms = state.terms
    if terms.impact == NO_IMPACT:
        return 0.0
    if terms.impact == VOLUME_SHARE:
        if not state.volume > 0:
            return 0.0
        share = (state.taken + lots) * terms.lot_size / state.volume
        return terms.impact_size * share * share
    if not state.usual > 0 or isnan(state.moves):
        return 0.0
    return terms.impact_size * state.moves * sqrt(lots * terms.lot_size / state.usual)


@kernel
def fill(
    order: Order,
    moment: int,
    wanted: float,
    capped: float,
    state: State,
) -> None:
    ticks = price(order, moment, capped, state)
    lots = affordable(order, capped, ticks, state)
    costs = charge(order, lots, ticks, state)
    rule = review(order.sign, lots, ticks, costs.due + costs.taxes, state)
    if rule != NO_RULE:
        order.tried, order.tried_ticks = lots, ticks
        end(order, REJECTED, rule, state)
        return
    before = state.position
    settle(order, lots, ticks, costs, state)
    if lots < capped:
        end(order, CANCELLED, TRIMMED, state)
    elif order.filled < order.lots and capped == wanted:
        end(order, CANCELLED, why_nothing(order.sign, state), state)
    follow_up(order, moment, ticks, before, state)


@kernel
def affordable(order: Order, wanted: float, ticks: float, state: State) -> float:
    """The most lots the account can pay for, found by halving; all of them in most cases."""
    if not order.trims or closing_part(order.sign, wanted, state) == wanted:
        return wanted
    low, high = 0.0, wanted
    while low < high:
        tried = high if high == wanted else (low + high + 1) // 2
        costs = charge(order, tried, ticks, state)
        rule = review(order.sign, tried, ticks, costs.due + costs.taxes, state)
        if rule == NO_RULE:
            low = tried
        else:
            high = tried - 1
    # The least that is not affordable is left to the review, which names the shortfall.
    least = 1.0 if isnan(state.day.least) or order.filled > 0 else max(state.day.least, 1.0)
    return min(max(low, least), wanted)


@kernel
def settle(
    order: Order,
    lots: float,
    ticks: float,
    costs: Charge,
    state: State,
) -> None:
    """Book a fill and note it."""
    order.raw += costs.raw
    order.charged += costs.due
    commission = costs.due + costs.taxes
    book(order, lots, ticks, commission, state)
    state.taken += lots
    state.left -= lots
    order.filled += lots
    share_room(order, lots, state)
    note = state.filled[state.fills]
    note.row, note.order, note.sign = state.row, order.id, order.sign
    note.cause, note.part, note.lots, note.ticks = order.kind, order.part, lots, ticks
    note.met, note.commission = order.met, commission
    note.cash, note.position = state.cash - state.cash_rest, state.position
    note.cost = state.cost
    state.fills += 1
    state.fills_so_far += 1
    if order.filled == order.lots:
        order.status, order.ended = FILLED, state.row
        order.fills = state.fills_so_far


@kernel
def share_room(order: Order, lots: float, state: State) -> None:
    """Let the halves of a bracket close what their entry fills, and together no more."""
    entry, step = (order.id, lots) if order.entry == 0 else (order.entry, -lots)
    for place in range(state.working):
        half = state.slots[place]
        if half.entry == entry:
            half.room += step


# What a fill does to other orders


@kernel
def follow_up(
    order: Order,
    moment: int,
    ticks: float,
    before: float,
    state: State,
) -> None:
    is_inside = moment > OPEN_LIMIT
    if order.entry == 0:
        wake_halves(order, ticks, is_inside, state)
    else:
        close_bracket(order, state)
    if is_inside and state.position * order.sign > 0:
        state.inside_lot = state.opened
    if before != 0 and before * state.position <= 0:
        drop_closers(before, state)


@kernel
def wake_halves(
    entry: Order,
    ticks: float,
    is_inside: bool,
    state: State,
) -> None:
    """Let the halves of a bracket wait for their prices."""
    start = price_of(ticks, state)
    for place in range(state.working):
        half = state.slots[place]
        if half.entry != entry.id or half.status != WORKING:
            continue
        if half.is_held:
            half.is_held, half.is_drawn = False, not is_inside
            wake(half, start, state)


@kernel
def wake(half: Order, start: float, state: State) -> None:
    if half.kind == TRAILING:
        follow(half, start, state)
    elif half.away != 0:
        if half.kind == STOP:
            half.stop = price_away(start, half.sign, half, state)
        else:
            half.limit = price_away(start, -half.sign, half, state)


@kernel
def close_bracket(filled: Order, state: State) -> None:
    """Cancel what is left of the entry, and the other half once all of it is closed."""
    left = filled.room
    for place in range(state.working):
        other = state.slots[place]
        if other.id == filled.entry and other.status == WORKING:
            end(other, CANCELLED, BRACKET_CLOSED, state)
    for place in range(state.working):
        other = state.slots[place]
        if other.entry == filled.entry and other.status == WORKING and left <= 0:
            end(other, CANCELLED, OCO, state)


@kernel
def drop_closers(gone: float, state: State) -> None:
    """Cancel the stops and limits that waited to close a position that is no longer there."""
    for place in range(state.working):
        order = state.slots[place]
        waits = order.closes and not order.is_market and order.status == WORKING
        is_there = order.wait == 0 and not (order.is_held and order.entry > 0)
        if waits and is_there and order.sign * gone < 0:
            end(order, CANCELLED, POSITION_CLOSED, state)


# What a bar ends


@kernel
def pass_time(working: int, state: State) -> None:
    """Bring orders, and cancels, one bar nearer to their arrival."""
    for place in range(working):
        order = state.slots[place]
        if order.status != WORKING:
            continue
        if order.wait > 0:
            order.wait -= 1
        if order.cancel_wait > 0:
            order.cancel_wait -= 1
            if order.cancel_wait == 0:
                end(order, CANCELLED, CANCELLED_BY_STRATEGY, state)
