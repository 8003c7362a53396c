"""Writes that are sent twice, and changes of what somebody else has changed meanwhile.

A route that makes something needs a line in `make_bodies`, or in `EXCUSED` with its reason; a route
that changes something that can be read needs one in `CHANGES`.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi import FastAPI

from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.jobs.context import JobContext
from quantloom_server.platform.jobs.registry import job
from quantloom_server.strategies.bundles import Saved, make_bundle
from tests.server.identity.access.support import operators_of, write_member
from tests.server.identity.support import dump_of
from tests.server.operations import all_operations
from tests.server.support import IDS, SignIn, body_of

LATER = datetime(2099, 1, 1, tzinfo=UTC)
KEY = "Idempotency-Key"
OPERATIONS = {str(one): one for one in all_operations()}
MAKING = {name for name, one in OPERATIONS.items() if "201" in one.told["responses"]}
EXCUSED = {
    "POST /api/v1/auth/register": "the second finds the names taken; nobody is known yet",
    "POST /api/v1/auth/totp": "the second secret takes the place of the first, unconfirmed one",
}
# Writes without a key: whoever repeats one has the same afterwards, or is told so.
UNKEYED = {
    *EXCUSED,
    "POST /api/v1/account/delete",
    "POST /api/v1/auth/change-email",
    "POST /api/v1/auth/change-email/confirm",
    "POST /api/v1/auth/change-password",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/recovery-codes",
    "POST /api/v1/auth/refresh",  # has a key of its own kind
    "POST /api/v1/auth/reset-password",
    "POST /api/v1/auth/reset-password/confirm",
    "POST /api/v1/auth/totp/confirm",
    "POST /api/v1/auth/totp/disable",
    "POST /api/v1/auth/unlock",
    "POST /api/v1/auth/verify-email",
    "POST /api/v1/auth/verify-email/confirm",
    "POST /api/v1/strategies/check",  # keeps nothing
    "PUT /api/v1/auth/trading-password",
}
# What is changed and never read by itself.
UNREAD = {"PUT /api/v1/auth/trading-password", "PUT /api/v1/strategy-market/{listing_id}/rating"}


@dataclass(frozen=True, slots=True)
class Nothing:
    """A job that needs to know nothing."""


@job("tests.kept_once", is_schedulable=True)
async def do_nothing(context: JobContext, work: Nothing) -> None:
    return None


@pytest.fixture
async def operator(database: Database) -> Caller:
    caller, _ = await write_member(database, "admin", await operators_of(database))
    return replace(caller, unlocked_until=LATER)


@pytest.fixture
async def client(operator: Caller, sign_in: SignIn) -> httpx2.AsyncClient:
    return await sign_in(operator)


@pytest.fixture
async def stranger(database: Database) -> str:
    """The name of somebody who is in no workspace of the operator's."""
    return (await write_member(database, "viewer", None))[1]


STRATEGY = {
    "description": "",
    "language": "python",
    "status": "draft",
    "category": "other",
    "risk_level": "low",
}


@pytest.fixture
async def strategy_id(client: httpx2.AsyncClient) -> UUID:
    """A strategy of the operator's that could be offered."""
    made = await client.post("/api/v1/strategies", json={"name": IDS.new().hex})
    return UUID(body_of(made)["id"])


@pytest.fixture
async def listing_id(database: Database, sign_in: SignIn) -> UUID:
    """What somebody else offers."""
    caller, _ = await write_member(database, "researcher", None)
    other = await sign_in(caller)
    made = body_of(await other.post("/api/v1/strategies", json={"name": "Offered"}))
    offer = {"strategy_id": made["id"], "licence": "MIT"}
    return UUID(body_of(await other.post("/api/v1/strategy-market", json=offer))["id"])


@dataclass(frozen=True, slots=True)
class Making:
    """A request that makes something, and another one."""

    path: str
    body: dict[str, Any]
    other: dict[str, Any]


