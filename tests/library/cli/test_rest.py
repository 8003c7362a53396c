"""The command line as a whole: help, version, doctor, demo, late loading, further commands."""

import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer

from quantloom.cli import entry
from quantloom.cli.output import print_table
from quantloom.version import VERSION
from tests.library.cli.conftest import Cli

COMMANDS = ["backtest", "data", "demo", "doctor", "indicator", "rules", "strategy", "trials"]


def test_version_is_one_line(cli: Cli) -> None:
    assert cli("--version").out == f"quantloom {VERSION}\n"


def test_help_lists_every_command(cli: Cli) -> None:
    outcome = cli("--help")

    assert outcome.code == 0
    assert all(command in outcome.out for command in COMMANDS)


@pytest.mark.parametrize(
    "command",
    [
        *(("backtest", "run"), ("data", "import"), ("data", "list"), ("data", "show"), ("demo",)),
        *(
            ("doctor",),
            ("indicator", "list"),
            ("indicator", "show"),
            ("strategy", "list"),
            ("strategy", "show"),
        ),
        *(("strategy", "new"), ("strategy", "check")),
        *(("rules", "show"), ("rules", "coverage"), ("rules", "check")),
    ],
)
def test_every_command_has_help_with_an_example(cli: Cli, command: tuple[str, ...]) -> None:
    outcome = cli(*command, "--help")

    assert outcome.code == 0
    assert "Example" in outcome.out
    assert "--json" in outcome.out


@pytest.mark.parametrize("command", ["data", "demo", "doctor", "indicator", "rules", "strategy"])
def test_help_of_a_command_speaks_of_that_command_alone(cli: Cli, command: str) -> None:
    told = cli(command, "--help").out

    assert "--install-completion" not in told
    assert ("COMMAND [ARGS]" in told) == (command not in {"demo", "doctor"})


def test_an_unknown_command_leaves_with_two(cli: Cli) -> None:
    assert cli("fly").code == 2


def test_doctor_finds_nothing_wrong_here(cli: Cli) -> None:
    states = {check["name"]: check["state"] for check in cli("doctor", "--json").json["checks"]}

    # Which walls a machine lacks hangs on where its interpreter lies, among others.
    # So does what the service finds; its own tests have places of their own.
    gaps = {name for name in states if name.startswith(("sandbox ", "service "))}
    assert {state for name, state in states.items() if name not in gaps} == {"ok"}
    assert {"engine", "sandbox"} <= states.keys()


def test_doctor_fails_when_the_catalog_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    outcome = cli("doctor", "--data-dir", tmp_path / "file" / "below", "--json")

    assert outcome.code == 1


def test_a_table_shows_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("Checks", ("Detail",), [("pip install 'quantloom[all]'",), ("[red]",)])

    shown = capsys.readouterr().out
    assert "'quantloom[all]'" in shown
    assert "[red]" in shown


def test_a_narrow_terminal_goes_without_spare_columns_before_it_cuts_names(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    cells = ("sma-cross", "BTC-USD.COINBASE 1d", "2019 .. 2020", "1797.72%")

    print_table("Runs", ("Name", "Bars", "Span", "Total"), [cells], right="lllr", spare=("Span",))

    shown = capsys.readouterr().out
    assert "sma-cross" in shown
    assert "BTC-USD.COINBASE" in shown
    assert "2019" not in shown
    assert len(shown.splitlines()[-1]) == 40


def test_a_wide_terminal_shows_every_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")

    print_table("Runs", ("Name", "Span", "Total"), [("x", "2019 .. 2020", "1 %")], spare=("Span",))

    assert "2019 .. 2020" in capsys.readouterr().out


def test_indicators_are_listed_for_people_and_programs(cli: Cli) -> None:
    listed = cli("indicator", "list", "--json").json["indicators"]

    assert len([item for item in listed if item["group"] != "pattern"]) >= 80
    assert "SMA" in cli("indicator", "list").out


def test_candle_patterns_are_listed_when_asked_for(cli: Cli) -> None:
    assert "CDLHAMMER" not in cli("indicator", "list").out
    assert "CDLHAMMER" in cli("indicator", "list", "--group", "pattern").out


def test_an_indicator_is_shown_under_any_of_its_names(cli: Cli) -> None:
    shown = cli("indicator", "show", "BOLL").out

    assert "Also called BB, BOLL." in shown
    assert "deviations_up" in shown
    assert cli("indicator", "show", "BB", "--json").json["name"] == "BBANDS"
    assert "no parameters" in cli("indicator", "show", "OBV").out


def test_a_group_that_is_not_there_is_answered_with_those_that_are(cli: Cli) -> None:
    outcome = cli("indicator", "list", "--group", "momentun")

    assert outcome.code == 2
    assert "momentum" in outcome.err


def test_demo_shows_a_table_and_writes_reports(cli: Cli, tmp_path: Path) -> None:
    outcome = cli("demo", "--out", tmp_path / "reports")

    reports = [*(tmp_path / "reports").glob("*.html")]
    assert outcome.code == 0
    assert "Final equity" in outcome.out
    assert len(reports) >= 3
    assert all(f"report: {path}" in outcome.out for path in reports)


def test_installed_packages_can_add_commands(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()
    app.command()(lambda: typer.echo("served"))
    point = EntryPoint("serve", "somewhere:app", entry.ENTRY_POINTS)
    monkeypatch.setattr(EntryPoint, "load", lambda self: app)
    monkeypatch.setattr(entry, "entry_points", lambda group: [point])

    assert "served" in cli("serve").out
    assert "serve" in cli("--help").out


def test_an_unexpected_error_is_one_line_with_a_way_to_see_more(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("wires crossed")

    monkeypatch.setattr("quantloom.cli.strategy.list_strategies", fail)

    outcome = cli("strategy", "list")

    assert outcome.code == 70
    assert outcome.err.count("\n") == 1
    assert "QUANTLOOM_DEBUG=1" in outcome.err


def test_ctrl_c_leaves_with_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("quantloom.cli.strategy.list_strategies", interrupt)

    outcome = cli("strategy", "list")

    assert outcome.code == 130
    assert "Traceback" not in outcome.err
    assert outcome.err.strip() == "stopped; nothing half-done was left behind"


@pytest.mark.untraced
def test_the_backtest_path_loads_neither_pandas_nor_numba(bars_file: Path) -> None:
    code = (
        "import sys\n"
        "from quantloom.cli import main\n"
        f"sys.argv = ['quantloom', 'backtest', 'run', 'sma-cross', '--data', {str(bars_file)!r}, "
        "'--json']\n"
        "main.__globals__['app'](prog_name='quantloom', standalone_mode=False)\n"
        "heavy = {'pandas', 'numba', 'plotly', 'duckdb', 'rich.progress'} & set(sys.modules)\n"
        "print(repr(heavy), file=sys.stderr)\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=bars_file.parent,
        env=os.environ | {"HOME": str(bars_file.parent)},
    )

    assert json.loads(ran.stdout)["bars"] == 400
    assert ran.stderr.splitlines()[-1] == "set()"
