"""The vectorised executor: signals followed by the compiled core, and booked exactly."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

from quantloom.backtest.booking import BookedOtherwise, Outcome, book
from quantloom.backtest.core import gap_of, market_of, terms_of, with_ways_out
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.kernels import layout
from quantloom.backtest.spec import BacktestSpec
from quantloom.strategy import Signals

_KERNELS = "quantloom.backtest.kernels"
# How much a log has room for at first; it grows with what the run turns out to need.
_ROOM = 4_096


def has_run(desk: BarDesk, spec: BacktestSpec, signals: Mapping[str, Signals]) -> bool:
    """Make a run on its desk, where the core knows all of it and nothing hangs on rounding.

    Returns:
        False where the event engine has to make it; the desk may be used up then.
    """
    first = next(iter(signals.values()))
    if gap_of(desk, spec, first):
        return False
    run = follow(desk, spec, first)
    if run is None or run.state["doubts"][0]:
        return False
    try:
        book(desk, outcome_of(run), first)
    except BookedOtherwise:
        return False
    return True


def follow(
    desk: BarDesk,
    spec: BacktestSpec,
    signals: Signals,
    *,
    keeps_orders: bool = True,
    market: layout.Market | None = None,
) -> layout.Run | None:
    """Follow signals in floats; None where they need more room than the core has.

    Args:
        keeps_orders: whether every order is kept, as the exact ledger needs them.
        market: `market_of` the desk, where it is made already.
    """
    feed = next(iter(desk.feeds.values()))
    market = with_ways_out(market or market_of(desk, spec), signals, feed)
    is_ruled = desk.regime is not None
    terms = terms_of(spec, signals, feed, is_ruled=is_ruled)
    orders = 3 * _ROOM if keeps_orders else 0
    cash = float(spec.cash)
    run = layout.new_run(cash, terms, fills=_ROOM, trips=_ROOM, orders=orders)
    return _drive(run, market, signals, desk.first_step)


def _drive(
    run: layout.Run, market: layout.Market, signals: Signals, start: int
) -> layout.Run | None:
    """Go from bar to bar, with more room wherever a log is full."""
    # They load numba, which a run by callbacks alone can do without.
    kernels: Any = import_module(f"{_KERNELS}.signals")
    driving: Any = import_module(f"{_KERNELS}.driving")
    weights = signals.weights
    advance = kernels.advance if weights is None else kernels.advance_weights
    wanted: Any = signals.codes() if weights is None else weights.copy()
    row, stop = start, len(market.close)
    while row < stop:
        row = advance(row, stop, wanted, market, run)
        status = run.state["status"][0]
        if status == layout.LOG_FULL:
            run = with_room(run)
        elif status != layout.FINE:
            return None
    driving.finish(stop - 1, run)
    return run


def with_room(run: layout.Run) -> layout.Run:
    """The same run with twice as much room in its logs."""
    logs = {name: _doubled(getattr(run, name)) for name in ("fills", "trips", "orders")}
    return run._replace(**logs)


def _doubled(log: layout.Records) -> layout.Records:
    return np.concatenate([log, np.zeros_like(log)])


def outcome_of(run: layout.Run) -> Outcome:
    """What a finished run has decided."""
    state = run.state[0]
    return Outcome(
        orders=run.orders[: state["sent"]],
        fills=run.fills[: run.logs["fills"][0]],
        cash=float(state["cash"] - state["cash_rest"]),
    )
