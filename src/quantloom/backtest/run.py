"""From a spec, a strategy and bars to a result."""

import warnings
from collections.abc import Callable, Mapping

from quantloom.backtest import compiled
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import Progress, run_event
from quantloom.backtest.executors import Engine, choose, followed
from quantloom.backtest.facts import Facts
from quantloom.backtest.lowering.refusals import NotCompilable, RunsAsPython
from quantloom.backtest.portfolio.running import run_weights
from quantloom.backtest.ready import Ground, Ready, finish, make_ready
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.signalled import follower_of, signals_of
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.vectorised import has_run
from quantloom.market import Bars
from quantloom.market.rulebook import RuleBook
from quantloom.strategy import Strategy

# A warning shows the line of whoever calls `backtest`.
_CALLER = 4


def run_backtest(
    spec: BacktestSpec,
    strategy: type[Strategy],
    bars: Bars | Mapping[str, Bars],
    progress: Progress | None = None,
    *,
    detail: Mapping[str, Bars] | None = None,
    benchmark: Bars | None = None,
    rules: RuleBook | None = None,
    facts: Facts | None = None,
    warm_up: int = 0,
    engine: Engine = "auto",
    on_ran: "OnRan | None" = None,
    on_desk: Callable[[BarDesk], None] | None = None,
) -> BacktestResult:
    """Run a strategy over bars as a spec says.

    Args:
        bars: of the spec's instruments, by symbol; the spec's span is cut out of them.
        progress: called with steps done and steps in all; raising stops the run.
        detail: finer bars to match orders against, by symbol.
        benchmark: what the run is compared with, day by day.
        rules: the book that the spec names; the packaged one where it names one and none is given.
        facts: what is known of the instruments besides their bars.
        warm_up: bars that are seen before the first callback at least, whatever the strategy asks.
        engine: who makes the run; all of them give one result.
        on_ran: told of the desk that the run leaves behind.
        on_desk: told of the desk that a run by callbacks works at, before it begins.
    Raises:
        OtherInstrument: bars that are not the instrument's.
        NotAStrategy: the class does not extend Strategy.
        EmptyRange: no bars in the span.
        BadParameter: a value out of bounds.
        NoSignals: the vectorised engine, and a strategy with neither signals nor weights.
        NotCompilable: the compiled engine, and a strategy that uses what it does not know.
        StrategyFailed: a callback of the strategy raised.
    Warns:
        RunsAsPython: a strategy marked `@compiled` uses such, and nobody has chosen an engine.
    """
    ready = make_ready(
        spec,
        strategy,
        bars,
        detail=detail,
        benchmark=benchmark,
        rules=rules,
        facts=facts,
        warm_up=warm_up,
    )
    chosen, executor = choose(engine, strategy), "compiled"
    desk = None
    if chosen == "compiled":
        desk = _compiled(ready, progress, falls_back=engine == "auto")
    if desk is None:
        desk, executor = _run(ready, chosen, progress, on_desk)
    if on_ran is not None:
        on_ran(ready.ground, desk)
    return finish(ready, desk, executor=executor)


def _compiled(ready: Ready, progress: Progress | None, *, falls_back: bool) -> BarDesk | None:
    """The desk of a run by machine code; None where the event engine has to make it."""
    desk = ready.make_desk()
    # What it has begun on must not be seen.
    running = ready.strategy(**ready.spec.parameters)
    try:
        return desk if compiled.has_run(running, desk, ready.spec, progress) else None
    except NotCompilable as refusal:
        if not falls_back:
            raise
        warnings.warn(RunsAsPython(str(refusal)), stacklevel=_CALLER)
        return None


def _run(
    ready: Ready,
    chosen: Engine,
    progress: Progress | None,
    on_desk: Callable[[BarDesk], None] | None,
) -> tuple[BarDesk, str]:
    """Make a run; give the desk with what happened, and who has made it."""
    means = followed(chosen, ready.strategy)
    if means == "weights":
        by_core = chosen != "event"
        return run_weights(
            ready.running, ready.make_desk, ready.spec, by_core=by_core, progress=progress
        )
    desk, running = ready.make_desk(), ready.running
    if means == "signals":
        desk.said = signals = signals_of(running, desk)
        if chosen == "vectorised" and has_run(desk, ready.spec, signals):
            return desk, "vectorised"
        # What was begun to be booked must not be seen.
        desk, running = ready.make_desk(), follower_of(running, desk, signals)
        desk.said = signals
    if on_desk is not None:
        on_desk(desk)
    run_event(running, desk, progress, ready.spec.state)
    return desk, "event"


OnRan = Callable[[Ground, BarDesk], None]
"""Told of what a finished run stood on, and what it left on its desk."""
