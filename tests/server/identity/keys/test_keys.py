"""API keys: shown once, never more than their owner, from where and as long as was said (SEC9)."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.database import Scope
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.parts import Parts
from tests.server.identity.protection import TRADING, Protected, equip
from tests.server.identity.support import (
    PASSWORD,
    Person,
    Register,
    bearer,
    client_from,
    dump_of,
)
from tests.server.support import body_of

KEYS = "/api/v1/keys"
ADMINISTER = Scope(purpose="administer")
SECOND = timedelta(seconds=1)


@pytest.fixture
async def ada(register: Register, clock: ManualClock) -> Person:
    """Somebody who has unlocked trading."""
    protected: Protected = await equip(await register(), clock)
    await protected.person.post("/unlock", trading_password=TRADING, code=protected.next_code())
    return protected.person


async def make(ada: Person, **changes: Any) -> httpx2.Response:
    body = {"name": "nightly", "scopes": ["profile", "jobs:read"], **changes}
    return await ada.client.post(KEYS, json=body, headers=ada.bearer)


async def key_of(ada: Person, **changes: Any) -> dict[str, str]:
    answer = await make(ada, **changes)
    assert answer.status_code == 201, answer.text
    return {"X-API-Key": answer.json()["key"]}


async def test_a_key_is_shown_once_and_speaks_for_its_owner(
    ada: Person, migrated: PostgresServer
) -> None:
    made = body_of(await make(ada))
    key = {"X-API-Key": made["key"]}

    me = await ada.client.get("/api/v1/auth/me", headers=key)
    listed = body_of(await ada.client.get(KEYS, headers=ada.bearer))["items"][0]

    assert me.json()["username"] == ada.username
    assert me.json()["permissions"] == ["jobs:read", "profile"]
    assert (listed["id"], listed["hint"]) == (made["id"], made["hint"])
    assert "key" not in listed
    assert made["key"] not in await dump_of(migrated)


async def test_a_key_is_known_as_a_bearer_token_too(ada: Person) -> None:
    key = (await key_of(ada))["X-API-Key"]

    answer = await ada.client.get("/api/v1/auth/me", headers=bearer(key))

    assert answer.status_code == 200


async def test_nobody_makes_a_key_without_unlocking(register: Register) -> None:
    bob = await register()

    answer = await make(bob)

    assert (answer.status_code, body_of(answer)["code"]) == (403, "auth.step_up_required")


@pytest.mark.parametrize("scope", ["users:read", "audit:read", "keys"])
async def test_no_key_holds_more_than_its_owner_or_what_programs_may(
    ada: Person, scope: str
) -> None:
    answer = await make(ada, scopes=[scope])

    assert (answer.status_code, body_of(answer)["code"]) == (403, "keys.beyond_own")


async def test_a_key_may_nothing_that_it_was_not_made_for(ada: Person) -> None:
    key = await key_of(ada, scopes=["jobs:read"])

    jobs = await ada.client.get("/api/v1/jobs", headers=key)
    market = await ada.client.get("/api/v1/workspaces", headers=key)

    assert (jobs.status_code, market.status_code) == (200, 403)


async def test_a_key_changes_nothing_of_its_owner_and_makes_no_key(ada: Person) -> None:
    key = await key_of(ada)
    ask = ada.client

    answers = [
        await ask.post(KEYS, json={"name": "n", "scopes": ["jobs:read"]}, headers=key),
        await ask.post(
            "/api/v1/auth/change-password",
            json={"current_password": PASSWORD, "new_password": "another long sentence"},
            headers=key,
        ),
        await ask.put("/api/v1/auth/profile", json={"full_name": "Eve"}, headers=key),
        await ask.post("/api/v1/account/delete", json={"password": PASSWORD}, headers=key),
        await ask.get("/api/v1/account/export", headers=key),
        await ask.post("/api/v1/auth/logout-all", headers=key),
    ]

    assert {answer.status_code for answer in answers} == {403}


async def test_a_revoked_key_counts_no_more_within_a_second(
    ada: Person, clock: ManualClock
) -> None:
    made = body_of(await make(ada))
    key = {"X-API-Key": made["key"]}
    await ada.client.get("/api/v1/auth/me", headers=key)

    revoked = await ada.client.delete(f"{KEYS}/{made['id']}", headers=ada.bearer)
    clock.advance(SECOND)
    answer = await ada.client.get("/api/v1/auth/me", headers=key)

    assert revoked.status_code == 204
    assert (answer.status_code, body_of(answer)["code"]) == (401, "keys.bad_key")


async def test_a_key_ends_on_its_day(ada: Person, clock: ManualClock) -> None:
    key = await key_of(ada, expires_in_days=1)

    clock.advance(timedelta(days=1) - SECOND)
    before = await ada.client.get("/api/v1/auth/me", headers=key)
    clock.advance(SECOND)
    after = await ada.client.get("/api/v1/auth/me", headers=key)

    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["203.0.113.0/24"], "203.0.113.9", 200),
        (["203.0.113.0/24"], "203.0.114.9", 403),
        (["2001:db8::/32"], "2001:db8:1::5", 200),
        (["2001:db8::/32"], "2001:db9::5", 403),
        (["2001:db8::/32"], "203.0.113.9", 403),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", 200),
        (["198.51.100.7", "203.0.113.9"], "203.0.113.9", 200),
    ],
)
async def test_a_key_works_from_the_networks_of_its_owner_alone(
    ada: Person, guarded: FastAPI, networks: list[str], address: str, status: int
) -> None:
    key = await key_of(ada, networks=networks)

    async with client_from(guarded, address) as client:
        answer = await client.get("/api/v1/auth/me", headers=key)

    assert answer.status_code == status


async def test_another_secret_with_the_id_of_a_key_is_nothing(ada: Person) -> None:
    key, other = await key_of(ada), await key_of(ada)
    text = key["X-API-Key"]

    forged = [text[:-1] + "!", text[:40] + other["X-API-Key"][40:], "ql_live_", text + "0"]
    answers = [
        await ada.client.get("/api/v1/auth/me", headers={"X-API-Key": each}) for each in forged
    ]

    assert {answer.status_code for answer in answers} == {401}


async def test_an_owner_who_may_less_takes_it_from_their_keys(
    ada: Person, parts: Parts, clock: ManualClock
) -> None:
    key = await key_of(ada, scopes=["profile", "jobs:write"])

    async with parts.database.direct(ADMINISTER) as connection:
        await connection.execute(
            "UPDATE memberships SET role = 'viewer' WHERE user_id = $1::text::uuid", ada.id
        )
    clock.advance(SECOND)
    me = await ada.client.get("/api/v1/auth/me", headers=key)

    assert me.json()["permissions"] == ["profile"]


async def test_the_use_of_a_key_is_noted_once_a_minute(ada: Person, clock: ManualClock) -> None:
    key = await key_of(ada)

    async def noted() -> str:
        items = body_of(await ada.client.get(KEYS, headers=ada.bearer))["items"]
        return str(items[0]["last_used_at"])

    await ada.client.get("/api/v1/auth/me", headers=key)
    first = await noted()
    clock.advance(SECOND)
    await ada.client.get("/api/v1/auth/me", headers=key)
    soon = await noted()
    clock.advance(timedelta(minutes=1))
    await ada.client.get("/api/v1/auth/me", headers=key)

    assert first == soon
    assert await noted() > first


async def test_a_key_is_let_in_as_often_as_its_owner_said(ada: Person) -> None:
    key = await key_of(ada, requests_per_minute=2)

    answers = [await ada.client.get("/api/v1/auth/me", headers=key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert [answer.headers["X-RateLimit-Limit"] for answer in answers] == ["2"] * 3
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]


async def test_the_keys_of_another_are_not_there(ada: Person, register: Register) -> None:
    made, bob = body_of(await make(ada)), await register()

    answer = await bob.client.delete(f"{KEYS}/{made['id']}", headers=bob.bearer)
    me = await ada.client.get("/api/v1/auth/me", headers={"X-API-Key": made["key"]})

    assert (answer.status_code, me.status_code) == (404, 200)
