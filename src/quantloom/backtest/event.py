"""The event-driven executor: one pass over the bars, a Python callback on each.

The loop is written for speed: bars and indicator values come as Python lists, piece by piece;
one `Bar` is used again and again; nothing is matched while no order works. Everything that can
wait, the equity curve and the tables above all, is built afterwards from what the fills left.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from sys import getrefcount
from typing import NoReturn

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.errors import Invalid, QuantloomError
from quantloom.kit import from_ns
from quantloom.market import Bar
from quantloom.strategy import CALLBACKS, Context, Strategy
from quantloom.strategy.loading import describe

# Larger pieces fall out of the processor's cache: 64k rows cost a quarter more a bar than 8k.
CHUNK = 8_192
# How often the collector looks; see `_fewer_collections`.
_THRESHOLDS = 50_000, 20, 100

Progress = Callable[[int, int], None]


class StrategyFailed(Invalid):
    """A strategy's callback raised; the run stops where it was."""

    code = "strategy.failed"

    def __init__(self, strategy: str, callback: str, moment: str, problem: str) -> None:
        super().__init__(strategy, callback, moment, problem)
        self.strategy, self.callback = strategy, callback
        self.moment, self.problem = moment, problem

    def __str__(self) -> str:
        return f"{self.strategy}.{self.callback} failed at {self.moment}: {self.problem}"


class NoCallback(Invalid):
    """A strategy that does not say what to do on a bar."""

    code = "strategy.no_callback"

    def __init__(self, strategy: str) -> None:
        super().__init__(strategy)
        self.strategy = strategy

    def __str__(self) -> str:
        return f"{self.strategy} has no on_bar(self, ctx, bar); write one, it is called on each bar"


class NotPlain(Invalid):
    """A callback that only makes a generator or a coroutine when called."""

    code = "strategy.not_plain"

    def __init__(self, strategy: str, callback: str) -> None:
        super().__init__(strategy, callback)
        self.strategy, self.callback = strategy, callback

    def __str__(self) -> str:
        return (
            f"{self.strategy}.{self.callback} is async or has a yield, so calling it does nothing; "
            "make it a plain method"
        )


def run_event(strategy: Strategy, desk: BarDesk, progress: Progress | None = None) -> None:
    """Run a strategy over the desk's bars; what happened stays in the desk.

    Args:
        progress: called with bars done and bars in all, every 8,192; raising stops the run.
    Raises:
        StrategyFailed: a callback raised.
        NoCallback: the class has no `on_bar`.
        NotPlain: a callback is a generator or a coroutine.
    """
    if type(strategy).on_bar is Strategy.on_bar:
        raise NoCallback(type(strategy).__name__)
    _refuse_coroutines(strategy)
    ctx = Context(desk)
    _connect(strategy, desk, ctx)
    _call(strategy, desk, "initialize", ctx)
    _call(strategy, desk, "on_start", ctx)
    desk.tell()
    with _fewer_collections():
        _drive(strategy, desk, ctx, progress)
    _call(strategy, desk, "on_stop", ctx)
    desk.tell()
    desk.venue.expire_all(desk.now_ns)
    desk.tell()
    # Orders sent on hearing of that end untold: a strategy that always sends anew would never stop.
    desk.venue.expire_all(desk.now_ns)


def _refuse_coroutines(strategy: Strategy) -> None:
    for name in CALLBACKS:
        callback = getattr(strategy, name)
        kinds = iscoroutinefunction, isgeneratorfunction, isasyncgenfunction
        if any(is_kind(callback) for is_kind in kinds):
            raise NotPlain(type(strategy).__name__, name)


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Let the garbage collector look less often.

    A run keeps each order and fill, so the collector finds nothing and looks through more each
    time: a quarter of a run with many trades.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _connect(strategy: Strategy, desk: BarDesk, ctx: Context) -> None:
    """Wire the callbacks that the class overrides; the others cost nothing."""
    if type(strategy).on_fill is not Strategy.on_fill:
        desk.on_fill = lambda fill: _call(strategy, desk, "on_fill", ctx, fill)
    if type(strategy).on_order_update is not Strategy.on_order_update:
        desk.on_update = lambda order: _call(strategy, desk, "on_order_update", ctx, order)


def _drive(strategy: Strategy, desk: BarDesk, ctx: Context, progress: Progress | None) -> None:
    total = len(desk.bars)
    cursor, working, match = desk.cursor, desk.working, desk.match
    on_bar = _bar_callback(strategy, desk)
    # Where a source has volume at all, a bar without any traded nothing and fills nothing.
    knows_volume = bool(np.nansum(desk.bars.volume) > 0)
    bar = _fresh_bar(desk)
    unshared = getrefcount(bar)
    for start in range(0, total, CHUNK):
        stop = min(start + CHUNK, total)
        columns = desk.load(start, stop)
        for (
            cursor.at,
            bar.ts_ns,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
        ) in zip(range(1, stop - start + 1), *columns, strict=True):
            if working and (bar.volume != 0 or not knows_volume):
                match(bar.ts_ns, bar.open, bar.high, bar.low)
            try:
                on_bar(ctx, bar)
            except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001  user code fails as it likes
                _fail(strategy, desk, "on_bar", error)
            if getrefcount(bar) != unshared:
                # Somebody kept the live view: it dies here, and the next bar gets a new one.
                bar.expire()
                bar = _fresh_bar(desk)
        if progress is not None:
            progress(stop, total)


def _bar_callback(strategy: Strategy, desk: BarDesk) -> Callable[[Context, Bar], None]:
    """The strategy's own `on_bar`; with the news of orders sent in it told at once if asked for."""
    if desk.on_update is None:
        return strategy.on_bar

    def on_bar_then_tell(ctx: Context, bar: Bar) -> None:
        strategy.on_bar(ctx, bar)
        desk.tell()

    return on_bar_then_tell


def _fresh_bar(desk: BarDesk) -> Bar:
    bar = Bar()
    bar.symbol = desk.instrument.symbol
    return bar


def _call(strategy: Strategy, desk: BarDesk, callback: str, *args: object) -> None:
    try:
        getattr(strategy, callback)(*args)
    except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001  user code fails as it likes
        _fail(strategy, desk, callback, error)


def _fail(strategy: Strategy, desk: BarDesk, callback: str, error: BaseException) -> NoReturn:
    if isinstance(error, StrategyFailed) or (
        isinstance(error, QuantloomError) and callback == "initialize"
    ):
        raise error
    row = desk.cursor.row
    moment = "the start" if row < 0 else f"{from_ns(int(desk.bars.ts[row])):%Y-%m-%d %H:%M}"
    code = getattr(getattr(strategy, callback), "__code__", None)
    path = "" if code is None else code.co_filename
    problem = describe(error, path)
    raise StrategyFailed(type(strategy).__name__, callback, moment, problem) from error
