from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.environments import PeerNotInstalled, interpreter
from benchmarks.measure import Disagreement, Sample, agree, in_turn, measure_row, summarise
from benchmarks.rows import Case

from benchmarks import measure as measuring
from tests.benchmarks.cases import OUTCOME, make_case, make_sample


def test_systems_take_turns_until_each_has_had_its_runs() -> None:
    cases = [make_case("a", runs=3), make_case("b", runs=1), make_case("c", runs=2)]

    order = [case.system for case in in_turn(cases)]

    assert order == ["a", "b", "c", "a", "c", "a"]


def test_equity_may_differ_by_less_than_half_a_cent() -> None:
    assert agree(replace(OUTCOME, final_equity=100_000.004), OUTCOME)
    assert not agree(replace(OUTCOME, final_equity=100_000.006), OUTCOME)


@pytest.mark.parametrize("field", ["trades", "open_trades"])
def test_one_trade_more_is_another_outcome(field: str) -> None:
    other = replace(OUTCOME, **{field: getattr(OUTCOME, field) + 1})

    assert not agree(other, OUTCOME)


def test_a_summary_holds_the_median_the_quickest_run_and_the_worst_memory() -> None:
    samples = [make_sample(3.0), make_sample(1.0, peak_rss_mb=80.0), make_sample(2.0)]

    entry = summarise(make_case(bars=100), samples)

    assert (entry["seconds"], entry["min_seconds"], entry["runs"]) == (2.0, 1.0, 3)
    assert (entry["peak_rss_mb"], entry["per_second"], entry["cpu_seconds"]) == (80.0, 50, 2.0)
    assert (entry["trades"], entry["final_equity"]) == (3, 100_000.0)


def test_a_command_has_no_outcome_to_sum_up() -> None:
    entry = summarise(make_case(expected=None), [make_sample(outcome=None)])

    assert "trades" not in entry


def test_a_peer_that_cannot_be_had_leaves_the_others_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(peer: str | None) -> Path:
        if peer == "absent":
            raise PeerNotInstalled(peer, "no such package")
        return interpreter(None)

    monkeypatch.setattr(measuring, "interpreter", find)
    monkeypatch.setattr(measuring, "measure", lambda case, python: make_sample())

    entries, problems = measure_row([make_case(), make_case("absent")])

    assert [entry["system"] for entry in entries] == ["quantloom"]
    assert problems == ["absent cannot be installed: no such package"]


def test_a_system_that_disagrees_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def disagree(case: Case, python: Path) -> Sample:
        raise Disagreement(case, replace(OUTCOME, trades=4))

    monkeypatch.setattr(measuring, "measure", disagree)

    entries, problems = measure_row([make_case(runs=3)])

    assert entries == []
    assert len(problems) == 1
    assert "came to 4 closed and 1 open trades" in problems[0]
