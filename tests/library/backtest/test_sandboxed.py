"""A run in the sandbox is the run without one, and code that misbehaves harms its own run."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult, Table, run_backtest
from quantloom.backtest.crossing import Answer, Moment, pack_answer, read_answer
from quantloom.backtest.packing import BadPacking, pack, unpack
from quantloom.backtest.preparing import Prepared, RunSettings, prepare
from quantloom.backtest.sandboxed import (
    RefusedInside,
    RunCancelled,
    RunEnded,
    SandboxedRun,
    open_sandbox,
    run_sandboxed,
)
from quantloom.backtest.spec import BadRunSetting
from quantloom.data import random_walk
from quantloom.market import Action, Bars, Listing
from quantloom.messages import in_chinese
from quantloom.sandbox import Cancellation, Limits, Profile, Sandbox
from quantloom.strategy import StrategyUnreadable, code_digest, load_source, load_strategy, presets
from quantloom.trading import FundingRates

CROSS = """
from quantloom import Bar, Context, Parameter, Strategy, crossed_above, crossed_below


class Cross(Strategy):
    fast: int = Parameter(5, low=2, high=200)
    slow: int = Parameter(20, low=3, high=400)

    def initialize(self, ctx: Context) -> None:
        self.fast_ma = ctx.indicator("SMA", self.fast)
        self.slow_ma = ctx.indicator("SMA", self.slow)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if crossed_above(self.fast_ma, self.slow_ma):
            ctx.buy(bar.symbol, 100, stop_loss=bar.close * 0.99)
            ctx.log("in")
        elif crossed_below(self.fast_ma, self.slow_ma):
            ctx.close(bar.symbol)
"""
ON_BAR = """
from quantloom import Bar, Context, Strategy


class Odd(Strategy):
    def on_bar(self, ctx: Context, bar: Bar) -> None:
        {}
