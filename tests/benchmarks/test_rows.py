import re
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from benchmarks.__main__ import GOALS, choose, parse
from benchmarks.environments import interpreter, is_current, mark, requirements
from benchmarks.measure import agree, measure
from benchmarks.rows import ROWS, Case
from benchmarks.systems import quantloom_indicators
from benchmarks.systems.job import Columns, Job, Outcome, Tails

from benchmarks import indicators, series

# Rows are measured in processes of their own.
pytestmark = pytest.mark.untraced

FEWER = 100


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(series, "FOLDER", tmp_path)
    return tmp_path


def in_soak(row: str) -> ParameterSet:
    return pytest.param(row, marks=pytest.mark.soak)


def all_cases() -> list[Case]:
    return [case for row in ROWS.values() for case in row(FEWER)]


@pytest.mark.usefixtures("folder")
def test_the_packages_of_every_peer_are_pinned() -> None:
    peers = {case.peer for case in all_cases() if case.peer}

    lines = [line for peer in peers for line in requirements(peer).read_text().splitlines()]

    assert peers >= {"vnpy", "backtesting", "backtrader", "nautilus", "vectorbt", "bt"}
    assert [line for line in lines if not re.fullmatch(r"[\w-]+==[\w.]+", line)] == []


@pytest.mark.usefixtures("folder")
# One of each kind: the others are the same work over other bars.
@pytest.mark.parametrize(
    "row",
    [
        "W2a",
        "W3a",
        "W3b",
        "W4e",
        "report",
        *map(in_soak, ("W1", "W1e", "W2b", "W2c", "W2d")),
    ],
)
def test_quantloom_comes_to_what_the_reference_says(row: str) -> None:
    (ours,) = [case for case in ROWS[row](FEWER) if case.is_ours]

    sample = measure(ours, interpreter(None))

    assert isinstance(sample.outcome, Outcome)
    assert sample.outcome.trades > 0


# Compiling takes them ten seconds and more.
@pytest.mark.soak
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("row", ["W3c", "W4"])
def test_floats_and_exact_books_come_to_what_the_reference_says(row: str) -> None:
    outcomes = [
        measure(case, interpreter(None)).outcome for case in ROWS[row](FEWER) if case.is_ours
    ]

    assert [one.trades > 0 for one in outcomes if isinstance(one, Outcome)] == [True] * 2


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "work",
    [in_soak("W3a-rules"), "W3b-rules", in_soak("W3a-rules-hours"), in_soak("W3b-rules-hours")],
)
def test_the_rule_book_comes_to_what_the_plain_costs_of_its_future_come_to(work: str) -> None:
    # Whoever comes to something else has no outcome; bars of one day would tell nothing.
    cases = [case for case in ROWS["rules"](FEWER // 4) if case.work == work]

    outcomes = [measure(case, interpreter(None)).outcome for case in cases]

    assert [one.trades > 0 for one in outcomes if isinstance(one, Outcome)] == [True] * 2


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("work", ["W5-python", in_soak("W5-compiled")])
def test_ticks_come_to_what_the_reference_says(work: str) -> None:
    (ours,) = [case for case in ROWS["W5"](FEWER // 2) if case.is_ours and case.work == work]

    sample = measure(ours, interpreter(None))

    assert isinstance(sample.outcome, Outcome)
    assert sample.outcome.trades > 0


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", indicators.DEFINITIONS)
def test_an_indicator_comes_to_what_its_definition_says_in_both_ways(name: str) -> None:
    columns = Columns.load(series.walk(4_000, "0.01"))
    job = Job(work=name, columns=columns, cash=0, commission=0, tick="0.01", parameters={})
    bound = quantloom_indicators.BOUND[name]

    batch, stream = (
        prepare(bound, job)()
        for prepare in (quantloom_indicators.prepare, quantloom_indicators.prepare_stream)
    )

    expected = indicators.define(name, columns)
    assert agree(batch, expected)
    assert agree(stream, expected)


def test_values_that_differ_in_the_ninth_digit_do_not_agree() -> None:
    assert agree(Tails([[100.0]]), Tails([[100.0 + 1e-8]]))
    assert not agree(Tails([[100.0]]), Tails([[100.0 + 1e-6]]))
    assert not agree(Tails([[100.0]]), Tails([[100.0], [1.0]]))


def _promise(case: Case) -> tuple[float | None, ...]:
    return case.runs, *(getattr(case, goal) for goal in GOALS)


@pytest.mark.usefixtures("folder")
def test_the_quick_way_runs_each_case_once_and_promises_nothing() -> None:
    options = parse(["--quick", "--own"])

    chosen = choose(all_cases(), options)

    assert {_promise(case) for case in chosen} == {(1, None, None, None, None, None)}
    assert all(case.is_ours for case in chosen)


def test_an_environment_is_current_while_its_requirements_stay_the_same(tmp_path: Path) -> None:
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("numpy==2.4.6\n")
    mark(tmp_path, wanted)
    assert is_current(tmp_path, wanted)

    wanted.write_text("numpy==2.4.7\n")

    assert not is_current(tmp_path, wanted)


def test_an_environment_that_was_never_finished_is_not_current(tmp_path: Path) -> None:
    assert not is_current(tmp_path, requirements("vnpy"))


def test_a_row_nobody_knows_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        parse(["--rows", "W1,W9"])

    said = capsys.readouterr().err
    assert (
        "no row W9; there are W1, W1e, W2a, W2b, W2c, W2d, scale, W3a, W3b, W3c, wake, "
        "rules, W4, W4e, W5, I1, M1, audit, report, import-csv, storage, cold, "
        "start, golden" in said
    )


def test_no_row_named_means_all_of_them() -> None:
    assert parse(["--rows", ""]).rows == list(ROWS)
