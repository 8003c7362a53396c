"""Each job has its effect once, whatever happens to those who do it.

Workers are real processes, with a real database and a real broker; what is claimed is read from the
database alone.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from random import Random
from time import monotonic
from uuid import UUID

import asyncpg
import orjson
import pytest
from pydantic import SecretStr

from quantloom_server.platform import migrating
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.settings import Settings
from tests.server.platform.jobs.crew import LEASE_S, Crew, assemble
from tests.server.support import add_caller

_QUEUE = f"quantloom:{Queue.DATA}"


@pytest.fixture(scope="module")
async def own_settings(
    postgres: PostgresServer, settings: Settings, servers_folder: Path
) -> AsyncIterator[tuple[Settings, ValkeyServer]]:
    connection = await asyncpg.connect(postgres.superuser_url("postgres"))
    await connection.execute("CREATE DATABASE faults OWNER quantloom_owner")
    await connection.close()
    await migrating.upgrade(postgres.owner_url("faults"))
    connection = await asyncpg.connect(postgres.owner_url("faults"))
    await connection.execute("CREATE TABLE effects (job_id uuid NOT NULL, attempt int NOT NULL)")
    await connection.execute("GRANT SELECT, INSERT ON effects TO quantloom_app")
    await connection.close()
    valkey = ValkeyServer(servers_folder / "f", durable=False)
    valkey.start()
    changes = {
        "database_url": SecretStr(postgres.app_url("faults")),
        "redis_url": SecretStr(valkey.url()),
        "job_lease_s": LEASE_S,
        "worker_grace_s": 0.2,
        "worker_processes": 2,
    }
    yield settings.model_copy(update=changes), valkey
    valkey.stop()


@pytest.fixture(scope="module")
async def crew(own_settings: tuple[Settings, ValkeyServer]) -> AsyncIterator[Crew]:
    settings, valkey = own_settings
    async with assemble(settings, valkey, lambda database: add_caller(database, (), None)) as crew:
        crew.start_worker()
        yield crew


async def test_a_job_is_done(crew: Crew) -> None:
    job_id = await crew.enqueue("tests.count")

    row = await crew.done(job_id)

    assert (row["state"], row["progress"], row["result"]) == ("succeeded", 1.0, '{"attempt": 1}')
    assert await crew.effects(job_id) == [1]


async def test_what_is_away_for_now_is_tried_again(crew: Crew) -> None:
    job_id = await crew.enqueue("tests.count", fail=1)

    row = await crew.done(job_id)

    assert (row["state"], row["attempt"]) == ("succeeded", 2)
    assert await crew.outcomes(job_id) == ["retried", "succeeded"]


@pytest.mark.parametrize(
    ("kind", "work_s", "state", "code"),
    [
        ("tests.hasty", 5.0, "failed", "jobs.took_too_long"),
        ("tests.nothing", 0.0, "failed", "jobs.unknown_kind"),
        ("tests.count", "long", "failed", "jobs.bad_payload"),
    ],
)
async def test_what_would_fail_again_is_not_tried_again(
    crew: Crew, kind: str, work_s: float | str, state: str, code: str
) -> None:
    row = await crew.done(await crew.enqueue(kind, work_s=work_s))

    assert (row["state"], row["attempt"]) == (state, 1)
    assert orjson.loads(row["error"])["code"] == code


@pytest.mark.parametrize(("kind", "within_s"), [("tests.count", 1.0), ("tests.block", 1.0)])
async def test_a_cancel_is_honoured_within_a_second(crew: Crew, kind: str, within_s: float) -> None:
    job_id = await crew.enqueue(kind, work_s=30)
    await crew.running(job_id)

    began = monotonic()
    await crew.cancel(job_id)
    row = await crew.done(job_id)

    assert row["state"] == "cancelled"
    assert monotonic() - began < within_s + 0.5  # for a busy machine
    assert await crew.effects(job_id) == [0]


async def test_a_job_that_does_not_listen_is_cancelled_all_the_same(crew: Crew) -> None:
    job_id = await crew.enqueue("tests.deaf", work_s=60)
    await crew.running(job_id)

    await crew.cancel(job_id)

    assert (await crew.done(job_id))["state"] == "cancelled"


async def test_a_job_that_kills_its_worker_is_set_aside_and_the_queue_goes_on(crew: Crew) -> None:
    poison, good = await crew.enqueue("tests.crash"), await crew.enqueue("tests.count")

    assert (await crew.done(good))["state"] == "succeeded"
    row = await crew.done(poison)

    assert (row["state"], row["attempt"]) == ("dead", 3)
    assert await crew.outcomes(poison) == ["lost", "lost", "lost"]


async def test_messages_that_are_none_do_not_stop_the_queue(crew: Crew) -> None:
    worker = crew.workers[-1]
    envelope = {
        "body": "e30=",
        "headers": {"task": "quantloom.run_job", "id": "x"},
        "properties": {"delivery_info": {}, "delivery_tag": "1", "body_encoding": "base64"},
        "content-type": "application/json",
        "content-encoding": "utf-8",
    }
    poison = [
        b"\x80\x04pickle.",
        b"[]",
        b"{}",
        orjson.dumps(envelope | {"headers": {"task": "os.system"}}),
        orjson.dumps(envelope | {"headers": {"task": "quantloom.run_job", "id": []}}),
        orjson.dumps(envelope | {"content-type": "application/x-python-serialize"}),
        orjson.dumps(envelope | {"body": "A" * 5_000_000}),
        orjson.dumps(envelope),
    ]
    async with crew.redis() as redis:
        await redis.lpush(_QUEUE, *poison)
    job_id = await crew.enqueue("tests.count")

    assert (await crew.done(job_id))["state"] == "succeeded"
    assert worker.poll() is None


async def test_a_message_that_comes_again_and_again_does_the_job_once(crew: Crew) -> None:
    job_id = await crew.enqueue("tests.count", work_s=0.3)

    for _ in range(4):
        await asyncio.to_thread(crew.broker.send, [(job_id, Queue.DATA)] * 3)
    await crew.done(job_id)
    await asyncio.to_thread(crew.broker.send, [(job_id, Queue.DATA)] * 3)
    await crew.done(await crew.enqueue("tests.count"))

    assert await crew.effects(job_id) == [1]
    assert await crew.outcomes(job_id) == ["succeeded"]


async def test_one_key_sent_by_many_at_once_is_one_job(crew: Crew) -> None:
    ids = await asyncio.gather(*(crew.enqueue("tests.count", key="once") for _ in range(5)))

    await crew.done(ids[0])

    assert len(set(ids)) == 1
    assert await crew.effects(ids[0]) == [1]


async def test_jobs_outlive_the_loss_of_all_messages(crew: Crew) -> None:
    busy = [await crew.enqueue("tests.count", work_s=0.6) for _ in range(2)]
    for job_id in busy:
        await crew.running(job_id)
    waiting = [await crew.enqueue("tests.count") for _ in range(3)]
    for job_id in waiting:
        await crew.until(job_id, lambda row: row["sent_at"] is not None)

    async with crew.redis() as redis:
        await redis.flushall()

    for job_id in busy + waiting:
        assert (await crew.done(job_id))["state"] == "succeeded"
    assert await crew.effects(*busy, *waiting) == [1] * 5


async def test_jobs_outlive_a_broker_that_stops(crew: Crew) -> None:
    # As many as the worker has processes, so that it has no hand free to ask the broker by.
    before = [await crew.enqueue("tests.count", work_s=0.5) for _ in range(2)]
    for job_id in before:
        await crew.running(job_id)

    await asyncio.to_thread(crew.valkey.stop)
    meanwhile = await crew.enqueue("tests.count")
    finished = [await crew.done(job_id) for job_id in before]
    await asyncio.to_thread(crew.valkey.start)

    assert [row["state"] for row in finished] == ["succeeded", "succeeded"]
    assert (await crew.done(meanwhile))["state"] == "succeeded"
    assert await crew.effects(*before, meanwhile) == [1, 1, 1]


async def test_a_worker_that_wakes_late_is_fenced_off(crew: Crew) -> None:
    job_id = await crew.enqueue("tests.count", work_s=0.6)
    sleeper = await crew.running(job_id)

    os.kill(sleeper, signal.SIGSTOP)
    finished = await crew.done(job_id)
    os.kill(sleeper, signal.SIGCONT)
    # The sleeper takes part again, which it can only after it has let its old job go.
    after = [await crew.enqueue("tests.count", work_s=0.1) for _ in range(8)]
    for other in after:
        await crew.done(other)

    assert finished["state"] == "succeeded"
    assert finished["fencing_token"] == 2
    assert await crew.outcomes(job_id) == ["lost", "succeeded"]
    assert await crew.effects(job_id) == [1]


async def kill_at_random(crew: Crew, dice: Random, kills: int) -> None:
    """Kill workers and their processes in the middle of jobs, and see that each was done once."""
    ids: list[UUID] = []
    for number in range(kills):
        ids += [await crew.enqueue("tests.count", work_s=dice.uniform(0.2, 0.6)) for _ in range(2)]
        await crew.running(ids[-1])
        await asyncio.sleep(dice.uniform(0.0, 0.5))
        if number % 5 == 4:
            crew.kill_worker()
            crew.start_worker()
        else:
            kill_one(dice, [await crew.row(job_id) for job_id in ids])
    rows = [await crew.done(job_id) for job_id in ids]

    # One that was killed three times is set aside, and has then had no effect.
    expected = [int(row["state"] == "succeeded") for row in rows]
    assert {row["state"] for row in rows} <= {"succeeded", "dead"}
    assert await crew.effects(*ids) == expected
    assert sum(expected) > len(ids) * 0.8


def kill_one(dice: Random, rows: list[asyncpg.Record]) -> None:
    """Kill the process of one of the jobs that run, if any still does."""
    workers = [row["worker"] for row in rows if row["worker"]]
    if workers:
        with suppress(ProcessLookupError):
            os.kill(int(dice.choice(workers).rpartition(":")[2]), signal.SIGKILL)


async def test_workers_killed_at_random_moments_lose_and_double_nothing(crew: Crew) -> None:
    await kill_at_random(crew, Random(5), kills=5)


@pytest.mark.soak
async def test_fifty_workers_killed_at_random_moments_lose_and_double_nothing(crew: Crew) -> None:
    await kill_at_random(crew, Random(50), kills=50)


async def test_a_worker_that_is_told_to_end_gives_its_jobs_back(crew: Crew) -> None:
    job_id = await crew.enqueue("tests.block", work_s=2.0)
    await crew.running(job_id)

    began = monotonic()
    await asyncio.to_thread(crew.end_workers)
    took_s = monotonic() - began
    row = await crew.row(job_id)
    crew.start_worker()
    finished = await crew.done(job_id)

    assert took_s < 10
    assert (row["state"], row["attempt"]) == ("queued", 0)
    assert (finished["state"], finished["attempt"]) == ("succeeded", 1)
    assert await crew.outcomes(job_id) == ["released", "succeeded"]
