"""Two processes of `quantloom beat` on one database: each moment of a schedule fires once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from quantloom_server.platform import migrating
from quantloom_server.platform.database import Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from tests.server.support import IDS, add_caller

_LEADER = "SELECT holder FROM leases WHERE name = 'beat' AND expires_at > clock_timestamp()"
_FIRED = "SELECT count(*) FROM jobs"
# As if its job were done: one that still runs has the next moment wait.
_DUE = """
    WITH done AS (UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE state = 'queued')
    UPDATE schedules SET next_run_at = now() - make_interval(mins => 99 - $1::int)
"""


class Scene:
    """A database of its own, and beats on it."""

    def __init__(self, boss: asyncpg.Connection, environment: Mapping[str, str]) -> None:
        self.boss, self._environment = boss, environment
        self.beats: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        command = [sys.executable, "-m", "quantloom_server.cli", "beat"]
        beat = subprocess.Popen(
            command, env=dict(self._environment), cwd="/", stderr=subprocess.DEVNULL
        )
        self.beats.append(beat)

    async def leader(self) -> int:
        """Wait until somebody leads; which process it is."""
        async with asyncio.timeout(30):
            while (holder := await self.boss.fetchval(_LEADER)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return int(holder.rpartition(":")[2])

    async def fire(self) -> int:
        """Make the schedule due, and wait until it fired; how often it has by now."""
        before: int = await self.boss.fetchval(_FIRED)
        await self.boss.execute(_DUE, before)
        async with asyncio.timeout(30):
            while (fired := await self.boss.fetchval(_FIRED)) == before:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return int(fired)


@asynccontextmanager
async def staged(
    postgres: PostgresServer, valkey: ValkeyServer, folder: Path
) -> AsyncIterator[Scene]:
    name = f"beats_{IDS.new().hex}"
    boss = await asyncpg.connect(postgres.superuser_url("postgres"))
    await boss.execute(f"CREATE DATABASE {name} OWNER quantloom_owner")
    await boss.close()
    await migrating.upgrade(postgres.owner_url(name))
    database = await Database.open(postgres.app_url(name), connections=2)
    caller = await add_caller(database, (), None)
    await database.close()
    boss = await asyncpg.connect(postgres.superuser_url(name))
    await boss.execute(
        "INSERT INTO schedules (id, user_id, workspace_id, name, kind, queue, payload, cron, "
        "timezone) VALUES ($1, $2, $3, 'plan', 'tests.count', 'data', '{}', '0 0 1 1 *', 'UTC')",
        IDS.new(),
        caller.user_id,
        caller.workspace_id,
    )
    environment = {
        **{key: told for key, told in os.environ.items() if not key.startswith("QUANTLOOM_")},
        "QUANTLOOM_SERVICE_DIR": str(folder),
        "QUANTLOOM_DATABASE_URL": postgres.app_url(name),
        # Queues of its own: other tests use the first.
        "QUANTLOOM_REDIS_URL": valkey.url(db=3),
        "QUANTLOOM_SECRET_KEY": "a key of thirty-two bytes or more, for tests alone",
        "QUANTLOOM_JOB_LEASE_S": "1",
    }
    scene = Scene(boss, environment)
    try:
        yield scene
    finally:
        for beat in scene.beats:
            if beat.poll() is None:
                beat.send_signal(signal.SIGCONT)
                beat.terminate()
                await asyncio.to_thread(beat.wait, 20)
        await boss.close()


@pytest.mark.soak
async def test_each_moment_fires_once_and_the_other_leads_when_one_dies(
    postgres: PostgresServer, valkey: ValkeyServer, tmp_path: Path
) -> None:
    async with staged(postgres, valkey, tmp_path) as scene:
        scene.start()
        scene.start()
        first = await scene.leader()
        fired = [await scene.fire() for _ in range(3)]

        os.kill(first, signal.SIGKILL)
        fired += [await scene.fire() for _ in range(3)]
        second = await scene.leader()

        assert {first, second} == {beat.pid for beat in scene.beats}
        assert fired == [1, 2, 3, 4, 5, 6]


@pytest.mark.soak
async def test_a_leader_that_wakes_late_fires_nothing_twice(
    postgres: PostgresServer, valkey: ValkeyServer, tmp_path: Path
) -> None:
    async with staged(postgres, valkey, tmp_path) as scene:
        scene.start()
        scene.start()
        sleeper = await scene.leader()
        os.kill(sleeper, signal.SIGSTOP)
        fired = [await scene.fire() for _ in range(2)]
        os.kill(sleeper, signal.SIGCONT)
        fired += [await scene.fire() for _ in range(3)]

        assert fired == [1, 2, 3, 4, 5]
        assert [beat.poll() for beat in scene.beats] == [None, None]
