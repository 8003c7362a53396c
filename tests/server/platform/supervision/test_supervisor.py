"""The supervisor with real processes: dying ones, stubborn ones, and its own violent end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from quantloom_server.platform.embedded.holding import started
from quantloom_server.platform.supervision.board import State, Status, noted, read_board
from tests.house.checkout import ROOT

FOREVER = "import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN)\nwhile True: signal.pause()"
DEADLINE_S = 20


class Platform:
    """A supervisor in a process of its own."""

    def __init__(self, data_dir: Path, processes: Mapping[str, str], **given: Any) -> None:
        self.data_dir = data_dir
        module = "tests.server.platform.supervision.platform_script"
        body = json.dumps({"processes": dict(processes), **given})
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, data_dir, body],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def status(self, name: str) -> Status:
        found = read_board(self.data_dir / "run" / "state.json")
        return next((each for each in found if each.name == name), Status(name))

    def until(self, name: str, *states: State, restarts: int = 0) -> Status:
        def is_there() -> bool:
            found = self.status(name)
            return found.state in states and found.restarts >= restarts

        wait_until(is_there)
        return self.status(name)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> str:
        """Stop it; returns what it wrote."""
        self.process.send_signal(number)
        written, _ = self.process.communicate(timeout=DEADLINE_S)
        return written


def wait_until(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def start(data_dir: Path) -> Iterator[Callable[..., Platform]]:
    running: list[Platform] = []

    def start_one(processes: Mapping[str, str], **given: Any) -> Platform:
        running.append(Platform(data_dir, processes, **given))
        return running[-1]

    yield start_one
    for platform in running:
        if platform.process.poll() is None:
            platform.stop()


Start = Callable[..., Platform]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_everything_when_asked(start: Start, number: signal.Signals) -> None:
    platform = start({"one": FOREVER, "two": FOREVER})
    pids = [platform.until(name, State.READY).pid for name in ("one", "two")]

    written = platform.stop(number)

    assert platform.process.returncode == 0
    assert "everything is ready" in written
    assert "everything has stopped" in written
    assert [pid for pid in pids if pid is not None and started(pid)] == []
    assert platform.status("one").state is State.STOPPED


def test_what_dies_is_started_again(start: Start) -> None:
    platform = start({"one": FOREVER})
    first = platform.until("one", State.READY)
    assert first.pid is not None

    os.kill(first.pid, signal.SIGKILL)
    second = platform.until("one", State.READY, restarts=1)

    assert second.pid != first.pid
    assert second.last_exit == "exit SIGKILL"
    assert "one died last=" in platform.stop()


def test_a_crash_loop_is_told_and_the_others_go_on(start: Start) -> None:
    platform = start({"bad": "import sys; sys.exit('no such setting')", "good": FOREVER})

    bad = platform.until("bad", State.CRASH_LOOP, restarts=3)

    assert platform.status("good").state is State.READY
    assert bad.last_exit == "exit 1"
    written = platform.stop()
    assert "bad keeps dying, 3 times" in written
    assert "no such setting" in written


def test_a_stubborn_process_is_killed_after_its_grace(start: Start) -> None:
    platform = start({"one": STUBBORN}, grace_s=0.2)
    pid = platform.until("one", State.READY).pid
    begun = time.monotonic()

    platform.stop()

    assert pid is not None
    assert started(pid) is None
    assert time.monotonic() - begun < 5


def test_a_second_request_to_stop_waits_for_nobody(start: Start) -> None:
    platform = start({"one": STUBBORN}, grace_s=60)
    platform.until("one", State.READY)
    begun = time.monotonic()

    platform.process.send_signal(signal.SIGINT)
    assert platform.process.stdout is not None
    while "stopping" not in platform.process.stdout.readline():
        pass
    platform.stop(signal.SIGINT)

    assert time.monotonic() - begun < 5


def test_helpers_of_a_dead_process_do_not_outlive_it(start: Start, tmp_path: Path) -> None:
    note = tmp_path / "helper"
    code = (
        "import os, signal\n"
        "helper = os.fork()\n"
        f"if helper: open({str(note)!r}, 'w').write(str(helper) + chr(10))\n"
        "signal.pause()"
    )
    platform = start({"one": code})
    pid = platform.until("one", State.READY).pid
    wait_until(lambda: note.exists() and note.read_text().endswith("\n"))
    helper = int(note.read_text())

    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    wait_until(lambda: started(helper) is None)


def test_a_second_instance_is_refused_with_the_number_of_the_first(start: Start) -> None:
    first = start({"one": FOREVER})
    first.until("one", State.READY)

    second = start({"one": FOREVER})
    written, _ = second.process.communicate(timeout=DEADLINE_S)

    assert second.process.returncode == 1
    assert f"quantloom up already runs on {first.data_dir}" in written
    assert f"process {first.process.pid}" in written
    assert first.status("one").state is State.READY


def test_children_end_with_a_supervisor_that_is_killed(start: Start) -> None:
    platform = start({"one": FOREVER})
    pid = platform.until("one", State.READY).pid
    assert pid is not None

    platform.process.kill()
    platform.process.communicate()

    wait_until(lambda: started(pid) is None)
    assert platform.status("one").state is State.STOPPED


def test_a_start_after_that_ends_what_did_not_want_to(start: Start) -> None:
    first = start({"one": STUBBORN})
    pid = first.until("one", State.READY).pid
    assert pid is not None
    first.process.kill()
    first.process.communicate()
    assert started(pid) is not None

    second = start({"two": FOREVER})
    second.until("two", State.READY)

    wait_until(lambda: started(pid) is None)


def test_a_process_that_announces_itself_is_not_ready_before(start: Start, tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, socket, time\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)\n"
        "line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "line.sendto(b'READY=1', chr(0) + os.environ['NOTIFY_SOCKET'][1:])\n"
        "signal.pause()"
    )
    platform = start({"announcing": code, "other": FOREVER})
    platform.until("other", State.READY)
    assert platform.status("announcing").state is State.STARTING

    (tmp_path / "go").touch()

    platform.until("announcing", State.READY)


LOADS_AND_WAITS = """
import os, pathlib, sys, time
folder = pathlib.Path({folder!r})
(folder / "loaded").touch()
waits = "QUANTLOOM_UP_WAITS" in os.environ
(folder / ("told" if waits and sys.stdin.buffer.read(1) == b"\\n" else "began")).touch()
time.sleep(60)
"""


def test_a_process_may_load_before_what_it_needs_is_there(start: Start, tmp_path: Path) -> None:
    code = LOADS_AND_WAITS.format(folder=str(tmp_path))
    prepared = tmp_path / "prepared"
    platform = start({"waiting": code}, prepared_by=str(prepared), may_hasten=True)
    wait_until((tmp_path / "loaded").exists)
    assert platform.status("waiting").state is State.STARTING

    prepared.touch()
    first = platform.until("waiting", State.READY)
    wait_until((tmp_path / "told").exists)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)

    # The word is given once and holds: what is started again does not wait for another.
    wait_until((tmp_path / "began").exists)


def test_a_start_that_is_broken_off_leaves_no_process_waiting(start: Start, tmp_path: Path) -> None:
    platform = start({"waiting": FOREVER}, prepared_by=str(tmp_path / "never"), may_hasten=True)
    pid = platform.until("waiting", State.STARTING).pid

    written = platform.stop()

    assert pid is not None
    assert started(pid) is None
    assert "everything has stopped" in written


SPEAKS = """
import os, socket, time
line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
place = "\\0" + os.environ["NOTIFY_SOCKET"][1:]
line.sendto(b"READY=1", place)
while True:
    line.sendto(b"WATCHDOG=1", place)
    until = time.monotonic() + float(os.environ["WATCHDOG_USEC"]) / 4e6
    while time.monotonic() < until: pass
