"""What tests of the service share: callers, a gatekeeper that admits them, the application."""

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from secrets import token_hex
from typing import Any, Protocol

import httpx2
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from quantloom.kit.clock import SystemClock
from quantloom.kit.ids import IdMaker
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database, Scope
from quantloom_server.platform.errors import Unauthenticated
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.transaction import Transaction

IDS = IdMaker(SystemClock())


class MakeTransaction(Protocol):
    """Makes a transaction for a caller or a scope, taken back at the end of the test."""

    def __call__(
        self, caller: Caller | None = None, scope: Scope | None = None
    ) -> Awaitable[Transaction]: ...


class SignIn(Protocol):
    """Makes a client that is known as a caller."""

    def __call__(self, caller: Caller) -> Awaitable[httpx2.AsyncClient]: ...


class MakeCaller(Protocol):
    """Makes a user with a workspace of their own, or in that of another caller."""

    def __call__(
        self, *permissions: Permission, beside: Caller | None = None
    ) -> Awaitable[Caller]: ...


class OpenDoor:
    """A gatekeeper that knows exactly the callers it was told of, by a word in the request."""

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}

    def admit(self, caller: Caller) -> dict[str, str]:
        """The headers by which this caller will be known."""
        word = token_hex(8)
        self._callers[f"Bearer {word}"] = caller
        return {"Authorization": f"Bearer {word}"}

    async def recognise(self, request: HTTPConnection, *, fresh: bool = False) -> Caller | None:
        said = request.headers.get("Authorization")
        if said is None:
            return None
        if said not in self._callers:
            raise Unauthenticated
        return self._callers[said]


async def add_caller(
    database: Database, permissions: Iterable[Permission], beside: Caller | None
) -> Caller:
    user_id = IDS.new()
    workspace_id = beside.workspace_id if beside else IDS.new()
    name = f"user-{user_id.hex}"
    async with database.direct(Scope(purpose="administer")) as connection:
        if beside is None:
            await connection.execute(
                "INSERT INTO workspaces (id, name) VALUES ($1, $2)", workspace_id, name
            )
        await connection.execute(
            "INSERT INTO users (id, username, email, password_hash) VALUES ($1, $2, $3, '!')",
            user_id,
            name,
            f"{name}@example.com",
        )
        await connection.execute(
            "INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'researcher')",
            workspace_id,
            user_id,
        )
    return Caller(
        user_id=user_id, workspace_id=workspace_id, permissions=frozenset(permissions or Permission)
    )


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
    """An application between its start and its end, as a server would hold it."""
    async with app.router.lifespan_context(app):
        yield app


def client_of(app: FastAPI, headers: Mapping[str, str] | None = None) -> httpx2.AsyncClient:
    """Speaks to an application in this process."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers)


def body_of(answer: httpx2.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    return body


class _Undo(Exception):
    """Leaves a transaction without committing it."""


@asynccontextmanager
async def undone(opened: AbstractAsyncContextManager[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """A transaction whose work is taken back at its end."""
    with suppress(_Undo):
        async with opened as session:
            yield session
            raise _Undo
