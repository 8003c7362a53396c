"""Signals followed by the compiled core, as `strategy.SignalFollower` follows them."""

from math import floor, isnan, nan, sqrt

import numpy as np

from quantloom.backtest.kernels.account import equity_at
from quantloom.backtest.kernels.driving import flush, has_room, show
from quantloom.backtest.kernels.grid import deviation, moved, price_of, ticks_of, whole_down
from quantloom.backtest.kernels.layout import (
    CLOSES,
    ENTRY,
    EXIT,
    FINE,
    FIXED,
    IS_STOP_LOSS,
    IS_TAKE_PROFIT,
    KELLY,
    LOG_FULL,
    NO_DISTANCE,
    NOT_READY,
    RISK,
    SHARE,
    SHORT_ENTRY,
    SHORT_EXIT,
    TRIMS,
    VOLATILITY,
    Away,
    CodeArray,
    Market,
    Run,
    State,
)
from quantloom.backtest.kernels.matching import match
from quantloom.backtest.kernels.orders import attach, expected, leave, send, tidy, turn_down
from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel, part

# What a price in ticks may be off by, as a share of it.
LOST = 1e-15


@kernel
def advance(start: int, stop: int, codes: CodeArray, market: Market, run: Run) -> int:
    """Follow coded signals over the bars from `start` to before `stop`.

    Bars on which nothing is signalled and no order works cost about a nanosecond.

    Args:
        codes: (n,) for each bar of the market ENTRY, EXIT, SHORT_ENTRY and SHORT_EXIT in one.
    Returns:
        The bar before which it has stopped: `stop`, unless the state's status says why not. Where
        a log is full it goes on from there once there is room.
    """
    state = run.state[0]
    state.status = FINE
    row = start
    while row < stop:
        row = next_row(row, stop, codes, market, state)
        if row == stop:
            break
        if not has_room(run, state):
            state.status = LOG_FULL
            return row
        show(row, market, state)
        if state.working > 0 and (state.high >= state.rise or state.low <= state.fall):
            match(state)
        if codes[row] & wanted(state):
            decide(codes[row], market, state)
        flush(run, state)
        row += 1
        if state.status != FINE:
            break
    return row


@kernel
def next_row(row: int, stop: int, codes: CodeArray, market: Market, state: State) -> int:
    """The next bar, from this one on, on which something is signalled or may fill."""
    mask = wanted(state)
    if state.working == 0:
        while row < stop and not codes[row] & mask:
            row += 1
        return row
    rise, fall, high, low = state.rise, state.fall, market.high, market.low
    while row < stop and not (codes[row] & mask or high[row] >= rise or low[row] <= fall):
        row += 1
    return row


@kernel
def wanted(state: State) -> int:
    """The signals that would do anything to the present position."""
    turns = state.terms.turns
    if state.position == 0:
        return ENTRY | SHORT_ENTRY
    if state.position > 0:
        return EXIT | SHORT_ENTRY if turns else EXIT
    return SHORT_EXIT | ENTRY if turns else SHORT_EXIT


@kernel
def decide(code: int, market: Market, state: State) -> None:
    """Do what one bar signals, after its close."""
    turns = state.terms.turns
    position, was_waiting = state.position, is_waiting(state)
    if (position > 0 and code & EXIT) or (position < 0 and code & SHORT_EXIT):
        leave(state)
    if was_waiting:
        return
    sign = 0
    if code & ENTRY and (position == 0 or (position < 0 and turns)):
        sign = 1
    elif code & SHORT_ENTRY and (position == 0 or (position > 0 and turns)):
        sign = -1
    if sign != 0:
        enter(sign, market, state)


@kernel
def is_waiting(state: State) -> bool:
    """Whether an order works that is not the half of a bracket."""
    count = 0
    for place in range(state.working):
        count += state.slots[place].entry == 0
    return count > 0


@kernel
def enter(sign: int, market: Market, state: State) -> None:
    """Open a position by a market order with its bracket; one of the other side is left first."""
    if state.position != 0:
        leave(state)
    how = 0 if state.terms.sizing == FIXED else TRIMS
    stop, target = stop_away(market, state), target_away(market, state)
    is_ready = not (isnan(stop.ticks) or isnan(target.ticks))
    lots = size(sign, market, state) if is_ready else 0.0
    place = send(sign, lots, how, state)
    if place < 0:
        return
    if not is_ready:
        turn_down(state.slots[place], NOT_READY, state)
    if stop.kind != NO_DISTANCE and not isnan(stop.ticks):
        attach(place, IS_STOP_LOSS, nan, stop, state)
    if target.kind != NO_DISTANCE and not isnan(target.ticks):
        attach(place, IS_TAKE_PROFIT, nan, target, state)
    tidy(state)


@kernel
def stop_away(market: Market, state: State) -> Away:
    """How far from an entry that is sent now its stop waits; ticks of NaN where unknown."""
    terms = state.terms
    ticks = far(terms.stop_ticks, market.stop_far, state)
    return Away(terms.stop_kind, ticks, terms.stop_top, terms.stop_bottom)


