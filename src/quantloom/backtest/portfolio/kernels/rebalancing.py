"""The pass over the steps: orders that wait fill at the open, weights become orders at the close.

What `strategy.WeightFollower` does in the event engine, in floats and for hundreds of instruments.
An array is counted, atomically, each time it is taken out of a record or handed on, which takes
longer than most of what is done with it: so kernels take theirs out once, before they loop.
"""

from typing import NamedTuple

import numpy as np

from quantloom.backtest.portfolio.kernels.columns import (
    AFFORDED,
    CAME_TO,
    CAPPED,
    CASH,
    CHARGED,
    COMMISSION,
    ENDED,
    FILLED,
    FILLS,
    IS_FULL,
    KIND,
    LEFT,
    LOTS,
    NOTHING_LEFT,
    NOTHING_TO_CLOSE,
    ORDER,
    ORDERS,
    PRICE,
    QUANTITY,
    RAW,
    REDUCES,
    REFUSED,
    SENT,
    SIDE,
    STATUS,
    STEP,
    SUBJECT,
    SYMBOL,
    TRIED,
    TRIMMED,
    TURN,
    UNSURE,
    WAITING,
    WANTED,
    WHEN,
    WORKING,
)
from quantloom.backtest.portfolio.kernels.matching import (
    NEAR,
    Costs,
    Deal,
    Grid,
    Market,
    Turn,
    settle,
    whole,
)
from quantloom.kit import FloatArray, IntArray
from quantloom.kit.compiling import kernel

_VALUE, _MARGIN = range(2)
_NO_END = 1 << 62


class Journal(NamedTuple):
    """All that a run writes down; docs of the columns stand in `columns`.

    Attributes:
        orders: (., 9) in the order in which they were sent. paid: (., 2) commission of each.
        fills, prices: (., 4) and (., 3) in the order in which they happened.
        unsure: (., 4) what hangs on rounding.
        waiting: orders that have not ended.
        counts: (5,) of all of these, and whether one is full.
        held: (m,) lots. cash: (1,), as if all were paid in full.
        equity, net, gross: (n,) at each close.
    """

    orders: IntArray
    paid: FloatArray
    fills: IntArray
    prices: FloatArray
    unsure: IntArray
    waiting: IntArray
    counts: IntArray
    held: IntArray
    cash: FloatArray
    equity: FloatArray
    net: FloatArray
    gross: FloatArray


@kernel
def follow_weights(
    market: Market,
    grid: Grid,
    costs: Costs,
    journal: Journal,
    rows: IntArray,
    weights: FloatArray,
    is_money: bool,
    first: int,
) -> None:
    """Follow weights over every step; what happened stays in the journal.

    Args:
        rows, weights: (k,) and (k, m), as in `Weights`.
        first: step at which the run begins.
    """
    steps, counts = len(market.last), journal.counts
    place, initial = np.searchsorted(rows, first), journal.cash[0]
    for step in range(first, steps):
        if counts[WAITING] > 0:
            match_open(market, grid, costs, journal, step)
        if place < len(rows) and rows[place] == step:
            send(market, grid, journal, step, weights[place], is_money)
            place += 1
        if counts[IS_FULL] > 0:
            return
    draw(market, grid, journal, initial)


# From weights to orders


@kernel
def send(
    market: Market, grid: Grid, journal: Journal, step: int, weights: FloatArray, is_money: bool
) -> None:
    """Send the orders that lead to weights, what grows least first."""
    held, last, unit = journal.held, market.last, grid.unit
    expected, base = expect(journal), 1.0
    if not is_money:
        base = worth_at(journal.cash[0], held, unit, last, step)
    chosen, growth, found = np.empty(len(weights), dtype=np.int64), np.empty(len(weights)), 0
    for j in range(len(weights)):
        if np.isnan(weights[j]) or (weights[j] == 0 and expected[j] == 0):
            continue
        value = 0.0 if held[j] == 0 else abs(held[j] * unit[j] * last[step, j])
        chosen[found] = j
        growth[found] = abs(weights[j] * base) - value
        found += 1
    turns = order_of(growth[:found])
    for place in range(found):
        j = chosen[turns[place]]
        if place > 0 and is_near(growth[turns[place - 1]], growth[turns[place]], base):
            note(journal, TURN, step, j, 0)
        lots, is_unsure = lots_of(weights[j] * base, unit[j] * last[step, j])
        if is_unsure:
            note(journal, WANTED, step, j, abs(lots))
        if lots != expected[j]:
            add_order(journal, j, lots - expected[j], step, lots == 0)


@kernel
def expect(journal: Journal) -> IntArray:
    """The positions once every order on its way has filled, in the order they were sent."""
    expected, orders, waiting = journal.held.copy(), journal.orders, journal.waiting
    for place in range(journal.counts[WAITING]):
        number = waiting[place]
        j, side, step = orders[number, SYMBOL], orders[number, SIDE], orders[number, LEFT]
        if orders[number, REDUCES]:
            step = min(step, max(-side * expected[j], 0))
        expected[j] += side * step
    return expected


