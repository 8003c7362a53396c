"""PostgreSQL: one transaction a request or job, and who is asking told to every one of them.

Row-level security is the second wall between workspaces: each transaction says for whom it works,
and PostgreSQL shows it that workspace's rows alone. A transaction that says nothing sees nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Self, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from quantloom_server.platform.connections import Connections
from quantloom_server.platform.errors import DatabaseDown, OutcomeUnknown
from quantloom_server.platform.outages import (
    is_lost,
    outage,
    outage_at_commit,
    outage_at_connecting,
    telling,
)

APP_ROLE = "quantloom_app"
OWNER_ROLE = "quantloom_owner"
SYSTEM_ROLE = "quantloom_system"

_USER, _WORKSPACE, _PURPOSE = "quantloom.user_id", "quantloom.workspace_id", "quantloom.purpose"
_SET_SCOPE = text(
    f"SELECT set_config('{_USER}', :user, true), set_config('{_WORKSPACE}', :workspace, true), "
    f"set_config('{_PURPOSE}', :purpose, true)"
)


# A hot read takes PostgreSQL a fifth of what it takes this process. With ten connections its
# backends pushed the process off the cores they shared: P95 was 32 ms, with four it is 16 ms.
_HOT = 4
_CONNECT_S = 5.0
# A server that lives begins a transaction in less than a millisecond.
_ANSWER_S = 3.0
# A statement that is too long is ended by the server first, unless that hangs.
_LATE_S = 1.0


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

    def __init__(self, engine: AsyncEngine, pool: asyncpg.Pool, hot: Connections) -> None:
        self._engine = engine
        self._pool = pool
        self._hot = hot

    @classmethod
    async def open(
        cls, url: str, *, connections: int = 10, statement_timeout_s: float = 15
    ) -> Self:
        """Open the pools; connections are made when they are first needed.

        Args:
            url: `postgresql://user:password@host/name`, or `...@/name?host=/folder` for a socket.
            connections: the most that the pools of the ORM and of bare transactions open, each;
                hot reads have four at most.
            statement_timeout_s: how long a query may take before PostgreSQL ends it.
        """
        options = {
            "role": APP_ROLE,
            "application_name": "quantloom",
            "statement_timeout": str(int(statement_timeout_s * 1000)),
            "idle_in_transaction_session_timeout": "60000",
            "timezone": "UTC",
        }
        patience_s = statement_timeout_s + _LATE_S
        engine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=_CONNECT_S,
            pool_recycle=1800,
            # An error tells the statement; what went into it is nobody's who reads logs.
            hide_parameters=True,
            connect_args={
                "server_settings": options,
                "timeout": _CONNECT_S,
                "command_timeout": patience_s,
            },
        )
        pool = await asyncpg.create_pool(
            plain_url(url),
            min_size=0,
            max_size=connections,
            server_settings=options,
            timeout=_CONNECT_S,
            command_timeout=patience_s,
        )
        connect = partial(
            asyncpg.connect,
            plain_url(url),
            server_settings=options,
            timeout=_CONNECT_S,
            command_timeout=_ANSWER_S,
        )
        return cls(engine, pool, Connections(connect, most=min(connections, _HOT)))

    async def close(self) -> None:
        await self._engine.dispose()
        await self._pool.close()
        await self._hot.close()

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """Open a session in a transaction of its own; committed at the end, undone by an error.

        Raises:
            DatabaseDown: there is no connection to be had, or it was lost.
            DatabaseBusy: PostgreSQL could not do it just then; nothing was kept.
            OutcomeUnknown: the connection was lost as the transaction was committed.
        """
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            with telling(outage_at_connecting):
                await self._begin(session, scope)
            with telling(outage):
                async with _letting_go(session):
                    yield session
                    await session.flush()
            with telling(outage_at_commit):
                async with _letting_go(session):
                    await session.commit()

    @asynccontextmanager
    async def direct(self, scope: Scope) -> AsyncIterator[Connection]:
        """Open a transaction on a bare connection, for the few paths where the ORM costs too much.

        Raises:
            DatabaseDown: there is no connection to be had, or it was lost.
            DatabaseBusy: PostgreSQL could not do it just then; nothing was kept.
            OutcomeUnknown: the connection was lost as the transaction was committed.
        """
        with telling(outage_at_connecting):
            connection = await self._begin_direct(scope)
        try:
            with telling(outage):
                yield connection
            with telling(outage_at_commit):
                await connection.execute("COMMIT")
        except BaseException as error:
            await _undo(connection, error)
            raise
        finally:
            await self._give_back(connection)

    async def read(
        self, scope: Scope, query: str, values: Sequence[Any] = ()
    ) -> list[asyncpg.Record]:
        """Ask one thing in a transaction of its own, in one round trip.

        Args:
            scope: for whom.
            query: a `SELECT` with `$1`, `$2`, ... for its values, which takes little time.
            values: as many.
        Raises:
            DatabaseDown: there is no connection to be had, or it was lost.
            DatabaseBusy: PostgreSQL could not do it just then.
        """
        asked = within(query, len(values)), *values, *_spoken(scope).values()
        try:
            return await self._ask(*asked)
        except DatabaseDown as error:
            if isinstance(error.__cause__, TimeoutError):
                raise
            # The connection had died since it was last used; another may live.
            return await self._ask(*asked)

    async def _ask(self, *asked: Any) -> list[asyncpg.Record]:
        connection = await self._hot.take()
        try:
            return await connection.fetch(*asked)
        except BaseException as error:
            if not isinstance(error, asyncpg.PostgresError):
                # Whoever leaves before the answer leaves it to nobody.
                connection.terminate()
            told = outage_at_connecting(error)
            if told is None:
                raise
            raise told from error
        finally:
            self._hot.give_back(connection)

    async def _begin(self, session: AsyncSession, scope: Scope) -> None:
        """Begin a transaction; once more, where a connection had died since it was last used."""
        try:
            await _tell_scope(session, scope)
        except DBAPIError as error:
            if not is_lost(error):
                raise
            await session.invalidate()
            await _tell_scope(session, scope)

    async def _begin_direct(self, scope: Scope) -> Connection:
        # One message for both; the values are UUIDs and words of ours, so nothing is quoted.
        statement = f"BEGIN; {_scope_statement(scope)}"
        try:
            return await self._first_said(statement)
        except Exception as error:
            if isinstance(error, TimeoutError) or outage_at_connecting(error) is None:
                raise
            return await self._first_said(statement)

    async def _first_said(self, statement: str) -> Connection:
        connection = await self._pool.acquire(timeout=_CONNECT_S)
        try:
            await connection.execute(statement, timeout=_ANSWER_S)
        except BaseException:
            with suppress(asyncpg.InterfaceError):  # the pool has it back already
                connection.terminate()
            await self._give_back(connection)
            raise
        return connection

    async def _give_back(self, connection: Connection) -> None:
        """Let others have it; the pool ends one that does not answer, and nothing is lost by it."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self._pool.release(connection, timeout=_ANSWER_S)


