"""What of a run happens inside the sandbox: it is read, made, and written out."""

import pkgutil
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

import msgspec

from quantloom.backtest.crossing import Answer, Moment, Trouble, Wanted, pack_answer
from quantloom.backtest.desk import BarDesk, NoPriceYet
from quantloom.backtest.executors import Engine
from quantloom.backtest.facade import backtest
from quantloom.backtest.lookahead import Watch, aside
from quantloom.backtest.packing import pack, unpack
from quantloom.backtest.run import run_backtest
from quantloom.data import random_walk
from quantloom.errors import QuantloomError
from quantloom.kit.compiling import load_compiled
from quantloom.market import exact, get_calendar
from quantloom.market.products import products
from quantloom.market.rulebook import rule_book
from quantloom.messages import in_chinese
from quantloom.strategy import Strategy, load_source
from quantloom.strategy.presets import SmaCross

# What is loaded where a run first needs it; searches and ticks are not run here.
_LATE = (
    *("quantloom.kit", "quantloom.market", "quantloom.indicators", "quantloom.performance"),
    *("quantloom.trading", "quantloom.simulation", "quantloom.strategy"),
    *(
        "quantloom.backtest.lookahead",
        "quantloom.backtest.lowering",
        *("quantloom.backtest.portfolio", "quantloom.market.rulebook"),
        # A compiler loads much of itself when it meets something new.
        *("numba.core", "numba.core.typing", "numba.core.types", "numba.core.rewrites"),
        *("numba.core.datamodel", "numba.np", "numba.cpython", "numba.misc"),
    ),
)
_COMPILED = """
from quantloom import Bar, Context, Strategy
from quantloom.strategy import compiled

@compiled
class Warm(Strategy):
    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if bar.close > bar.open:
            ctx.buy(bar.symbol, 1)
        else:
            ctx.close(bar.symbol)
"""
_PAUSE_S = 0.2
_WARM_BARS = 64
_CALENDARS = ("24x7", "us_stock", "cn_stock", "cn_futures", "cffex")


def run(payload: memoryview, tell: Callable[[bytes], None]) -> bytes:
    """Make a run of a strategy's text; what a sandbox calls.

    Args:
        payload: a packed `Wanted`. tell: takes a `Moment` as JSON, several times a second at most.
    Returns:
        A packed `Answer`.
    """
    try:
        parts = _made(unpack(payload, Wanted), Telling(tell))
    except QuantloomError as error:
        chinese = in_chinese(error) or str(error)
        parts = pack(Answer(trouble=Trouble(error.code, str(error), chinese)))
    return b"".join(parts)


class Telling:
    """Says how far a run is, and what the account is worth there."""

    def __init__(self, tell: Callable[[bytes], None]) -> None:
        self._tell, self._desk, self._said_s = tell, None, 0.0

    _desk: BarDesk | None

    def watch(self, desk: BarDesk) -> None:
        """Look at the account of a run from now on."""
        self._desk = desk

    def __call__(self, done: int, total: int) -> None:
        """Say it, unless it was said just now."""
        now_s = time.monotonic()
        if now_s - self._said_s < _PAUSE_S and done < total:
            return
        self._said_s = now_s
        moment = Moment(done, total)
        if self._desk is not None:
            with suppress(NoPriceYet, ArithmeticError, ValueError):
                _look(moment, self._desk)
        self._tell(msgspec.json.encode(moment))


def warm_up() -> None:
    """Load what runs load late, and compile what they call, before anything is locked."""
    # There is no second copy of a process that may not fork; this one is a copy itself.
    aside.CAN_COPY = False
    for package in _LATE:
        for found in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
            # Some parts of numba are for devices that are not here.
            with suppress(ImportError):
                import_module(found.name)
    # Each of its files is read when it is first asked for.
    deque(rule_book().files(), maxlen=0)
    products()
    for name in _CALENDARS:
        get_calendar(name)
    bars = random_walk(_WARM_BARS, seed=1)
    compiled = load_source(_COMPILED)
    runs: tuple[tuple[type[Strategy], Engine], ...] = (
        (SmaCross, "vectorised"),
        (compiled, "compiled"),
        (SmaCross, "event"),
    )
    for strategy, engine in runs:
        audit = engine == "event"
        result = backtest(strategy, bars, size=1, engine=engine, trials=False, audit=audit)
        pack_answer(result, {bars.symbol: bars})
    load_compiled()


def _made(wanted: Wanted, telling: Telling) -> list[bytes | memoryview]:
    strategy = load_source(wanted.source, file=wanted.file, class_name=wanted.class_name)
    watch = Watch.begin(wanted.audit)
    result = run_backtest(
        wanted.spec,
        strategy,
        wanted.bars,
        telling,
        detail=wanted.detail,
        benchmark=wanted.benchmark,
        facts=wanted.facts,
        engine=wanted.engine,
        on_ran=watch.keep,
        on_desk=telling.watch,
    )
    return pack_answer(watch.audited(result), wanted.bars)


def _look(moment: Moment, desk: BarDesk) -> None:
    symbol, feed = next(iter(desk.feeds.items()))
    moment.equity = float(desk.ledger.equity(desk.instruments[symbol], exact(feed.price)))
    moment.ts_ns = int(desk.timeline.opens_ns[moment.done - 1])
