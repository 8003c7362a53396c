"""A platform under load loses PostgreSQL and Valkey in every way, and people notice little.

One platform for the whole story: to start it costs more than all that is done to it.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from uuid import UUID

import asyncpg
import pytest

from quantloom_server.platform.embedded.postgres import PostgresServer
from tests.server.faults.harm import frozen
from tests.server.faults.standing import (
    LONGEST_S,
    Answer,
    Person,
    Platform,
    busy,
    somebody,
    standing,
)

_OURS = ("serve", "worker", "beat")
_CHANGES = "SELECT count(*) FROM audit_entries WHERE action = 'identity.profile_changed'"
# Restarting takes a second or two, and so does a machine that is busy with other tests.
_BACK_S = 15.0
_WRITE = "PUT /api/v1/auth/profile"

Harm = Callable[[Platform, float], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def postgres_hangs(platform: Platform, down_s: float) -> AsyncIterator[None]:
    with frozen(platform.pid("postgres")):
        yield
        await asyncio.sleep(down_s)


@asynccontextmanager
async def postgres_dies(platform: Platform, down_s: float) -> AsyncIterator[None]:
    del down_s  # the supervisor brings it back as soon as it may
    os.kill(platform.pid("postgres"), signal.SIGKILL)
    yield


@asynccontextmanager
async def valkey_hangs(platform: Platform, down_s: float) -> AsyncIterator[None]:
    with frozen(platform.pid("valkey")):
        yield
        await asyncio.sleep(down_s)


@asynccontextmanager
async def valkey_dies(platform: Platform, down_s: float) -> AsyncIterator[None]:
    del down_s
    os.kill(platform.pid("valkey"), signal.SIGKILL)
    yield


@asynccontextmanager
async def valkey_forgets(platform: Platform, down_s: float) -> AsyncIterator[None]:
    async with platform.redis() as redis:
        await redis.flushall()
        yield
        await asyncio.sleep(down_s / 4)
        await redis.flushall()


@asynccontextmanager
async def valkey_is_slow(platform: Platform, down_s: float) -> AsyncIterator[None]:
    """Each answer takes two seconds."""
    async with platform.redis() as redis:
        await redis.client_pause(2_000)
        yield
        until = monotonic() + down_s
        while monotonic() < until:
            # Asked in its turn, so that it comes as the pause before it ends.
            await redis.client_pause(2_000)
        await redis.client_unpause()


@dataclass(frozen=True, slots=True)
class Seen:
    """What people saw of an outage."""

    answers: list[Answer]
    back_s: float
    ready: int

    @property
    def statuses(self) -> set[int]:
        return {each.status for each in self.answers}

    @property
    def longest_s(self) -> float:
        return max(each.took_s for each in self.answers)


async def outlive(
    platform: Platform,
    ada: Person,
    harm: Harm,
    down_s: float,
    meanwhile: Callable[[], Awaitable[None]],
) -> Seen:
    """Do harm while people and jobs are at work, and see that nothing is lost or doubled."""
    pids, kept = platform.pids(*_OURS), await platform.count(_CHANGES)
    ada.answers.clear()
    async with busy(ada):
        jobs = [await platform.enqueue(ada.caller, work_s=0.3) for _ in range(3)]
        async with harm(platform, down_s):
            ready = (await ada.ask("GET", "/health/ready")).status
            await meanwhile()
        back_s = await until_well(ada)
        jobs.append(await platform.enqueue(ada.caller, work_s=0.0))
    kept = await platform.count(_CHANGES) - kept
    seen = Seen([each for each in ada.answers if "ready" not in each.what], back_s, ready)

    assert await platform.effects(jobs) == [1] * len(jobs)
    assert platform.pids(*_OURS) == pids
    assert all(each.is_sound for each in seen.answers)
    assert {each.status for each in seen.answers if each.what == "GET /health"} == {200}
    assert seen.longest_s < LONGEST_S
    assert count_kept(seen.answers, kept)
    return seen


def count_kept(answers: list[Answer], kept: int) -> bool:
    """Whether as many changes were kept as people were told, but for those nobody could tell."""
    writes = [each for each in answers if each.what == _WRITE]
    told = sum(each.status == 200 for each in writes)
    unknown = sum(each.code == "platform.outcome_unknown" for each in writes)
    return told <= kept <= told + unknown


async def until_well(ada: Person) -> float:
    """Wait until everything is answered as ever; tells how long that took."""
    began, seen = monotonic(), len(ada.answers)
    async with asyncio.timeout(_BACK_S):
        while not is_well(ada.answers[seen:]):  # noqa: ASYNC110  of other tasks
            await asyncio.sleep(0.02)
    return monotonic() - began


def is_well(answers: list[Answer]) -> bool:
    return len(answers) >= 12 and all(each.status == 200 for each in answers[-12:])


async def use_without_valkey(ada: Person, revoked: str) -> None:
    """What Valkey has no part in: who is signed in, and who is not any more."""
    token = await ada.sign_in()
    assert await ada.status_with(token) == 200
    assert await ada.status_with(revoked) == 401
    assert await ada.sign_out(token) == 204
    async with asyncio.timeout(3):
        while await ada.status_with(token) != 401:  # noqa: ASYNC110  of another process
            await asyncio.sleep(0.05)


async def tell(platform: Platform, ada: Person) -> None:
    """The whole story of the two servers."""
    revoked = await ada.sign_in()
    assert await ada.sign_out(revoked) == 204

    async def stays_out() -> None:
        assert await ada.status_with(revoked) in {401, 503}

    for harm, down_s in ((postgres_hangs, 30.0), (postgres_dies, 0.0)):
        seen = await outlive(platform, ada, harm, down_s, stays_out)
        assert seen.statuses == {200, 503}
        assert seen.ready == 503
        await platform.until_ready()

    for harm in (valkey_hangs, valkey_is_slow, valkey_dies, valkey_forgets):
        seen = await outlive(platform, ada, harm, 8.0, lambda: use_without_valkey(ada, revoked))
        assert seen.statuses == {200}
        await platform.until_ready()
    assert await platform.chain_holds()


async def stop_under_load(platform: Platform, ada: Person) -> None:
    """Nobody is left without an answer, no job is lost or doubled, and it takes no ten seconds."""
    jobs = [await platform.enqueue(ada.caller, work_s=work_s) for work_s in (0.2, 30, 30, 0.2)]
    ada.answers.clear()
    async with busy(ada):
        await until_well(ada)
        began = monotonic()
        platform.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(platform.process.wait, 20)
        took_s = monotonic() - began

    assert code == 0
    assert took_s < 10
    assert {each.status for each in ada.answers} == {0, 200}
    assert not begun(platform) & {each.id for each in ada.answers if each.status == 0}
    assert await states_at_rest(platform, jobs) <= {("queued", 0, 0), ("succeeded", 1, 1)}


def begun(platform: Platform) -> set[str]:
    """The requests that the service has begun, by its log."""
    lines = (platform.settings.data_dir / "logs" / "app.log").read_text().splitlines()
    return {line.get("request_id") for line in map(json.loads, lines)}


async def states_at_rest(platform: Platform, jobs: list[UUID]) -> set[tuple[str, int, int]]:
    """State, attempts and effects of jobs, read from the database of a platform that has ended."""
    server = PostgresServer(platform.settings.data_dir)
    await asyncio.to_thread(server.start)
    try:
        connection = await asyncpg.connect(platform.superuser_url)
        rows = await connection.fetch(
            "SELECT state, attempt, (SELECT count(*) FROM effects WHERE job_id = id) AS effects "
            "FROM jobs WHERE id = ANY($1)",
            jobs,
        )
        await connection.close()
    finally:
        await asyncio.to_thread(server.stop)
    return {tuple(row) for row in rows}


@pytest.mark.soak
async def test_a_platform_outlives_its_servers(made_data_dir: Path) -> None:
    async with standing(made_data_dir) as platform, somebody(platform) as ada:
        await tell(platform, ada)
        await stop_under_load(platform, ada)
