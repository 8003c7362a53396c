"""Servers of others: what keeps us out is told with what to do; a slow one is waited for."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

import asyncpg
import pytest

from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.reaching import asking
from quantloom_server.platform.reaching.asking import (
    ask_postgres,
    ask_to_serve,
    ask_valkey,
    patiently,
)
from quantloom_server.platform.reaching.errors import (
    DatabaseMissing,
    LoginRefused,
    MayNotServe,
    MayNotSetUp,
    NoAnswer,
    TooOld,
)
from quantloom_server.platform.shape import needed_revision


def url_of(postgres: PostgresServer, login: str, password: str, database: str) -> str:
    return f"postgresql+asyncpg://{login}:{password}@/{database}?host={quote(str(postgres.socket_dir))}"


@pytest.fixture
async def guest(postgres: PostgresServer) -> AsyncIterator[str]:
    """The URL of a login that others have made, in a database of its own without our tables."""
    line = await asyncpg.connect(postgres.superuser_url("postgres"))
    await line.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    await line.execute("CREATE DATABASE visited")
    yield url_of(postgres, "guest", "guest", "visited")
    await line.execute("DROP DATABASE visited")
    await line.execute("DROP ROLE guest")
    await line.close()


async def test_a_database_that_is_fit_tells_its_shape(migrated: PostgresServer) -> None:
    found = await ask_postgres(migrated.owner_url(), needed=needed_revision())

    assert found.revision == needed_revision()
    assert found.login == "quantloom_owner"
    assert int(found.version.split(".")[0]) >= asking.OLDEST_POSTGRES
    await ask_to_serve(migrated.app_url())


async def test_a_login_that_may_not_set_up_says_what_it_lacks(
    postgres: PostgresServer, guest: str
) -> None:
    found = await ask_postgres(guest)
    assert (found.revision, found.has_admin) == (None, False)

    with pytest.raises(MayNotSetUp, match=r"guest .* does not own the database visited"):
        await ask_postgres(guest, needed="0001")
    with pytest.raises(MayNotServe, match="GRANT quantloom_app TO guest"):
        await ask_to_serve(guest)


async def test_a_wrong_password_and_a_missing_database_are_told_apart(
    postgres: PostgresServer,
) -> None:
    with pytest.raises(LoginRefused, match="password authentication failed"):
        await ask_postgres(url_of(postgres, "quantloom_owner", "wrong", "quantloom"))
    with pytest.raises(DatabaseMissing, match='"nowhere" does not exist'):
        await ask_postgres(postgres.superuser_url("nowhere"))
    with pytest.raises(NoAnswer, match="PostgreSQL does not answer"):
        await ask_postgres("postgresql://a:b@127.0.0.1:1/quantloom")


async def test_a_server_that_is_too_old_is_refused(
    postgres: PostgresServer, valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "OLDEST_POSTGRES", 99)
    monkeypatch.setattr(asking, "OLDEST_VALKEY", (99, 0))

    with pytest.raises(TooOld, match="99 or newer is needed"):
        await ask_postgres(postgres.owner_url())
    with pytest.raises(TooOld, match=r"99\.0 or newer is needed"):
        await ask_valkey(valkey.url())


async def test_valkey_tells_its_version_or_why_it_keeps_us_out(valkey: ValkeyServer) -> None:
    assert (await ask_valkey(valkey.url()))[0].isdecimal()
    password = valkey.url().partition("//:")[2].partition("@")[0]
    with pytest.raises(LoginRefused, match="invalid username-password"):
        await ask_valkey(valkey.url().replace(password, "wrong"))
    with pytest.raises(LoginRefused, match="must be called with the client already authenticated"):
        await ask_valkey(valkey.url().replace(f":{password}@", ""))
    with pytest.raises(NoAnswer, match="Valkey does not answer"):
        await ask_valkey("redis://127.0.0.1:1")


async def test_only_a_server_that_does_not_answer_is_asked_again() -> None:
    asked = 0

    async def ask() -> str:
        nonlocal asked
        asked += 1
        raise NoAnswer("it", "starts") if asked == 1 else LoginRefused("it", "no")

    with pytest.raises(LoginRefused):
        await asyncio.wait_for(patiently(ask, within_s=5), timeout=5)

    assert asked == 2
