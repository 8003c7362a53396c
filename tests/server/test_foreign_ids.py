"""Every route, called with ids of what is somebody else's: not there, and nothing done (SEC10).

A route with a new id in its path, query or body needs a line in `Theirs`; a listing needs none.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import httpx2
import pytest

from quantloom.kit.clock import SystemClock
from quantloom_server.identity.roles import OPERATORS
from quantloom_server.platform import trail
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.jobs import service as jobs
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.routing import PUBLIC
from quantloom_server.platform.transaction import Transaction
from tests.server.identity.access.support import write_member
from tests.server.identity.support import dump_of
from tests.server.operations import WORDS, Operation, all_operations
from tests.server.support import IDS, SignIn, body_of

Theirs = dict[str, UUID]

LATER = datetime(2099, 1, 1, tzinfo=UTC)
OPERATIONS = [one for one in all_operations() if one.needs != PUBLIC.value]
NAMED = [one for one in OPERATIONS if set(one.names) - set(WORDS)]
LISTINGS = [one for one in OPERATIONS if one.method == "GET" and not one.names]

_ROWS = {
    "key_id": "INSERT INTO api_keys (id, user_id, workspace_id, name, hint, secret_hmac, scopes, "
    "networks, requests_per_minute, created_at, expires_at) "
    "VALUES ($1, $2, $3, 'theirs', '', '', '{}', '{}', 1, now(), now() + interval '1 day')",
    "session_id": "INSERT INTO sessions (id, user_id, workspace_id, version, created_at, "
    "last_used_at, expires_at) VALUES ($1, $2, $3, 1, now(), now(), now() + interval '1 day')",
    "approval_id": "INSERT INTO approvals (id, proposed_by, workspace_id, kind, payload, subject, "
    "state, created_at, expires_at) VALUES ($1, $2, $3, 'access.member_role', '{}', 'theirs', "
    "'open', now(), now() + interval '1 day')",
    "strategy_id": "INSERT INTO strategies (id, user_id, workspace_id, name, description, "
    "language, status, category, risk_level, version, errors, warnings) "
    "VALUES ($1, $2, $3, 'theirs', '', 'python', 'draft', 'other', 'low', 1, 0, 0)",
    "schedule_id": "INSERT INTO schedules (id, user_id, workspace_id, name, kind, queue, payload, "
    "cron, timezone) VALUES ($1, $2, $3, 'theirs', 'test.none', 'data', '{}', '0 0 * * *', 'UTC')",
}
_VERSION = (
    "INSERT INTO strategy_versions (id, created_by, workspace_id, strategy_id, number, code, "
    "code_sha256, size_bytes, changelog, parameters, unreadable, errors, warnings, created_at) "
    "VALUES ($1, $2, $3, $4, 1, 'theirs', '', 6, '', '{}', '[]', 0, 0, now())"
)
# Withdrawn: what is offered is there for everybody.
_LISTING = (
    "INSERT INTO strategy_listings (id, user_id, workspace_id, strategy_id, version, name, "
    "description, licence, author, language, category, risk_level, code, code_sha256, parameters, "
    "unreadable, warnings, withdrawn_at) VALUES ($1, $2, $3, $4, 1, 'theirs', '', '', '', "
    "'python', 'other', 'low', 'theirs', '', '{}', '[]', 0, now())"
)


# Questions of a query that name something by its id.
ASKED = [
    (one, told["name"])
    for one in OPERATIONS
    for told in one.told.get("parameters", ())
    if told["in"] == "query" and (told["name"].endswith("_id") or told["name"] == "cursor")
]
OF_IDS = {"actor_id": "user_id", "object_id": "job_id"}
# What belongs to somebody, and not to all in their workspace.
PERSONAL = {"key_id", "session_id"}


@pytest.fixture
async def me(database: Database) -> Caller:
    """Somebody who may everything where they are, and has unlocked trading."""
    caller, _ = await write_member(database, "admin", None)
    return replace(caller, unlocked_until=LATER)


@pytest.fixture
async def mine(me: Caller, sign_in: SignIn) -> httpx2.AsyncClient:
    return await sign_in(me)


@pytest.fixture
async def theirs(database: Database) -> Theirs:
    """One of each that somebody in another workspace has."""
    return await things_of(database, (await write_member(database, "admin", None))[0])


async def things_of(database: Database, owner: Caller) -> Theirs:
    made = {"user_id": owner.user_id, "workspace_id": owner.workspace_id}
    async with database.direct(owner.scope) as connection:
        for name, statement in _ROWS.items():
            made[name] = IDS.new()
            await connection.execute(statement, made[name], owner.user_id, owner.workspace_id)
        made["listing_id"] = IDS.new()
        belongs = owner.user_id, owner.workspace_id, made["strategy_id"]
        await connection.execute(_VERSION, IDS.new(), *belongs)
        await connection.execute(_LISTING, made["listing_id"], *belongs)
    async with database.transaction(owner.scope) as session:
        tx = Transaction(session=session, clock=SystemClock(), ids=IDS, caller=owner)
        made["job_id"] = await _job_of(tx)
        made["entry_id"] = await trail.record(
            tx, action="test.done", object_kind="test", object_id="theirs"
        )
    return made


def _ways(names: list[str], theirs: Theirs, me: Caller) -> Iterator[dict[str, UUID]]:
    """Every way to name what is theirs, at least once, in a path; the rest is one's own."""
    own = {"user_id": me.user_id, "workspace_id": me.workspace_id}
    for chosen in product((True, False), repeat=len(names)):
        ids = {
            name: theirs[name] if is_theirs or name not in own else own[name]
            for name, is_theirs in zip(names, chosen, strict=True)
        }
        if any(ids[name] == theirs[name] for name in names):
            yield ids