@kernel
def target_away(market: Market, state: State) -> Away:
    """Likewise its target."""
    terms = state.terms
    ticks = far(terms.target_ticks, market.target_far, state)
    return Away(terms.target_kind, ticks, terms.target_top, terms.target_bottom)


@part
def far(ticks: float, measured: FloatArray, state: State) -> float:
    """The ticks of a distance: the same for the whole run, or as measured at the bar."""
    found = float(measured[state.row]) if len(measured) > 0 else ticks
    state.doubts += found < 0
    return abs(found)


# How large


@kernel
def size(sign: int, market: Market, state: State) -> float:
    """Lots of an entry after the close of a bar, by the run's sizing."""
    terms = state.terms
    if terms.sizing == FIXED:
        return terms.size
    equity = equity_at(state.close, state)
    if terms.sizing == RISK:
        ticks = ticks_of(state.close, state)
        stop = moved(ticks, -sign, stop_away(market, state), state)
        return lots_at_risk(ticks, stop, state)
    share, money = share_of(market, state), state.close * terms.unit
    if isnan(share):
        return 0.0
    found = lots_worth(equity * share, money, state)
    return (
        min(found, lots_worth(equity * terms.size_cap, money, state)) if is_capped(state) else found
    )


@kernel
def lots_at_risk(ticks: float, stop: float, state: State) -> float:
    """As many lots as lose a share of equity between two prices in ticks."""
    money = equity_at(state.close, state) * state.terms.size
    # In ticks, since the difference of two prices in floats loses digits.
    gap = abs(ticks - stop)
    price = price_of(gap, state) * state.terms.unit
    if price > 0 and ticks != floor(ticks):
        # Off the tick it loses some too, the more the closer the two are.
        lots = money / price
        if abs(lots - np.rint(lots)) <= lots * LOST * ticks / gap:
            state.doubts += 1
    return lots_worth(money, price, state)


@kernel
def is_capped(state: State) -> bool:
    """Whether the sizing has a cap, and knows enough to need it."""
    sizing = state.terms.sizing
    return sizing == VOLATILITY or (sizing == KELLY and knows_odds(state))


@part
def knows_odds(state: State) -> bool:
    """Whether there are as many round trips as the sizing asks for, a win and a loss among them."""
    is_enough = state.trips_so_far >= state.terms.size_window
    return is_enough and state.wins > 0 and state.losses > 0


@kernel
def share_of(market: Market, state: State) -> float:
    """The share of equity that an entry is worth, before it is capped; NaN where unknown."""
    terms = state.terms
    if terms.sizing == SHARE:
        return terms.size
    if terms.sizing == VOLATILITY:
        start = state.row + 1 - terms.size_window
        moves = deviation(market.close, start, state.row + 1) if start >= 0 else nan
        return terms.size_cap if moves == 0 else terms.size / (moves * sqrt(terms.bars_per_year))
    if not knows_odds(state):
        return terms.size_start
    top = terms.size * state.wins * (state.won + state.lost)
    return top / (state.won * (state.wins + state.losses))


@kernel
def lots_worth(money: float, price: float, state: State) -> float:
    """The most whole lots that money pays for; nothing where the price is nothing."""
    return max(whole_down(money / price, state), 0.0) if price > 0 else 0.0


# Weights


@kernel
def advance_weights(start: int, stop: int, weights: FloatArray, market: Market, run: Run) -> int:
    """Likewise for target weights: (n,) signed shares of equity, NaN to leave all as it is."""
    state = run.state[0]
    state.status = FINE
    row = start
    while row < stop:
        row = next_weight(row, stop, weights, market, state)
        if row == stop:
            break
        if not has_room(run, state):
            state.status = LOG_FULL
            return row
        show(row, market, state)
        if state.working > 0 and (state.high >= state.rise or state.low <= state.fall):
            match(state)
        if not isnan(weights[row]):
            aim(weights[row], state)
        flush(run, state)
        row += 1
        if state.status != FINE:
            break
    return row


@kernel
def next_weight(row: int, stop: int, weights: FloatArray, market: Market, state: State) -> int:
    """The next bar, from this one on, with a weight or on which something may fill."""
    if state.working > 0:
        rise, fall, high, low = state.rise, state.fall, market.high, market.low
        while row < stop and isnan(weights[row]) and high[row] < rise and low[row] > fall:
            row += 1
        return row
    while row < stop and isnan(weights[row]):
        row += 1
    return row


@kernel
def aim(weight: float, state: State) -> None:
    """Send the market order that takes the position to a share of equity."""
    money = weight * equity_at(state.close, state)
    lots = lots_worth(abs(money), state.close * state.terms.unit, state)
    target = lots if money > 0 else -lots
    step = target - expected(state)
    if step == 0:
        return
    send(1 if step > 0 else -1, abs(step), CLOSES if target == 0 else TRIMS, state)
    tidy(state)
