"""The loop that calls a compiled callback on each bar and sends what it asks for."""

from collections.abc import Callable
from math import isinf, isnan, nan
from typing import NamedTuple

import numpy as np

from quantloom.backtest.kernels.account import cash_of, equity_at
from quantloom.backtest.kernels.driving import flush, has_room, show
from quantloom.backtest.kernels.grid import decimals, moved, ticks_of, whole_down
from quantloom.backtest.kernels.layout import (
    CLOSES,
    FINE,
    FIXED,
    IS_FIXED,
    IS_STOP_LOSS,
    IS_TAKE_PROFIT,
    IS_TRAILING,
    LIMIT,
    LOG_FULL,
    MARKET,
    NOT_AWAY,
    RISK,
    STOP,
    STOP_LIMIT,
    TRIMS,
    Away,
    Market,
    Run,
    State,
    Ticket,
)
from quantloom.backtest.kernels.matching import match
from quantloom.backtest.kernels.orders import attach, cancel_all, expected, send, submit, tidy
from quantloom.backtest.kernels.signals import lots_at_risk, lots_worth, size
from quantloom.backtest.lowering.kernels.guards import (
    AVERAGE_PRICE,
    CASH,
    COMMANDS,
    DOUBT,
    EQUITY,
    FAULT,
    NEAR,
    QUANTITY,
    SENT,
)
from quantloom.kit import BoolArray, FloatArray
from quantloom.kit.compiling import kernel

# What a callback sends, as `lowering.ordering` numbers it.
BUY, SHORT, SELL, COVER, TARGET_QUANTITY, TARGET_VALUE, TARGET_WEIGHT, CANCEL_ALL = range(1, 9)
# How far a way out is told to be; a stop that trails has ten more.
NOWHERE, AT_PRICE, BY_TICKS, BY_PERCENT, BY_POINTS = range(5)
TRAILS = 10
# The cells of a row that tell them: code and amount come first.
_LIMIT, _STOP, _LOSS, _PROFIT = 2, 3, 4, 6
# Orders that one callback may send: entries with both their ways out.
_MOST_SENT = 3 * COMMANDS
_WHOLE = 2.0**53
# Sums of money in floats are nearer to the truth than this share of them.
_NEAR = 1e-9


class Callback(NamedTuple):
    """What a compiled callback reads and writes besides the bar.

    Attributes:
        lines: (lines, n) values that it reads. volume: (n,) as bars show it.
        numbers: its attributes.
        desk: the account as it sees it. commands: what it has sent.
        lot_top, lot_bottom: units of a lot, as a fraction of whole numbers.
        sees_money: whether it reads cash or equity.
        awake: (n,) where it is called; of length 0 where it is everywhere.
    """

    lines: FloatArray
    volume: FloatArray
    numbers: FloatArray
    desk: FloatArray
    commands: FloatArray
    lot_top: float
    lot_bottom: float
    sees_money: bool
    awake: BoolArray


class WayOut(NamedTuple):
    """Where an entry is to be left, as it was told: a price, or a distance where that is NaN."""

    told: int
    price: float
    away: Away


