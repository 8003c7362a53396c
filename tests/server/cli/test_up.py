"""`quantloom up` as a user types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from quantloom_server.up import COMMANDS
from tests.server.cli.ports import free_port
from tests.server.platform.embedded.users import as_ordinary_user

COMMAND = (sys.executable, "-m", "quantloom_server.cli", "up")


def run(*arguments: str | Path, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        env={
            **os.environ,
            "QUANTLOOM_SERVICE_DIR": str(data_dir),
            "QUANTLOOM_PORT": str(free_port()),
            "HOME": str(data_dir),
        },
        cwd=data_dir.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_check_starts_everything_and_leaves_nothing(made_data_dir: Path) -> None:

    ran = run(*COMMAND, "--check", "--log-format", "json", data_dir=made_data_dir)

    assert ran.returncode == 0, ran.stderr
    assert [line.split() for line in ran.stdout.splitlines()] == [
        [name, "ready"] for name in ("postgres", "valkey", *(each.__name__ for each in COMMANDS))
    ]
    events = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [each["event"] for each in events][-1] == "everything has stopped"
    assert {each["process"] for each in events} >= {"up", "postgres", "worker", "beat"}
    assert list((made_data_dir / "run" / "sockets").iterdir()) == []


@pytest.mark.root
@pytest.mark.soak
def test_an_ordinary_user_runs_it_too(made_data_dir: Path) -> None:
    subprocess.run(["chown", "-R", "65534:65534", made_data_dir], check=True)

    ran = run(*as_ordinary_user(), *COMMAND, "--check", "--json", data_dir=made_data_dir)

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["ready"] is True
