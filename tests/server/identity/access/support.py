"""People with roles, as the tests of access need them."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import Protocol
from uuid import UUID

import httpx2

from quantloom_server.identity.roles import granted
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database, Scope
from tests.server.support import IDS

ADMINISTER = Scope(purpose="administer")


class Hire(Protocol):
    """Makes somebody in a workspace, in a role that came with the platform."""

    def __call__(self, role: str, workspace_id: UUID | None = None) -> Awaitable["Colleague"]: ...


class Colleague:
    """Somebody in a workspace, and a client that is known as them."""

    def __init__(self, caller: Caller, client: httpx2.AsyncClient, username: str) -> None:
        self.caller, self.client, self.username = caller, client, username
        self.id, self.workspace_id = caller.user_id, caller.workspace_id
        self.here = f"/api/v1/workspaces/{caller.workspace_id}"

    async def role_of(self, user_id: UUID) -> str | None:
        answer = await self.client.get(f"{self.here}/members")
        roles = {each["user_id"]: each["role"] for each in answer.json()["items"]}
        return roles.get(str(user_id))


async def write_member(
    database: Database, role: str, workspace_id: UUID | None
) -> tuple[Caller, str]:
    """Write a user, in a workspace of their own where none is named."""
    user_id, place = IDS.new(), workspace_id or IDS.new()
    name = f"user-{user_id.hex}"
    async with database.direct(ADMINISTER) as connection:
        if workspace_id is None:
            await connection.execute(
                "INSERT INTO workspaces (id, name) VALUES ($1, $2)", place, name
            )
        is_operators = await connection.fetchval(
            "SELECT is_operators FROM workspaces WHERE id = $1", place
        )
        await connection.execute(
            "INSERT INTO users (id, username, email, password_hash) VALUES ($1, $2, $3, '!')",
            user_id,
            name,
            f"{name}@example.com",
        )
        await connection.execute(
            "INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, $3)",
            place,
            user_id,
            role,
        )
        stored = await connection.fetchval("SELECT permissions FROM roles WHERE name = $1", role)
    permissions = granted(role, stored, is_operators=is_operators)
    caller = Caller(user_id=user_id, workspace_id=place, permissions=permissions)
    return replace(caller, session_id=IDS.new()), name


async def operators_of(database: Database) -> UUID:
    """The operators' workspace; there is one for all tests."""
    async with database.direct(ADMINISTER) as connection:
        found: UUID | None = await connection.fetchval(
            "SELECT id FROM workspaces WHERE is_operators"
        )
        if found is not None:
            return found
        made = IDS.new()
        await connection.execute(
            "INSERT INTO workspaces (id, name, is_operators) VALUES ($1, 'Operators', true)", made
        )
        return made
