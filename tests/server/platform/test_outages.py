"""What a process sees of a PostgreSQL that hangs, dies, or refuses for a while."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import asyncpg
import pytest
from sqlalchemy import text

from quantloom_server.platform import database as module
from quantloom_server.platform.database import NOBODY, Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.errors import DatabaseBusy, DatabaseDown, OutcomeUnknown
from tests.server.faults.harm import frozen, kill, pid_of

ANSWER_S, STATEMENT_S = 0.4, 0.5
# SQLAlchemy gives a connection that it gives up 2 s to say farewell.
BOUND_S = 5.0

Way = Callable[..., Awaitable[object]]


@pytest.fixture(scope="module")
def own(made_before: Path, servers_folder: Path) -> Iterator[PostgresServer]:
    folder = servers_folder / "outages"
    subprocess.run(["cp", "-a", made_before, folder], check=True)
    server = PostgresServer(folder, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def database(own: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    for patience in ("_CONNECT_S", "_ANSWER_S"):
        monkeypatch.setattr(module, patience, ANSWER_S)
    database = await Database.open(own.app_url(), connections=2, statement_timeout_s=STATEMENT_S)
    yield database
    await database.close()


async def bare(database: Database, *statements: str) -> object:
    async with database.direct(NOBODY) as connection:
        return [await connection.fetchval(each) for each in statements or ("SELECT 1",)][-1]


async def by_orm(database: Database, *statements: str) -> object:
    async with database.transaction(NOBODY) as session:
        found = [await session.scalar(text(each)) for each in statements or ("SELECT 1",)]
    return found[-1]


async def until_busy(own: PostgresServer) -> None:
    """Wait until somebody's statement sleeps in the server."""
    operator = await asyncpg.connect(own.superuser_url())
    async with asyncio.timeout(10):
        while not await operator.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        ):
            pass
    await operator.close()


async def in_one_trip(database: Database, statement: str = "SELECT 1 AS n") -> object:
    (row,) = await database.read(NOBODY, statement)
    return row[0]


each_way = pytest.mark.parametrize("way", [bare, by_orm, in_one_trip])
both_ways = pytest.mark.parametrize("way", [bare, by_orm])


@each_way
async def test_a_server_that_hangs_is_told_soon_and_used_again_at_once(
    database: Database, own: PostgresServer, way: Way
) -> None:
    await asyncio.gather(way(database), way(database))

    began = monotonic()
    with frozen(pid_of(own)):
        told = [
            await asyncio.gather(*(way(database) for _ in range(3)), return_exceptions=True)
            for _ in range(2)
        ]
    took_s = monotonic() - began

    assert {type(each) for round_ in told for each in round_} == {DatabaseDown}
    assert took_s < BOUND_S
    assert await way(database) == 1


@both_ways
async def test_one_that_hangs_in_the_middle_of_a_statement_is_given_up(
    database: Database, own: PostgresServer, way: Way
) -> None:
    began = monotonic()
    asking = asyncio.ensure_future(way(database, "SELECT 1", "SELECT pg_sleep(0.3)"))
    await until_busy(own)
    with frozen(pid_of(own)):
        (told,) = await asyncio.gather(asking, return_exceptions=True)

    assert type(told) is DatabaseDown
    assert monotonic() - began < BOUND_S
    assert await way(database) == 1


@each_way
async def test_whoever_waits_for_one_that_hangs_may_leave(
    database: Database, own: PostgresServer, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    await way(database)
    monkeypatch.setattr(module, "_ANSWER_S", 60.0)

    began = monotonic()
    with frozen(pid_of(own)), suppress(TimeoutError):
        async with asyncio.timeout(0.2):
            await way(database)

    assert monotonic() - began < BOUND_S


@each_way
async def test_one_that_was_killed_is_used_again_without_an_error_in_between(
    database: Database, own: PostgresServer, way: Way
) -> None:
    await asyncio.gather(way(database), way(database))

    await asyncio.to_thread(kill, own)
    told = await asyncio.gather(*(way(database) for _ in range(3)), return_exceptions=True)
    own.start()

    assert {type(each) for each in told} == {DatabaseDown}

    assert {*await asyncio.gather(way(database), way(database))} == {1}


@each_way
async def test_a_connection_that_died_unseen_is_replaced(
    database: Database, own: PostgresServer, way: Way
) -> None:
    await asyncio.gather(way(database), way(database))
    operator = await asyncpg.connect(own.superuser_url())
    await operator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='quantloom'"
    )
    await operator.close()

    assert await way(database) == 1


END_OURSELVES = "SELECT pg_terminate_backend(pg_backend_pid())"


@both_ways
async def test_a_connection_that_is_lost_in_a_transaction_is_an_outage(
    database: Database, way: Way
) -> None:
    with pytest.raises(DatabaseDown):
        await way(database, "SELECT 1", END_OURSELVES)


@both_ways
async def test_a_statement_that_takes_too_long_is_told_as_one(database: Database, way: Way) -> None:
    with pytest.raises(DatabaseBusy, match="QueryCanceledError"):
        await way(database, "SELECT pg_sleep(5)")


@pytest.mark.parametrize("state", ["40001", "40P01", "53100", "53300", "55P03"])
@both_ways
async def test_what_passes_is_told_as_such(database: Database, way: Way, state: str) -> None:
    with pytest.raises(DatabaseBusy):
        await way(database, f"DO $$BEGIN RAISE 'no' USING ERRCODE = '{state}'; END$$")


@both_ways
async def test_what_is_our_fault_is_not(database: Database, way: Way) -> None:
    with pytest.raises(Exception, match="division by zero"):
        await way(database, "SELECT 1 / 0")


@both_ways
async def test_a_commit_whose_answer_is_lost_is_not_called_a_failure(
    database: Database, own: PostgresServer, way: Way
) -> None:
    operator = await asyncpg.connect(own.owner_url())
    await operator.execute(
        """
        CREATE TABLE kept (n int);
        GRANT INSERT, SELECT ON kept TO quantloom_app;
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON kept
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
        """
    )
    try:
        keeping = asyncio.ensure_future(way(database, "INSERT INTO kept VALUES (1) RETURNING n"))
        await until_busy(own)
        with frozen(pid_of(own)):
            (told,) = await asyncio.gather(keeping, return_exceptions=True)

        assert type(told) is OutcomeUnknown
    finally:
        await operator.execute("DROP TABLE kept CASCADE; DROP FUNCTION wait")
        await operator.close()