@kernel
def worth_at(cash: float, held: IntArray, unit: FloatArray, last: FloatArray, step: int) -> float:
    """Equity at a close."""
    value = cash
    for j in range(len(held)):
        if held[j] != 0:
            value += held[j] * unit[j] * last[step, j]
    return value


@kernel
def lots_of(value: float, price: float) -> tuple[int, bool]:
    """The lots, signed as a value is, that it pays for, and whether rounding decided."""
    if value == 0:
        return 0, False
    lots, is_unsure = whole(abs(value) / price)
    return (-lots if value < 0 else lots), is_unsure


@kernel
def is_near(before: float, after: float, base: float) -> bool:
    """Whether rounding may have put two values in their order."""
    gap = after - before
    return gap != 0 and gap <= NEAR * max(abs(base), abs(after))


@kernel
def order_of(values: FloatArray) -> IntArray:
    """The places of values from the least to the greatest, equal ones as they stand.

    By merging runs: a sort of NumPy takes longer to compile than all the rest.
    """
    count, width = len(values), 1
    places, merged = np.arange(count), np.empty(count, dtype=np.int64)
    while width < count:
        for start in range(0, count, 2 * width):
            left, right = start, min(start + width, count)
            middle, stop = right, min(start + 2 * width, count)
            for into in range(start, stop):
                takes_left = left < middle and (
                    right >= stop or values[places[left]] <= values[places[right]]
                )
                merged[into] = places[left] if takes_left else places[right]
                left += takes_left
                right += not takes_left
        places, merged = merged, places
        width *= 2
    return places


@kernel
def add_order(journal: Journal, j: int, lots: int, step: int, reduces: bool) -> None:
    counts, orders = journal.counts, journal.orders
    number = counts[ORDERS]
    if number >= len(orders):
        counts[IS_FULL] = 1
        return
    orders[number, SYMBOL], orders[number, SIDE] = j, (1 if lots > 0 else -1)
    orders[number, LOTS] = orders[number, LEFT] = abs(lots)
    orders[number, SENT], orders[number, ENDED] = step, -1
    orders[number, STATUS], orders[number, REDUCES] = WORKING, reduces
    journal.paid[number, RAW] = journal.paid[number, CHARGED] = 0.0
    journal.waiting[counts[WAITING]] = number
    counts[WAITING] += 1
    counts[ORDERS] += 1


@kernel
def note(journal: Journal, kind: int, step: int, subject: int, lots: int) -> None:
    """Keep what rounding may have decided, to be looked at in decimals."""
    counts, unsure = journal.counts, journal.unsure
    row = counts[UNSURE]
    if row >= len(unsure):
        counts[IS_FULL] = 1
        return
    unsure[row, KIND], unsure[row, WHEN] = kind, step
    unsure[row, SUBJECT], unsure[row, CAME_TO] = subject, lots
    counts[UNSURE] += 1


# From orders to fills


@kernel
def match_open(market: Market, grid: Grid, costs: Costs, journal: Journal, step: int) -> None:
    """Offer the bars of a step to every order that waits, the one sent first first."""
    orders, waiting, counts, held = journal.orders, journal.waiting, journal.counts, journal.held
    opens_ns, closes_ns, opens = market.opens_ns, market.closes_ns, market.open
    volumes, counted = market.volume, grid.counts
    account = value_at_open(market, grid, costs, held, step)
    taken, left = np.zeros(len(held), dtype=np.int64), 0
    for place in range(counts[WAITING]):
        number = waiting[place]
        j = orders[number, SYMBOL]
        volume = volumes[step, j] if counted[j] else np.nan
        since_ns = closes_ns[orders[number, SENT]]
        own = j if opens_ns.shape[1] > 1 else 0
        # A bar that had begun when the order was sent is not for it, nor is one without a trade.
        if not np.isnan(opens[step, j]) and volume != 0 and opens_ns[step, own] >= since_ns:
            offer(market, grid, costs, journal, step, number, volume, account, taken)
        if orders[number, STATUS] == WORKING:
            waiting[left] = number
            left += 1
    counts[WAITING] = left


@kernel
def value_at_open(
    market: Market, grid: Grid, costs: Costs, held: IntArray, step: int
) -> FloatArray:
    """What the positions are worth at the opens, and the margin that they tie up."""
    opens, last, unit = market.open, market.last, grid.unit
    account = np.zeros(2)
    for j in range(len(held)):
        if held[j] != 0:
            value = held[j] * unit[j] * mark_of(opens[step, j], last[step, j])
            account[_VALUE] += value
            account[_MARGIN] += tied_up(value, costs)
    return account


@kernel
def mark_of(opened: float, last: float) -> float:
    """What a position counts at while another order is looked at."""
    return last if np.isnan(opened) else opened


@kernel
def tied_up(value: float, costs: Costs) -> float:
    """The margin of a position of a signed value."""
    return abs(value) * (costs.margin_long if value > 0 else costs.margin_short)