def _ids_in(schema: Any, schemas: dict[str, Any]) -> set[str]:
    """Names of the fields of a body that are ids, however deep."""
    if isinstance(schema, list):
        return set().union(*(_ids_in(each, schemas) for each in schema))
    if not isinstance(schema, dict):
        return set()
    if (ref := schema.get("$ref")) is not None:
        return _ids_in(schemas[ref.rpartition("/")[2]], schemas)
    named = {
        name
        for name, told in schema.get("properties", {}).items()
        if name.endswith(("_id", "_ids")) or "'uuid'" in str(told)
    }
    return named.union(*(_ids_in(each, schemas) for each in schema.values()))


def _ids_of_body(operation: Operation) -> set[str]:
    return _ids_in(operation.told.get("requestBody", {}), operation.schemas)


async def _job_of(tx: Transaction) -> UUID:
    row = await jobs.enqueue(tx, kind="test.none", queue=Queue.DATA, payload={})
    return row.id


def test_every_parameter_of_a_path_is_known(theirs: Theirs) -> None:
    asked = {name for operation in OPERATIONS for name in operation.names}

    assert asked - set(theirs) - set(WORDS) == set()
    assert len(NAMED) > 20


def test_every_id_of_a_query_or_a_body_is_known(theirs: Theirs) -> None:
    asked = {OF_IDS.get(name, name) for _, name in ASKED}
    in_bodies = {name for one in OPERATIONS for name in _ids_of_body(one)}

    assert asked - set(theirs) == {"cursor"}
    assert in_bodies <= set(theirs)


async def test_what_is_somebody_elses_is_not_there_where_a_body_names_it(
    mine: httpx2.AsyncClient, theirs: Theirs, migrated: PostgresServer
) -> None:
    before = await dump_of(migrated)
    naming = [(one, name) for one in OPERATIONS for name in _ids_of_body(one)]

    answers = {
        f"{one} {name}": await one.call(mine, theirs, {**one.example, name: str(theirs[name])})
        for one, name in naming
    }

    assert answers
    assert {answer.status_code for answer in answers.values()} == {404}
    assert await dump_of(migrated) == before


async def test_what_is_somebody_elses_is_not_there_and_stays_as_it_is(
    me: Caller, mine: httpx2.AsyncClient, theirs: Theirs, migrated: PostgresServer
) -> None:
    before = await dump_of(migrated)
    faults: list[Any] = []

    for operation in NAMED:
        named = [name for name in operation.names if name in theirs]
        for ids in _ways(named, theirs, me):
            answer = await operation.call(mine, ids, operation.example)
            is_operators = operation.needs in OPERATORS
            expected = (403, "auth.not_permitted") if is_operators else (404, None)
            found = (answer.status_code, body_of(answer)["code"] if is_operators else None)
            if found != expected:
                faults.append((str(operation), answer.status_code, answer.text))

    assert faults == []
    assert await dump_of(migrated) == before


async def test_what_is_a_colleagues_own_is_not_there_either(
    me: Caller, mine: httpx2.AsyncClient, database: Database, migrated: PostgresServer
) -> None:
    colleague, _ = await write_member(database, "admin", me.workspace_id)
    theirs = await things_of(database, colleague)
    before = await dump_of(migrated)

    personal = [one for one in NAMED if PERSONAL & set(one.names)]
    answers = {
        str(one): (await one.call(mine, theirs, one.example)).status_code for one in personal
    }

    assert len(personal) >= 2
    assert {path for path, status in answers.items() if status != 404} == set()
    assert await dump_of(migrated) == before


async def test_a_key_reaches_no_further_than_its_owner(
    me: Caller, sign_in: SignIn, theirs: Theirs, migrated: PostgresServer
) -> None:
    program = await sign_in(replace(me, key_id=IDS.new(), session_id=None))
    before = await dump_of(migrated)

    answers = {str(one): await one.call(program, theirs, one.example) for one in NAMED}

    assert {answer.status_code for answer in answers.values()} <= {403, 404}
    assert await dump_of(migrated) == before


async def test_asking_for_what_is_somebody_elses_finds_nothing(
    mine: httpx2.AsyncClient, theirs: Theirs
) -> None:
    leaks = []

    for operation, name in ASKED:
        asked = theirs[OF_IDS.get(name, "entry_id")]
        cursor = base64.urlsafe_b64encode(asked.bytes).rstrip(b"=").decode()
        value = cursor if name == "cursor" else str(asked)
        answer = await mine.get(operation.path, params={name: value})
        assert answer.status_code in {200, 403, 422}, (str(operation), answer.text)
        leaks += [(str(operation), name) for one in theirs.values() if str(one) in answer.text]

    assert len(ASKED) > 8
    assert leaks == []


async def test_no_listing_shows_what_is_somebody_elses(
    mine: httpx2.AsyncClient, theirs: Theirs
) -> None:
    shown = {str(one): (await one.call(mine, {})).text for one in LISTINGS}

    leaks = [
        (path, name) for path, text in shown.items() for name in theirs if str(theirs[name]) in text
    ]
    assert len(shown) > 10
    assert leaks == []


async def test_what_is_ones_own_is_there(
    database: Database, sign_in: SignIn, theirs: Theirs
) -> None:
    owner = Caller(
        user_id=theirs["user_id"],
        workspace_id=theirs["workspace_id"],
        permissions=(await write_member(database, "admin", None))[0].permissions,
        session_id=IDS.new(),
    )
    client = await sign_in(owner)
    reads = [one for one in NAMED if one.method == "GET" and one.needs not in OPERATORS]

    answers = {str(one): (await one.call(client, theirs)).status_code for one in reads}

    assert len(reads) >= 5
    assert {path for path, status in answers.items() if status != 200} == set()
