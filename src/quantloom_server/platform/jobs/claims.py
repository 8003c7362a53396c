"""A worker's hold on a job, and the system functions that it works through."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

import asyncpg
import orjson

from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import NOBODY, Database, Scope


class Outcome(StrEnum):
    """How an attempt ended. `retried` becomes `dead` when it was the last one."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RETRIED = "retried"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One attempt at a job. Whoever claims it later has a higher token, and fences this one off."""

    job_id: UUID
    fencing_token: int
    workspace_id: UUID | None
    user_id: UUID | None
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    request_id: str

    @classmethod
    def of(cls, record: asyncpg.Record) -> Self:
        return cls(
            job_id=record["id"],
            payload=orjson.loads(record["payload"]),
            **{name: record[name] for name in _SAME_NAMES},
        )

    @property
    def caller(self) -> Caller | None:
        """Who the job is done for; nobody, where it is the platform's own."""
        if self.user_id is None or self.workspace_id is None:
            return None
        return Caller(user_id=self.user_id, workspace_id=self.workspace_id)

    @property
    def scope(self) -> Scope:
        if self.workspace_id is None:
            return Scope(purpose="operate")
        return Scope(user_id=self.user_id, workspace_id=self.workspace_id)


_SAME_NAMES = (
    "fencing_token",
    "workspace_id",
    "user_id",
    "kind",
    "attempt",
    "max_attempts",
    "request_id",
)


async def claim(database: Database, job_id: UUID, worker: str, lease_s: float) -> Claim | None:
    """Take a job that waits; None where another has it, or it is over."""
    async with database.direct(NOBODY) as connection:
        record = await connection.fetchrow(
            "SELECT * FROM system.claim_job($1, $2, $3)", job_id, worker, lease_s
        )
    return None if record is None else Claim.of(record)


async def beat(
    database: Database, held: Claim, lease_s: float, progress: tuple[float, str] | None
) -> str:
    """Hold on to a job, and hear whether it is still `held`, to be `cancelled`, or `lost`."""
    done, note = progress or (None, None)
    async with database.direct(NOBODY) as connection:
        told: str = await connection.fetchval(
            "SELECT system.beat_job($1, $2, $3, $4, $5)",
            held.job_id,
            held.fencing_token,
            lease_s,
            done,
            note,
        )
    return told


async def finish(
    database: Database,
    held: Claim,
    outcome: Outcome,
    *,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, str] | None = None,
    again_s: float = 0.0,
) -> str | None:
    """Tell how an attempt ended, and learn the job's state after it; None where it was lost."""
    async with database.direct(NOBODY) as connection:
        state: str | None = await connection.fetchval(
            "SELECT system.finish_job($1, $2, $3, $4, $5, $6)",
            held.job_id,
            held.fencing_token,
            outcome,
            None if result is None else orjson.dumps(result).decode(),
            None if error is None else orjson.dumps(error).decode(),
            again_s,
        )
    return state
