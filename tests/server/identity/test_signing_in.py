"""Registering, signing in, refreshing, and ending sessions, over the wire (A1, A2, SEC3, SEC4)."""

import asyncio
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.database import Scope
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.parts import Parts
from tests.server.identity.support import PASSWORD, Register, bearer, client_from, dump_of, new_name
from tests.server.support import body_of

OVER = timedelta(seconds=1)


def registration(**changes: object) -> dict[str, object]:
    name = new_name()
    body = {
        "username": name,
        "email": f"{name}@example.com",
        "password": PASSWORD,
        "agree_terms": True,
    }
    return body | changes


async def test_who_registers_has_a_workspace_and_a_role_in_it(register: Register) -> None:
    ada = await register()

    me = body_of(await ada.me())

    assert me["username"] == ada.username
    assert me["role"] == "researcher"
    assert "jobs:write" in me["permissions"]
    assert "users:write" not in me["permissions"]
    assert me["workspace_id"] != me["id"]


async def test_a_sign_in_answers_what_front_ends_expect(register: Register) -> None:
    ada = await register()

    answer = await ada.login()

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json().keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 900


async def test_the_mail_address_signs_in_too_however_it_is_written(register: Register) -> None:
    ada = await register()

    answer = await ada.client.post(
        "/api/v1/auth/login", json={"email": ada.email.upper(), "password": PASSWORD}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "short"}, "identity.weak_password"),
        ({"password": "password123"}, "identity.weak_password"),
        ({"password": "aaaaaaaaaaaa"}, "identity.weak_password"),
        ({"password": "x" * 1025}, "request.invalid"),
        ({"password": "长" * 400}, "identity.weak_password"),
        ({"agree_terms": False}, "request.invalid"),
        ({"email": "nobody"}, "request.invalid"),
        ({"username": "a b"}, "request.invalid"),
        ({"username": "a@b.cc"}, "request.invalid"),
        ({"role": "admin"}, "request.invalid"),
        ({"is_active": True}, "request.invalid"),
    ],
)
async def test_a_registration_that_will_not_do_says_why(
    stranger: httpx2.AsyncClient, changes: dict[str, object], code: str
) -> None:
    answer = await stranger.post("/api/v1/auth/register", json=registration(**changes))

    assert answer.status_code == 422
    assert body_of(answer)["code"] == code


async def test_a_password_that_is_the_name_is_refused(stranger: httpx2.AsyncClient) -> None:
    body = registration()

    answer = await stranger.post(
        "/api/v1/auth/register", json=body | {"password": str(body["username"]).upper()}
    )

    assert body_of(answer)["code"] == "identity.weak_password"


@pytest.mark.parametrize("field", ["username", "email"])
async def test_a_name_belongs_to_one_account(stranger: httpx2.AsyncClient, field: str) -> None:
    first = registration()
    await stranger.post("/api/v1/auth/register", json=first)

    second = registration(**{field: str(first[field]).upper()})
    answer = await stranger.post("/api/v1/auth/register", json=second)

    assert answer.status_code == 409
    assert body_of(answer)["code"] == "identity.name_taken"
    assert field in body_of(answer)["detail"]


async def test_of_many_who_register_one_name_at_once_one_gets_it(guarded: FastAPI) -> None:
    body = registration()

    async def register() -> int:
        async with client_from(guarded) as client:
            return (await client.post("/api/v1/auth/register", json=body)).status_code

    answers = await asyncio.gather(*(register() for _ in range(4)))

    assert sorted(answers) == [201, 409, 409, 409]


async def test_an_unknown_name_and_a_wrong_password_are_told_alike(register: Register) -> None:
    ada = await register()

    wrong = await ada.login("not the password")
    ada.username = new_name()
    unknown = await ada.login()

    assert wrong.status_code == unknown.status_code == 401
    assert body_of(wrong)["code"] == body_of(unknown)["code"] == "identity.wrong_credentials"
    assert body_of(wrong)["detail"] == body_of(unknown)["detail"]


async def test_a_refresh_gives_a_new_pair(register: Register) -> None:
    ada = await register()

    answer = await ada.refresh()

    assert answer.status_code == 200
    assert answer.json()["refresh_token"] != ada.tokens["refresh_token"]
    assert (await ada.me(answer.json()["access_token"])).status_code == 200


