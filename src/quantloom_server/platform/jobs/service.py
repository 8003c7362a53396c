"""Jobs as other domains and the API know them: make one, look at it, cancel it, try it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func

from quantloom_server.platform import trail
from quantloom_server.platform.jobs import repository
from quantloom_server.platform.jobs.errors import JobIsOver, JobNotFound, JobNotRetriable
from quantloom_server.platform.jobs.states import JobState, Queue
from quantloom_server.platform.jobs.tables import AttemptRow, JobRow
from quantloom_server.platform.paging import Slice, Window
from quantloom_server.platform.reading import Reader, Told
from quantloom_server.platform.transaction import Transaction

MOST_ATTEMPTS = 3
_RETRIABLE = {JobState.FAILED, JobState.DEAD, JobState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs are wanted; what is None does not matter."""

    state: JobState | None = None
    kind: str | None = None
    queue: Queue | None = None

    def wanted(self) -> dict[str, str]:
        named = {"state": self.state, "kind": self.kind, "queue": self.queue}
        return {column: str(value) for column, value in named.items() if value is not None}


async def enqueue(
    tx: Transaction,
    *,
    kind: str,
    queue: Queue,
    payload: Mapping[str, Any],
    key: str | None = None,
    after: timedelta | None = None,
    max_attempts: int = MOST_ATTEMPTS,
) -> JobRow:
    """Have a job done once the transaction is committed, for the caller and its workspace.

    A transaction without a caller makes a job of the platform's own; its scope then names the
    purpose `operate`.

    Args:
        tx: the transaction that the job belongs to; undone, there is no job.
        kind: the name under which `@job` knows the function, such as `backtests.run`.
        queue: the line it waits in.
        payload: plain JSON that fits the function's payload type.
        key: the same key in one workspace gives the job that is there already.
        after: how long to wait before it starts.
        max_attempts: how often it may be begun before it counts as dead.
    """
    workspace_id = tx.caller.workspace_id if tx.caller else None
    values: dict[str, Any] = {
        "id": tx.new_id(),
        "workspace_id": workspace_id,
        "user_id": tx.caller.user_id if tx.caller else None,
        "kind": kind,
        "queue": queue,
        "payload": dict(payload),
        "key": key,
        "request_id": tx.request_id,
        "max_attempts": max_attempts,
    }
    if after is not None:
        values["available_at"] = func.now() + after
    row = await repository.add(tx.session, values)
    if row is not None:
        return row
    return await repository.get_by_key(tx.session, workspace_id, key or "")


async def get_job(tx: Transaction, job_id: UUID) -> JobRow:
    """Read a job of the caller's workspace.

    Raises:
        JobNotFound: there is none.
    """
    row = await repository.find(tx.session, tx.asked_by().workspace_id, job_id)
    if row is None:
        raise JobNotFound(job_id)
    return row


async def list_attempts(tx: Transaction, job_id: UUID) -> Sequence[AttemptRow]:
    """Read who has held a job, from first to last."""
    return await repository.list_attempts(tx.session, job_id)


async def list_jobs(reader: Reader, wanted: JobFilter, window: Window) -> Slice[Told]:
    """Read a page of the workspace's jobs, newest first."""
    return await repository.list_jobs(reader, window, wanted=wanted.wanted())


async def cancel_job(tx: Transaction, job_id: UUID) -> JobRow:
    """Cancel a job at once if it waits, or have its worker stop it within a second.

    Raises:
        JobNotFound: there is none.
        JobIsOver: it has ended.
    """
    row = await _get_for_update(tx, job_id)
    state = JobState(row.state)
    if state is JobState.CANCELLED:
        return row
    if state.is_over:
        raise JobIsOver(job_id, state)
    row.cancel_requested_at = row.cancel_requested_at or tx.now()
    if state is JobState.QUEUED:
        row.state, row.finished_at = JobState.CANCELLED, tx.now()
    await tx.session.flush()
    await trail.record(tx, action="jobs.cancelled", object_kind="job", object_id=job_id)
    return row


async def retry_job(tx: Transaction, job_id: UUID) -> JobRow:
    """Queue a job again that ended without success, with all its attempts before it.

    Raises:
        JobNotFound: there is none.
        JobNotRetriable: it has not ended, or it succeeded.
    """
    row = await _get_for_update(tx, job_id)
    if row.state not in _RETRIABLE:
        raise JobNotRetriable(job_id, row.state)
    row.state, row.attempt, row.progress, row.note = JobState.QUEUED, 0, 0.0, ""
    row.cancel_requested_at = row.finished_at = row.sent_at = row.error = None
    await tx.session.flush()
    await trail.record(tx, action="jobs.retried", object_kind="job", object_id=job_id)
    return row


async def _get_for_update(tx: Transaction, job_id: UUID) -> JobRow:
    row = await repository.find(tx.session, tx.asked_by().workspace_id, job_id, for_update=True)
    if row is None:
        raise JobNotFound(job_id)
    return row
