"""The pass over the steps: orders that wait fill at the open, weights become orders at the close.

What `strategy.WeightFollower` does in the event engine, in floats and for hundreds of instruments.
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
    price_of,
    settle,
    whole,
)
from quantloom.kit import FloatArray, IntArray
from quantloom.kit.compiling import kernel


class Journal(NamedTuple):
    """All that a run writes down.

    Attributes:
        orders: (., 9) symbol, side, lots, lots left, step sent, step ended, status, whether it
            only closes, lots tried where it was refused.
        paid: (., 2) commission of each order before and after its minimum.
        fills: (., 4) order, step, lots, and the lots before the account cut them.
        prices: (., 3) price, commission, cash afterwards.
        waiting: orders that have not ended.
        unsure: (., 4) what hangs on rounding: kind, step, symbol or order, lots.
        counts: orders, fills, decisions that hang on rounding, orders that wait; is it full.
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
    steps, count = market.last.shape
    expected, taken = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    place = np.searchsorted(rows, first)
    for step in range(first, steps):
        if journal.counts[WAITING] > 0:
            match_open(market, grid, costs, journal, step=step, taken=taken)
        mark(market, grid, journal, step)
        if place < len(rows) and rows[place] == step:
            expect(journal, expected)
            send(
                market,
                grid,
                journal,
                step=step,
                weights=weights[place],
                is_money=is_money,
                expected=expected,
            )
            place += 1
        if journal.counts[IS_FULL] > 0:
            return


@kernel
def mark(market: Market, grid: Grid, journal: Journal, step: int) -> None:
    """Write down what the account is worth at a close."""
    net = gross = 0.0
    last = market.last[step]
    for j in range(len(journal.held)):
        if journal.held[j] != 0:
            value = journal.held[j] * grid.unit[j] * last[j]
            net += value
            gross += abs(value)
    journal.equity[step] = journal.cash[0] + net
    journal.net[step] = net
    journal.gross[step] = gross


# From weights to orders


@kernel
def expect(journal: Journal, expected: IntArray) -> None:
    """The positions once every order on its way has filled, in the order they were sent."""
    expected[:] = journal.held
    for place in range(journal.counts[WAITING]):
        order = journal.orders[journal.waiting[place]]
        j, step = order[SYMBOL], order[LEFT]
        if order[REDUCES]:
            step = min(step, max(-order[SIDE] * expected[j], 0))
        expected[j] += order[SIDE] * step


@kernel
def send(
    market: Market,
    grid: Grid,
    journal: Journal,
    step: int,
    weights: FloatArray,
    is_money: bool,
    expected: IntArray,
) -> None:
    """Send the orders that lead to weights, what grows least first."""
    base = 1.0 if is_money else journal.equity[step]
    chosen = np.empty(len(weights), dtype=np.int64)
    growth = np.empty(len(weights))
    found = 0
    for j in range(len(weights)):
        if np.isnan(weights[j]) or (weights[j] == 0 and expected[j] == 0):
            continue
        held = 0.0
        if journal.held[j] != 0:
            held = abs(journal.held[j] * grid.unit[j] * market.last[step, j])
        chosen[found] = j
        growth[found] = abs(weights[j] * base) - held
        found += 1
    turns = order_of(growth[:found])
    for place in range(found):
        j = chosen[turns[place]]
        if place > 0:
            gap = growth[turns[place]] - growth[turns[place - 1]]
            if gap != 0 and gap <= NEAR * max(abs(base), abs(growth[turns[place]])):
                note(journal, TURN, step, j, 0)
        price = grid.unit[j] * market.last[step, j]
        lots = lots_of(journal, step, j, weights[j] * base, price)
        if lots != expected[j]:
            add_order(journal, j, lots - expected[j], step, lots == 0)


@kernel
def lots_of(journal: Journal, step: int, j: int, value: float, price: float) -> int:
    """The lots, signed as a value is, that it pays for."""
    if value == 0:
        return 0
    lots, is_unsure = whole(abs(value) / price)
    if is_unsure:
        note(journal, WANTED, step, j, lots)
    return -lots if value < 0 else lots


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
def note(journal: Journal, kind: int, step: int, subject: int, lots: int) -> None:
    """Keep what rounding may have decided, to be looked at in decimals."""
    row = journal.counts[UNSURE]
    if row >= len(journal.unsure):
        journal.counts[IS_FULL] = 1
        return
    unsure = journal.unsure[row]
    unsure[KIND], unsure[WHEN], unsure[SUBJECT], unsure[CAME_TO] = kind, step, subject, lots
    journal.counts[UNSURE] += 1


@kernel
def add_order(journal: Journal, j: int, lots: int, step: int, reduces: bool) -> None:
    number = journal.counts[ORDERS]
    if number >= len(journal.orders):
        journal.counts[IS_FULL] = 1
        return
    order = journal.orders[number]
    order[SYMBOL], order[SIDE], order[LOTS] = j, (1 if lots > 0 else -1), abs(lots)
    order[LEFT], order[SENT], order[ENDED] = abs(lots), step, -1
    order[STATUS], order[REDUCES] = WORKING, reduces
    journal.paid[number, RAW] = journal.paid[number, CHARGED] = 0.0
    journal.waiting[journal.counts[WAITING]] = number
    journal.counts[WAITING] += 1
    journal.counts[ORDERS] += 1


# From orders to fills


