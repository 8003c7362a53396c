"""PostgreSQL: one transaction a request or job, and who is asking told to every one of them.

Row-level security is the second wall between workspaces: each transaction says for whom it works,
and PostgreSQL shows it that workspace's rows alone. A transaction that says nothing sees nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from quantloom_server.platform.errors import DatabaseDown

APP_ROLE = "quantloom_app"
OWNER_ROLE = "quantloom_owner"
SYSTEM_ROLE = "quantloom_system"

_USER, _WORKSPACE, _PURPOSE = "quantloom.user_id", "quantloom.workspace_id", "quantloom.purpose"
_SET_SCOPE = text(
    f"SELECT set_config('{_USER}', :user, true), set_config('{_WORKSPACE}', :workspace, true), "
    f"set_config('{_PURPOSE}', :purpose, true)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """For whom a transaction works; the policies of each table read it.

    `purpose` opens the few rows that must be found before anyone is known, such as the account
    behind a login; the policies of those tables name the purposes that they serve.
    """

    user_id: UUID | None = None
    workspace_id: UUID | None = None
    purpose: str = ""


Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
NOBODY = Scope()


class Database:
    """The pools of one process. Made at an entry point, closed by it."""

    def __init__(self, engine: AsyncEngine, pool: asyncpg.Pool) -> None:
        self._engine = engine
        self._pool = pool

    @classmethod
    async def open(
        cls, url: str, *, connections: int = 10, statement_timeout_s: float = 15
    ) -> Self:
        """Open the pools; connections are made when they are first needed.

        Args:
            url: `postgresql://user:password@host/name`, or `...@/name?host=/folder` for a socket.
            connections: the most that each of the two pools opens.
            statement_timeout_s: how long a query may take before PostgreSQL ends it.
        """
        options = {
            "role": APP_ROLE,
            "application_name": "quantloom",
            "statement_timeout": str(int(statement_timeout_s * 1000)),
            "idle_in_transaction_session_timeout": "60000",
            "timezone": "UTC",
        }
        engine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=10,
            pool_recycle=1800,
            connect_args={"server_settings": options, "timeout": 10},
        )
        pool = await asyncpg.create_pool(
            plain_url(url), min_size=0, max_size=connections, server_settings=options, timeout=10
        )
        return cls(engine, pool)

    async def close(self) -> None:
        await self._engine.dispose()
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """Open a session in a transaction of its own; committed at the end, undone by an error.

        Raises:
            DatabaseDown: there is no connection to be had.
        """
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            try:
                connection = await session.connection()
            except (OSError, TimeoutError, asyncpg.PostgresConnectionError) as error:
                raise DatabaseDown(type(error).__name__) from error
            await connection.execute(_SET_SCOPE, _told(scope))
            yield session
            await session.commit()

    @asynccontextmanager
    async def direct(self, scope: Scope) -> AsyncIterator[Connection]:
        """Open a transaction on a bare connection, for the few paths where the ORM costs too much.

        Raises:
            DatabaseDown: there is no connection to be had.
        """
        try:
            connection = await self._pool.acquire(timeout=10)
        except (OSError, TimeoutError, asyncpg.PostgresConnectionError) as error:
            raise DatabaseDown(type(error).__name__) from error
        try:
            # One message for both; the values are UUIDs and words of ours, so nothing is quoted.
            await connection.execute(f"BEGIN; {_scope_statement(scope)}")
            yield connection
            await connection.execute("COMMIT")
        except BaseException:
            await _undo(connection)
            raise
        finally:
            await self._pool.release(connection)


def plain_url(url: str) -> str:
    """The same database without the name of a driver, as asyncpg and psql read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def _undo(connection: Connection) -> None:
    if not connection.is_closed() and connection.is_in_transaction():
        await connection.execute("ROLLBACK")


def _told(scope: Scope) -> dict[str, str]:
    return {
        "user": str(scope.user_id or ""),
        "workspace": str(scope.workspace_id or ""),
        "purpose": scope.purpose,
    }


def _scope_statement(scope: Scope) -> str:
    told = _told(scope)
    if not all(part.replace("-", "").replace("_", "").isalnum() for part in told.values() if part):
        raise ValueError(scope)
    return (
        f"SELECT set_config('{_USER}', '{told['user']}', true), "
        f"set_config('{_WORKSPACE}', '{told['workspace']}', true), "
        f"set_config('{_PURPOSE}', '{told['purpose']}', true)"
    )
