"""A migrator that is killed leaves a database that the next one brings to the same shape."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from random import Random

import asyncpg
import pytest

from quantloom_server.platform import migrating
from quantloom_server.platform.embedded.postgres import PostgresServer
from tests.house.checkout import ROOT
from tests.server.support import IDS

# Everything but the names of constraints that PostgreSQL makes of numbers.
_SHAPE = """
    SELECT 'column ' || table_schema || '.' || table_name || '.' || column_name || ' ' || data_type
        || ' ' || is_nullable || ' ' || coalesce(column_default, '') AS told
    FROM information_schema.columns WHERE table_schema IN ('public', 'system')
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'function ' || pg_get_functiondef(oid) || proacl::text FROM pg_proc
        WHERE pronamespace IN ('public'::regnamespace, 'system'::regnamespace)
    UNION ALL SELECT 'policy ' || tablename || policyname || coalesce(qual, '')
        || coalesce(with_check, '') FROM pg_policies
    UNION ALL SELECT 'table ' || relname || relrowsecurity || relforcerowsecurity
        || coalesce(relacl::text, '') FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL SELECT 'constraint ' || conrelid::regclass || conname || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'revision ' || version_num FROM alembic_version
    ORDER BY told
"""

Fresh = Callable[[], Awaitable[str]]


@pytest.fixture
def fresh(postgres: PostgresServer) -> Fresh:
    """Makes an empty database; its name."""

    async def make() -> str:
        name = f"migrating_{IDS.new().hex}"
        boss = await asyncpg.connect(postgres.superuser_url("postgres"))
        await boss.execute(f"CREATE DATABASE {name} OWNER quantloom_owner")
        await boss.close()
        return name

    return make


async def shape(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(_SHAPE)
    await connection.close()
    return [row["told"] for row in rows]


def migrate_and_die(url: str, at: int) -> int:
    """Migrate in a process that is killed at its n-th statement; how it ended."""
    command = [sys.executable, "-m", "tests.server.faults.dying_migrator", url, str(at)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


async def outlive_deaths(postgres: PostgresServer, fresh: Fresh, places: list[int]) -> list[int]:
    """Kill a migrator at each of these statements, one after another; how each ended."""
    clean = await fresh()
    await migrating.upgrade(postgres.owner_url(clean))
    url = postgres.owner_url(await fresh())

    ended = [await asyncio.to_thread(migrate_and_die, url, at) for at in places]
    reached = await migrating.upgrade(url)

    assert reached.is_current
    assert await shape(url) == await shape(postgres.owner_url(clean))
    return ended


async def test_a_migrator_that_is_killed_is_simply_run_again(
    postgres: PostgresServer, fresh: Fresh
) -> None:
    ended = await outlive_deaths(postgres, fresh, [Random(7).randint(10, 150)])

    assert ended == [-signal.SIGKILL]


@pytest.mark.soak
async def test_one_that_is_killed_again_and_again_comes_to_the_same_end(
    postgres: PostgresServer, fresh: Fresh
) -> None:
    dice = Random(70)
    for _ in range(10):
        ended = await outlive_deaths(postgres, fresh, [dice.randint(1, 200) for _ in range(3)])

        assert ended[0] == -signal.SIGKILL
