"""From the rows to the queues: sends jobs that are due, takes back what died with its worker."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog

from quantloom_server.platform.database import NOBODY, Database
from quantloom_server.platform.jobs.broker import Broker

# One that waits in a full queue may have lost it too; twice in the queue is harmless.
_STALE_S = 900.0
_MOST_AT_ONCE = 200

log = structlog.get_logger("app")


class Dispatcher:
    """Sends what is due. Any number may run; rows are taken by one at a time.

    A job that nobody took from an empty queue for `lost_s` has lost its message.
    """

    def __init__(self, database: Database, broker: Broker, *, lost_s: float) -> None:
        self._database = database
        self._broker = broker
        self._lost_s = lost_s

    async def send_due(self) -> int:
        """Send jobs that have not been sent, and tell how many that were."""
        return await self._send(await self._take([]))

    async def send_lost(self) -> int:
        """Send again what was sent, and is neither in its queue nor claimed."""
        empty = await asyncio.to_thread(self._broker.list_empty)
        return await self._send(await self._take(empty))

    async def sweep(self) -> int:
        """Take jobs back from workers that were not heard of, and tell how many."""
        async with self._database.direct(NOBODY) as connection:
            lost = await connection.fetch("SELECT * FROM system.sweep_jobs($1)", _MOST_AT_ONCE)
        for row in lost:
            log.warning("jobs.swept", job_id=str(row["id"]), kind=row["kind"], state=row["state"])
        return len(lost)

    async def purge(self, keep_days: int) -> int:
        """Forget jobs that ended long ago."""
        async with self._database.direct(NOBODY) as connection:
            gone: int = await connection.fetchval("SELECT system.purge_jobs($1)", keep_days)
        return gone

    async def _take(self, empty: Sequence[str]) -> list[tuple[UUID, str]]:
        async with self._database.direct(NOBODY) as connection:
            rows = await connection.fetch(
                "SELECT * FROM system.send_jobs($1, $2, $3, $4)",
                _MOST_AT_ONCE,
                list(empty),
                self._lost_s,
                _STALE_S,
            )
        again = [str(row["id"]) for row in rows if row["is_again"]]
        if again:
            log.warning("jobs.sent_again", job_ids=again)
        return [(row["id"], row["queue"]) for row in rows]

    async def _send(self, jobs: list[tuple[UUID, str]]) -> int:
        if not jobs:
            return 0
        try:
            await asyncio.to_thread(self._broker.send, jobs)
        except BaseException:
            await self._take_back(jobs)
            raise
        return len(jobs)

    async def _take_back(self, jobs: list[tuple[UUID, str]]) -> None:
        async with self._database.direct(NOBODY) as connection:
            await connection.execute(
                "SELECT system.unsend_jobs($1)", [job_id for job_id, _ in jobs]
            )
