"""Routes of jobs and schedules."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from quantloom_server.platform.edge.conditions import Expected, IfMatch
from quantloom_server.platform.errors import PreconditionFailed
from quantloom_server.platform.hot import ReaderOf
from quantloom_server.platform.jobs import schedules, service
from quantloom_server.platform.jobs.schedules import ScheduleSpec
from quantloom_server.platform.jobs.schemas import (
    AttemptOut,
    JobDetailOut,
    JobOut,
    JobsAsked,
    ScheduleChangeIn,
    ScheduleIn,
    ScheduleOut,
)
from quantloom_server.platform.jobs.service import JobFilter
from quantloom_server.platform.paging import Page, WindowOf, told_page
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.rates import Pace
from quantloom_server.platform.routing import Routes, Tx
from quantloom_server.platform.transaction import Transaction

routes = Routes("/api/v1/jobs", tag="Jobs")
schedule_routes = Routes("/api/v1/schedules", tag="Jobs")


@routes.get(
    needs=Permission.JOBS_READ, response_model=Page[JobOut], summary="List jobs, newest first"
)
async def list_jobs(reader: ReaderOf, asked: Annotated[JobsAsked, Query()]) -> Response:
    """Yours in this workspace, the newest first, with state and progress."""
    wanted = JobFilter(state=asked.state, kind=asked.kind, queue=asked.queue)
    return told_page(await service.list_jobs(reader, wanted, asked.window))


@routes.get("/{job_id}", needs=Permission.JOBS_READ, summary="See how far a job is")
async def get_job(tx: Tx, job_id: UUID) -> JobDetailOut:
    """State, progress, attempts, and the result or the error once it is over."""
    row = await service.get_job(tx, job_id)
    attempts = await service.list_attempts(tx, job_id)
    return JobDetailOut(
        **JobOut.model_validate(row).model_dump(),
        payload=row.payload,
        attempts=[AttemptOut.model_validate(each) for each in attempts],
    )


@routes.post("/{job_id}/cancel", needs=Permission.JOBS_WRITE, summary="Cancel a job")
async def cancel_job(tx: Tx, job_id: UUID) -> JobOut:
    """A job that waits is cancelled at once; one that runs is stopped within a second."""
    return JobOut.model_validate(await service.cancel_job(tx, job_id))


@routes.post(
    "/{job_id}/retry", needs=Permission.JOBS_WRITE, pace=Pace.BACKTEST, summary="Try a job again"
)
async def retry_job(tx: Tx, job_id: UUID) -> JobOut:
    """A job that failed, died or was cancelled is queued once more."""
    return JobOut.model_validate(await service.retry_job(tx, job_id))


@schedule_routes.get(needs=Permission.SCHEDULES_READ, summary="List schedules")
async def list_schedules(tx: Tx, window: WindowOf) -> Page[ScheduleOut]:
    """Yours in this workspace, with when each starts next."""
    part = await schedules.list_schedules(tx, window)
    return Page[ScheduleOut].of(part, ScheduleOut.model_validate)


@schedule_routes.post(needs=Permission.SCHEDULES_WRITE, status_code=201, summary="Make a schedule")
async def add_schedule(tx: Tx, body: ScheduleIn) -> ScheduleOut:
    """A moment that comes while the job of the last one still runs is left out."""
    row = await schedules.add_schedule(tx, ScheduleSpec(**body.model_dump()))
    return ScheduleOut.model_validate(row)


@schedule_routes.get("/{schedule_id}", needs=Permission.SCHEDULES_READ, summary="See a schedule")
async def get_schedule(tx: Tx, schedule_id: UUID) -> ScheduleOut:
    """What it starts, when, and when it last did."""
    return ScheduleOut.model_validate(await schedules.get_schedule(tx, schedule_id))


@schedule_routes.patch(
    "/{schedule_id}",
    needs=Permission.SCHEDULES_WRITE,
    summary="Change a schedule",
    errors=(PreconditionFailed,),
)
async def change_schedule(
    tx: Tx, schedule_id: UUID, body: ScheduleChangeIn, expected: IfMatch
) -> ScheduleOut:
    """What is left out stays. A new time counts from now on."""
    await _refuse_changed(tx, schedule_id, expected)
    changes = body.model_dump(exclude_none=True)
    return ScheduleOut.model_validate(await schedules.change_schedule(tx, schedule_id, changes))


@schedule_routes.delete(
    "/{schedule_id}",
    needs=Permission.SCHEDULES_WRITE,
    status_code=204,
    summary="Delete a schedule",
    errors=(PreconditionFailed,),
)
async def delete_schedule(tx: Tx, schedule_id: UUID, expected: IfMatch) -> None:
    """It starts nothing more; jobs that it has started stay."""
    await _refuse_changed(tx, schedule_id, expected)
    await schedules.delete_schedule(tx, schedule_id)


async def _refuse_changed(tx: Transaction, schedule_id: UUID, expected: Expected) -> None:
    if expected.is_said:
        row = await schedules.get_schedule(tx, schedule_id, lock=True)
        expected.refuse_changed(ScheduleOut.model_validate(row))
