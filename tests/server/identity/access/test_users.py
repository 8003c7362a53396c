"""Accounts as operators keep them, the first administrator, workspaces and leaving (A4, A10)."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from quantloom.kit.clock import ManualClock
from quantloom_server.identity.access.beginning import FirstAdmin, make_first_admin
from quantloom_server.identity.means import Means
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Relay
from tests.server.identity.access.support import ADMINISTER, operators_of
from tests.server.identity.mailing import Postbox, deliver_all
from tests.server.identity.support import (
    PASSWORD,
    Person,
    Register,
    client_from,
    dump_of,
    new_name,
)
from tests.server.support import IDS, body_of

USERS = "/api/v1/users"


@pytest.fixture
def means(guarded: FastAPI) -> Means:
    means: Means = guarded.state.identity
    return means


async def add(boss: Person, **changes: Any) -> httpx2.Response:
    name = new_name()
    body = {"username": name, "email": f"{name}@example.com", **changes}
    return await boss.client.post(USERS, json=body, headers=boss.bearer)


async def test_a_new_account_must_change_the_password_it_was_given(
    boss: Person, guarded: FastAPI
) -> None:
    made = body_of(await add(boss, role="trader"))
    ada = Person(client_from(guarded), made["username"], made["email"], made["id"])
    given = made["one_time_password"]

    await ada.login(given)
    me = await ada.me()
    early = await ada.client.get("/api/v1/workspaces", headers=ada.bearer)
    changed = await ada.post("/change-password", current_password=given, new_password=PASSWORD)
    ada.tokens = changed.json()
    later = await ada.client.get("/api/v1/workspaces", headers=ada.bearer)

    assert me.status_code == 200
    assert (early.status_code, body_of(early)["code"]) == (403, "auth.password_change_needed")
    assert later.json()["items"][0]["role"] == "trader"
    assert (await ada.login(given)).status_code == 401
    await ada.client.aclose()


async def test_accounts_are_found_by_part_of_a_name(boss: Person) -> None:
    made = body_of(await add(boss, full_name="Grace 100% Hopper"))

    async def found(q: str) -> list[str]:
        answer = await boss.client.get(USERS, params={"q": q}, headers=boss.bearer)
        return [each["id"] for each in answer.json()["items"]]

    assert await found("100% hop") == [made["id"]]
    assert await found("1__%") == []
    assert made["id"] in await found(made["username"])


async def test_a_shut_account_is_out_within_a_second(
    boss: Person, register: Register, clock: ManualClock
) -> None:
    ada = await register()

    shut = await boss.client.patch(
        f"{USERS}/{ada.id}", json={"is_active": False}, headers=boss.bearer
    )
    clock.advance(timedelta(seconds=1))

    assert shut.json()["is_active"] is False
    assert (await ada.me()).status_code == 401
    assert body_of(await ada.login())["code"] == "identity.account_disabled"


async def test_an_old_address_is_told_when_an_operator_changes_it(
    boss: Person, register: Register, relay: Relay, postbox: Postbox
) -> None:
    ada = await register()

    changed = await boss.client.patch(
        f"{USERS}/{ada.id}", json={"email": f"new-{ada.email}"}, headers=boss.bearer
    )
    await deliver_all(relay)

    assert changed.json()["email"] == f"new-{ada.email}"
    subject, text = postbox.to(ada)[-1]
    assert "Your e-mail address was changed" in subject
    assert "发往另一个邮箱" in text


async def test_a_given_password_ends_the_sessions_and_counts_once(
    boss: Person, register: Register, clock: ManualClock
) -> None:
    ada = await register()

    given = await boss.client.post(f"{USERS}/{ada.id}/password", headers=boss.bearer)
    clock.advance(timedelta(seconds=1))

    assert (await ada.me()).status_code == 401
    assert (await ada.login()).status_code == 401
    assert (await ada.login(body_of(given)["one_time_password"])).status_code == 200


async def test_a_locked_account_is_opened_again(boss: Person, register: Register) -> None:
    ada = await register()
    for _ in range(5):
        await ada.login("wrong")
    locked = await ada.login()

    await boss.client.post(f"{USERS}/{ada.id}/unlock", headers=boss.bearer)

    assert locked.status_code == 429
    assert (await ada.login()).status_code == 200


async def test_nobody_takes_over_the_account_of_somebody_who_may_more(
    boss: Person, register: Register, parts: Parts, clock: ManualClock
) -> None:
    clerk, role = await register(), f"clerk-{IDS.new().hex[-8:]}"
    place = await operators_of(parts.database)
    async with parts.database.direct(ADMINISTER) as connection:
        await connection.execute(
            "INSERT INTO roles (name, permissions) VALUES ($1, $2)",
            role,
            ["profile", "users:read", "users:write"],
        )
        await connection.execute("DELETE FROM memberships WHERE user_id = $1::text::uuid", clerk.id)
        await connection.execute(
            "INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2::text::uuid, $3)",
            place,
            clerk.id,
            role,
        )
    await clerk.login()
    path = f"{USERS}/{boss.id}"

    answers = [
        await clerk.client.post(f"{path}/password", headers=clerk.bearer),
        await clerk.client.patch(path, json={"is_active": False}, headers=clerk.bearer),
        await clerk.client.patch(path, json={"email": "e@example.com"}, headers=clerk.bearer),
        await clerk.client.delete(path, headers=clerk.bearer),
    ]

    assert {body_of(answer)["code"] for answer in answers} == {"access.beyond_own"}


async def test_operators_do_not_shut_delete_or_reset_themselves(boss: Person) -> None:
    path = f"{USERS}/{boss.id}"

    answers = [
        await boss.client.patch(path, json={"is_active": False}, headers=boss.bearer),
        await boss.client.delete(path, headers=boss.bearer),
        await boss.client.post(f"{path}/password", headers=boss.bearer),
    ]

    assert {body_of(answer)["code"] for answer in answers} == {"access.not_oneself"}


async def test_the_first_administrator_is_made_once(parts: Parts, means: Means) -> None:
    place = await operators_of(parts.database)
    async with parts.database.direct(ADMINISTER) as connection:
        await connection.execute("DELETE FROM memberships WHERE workspace_id = $1", place)
    name = new_name()

    first = await make_first_admin(parts, means, username=name, email=f"{name}@localhost")
    second = await make_first_admin(parts, means, username=new_name())

    assert isinstance(first, FirstAdmin)
    assert first.username == name
    assert second is None


async def test_a_session_acts_in_the_workspace_it_switched_to(
    boss: Person, clock: ManualClock
) -> None:
    made = await boss.client.post(
        "/api/v1/workspaces", json={"name": "Metals"}, headers=boss.bearer
    )
    place, before = body_of(made)["id"], boss.tokens["access_token"]

    switched = body_of(
        await boss.client.post(f"/api/v1/workspaces/{place}/switch", headers=boss.bearer)
    )
    clock.advance(timedelta(seconds=1))
    old = await boss.me(before)
    new = await boss.me(switched["access_token"])
    refreshed = await boss.refresh()
    later = await boss.me(refreshed.json()["access_token"])

    assert old.status_code == 401
    assert new.json()["workspace_id"] == later.json()["workspace_id"] == place
    assert new.json()["role"] == "admin"
    assert "users:write" not in new.json()["permissions"]


async def test_nobody_switches_to_where_they_are_not(boss: Person, register: Register) -> None:
    ada = await register()
    place = (await ada.me()).json()["workspace_id"]

    answer = await boss.client.post(f"/api/v1/workspaces/{place}/switch", headers=boss.bearer)

    assert body_of(answer)["code"] == "access.no_such_workspace"


async def test_who_leaves_is_named_nowhere_any_more(
    register: Register, migrated: PostgresServer
) -> None:
    ada = await register()
    await ada.client.put(
        "/api/v1/auth/profile",
        json={"full_name": f"Augusta {ada.username}", "phone": "+44 1815 1210"},
        headers=ada.bearer,
    )

    refused = await ada.client.post(
        "/api/v1/account/delete", json={"password": "wrong"}, headers=ada.bearer
    )
    left = await ada.client.post(
        "/api/v1/account/delete", json={"password": PASSWORD}, headers=ada.bearer
    )
    dump = await dump_of(migrated)

    assert (refused.status_code, left.status_code) == (403, 204)
    assert ada.username not in dump
    assert "1815 1210" not in dump
    assert ada.id in dump
    assert (await ada.login()).status_code == 401


async def test_an_operator_deletes_an_account_once(boss: Person, register: Register) -> None:
    ada = await register()

    first = await boss.client.delete(f"{USERS}/{ada.id}", headers=boss.bearer)
    second = await boss.client.delete(f"{USERS}/{ada.id}", headers=boss.bearer)
    seen = await boss.client.get(f"{USERS}/{ada.id}", headers=boss.bearer)

    assert [first.status_code, second.status_code, seen.status_code] == [204, 404, 404]


async def test_an_export_holds_all_parts_and_nobody_elses(
    register: Register,
) -> None:
    ada, bob = await register(), await register()

    answer = await ada.client.get("/api/v1/account/export", headers=ada.bearer)
    export = answer.json()

    assert set(export) >= {"account", "acts", "api_keys", "sessions", "workspaces"}
    assert export["account"][0]["email"] == ada.email
    assert len(export["sessions"]) == 1
    assert bob.username not in answer.text
    assert "password_hash" not in answer.text
