"""A worker that knows kinds of jobs made for tests; run by `python -m`.

Their effects are rows of the table `effects`, so that what happened can be counted.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from quantloom.errors import Unavailable
from quantloom_server.platform.jobs.context import JobContext
from quantloom_server.platform.jobs.registry import job
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.settings import Settings
from quantloom_server.worker import run_worker

ADD_EFFECT = text("INSERT INTO effects (job_id, attempt) VALUES (:job_id, :attempt)")


@dataclass(frozen=True, slots=True)
class Work:
    """For how long to work, and how often to fail first."""

    work_s: float = 0.0
    fail: int = 0


def compute(work_s: float, ask: Callable[[], None]) -> None:
    until = time.monotonic() + work_s
    while time.monotonic() < until:
        ask()
        time.sleep(0.02)


class NotYet(Unavailable):
    code = "tests.not_yet"

    def __str__(self) -> str:
        return "not yet; try again"


@job("tests.count", is_schedulable=True)
async def count(context: JobContext, work: Work) -> None:
    """Works a while, and leaves one effect together with its success."""
    steps = max(int(work.work_s / 0.02), 1)
    for step in range(steps):
        context.progress(step / steps, "counting")
        await asyncio.sleep(work.work_s / steps)
    if context.attempt <= work.fail:
        raise NotYet
    async with context.completing({"attempt": context.attempt}) as tx:
        await tx.session.execute(ADD_EFFECT, {"job_id": context.job_id, "attempt": context.attempt})


@job("tests.block")
async def block(context: JobContext, work: Work) -> Mapping[str, Any]:
    """Blocks its loop, as computing does, and asks now and then whether to go on."""
    compute(work.work_s, ask=context.raise_if_cancelled)
    return {"blocked_s": work.work_s}


@job("tests.deaf")
async def deaf(context: JobContext, work: Work) -> None:
    """Never asks."""
    compute(work.work_s, ask=lambda: None)


@job("tests.crash")
async def crash(context: JobContext, work: Work) -> None:
    """Takes its process along, as a fault in compiled code does."""
    os.kill(os.getpid(), signal.SIGKILL)


@job("tests.hasty", limit_s=0.5)
async def hasty(context: JobContext, work: Work) -> None:
    """Works, and may not work for long."""
    await asyncio.sleep(work.work_s)


if __name__ == "__main__":
    settings = Settings()
    raise SystemExit(run_worker(settings, queues=[*Queue], processes=settings.worker_processes))
