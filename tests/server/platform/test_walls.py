"""Row-level security: the second wall, which stands when a query forgets to ask for the owner."""

import asyncpg
import pytest

from quantloom_server.platform.database import NOBODY, Database
from tests.server.support import IDS, MakeCaller

# These belong to nobody in particular; what the application may do with them is granted one by one.
OF_NOBODY = {"alembic_version"}

_TABLES = """
    SELECT relname, relrowsecurity AND relforcerowsecurity
    FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
"""


async def test_every_table_is_walled(database: Database) -> None:
    async with database.direct(NOBODY) as connection:
        tables = await connection.fetch(_TABLES)

    open_ones = {name for name, is_walled in tables if not is_walled}
    assert tables
    assert open_ones <= OF_NOBODY


async def test_who_says_nothing_sees_nothing(database: Database, make_caller: MakeCaller) -> None:
    await make_caller()

    async with database.direct(NOBODY) as connection:
        seen = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("users", "workspaces", "memberships")
        ]

    assert seen == [0, 0, 0]


async def test_each_sees_and_changes_their_own(database: Database, make_caller: MakeCaller) -> None:
    mine, theirs = await make_caller(), await make_caller()

    async with database.direct(mine.scope) as connection:
        users = await connection.fetch("SELECT id FROM users")
        changed = await connection.execute("UPDATE users SET full_name = 'taken'")
        belongs = await connection.fetch("SELECT workspace_id FROM memberships")
    async with database.direct(theirs.scope) as connection:
        name = await connection.fetchval("SELECT full_name FROM users")

    assert [row["id"] for row in users] == [mine.user_id]
    assert [row["workspace_id"] for row in belongs] == [mine.workspace_id]
    assert changed == "UPDATE 1"
    assert name == ""


async def test_nobody_writes_into_another_workspace(
    database: Database, make_caller: MakeCaller
) -> None:
    mine, theirs = await make_caller(), await make_caller()

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with database.direct(mine.scope) as connection:
            await connection.execute(
                "INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'admin')",
                theirs.workspace_id,
                IDS.new(),
            )
