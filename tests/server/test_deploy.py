"""The units for systemd fit the command that they start."""

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
import typer.main

from quantloom_server.cli.up import app
from quantloom_server.platform.supervision.supervisor import Patience
from quantloom_server.settings import Settings
from tests.house.checkout import ROOT

ANALYZE = shutil.which("systemd-analyze")
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


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong_with_a_unit(path: Path, tmp_path: Path) -> None:
    # It looks for the program, which no machine of ours has in that place.
    text = path.read_text(encoding="utf-8").replace("/opt/quantloom/bin/quantloom", sys.executable)
    (tmp_path / path.name).write_text(text, encoding="utf-8")
    unit = tmp_path / path.name.replace("@.", "@serve.")

    ran = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, path.name in ran.stderr) == (0, False), ran.stderr


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_that_hangs_is_noticed_and_its_start_is_waited_for(path: Path) -> None:
    service = read_unit(path)["Service"]

    assert (service["Type"], service["NotifyAccess"]) == ("notify", "main")
    assert float(service["WatchdogSec"]) >= Settings.model_fields["hang_s"].default


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_without_rights_of_root(path: Path) -> None:
    service = read_unit(path)["Service"]

    assert service["User"] == "quantloom"
    assert service["NoNewPrivileges"] == "true"
