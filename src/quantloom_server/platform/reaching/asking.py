"""Whether the two servers are there, let us in and are fit for us, told before anything is opened.

Of the processes that start, only the supervisor asks, and `quantloom doctor`; so neither SQLAlchemy
nor anything as heavy is loaded here.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from quantloom_server.platform.reaching.errors import (
    DatabaseMissing,
    LoginRefused,
    MayNotServe,
    MayNotSetUp,
    NoAnswer,
    TooOld,
)

POSTGRES, VALKEY = "PostgreSQL", "Valkey"
OLDEST_POSTGRES, OLDEST_VALKEY = 16, (6, 2)
_ROLES = ("quantloom_owner", "quantloom_app", "quantloom_system")
_CONNECT_S, _AGAIN_S = 5.0, 0.25
_DRIVER = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://")
_FACTS = """
    SELECT current_setting('server_version') AS version,
        current_setting('server_version_num')::int / 10000 AS major,
        current_user::text AS login, current_database()::text AS database,
        pg_is_in_recovery() AS is_standby,
        to_regclass('alembic_version') IS NOT NULL AS has_revision,
        to_regclass('memberships') IS NOT NULL AS has_members,
        me.rolsuper OR me.rolcreaterole AS makes_roles,
        me.rolsuper OR has_database_privilege(current_database(), 'CREATE WITH GRANT OPTION')
            AS lets_create,
        (SELECT count(*) FROM pg_roles WHERE rolname = ANY($1)) AS roles
    FROM pg_roles me WHERE me.rolname = current_user
"""
_ADMIN = """
    SELECT EXISTS (
        SELECT FROM memberships m JOIN workspaces w ON w.id = m.workspace_id AND w.is_operators
        JOIN users u ON u.id = m.user_id AND u.is_active WHERE m.role = 'admin'
    )
"""
_MAY_SERVE = """
    SELECT EXISTS (
        SELECT FROM pg_roles WHERE rolname = 'quantloom_app' AND pg_has_role(oid, 'SET')
    )
"""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresFacts:
    """What the owner's login finds.

    `revision` is None where it cannot be read, which migrating tells.
    """

    version: str
    login: str
    database: str
    revision: str | None
    has_admin: bool


async def ask_postgres(url: str, *, needed: str | None = None) -> PostgresFacts:
    """Look at the database as the login that migrates it.

    Args:
        url: as SQLAlchemy or asyncpg write it.
        needed: the revision that it must be brought to, for which the login must have the rights.

    Raises:
        NoAnswer: nothing answers there.
        LoginRefused: the password or the login is wrong, or a rule of the server shuts us out.
        DatabaseMissing: the server is there, and the database is not.
        TooOld: the server is older than what the service is made for.
        MayNotSetUp: roles or tables are missing, and the login may not make them.
    """
    line = await _connect(url)
    try:
        found = await line.fetchrow(_FACTS, list(_ROLES))
        assert found is not None  # noqa: S101  whoever asks has a role
        if found["major"] < OLDEST_POSTGRES:
            raise TooOld(POSTGRES, found["version"], str(OLDEST_POSTGRES))
        revision = await _revision(line) if found["has_revision"] else None
        if needed is not None and revision != needed:
            _demand_rights(found)
        has_admin = found["has_members"] and await _has_admin(line)
    finally:
        await line.close()
    return PostgresFacts(
        version=found["version"],
        login=found["login"],
        database=found["database"],
        revision=revision,
        has_admin=has_admin,
    )


async def ask_to_serve(url: str) -> None:
    """See that the processes' login may be `quantloom_app`, once that role is there.

    Raises:
        MayNotServe: nobody has given the role to it.
    """
    line = await _connect(url)
    try:
        if not await line.fetchval(_MAY_SERVE):
            raise MayNotServe(str(await line.fetchval("SELECT current_user::text")))
    finally:
        await line.close()


async def ask_valkey(url: str) -> str:
    """The version of a Valkey or Redis.

    Raises:
        NoAnswer: nothing answers there.
        LoginRefused: the password is wrong or missing.
        TooOld: the server is older than what the service is made for.
    """
    # Late: only where the server is somebody else's, or a person asks.
    from redis.asyncio import Redis  # noqa: PLC0415
    from redis.exceptions import (  # noqa: PLC0415
        AuthenticationError,
        RedisError,
        ResponseError,
    )

    redis = Redis.from_url(url, socket_connect_timeout=_CONNECT_S, socket_timeout=_CONNECT_S)
    try:
        told = await redis.info("server")
    except (RedisError, OSError, ValueError) as error:
        # A refusal comes wrapped as a connection that failed.
        causes = (error, error.__cause__)
        if any(isinstance(each, (AuthenticationError, ResponseError)) for each in causes):
            raise LoginRefused(VALKEY, str(error)) from error
        raise NoAnswer(VALKEY, str(error)) from error
    finally:
        await redis.aclose()
    version = str(told.get("valkey_version") or told["redis_version"])
    if _numbers(str(told["redis_version"])) < OLDEST_VALKEY:
        raise TooOld(VALKEY, version, ".".join(map(str, OLDEST_VALKEY)))
    return version


async def patiently(ask: Callable[[], Awaitable[Answer]], *, within_s: float) -> Answer:
    """Ask a server until it answers; one that refuses us is not asked again."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while True:
        try:
            return await ask()
        except NoAnswer:
            if loop.time() > deadline:
                raise
            await asyncio.sleep(_AGAIN_S)


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(_DRIVER.sub("postgresql://", url), timeout=_CONNECT_S)
    except asyncpg.InvalidCatalogNameError as error:
        raise DatabaseMissing(str(error)) from error
    except (asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
        raise NoAnswer(POSTGRES, str(error)) from error
    except asyncpg.PostgresError as error:
        raise LoginRefused(POSTGRES, str(error)) from error
    except (OSError, TimeoutError, asyncpg.InterfaceError, ValueError) as error:
        raise NoAnswer(POSTGRES, f"{type(error).__name__}: {error}") from error


async def _has_admin(line: asyncpg.Connection) -> bool:
    try:
        return bool(await line.fetchval(_ADMIN))
    except asyncpg.PostgresError:
        return False  # whoever makes one looks again


async def _revision(line: asyncpg.Connection) -> str | None:
    try:
        found = await line.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.PostgresError:
        return None
    return None if found is None else str(found)


def _demand_rights(found: asyncpg.Record) -> None:
    if found["is_standby"]:
        raise MayNotSetUp(found["login"], "the server is a standby, which nobody can write to")
    if found["login"] == _ROLES[0]:
        return
    if found["roles"] < len(_ROLES) and not found["makes_roles"]:
        raise MayNotSetUp(found["login"], f"it may not make the roles {', '.join(_ROLES)}")
    if not found["lets_create"]:
        raise MayNotSetUp(found["login"], f"it does not own the database {found['database']}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])
