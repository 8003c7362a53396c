"""What takes a state from bar to bar: the bar shown to it, and its notes moved to the logs."""

from math import nan

from quantloom.backtest.kernels.grid import deviation, mean_of
from quantloom.backtest.kernels.layout import (
    LOTS,
    SLOTS,
    SQUARE_ROOT,
    Market,
    Run,
    State,
)
from quantloom.backtest.kernels.orders import expire_all
from quantloom.kit.compiling import kernel

# What one bar may fill and close at the most, and the orders that its signals may send: one that
# leaves, and an entry with both its ways out.
_FILLS, _TRIPS, _SENT = 2 * SLOTS, LOTS + SLOTS, 4


@kernel
def show(row: int, market: Market, state: State) -> None:
    """Take up a bar, and the terms of its day where that is another."""
    state.row = row
    state.open, state.high = market.open[row], market.high[row]
    state.low, state.close = market.low[row], market.close[row]
    state.volume = market.volume[row]
    place = market.day[row]
    if place != state.day_place:
        state.day_place = place
        state.day = market.days[place]
    if state.terms.impact == SQUARE_ROOT:
        start = max(row - state.terms.impact_window, 0)
        state.usual = mean_of(market.volume, start, row)
        state.moves = deviation(market.close, start, row) if state.usual > 0 else nan


@kernel
def has_room(run: Run, state: State) -> bool:
    """Whether the logs can take what one bar may fill, close and send at most."""
    logs = run.logs[0]
    free_fills, free_trips = len(run.fills) - logs.fills, len(run.trips) - logs.trips
    takes_orders = not state.terms.keeps_orders or len(run.orders) - state.sent >= _SENT
    return bool(free_fills >= _FILLS and free_trips >= _TRIPS and takes_orders)


@kernel
def flush(run: Run, state: State) -> None:
    """Move the notes of a bar to the logs, which have room for them."""
    logs = run.logs[0]
    for place in range(state.fills):
        run.fills[logs.fills] = state.filled[place]
        logs.fills += 1
    for place in range(state.trips):
        run.trips[logs.trips] = state.closed[place]
        logs.trips += 1
    for place in range(state.ended):
        order = state.gone[place]
        run.orders[order.id - 1] = order
    state.fills = state.trips = state.ended = 0


@kernel
def finish(last: int, run: Run) -> None:
    """End what still waits after the last bar."""
    state = run.state[0]
    state.row = last
    expire_all(state)
    flush(run, state)
