"""Hot reads: one round trip, and the walls stand all the same."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import SecretStr, TypeAdapter

from quantloom.kit.clock import SystemClock
from quantloom_server.app import create_app
from quantloom_server.identity.keys.repository import STATES
from quantloom_server.identity.repository import SESSION_STATES
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import NOBODY, Database, Scope, within
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.errors import DatabaseDown
from quantloom_server.platform.hot import find_reader
from quantloom_server.platform.jobs import service as jobs
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.transaction import Transaction
from quantloom_server.settings import Settings
from tests.server.support import IDS, MakeCaller, SignIn, body_of

WHO = "SELECT current_user AS who, app_user_id() AS u, app_workspace_id() AS w, app_purpose() AS p"
USERS = "SELECT id FROM users"
READ = Database.read


@pytest.fixture
async def one(migrated: PostgresServer) -> AsyncIterator[Database]:
    """A database with a single bare connection, which every read goes through."""
    one = await Database.open(migrated.app_url(), connections=1)
    yield one
    await one.close()


async def fill(database: Database, caller: Caller) -> str:
    """A job with all that a job may have, and a session."""
    async with database.transaction(caller.scope) as session:
        tx = Transaction(session=session, clock=SystemClock(), ids=IDS, caller=caller)
        row = await jobs.enqueue(tx, kind="tests.count", queue=Queue.DATA, payload={"a": [1, "b"]})
        row.result, row.error = {"found": {"x": 0.5}}, {"code": "a.b", "message": "ü"}
    async with database.direct(caller.scope) as connection:
        await connection.execute(
            "INSERT INTO sessions (id, user_id, workspace_id, version, created_at, last_used_at, "
            "expires_at) SELECT $1, id, $2, session_version, now(), now(), now() + interval '1 day'"
            " FROM users WHERE id = $3",
            IDS.new(),
            caller.workspace_id,
            caller.user_id,
        )
    return str(row.id)


async def test_a_read_tells_its_scope(database: Database) -> None:
    scope = Scope(user_id=IDS.new(), workspace_id=IDS.new(), purpose="administer")

    [row] = await database.read(scope, WHO)

    assert tuple(row) == ("quantloom_app", scope.user_id, scope.workspace_id, "administer")


async def test_rows_of_others_are_not_there(database: Database, make_caller: MakeCaller) -> None:
    mine, theirs = await make_caller(), await make_caller()

    seen = await database.read(mine.scope, USERS)
    asked_for = await database.read(mine.scope, f"{USERS} WHERE id = $1", [theirs.user_id])
    nobodys = await database.read(NOBODY, USERS)

    assert [row["id"] for row in seen] == [mine.user_id]
    assert (asked_for, nobodys) == ([], [])


async def test_nothing_of_a_scope_is_left_to_the_next(
    one: Database, make_caller: MakeCaller
) -> None:
    caller = await make_caller()

    await one.read(caller.scope, USERS)
    async with one.direct(NOBODY) as connection:
        after_a_read = await connection.fetchrow(WHO)

    assert after_a_read is not None
    assert tuple(after_a_read) == ("quantloom_app", None, None, None)
    assert await one.read(NOBODY, USERS) == []


async def test_nothing_of_a_scope_is_left_by_an_error(
    one: Database, make_caller: MakeCaller
) -> None:
    caller = await make_caller()

    with pytest.raises(asyncpg.DivisionByZeroError):
        await one.read(caller.scope, "SELECT 1 / (length(username) * 0) FROM users")

    [row] = await one.read(NOBODY, WHO)
    assert tuple(row) == ("quantloom_app", None, None, None)


async def test_nothing_of_a_scope_is_left_by_who_went_away(
    one: Database, make_caller: MakeCaller
) -> None:
    caller = await make_caller()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await one.read(caller.scope, "SELECT pg_sleep(30) FROM users")

    [row] = await one.read(NOBODY, WHO)
    assert tuple(row) == ("quantloom_app", None, None, None)


async def test_a_connection_that_is_cut_means_that_the_database_is_down(
    one: Database, migrated: PostgresServer
) -> None:
    [row] = await one.read(NOBODY, "SELECT pg_backend_pid() AS pid")
    asking = asyncio.create_task(one.read(NOBODY, "SELECT pg_sleep(30)"))
    # By the time that another is connected, the question is on its way.
    other = await asyncpg.connect(migrated.superuser_url())
    await other.execute("SELECT pg_terminate_backend($1)", row["pid"])
    await other.close()

    with pytest.raises(DatabaseDown):
        await asking
    assert await one.read(NOBODY, "SELECT 1") != []


HOT = sorted(
    route.path
    for route in create_app(
        Settings(_env_file=None, secret_key=SecretStr("a key of thirty-two bytes or more"))
    ).routes
    if isinstance(route, APIRoute) and find_reader(route.endpoint)
)


@pytest.mark.parametrize("path", HOT)
async def test_a_hot_route_asks_little_and_tells_its_scope_before_it_looks(
    path: str,
    database: Database,
    make_caller: MakeCaller,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caller = await make_caller()
    client = await sign_in(caller)
    job_id = await fill(database, caller)
    asked: list[tuple[str, Sequence[Any]]] = []

    async def overheard(
        self: Database, scope: Scope, query: str, values: Sequence[Any] = ()
    ) -> list[asyncpg.Record]:
        asked.append((query, values))
        return await READ(self, scope, query, values)

    monkeypatch.setattr(Database, "read", overheard)

    answer = await client.get(path.format(job_id=job_id, schedule_id=IDS.new(), entry_id=IDS.new()))

    assert answer.status_code in {200, 404}
    assert 1 <= len(asked) <= 2
    for query, values in asked:
        plan = await database_plan(database, query, values)
        assert plan[0].startswith("Result"), plan
        assert plan[1].strip().startswith("One-Time Filter"), plan


@pytest.mark.parametrize("query", [SESSION_STATES, STATES])
async def test_who_calls_is_read_in_one_round_trip_too(database: Database, query: str) -> None:
    plan = await database_plan(database, query, [[IDS.new()]])

    assert plan[0].startswith("Result"), plan
    assert plan[1].strip().startswith("One-Time Filter"), plan


async def database_plan(database: Database, query: str, values: Sequence[Any]) -> list[str]:
    asked = f"EXPLAIN (COSTS OFF) {within(query, len(values))}"
    async with database.direct(NOBODY) as connection:
        return [row[0] for row in await connection.fetch(asked, *values, "", "", "")]


@pytest.mark.parametrize("path", HOT)
async def test_a_hot_route_tells_to_the_byte_what_its_model_would(
    path: str, app: FastAPI, database: Database, make_caller: MakeCaller, sign_in: SignIn
) -> None:
    caller = await make_caller()
    client = await sign_in(caller)
    job_id = await fill(database, caller)
    route = next(each for each in app.routes if isinstance(each, APIRoute) and each.path == path)

    answer = await client.get(path.format(job_id=job_id, schedule_id=IDS.new(), entry_id=IDS.new()))

    if answer.status_code == 200:
        model: TypeAdapter[Any] = TypeAdapter(route.response_model)
        assert answer.content == model.dump_json(model.validate_json(answer.content))


async def test_what_is_wrong_in_a_query_is_told_as_elsewhere(
    make_caller: MakeCaller, sign_in: SignIn
) -> None:
    client = await sign_in(await make_caller())

    wrong = await client.get("/api/v1/jobs", params={"limit": 0, "state": "odd"})
    cursor = await client.get("/api/v1/jobs", params={"cursor": "odd"})

    assert wrong.status_code == 422
    assert {each["field"] for each in body_of(wrong)["errors"]} == {"query.limit", "query.state"}
    assert (cursor.status_code, body_of(cursor)["code"]) == (422, "request.bad_cursor")
