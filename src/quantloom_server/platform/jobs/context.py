"""What a job's function works with."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from quantloom_server.platform.jobs.claims import Claim
from quantloom_server.platform.jobs.keeping import Keeper
from quantloom_server.platform.jobs.stopping import JobStopped, StopReason
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.transaction import Transaction

_HOLD = text("SELECT system.hold_job(:job, :token)")
_SUCCEED = text(
    "SELECT system.finish_job(:job, :token, 'succeeded', CAST(:result AS jsonb), NULL, 0)"
)


class JobContext:
    """One attempt at a job, as its function sees it.

    The function may block: the lease is kept from another thread. What it writes must go through
    `completing` or `transaction`, which keep nothing of a worker that has lost its job meanwhile.
    """

    def __init__(self, claim: Claim, parts: Parts, keeper: Keeper) -> None:
        self.parts = parts
        self._claim = claim
        self._keeper = keeper
        self._is_complete = False

    @property
    def job_id(self) -> UUID:
        return self._claim.job_id

    @property
    def attempt(self) -> int:
        return self._claim.attempt

    @property
    def is_complete(self) -> bool:
        """Whether the job's success has been recorded."""
        return self._is_complete

    @property
    def is_cancelled(self) -> bool:
        """Whether to stop, because somebody cancelled the job or its worker must let it go."""
        return self._keeper.stop_reason is not None

    def raise_if_cancelled(self) -> None:
        """Leave the job if it is to stop; to be called at least once a second.

        Raises:
            JobStopped: it is.
        """
        reason = self._keeper.stop_reason
        if reason is not None:
            raise JobStopped(reason)

    def progress(self, done: float, note: str = "") -> None:
        """Tell how far the job is, and leave it if it is to stop.

        Args:
            done: from 0 to 1.
            note: what it is doing now, in a few words.

        Raises:
            JobStopped: it is to stop.
        """
        self._keeper.report(min(max(done, 0.0), 1.0), note)
        self.raise_if_cancelled()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Read, or write what may stay if the job is tried again; undone if the job was lost."""
        async with self._open() as tx:
            yield tx
            # Asked last, so that the row is locked for a moment only.
            if not await tx.session.scalar(_HOLD, self._key()):
                raise JobStopped(StopReason.LOST)

    @asynccontextmanager
    async def completing(
        self, result: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Transaction]:
        """Write what the job was for, in the one transaction that records its success."""
        async with self._open() as tx:
            yield tx
            written = self._key() | {"result": orjson.dumps(result or {}).decode()}
            if await tx.session.scalar(_SUCCEED, written) is None:
                raise JobStopped(StopReason.LOST)
        self._is_complete = True

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Transaction]:
        self.raise_if_cancelled()
        async with self.parts.transaction(
            caller=self._claim.caller,
            scope=self._claim.scope,
            request_id=self._claim.request_id,
        ) as tx:
            yield tx

    def _key(self) -> dict[str, Any]:
        return {"job": self._claim.job_id, "token": self._claim.fencing_token}
