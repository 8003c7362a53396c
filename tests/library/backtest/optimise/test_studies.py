"""Searches that run backtests, keep their trials, and go on where they were ended."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from quantloom.backtest import backtest
from quantloom.backtest.optimise import (
    BadStudy,
    CorruptStudy,
    EarlyStop,
    EverySetFails,
    JudgedAmongFewer,
    NoStudy,
    NothingFound,
    OptimisationProgress,
    OtherStudy,
    Span,
    StudyBusy,
    Trial,
    list_studies,
    load_study,
    make_study,
    merge_groups,
    optimise,
    pareto_front,
    walk_forward,
)
from quantloom.backtest.optimise.store import Store
from quantloom.backtest.trials import TrialLedger
from quantloom.data import random_walk
from quantloom.market import Bar
from quantloom.strategy import Context, Parameter, Strategy
from tests.library.backtest.optimise.fakes import WALK, Reckoned, Tuned, planted, search

BARS = random_walk(120, seed=4, timeframe="1d")
SPACE = {"fast": range(3, 9, 2), "slow": (10, 20, 5)}


class Fatal(Strategy):
    """Kills its process, or fails, at some values."""

    at: int = Parameter(1, low=1, high=9)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.at == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.at == 4:
            raise RuntimeError("four")
        sys.stdout.write("talks a lot")
        if ctx.position.is_flat:
            ctx.buy(bar.symbol, self.at)


def told(trials: Any) -> list[dict[str, Any]]:
    return [one.plain() for one in trials]


def test_a_trial_is_the_backtest_of_its_parameters() -> None:
    terms: dict[str, Any] = {"workers": 1, "is_fused": False}
    found = optimise("sma-cross", BARS, SPACE, commission=0.001, cash=5_000, **terms)

    run = backtest(
        "sma-cross", BARS, parameters=found.best.parameters, commission=0.001, cash=5_000
    )
    assert dict(found.best.metrics) == run.metrics.as_dict()
    assert found.counts["done"] == 9


def test_sets_that_the_strategy_refuses_are_no_failures() -> None:
    found = optimise("sma-cross", BARS, {"fast": [5, 30], "slow": [10, 40]}, workers=1)

    assert found.counts == {"done": 3, "stopped": 0, "refused": 1, "failed": 0}
    assert "must be below slow" in found.trials[2].problem
    assert found.tried == 3


@pytest.mark.untraced
def test_two_processes_find_what_one_finds() -> None:
    terms: dict[str, Any] = {"method": "bayesian", "trials": 6, "batch": 3, "is_fused": False}

    here, beside = (
        optimise("sma-cross", BARS, SPACE, workers=count, seed=2, **terms) for count in (1, 2)
    )

    assert told(here.trials) == told(beside.trials)
    assert beside.executor == "backtests, 2 processes"


@pytest.mark.untraced
def test_a_child_that_dies_takes_its_set_along_and_nothing_else(tmp_path: Path) -> None:
    found = optimise(Fatal, BARS[:20], {"at": (1, 6)}, workers=2, folder=tmp_path)

    states = {one.parameters["at"]: one.state for one in found.trials}
    assert states == {1: "done", 2: "done", 3: "failed", 4: "failed", 5: "done", 6: "done"}
    assert "exit code -9, 2 times" in found.trials[2].problem
    assert "four" in found.trials[3].problem


def test_a_strategy_of_a_file_reaches_the_children(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from quantloom import Parameter, Strategy\n"
        "LOTS = 2\n"
        "class Mine(Strategy):\n"
        "    n: int = Parameter(1, low=1, high=9)\n"
        "    def on_bar(self, ctx, bar):\n"
        "        if ctx.position.is_flat:\n"
        "            ctx.buy(bar.symbol, self.n * LOTS)\n"
    )

    found = optimise(str(path), BARS[:20], {"n": (1, 2)}, workers=2)

    assert found.counts["done"] == 2


def test_a_study_that_was_cut_off_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"method": "bayesian", "trials": 9, "batch": 4, "workers": 1}
    optimise("sma-cross", BARS, SPACE, folder=tmp_path / "whole", **settings)
    whole = (tmp_path / "whole" / "trials.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)

    for kept in (0, 2, 5):
        folder = tmp_path / str(kept)
        optimise("sma-cross", BARS, SPACE, folder=folder, **settings | {"trials": 1})
        torn = b"".join(lines[:kept]) + lines[kept][:40]
        (folder / "trials.jsonl").write_bytes(torn)
        optimise("sma-cross", BARS, SPACE, folder=folder, **settings)

        assert (folder / "trials.jsonl").read_bytes() == whole


def test_finished_trials_are_not_run_again(tmp_path: Path) -> None:
    def ask(trials: int) -> int:
        evaluator = Reckoned(planted(3, 3))
        optimise(
            *(Tuned, WALK, {"fast": (1, 9)}), trials=trials, folder=tmp_path, evaluator=evaluator
        )
        return len(evaluator.asked)

    assert [ask(4), ask(4), ask(9)] == [4, 0, 5]


@pytest.mark.parametrize(
    ("change", "of"),
    [
        ({"cash": 7}, "settings"),
        ({"data": BARS[:50]}, "data"),
        ({"space": {"fast": [3]}}, "search"),
        ({"strategy": "bollinger", "space": {"period": [5]}}, "strategy"),
        ({"seed": 5}, "settings"),
        ({"objective": "total_return"}, "search"),
    ],
)
def test_a_study_of_something_else_is_refused(
    tmp_path: Path, change: dict[str, Any], of: str
) -> None:
    base: dict[str, Any] = {
        "strategy": "sma-cross",
        "data": BARS,
        "space": SPACE,
        "workers": 1,
        "trials": 1,
    }
    optimise(**base, folder=tmp_path)

    with pytest.raises(OtherStudy, match=of):
        optimise(**base | change, folder=tmp_path)


def test_two_processes_do_not_share_a_study(tmp_path: Path) -> None:
    with Store(tmp_path, {}, {}), pytest.raises(StudyBusy, match="another process"):
        Store(tmp_path, {}, {})


def test_what_a_folder_holds_is_read_back(tmp_path: Path) -> None:
    found = optimise("sma-cross", BARS, SPACE, folder=tmp_path / "a" / "b", workers=1)

    read = load_study(tmp_path / "a" / "b")

    assert read.spec == found.spec
    assert read.summary() == found.summary() | {"executor": ""}
    assert list_studies(tmp_path) == [tmp_path / "a" / "b"]
    with pytest.raises(NoStudy, match="no study"):
        load_study(tmp_path)


@pytest.mark.parametrize("line", [b"{}\n", b"nonsense\n", b'{"number": 3}\n'])
def test_a_damaged_line_that_is_whole_is_told(tmp_path: Path, line: bytes) -> None:
    optimise("sma-cross", BARS, SPACE, folder=tmp_path, workers=1, trials=1)
    with (tmp_path / "trials.jsonl").open("ab") as file:
        file.write(line)

    with pytest.raises(CorruptStudy, match="line 2"):
        load_study(tmp_path)


def test_hopeless_sets_are_given_up_on_the_first_part_of_the_data() -> None:
    evaluator = Reckoned(planted(8, 20))

    found = optimise(
        *(Tuned, WALK, {"fast": (1, 8)}),
        early_stop=EarlyStop(parts=(0.25, 0.5), keep=0.5),
        evaluator=evaluator,
    )

    spans = [span.end for _, span in evaluator.asked]
    ends = [WALK[:15].end, WALK[:30].end]
    assert [sum(one is not None and one > end for one in spans) for end in ends] == [12, 4]
    assert spans.count(None) == 2
    assert found.counts["stopped"] == 6
    assert found.best.parameters == {"fast": 8}
    assert found.tried == 8


def given_up_by(folder: Path, **limits: Any) -> list[str]:
    """States of twelve sets that a stop judges six at a time, the higher ones being better."""
    found = optimise(
        *(Tuned, WALK, {"fast": (1, 12)}),
        early_stop=EarlyStop(parts=(0.25,), keep=0.5),
        evaluator=Reckoned(planted(50, 20)),
        folder=folder,
        batch=6,
        **limits,
    )
    return [one.state for one in found.trials]


def test_an_early_stop_goes_on_as_if_it_had_not_been_ended(tmp_path: Path) -> None:
    whole = given_up_by(tmp_path / "whole")

    assert [given_up_by(tmp_path / "ends", trials=6), given_up_by(tmp_path / "ends")] == [
        whole[:6],
        whole,
    ]
    torn = tmp_path / "ends" / "trials.jsonl"
    torn.write_bytes(b"".join(torn.read_bytes().splitlines(keepends=True)[:8]))
    assert given_up_by(tmp_path / "ends") == whole


def test_an_early_stop_that_judged_a_part_of_a_batch_is_not_gone_on_with(tmp_path: Path) -> None:
    assert given_up_by(tmp_path, trials=4) == ["stopped", "stopped", "done", "done"]

    with pytest.raises(JudgedAmongFewer, match="ended after 4 sets, within a batch of 6"):
        given_up_by(tmp_path)


def test_sets_of_a_search_that_goes_on_are_counted_once(tmp_path: Path) -> None:
    def tried(**limits: Any) -> int:
        folder, ledger = tmp_path / "study", tmp_path / "ledger"
        space = {"fast": (1, 9)}
        return search(planted(3, 20), space=space, folder=folder, counted=ledger, **limits).tried

    assert [tried(trials=4), tried(trials=4), tried(), tried(), tried(trials=2)] == [4, 4, 9, 9, 9]


def test_windows_of_a_walk_that_goes_on_are_counted_once(tmp_path: Path) -> None:
    terms: dict[str, Any] = {"train": 30, "test": 10, "counted": tmp_path / "ledger"}
    for limit in (2, 5):
        walk_forward(
            *(Tuned, WALK, {"fast": (1, 5)}),
            evaluator=Reckoned(planted(3, 20)),
            folder=tmp_path / "walk",
            trials=limit,
            **terms,
        )

    (lineage,) = TrialLedger(tmp_path / "ledger").list()
    assert lineage.sums.count == 3 * 5


def test_the_limit_of_time_keeps_what_is_finished() -> None:
    found = search(planted(1, 1), space={"fast": (1, 50)}, seconds=1e-9)

    assert len(found.trials) <= 1


def test_progress_tells_the_best_so_far_and_the_time_left() -> None:
    seen: list[OptimisationProgress] = []

    search(planted(2, 20), space={"fast": (1, 4)}, notify=seen.append)

    assert [one.done for one in seen] == [1, 2, 3, 4]
    assert {one.total for one in seen} == {4}
    assert seen[-1].seconds_left == 0
    best = seen[-1].best
    assert best is not None
    assert best.parameters == {"fast": 2}


def test_a_search_in_which_all_fails_says_so_at_once() -> None:
    class Broken(Tuned):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            raise RuntimeError("broken")

    with pytest.raises(EverySetFails, match="broken"):
        optimise(Broken, WALK, {"fast": (1, 3)}, workers=1)


def test_no_value_anywhere_is_nothing_found() -> None:
    found = search(lambda _: {"sharpe_ratio": None}, space={"fast": (1, 3)})

    assert found.front == ()
    with pytest.raises(NothingFound, match="none of 3 sets"):
        _ = found.best


@pytest.mark.parametrize("setting", [{"trials": 0}, {"seconds": 0}, {"workers": 0}])
def test_limits_must_leave_something(setting: dict[str, Any]) -> None:
    with pytest.raises(BadStudy):
        search(planted(1, 1), space={"fast": (1, 3)}, **setting)


@pytest.mark.parametrize("stop", [{"parts": ()}, {"parts": (0.5, 0.2)}, {"keep": 1.0}])
def test_early_stops_must_make_sense(stop: dict[str, Any]) -> None:
    with pytest.raises(BadStudy):
        EarlyStop(**stop)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_groups_of_sets_come_together_as_one_run(count: int) -> None:
    study = make_study("sma-cross", BARS, SPACE, commission=0.001)
    whole = optimise("sma-cross", BARS, SPACE, commission=0.001, workers=1)

    groups = study.split(count)
    # As a service sends them: plain values over a wire.
    sent = [msgspec.json.decode(msgspec.json.encode(one), type=type(one)) for one in groups]
    merged = merge_groups(study.spec, [study.run_group(one) for one in reversed(sent)])

    assert told(merged.trials) == told(whole.trials)


def test_a_group_that_is_missing_is_told() -> None:
    study = make_study("sma-cross", BARS, SPACE)
    first, *_ = study.split(3)

    assert merge_groups(study.spec, [study.run_group(first)]).counts["done"] == 3
    with pytest.raises(BadStudy, match="without trial 0"):
        merge_groups(study.spec, [study.run_group(study.split(3)[1])])


def test_methods_that_learn_cannot_be_shared_out() -> None:
    with pytest.raises(BadStudy, match="to be shared out"):
        make_study("sma-cross", BARS, SPACE, method="bayesian").split(2)


def test_the_surface_lays_a_measure_over_two_parameters() -> None:
    found = search(planted(2, 21), space={"fast": (1, 3), "slow": (1, 31, 10), "turns": [True]})

    surface = found.surface("fast", "slow")

    assert surface.x_values == (1, 2, 3)
    assert surface.y_values == (1, 11, 21, 31)
    assert surface.values.argmax() == 2 * 3 + 1


def test_the_others_of_a_surface_are_the_best_the_mean_or_those_of_the_best() -> None:
    def measured(values: Mapping[str, Any]) -> dict[str, float | None]:
        return {"sharpe_ratio": float(values["fast"] * (3 if values["turns"] else 1))}

    found = search(measured, space={"fast": (1, 2), "slow": [1, 2], "turns": [False, True]})

    first = [found.surface(others=others).values[0, 0] for others in ("best", "mean", "at_best")]
    assert first == [3, 2, 3]


def test_noise_is_told_from_an_edge_by_what_is_said_of_overfitting() -> None:
    found = search(lambda one: {"sharpe_ratio": 1.0}, space={"fast": (1, 40)})

    assert found.overfitting is not None
    assert 0.2 < found.overfitting.probability < 0.8
    assert found.deflated_sharpe is not None
    assert found.deflated_sharpe < 0.95


def test_daily_returns_come_along_where_they_are_asked_for() -> None:
    study = make_study("sma-cross", BARS, SPACE)
    evaluator = study.evaluator(1)

    (trial,) = evaluator.evaluate([{"fast": 3, "slow": 10}], Span(keeps_daily=True))

    assert trial.daily is not None
    assert len(trial.daily.returns) == len(BARS)
    assert isinstance(trial, Trial)
    assert pareto_front([], study.objectives) == []
