"""Changing and resetting passwords (A1, A3, SEC4, SEC5); the mails go to a real server."""

from datetime import timedelta
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from quantloom.kit.clock import ManualClock
from quantloom_server.identity import throttling
from quantloom_server.platform.database import Scope
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Relay
from tests.server.identity.mailing import Postbox, deliver_all, token_in
from tests.server.identity.support import PASSWORD, Person, Register, client_from, dump_of
from tests.server.support import body_of

NEW = "another horse, another staple"
OVER = timedelta(seconds=1)


async def ask_reset(client: httpx2.AsyncClient, email: str, **headers: str) -> httpx2.Response:
    return await client.post("/api/v1/auth/reset-password", json={"email": email}, headers=headers)


async def confirm(client: httpx2.AsyncClient, token: str, password: str = NEW) -> httpx2.Response:
    return await client.post(
        "/api/v1/auth/reset-password/confirm", json={"token": token, "new_password": password}
    )


async def mailed_token(ada: Person, relay: Relay, postbox: Postbox) -> str:
    await ask_reset(ada.client, ada.email)
    await deliver_all(relay)
    return token_in(postbox.to(ada)[-1][1])


async def test_a_changed_password_ends_all_other_sessions_within_a_second(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()
    other = ada.tokens
    await ada.login()
    before = ada.tokens

    changed = await ada.post("/change-password", current_password=PASSWORD, new_password=NEW)
    clock.advance(OVER)

    assert changed.status_code == 200
    for old in (other, before):
        assert (await ada.me(old["access_token"])).status_code == 401
        assert (await ada.refresh(old["refresh_token"])).status_code == 401
    assert (await ada.me(changed.json()["access_token"])).status_code == 200
    assert (await ada.login(PASSWORD)).status_code == 401
    assert (await ada.login(NEW)).status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [
        ("not it", NEW, "identity.proof_refused"),
        (PASSWORD, PASSWORD, "identity.weak_password"),
        (PASSWORD, "password1", "identity.weak_password"),
    ],
)
async def test_a_password_is_changed_by_who_knows_it_to_a_better_one(
    register: Register, current: str, new: str, code: str
) -> None:
    ada = await register()

    answer = await ada.post("/change-password", current_password=current, new_password=new)

    assert body_of(answer)["code"] == code
    assert (await ada.login(PASSWORD)).status_code == 200


async def test_the_owner_is_told_of_a_changed_password(
    register: Register, relay: Relay, postbox: Postbox
) -> None:
    ada = await register()
    await ada.post("/change-password", current_password=PASSWORD, new_password=NEW)

    await deliver_all(relay)

    subject, text = postbox.to(ada)[-1]
    assert subject == "Quantloom: Your password was changed"
    assert ada.username in text
    assert NEW not in text


async def test_a_forgotten_password_is_set_anew_by_a_mail(
    register: Register, relay: Relay, postbox: Postbox, clock: ManualClock
) -> None:
    ada = await register()

    asked = await ask_reset(ada.client, ada.email.upper())
    await deliver_all(relay)
    done = await confirm(ada.client, token_in(postbox.to(ada)[-1][1]))
    clock.advance(OVER)

    assert asked.status_code == 202
    assert done.status_code == 204
    assert (await ada.me()).status_code == 401
    assert (await ada.login(NEW)).status_code == 200


async def test_a_reset_counts_once(register: Register, relay: Relay, postbox: Postbox) -> None:
    ada = await register()
    token = await mailed_token(ada, relay, postbox)

    first, second = await confirm(ada.client, token), await confirm(ada.client, token, PASSWORD)

    assert first.status_code == 204
    assert body_of(second)["code"] == "identity.reset_not_valid"


async def test_a_reset_is_over_after_half_an_hour(
    register: Register, relay: Relay, postbox: Postbox, clock: ManualClock
) -> None:
    ada = await register()
    token = await mailed_token(ada, relay, postbox)

    clock.advance(timedelta(minutes=30))

    assert body_of(await confirm(ada.client, token))["code"] == "identity.reset_not_valid"


async def test_a_change_of_password_takes_the_resets_back(
    register: Register, relay: Relay, postbox: Postbox
) -> None:
    ada = await register()
    token = await mailed_token(ada, relay, postbox)

    await ada.post("/change-password", current_password=PASSWORD, new_password=NEW)

    assert (await confirm(ada.client, token, "a third of my sentences")).status_code == 422


async def test_a_reset_opens_a_locked_account(
    register: Register, relay: Relay, postbox: Postbox, clock: ManualClock
) -> None:
    ada = await register()
    token = await mailed_token(ada, relay, postbox)
    for _ in range(throttling.ACCOUNT.lock_at):
        clock.advance(timedelta(seconds=40))
        await ada.login("wrong")
    locked = await ada.login(PASSWORD)

    await confirm(ada.client, token)

    assert locked.status_code == 429
    assert (await ada.login(NEW)).status_code == 200


async def test_nobody_hears_from_a_reset_whether_there_is_an_account(
    guarded: FastAPI, register: Register, relay: Relay, postbox: Postbox
) -> None:
    ada = await register()
    nobody = f"not-{ada.email}"

    known = await ask_reset(ada.client, ada.email)
    async with client_from(guarded) as client:
        unknown = await ask_reset(client, nobody)
    await deliver_all(relay)

    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert nobody not in [to for to, _, _ in postbox.mails]


async def test_a_reader_of_chinese_is_written_to_in_chinese(
    register: Register, relay: Relay, postbox: Postbox
) -> None:
    ada = await register()

    await ask_reset(ada.client, ada.email, **{"Accept-Language": "zh-CN,zh;q=0.9"})
    await deliver_all(relay)

    assert postbox.to(ada)[-1][0] == "Quantloom: 设置新密码"


async def test_mails_are_asked_for_so_often_and_no_more(register: Register) -> None:
    ada = await register()

    answers = [await ask_reset(ada.client, ada.email) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_a_reset_token_is_in_its_mail_alone(
    register: Register, relay: Relay, postbox: Postbox, parts: Parts, migrated: PostgresServer
) -> None:
    ada = await register()
    token = await mailed_token(ada, relay, postbox)
    await ask_reset(ada.client, ada.email)

    dump = await dump_of(migrated)

    assert ada.email in dump
    assert token not in dump
    assert token.encode().hex() not in dump


async def test_the_trail_tells_what_was_done_to_an_account(
    register: Register, relay: Relay, postbox: Postbox, parts: Parts
) -> None:
    ada = await register()
    await ada.login("wrong")
    await ada.client.put("/api/v1/auth/profile", json={"full_name": "Ada King"}, headers=ada.bearer)
    changed = await ada.post("/change-password", current_password=PASSWORD, new_password=NEW)
    ada.tokens = changed.json()
    await ada.post("/logout-all")
    token = await mailed_token(ada, relay, postbox)
    await confirm(ada.client, token, "a third of my sentences")

    async with parts.database.direct(Scope(user_id=UUID(ada.id))) as connection:
        rows = await connection.fetch(
            "SELECT action FROM audit_entries WHERE object_id = $1 ORDER BY id", ada.id
        )

    assert [row["action"].removeprefix("identity.") for row in rows] == [
        "registered",
        "signed_in",
        "profile_changed",
        "password_changed",
        "sessions_ended",
        "reset_asked",
        "password_reset",
    ]