async def test_a_refresh_token_used_again_ends_its_whole_session(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()
    first = ada.tokens["refresh_token"]
    second = body_of(await ada.refresh())

    again = await ada.refresh(first)
    after = await ada.refresh(second["refresh_token"])
    clock.advance(OVER)

    assert (again.status_code, body_of(again)["code"]) == (401, "identity.token_reused")
    assert (after.status_code, body_of(after)["code"]) == (401, "identity.session_over")
    assert (await ada.me(second["access_token"])).status_code == 401


async def test_of_fifty_refreshes_of_one_token_at_once_one_wins(register: Register) -> None:
    ada = await register()

    answers = await asyncio.gather(*(ada.refresh() for _ in range(50)))

    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 49


async def test_a_repeated_request_is_answered_as_before_for_ten_seconds(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()
    key = {"Idempotency-Key": "6f1c"}
    first = await ada.refresh(**key)

    clock.advance(timedelta(seconds=9))
    again = await ada.refresh(**key)
    clock.advance(timedelta(seconds=1))
    late = await ada.refresh(**key)

    assert again.json()["refresh_token"] == first.json()["refresh_token"]
    assert body_of(late)["code"] == "identity.token_reused"


@pytest.mark.parametrize(
    "headers", [{}, {"Idempotency-Key": "other"}, {"Idempotency-Key": "6f1c", "User-Agent": "x"}]
)
async def test_a_repeat_by_anybody_else_is_a_theft(
    register: Register, headers: dict[str, str]
) -> None:
    ada = await register()
    await ada.refresh(**{"Idempotency-Key": "6f1c"})

    stolen = await ada.refresh(**headers)

    assert body_of(stolen)["code"] == "identity.token_reused"


@pytest.mark.parametrize("token", ["", "qlr_", "qlr_" + "A" * 43, "x" * 256])
async def test_a_refresh_token_never_given_is_refused(
    stranger: httpx2.AsyncClient, token: str
) -> None:
    answer = await stranger.post("/api/v1/auth/refresh", json={"refresh_token": token})

    assert answer.status_code == 401


async def test_a_session_cannot_be_refreshed_for_ever(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()

    clock.advance(timedelta(days=30))

    assert body_of(await ada.refresh())["code"] == "identity.session_over"


async def test_no_table_holds_a_token(register: Register, migrated: PostgresServer) -> None:
    ada = await register()
    given = [ada.tokens["refresh_token"], ada.tokens["access_token"]]
    given.append(body_of(await ada.refresh())["refresh_token"])

    dump = await dump_of(migrated)

    assert ada.username in dump
    for token in given:
        assert token not in dump
        assert token.encode().hex() not in dump


async def test_a_session_ends_by_logging_out(register: Register, clock: ManualClock) -> None:
    ada = await register()

    out = await ada.post("/logout")
    clock.advance(OVER)

    assert out.status_code == 204
    assert body_of(await ada.me())["code"] == "identity.session_over"
    assert (await ada.refresh()).status_code == 401


async def test_all_sessions_end_at_once(register: Register, clock: ManualClock) -> None:
    ada = await register()
    first = ada.tokens
    await ada.login()

    out = await ada.post("/logout-all")
    clock.advance(OVER)

    assert out.status_code == 204
    assert (await ada.me()).status_code == 401
    assert (await ada.me(first["access_token"])).status_code == 401
    assert (await ada.refresh(first["refresh_token"])).status_code == 401


async def test_sessions_are_listed_and_one_is_ended_from_another(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()
    other = ada.tokens
    await ada.login()

    listed = (await ada.client.get("/api/v1/auth/sessions", headers=ada.bearer)).json()["items"]
    old = next(item for item in listed if not item["is_current"])
    ended = await ada.client.delete(f"/api/v1/auth/sessions/{old['id']}", headers=ada.bearer)
    clock.advance(OVER)

    assert [item["is_current"] for item in listed] == [True, False]
    assert listed[0]["user_agent"] == "test"
    assert listed[0]["address"].startswith("203.")
    assert ended.status_code == 204
    assert (await ada.me(other["access_token"])).status_code == 401
    assert (await ada.me()).status_code == 200


async def test_nobody_ends_the_session_of_another(register: Register, clock: ManualClock) -> None:
    ada, bob = await register(), await register()
    listed = await ada.client.get("/api/v1/auth/sessions", headers=ada.bearer)
    session_id = listed.json()["items"][0]["id"]

    answer = await bob.client.delete(f"/api/v1/auth/sessions/{session_id}", headers=bob.bearer)
    clock.advance(OVER)

    assert answer.status_code == 404
    assert (await ada.me()).status_code == 200


async def test_an_account_shut_by_an_administrator_is_out_within_a_second(
    register: Register, parts: Parts, clock: ManualClock
) -> None:
    ada = await register()
    assert (await ada.me()).status_code == 200

    async with parts.database.direct(Scope(purpose="administer")) as connection:
        await connection.execute(
            "UPDATE users SET is_active = false WHERE username = $1", ada.username
        )
    clock.advance(OVER)

    assert (await ada.me()).status_code == 401
    assert (await ada.refresh()).status_code == 401
    assert body_of(await ada.login())["code"] == "identity.account_disabled"
    assert body_of(await ada.login("a wrong one"))["code"] == "identity.wrong_credentials"


async def test_a_profile_is_changed_by_its_owner(register: Register) -> None:
    ada = await register()
    change = {"full_name": "Ada King", "phone": "+44 20 7946 0000"}

    changed = await ada.client.put("/api/v1/auth/profile", json=change, headers=ada.bearer)
    read = await ada.client.get("/api/v1/auth/profile", headers=ada.bearer)

    assert changed.json() == read.json()
    assert read.json()["full_name"] == "Ada King"


@pytest.mark.parametrize("field", ["id", "username", "email", "is_active", "role", "permissions"])
async def test_nobody_makes_themselves_somebody_else(register: Register, field: str) -> None:
    ada = await register()

    answer = await ada.client.put("/api/v1/auth/profile", json={field: "admin"}, headers=ada.bearer)

    assert answer.status_code == 422


async def test_without_a_token_nothing_is_told(stranger: httpx2.AsyncClient) -> None:
    answer = await stranger.get("/api/v1/auth/me")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_refresh_token_is_no_access_token(register: Register) -> None:
    ada = await register()

    answer = await ada.client.get("/api/v1/auth/me", headers=bearer(ada.tokens["refresh_token"]))

    assert body_of(answer)["code"] == "identity.bad_token"
