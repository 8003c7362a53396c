"""What an audit says, keeps to itself and leaves alone."""

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import Audit, BadAudit, backtest, facade, load_result
from quantloom.backtest.lookahead import aside
from quantloom.data import random_walk
from quantloom.market import Bar
from quantloom.strategy import Context, Strategy
from tests.library.backtest.lookahead.corpus import Rising, by_line, days, outside_frame

TERMS: dict[str, Any] = {"participation": None, "audit": "auto"}


def audit_of(strategy: type[Strategy] | str, **terms: Any) -> Audit:
    audit = backtest(strategy, days(), **(TERMS | terms)).audit
    assert audit is not None
    return audit


class Tosses(Rising):
    """Draws from a generator that nobody has seeded."""

    coins = np.random.default_rng()

    def says(self, ctx: Context, bar: Bar) -> bool:
        return bool(self.coins.random() < 0.5)


class Shared(Rising):
    """Draws from the generator that the whole process shares."""

    def says(self, ctx: Context, bar: Bar) -> bool:
        return bool(np.random.rand() < 0.5) and bar.close > bar.open  # noqa: NPY002  as users do


class Mondays(Rising):
    def says(self, ctx: Context, bar: Bar) -> bool:
        return bar.time.weekday() == 0


def test_a_strategy_that_tosses_coins_is_not_accused() -> None:
    audit = audit_of(Tosses)

    assert audit.verdict == "unrepeatable"
    assert audit.leaks == ()
    assert [note.kind for note in audit.notes] == ["unrepeatable"]


def test_a_shared_generator_draws_the_same_in_each_run_and_goes_on_afterwards() -> None:
    np.random.seed(3)  # noqa: NPY002
    backtest(Shared, days(), **(TERMS | {"audit": False}))
    unaudited = np.random.rand()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002

    audit = audit_of(Shared)

    assert audit.verdict == "passed"
    assert np.random.rand() == unaudited  # noqa: NPY002


def test_a_strategy_by_the_calendar_is_neither_accused_nor_praised() -> None:
    audit = audit_of(Mondays)

    assert audit.verdict == "partly"
    assert [note.kind for note in audit.notes] == ["deaf"]


def test_too_few_bars_prove_nothing() -> None:
    audit = backtest("sma-cross", days()[:2], **TERMS).audit

    assert audit is not None
    assert audit.verdict == "partly"
    assert "Only 1 cut(s)" in audit.notes[0].text_en


@pytest.mark.skipif(not aside.CAN_COPY, reason="needs a copy of the process")
def test_what_a_strategy_keeps_outside_is_kept_once(capfd: pytest.CaptureFixture[str]) -> None:
    heard = []

    class Notes(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            heard.append(bar.close)
            if len(heard) < 3:
                print("heard")  # noqa: T201
            ctx.log("heard")

    result = backtest(Notes, days(), **TERMS)

    assert heard == days().close.tolist()
    assert capfd.readouterr().out.split() == ["heard", "heard"]
    assert len(result.log) == len(days())


def test_without_copies_the_verdict_is_the_same_and_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loud(Rising):
        def says(self, ctx: Context, bar: Bar) -> bool:
            print("!", end="")  # noqa: T201
            return bar.close > bar.open

    audit = audit_of(Loud)
    capsys.readouterr()
    monkeypatch.setattr(aside, "CAN_COPY", False)

    assert audit_of(Loud) == audit
    assert capsys.readouterr().out == "!" * len(days())


def test_a_copy_that_dies_leaves_the_result() -> None:
    def die() -> bytes:
        raise MemoryError

    if aside.CAN_COPY:
        assert aside.do_aside(die, limit_s=5.0) is None


def test_a_copy_that_is_stuck_is_given_up() -> None:
    def wait() -> bytes:
        while True:
            pass

    if aside.CAN_COPY:
        assert aside.do_aside(wait, limit_s=0.05) is None


def test_the_run_is_the_same_with_and_without() -> None:
    plain = backtest("macd", days(), **(TERMS | {"audit": False}))
    audited = backtest("macd", days(), **TERMS)

    assert plain.audit is None
    assert plain.to_bytes() == audited.to_bytes()
    assert plain.hashes == audited.hashes


def test_every_run_is_audited_unless_it_says_no() -> None:
    assert inspect.signature(facade.backtest).parameters["audit"].default in {"auto", False}
    assert 'audit: AuditSetting = "auto"' in inspect.getsource(facade)


def test_equal_runs_are_audited_alike() -> None:
    first, second = (audit_of("rsi") for _ in range(2))

    assert first == second


def test_an_audit_is_saved_with_its_result(tmp_path: Path) -> None:
    result = by_line("ZSCORE").run("auto")

    kept = load_result(result.save(tmp_path / "kept"))

    assert kept.audit == result.audit
    assert kept.summary()["audit"]["verdict"] == "failed"


def test_a_leak_tells_which_decision_at_which_bar_and_why() -> None:
    audit = by_line("ZSCORE").run("auto").audit
    assert audit is not None

    for leak in audit.leaks:
        assert leak.at <= leak.cut
        assert f"{leak.at:%Y-%m-%d %H:%M}" in leak.text_en
        assert leak.symbol in leak.text_zh
    assert "whole sample" in audit.leaks[0].text_en


def test_a_frame_from_outside_is_named() -> None:
    audit = audit_of(outside_frame(days()))

    assert [leak.kind for leak in audit.leaks] == ["elsewhere"]


@pytest.mark.parametrize("given", ["always", 0, -1.0, None])
def test_another_setting_is_refused(given: Any) -> None:
    with pytest.raises(BadAudit, match="auto, full, off"):
        backtest("sma-cross", random_walk(50, 1), audit=given)
