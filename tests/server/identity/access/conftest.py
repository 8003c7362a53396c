from uuid import UUID

import pytest

from quantloom_server.platform.database import Database
from tests.server.identity.access.support import Colleague, Hire, operators_of, write_member
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