"""


def test_what_lives_and_says_nothing_is_started_again_and_what_is_busy_is_not(
    start: Start,
) -> None:
    platform = start({"announcing 1": SPEAKS, "announcing 2": SPEAKS}, hangs_after_s=1.2)
    first = platform.until("announcing 1", State.READY)
    platform.until("announcing 2", State.READY)
    assert first.pid is not None

    os.kill(first.pid, signal.SIGSTOP)
    second = platform.until("announcing 1", State.READY, restarts=1)

    assert second.pid != first.pid
    assert second.last_exit.startswith("hung, silent for 1.")
    assert platform.status("announcing 2").restarts == 0
    assert "announcing 1 hangs silent_s=1." in platform.stop()


def test_a_supervisor_that_stood_still_blames_nobody(start: Start) -> None:
    platform = start({"announcing": SPEAKS}, hangs_after_s=0.6)
    first = platform.until("announcing", State.READY)

    platform.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > 1)
    platform.process.send_signal(signal.SIGCONT)
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > 0.5)

    assert platform.status("announcing") == first
    assert "hangs" not in platform.stop()


def test_systemd_is_told(start: Start, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(DEADLINE_S)
        platform = start({"one": FOREVER}, notify=str(tmp_path / "notify"))

        assert ear.recv(200).startswith(b"READY=1")
        platform.stop()
        assert ear.recv(200) == b"STOPPING=1"


def test_servers_start_first_die_and_come_back(start: Start) -> None:
    platform = start({"one": FOREVER}, servers=True)
    platform.until("one", State.READY)
    pids = {name: platform.status(name).pid for name in ("postgres", "valkey")}

    for pid in pids.values():
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    for name, pid in pids.items():
        assert platform.until(name, State.READY, restarts=1).pid != pid
    begun = time.monotonic()
    platform.stop()
    assert platform.process.returncode == 0
    assert time.monotonic() - begun < 10
    assert all(each.pid is None for each in noted(platform.data_dir / "run" / "state.json"))


def test_servers_start_again_after_the_supervisor_was_killed(start: Start) -> None:
    first = start({}, servers=True)
    for name in ("postgres", "valkey"):
        first.until(name, State.READY)
    first.process.kill()
    first.process.communicate()

    second = start({"one": FOREVER}, servers=True)
    second.until("one", State.READY)

    assert second.status("postgres").state is State.READY
    assert second.status("valkey").state is State.READY


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_kills_at_any_moment_leave_what_the_next_start_can_use(start: Start, seed: int) -> None:
    rng = Random(seed)
    for _ in range(8):
        platform = start({"one": FOREVER, "two": STUBBORN}, servers=True)
        time.sleep(rng.uniform(0, 2.5))
        platform.process.kill()
        platform.process.communicate()

    last = start({"one": FOREVER}, servers=True)
    # Its own words, since the states on disk may still be those of the one before.
    assert last.process.stdout is not None
    while "everything is ready" not in (line := last.process.stdout.readline()):
        assert line

    assert last.status("postgres").state is State.READY
    assert last.status("valkey").state is State.READY
    last.stop()
    assert last.process.returncode == 0
