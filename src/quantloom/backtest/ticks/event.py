"""The loop of a run on ticks: a Python callback on each of them."""

from collections.abc import Callable, Mapping
from sys import getrefcount
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.backtest.callbacks import check_callback, check_heard, overrides
from quantloom.backtest.event import CHUNK, Progress, StrategyFailed
from quantloom.backtest.ticks.desk import TickDesk
from quantloom.backtest.ticks.errors import NoTickCallback
from quantloom.errors import QuantloomError
from quantloom.kit import from_ns
from quantloom.market import Tick, get_calendar
from quantloom.strategy import CALLBACKS, Context, Strategy, Timer
from quantloom.strategy.loading import describe

_COLUMNS = ("kind", "price", "size", "side")
_BOOK = ("bid", "bid_size", "ask", "ask_size")


def run_ticks(
    strategy: Strategy,
    desk: TickDesk,
    progress: Progress | None = None,
    state: Mapping[str, Any] | None = None,
) -> None:
    """Run a strategy over the desk's ticks; what happened stays in the desk.

    Args:
        progress: called with ticks done and ticks in all, every 8,192; raising stops the run.
        state: what an earlier run saved.
    Raises:
        StrategyFailed: a callback raised.
        NoTickCallback: the class has no callback for ticks or timers.
        NotPlain, WrongSignature, Unheard: as for a run on bars.
    """
    _check(strategy)
    ctx = Context(desk)
    call = _Calls(strategy, desk)
    if overrides(strategy, "on_fill"):
        desk.on_fill = lambda fill: call("on_fill", ctx, fill)
    if overrides(strategy, "on_order_update"):
        desk.on_update = lambda order: call("on_order_update", ctx, order)
    call("initialize", ctx)
    check_heard(strategy, has_timers=bool(desk.timers), has_state=bool(state))
    if state:
        call("restore_state", state)
    call("on_start", ctx)
    _drive(strategy, desk, ctx, call, progress)
    desk.advance(desk.now_ns)  # what was sent on the last tick, and has arrived already
    desk.expire_all()
    call("on_stop", ctx)
    desk.expire_all()


def _check(strategy: Strategy) -> None:
    if not (overrides(strategy, "on_tick") or overrides(strategy, "on_timer")):
        raise NoTickCallback(type(strategy).__name__)
    for name in CALLBACKS:
        if overrides(strategy, name):
            check_callback(strategy, name)


class _Calls:
    """Calls the strategy, and says where it was if that fails."""

    def __init__(self, strategy: Strategy, desk: TickDesk) -> None:
        self.strategy, self.desk = strategy, desk

    def __call__(self, callback: str, *args: object) -> None:
        try:
            getattr(self.strategy, callback)(*args)
        except (Exception, SystemExit, GeneratorExit) as error:
            raise self.failure(callback, error) from error

    def failure(self, callback: str, error: BaseException) -> BaseException:
        """What to raise in place of what a callback raised."""
        if isinstance(error, StrategyFailed) or (
            isinstance(error, QuantloomError) and callback == "initialize"
        ):
            return error
        moment = "the start"
        if self.desk.row >= 0:
            moment = f"{from_ns(self.desk.now_ns):%Y-%m-%d %H:%M:%S.%f}"
        code = getattr(getattr(self.strategy, callback), "__code__", None)
        problem = describe(error, "" if code is None else code.co_filename)
        return StrategyFailed(type(self.strategy).__name__, callback, moment, problem)


def _drive(
    strategy: Strategy, desk: TickDesk, ctx: Context, call: _Calls, progress: Progress | None
) -> None:
    total = len(desk.ticks)
    rings = _rings(desk)
    on_tick = strategy.on_tick if overrides(strategy, "on_tick") else None
    for start in range(0, total, CHUNK):
        stop = min(start + CHUNK, total)
        _drive_chunk(desk, start, stop, on_tick, ctx=ctx, call=call, rings=rings)
        if progress is not None:
            progress(stop, total)


def _drive_chunk(
    desk: TickDesk,
    start: int,
    stop: int,
    on_tick: Callable[[Context, Tick], None] | None,
    *,
    ctx: Context,
    call: _Calls,
    rings: Mapping[int, list[Timer]],
) -> None:
    requests, news, working = desk.requests, desk.news, desk.exchange.working
    tick = Tick()
    unshared = getrefcount(tick)
    tick.symbol = symbol = desk.ticks.symbol
    for row, (
        tick.received_ns,
        tick.ts_ns,
        tick.kind,
        tick.price,
        tick.size,
        tick.side,
        tick.bid,
        tick.bid_size,
        tick.ask,
        tick.ask_size,
    ) in zip(range(start, stop), _rows(desk, start, stop), strict=True):
        received = tick.received_ns
        if requests or news or working:
            desk.advance(received)
        desk.row, desk.now_ns = row, received
        if row in rings:
            for timer in rings[row]:
                call("on_timer", ctx, timer)
        if on_tick is not None:
            try:
                on_tick(ctx, tick)
            except (Exception, SystemExit, GeneratorExit) as error:
                raise call.failure("on_tick", error) from error
        if getrefcount(tick) != unshared:  # somebody kept it: the next one is another object
            tick = Tick()
            tick.symbol = symbol
    desk.begin_tick()


def _rows(desk: TickDesk, start: int, stop: int) -> "zip[tuple[Any, ...]]":
    """The rows of a chunk as tuples, in the order in which the loop takes them."""
    ticks = desk.ticks
    columns = [desk.received, ticks.ts, *(getattr(ticks, name) for name in _COLUMNS)]
    columns += [getattr(ticks, name)[:, 0] for name in _BOOK]
    return zip(*(column[start:stop].tolist() for column in columns), strict=True)


def _rings(desk: TickDesk) -> dict[int, list[Timer]]:
    """The timers that ring at each row: before the first tick heard of at or after their time."""
    if not desk.timers:
        return {}
    symbol = desk.ticks.symbol
    zone = ZoneInfo(get_calendar(desk.instruments[symbol].calendar).timezone)
    rings: dict[int, list[Timer]] = {}
    for timer in desk.timers:
        for row in np.flatnonzero(timer.due(desk.received, zone)).tolist():
            rings.setdefault(row, []).append(timer)
    return rings