@kernel
def match_open(
    market: Market, grid: Grid, costs: Costs, journal: Journal, step: int, taken: IntArray
) -> None:
    """Offer the bars of a step to every order that waits, the one sent first first."""
    taken[:] = 0
    account = np.zeros(2)
    value_at_open(market, grid, costs, journal, step=step, account=account)
    left = 0
    for place in range(journal.counts[WAITING]):
        number = journal.waiting[place]
        if is_offered(market, grid, journal, step=step, number=number):
            offer(
                market,
                grid,
                costs,
                journal,
                step=step,
                number=number,
                account=account,
                taken=taken,
            )
        if journal.orders[number, STATUS] == WORKING:
            journal.waiting[left] = number
            left += 1
    journal.counts[WAITING] = left


@kernel
def value_at_open(
    market: Market, grid: Grid, costs: Costs, journal: Journal, step: int, account: FloatArray
) -> None:
    """What the positions are worth at the opens, and the margin that they tie up."""
    for j in range(len(journal.held)):
        if journal.held[j] != 0:
            value, margin = worth_at_open(market, grid, costs, journal, step=step, j=j)
            account[0] += value
            account[1] += margin


@kernel
def worth_at_open(
    market: Market, grid: Grid, costs: Costs, journal: Journal, step: int, j: int
) -> tuple[float, float]:
    price = market.open[step, j]
    if np.isnan(price):
        price = market.last[step, j]
    value = journal.held[j] * grid.unit[j] * price
    return value, abs(value) * (costs.margin_long if value > 0 else costs.margin_short)


@kernel
def is_offered(market: Market, grid: Grid, journal: Journal, step: int, number: int) -> bool:
    """Whether a bar that trades has opened since the order was sent."""
    j = journal.orders[number, SYMBOL]
    if np.isnan(market.open[step, j]):
        return False
    opens_ns = market.opens_ns[step, j if market.opens_ns.shape[1] > 1 else 0]
    if opens_ns < market.closes_ns[journal.orders[number, SENT]]:
        return False
    return not (grid.counts[j] and market.volume[step, j] == 0)


@kernel
def offer(
    market: Market,
    grid: Grid,
    costs: Costs,
    journal: Journal,
    step: int,
    number: int,
    account: FloatArray,
    taken: IntArray,
) -> None:
    """Fill what can be filled of an order, and end what no later bar can fill."""
    order, paid = journal.orders[number], journal.paid[number]
    j, side, held = order[SYMBOL], order[SIDE], journal.held[order[SYMBOL]]
    wanted = order[LEFT]
    if order[REDUCES]:
        wanted = min(wanted, max(-side * held, 0))
    if wanted == 0:
        end(order, NOTHING_TO_CLOSE, step)
        return
    volume = market.volume[step, j] if grid.counts[j] else np.nan
    capped = wanted
    if costs.participation > 0 and not np.isnan(volume):
        most, _ = whole(costs.participation * volume / grid.lot[j])
        capped = min(wanted, most - taken[j])
    if capped == 0:
        return
    price = price_of(
        market.open[step, j],
        capped,
        side,
        j,
        taken=float(taken[j]),
        volume=volume,
        grid=grid,
        costs=costs,
    )
    value, margin = worth_at_open(market, grid, costs, journal, step=step, j=j)
    deal = settle(
        capped,
        held,
        price,
        side,
        j,
        may_trim=order[REDUCES] == 0,
        raw=paid[RAW],
        charged=paid[CHARGED],
        cash=journal.cash[0],
        others=account[0] - value,
        margins=account[1] - margin,
        grid=grid,
        costs=costs,
    )
    if deal.is_close_call:
        note(journal, AFFORDED, step, number, deal.lots)
    if deal.lots == 0:
        order[TRIED] = capped
        end(order, REFUSED, step)
        return
    book(grid, journal, number=number, step=step, capped=capped, deal=deal)
    now_value, now_margin = worth_at_open(market, grid, costs, journal, step=step, j=j)
    account[0] += now_value - value
    account[1] += now_margin - margin
    taken[j] += deal.lots
    if deal.lots < capped:
        end(order, TRIMMED, step)
    elif order[LEFT] == 0:
        end(order, FILLED, step)
    elif capped == wanted:
        end(order, NOTHING_LEFT, step)


@kernel
def end(order: IntArray, status: int, step: int) -> None:
    order[STATUS] = status
    order[ENDED] = step


@kernel
def book(grid: Grid, journal: Journal, number: int, step: int, capped: int, deal: Deal) -> None:
    """Write a fill down and take its money."""
    order, paid = journal.orders[number], journal.paid[number]
    j, side = order[SYMBOL], order[SIDE]
    journal.cash[0] -= side * deal.lots * grid.unit[j] * deal.price + deal.due + deal.taxes
    journal.held[j] += side * deal.lots
    order[LEFT] -= deal.lots
    paid[RAW] += deal.raw
    paid[CHARGED] += deal.due
    row = journal.counts[FILLS]
    if row >= len(journal.fills):
        journal.counts[IS_FULL] = 1
        return
    fill, money = journal.fills[row], journal.prices[row]
    fill[ORDER], fill[STEP], fill[QUANTITY], fill[CAPPED] = number, step, deal.lots, capped
    money[PRICE], money[COMMISSION], money[CASH] = (
        deal.price,
        deal.due + deal.taxes,
        journal.cash[0],
    )
    journal.counts[FILLS] += 1