def make_bodies(
    operator: Caller, stranger: str, strategy_id: UUID, listing_id: UUID
) -> dict[str, Making]:
    word = IDS.new().hex
    user = {"username": f"u-{word[-20:]}", "email": f"{word}@example.com", "role": "viewer"}
    role = {"name": f"r{word[-20:]}", "permissions": []}
    member = {"login": stranger, "role": "viewer"}
    key = {"name": word, "scopes": ["market:read"]}
    plan = {"name": word, "kind": "tests.kept_once", "cron": "30 16 * * mon-fri"}
    offer = {"strategy_id": str(strategy_id), "licence": "MIT"}
    bundle = make_bundle(STRATEGY | {"name": word}, [Saved(1, "# One", "")])
    here = f"/api/v1/workspaces/{operator.workspace_id}/members"
    return {
        "POST /api/v1/users": Making("/api/v1/users", user, user | {"full_name": "Other"}),
        "POST /api/v1/roles": Making("/api/v1/roles", role, role | {"description": "Other"}),
        "POST /api/v1/workspaces": Making("/api/v1/workspaces", {"name": word}, {"name": "Other"}),
        "POST /api/v1/workspaces/{workspace_id}/members": Making(
            here, member, member | {"role": "researcher"}
        ),
        "POST /api/v1/keys": Making("/api/v1/keys", key, key | {"expires_in_days": 5}),
        "POST /api/v1/strategies": Making(
            "/api/v1/strategies", {"name": word}, {"name": word, "code": ""}
        ),
        "POST /api/v1/strategies/import": Making(
            "/api/v1/strategies/import", bundle, bundle | {"checksum": "0" * 64}
        ),
        "POST /api/v1/strategies/{strategy_id}/copy": Making(
            f"/api/v1/strategies/{strategy_id}/copy", {}, {"name": "Other"}
        ),
        "POST /api/v1/strategy-market": Making(
            "/api/v1/strategy-market", offer, offer | {"author": "Other"}
        ),
        "POST /api/v1/strategy-market/{listing_id}/subscribe": Making(
            f"/api/v1/strategy-market/{listing_id}/subscribe", {}, {"name": "Other"}
        ),
        "POST /api/v1/schedules": Making("/api/v1/schedules", plan, plan | {"is_enabled": False}),
    }


async def test_every_write_takes_a_key_or_says_why_not(
    operator: Caller, stranger: str, strategy_id: UUID, listing_id: UUID
) -> None:
    def takes_key(name: str) -> bool:
        told = OPERATIONS[name].told.get("parameters", ())
        return any(one["in"] == "header" and one["name"] == KEY for one in told)

    writes = {name for name, one in OPERATIONS.items() if one.method != "GET"}
    unkeyed = {name for name in writes if not takes_key(name)}

    assert unkeyed | {"POST /api/v1/auth/refresh"} == UNKEYED
    bodies = make_bodies(operator, stranger, strategy_id, listing_id)
    assert set(bodies) == MAKING - EXCUSED.keys()


async def test_what_is_made_is_made_once(
    client: httpx2.AsyncClient,
    operator: Caller,
    stranger: str,
    strategy_id: UUID,
    listing_id: UUID,
    migrated: PostgresServer,
) -> None:
    faults: list[tuple[str, object]] = []
    for name, making in make_bodies(operator, stranger, strategy_id, listing_id).items():
        headers = {KEY: str(uuid4())}
        # Several at once first: one makes it, and the others wait for what it was told.
        answers = await asyncio.gather(
            *(client.post(making.path, json=making.body, headers=headers) for _ in range(3))
        )
        after = await dump_of(migrated)
        again = await client.post(making.path, json=making.body, headers=headers)
        other = await client.post(making.path, json=making.other, headers=headers)
        told = {(each.status_code, each.content) for each in (*answers, again)}
        if len(told) > 1 or again.status_code != 201:
            faults.append((name, told))
        if other.status_code != 422 or body_of(other)["code"] != "conflict.key_reused":
            faults.append((name, other.text))
        if await dump_of(migrated) != after:
            faults.append((name, "the second time did something"))

    assert faults == []


async def test_a_write_without_a_key_is_done_each_time(client: httpx2.AsyncClient) -> None:
    made = [await client.post("/api/v1/workspaces", json={"name": "Twice"}) for _ in range(2)]

    assert len({body_of(each)["id"] for each in made}) == 2


