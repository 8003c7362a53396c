"""`quantloom up` as a user types it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quantloom_server.platform.supervision.board import State, Status, read_board
from quantloom_server.up import COMMANDS
from tests.server.cli.ports import free_port
from tests.server.platform.embedded.users import as_ordinary_user

COMMAND = (sys.executable, "-m", "quantloom_server.cli", "up")


def environment_of(data_dir: Path) -> dict[str, str]:
    return {
        **os.environ,
        "QUANTLOOM_SERVICE_DIR": str(data_dir),
        "QUANTLOOM_PORT": str(free_port()),
        "HOME": str(data_dir),
    }


def run(*arguments: str | Path, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        env=environment_of(data_dir),
        cwd=data_dir.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_check_starts_everything_and_leaves_nothing(made_data_dir: Path) -> None:

    ran = run(*COMMAND, "--check", "--log-format", "json", data_dir=made_data_dir)

    assert ran.returncode == 0, ran.stderr
    assert [line.split()[:2] for line in ran.stdout.splitlines()] == [
        [name, "ready"] for name in ("postgres", "valkey", *(each.__name__ for each in COMMANDS))
    ]
    assert "GET /health/ready answers" in ran.stdout
    # Nobody stays to read a password that is shown once.
    assert "password" not in ran.stderr
    events = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [each["event"] for each in events][-1] == "everything has stopped"
    assert {each["process"] for each in events} >= {"up", "postgres", "worker", "beat"}
    assert list((made_data_dir / "run" / "sockets").iterdir()) == []


def until_ready(data_dir: Path, restarts: int = 0, *names: str) -> dict[str, Status]:
    """Wait until every process is ready, those named after so many starts."""
    deadline = time.monotonic() + 90
    while True:
        found = {each.name: each for each in read_board(data_dir / "run" / "state.json")}
        is_there = {"serve", "worker", "beat"} <= found.keys()
        is_ready = is_there and all(each.state is State.READY for each in found.values())
        if is_ready and all(found[name].restarts >= restarts for name in names):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


@pytest.mark.soak
def test_serve_worker_and_beat_are_started_again_when_they_hang(made_data_dir: Path) -> None:
    running = subprocess.Popen(
        COMMAND,
        env={**environment_of(made_data_dir), "QUANTLOOM_HANG_S": "4"},
        cwd=made_data_dir.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = until_ready(made_data_dir)
        names = ("serve", "worker", "beat")
        for name in names:
            os.kill(int(first[name].pid or 0), signal.SIGSTOP)
        second = until_ready(made_data_dir, 1, *names)
    finally:
        running.terminate()
        written, _ = running.communicate(timeout=30)

    assert {second[name].last_exit.split(",")[0] for name in names} == {"hung"}
    assert {each.restarts for each in second.values()} == {0, 1}
    assert "sign in as admin with the password" in written


@pytest.mark.root
@pytest.mark.soak
def test_an_ordinary_user_runs_it_too(made_data_dir: Path) -> None:
    subprocess.run(["chown", "-R", "65534:65534", made_data_dir], check=True)

    ran = run(*as_ordinary_user(), *COMMAND, "--check", "--json", data_dir=made_data_dir)

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["ready"] is True
