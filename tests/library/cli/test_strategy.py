"""`quantloom strategy`, as a user types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.library.cli.conftest import Cli


def test_list_names_every_preset(cli: Cli) -> None:
    names = {row["name"] for row in cli("strategy", "list", "--json").json["strategies"]}

    assert {"sma-cross", "bollinger"} <= names


def test_list_is_a_table_for_people(cli: Cli) -> None:
    outcome = cli("strategy", "list")

    assert "fast=10, slow=30" in outcome.out


def test_show_gives_bounds_as_json_schema(cli: Cli) -> None:
    shown = cli("strategy", "show", "sma-cross", "--json").json

    fast = shown["parameters"]["properties"]["fast"]
    assert fast["minimum"] == 2
    assert fast["maximum"] == 200
    assert fast["default"] == 10


def test_show_explains_parameters_to_people(cli: Cli) -> None:
    assert "bars of the fast average" in cli("strategy", "show", "sma-cross").out


def test_new_writes_a_strategy_that_checks_clean_and_runs(cli: Cli, bars_file: Path) -> None:
    written = cli("strategy", "new", "my-idea", "--json").json["files"]

    assert written == ["my_idea.py", "test_my_idea.py"]
    assert cli("strategy", "check", "my_idea.py", "--json").json["findings"] == []
    ran = cli("backtest", "run", "my_idea.py", "--data", bars_file, "--json")
    assert ran.json["round_trips"] > 0


@pytest.mark.untraced
def test_the_test_that_new_writes_passes(cli: Cli, tmp_path: Path) -> None:
    cli("strategy", "new", "my_idea")

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_idea.py"],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout


def test_new_does_not_write_over_a_file(cli: Cli, tmp_path: Path) -> None:
    cli("strategy", "new", "my_idea")
    (tmp_path / "my_idea.py").write_text("mine", encoding="utf-8")

    outcome = cli("strategy", "new", "my_idea")

    assert outcome.code == 5
    assert (tmp_path / "my_idea.py").read_text(encoding="utf-8") == "mine"
    assert cli("strategy", "new", "my_idea", "--force").code == 0


@pytest.mark.parametrize("name", ["1st", "a b", "class", "../up", "名字"])
def test_new_refuses_names_python_cannot_import(cli: Cli, name: str) -> None:
    outcome = cli("strategy", "new", name)

    assert outcome.code == 2
    assert "letters, digits and _" in outcome.err


@pytest.mark.parametrize("name", ["pandas", "json", "quantloom"])
def test_new_refuses_names_that_would_hide_a_package(cli: Cli, name: str) -> None:
    outcome = cli("strategy", "new", name)

    assert outcome.code == 5
    assert "installed package" in outcome.err


def test_check_leaves_with_one_when_the_file_cannot_run(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def on_bar(:\n", encoding="utf-8")

    outcome = cli("strategy", "check", "bad.py")

    assert outcome.code == 1
    assert outcome.out.startswith("bad.py:1:")


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_check_leaves_with_one_at_warnings_if_it_is_strict(
    cli: Cli, tmp_path: Path, options: tuple[str, ...], code: int
) -> None:
    cli("strategy", "new", "my_idea")
    with (tmp_path / "my_idea.py").open("a", encoding="utf-8") as file:
        file.write("\nimport os\n")

    outcome = cli("strategy", "check", "my_idea.py", *options, "--json")

    assert outcome.code == code
    assert outcome.json["counts"] == {"error": 0, "warning": 1, "hint": 0}
    assert outcome.json["findings"][0]["hint_zh"]


def test_check_speaks_chinese(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANTLOOM_LANG", "zh_CN.UTF-8")
    (tmp_path / "bad.py").write_text("class Mine:\n    pass\n", encoding="utf-8")

    outcome = cli("strategy", "check", "bad.py")

    assert "此处没有继承 Strategy 的类" in outcome.out


def test_check_of_a_missing_file_says_so(cli: Cli) -> None:
    outcome = cli("strategy", "check", "missing.py")

    assert outcome.code == 2
    assert "there is no such file" in outcome.err


def test_a_folder_that_cannot_be_made_is_no_fault_of_the_program(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")

    outcome = cli("strategy", "new", "idea", "--dir", "taken/below")

    assert outcome.code == 6
    assert outcome.err.startswith("error: taken")
    assert "check the path" in outcome.err
