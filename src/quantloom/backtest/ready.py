"""A run put together before it begins, and gathered when it is over."""

import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from quantloom.backtest.carry import Carry
from quantloom.backtest.corporate import Corporate
from quantloom.backtest.dayend import DayEnd
from quantloom.backtest.dayorders import DayOrders
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.dues import Due
from quantloom.backtest.facts import Facts
from quantloom.backtest.funding import FundingPayments
from quantloom.backtest.liquidations import Liquidations
from quantloom.backtest.outcome import make_result
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.rolling import Rolls
from quantloom.backtest.spec import BacktestSpec, BadRunSetting
from quantloom.errors import Invalid
from quantloom.kit import from_ns, to_ns
from quantloom.market import Bars, EmptyRange
from quantloom.market.rulebook import RuleBook, rule_book
from quantloom.strategy import Strategy


class NotAStrategy(Invalid):
    """Something else than a working subclass of Strategy."""

    code = "backtest.not_a_strategy"

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return (
            f"{self.given} is no strategy; pass a class that extends Strategy, or its name; "
            "an asynchronous class goes through quantloom.strategy.adapt"
        )


class OtherInstrument(Invalid):
    """Bars of one symbol with the instrument of another."""

    code = "backtest.other_instrument"

    def __init__(self, symbol: str, instrument: str) -> None:
        super().__init__(symbol, instrument)
        self.symbol, self.instrument = symbol, instrument

    def __str__(self) -> str:
        return f"the bars are of {self.symbol}, the instrument is {self.instrument}; make them one"


