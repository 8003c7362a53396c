"""Workers and a beat with a database and a Valkey of their own, for tests that do them harm."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from redis.asyncio import Redis

from quantloom_server.beat import Beat
from quantloom_server.platform.callers import Caller, ClosedDoor
from quantloom_server.platform.database import Database
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.jobs import service
from quantloom_server.platform.jobs.broker import Broker, make_celery
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.opening import open_parts
from quantloom_server.platform.parts import Parts
from quantloom_server.settings import Settings

WORKER = ("-m", "tests.server.platform.jobs.kinds")
# Long enough for a busy machine, short enough for a test.
LEASE_S = 2.0


@dataclass(slots=True)
class Crew:
    """What does jobs, and ways to disturb it."""

    settings: Settings
    parts: Parts
    broker: Broker
    caller: Caller
    valkey: ValkeyServer
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.parts.database

    def start_worker(self) -> subprocess.Popen[bytes]:
        settings = self.settings
        assert settings.database_url
        assert settings.redis_url
        assert settings.secret_key
        environment = os.environ | {
            "QUANTLOOM_DATABASE_URL": settings.database_url.get_secret_value(),
            "QUANTLOOM_REDIS_URL": settings.redis_url.get_secret_value(),
            "QUANTLOOM_SECRET_KEY": settings.secret_key.get_secret_value(),
            "QUANTLOOM_JOB_LEASE_S": str(settings.job_lease_s),
            "QUANTLOOM_WORKER_GRACE_S": str(settings.worker_grace_s),
            "QUANTLOOM_WORKER_PROCESSES": str(settings.worker_processes),
        }
        worker = subprocess.Popen([sys.executable, *WORKER], env=environment)
        self.workers.append(worker)
        return worker

    def kill_worker(self) -> None:
        worker = self.workers.pop()
        worker.kill()
        worker.wait()

    def end_workers(self) -> None:
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        for worker in self.workers:
            worker.wait(20)
        self.workers.clear()

    async def enqueue(self, kind: str, *, key: str | None = None, **payload: Any) -> UUID:
        async with self.parts.transaction(caller=self.caller) as tx:
            row = await service.enqueue(
                tx, kind=kind, queue=Queue.DATA, payload=payload, key=key, max_attempts=3
            )
        return row.id

    async def cancel(self, job_id: UUID) -> None:
        async with self.parts.transaction(caller=self.caller) as tx:
            await service.cancel_job(tx, job_id)

    async def row(self, job_id: UUID) -> asyncpg.Record:
        async with self.database.direct(self.caller.scope) as connection:
            row = await connection.fetchrow("SELECT * FROM jobs WHERE id = $1", job_id)
        assert row is not None
        return row

    async def until(
        self, job_id: UUID, holds: Callable[[asyncpg.Record], bool], within_s: float = 60
    ) -> asyncpg.Record:
        """Wait until something holds of a job's row."""
        async with asyncio.timeout(within_s):
            while not holds(row := await self.row(job_id)):  # noqa: ASYNC110  not in this process
                await asyncio.sleep(0.02)
        return row

    async def done(self, job_id: UUID) -> asyncpg.Record:
        return await self.until(job_id, lambda row: row["finished_at"] is not None)

    async def running(self, job_id: UUID) -> int:
        """Wait until a job runs, and tell the process that does it; 0 if it is over already."""
        row = await self.until(job_id, lambda row: row["started_at"] is not None)
        return int((row["worker"] or ":0").rpartition(":")[2])

    async def effects(self, *job_ids: UUID) -> list[int]:
        """How many effects each job left."""
        async with self.database.direct(self.caller.scope) as connection:
            return [
                await connection.fetchval("SELECT count(*) FROM effects WHERE job_id = $1", job_id)
                for job_id in job_ids
            ]

    async def outcomes(self, job_id: UUID) -> list[str]:
        async with self.database.direct(self.caller.scope) as connection:
            rows = await connection.fetch(
                "SELECT outcome FROM job_attempts WHERE job_id = $1 ORDER BY fencing_token", job_id
            )
        return [row["outcome"] for row in rows]

    def redis(self) -> Redis:
        return Redis.from_url(self.valkey.url())


@asynccontextmanager
async def beating(parts: Parts, broker: Broker, holder: str) -> AsyncIterator["asyncio.Task[None]"]:
    beat = asyncio.create_task(Beat(parts, broker, Random(1), holder=holder).run())
    try:
        yield beat
    finally:
        beat.cancel()
        await asyncio.gather(beat, return_exceptions=True)


@asynccontextmanager
async def assemble(
    settings: Settings, valkey: ValkeyServer, make_caller: Callable[[Database], Awaitable[Caller]]
) -> AsyncIterator[Crew]:
    """A crew with a beat and no worker yet."""
    async with AsyncExitStack() as stack:
        broker = Broker(make_celery(settings))
        stack.callback(broker.close)
        parts = await stack.enter_async_context(
            open_parts(settings, keeper=lambda *_: ClosedDoor())
        )
        await stack.enter_async_context(beating(parts, broker, "crew"))
        crew = Crew(settings, parts, broker, await make_caller(parts.database), valkey)
        stack.callback(crew.end_workers)
        yield crew
