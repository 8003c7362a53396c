"""Who is let in, and for how long after that is over: a second at most (SEC4)."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from quantloom.kit.clock import ManualClock
from quantloom_server.app import create_app
from quantloom_server.identity import tokens
from quantloom_server.identity.repository import SessionState
from quantloom_server.identity.watching import FRESH_NS, SessionWatch
from quantloom_server.platform.database import Scope
from quantloom_server.platform.errors import DatabaseDown
from quantloom_server.platform.parts import Parts
from quantloom_server.settings import Settings
from tests.server.identity.support import Register, client_from
from tests.server.support import IDS, body_of, running

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def make_state(session_id: UUID) -> SessionState:
    return SessionState(
        id=session_id,
        user_id=IDS.new(),
        workspace_id=IDS.new(),
        expires_at=START + timedelta(days=1),
        unlocked_until=None,
        counts=True,
        version=1,
        role="viewer",
        role_permissions=None,
        is_operators=False,
        must_change_password=False,
    )


class Sessions:
    """What the database would tell; counts how often it is asked."""

    def __init__(self) -> None:
        self.states: dict[UUID, SessionState] = {}
        self.asked: list[list[UUID]] = []
        self.is_down = False

    def add(self) -> UUID:
        session_id = IDS.new()
        self.states[session_id] = make_state(session_id)
        return session_id

    async def read(self, ids: Sequence[UUID]) -> list[SessionState]:
        self.asked.append(list(ids))
        await asyncio.sleep(0)
        if self.is_down:
            raise DatabaseDown("test")
        return [self.states[id_] for id_ in ids if id_ in self.states]


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


@pytest.fixture
def own_clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def watch(sessions: Sessions, own_clock: ManualClock) -> SessionWatch:
    return SessionWatch(sessions.read, own_clock)


async def test_a_session_is_read_once_while_what_is_known_is_fresh(
    sessions: Sessions, watch: SessionWatch, own_clock: ManualClock
) -> None:
    one = sessions.add()

    first = await watch.state_of(one)
    own_clock.advance(timedelta(microseconds=FRESH_NS // 1000 - 1))
    again = await watch.state_of(one)
    own_clock.advance(timedelta(microseconds=1))
    await watch.state_of(one)

    assert first is again is sessions.states[one]
    assert sessions.asked == [[one], [one]]


async def test_what_has_ended_is_known_within_a_second(
    sessions: Sessions, watch: SessionWatch, own_clock: ManualClock
) -> None:
    one = sessions.add()
    await watch.state_of(one)

    del sessions.states[one]
    own_clock.advance(SECOND)

    assert await watch.state_of(one) is None


async def test_requests_at_once_share_their_queries(
    sessions: Sessions, watch: SessionWatch
) -> None:
    ids = [sessions.add() for _ in range(50)]

    states = await asyncio.gather(*(watch.state_of(id_) for id_ in ids * 4))

    assert [state.id for state in states if state] == ids * 4
    assert len(sessions.asked) == 1


async def test_grave_acts_trust_nothing_that_is_remembered(
    sessions: Sessions, watch: SessionWatch
) -> None:
    one = sessions.add()
    await watch.state_of(one)

    del sessions.states[one]

    assert await watch.state_of(one) is not None
    assert await watch.state_of(one, fresh=True) is None


async def test_nobody_is_let_in_on_what_was_known_while_the_database_is_away(
    sessions: Sessions, watch: SessionWatch, own_clock: ManualClock
) -> None:
    one = sessions.add()
    await watch.state_of(one)

    sessions.is_down = True
    own_clock.advance(SECOND)
    refused = await asyncio.gather(*(watch.state_of(one) for _ in range(3)), return_exceptions=True)
    sessions.is_down = False

    assert [type(error) for error in refused] == [DatabaseDown] * 3
    assert await watch.state_of(one) is not None


async def test_one_who_gives_up_takes_nothing_from_the_others(
    sessions: Sessions, watch: SessionWatch
) -> None:
    one = sessions.add()
    impatient = asyncio.create_task(watch.state_of(one))
    patient = asyncio.create_task(watch.state_of(one))
    await asyncio.sleep(0)

    impatient.cancel()

    assert (await patient) is sessions.states[one]


async def test_an_access_token_ends_on_time_though_it_is_remembered(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()
    assert (await ada.me()).status_code == 200

    clock.advance(timedelta(minutes=15))
    answer = await ada.me()

    assert (answer.status_code, body_of(answer)["code"]) == (401, "identity.token_expired")


@pytest.mark.parametrize(
    "given", ["Bearer", "Bearer ", "bearer x", "Bearer a.b.c", "BEARER ..", "Bearer é"]
)
async def test_what_is_no_token_lets_nobody_in(stranger: httpx2.AsyncClient, given: str) -> None:
    answer = await stranger.get("/api/v1/auth/me", headers={b"Authorization": given.encode()})

    assert answer.status_code == 401


@pytest.mark.parametrize("claim", ["user_id", "workspace_id", "version"])
async def test_a_token_must_say_what_its_session_says(
    register: Register, guarded: FastAPI, clock: ManualClock, claim: str
) -> None:
    ada = await register()
    ring = guarded.state.identity.ring
    claims = tokens.read(ada.tokens["access_token"], clock.now(), ring)
    change: dict[str, Any] = {claim: 2 if claim == "version" else IDS.new()}
    other = replace(claims, **change)

    as_it_is = await ada.me(tokens.sign(claims, IDS.new(), ring))
    refused = await ada.me(tokens.sign(other, IDS.new(), ring))

    assert as_it_is.status_code == 200
    assert body_of(refused)["code"] == "identity.session_over"


async def test_a_changed_role_counts_within_a_second(
    register: Register, parts: Parts, clock: ManualClock
) -> None:
    ada = await register()
    before = body_of(await ada.me())

    async with parts.database.direct(Scope(purpose="administer")) as connection:
        await connection.execute(
            "UPDATE memberships SET role = 'viewer' WHERE user_id = $1", UUID(ada.id)
        )
    clock.advance(SECOND)
    after = body_of(await ada.me())

    assert "jobs:write" in before["permissions"]
    assert "jobs:write" not in after["permissions"]


async def test_who_is_no_member_any_more_may_nothing(
    register: Register, parts: Parts, clock: ManualClock
) -> None:
    ada = await register()

    async with parts.database.direct(Scope(purpose="administer")) as connection:
        await connection.execute("DELETE FROM memberships WHERE user_id = $1", UUID(ada.id))
    clock.advance(SECOND)

    assert (await ada.me()).status_code == 403


async def test_without_valkey_people_sign_in_and_are_thrown_out_all_the_same(
    settings: Settings, clock: ManualClock, register: Register
) -> None:
    nowhere = SecretStr("redis://127.0.0.1:1/0")
    lonely: FastAPI = create_app(settings.model_copy(update={"redis_url": nowhere}), clock=clock)
    ada = await register()
    async with running(lonely), client_from(lonely) as client:
        ada.client = client

        signed_in = await ada.login()
        known = await ada.me()
        await ada.post("/logout")
        clock.advance(SECOND)
        gone = await ada.me()

    assert (signed_in.status_code, known.status_code, gone.status_code) == (200, 200, 401)
