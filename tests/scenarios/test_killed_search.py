"""A search is killed with all its might in the middle, and goes on as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from quantloom.backtest.optimise import load_study
from quantloom.data import random_walk

STRATEGY = """
from quantloom import Parameter, Strategy

class Slow(Strategy):
    hold: int = Parameter(5, low=1, high=50)
    wait: int = Parameter(5, low=1, high=50)

    def initialize(self, ctx):
        self.bars = 0

    def on_bar(self, ctx, bar):
        sum(range(60_000))
        self.bars += 1
        if ctx.position.is_flat and self.bars % self.wait == 0:
            ctx.buy(bar.symbol, 10)
        elif self.bars % self.hold == 0:
            ctx.close(bar.symbol)
"""
COMMAND = (sys.executable, "-c", "from quantloom.cli import main; main()", "optimize")
SEARCH = (
    *("run", "slow.py", "--data", "walk.csv", "--method", "random", "--trials", "6"),
    *("--seed", "3", "--workers", "2", "--no-count"),
)
_PATIENCE_S = 120


def until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < _PATIENCE_S, "waited in vain"
        threading.Event().wait(0.01)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def finished(folder: Path) -> int:
    path = folder / "trials.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
    return subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE
    )


@pytest.mark.untraced
def test_a_killed_search_ends_with_the_bytes_of_one_that_ran_through(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "slow.py").write_text(STRATEGY)
    random_walk(200, seed=2, timeframe="1d").to_frame().to_csv(tmp_path / "walk.csv")

    killed = start(tmp_path, *SEARCH, "--save", "cut")
    until(lambda: finished(tmp_path / "cut") >= 2)
    workers = children(killed.pid)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    kept = finished(tmp_path / "cut")
    until(lambda: not any(map(is_alive, workers)))
    litter = [*(tmp_path / "tmp").iterdir()]
    resumed = start(tmp_path, "resume", "cut", "--json")
    told, _ = resumed.communicate()
    whole = start(tmp_path, *SEARCH, "--save", "whole", "--workers", "1", "--json")
    wanted, _ = whole.communicate()

    assert workers
    assert litter == []
    assert 2 <= kept < 6
    assert resumed.returncode == whole.returncode == 0
    assert finished(tmp_path / "cut") == 6
    trials = [(tmp_path / name / "trials.jsonl").read_bytes() for name in ("cut", "whole")]
    assert trials[0] == trials[1]
    assert json.loads(told)["best"] == json.loads(wanted)["best"]
    assert len(load_study(tmp_path / "cut").trials) == 6


@pytest.mark.soak
def test_ctrl_c_ends_the_search_and_its_workers_and_keeps_what_is_finished(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "slow.py").write_text(STRATEGY)
    random_walk(200, seed=2, timeframe="1d").to_frame().to_csv(tmp_path / "walk.csv")

    running = start(tmp_path, *SEARCH, "--save", "cut")
    until(lambda: finished(tmp_path / "cut") >= 1)
    workers = children(running.pid)
    running.send_signal(signal.SIGINT)
    running.communicate()

    assert running.returncode == 130
    assert not any(map(is_alive, workers))
    assert [*(tmp_path / "tmp").iterdir()] == []
    assert 1 <= finished(tmp_path / "cut") < 6
