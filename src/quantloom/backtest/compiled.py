"""The compiled executor: a callback in machine code sends orders to the compiled core."""

from importlib import import_module
from typing import Any

import numpy as np

from quantloom.backtest.booking import BookedOtherwise, book
from quantloom.backtest.callbacks import check_callbacks
from quantloom.backtest.core import gap_of, market_of, terms_of
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import Progress
from quantloom.backtest.kernels import layout
from quantloom.backtest.lowering.program import Lowered, lower_strategy
from quantloom.backtest.lowering.refusals import NotCompilable
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.vectorised import outcome_of, with_room
from quantloom.kit import BoolArray
from quantloom.strategy import Context, Signals, Strategy

_KERNELS = "quantloom.backtest.lowering.kernels"
# How much a log has room for at first; it grows with what the run turns out to need.
_ROOM = 4_096
# Bars between two words of progress.
_STRETCH = 65_536


def has_run(
    running: Strategy, desk: BarDesk, spec: BacktestSpec, progress: Progress | None = None
) -> bool:
    """Make a run on its desk, where the core knows all of it and nothing hangs on rounding.

    Args:
        running: the strategy, which nothing was called of yet.
    Returns:
        False where the event engine has to make it; the desk may be used up then.
    Raises:
        NotCompilable: the strategy uses what compiled code does not know.
    """
    if gap_of(desk, spec, None):
        return False
    run = run_in_floats(running, desk, spec, market=market_of(desk, spec), progress=progress)
    if run is None or run.state["doubts"][0]:
        return False
    try:
        book(desk, outcome_of(run), _UNSIGNALLED)
    except BookedOtherwise:
        return False
    return True


def run_in_floats(
    running: Strategy,
    desk: BarDesk,
    spec: BacktestSpec,
    *,
    market: layout.Market,
    progress: Progress | None = None,
) -> layout.Run | None:
    """Make a run that the core knows all of, without exact books.

    Args:
        running: the strategy, which nothing was called of yet.
        market: `market_of` the desk.
    Returns:
        None where the callback does what only the event engine has.
    Raises:
        NotCompilable: the strategy uses what compiled code does not know.
    """
    check_callbacks(running)
    running.initialize(Context(desk))
    _refuse_requests(running, desk)
    lowered = lower_strategy(running, spec.instrument, len(desk.timeline))
    return _drive(desk, spec, lowered, market, progress)


_UNSIGNALLED = Signals(entries=np.zeros(0, dtype=np.bool_))


def _refuse_requests(running: Strategy, desk: BarDesk) -> None:
    """What `initialize` may not ask for."""
    asked = {"sends orders": desk.orders, "asks for timers": desk.timers}
    for what, found in asked.items():
        if found:
            raise NotCompilable(
                type(running).__name__,
                "initialize",
                "",
                f"initialize {what}",
                "send them in on_bar" if found is desk.orders else "count bars in on_bar",
            )


def _drive(
    desk: BarDesk,
    spec: BacktestSpec,
    lowered: Lowered,
    market: layout.Market,
    progress: Progress | None,
) -> layout.Run | None:
    """Go from bar to bar; None where the run needs what only the event engine has."""
    # They load numba, which a run by callbacks alone can do without.
    building: Any = import_module("quantloom.backtest.lowering.building")
    drive: Any = import_module(f"{_KERNELS}.drive").drive
    driving: Any = import_module("quantloom.backtest.kernels.driving")
    own, on_bar = _callback(desk, spec, lowered), building.build(lowered.text)
    run = _new_run(desk, spec)
    row, stop = desk.first_step, len(market.close)
    stretch = stop if progress is None else _STRETCH
    while row < stop:
        row = drive((row, min(row + stretch, stop)), on_bar, own, market, run)
        status = run.state["status"][0]
        if status not in {layout.FINE, layout.LOG_FULL} or own.desk[_FAULT : _FAULT + 2].any():
            return None
        if status == layout.LOG_FULL:
            run = with_room(run)
        elif progress is not None:
            progress(row, stop)
    driving.finish(stop - 1, run)
    return run


# Of the desk, as in the kernels: where it tells of a fault or a doubt.
_FAULT, _AVERAGE_PRICE = 5, 3


def _callback(desk: BarDesk, spec: BacktestSpec, lowered: Lowered) -> Any:
    kernels: Any = import_module(f"{_KERNELS}.drive")
    guards: Any = import_module(f"{_KERNELS}.guards")
    seen = np.zeros(guards.DESK)
    seen[_AVERAGE_PRICE] = np.nan
    top, bottom = spec.instrument.lot.as_integer_ratio()
    feed = next(iter(desk.feeds.values()))
    return kernels.Callback(
        lines=lowered.lines,
        volume=feed.bars.volume,
        numbers=lowered.state,
        desk=seen,
        commands=np.zeros((guards.COMMANDS, guards.CELLS)),
        lot_top=float(top),
        lot_bottom=float(bottom),
        sees_money=lowered.sees_money,
        awake=_awake(desk),
    )


def _awake(desk: BarDesk) -> BoolArray:
    """Where the callback is called; of length 0 where it is everywhere."""
    count = len(desk.timeline)
    masks = [trigger.mask(count) for trigger in desk.triggers]
    return np.logical_or.reduce(masks) if masks else np.zeros(0, dtype=np.bool_)


def _new_run(desk: BarDesk, spec: BacktestSpec) -> layout.Run:
    feed = next(iter(desk.feeds.values()))
    terms = terms_of(spec, _UNSIGNALLED, feed, is_ruled=desk.regime is not None)
    return layout.new_run(float(spec.cash), terms, fills=_ROOM, trips=_ROOM, orders=3 * _ROOM)
