import asyncpg
from alembic.script import ScriptDirectory

from quantloom_server.platform import migrating
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.shape import SCRIPTS


def test_migrations_stand_in_one_line() -> None:
    script = ScriptDirectory(str(SCRIPTS))
    revisions = [each.revision for each in script.walk_revisions()]

    assert len(script.get_heads()) == 1
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]


async def tables_of(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    return sorted(row["tablename"] for row in rows)


async def test_every_migration_can_be_undone_and_done_again(postgres: PostgresServer) -> None:
    connection = await asyncpg.connect(postgres.superuser_url("postgres"))
    await connection.execute("CREATE DATABASE undone OWNER quantloom_owner")
    await connection.close()
    url = postgres.owner_url("undone")

    up = await migrating.upgrade(url)
    down = await migrating.downgrade(url, "base")
    left = await tables_of(url)
    again = await migrating.upgrade(url)

    assert up.is_current
    assert down.present is None
    assert left == ["alembic_version"]
    assert again.is_current