@lru_cache(maxsize=512)
def within(query: str, values: int) -> str:
    """A query that tells its scope before it looks at a row.

    The scope is the condition of the whole, held by no row, so PostgreSQL asks for it first and
    once (`One-Time Filter`). Were it ever asked later, the policies would show nothing: what a
    transaction said of itself is gone with it, and this one is over with its only statement.
    """
    names = (_USER, _WORKSPACE, _PURPOSE)
    told = " AND ".join(
        f"set_config('{name}', ${values + place}::text, true) IS NOT NULL"
        for place, name in enumerate(names, start=1)
    )
    # Both are texts of ours; values travel beside them.
    return f"SELECT asked.* FROM ({query}) AS asked WHERE (SELECT {told})"  # noqa: S608


def plain_url(url: str) -> str:
    """The same database without the name of a driver, as asyncpg and psql read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def _tell_scope(session: AsyncSession, scope: Scope) -> None:
    connection = await session.connection()
    # Cancelled, SQLAlchemy lets go of a connection that does not answer.
    async with asyncio.timeout(_ANSWER_S):
        await connection.execute(_SET_SCOPE, _spoken(scope))


async def _undo(connection: Connection, error: BaseException) -> None:
    """Roll back; a connection that may hang is ended instead, which PostgreSQL undoes as well."""
    # The pool takes one back by itself that is lost, and then refuses every call.
    with suppress(asyncpg.InterfaceError):
        if not connection.is_in_transaction():
            return
        if isinstance(error, (DatabaseDown, OutcomeUnknown)) or not isinstance(error, Exception):
            connection.terminate()
            return
        try:
            await connection.execute("ROLLBACK", timeout=_ANSWER_S)
        except (OSError, asyncpg.PostgresError):
            connection.terminate()


@asynccontextmanager
async def _letting_go(session: AsyncSession) -> AsyncIterator[None]:
    """End a connection that is lost, which would hang as it were rolled back."""
    try:
        yield
    except Exception as error:
        if is_lost(error):
            await session.invalidate()
        raise


def _spoken(scope: Scope) -> dict[str, str]:
    return {
        "user": str(scope.user_id or ""),
        "workspace": str(scope.workspace_id or ""),
        "purpose": scope.purpose,
    }


def _scope_statement(scope: Scope) -> str:
    told = _spoken(scope)
    if not all(part.replace("-", "").replace("_", "").isalnum() for part in told.values() if part):
        raise ValueError(scope)
    return (
        f"SELECT set_config('{_USER}', '{told['user']}', true), "
        f"set_config('{_WORKSPACE}', '{told['workspace']}', true), "
        f"set_config('{_PURPOSE}', '{told['purpose']}', true)"
    )