@kernel
def offer(
    market: Market,
    grid: Grid,
    costs: Costs,
    journal: Journal,
    step: int,
    number: int,
    volume: float,
    account: FloatArray,
    taken: IntArray,
) -> None:
    """Fill what can be filled of an order, and end what no later bar can fill."""
    orders, paid, held, unit = journal.orders, journal.paid, journal.held, grid.unit
    j, side = orders[number, SYMBOL], orders[number, SIDE]
    wanted = orders[number, LEFT]
    if orders[number, REDUCES]:
        wanted = min(wanted, max(-side * held[j], 0))
    capped = min(wanted, most_of(volume, grid.lot[j], costs) - taken[j])
    if wanted == 0:
        orders[number, STATUS], orders[number, ENDED] = NOTHING_TO_CLOSE, step
    if capped == 0:
        return
    mark = unit[j] * mark_of(market.open[step, j], market.last[step, j])
    before = held[j] * mark
    turn = Turn(
        side=side,
        held=held[j],
        may_trim=orders[number, REDUCES] == 0,
        met=market.open[step, j],
        volume=volume,
        taken=float(taken[j]),
        lot=grid.lot[j],
        unit=unit[j],
        tick=grid.tick[j],
        steps=grid.steps[j],
        can_short=grid.can_short[j],
        raw=paid[number, RAW],
        charged=paid[number, CHARGED],
        cash=journal.cash[0],
        others=account[_VALUE] - before,
        margins=account[_MARGIN] - tied_up(before, costs),
    )
    deal = settle(turn, capped, costs)
    if deal.is_close_call:
        note(journal, AFFORDED, step, number, deal.lots)
    if deal.lots == 0:
        orders[number, STATUS], orders[number, ENDED] = REFUSED, step
        orders[number, TRIED] = capped
        return
    book(journal, number, step, capped, side * deal.lots * unit[j] * deal.price, deal)
    after = held[j] * mark
    account[_VALUE] += after - before
    account[_MARGIN] += tied_up(after, costs) - tied_up(before, costs)
    taken[j] += deal.lots
    status = status_after(deal.lots, capped, wanted, orders[number, LEFT])
    if status != WORKING:
        orders[number, STATUS], orders[number, ENDED] = status, step


@kernel
def most_of(volume: float, lot: float, costs: Costs) -> int:
    """The lots that our orders may take of a bar together."""
    if not costs.participation > 0 or np.isnan(volume):
        return _NO_END
    lots, _ = whole(costs.participation * volume / lot)
    return lots


@kernel
def status_after(lots: int, capped: int, wanted: int, left: int) -> int:
    """What becomes of an order that has filled."""
    if lots < capped:
        return TRIMMED
    if left == 0:
        return FILLED
    return NOTHING_LEFT if capped == wanted else WORKING


@kernel
def book(journal: Journal, number: int, step: int, capped: int, money: float, deal: Deal) -> None:
    """Write a fill down and take its money."""
    orders, paid, counts, cash = journal.orders, journal.paid, journal.counts, journal.cash
    fills, prices, row = journal.fills, journal.prices, counts[FILLS]
    if row >= len(fills):
        counts[IS_FULL] = 1
        return
    cash[0] -= money + deal.due + deal.taxes
    journal.held[orders[number, SYMBOL]] += orders[number, SIDE] * deal.lots
    orders[number, LEFT] -= deal.lots
    paid[number, RAW] += deal.raw
    paid[number, CHARGED] += deal.due
    fills[row, ORDER], fills[row, STEP] = number, step
    fills[row, QUANTITY], fills[row, CAPPED] = deal.lots, capped
    prices[row, PRICE], prices[row, COMMISSION] = deal.price, deal.due + deal.taxes
    prices[row, CASH] = cash[0]
    counts[FILLS] += 1


# The account at every close


@kernel
def draw(market: Market, grid: Grid, journal: Journal, initial: float) -> None:
    """Draw the account at every close: between two fills only the prices move.

    Instrument by instrument: step by step every price would lie far from the one before.
    """
    orders, fills, prices = journal.orders, journal.fills, journal.prices
    last, unit, equity = market.by_symbol, grid.unit, journal.equity
    net, gross, steps = journal.net, journal.gross, len(equity)
    lots, since = np.zeros(len(unit), dtype=np.int64), np.zeros(len(unit), dtype=np.int64)
    cash, drawn = initial, 0
    for row in range(journal.counts[FILLS]):
        j, step = orders[fills[row, ORDER], SYMBOL], fills[row, STEP]
        if step > drawn:
            equity[drawn:step] = cash
            drawn = step
        cash = prices[row, CASH]
        if lots[j] != 0:
            add_value(net, gross, last[j], lots[j] * unit[j], since[j], step)
        lots[j] += orders[fills[row, ORDER], SIDE] * fills[row, QUANTITY]
        since[j] = step
    equity[drawn:] = cash
    for j in range(len(lots)):
        if lots[j] != 0:
            add_value(net, gross, last[j], lots[j] * unit[j], since[j], steps)
    equity += net


@kernel
def add_value(
    net: FloatArray, gross: FloatArray, last: FloatArray, unit: float, start: int, stop: int
) -> None:
    """Add what a position is worth from one step to another."""
    for step in range(start, stop):
        value = unit * last[step]
        net[step] += value
        gross[step] += abs(value)
