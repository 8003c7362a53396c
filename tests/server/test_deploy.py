"""The units for systemd fit the command that they start."""

from configparser import ConfigParser
from pathlib import Path

import pytest
import typer.main

from quantloom_server.cli.up import app
from quantloom_server.platform.supervision.supervisor import Patience
from tests.house.checkout import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def read_unit(path: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def test_the_unit_starts_the_platform_by_options_that_it_has() -> None:
    line = read_unit(ROOT / "deploy" / "systemd" / "quantloom.service")["Service"]["ExecStart"]

    program, command, *options = line.split()

    known = {name for each in typer.main.get_command(app).params for name in each.opts}
    assert Path(program).name == "quantloom"
    assert command == "up"
    assert {option for option in options if option.startswith("--")} <= known


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_lets_the_service_stop_in_order(path: Path) -> None:
    service = read_unit(path)["Service"]

    assert service["KillMode"] == "mixed"
    assert float(service["TimeoutStopSec"]) > Patience().stop_s + 2


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_without_rights_of_root(path: Path) -> None:
    service = read_unit(path)["Service"]

    assert service["User"] == "quantloom"
    assert service["NoNewPrivileges"] == "true"
