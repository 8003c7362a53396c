"""The worker: one pool of processes that does the jobs of some queues, or of all."""

import asyncio
import ctypes
import logging
import mmap
import os
import signal
import socket
import struct
import threading
import warnings
from collections.abc import Iterable
from contextlib import AsyncExitStack
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from celery import signals
from celery.exceptions import SecurityWarning

from quantloom_server.platform.callers import ClosedDoor
from quantloom_server.platform.jobs.broker import RUN_JOB, make_celery
from quantloom_server.platform.jobs.keeping import Terms
from quantloom_server.platform.jobs.registry import LONGEST_S
from quantloom_server.platform.jobs.running import Runner
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.opening import needed, open_parts
from quantloom_server.platform.supervision.notify import Notifier, Pulse
from quantloom_server.settings import Settings

# prctl's number for the signal that a process gets when its parent is gone.
_PR_SET_PDEATHSIG = 1
_CONNECTIONS = 3

log = structlog.get_logger("app")


class Closing:
    """When the jobs of a worker that was told to end must stop; seen by all of its processes."""

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._memory = mmap.mmap(-1, 8)

    def begin(self) -> None:
        self._memory[:] = struct.pack("d", monotonic() + self._grace_s)

    def is_over(self) -> bool:
        """Whether the time of grace has begun and passed."""
        until = float(struct.unpack("d", self._memory[:])[0])
        return 0 < until <= monotonic()


class Child:
    """One process of the pool: an event loop, and the parts that its jobs share.

    Made before the fork and opened by the first job, since connections do not survive a fork.
    """

    def __init__(self, settings: Settings, closing: Closing) -> None:
        self._settings = settings.model_copy(update={"database_connections": _CONNECTIONS})
        self._closing = closing
        self._stack = AsyncExitStack()
        self._loop: asyncio.Runner | None = None
        self._runner: Runner | None = None

    def run(self, job_id: UUID) -> None:
        if self._loop is None:
            self._loop = asyncio.Runner()
        self._loop.run(self._run(job_id))

    async def _run(self, job_id: UUID) -> None:
        if self._runner is None:
            self._runner = await self._open()
        await self._runner.run(job_id)

    async def _open(self) -> Runner:
        parts = await self._stack.enter_async_context(
            open_parts(self._settings, keeper=lambda *_: ClosedDoor())
        )
        terms = Terms(
            database_url=needed(self._settings.database_url, "QUANTLOOM_DATABASE_URL"),
            lease_s=self._settings.job_lease_s,
            limit_s=LONGEST_S,
            is_closing=self._closing.is_over,
        )
        return Runner(
            parts,
            terms,
            worker=f"{socket.gethostname()}:{os.getpid()}",
            dice=Random(),  # noqa: S311  how long to wait, nothing secret
        )


def run_worker(settings: Settings, *, queues: Iterable[Queue], processes: int) -> int:
    """Do jobs until told to end; the exit code of the process.

    Raises:
        NotConfigured: there is no address of PostgreSQL or of the broker.
    """
    needed(settings.database_url, "QUANTLOOM_DATABASE_URL")
    app = make_celery(settings)
    closing = Closing(settings.worker_grace_s)
    child = Child(settings, closing)

    @app.task(name=RUN_JOB)
    def run_job(job_id: str) -> None:
        """Do one job; the row says how it went."""
        child.run(UUID(job_id))

    def begin_closing(**_: Any) -> None:
        closing.begin()

    ended = threading.Event()

    def tell_ready(**_: Any) -> None:
        Notifier.of(os.environ).tell("READY=1")
        # Not from its loop: that waits for a broker that is away, and need not be killed for it.
        pulse = Pulse.of(os.environ)
        threading.Thread(target=pulse.beat_while, args=(ended.wait,), daemon=True).start()

    signals.worker_ready.connect(tell_ready)
    signals.worker_shutting_down.connect(begin_closing)
    signals.worker_process_init.connect(_die_with_parent)
    signals.setup_logging.connect(_leave_logging)
    # Celery fears pickles where root runs it; messages here are JSON.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker = app.Worker(
        hostname=f"{socket.gethostname()}:{os.getpid()}",
        pool="prefork",
        concurrency=processes,
        queues=",".join(queues),
        loglevel=logging.WARNING,
        quiet=True,
        without_gossip=True,
        without_heartbeat=True,
        without_mingle=True,
    )
    log.info("worker.starting", queues=[*queues], processes=processes)
    try:
        worker.start()
    finally:
        ended.set()
    return int(worker.exitcode or 0)


def _die_with_parent(**_: Any) -> None:
    """Have the kernel end this process when its worker is gone, so that no job is done unseen."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _leave_logging(**_: Any) -> None:
    """Celery sets logging up by itself unless somebody listens to this signal."""
