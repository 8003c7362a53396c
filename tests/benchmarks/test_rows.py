import re
from pathlib import Path

import pytest
from benchmarks.__main__ import choose, parse
from benchmarks.environments import interpreter, is_current, mark, requirements
from benchmarks.measure import measure
from benchmarks.rows import ROWS, Case

from benchmarks import series

FEWER = 100


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(series, "FOLDER", tmp_path)
    return tmp_path


def all_cases() -> list[Case]:
    return [case for row in ROWS.values() for case in row(FEWER)]


@pytest.mark.usefixtures("folder")
def test_the_packages_of_every_peer_are_pinned() -> None:
    peers = {case.peer for case in all_cases() if case.peer}

    lines = [line for peer in peers for line in requirements(peer).read_text().splitlines()]

    assert peers >= {"vnpy", "backtesting", "backtrader", "nautilus", "vectorbt", "bt"}
    assert [line for line in lines if not re.fullmatch(r"[\w-]+==[\w.]+", line)] == []


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("row", ["W1", "W3a", "W3b", "W4e"])
def test_quantloom_comes_to_what_the_reference_says(row: str) -> None:
    (ours,) = [case for case in ROWS[row](FEWER) if case.is_ours]

    sample = measure(ours, interpreter(None))

    assert sample.outcome is not None
    assert sample.outcome.trades > 0


def _promise(case: Case) -> tuple[float | None, ...]:
    return case.runs, case.goal_times, case.goal_s, case.goal_mb


@pytest.mark.usefixtures("folder")
def test_the_quick_way_runs_each_case_once_and_promises_nothing() -> None:
    options = parse(["--quick", "--own"])

    chosen = choose(all_cases(), options)

    assert {_promise(case) for case in chosen} == {(1, None, None, None)}
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

    assert "no row W9; there are W1, W3a, W3b, W4e, M1, cold, golden" in capsys.readouterr().err


def test_no_row_named_means_all_of_them() -> None:
    assert parse(["--rows", ""]).rows == list(ROWS)
