"""Jobs as the rest of the service makes and steers them."""

from datetime import timedelta
from typing import Any

import pytest

from quantloom.kit.clock import SystemClock
from quantloom_server.platform.database import Database, Scope
from quantloom_server.platform.jobs import service as jobs
from quantloom_server.platform.jobs.errors import JobIsOver, JobNotFound, JobNotRetriable
from quantloom_server.platform.jobs.service import JobFilter
from quantloom_server.platform.jobs.states import JobState, Queue
from quantloom_server.platform.jobs.tables import JobRow
from quantloom_server.platform.paging import Window
from quantloom_server.platform.reading import Reader
from quantloom_server.platform.transaction import Transaction
from tests.server.support import IDS, MakeCaller, MakeTransaction


async def enqueue(tx: Transaction, **options: Any) -> JobRow:
    chosen: dict[str, Any] = {"kind": "tests.add", "queue": Queue.DATA, "payload": {"n": 1}}
    return await jobs.enqueue(tx, **(chosen | options))


async def end(tx: Transaction, row: JobRow, state: JobState) -> None:
    row.state, row.attempt = state, 3
    await tx.session.flush()


async def test_a_new_job_waits_for_its_worker_with_its_makers_name(
    make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    caller = await make_caller()

    row = await enqueue(await make_transaction(caller))

    assert (row.workspace_id, row.user_id) == (caller.workspace_id, caller.user_id)
    assert (row.state, row.attempt, row.sent_at) == (JobState.QUEUED, 0, None)


async def test_the_same_key_gives_the_job_that_is_there(
    make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    tx = await make_transaction(await make_caller())

    first, second = await enqueue(tx, key="one"), await enqueue(tx, key="one")
    other = await enqueue(tx, key="two")

    assert first.id == second.id != other.id


async def test_keys_of_two_workspaces_do_not_meet(
    make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    rows = [await enqueue(await make_transaction(await make_caller()), key="one") for _ in range(2)]

    assert rows[0].id != rows[1].id


async def test_a_job_of_the_platform_belongs_to_no_workspace(
    make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    ours = await enqueue(await make_transaction(scope=Scope(purpose="operate")))

    theirs = await make_transaction(await make_caller())

    assert ours.workspace_id is None
    with pytest.raises(JobNotFound):
        await jobs.get_job(theirs, ours.id)


async def test_a_job_may_wait_before_it_starts(
    make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    row = await enqueue(await make_transaction(await make_caller()), after=timedelta(hours=1))

    assert row.available_at - row.created_at == timedelta(hours=1)


async def test_a_waiting_job_is_cancelled_at_once(
    make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    tx = await make_transaction(await make_caller())
    row = await enqueue(tx)

    cancelled = await jobs.cancel_job(tx, row.id)
    again = await jobs.cancel_job(tx, row.id)

    assert cancelled.state == again.state == JobState.CANCELLED
    assert cancelled.finished_at is not None


async def test_a_running_job_is_asked_to_stop(
    make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    tx = await make_transaction(await make_caller())
    row = await enqueue(tx)
    await end(tx, row, JobState.RUNNING)

    asked = await jobs.cancel_job(tx, row.id)

    assert asked.state == JobState.RUNNING
    assert asked.cancel_requested_at is not None


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED, JobState.DEAD])
async def test_what_is_over_cannot_be_cancelled(
    state: JobState, make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    tx = await make_transaction(await make_caller())
    row = await enqueue(tx)
    await end(tx, row, state)

    with pytest.raises(JobIsOver):
        await jobs.cancel_job(tx, row.id)


@pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.FAILED, JobState.DEAD])
async def test_what_ended_without_success_can_be_tried_again(
    state: JobState, make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    tx = await make_transaction(await make_caller())
    row = await enqueue(tx)
    await end(tx, row, state)

    again = await jobs.retry_job(tx, row.id)

    assert (again.state, again.attempt, again.sent_at) == (JobState.QUEUED, 0, None)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED])
async def test_nothing_else_can_be_tried_again(
    state: JobState, make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    tx = await make_transaction(await make_caller())
    row = await enqueue(tx)
    await end(tx, row, state)

    with pytest.raises(JobNotRetriable):
        await jobs.retry_job(tx, row.id)


async def test_pages_go_back_from_the_newest(database: Database, make_caller: MakeCaller) -> None:
    caller = await make_caller()
    reader = Reader(caller, database, SystemClock())
    async with database.transaction(caller.scope) as session:
        tx = Transaction(session=session, clock=SystemClock(), ids=IDS, caller=caller)
        made = [await enqueue(tx, queue=queue) for queue in (Queue.DATA, Queue.REPORT, Queue.DATA)]

    everything = JobFilter()
    first = await jobs.list_jobs(reader, everything, Window(limit=2))
    second = await jobs.list_jobs(reader, everything, Window(limit=2, after=first.rows[-1]["id"]))
    third = await jobs.list_jobs(reader, everything, Window(limit=1, page=3))
    data = await jobs.list_jobs(reader, JobFilter(queue=Queue.DATA), Window())

    assert [row["id"] for row in [*first.rows, *second.rows]] == [row.id for row in reversed(made)]
    assert ([row["id"] for row in third.rows], third.total) == ([made[0].id], 3)
    assert {row["id"] for row in data.rows} == {made[0].id, made[2].id}


async def test_jobs_of_another_workspace_are_not_there(
    make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    mine, theirs = [await make_transaction(await make_caller()) for _ in range(2)]
    row = await enqueue(mine)

    for reach in (jobs.get_job, jobs.cancel_job, jobs.retry_job):
        with pytest.raises(JobNotFound):
            await reach(theirs, row.id)