"""
PRESETS = Path(presets.__file__).parent


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(profile=Profile.STRICT) as made:
        yield made


def walk(count: int = 400, *, symbol: str = "DEMO.LOCAL") -> Bars:
    bars = random_walk(count, seed=7)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    return Bars.of(symbol, "1m", ts=bars.ts, **columns)


def put_together(
    source: str = CROSS, data: Bars | Mapping[str, Bars] | None = None, **asked: Any
) -> tuple[Prepared, SandboxedRun]:
    prepared = prepare(load_source(source), data or walk(), RunSettings(**asked))
    run = SandboxedRun(
        spec=prepared.spec,
        source=source,
        bars=prepared.bars,
        detail=prepared.detail,
        benchmark=prepared.benchmark,
        facts=prepared.facts,
    )
    return prepared, run


def run_outside(prepared: Prepared, **options: Any) -> BacktestResult:
    return run_backtest(
        prepared.spec,
        prepared.strategy,
        prepared.bars,
        detail=prepared.detail,
        benchmark=prepared.benchmark,
        facts=prepared.facts,
        **options,
    )


def daily(symbol: str, days: int = 60) -> Bars:
    start = np.datetime64("2024-01-02") + np.arange(days)
    close = 10 + np.sin(np.arange(days) / 3)
    return Bars.of(
        symbol,
        "1d",
        ts=start.astype("datetime64[ns]"),
        open=close,
        high=close + 0.1,
        low=close - 0.1,
        close=close,
        volume=np.full(days, 1e6),
    )


def swap() -> dict[str, Any]:
    bars = walk(600, symbol="BTC-USDT-PERP.OKX")
    return {"data": bars, "rules": True, "funding": FundingRates(bars.ts[::480], np.full(2, 1e-4))}


CASES: dict[str, dict[str, Any]] = {
    "plain": {"commission": 0.001, "slippage": 1},
    "seeded, from a date": {"seed": 3, "start": "2020-01-01T01:00", "latency": 1},
    "a swap": swap(),
    "compared": {"benchmark": walk(symbol="INDEX.LOCAL")},
    "currencies": {"currency": "CNY", "fx": {"USD": 7}, "cash": 700_000},
    "shares": {
        "data": daily("600000.SSE"),
        "rules": True,
        "actions": [Action(symbol="600000.SSE", ex_day=date(2024, 1, 20), cash=Decimal(1))],
        "listings": [
            Listing(
                symbol="600000.SSE",
                listed=date(1999, 11, 10),
                special_treatment=[(date(2024, 1, 8), date(2024, 1, 15))],
            )
        ],
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_run_inside_is_the_run_outside_to_the_last_byte(sandbox: Sandbox, name: str) -> None:
    prepared, run = put_together(**CASES[name])

    inside = run_sandboxed(sandbox, run)

    assert inside.to_bytes() == run_outside(prepared).to_bytes()
    assert inside.data[prepared.spec.symbols[0]] is not None
    assert inside.log == run_outside(prepared).log


@pytest.mark.parametrize("engine", ["event", "vectorised"])
def test_signals_are_followed_inside(sandbox: Sandbox, engine: Any) -> None:
    source = (PRESETS / "sma_cross.py").read_text(encoding="utf-8")
    prepared, run = put_together(source)
    run = replace(run, engine=engine)

    inside = run_sandboxed(sandbox, run)

    assert inside.to_bytes() == run_outside(prepared, engine=engine).to_bytes()


@pytest.mark.soak
def test_a_callback_is_compiled_inside(sandbox: Sandbox) -> None:
    source = CROSS.replace(
        "class Cross", "from quantloom.strategy import compiled\n\n\n@compiled\nclass Cross"
    )
    source = source.replace('            ctx.log("in")\n', "")
    prepared, run = put_together(source)

    inside = run_sandboxed(sandbox, run)

    assert inside.to_bytes() == run_outside(prepared).to_bytes()


def test_several_instruments_are_held_inside(sandbox: Sandbox) -> None:
    source = ON_BAR.format("ctx.target_weight(bar.symbol, 0.3)")
    prepared, run = put_together(source, {one: walk(symbol=one) for one in ("A.US", "B.US")})

    inside = run_sandboxed(sandbox, run)

    assert len(inside.fills) > 1
    assert inside.to_bytes() == run_outside(prepared).to_bytes()


@pytest.mark.soak
def test_an_audit_is_made_inside(sandbox: Sandbox) -> None:
    _, run = put_together()

    inside = run_sandboxed(sandbox, replace(run, audit="full"))

    assert inside.audit is not None


def test_how_far_it_is_is_told_with_the_account(sandbox: Sandbox) -> None:
    told: list[Moment] = []
    _, run = put_together()

    result = run_sandboxed(sandbox, run, on_moment=told.append)

    assert told[-1].done == told[-1].total == 400
    assert told[-1].equity == pytest.approx(float(result.final_equity))


def test_one_payload_serves_several_runs(sandbox: Sandbox) -> None:
    _, run = put_together()

    with run.pack() as payload:
        first, second = (run_sandboxed(sandbox, run, payload=payload) for _ in range(2))

    assert first.to_bytes() == second.to_bytes()


@pytest.mark.parametrize(
    ("source", "code", "told"),
    [
        (ON_BAR.format("raise ValueError('no price')"), "strategy.failed", "no price (line 7)"),
        ("import nowhere_to_be_found", "strategy.unreadable", "nowhere_to_be_found"),
        ("def", "strategy.unreadable", "line 1"),
        ("x = 1", "strategy.which", "no subclass"),
        (ON_BAR.format("import os; os.listdir('/')"), "strategy.failed", "PermissionError"),
        (ON_BAR.format("import socket; socket.socket()"), "strategy.failed", "PermissionError"),
    ],
)
def test_a_refusal_has_the_words_it_has_outside(
    sandbox: Sandbox, source: str, code: str, told: str
) -> None:
    _, run = put_together()

    with pytest.raises(RefusedInside) as caught:
        run_sandboxed(sandbox, replace(run, source=source))

    assert caught.value.inner_code == code
    assert told in str(caught.value)
    assert in_chinese(caught.value) == caught.value.chinese


@pytest.mark.parametrize(
    ("act", "reason", "limits"),
    [
        ("while True: pass", "time", {"wall_s": 0.5}),
        ("print('x' * 1000, flush=True)", "log", {"log": 5_000}),
        ("import os; os._exit(0)", "no_answer", {}),
        ("import ctypes; ctypes.string_at(8)", "signal", {}),
        ("import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)", "hostile_call", {}),
    ],
)
def test_code_that_misbehaves_ends_its_own_run(
    sandbox: Sandbox, act: str, reason: str, limits: dict[str, Any]
) -> None:
    _, run = put_together()

    with pytest.raises(RunEnded) as caught:
        run_sandboxed(sandbox, replace(run, source=ON_BAR.format(act)), limits=Limits(**limits))

    assert caught.value.reason == reason


def test_a_run_is_called_off(sandbox: Sandbox) -> None:
    _, run = put_together()
    cancellation = Cancellation()

    with pytest.raises(RunCancelled):
        run_sandboxed(
            sandbox,
            replace(run, source=ON_BAR.format("print('here')\n        while True: pass")),
            on_log=lambda _: cancellation.cancel(),
            cancellation=cancellation,
        )


def test_another_rule_book_than_the_packaged_one_is_refused() -> None:
    _, run = put_together(**CASES["shares"])
    assert run.spec.rules is not None
    spec = replace(run.spec, rules=replace(run.spec.rules, version="mine"))

    with pytest.raises(BadRunSetting, match="packaged"):
        replace(run, spec=spec).pack()


def test_a_text_is_the_file_it_came_from(tmp_path: Path) -> None:
    path = tmp_path / "cross.py"
    path.write_text(CROSS, encoding="utf-8")

    assert code_digest(load_source(CROSS)) == code_digest(load_strategy(str(path)))


def test_a_text_that_cannot_run_names_its_line() -> None:
    with pytest.raises(StrategyUnreadable, match=r"mine\.py.*line 2"):
        load_source("x = 1\n1 / 0\n", file="mine.py")


# What comes out is not believed


@given(st.data())
@settings(max_examples=40)
def test_a_damaged_answer_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(ANSWER) - 1))
    damaged = bytearray(ANSWER)
    damaged[place : place + 4] = data.draw(st.binary(min_size=4, max_size=4))
    cut = data.draw(st.integers(0, len(damaged)))

    for content in (bytes(damaged), bytes(damaged[:cut])):
        try:
            read_answer(content, GIVEN)
        except BadPacking:
            continue


def made_answer() -> tuple[bytes, Mapping[str, Bars]]:
    prepared, _ = put_together(data=walk(60))
    return b"".join(pack_answer(run_outside(prepared), prepared.bars)), prepared.bars


ANSWER, GIVEN = made_answer()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"QLC1" + bytes(4) + (1 << 60).to_bytes(8, "little"),
        b"".join(pack(Answer())),
        b"".join(pack({"made": {"record": {}, "tables": {}, "spans": {}, "data": {}}})),
    ],
)
def test_an_answer_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(BadPacking):
        read_answer(content, GIVEN)


@pytest.mark.parametrize(
    "place", [[0, 1 << 50, "<i8"], [-8, 1, "<i8"], [0, -1, "<i8"], [0, 1, "O"]]
)
def test_a_column_outside_of_its_bytes_is_refused(place: list[Any]) -> None:
    content = b"".join(pack({"column": np.arange(3)}))
    told = content.replace(b'[[0,3,"<i8"]]', msgspec.json.encode([place]).ljust(13)[:64])

    with pytest.raises(BadPacking):
        unpack(told, dict[str, Table])