@kernel
def drive(
    rows: tuple[int, int], on_bar: Callable[..., int], own: Callback, market: Market, run: Run
) -> int:
    """Call a compiled callback on some bars.

    Args:
        rows: the first of them, and the one after the last.
        on_bar: the callback, called through its address: the loop is compiled once for all.
    Returns:
        The bar before which it has stopped: the last of `rows`, unless the state's status or the
        desk says why not. Where a log is full it goes on from there once there is room.
    """
    state, desk, lines, numbers = run.state[0], own.desk, own.lines, own.numbers
    opens, highs, lows = market.open, market.high, market.low
    closes, volumes = market.close, own.volume
    commands, awake, sees_money = own.commands, own.awake, own.sees_money
    sleeps = len(awake) > 0
    state.status = FINE
    room = len(run.orders) - _MOST_SENT
    for row in range(rows[0], rows[1]):
        if state.sent > room:
            state.status = LOG_FULL
            return row
        if state.working > 0 and (highs[row] >= state.rise or lows[row] <= state.fall):
            if not has_room(run, state):
                state.status = LOG_FULL
                return row
            show(row, market, state)
            match(state)
            show_position(own, state)
            flush(run, state)
            if has_stopped(desk, state):
                return row + 1
        if sleeps and not awake[row]:
            continue
        if sees_money:
            desk[CASH], desk[EQUITY] = cash_of(state), equity_at(closes[row], state)
        if on_bar(
            row,
            opens[row],
            highs[row],
            lows[row],
            closes[row],
            volumes[row],
            lines,
            numbers,
            desk,
            commands,
        ):
            show(row, market, state)
            carry_out(own, market, state)
            flush(run, state)
            if has_stopped(desk, state):
                return row + 1
    return rows[1]


@kernel
def has_stopped(desk: FloatArray, state: State) -> bool:
    return state.status != FINE or desk[FAULT] != 0.0 or desk[DOUBT] != 0.0


@kernel
def show_position(own: Callback, state: State) -> None:
    """Put the position where the callback reads it, as `Position` has it, to the last bit."""
    desk, terms = own.desk, state.terms
    if state.fills_so_far > 0:
        desk[NEAR] = _NEAR
    units, cost = state.position * own.lot_top, state.cost * own.lot_top * terms.tick_top
    if max(abs(units), abs(cost)) > _WHOLE:
        desk[DOUBT] = 1.0
    quantity = units / own.lot_bottom
    desk[QUANTITY], desk[AVERAGE_PRICE] = quantity, nan
    if quantity != 0.0:
        desk[AVERAGE_PRICE] = cost / (own.lot_bottom * terms.tick_bottom) / quantity


@kernel
def carry_out(own: Callback, market: Market, state: State) -> None:
    """Send what a callback has asked for, in its order."""
    desk, count = own.desk, int(own.desk[SENT])
    desk[SENT] = 0.0
    for place in range(min(count, len(own.commands))):
        if desk[FAULT] != 0.0 or desk[DOUBT] != 0.0:
            return
        command = own.commands[place]
        code = int(command[0])
        if code == CANCEL_ALL:
            cancel_all(state)
        elif code >= TARGET_QUANTITY:
            aim_at(code, command[1], own, state)
        elif code >= SELL:
            go_out(-1 if code == SELL else 1, command, own, state)
        else:
            go_in(1 if code == BUY else -1, command, own, market, state)
    tidy(state)


# What is told in numbers


@kernel
def lots_of(quantity: float, own: Callback) -> float:
    """A quantity in lots; a fault where it is none, of which the event engine tells."""
    lots = np.rint(quantity * own.lot_bottom / own.lot_top)
    if lots * own.lot_top / own.lot_bottom != quantity or quantity < 0.0:
        own.desk[FAULT] = 1.0
    return float(lots)


@kernel
def on_tick(price: float, own: Callback, state: State) -> float:
    """A price that may be sent; a fault where it lies between two ticks."""
    if not isnan(price):
        ticks = ticks_of(price, state)
        if ticks != np.rint(ticks) or price <= 0.0:
            own.desk[FAULT] = 1.0
    return price


@kernel
def kind_of(limit: float, stop: float) -> int:
    if not isnan(stop):
        return STOP if isnan(limit) else STOP_LIMIT
    return MARKET if isnan(limit) else LIMIT


@kernel
def way_out(command: FloatArray, place: int, own: Callback, state: State) -> WayOut:
    """One of the two ways out of an entry."""
    told, far = int(command[place]), command[place + 1]
    if told == NOWHERE:
        return WayOut(told, nan, NOT_AWAY)
    if told == AT_PRICE:
        return WayOut(told, on_tick(far, own, state), NOT_AWAY)
    kind = IS_TRAILING if told >= TRAILS else IS_FIXED
    if told % TRAILS == BY_TICKS:
        return WayOut(told, nan, Away(kind, far, 0.0, 1.0))
    if told % TRAILS == BY_POINTS:
        return WayOut(told, nan, Away(kind, ticks_of(far, state), 0.0, 1.0))
    top, bottom = fraction(far, own)
    return WayOut(told, nan, Away(kind, 0.0, top, 100.0 * bottom))


