"""Keeping a job's lease from a thread of its own, whatever the job's function is busy with."""

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

import asyncpg
import structlog

from quantloom.errors import Unavailable
from quantloom_server.platform.database import Database
from quantloom_server.platform.jobs import claims
from quantloom_server.platform.jobs.claims import Claim, Outcome
from quantloom_server.platform.jobs.errors import JobTookTooLong
from quantloom_server.platform.jobs.stopping import StopReason

# A cancel is honoured within a second.
_PULSE_S = 0.4
_HARD_EXIT = 70
OUTCOMES = {
    StopReason.CANCELLED: Outcome.CANCELLED,
    StopReason.RELEASED: Outcome.RELEASED,
    StopReason.TOOK_TOO_LONG: Outcome.FAILED,
}
PASSING = (Unavailable, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

log = structlog.get_logger("app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a worker holds a job.

    `is_closing` tells whether the worker is to end and must let its jobs go; `limit_s` is how long
    the job may take.
    """

    database_url: str
    lease_s: float
    limit_s: float
    is_closing: Callable[[], bool]


class Keeper:
    """Beats for one attempt, carries its progress, and hears when it is to stop."""

    def __init__(self, claim: Claim, terms: Terms, on_stop: Callable[[], None]) -> None:
        self._claim = claim
        self._terms = terms
        self._on_stop = on_stop
        self._ended = threading.Event()
        self._progress: tuple[float, str] | None = None
        self._began = monotonic()
        self._stop_reason: StopReason | None = None
        self._stopped_at = 0.0
        self._thread = threading.Thread(target=self._run, name="job-keeper", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def stop_reason(self) -> StopReason | None:
        return self._stop_reason

    def report(self, done: float, note: str) -> None:
        """Have the next beat carry how far the job is."""
        self._progress = (done, note)

    def _run(self) -> None:
        asyncio.run(self._keep())

    async def _keep(self) -> None:
        database = await Database.open(
            self._terms.database_url, connections=1, statement_timeout_s=self._terms.lease_s
        )
        try:
            while not self._ended.wait(_PULSE_S):
                await self._pulse(database)
        finally:
            await database.close()

    async def _pulse(self, database: Database) -> None:
        if self._stop_reason is None:
            self._look_around()
        elif monotonic() - self._stopped_at > self._terms.lease_s / 2:
            # Its function does not stop when told, so that its process has to.
            await self._end_hard(database)
        try:
            told = await self._beat(database)
        except PASSING as error:
            # Fenced, a worker may go on: it keeps nothing if another took the job meanwhile.
            log.warning("jobs.beat_missed", job_id=str(self._claim.job_id), reason=repr(error))
            return
        if told != "held":
            self._stop(StopReason(told))

    async def _beat(self, database: Database) -> str:
        progress, self._progress = self._progress, None
        return await claims.beat(database, self._claim, self._terms.lease_s, progress)

    def _look_around(self) -> None:
        if self._terms.is_closing():
            self._stop(StopReason.RELEASED)
        elif monotonic() - self._began > self._terms.limit_s:
            self._stop(StopReason.TOOK_TOO_LONG)

    def _stop(self, reason: StopReason) -> None:
        if self._stop_reason is None:
            self._stop_reason, self._stopped_at = reason, monotonic()
            self._on_stop()

    async def _end_hard(self, database: Database) -> None:
        """Record how the job ended and end this process, for its function does not."""
        reason = self._stop_reason
        log.error("jobs.ended_hard", job_id=str(self._claim.job_id), reason=reason)
        if reason is not None and reason is not StopReason.LOST:
            with suppress(*PASSING):
                await claims.finish(
                    database, self._claim, OUTCOMES[reason], error=self.error_of(reason)
                )
        os._exit(_HARD_EXIT)

    def error_of(self, reason: StopReason) -> dict[str, str] | None:
        """What the row is to say of a stop."""
        if reason is not StopReason.TOOK_TOO_LONG:
            return None
        error = JobTookTooLong(self._claim.kind, self._terms.limit_s)
        return {"code": error.code, "message": str(error)}