class BadState(Invalid):
    """A saved state that holds something else than plain values."""

    code = "strategy.bad_state"

    def __init__(self, strategy: str, problem: str) -> None:
        super().__init__(strategy, problem)
        self.strategy, self.problem = strategy, problem

    def __str__(self) -> str:
        return (
            f"{self.strategy}.save_state gave what cannot be kept: {self.problem}; "
            "return a dict of str, int, float, bool, None, lists and dicts"
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """What a run stands on, from which it can be made again over other bars.

    Attributes:
        spec: with every parameter. seen: the bars of its span by symbol, those of the warm-up too.
        warm_up: bars before the first callback.
    """

    spec: BacktestSpec
    strategy: type[Strategy]
    seen: Mapping[str, Bars]
    warm_up: int = 0
    detail: Mapping[str, Bars] | None = None
    rules: RuleBook | None = None
    facts: Facts | None = None

    def make_desk(self, seen: Mapping[str, Bars]) -> BarDesk:
        """Make the desk of a run over bars, with all that acts on its account.

        Raises:
            EmptyRange: the bars end within the warm-up.
        """
        desk = BarDesk(self.spec, seen, self.detail, self.rules, self.facts)
        desk.first_step = _first_step(desk, self.spec, self.warm_up)
        _wire(desk, self.spec)
        return desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A run that nothing has happened in yet.

    Attributes:
        spec: with the checked values of every parameter.
        strategy: the class. running: made of it, not called yet.
        ground: what desks are made from.
        benchmark: what the run is compared with.
    """

    spec: BacktestSpec
    strategy: type[Strategy]
    running: Strategy
    ground: Ground
    benchmark: Bars | None = None

    def make_desk(self) -> BarDesk:
        """Make a desk with the bars, those of the warm-up before them."""
        return self.ground.make_desk(self.ground.seen)


def make_ready(
    spec: BacktestSpec,
    strategy: type[Strategy],
    bars: Bars | Mapping[str, Bars],
    *,
    detail: Mapping[str, Bars] | None = None,
    benchmark: Bars | None = None,
    rules: RuleBook | None = None,
    facts: Facts | None = None,
    warm_up: int = 0,
) -> Ready:
    """Put a run together; what is given and raised is as for `run_backtest`."""
    listed = bars.values() if isinstance(bars, Mapping) else [bars]
    given = {one.symbol: one for one in listed}
    if len(given) != len(listed) or sorted(given) != sorted(spec.symbols):
        found = ", ".join(one.symbol for one in listed)
        raise OtherInstrument(found, ", ".join(spec.symbols))
    _check_detail(detail or {}, given)
    running = make_strategy(strategy, spec)
    spec = replace(spec, parameters=running.values)
    warm_up = max(running.warm_up(), warm_up)
    seen = {symbol: with_warm_up(given[symbol], spec, warm_up) for symbol in spec.symbols}
    book = rules or (None if spec.rules is None else rule_book())
    ground = Ground(spec, strategy, seen, warm_up, detail=detail, rules=book, facts=facts)
    return Ready(spec=spec, strategy=strategy, running=running, ground=ground, benchmark=benchmark)


def finish(ready: Ready, desk: BarDesk, *, executor: str) -> BacktestResult:
    """Gather what a finished run is kept as.

    Args:
        desk: on which it was made. executor: who has made it.
    Raises:
        BadState: the strategy saves what cannot be kept.
    """
    return make_result(
        ready.spec,
        ready.strategy,
        desk,
        state=state_of(ready.running),
        benchmark=ready.benchmark,
        executor=executor,
    )


def _wire(desk: BarDesk, spec: BacktestSpec) -> None:
    """Let happen what acts on the account besides the strategy."""
    if desk.regime is not None:
        desk.day_end = DayEnd(desk, desk.regime)
        if any(one.is_swap for one in spec.instruments):
            desk.liquidations = Liquidations(desk, desk.regime, spec.currency)
    desk.due += _dues(desk, spec)
    if desk.chains:
        _refuse_locks(spec)
        desk.rolls = Rolls(desk)
        desk.due.append(desk.rolls)


def _dues(desk: BarDesk, spec: BacktestSpec) -> Iterator[Due]:
    """What happens to the account between bars, in the order in which it happens."""
    if desk.regime is not None:
        yield DayOrders(desk, spec.latency)
    if not spec.carry.is_nothing:
        yield Carry(spec.carry, desk)
    if desk.regime is not None and any(one.is_swap for one in spec.instruments):
        yield FundingPayments(desk, desk.regime)
    if desk.facts.actions:
        yield Corporate(desk, spec.rights)


def _refuse_locks(spec: BacktestSpec) -> None:
    """A lock holds both sides of one contract, and a roll moves what is held in all."""
    offsets = None if spec.rules is None else spec.rules.offsets
    if offsets is not None and offsets.allow_lock:
        wanted = '"close" where a series rolls: a lock is not carried to another contract'
        raise BadRunSetting("offsets", "with locks", wanted)


def _check_detail(detail: Mapping[str, Bars], bars: Mapping[str, Bars]) -> None:
    """Refuse detail that is no finer, which would show orders what has not happened yet."""
    for symbol, fine in detail.items():
        if symbol not in bars:
            raise OtherInstrument(symbol, ", ".join(bars))
        if fine.timeframe.ns >= bars[symbol].timeframe.ns:
            wanted = f"finer than the {bars[symbol].timeframe} bars of {symbol}"
            raise BadRunSetting("detail", f"of {fine.timeframe} bars", wanted)


def make_strategy(strategy: type[Strategy], spec: BacktestSpec) -> Strategy:
    given: object = strategy  # whatever its annotation says
    if not (isinstance(given, type) and issubclass(given, Strategy)):
        is_made = isinstance(given, Strategy)
        raise NotAStrategy(f"an object of {type(given).__name__}" if is_made else repr(given))
    running = strategy(**spec.parameters)
    if not hasattr(running, "values"):
        raise NotAStrategy(f"{strategy.__name__}, whose __init__ leaves super().__init__ out,")
    return running


def with_warm_up(bars: Bars, spec: BacktestSpec, warm_up: int) -> Bars:
    """Cut the run's span out, with as many bars before it as the strategy warms up on."""
    span = bars.between(spec.start, spec.end)
    if not warm_up or spec.start is None:
        return span
    first = int(np.searchsorted(bars.ts, span.ts[0]))
    return bars[max(first - warm_up, 0) : first + len(span)]


def _first_step(desk: BarDesk, spec: BacktestSpec, warm_up: int) -> int:
    """The first step with a callback: past the warm-up, and not before the run's start."""
    if not warm_up:
        return 0
    timeline = desk.timeline
    started = 0 if spec.start is None else to_ns(spec.start)
    is_warm = (timeline.rows >= warm_up).all(axis=1) & (timeline.opens_ns >= started)
    if not is_warm.any():
        longest = next(iter(desk.feeds.values())).bars
        raise EmptyRange(longest.symbol, from_ns(int(timeline.closes_ns[-1])), None)
    return int(np.argmax(is_warm))


def state_of(strategy: Strategy) -> dict[str, Any]:
    saved: object = strategy.save_state()  # whatever its annotation says
    if type(saved) is not dict:
        raise BadState(type(strategy).__name__, f"{saved!r}, no dict")
    odd = next(_odd(saved, ""), None)
    if odd is not None:
        raise BadState(type(strategy).__name__, odd)
    return deepcopy(saved)


_PLAIN = (str, int, float, bool, type(None))


def _odd(value: object, path: str) -> Iterator[str]:
    """What would come back from JSON as something else, and where it is."""
    if type(value) is dict:
        for name, inner in value.items():
            if type(name) is str:
                yield from _odd(inner, f"{path}[{name!r}]")
            else:
                yield f"the key {name!r} in state{path}"
    elif type(value) is list:
        for place, inner in enumerate(value):
            yield from _odd(inner, f"{path}[{place}]")
    elif type(value) not in _PLAIN or (type(value) is float and not math.isfinite(value)):
        yield f"{value!r}, of type {type(value).__name__}, as state{path}"
