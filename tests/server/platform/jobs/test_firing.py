"""Schedules fire once for each moment, by the holder of the lease alone."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database
from quantloom_server.platform.jobs import schedules
from quantloom_server.platform.jobs.firing import Firing
from quantloom_server.platform.jobs.schedules import ScheduleSpec
from quantloom_server.platform.leases import take_lease
from quantloom_server.platform.transaction import Transaction
from tests.server.platform.jobs import kinds  # noqa: F401  registers them
from tests.server.support import IDS, MakeCaller

# Long ago, so that nothing else of the database is due.
START = datetime(2020, 1, 1, tzinfo=UTC)


async def add_schedule(database: Database, caller: Caller, clock: ManualClock) -> UUID:
    """Due at every full hour."""
    spec = ScheduleSpec(name="hourly", kind="tests.count", cron="0 * * * *", timezone="UTC")
    async with database.transaction(caller.scope) as session:
        tx = Transaction(session=session, clock=clock, ids=IDS, caller=caller)
        return (await schedules.add_schedule(tx, spec)).id


async def jobs_of(database: Database, caller: Caller) -> Sequence[asyncpg.Record]:
    async with database.direct(caller.scope) as connection:
        return await connection.fetch("SELECT * FROM jobs ORDER BY id")


async def finish_jobs(database: Database, caller: Caller) -> None:
    async with database.direct(caller.scope) as connection:
        await connection.execute("UPDATE jobs SET state = 'succeeded', finished_at = now()")


async def hold(database: Database, name: str) -> int:
    token = await take_lease(database, name, "me", 60)
    assert token is not None
    return token


@pytest.fixture
async def caller(make_caller: MakeCaller) -> Caller:
    return await make_caller()


async def test_a_schedule_makes_a_job_when_it_is_due(database: Database, caller: Caller) -> None:
    clock = ManualClock(START + timedelta(minutes=30))
    await add_schedule(database, caller, clock)
    firing, token = Firing(database, clock, IDS, "fire-1"), await hold(database, "fire-1")

    early = await firing.fire_due(token)
    clock.advance(timedelta(minutes=30))
    due = await firing.fire_due(token)
    again = await firing.fire_due(token)

    (job,) = await jobs_of(database, caller)
    assert (early, due, again) == (0, 1, 0)
    assert (job["kind"], job["user_id"], job["state"]) == ("tests.count", caller.user_id, "queued")


async def test_missed_moments_count_once(database: Database, caller: Caller) -> None:
    clock = ManualClock(START)
    await add_schedule(database, caller, clock)
    firing, token = Firing(database, clock, IDS, "fire-2"), await hold(database, "fire-2")

    clock.advance(timedelta(hours=50))
    fired = [await firing.fire_due(token), await firing.fire_due(token)]

    assert fired == [1, 0]


async def test_a_moment_is_left_out_while_the_last_job_runs(
    database: Database, caller: Caller
) -> None:
    clock = ManualClock(START)
    await add_schedule(database, caller, clock)
    firing, token = Firing(database, clock, IDS, "fire-3"), await hold(database, "fire-3")

    fired = []
    for _ in range(2):
        clock.advance(timedelta(hours=1))
        fired.append(await firing.fire_due(token))
    await finish_jobs(database, caller)
    clock.advance(timedelta(hours=1))
    fired.append(await firing.fire_due(token))

    assert fired == [1, 0, 1]


async def test_two_who_fire_at_once_make_one_job(database: Database, caller: Caller) -> None:
    clock = ManualClock(START)
    await add_schedule(database, caller, clock)
    token = await hold(database, "fire-4")
    clock.advance(timedelta(hours=1))

    fired = await asyncio.gather(
        *(Firing(database, clock, IDS, "fire-4").fire_due(token) for _ in range(3))
    )

    assert sum(fired) == 1
    assert len(await jobs_of(database, caller)) == 1


async def test_who_leads_no_more_fires_nothing(database: Database, caller: Caller) -> None:
    clock = ManualClock(START)
    await add_schedule(database, caller, clock)
    slept_through = await take_lease(database, "fire-5", "sleeper", -1)
    token = await hold(database, "fire-5")
    clock.advance(timedelta(hours=1))
    firing = Firing(database, clock, IDS, "fire-5")

    assert slept_through is not None
    assert await firing.fire_due(slept_through) == 0
    assert await firing.fire_due(token) == 1
