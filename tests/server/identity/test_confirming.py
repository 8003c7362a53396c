"""E-mail addresses, proven by what is mailed to them; the mails go to a real server (A1)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from quantloom.kit.clock import ManualClock
from quantloom_server.identity.confirming import LIFE
from quantloom_server.identity.forgetting import KEPT, forget_old
from quantloom_server.platform.database import Scope
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Relay
from tests.server.identity.mailing import Postbox, deliver_all, token_in
from tests.server.identity.protection import protect
from tests.server.identity.support import (
    PASSWORD,
    Person,
    Register,
    client_from,
    dump_of,
    new_name,
)
from tests.server.support import body_of


class Move:
    """Somebody who moves to another address."""

    def __init__(self, ada: Person, relay: Relay, postbox: Postbox) -> None:
        self.ada, self.email = ada, f"new-{ada.email}"
        self._relay, self._postbox = relay, postbox

    async def ask(self, **changes: str) -> httpx2.Response:
        body = {"email": self.email, "password": PASSWORD, **changes}
        return await self.ada.post("/change-email", **body)

    async def mailed_token(self) -> str:
        await self.ask()
        await deliver_all(self._relay)
        return token_in(self.mails_to(self.email)[-1][1])

    async def confirm(self, token: str) -> httpx2.Response:
        return await self.ada.post("/change-email/confirm", token=token)

    def mails_to(self, email: str) -> list[tuple[str, str]]:
        return [(subject, text) for to, subject, text in self._postbox.mails if to == email]


@pytest.fixture
async def move(register: Register, relay: Relay, postbox: Postbox) -> Move:
    return Move(await register(), relay, postbox)


async def profile_of(ada: Person) -> tuple[str, bool]:
    told = (await ada.me()).json()
    return told["email"], told["is_email_verified"]


async def test_a_new_address_counts_once_its_mail_was_answered(move: Move) -> None:
    token = await move.mailed_token()
    before = await profile_of(move.ada)

    done, again = await move.confirm(token), await move.confirm(token)

    assert before == (move.ada.email, False)
    assert done.status_code == 204
    assert body_of(again)["code"] == "identity.confirmation_not_valid"
    assert await profile_of(move.ada) == (move.email, True)
    by_mail = Person(move.ada.client, move.email, move.email)
    assert (await by_mail.login()).status_code == 200


async def test_the_old_address_is_told_when_it_is_asked_for_and_when_it_is_done(
    move: Move, relay: Relay
) -> None:
    await move.confirm(await move.mailed_token())
    await deliver_all(relay)

    assert sorted(subject for subject, _ in move.mails_to(move.ada.email)) == [
        "Quantloom: Your e-mail address is about to change",
        "Quantloom: Your e-mail address was changed",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": "not it"}, "identity.proof_refused"),
        ({"email": "mine"}, "identity.same_email"),
        ({"email": "theirs"}, "identity.name_taken"),
    ],
)
async def test_an_address_is_changed_by_who_knows_the_password_to_one_that_is_free(
    move: Move, register: Register, change: dict[str, str], code: str
) -> None:
    known = {"mine": move.ada.email.upper(), "theirs": (await register()).email.upper()}
    change = {name: known.get(value, value) for name, value in change.items()}

    answer = await move.ask(**change)

    assert body_of(answer)["code"] == code


async def test_the_second_factor_is_asked_for_too(move: Move, clock: ManualClock) -> None:
    protected = await protect(move.ada, clock)

    without, given = await move.ask(), await move.ask(code=protected.next_code())

    assert (without.status_code, given.status_code) == (403, 202)


async def test_only_the_account_that_asked_can_use_the_token(
    move: Move, register: Register, stranger: httpx2.AsyncClient
) -> None:
    token = await move.mailed_token()
    bob = await register()

    theirs = await bob.post("/change-email/confirm", token=token)
    nobodys = await stranger.post("/api/v1/auth/change-email/confirm", json={"token": token})
    as_verification = await stranger.post(
        "/api/v1/auth/verify-email/confirm", json={"token": token}
    )

    assert body_of(theirs)["code"] == "identity.confirmation_not_valid"
    assert nobodys.status_code == 401
    assert body_of(as_verification)["code"] == "identity.confirmation_not_valid"
    assert await profile_of(move.ada) == (move.ada.email, False)
    assert (await move.confirm(token)).status_code == 204


async def test_a_token_is_over_after_a_day(move: Move, clock: ManualClock) -> None:
    token = await move.mailed_token()

    clock.advance(LIFE)
    await move.ada.login()

    assert body_of(await move.confirm(token))["code"] == "identity.confirmation_not_valid"


async def test_a_changed_password_stops_a_change_of_address(move: Move, relay: Relay) -> None:
    token = await move.mailed_token()
    new = "another horse, another staple"

    changed = await move.ada.post("/change-password", current_password=PASSWORD, new_password=new)
    move.ada.tokens = changed.json()

    assert body_of(await move.confirm(token))["code"] == "identity.confirmation_not_valid"


async def test_an_address_that_somebody_took_meanwhile_stays_theirs(
    move: Move, guarded: FastAPI
) -> None:
    token = await move.mailed_token()
    async with client_from(guarded) as client:
        body = {
            "username": new_name(),
            "email": move.email,
            "password": PASSWORD,
            "agree_terms": True,
        }
        await client.post("/api/v1/auth/register", json=body)

    taken = await move.confirm(token)

    assert (taken.status_code, body_of(taken)["code"]) == (409, "identity.name_taken")
    assert await profile_of(move.ada) == (move.ada.email, False)


async def test_a_change_makes_mailed_resets_of_the_password_worthless(
    move: Move, relay: Relay
) -> None:
    await move.ada.client.post("/api/v1/auth/reset-password", json={"email": move.ada.email})
    await deliver_all(relay)
    reset = token_in(move.mails_to(move.ada.email)[-1][1])
    await move.confirm(await move.mailed_token())

    answer = await move.ada.client.post(
        "/api/v1/auth/reset-password/confirm",
        json={"token": reset, "new_password": "another horse, another staple"},
    )

    assert body_of(answer)["code"] == "identity.reset_not_valid"


async def test_changes_are_asked_for_so_often_and_no_more(move: Move) -> None:
    answers = [await move.ask(email=f"{number}-{move.email}") for number in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_the_trail_tells_of_the_change_and_the_database_holds_no_token(
    move: Move, parts: Parts, migrated: PostgresServer
) -> None:
    token = await move.mailed_token()
    dump = await dump_of(migrated)
    await move.confirm(token)

    async with parts.database.direct(Scope(user_id=UUID(move.ada.id))) as connection:
        rows = await connection.fetch(
            "SELECT action FROM audit_entries WHERE object_id = $1 ORDER BY id", move.ada.id
        )
    assert [row["action"] for row in rows][-2:] == [
        "identity.email_change_asked",
        "identity.email_changed",
    ]
    assert move.email in dump
    assert token not in dump


@pytest.fixture
async def asking(guarded: FastAPI) -> AsyncIterator[None]:
    """The service asks those who register to prove their addresses."""
    before: Parts = guarded.state.parts
    asking = before.settings.model_copy(update={"verify_email": True})
    guarded.state.parts = replace(before, settings=asking)
    yield
    guarded.state.parts = before


async def newcomer(client: httpx2.AsyncClient) -> Person:
    name = new_name()
    ada = Person(client, name, f"{name}@example.com")
    body = {"username": name, "email": ada.email, "password": PASSWORD, "agree_terms": True}
    made = await client.post(
        "/api/v1/auth/register", json=body, headers={"Accept-Language": "zh-CN"}
    )
    assert made.json()["must_verify_email"] is True
    return ada


@pytest.mark.usefixtures("asking")
async def test_who_registers_signs_in_once_the_address_is_proven(
    stranger: httpx2.AsyncClient, relay: Relay, postbox: Postbox
) -> None:
    ada = await newcomer(stranger)
    early, wrong = await ada.login(), await ada.login("wrong")
    await deliver_all(relay)
    subject, text = postbox.to(ada)[-1]

    proven = await stranger.post(
        "/api/v1/auth/verify-email/confirm", json={"token": token_in(text)}
    )

    assert (early.status_code, body_of(early)["code"]) == (403, "identity.email_not_verified")
    assert wrong.status_code == 401
    assert subject == "Quantloom: 请确认您的邮箱"
    assert proven.status_code == 204
    assert (await ada.login()).status_code == 200
    assert await profile_of(ada) == (ada.email, True)


@pytest.mark.usefixtures("asking")
async def test_the_mail_can_be_sent_again_and_either_counts(
    stranger: httpx2.AsyncClient, relay: Relay, postbox: Postbox
) -> None:
    ada = await newcomer(stranger)
    await deliver_all(relay)
    asked = await stranger.post("/api/v1/auth/verify-email", json={"email": ada.email.upper()})
    await deliver_all(relay)
    first, second = (token_in(text) for _, text in postbox.to(ada))

    done = await stranger.post("/api/v1/auth/verify-email/confirm", json={"token": first})

    assert asked.status_code == 202
    assert first != second
    assert done.status_code == 204


async def test_nobody_hears_whose_address_waits_and_mails_have_an_end(
    stranger: httpx2.AsyncClient, relay: Relay, postbox: Postbox
) -> None:
    nobody = f"{new_name()}@example.com"

    answers = [
        await stranger.post("/api/v1/auth/verify-email", json={"email": nobody}) for _ in range(4)
    ]
    await deliver_all(relay)

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert nobody not in [to for to, _, _ in postbox.mails]


async def test_a_password_set_by_a_mail_proves_the_address(
    register: Register, relay: Relay, postbox: Postbox
) -> None:
    ada = await register()
    await ada.client.post("/api/v1/auth/reset-password", json={"email": ada.email})
    await deliver_all(relay)
    new = "another horse, another staple"

    await ada.client.post(
        "/api/v1/auth/reset-password/confirm",
        json={"token": token_in(postbox.to(ada)[-1][1]), "new_password": new},
    )
    await ada.login(new)

    assert await profile_of(ada) == (ada.email, True)


async def test_old_tokens_are_let_go(move: Move, parts: Parts, clock: ManualClock) -> None:
    await move.ask()
    clock.advance(LIFE + KEPT + timedelta(seconds=1))
    while await forget_old(parts):
        pass

    async with parts.database.direct(Scope(user_id=UUID(move.ada.id))) as connection:
        assert await connection.fetchval("SELECT count(*) FROM email_confirmations") == 0
