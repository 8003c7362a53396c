"""Every query on jobs and schedules that stays within a workspace."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from quantloom_server.platform.jobs.tables import AttemptRow, JobRow, ScheduleRow
from quantloom_server.platform.paging import Listing, Slice, Window, read_slice
from quantloom_server.platform.reading import Reader, Told

_JOBS = Listing(
    select(
        JobRow.id,
        JobRow.kind,
        JobRow.queue,
        JobRow.state,
        JobRow.progress,
        JobRow.note,
        JobRow.attempt,
        JobRow.max_attempts,
        JobRow.cancel_requested_at,
        JobRow.user_id,
        JobRow.created_at,
        JobRow.updated_at,
        JobRow.started_at,
        JobRow.finished_at,
        JobRow.result,
        JobRow.error,
    ).where(JobRow.workspace_id == bindparam("workspace_id")),
    key=JobRow.id,
    filters={
        "state": JobRow.state == bindparam("state"),
        "kind": JobRow.kind == bindparam("kind"),
        "queue": JobRow.queue == bindparam("queue"),
    },
)


async def list_jobs(
    reader: Reader, window: Window, *, wanted: Mapping[str, str | None]
) -> Slice[Told]:
    """Read a page of jobs; `wanted` names columns and what they must hold."""
    return await _JOBS.part(reader, window, wanted=wanted, workspace_id=reader.caller.workspace_id)


async def add(session: AsyncSession, values: Mapping[str, Any]) -> JobRow | None:
    """Insert a job; None where its workspace has one of the same key."""
    inserting = (
        insert(JobRow)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=[JobRow.workspace_id, JobRow.key], index_where=JobRow.key.is_not(None)
        )
        .returning(JobRow)
    )
    return (await session.scalars(inserting)).one_or_none()


async def get_by_key(session: AsyncSession, workspace_id: UUID | None, key: str) -> JobRow:
    return (await session.scalars(_jobs(workspace_id).where(JobRow.key == key))).one()


async def find(
    session: AsyncSession, workspace_id: UUID | None, job_id: UUID, *, for_update: bool = False
) -> JobRow | None:
    query = _jobs(workspace_id).where(JobRow.id == job_id)
    if for_update:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def list_attempts(session: AsyncSession, job_id: UUID) -> Sequence[AttemptRow]:
    query = select(AttemptRow).where(AttemptRow.job_id == job_id)
    return (await session.scalars(query.order_by(AttemptRow.fencing_token))).all()


async def list_schedules(
    session: AsyncSession, workspace_id: UUID | None, window: Window
) -> Slice[ScheduleRow]:
    return await read_slice(session, _schedules(workspace_id), key=ScheduleRow.id, window=window)


async def find_schedule(
    session: AsyncSession, workspace_id: UUID | None, schedule_id: UUID, *, lock: bool = False
) -> ScheduleRow | None:
    query = _schedules(workspace_id).where(ScheduleRow.id == schedule_id)
    query = query.with_for_update() if lock else query
    return (await session.scalars(query)).one_or_none()


async def find_schedule_by_name(
    session: AsyncSession, workspace_id: UUID | None, name: str
) -> ScheduleRow | None:
    query = _schedules(workspace_id).where(ScheduleRow.name == name)
    return (await session.scalars(query)).one_or_none()


async def add_schedule(session: AsyncSession, values: Mapping[str, Any]) -> ScheduleRow | None:
    """Insert a schedule; None where its workspace has one of the same name."""
    inserting = (
        insert(ScheduleRow)
        .values(values)
        .on_conflict_do_nothing(index_elements=[ScheduleRow.workspace_id, ScheduleRow.name])
        .returning(ScheduleRow)
    )
    return (await session.scalars(inserting)).one_or_none()


def _schedules(workspace_id: UUID | None) -> Select[ScheduleRow]:
    return select(ScheduleRow).where(ScheduleRow.workspace_id.is_not_distinct_from(workspace_id))


def _jobs(workspace_id: UUID | None) -> Select[JobRow]:
    return select(JobRow).where(JobRow.workspace_id.is_not_distinct_from(workspace_id))
