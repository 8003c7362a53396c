from uuid import UUID

import pytest

from quantloom_server.platform.database import Database
from quantloom_server.platform.parts import Parts
from tests.server.identity.access.support import (
    ADMINISTER,
    Colleague,
    Hire,
    operators_of,
    write_member,
)
from tests.server.identity.support import Person, Register
from tests.server.support import SignIn


@pytest.fixture
def hire(database: Database, sign_in: SignIn) -> Hire:
    async def hire(role: str, workspace_id: UUID | None = None) -> Colleague:
        caller, name = await write_member(database, role, workspace_id)
        return Colleague(caller, await sign_in(caller), name)

    return hire


@pytest.fixture
async def operators(database: Database) -> UUID:
    return await operators_of(database)


@pytest.fixture
async def boss(register: Register, parts: Parts) -> Person:
    """An administrator of the operators, signed in."""
    place, boss = await operators_of(parts.database), await register()
    async with parts.database.direct(ADMINISTER) as connection:
        await connection.execute("DELETE FROM memberships WHERE user_id = $1::text::uuid", boss.id)
        # The only one: others would have to decide about what they propose.
        await connection.execute("DELETE FROM memberships WHERE workspace_id = $1", place)
        await connection.execute(
            "INSERT INTO memberships (workspace_id, user_id, role) "
            "VALUES ($1, $2::text::uuid, 'admin')",
            place,
            boss.id,
        )
    await boss.login()
    return boss