# What is changed, below what it is read at, and by which bodies.
CHANGES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "/api/v1/auth/profile": ("PUT", {"full_name": "One"}, {"full_name": "Two"}),
    "/api/v1/users/{user_id}": ("PATCH", {"full_name": "One"}, {"full_name": "Two"}),
    "/api/v1/roles/{name}": ("PUT", {"description": "One"}, {"description": "Two"}),
    "/api/v1/workspaces/{workspace_id}": ("PATCH", {"name": "One"}, {"name": "Two"}),
    "/api/v1/workspaces/{workspace_id}/members/{user_id}": (
        "PATCH",
        {"role": "researcher"},
        {"role": "viewer"},
    ),
    "/api/v1/schedules/{schedule_id}": ("PATCH", {"is_enabled": False}, {"name": "Two"}),
    "/api/v1/strategies/{strategy_id}": ("PUT", {"code": "# One"}, {"name": "Two"}),
    "/api/v1/strategies/{strategy_id}/draft": (
        "PUT",
        {"code": "One", "based_on": 1},
        {"code": "Two", "based_on": 1},
    ),
}
REMOVABLE = (
    "/api/v1/roles/{name}",
    "/api/v1/schedules/{schedule_id}",
    "/api/v1/strategies/{strategy_id}",
    "/api/v1/workspaces/{workspace_id}/members/{user_id}",
)


@pytest.fixture
async def things(
    client: httpx2.AsyncClient, operator: Caller, stranger: str, strategy_id: UUID
) -> dict[str, UUID | str]:
    """Ids of what there is to be changed."""
    made = make_bodies(operator, stranger, strategy_id, IDS.new())
    role = made["POST /api/v1/roles"].body
    plan, member = (
        made["POST /api/v1/schedules"],
        made["POST /api/v1/workspaces/{workspace_id}/members"],
    )
    await client.post("/api/v1/roles", json=role)
    return {
        "name": role["name"],
        "workspace_id": operator.workspace_id,
        "strategy_id": strategy_id,
        "schedule_id": body_of(await client.post(plan.path, json=plan.body))["id"],
        "user_id": body_of(await client.post(member.path, json=member.body))["user_id"],
    }


def test_whatever_can_be_read_and_changed_can_be_changed_with_care() -> None:
    careful = {
        name
        for name, one in OPERATIONS.items()
        if any(each["name"] == "If-Match" for each in one.told.get("parameters", ()))
    }
    changing = {f"{method} {path}" for path, (method, _, _) in CHANGES.items()}
    puts = {name for name in OPERATIONS if name.startswith(("PUT ", "PATCH "))}

    assert careful == changing | {f"DELETE {path}" for path in REMOVABLE}
    assert puts - changing == UNREAD
    assert all("412" in OPERATIONS[name].told["responses"] for name in careful)


@pytest.mark.parametrize("path", CHANGES)
async def test_a_change_of_what_was_changed_meanwhile_is_refused(
    client: httpx2.AsyncClient, things: dict[str, UUID | str], path: str
) -> None:
    method, one, two = CHANGES[path]
    at = path.format(**things)
    read = await client.get(at)
    tag = {"If-Match": read.headers["ETag"]}

    first = await client.request(method, at, json=one, headers=tag)
    between = await client.get(at)
    second = await client.request(method, at, json=two, headers=tag)
    after = await client.get(at)

    assert (first.status_code, second.status_code) == (200, 412), (first.text, second.text)
    assert body_of(second)["code"] == "conflict.changed_since_read"
    assert between.headers["ETag"] == after.headers["ETag"] != read.headers["ETag"]


async def test_of_two_changes_at_once_one_is_refused(
    client: httpx2.AsyncClient, things: dict[str, UUID | str]
) -> None:
    for path, (method, one, two) in CHANGES.items():
        at = path.format(**things)
        tag = {"If-Match": (await client.get(at)).headers["ETag"]}

        answers = await asyncio.gather(
            *(client.request(method, at, json=body, headers=tag) for body in (one, two))
        )

        # The second of two finds either what the first has made, or what changed nothing.
        assert {answer.status_code for answer in answers} <= {200, 412}
        assert any(answer.status_code == 200 for answer in answers)


@pytest.mark.parametrize("path", REMOVABLE)
async def test_what_was_changed_meanwhile_is_not_removed(
    client: httpx2.AsyncClient, things: dict[str, UUID | str], path: str
) -> None:
    at = path.format(**things)
    tag = (await client.get(at)).headers["ETag"]

    stale = await client.delete(at, headers={"If-Match": '"older"'})
    there = await client.get(at)
    fresh = await client.delete(at, headers={"If-Match": tag})

    assert (stale.status_code, there.status_code, fresh.status_code) == (412, 200, 204)


async def test_a_read_that_is_known_is_not_sent_again(
    app: FastAPI, client: httpx2.AsyncClient, things: dict[str, UUID | str]
) -> None:
    for path in CHANGES:
        at = path.format(**things)
        tag = (await client.get(at)).headers["ETag"]

        assert (await client.get(at, headers={"If-None-Match": tag})).status_code == 304
