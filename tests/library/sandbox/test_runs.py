"""What becomes of jobs, honest and not: outcomes, limits, cancelling, and zygotes that die."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from quantloom.sandbox import (
    BadLimit,
    Bound,
    Cancellation,
    Cancelled,
    Crashed,
    Limits,
    NotPreloaded,
    Outcome,
    OverLimit,
    Payload,
    Refused,
    Sandbox,
    SandboxClosed,
    TimedOut,
    Value,
    ZygoteLost,
)
from tests.library.sandbox.conftest import JOBS

Run = Callable[..., Outcome]


@pytest.fixture
def run(sandbox: Sandbox) -> Run:
    def go(job: str, payload: bytes | Payload = b"", **options: Any) -> Outcome:
        return sandbox.run(f"{JOBS}:{job}", payload, **options)

    return go


@pytest.mark.parametrize("content", [b"", b"x", b"bars" * 500_000])
def test_what_a_function_returns_comes_out(run: Run, content: bytes) -> None:
    outcome = run("echo", content)

    assert isinstance(outcome, Value)
    assert outcome.content == content
    assert outcome.usage.cpu_s > 0


def test_what_is_printed_and_told_is_heard_as_it_comes(run: Run) -> None:
    told: list[bytes] = []
    heard: list[bytes] = []

    outcome = run("talk", on_progress=told.append, on_log=heard.append)

    assert told == [b"step 0", b"step 1", b"step 2"]
    assert outcome.log == b"line 0\nline 1\nline 2\n" == b"".join(heard)


def test_an_error_is_told_with_its_line(run: Run) -> None:
    outcome = run("complain")

    assert isinstance(outcome, Refused)
    assert (outcome.kind, outcome.text) == ("ValueError", "the 42nd line is wrong")
    assert "in complain" in outcome.trace


def test_only_bytes_leave(run: Run) -> None:
    outcome = run("nothing")

    assert isinstance(outcome, Refused)
    assert outcome.kind == "TypeError"


def test_the_wall_clock_ends_a_job_that_sleeps(run: Run) -> None:
    outcome = run("sleep", limits=Limits(wall_s=0.2))

    assert isinstance(outcome, TimedOut)
    assert outcome.limit_s == 0.2


def test_processor_time_ends_a_job_that_spins(run: Run) -> None:
    outcome = run("spin", limits=Limits(cpu_s=1, wall_s=60))

    assert isinstance(outcome, OverLimit)
    assert outcome.bound is Bound.CPU


@pytest.mark.parametrize(
    ("job", "payload", "limits", "bound"),
    [
        ("shout", b"5000", Limits(log=1000), Bound.LOG),
        ("zeros", b"5000", Limits(output=1000), Bound.OUTPUT),
        ("zeros", b"900000000", Limits(memory=64 << 20), Bound.MEMORY),
        ("talk", b"", Limits(progress=8), Bound.PROGRESS),
    ],
)
def test_each_limit_is_named(
    run: Run, job: str, payload: bytes, limits: Limits, bound: Bound
) -> None:
    outcome = run(job, payload, limits=limits)

    assert isinstance(outcome, OverLimit)
    assert outcome.bound is bound
    assert len(outcome.log) <= limits.log


def test_a_job_is_called_off_from_another_thread(run: Run) -> None:
    cancellation = Cancellation()

    outcome = run("sleep", on_progress=lambda _: cancellation.cancel(), cancellation=cancellation)

    assert isinstance(outcome, Cancelled)
    assert outcome.usage.wall_s < 5


def test_what_a_listener_raises_ends_the_job(run: Run) -> None:
    found: list[int] = []

    def refuse(told: bytes) -> None:
        found.append(int(told))
        raise KeyError

    with pytest.raises(KeyError):
        run("sleep", on_progress=refuse)

    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)


def test_jobs_run_side_by_side_and_leave_nothing_to_each_other(run: Run) -> None:
    with ThreadPoolExecutor(6) as pool:
        outcomes = [*pool.map(lambda _: run("remember"), range(12))]

    assert {one.content for one in outcomes if isinstance(one, Value)} == {b""}


def test_jobs_share_a_payload_and_not_its_place(run: Run) -> None:
    with Payload(b"head", memoryview(b"body")) as payload, ThreadPoolExecutor(2) as pool:
        outcomes = [*pool.map(lambda _: run("private", payload), range(4))]
        size = run("size", payload)

    told = [json.loads(one.content) for one in outcomes if isinstance(one, Value)]
    assert [one["offset"] for one in told] == [0] * 4
    assert isinstance(size, Value)
    assert size.content == b"8"


def test_a_payload_cannot_be_changed_any_more() -> None:
    with Payload(b"x") as payload, pytest.raises(OSError, match=r"not permitted|denied"):
        os.pwrite(os.open(f"/proc/self/fd/{payload.descriptor}", os.O_WRONLY), b"y", 0)


def test_jobs_at_once_run_as_different_users(run: Run, sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = [*pool.map(lambda _: run("private"), range(8))]

    users = {json.loads(one.content)["user"] for one in outcomes if isinstance(one, Value)}
    assert 0 not in users
    assert sandbox.layers.own_user == (os.geteuid() == 0)


def test_a_zygote_that_died_is_started_again() -> None:
    with Sandbox(preload=(JOBS,)) as sandbox:
        kill_zygote(sandbox)
        outcome = sandbox.run(f"{JOBS}:echo", b"again")

    assert isinstance(outcome, Value)
    assert outcome.content == b"again"


def test_a_job_whose_zygote_dies_is_lost_and_gone() -> None:
    found: list[int] = []

    with Sandbox(preload=(JOBS,)) as sandbox:

        def kill(told: bytes) -> None:
            found.append(int(told))
            kill_zygote(sandbox)

        with pytest.raises(ZygoteLost):
            sandbox.run(f"{JOBS}:sleep", b"", on_progress=kill)

    wait_until_gone(found[0])


def test_closing_ends_what_runs() -> None:
    sandbox = Sandbox(preload=(JOBS,))
    begun = threading.Event()
    found: list[int] = []

    def note(told: bytes) -> None:
        found.append(int(told))
        begun.set()

    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(sandbox.run, f"{JOBS}:sleep", b"", on_progress=note)
        assert begun.wait(30)
        sandbox.close()
        with pytest.raises(ZygoteLost):
            job.result()

    wait_until_gone(found[0])
    with pytest.raises(SandboxClosed):
        sandbox.run(f"{JOBS}:echo", b"")


def test_an_exit_without_an_answer_is_no_success(run: Run, sandbox: Sandbox) -> None:
    source = "import os\ndef attack(env): os._exit(0)"
    outcome = run("attack", json.dumps({"source": source, "env": {}}).encode())

    assert isinstance(outcome, Crashed)
    assert (outcome.reason, outcome.status) == ("no_answer", 0)


@pytest.mark.parametrize("function", ["os:getcwd", JOBS, f"{JOBS}:"])
def test_only_functions_of_preloaded_modules_run(sandbox: Sandbox, function: str) -> None:
    with pytest.raises(NotPreloaded):
        sandbox.run(function, b"")


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "9"])
def test_a_limit_is_a_number_above_zero(value: Any) -> None:
    with pytest.raises(BadLimit):
        Limits(wall_s=value)


def kill_zygote(sandbox: Sandbox) -> None:
    zygote = sandbox.zygote
    os.kill(zygote, signal.SIGKILL)
    os.waitid(os.P_PID, zygote, os.WEXITED | os.WNOWAIT)


def wait_until_gone(pid: int) -> None:
    """The kernel ends children with their zygote; who buries them then is not ours."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state in "ZX":
            return
        os.sched_yield()
    raise AssertionError(f"{pid} is still there")
