"""Backtests of code that nobody vouches for: the whole run in the sandbox, bars in, result out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import msgspec

from quantloom.backtest.crossing import (
    Funded,
    Listed,
    Moment,
    Trouble,
    Wanted,
    pack_wanted,
    read_answer,
)
from quantloom.backtest.executors import Engine
from quantloom.backtest.facts import Facts
from quantloom.backtest.lookahead import AuditSetting
from quantloom.backtest.packing import BadPacking
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.spec import BacktestSpec, BadRunSetting
from quantloom.errors import Conflict, Invalid
from quantloom.market import Bars
from quantloom.market.rulebook import rule_book
from quantloom.sandbox import (
    Cancellation,
    Cancelled,
    Crashed,
    Hear,
    Limits,
    Outcome,
    OverLimit,
    Payload,
    Profile,
    Refused,
    Sandbox,
    TimedOut,
    Value,
    Walls,
)

INSIDE = "quantloom.backtest.inside"
LIMITS = Limits(
    memory=2 << 30, cpu_s=600, wall_s=900, output=512 << 20, log=256 << 10, progress=16 << 20
)
"""What a run may use where nobody says otherwise."""

PRELOAD = (
    *("abc", "array", "asyncio", "bisect", "calendar", "cmath", "collections", "contextlib"),
    *("copy", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib"),
    *("heapq", "itertools", "json", "math", "numbers", "operator", "random", "re", "statistics"),
    *("string", "struct", "textwrap", "time", "types", "typing", "uuid", "warnings", "zoneinfo"),
    *("numpy", "numba", "talib", "quantloom", "quantloom.strategy.presets"),
)
"""Modules that strategies find in the sandbox, besides those of `preload`."""


class RefusedInside(Invalid):
    """A run that was refused in the sandbox, in the words of the error that it ended with."""

    code = "backtest.refused_inside"

    def __init__(self, inner_code: str, text: str, chinese: str) -> None:
        super().__init__(inner_code, text, chinese)
        self.inner_code, self.text, self.chinese = inner_code, text, chinese

    def __str__(self) -> str:
        return self.text


class RunEnded(Invalid):
    """A run that came to an end without a result."""

    code = "backtest.run_ended"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail

    def __str__(self) -> str:
        return f"the run was ended ({self.reason}): {self.detail}"


class RunCancelled(Conflict):
    """A run that was called off."""

    code = "backtest.run_cancelled"

    def __init__(self, strategy: str) -> None:
        super().__init__(strategy)
        self.strategy = strategy

    def __str__(self) -> str:
        return f"the run of {self.strategy} was called off; start it again to have a result"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxedRun:
    """A run of a strategy's text.

    Attributes:
        spec: its settings. A rule book that they name is the packaged one.
        source: text of the strategy's file. file: what errors call it. class_name: which class of
            it; its only one where empty.
        bars: of the spec's instruments, by symbol. detail: finer ones of them.
        benchmark: what it is compared with. facts: what is known besides bars.
        engine, audit: as `backtest` takes them.
    """

    spec: BacktestSpec
    source: str
    bars: Mapping[str, Bars]
    file: str = "strategy.py"
    class_name: str = ""
    detail: Mapping[str, Bars] | None = None
    benchmark: Bars | None = None
    facts: Facts = field(default_factory=Facts)
    engine: Engine = "auto"
    audit: AuditSetting = False

    def pack(self) -> Payload:
        """Write it into sealed memory, which any number of runs may read; close it afterwards.

        Raises:
            BadRunSetting: it follows another rule book than the packaged one.
        """
        rules = self.spec.rules
        if rules is not None and rules.version != rule_book().version:
            wanted = "the packaged rule book; overlays do not reach the sandbox"
            raise BadRunSetting("rules", rules.version, wanted)
        return Payload(*pack_wanted(self._wanted()))

    def _wanted(self) -> Wanted:
        facts = self.facts
        spec = {
            "spec": msgspec.to_builtins(self.spec),
            "slippage": type(self.spec.slippage).__name__,
            "sizing": type(self.spec.sizing).__name__,
        }
        return Wanted(
            source=self.source,
            file=self.file,
            class_name=self.class_name,
            settings=spec,
            bars=dict(self.bars),
            detail=None if self.detail is None else dict(self.detail),
            benchmark=self.benchmark,
            actions={symbol: tuple(ones) for symbol, ones in facts.actions.items()},
            chains=dict(facts.chains),
            listings={
                symbol: Listed(**{name: getattr(one, name) for name in Listed.__struct_fields__})
                for symbol, one in facts.listings.items()
            },
            funding={symbol: Funded(*one.columns()) for symbol, one in facts.funding.items()},
            marks=dict(facts.marks),
            rates=dict(facts.rates),
            engine=self.engine,
            audit=self.audit,
        )


def open_sandbox(
    *,
    profile: Profile = Profile.NORMAL,
    limits: Limits = LIMITS,
    preload: Sequence[str] = (),
    walls: Walls = "required",
    **options: Any,
) -> Sandbox:
    """A sandbox for backtests, with the engine loaded and its kernels warm; close it afterwards.

    Args:
        profile, limits, walls, options: as `Sandbox` takes them.
        preload: further modules that strategies may import; those not installed are left out.
    """
    there = [name for name in (*PRELOAD, *preload) if find_spec(name) is not None]
    return Sandbox(
        preload=(*there, INSIDE),
        profile=profile,
        limits=limits,
        warm_up=f"{INSIDE}:warm_up",
        walls=walls,
        **options,
    )


def run_sandboxed(
    sandbox: Sandbox,
    run: SandboxedRun,
    *,
    payload: Payload | None = None,
    limits: Limits | None = None,
    on_moment: Callable[[Moment], None] | None = None,
    on_log: Hear | None = None,
    cancellation: Cancellation | None = None,
) -> BacktestResult:
    """Make a run in the sandbox.

    Args:
        sandbox: one of `open_sandbox`.
        payload: the run as it was packed; packed here where not given.
        limits: of this run.
        on_moment: told several times a second how far it is; raising ends the run.
        on_log: handed what the strategy prints. cancellation: calls it off from another thread.
    Returns:
        The result, the same as without a sandbox; made by code that is not trusted.
    Raises:
        RefusedInside: the strategy or the settings were refused, as `run_backtest` would.
        RunEnded: a limit, the clock or a crash ended it.
        RunCancelled: it was called off.
        BadPacking: what came out is no result.
    """
    given = run.pack() if payload is None else payload
    try:
        outcome = sandbox.run(
            f"{INSIDE}:run",
            given,
            limits=limits,
            on_log=on_log,
            on_progress=None if on_moment is None else _reader(on_moment),
            cancellation=cancellation,
        )
    finally:
        if payload is None:
            given.close()
    if not isinstance(outcome, Value):
        raise _ended(outcome, run)
    answer = read_answer(outcome.content, run.bars)
    if isinstance(answer, Trouble):
        raise RefusedInside(answer.code, answer.text, answer.chinese)
    return answer


def _reader(on_moment: Callable[[Moment], None]) -> Hear:
    def hear(told: bytes) -> None:
        try:
            moment = msgspec.json.decode(told, type=Moment)
        except msgspec.MsgspecError as error:
            raise BadPacking(f"its progress is none: {error}") from error
        on_moment(moment)

    return hear


def _ended(outcome: Outcome, run: SandboxedRun) -> Invalid | Conflict:
    if isinstance(outcome, Cancelled):
        return RunCancelled(run.spec.strategy)
    if isinstance(outcome, TimedOut):
        return RunEnded("time", f"it had {outcome.limit_s:g} s; ask for a shorter span, or less")
    if isinstance(outcome, OverLimit):
        return RunEnded(outcome.bound.value, f"it may use {outcome.limit:g}; make it need less")
    if isinstance(outcome, Refused):
        return RunEnded(outcome.kind, outcome.text or "without a word")
    assert isinstance(outcome, Crashed)  # noqa: S101  nothing else is left
    return RunEnded(outcome.reason, f"signal {outcome.signal}, status {outcome.status}")