@kernel
def fraction(number: float, own: Callback) -> tuple[float, float]:
    """A number as the fraction of whole ones that it is written as."""
    scale = decimals(number)
    if isinf(scale):
        own.desk[DOUBT] = 1.0
        return number, 1.0
    return float(np.rint(number * scale)), scale


# What is sent


@kernel
def go_in(sign: int, command: FloatArray, own: Callback, market: Market, state: State) -> None:
    """Send an entry and its ways out."""
    limit = on_tick(command[_LIMIT], own, state)
    stop = on_tick(command[_STOP], own, state)
    loss = way_out(command, _LOSS, own, state)
    profit = way_out(command, _PROFIT, own, state)
    is_sized = isnan(command[1])
    if not is_sized:
        lots = lots_of(command[1], own)
    elif state.terms.sizing == RISK:
        lots = by_risk(sign, expected_price(limit, stop, state), loss, own, state)
    else:
        lots = size(sign, market, state)
    if own.desk[FAULT] != 0.0 or own.desk[DOUBT] != 0.0:
        return
    how = TRIMS if is_sized and state.terms.sizing != FIXED else 0
    place = submit(Ticket(kind_of(limit, stop), sign, lots, how, limit, stop, NOT_AWAY), state)
    if place < 0:
        return
    if loss.told != NOWHERE:
        attach(place, IS_STOP_LOSS, loss.price, loss.away, state)
    if profit.told != NOWHERE:
        attach(place, IS_TAKE_PROFIT, profit.price, profit.away, state)


@kernel
def expected_price(limit: float, stop: float, state: State) -> float:
    """Where an entry would fill as far as is known."""
    if not isnan(limit):
        return limit
    return state.close if isnan(stop) else stop


@kernel
def by_risk(sign: int, price: float, loss: WayOut, own: Callback, state: State) -> float:
    """As many lots as lose a share of equity if the stop is met at its price."""
    if loss.told == NOWHERE:
        own.desk[FAULT] = 1.0
        return 0.0
    ticks = ticks_of(price, state)
    at = moved(ticks, -sign, loss.away, state) if isnan(loss.price) else ticks_of(loss.price, state)
    return lots_at_risk(ticks, at, state)


@kernel
def go_out(sign: int, command: FloatArray, own: Callback, state: State) -> None:
    """Send an order that only closes."""
    limit = on_tick(command[_LIMIT], own, state)
    stop = on_tick(command[_STOP], own, state)
    is_all = isnan(command[1])
    lots = max(0.0, -sign * expected(state)) if is_all else lots_of(command[1], own)
    if own.desk[FAULT] != 0.0:
        return
    how = CLOSES | TRIMS if is_all else CLOSES
    submit(Ticket(kind_of(limit, stop), sign, lots, how, limit, stop, NOT_AWAY), state)


@kernel
def aim_at(code: int, amount: float, own: Callback, state: State) -> None:
    """Send the market order that takes the position to a quantity, a value or a weight."""
    if code == TARGET_QUANTITY:
        wanted = amount * own.lot_bottom / own.lot_top
    else:
        money = amount * equity_at(state.close, state) if code == TARGET_WEIGHT else amount
        lots = lots_worth(abs(money), state.close * state.terms.unit, state)
        wanted = lots if money > 0.0 else -lots
    step = wanted - expected(state)
    lots = whole_down(abs(step), state)
    if lots > 0.0:
        send(1 if step > 0.0 else -1, lots, CLOSES if wanted == 0.0 else TRIMS, state)
