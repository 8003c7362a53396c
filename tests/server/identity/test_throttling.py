"""Tries at secrets: slower and slower, then not for a while, never for good (SEC5)."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit.clock import ManualClock
from quantloom_server.identity.throttling import (
    ACCOUNT,
    ADDRESS,
    LOCK,
    Pace,
    Tally,
    count,
    take_back,
)
from tests.server.identity.protection import equip, protect
from tests.server.identity.support import PASSWORD, Register, client_from, new_address, new_name
from tests.server.support import body_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OTHER = "some other sentence of mine"
LONGEST_PAUSE = timedelta(seconds=40)


def after(tries: int, pace: Pace = ACCOUNT) -> Tally:
    tally = Tally()
    for _ in range(tries):
        tally = count(tally, NOW, pace)
    return tally


@pytest.mark.parametrize(
    ("tries", "wait_s"), [(1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 900)]
)
def test_each_wrong_try_costs_more_time(tries: int, wait_s: int) -> None:
    assert after(tries).wait_s(NOW) == wait_s


def test_a_lock_is_over_after_its_time_and_counting_begins_anew() -> None:
    locked = after(10)

    assert locked.wait_s(NOW + LOCK - timedelta(seconds=1)) == 1
    assert locked.wait_s(NOW + LOCK) == 0
    assert count(locked, NOW + LOCK, ACCOUNT).tries == 1


@given(st.integers(1, 500), st.sampled_from([ACCOUNT, ADDRESS]))
def test_nothing_is_shut_for_longer_than_a_quarter_of_an_hour(tries: int, pace: Pace) -> None:
    assert after(tries, pace).wait_s(NOW) <= LOCK.total_seconds()


@given(st.integers(0, 30))
def test_a_try_taken_back_leaves_what_was_before(tries: int) -> None:
    before = after(tries)

    assert take_back(count(before, NOW, ACCOUNT)).tries == before.tries


async def wrong_until_locked(client: httpx2.AsyncClient, name: str, clock: ManualClock) -> None:
    for _ in range(ACCOUNT.lock_at):
        answer = await client.post(
            "/api/v1/auth/login", json={"username": name, "password": "wrong"}
        )
        assert answer.status_code == 401
        clock.advance(LONGEST_PAUSE)


async def test_after_ten_wrong_passwords_not_even_the_right_one_is_looked_at(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()
    await wrong_until_locked(ada.client, ada.username, clock)

    eleventh = await ada.login("wrong")
    right = await ada.login(PASSWORD)
    clock.advance(LOCK)

    assert eleventh.status_code == right.status_code == 429
    assert 1 <= int(right.headers["Retry-After"]) <= LOCK.total_seconds()
    assert body_of(eleventh)["code"] == body_of(right)["code"] == "limits.too_many"
    assert body_of(eleventh)["detail"] == body_of(right)["detail"]
    assert (await ada.login(PASSWORD)).status_code == 200


async def test_an_account_that_is_not_there_is_locked_alike(
    stranger: httpx2.AsyncClient, clock: ManualClock
) -> None:
    name = new_name()
    await wrong_until_locked(stranger, name, clock)

    answer = await stranger.post("/api/v1/auth/login", json={"username": name, "password": "x"})

    assert answer.status_code == 429


async def test_other_addresses_and_other_names_for_it_meet_the_same_lock(
    guarded: FastAPI, register: Register, clock: ManualClock
) -> None:
    ada = await register()
    for number in range(ACCOUNT.lock_at):
        name = ada.username if number % 2 else ada.email.upper()
        async with client_from(guarded, new_address()) as client:
            await client.post("/api/v1/auth/login", json={"username": name, "password": "wrong"})
        clock.advance(LONGEST_PAUSE)

    assert (await ada.login(PASSWORD)).status_code == 429


async def test_fifty_tries_at_once_are_fifty_tries(register: Register) -> None:
    ada = await register()

    answers = await asyncio.gather(*(ada.login("wrong") for _ in range(50)))

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(401) == ACCOUNT.free + 1
    assert statuses.count(429) == 50 - ACCOUNT.free - 1


async def test_a_right_password_forgets_the_wrong_ones(register: Register) -> None:
    ada = await register()

    for _ in range(3):
        for _ in range(ACCOUNT.free):
            await ada.login("wrong")
        assert (await ada.login(PASSWORD)).status_code == 200


async def test_an_address_is_slowed_down_over_many_accounts(
    guarded: FastAPI, register: Register
) -> None:
    ada = await register()
    network = new_address().rsplit(".", 1)[0]

    async def try_one(number: int) -> int:
        # Another host of the same /24 each time.
        async with client_from(guarded, f"{network}.{number}") as client:
            answer = await client.post(
                "/api/v1/auth/login", json={"username": new_name(), "password": "wrong"}
            )
        return answer.status_code

    statuses = [await try_one(number) for number in range(ADDRESS.free + 2)]
    async with client_from(guarded, f"{network}.250") as client:
        ada.client = client
        near = await ada.login()

    assert statuses == [401] * (ADDRESS.free + 1) + [429]
    assert near.status_code == 429


async def test_who_is_not_a_trusted_proxy_is_not_believed_about_addresses(
    guarded: FastAPI,
) -> None:
    address = new_address()

    async def try_from(told: str) -> int:
        transport = httpx2.ASGITransport(app=guarded, client=(address, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="https://test") as client:
            answer = await client.post(
                "/api/v1/auth/login",
                json={"username": new_name(), "password": "wrong"},
                headers={"X-Forwarded-For": told},
            )
        return answer.status_code

    statuses = [await try_from(new_address()) for _ in range(ADDRESS.free + 2)]

    assert statuses[-1] == 429


@pytest.mark.parametrize("kind", ["code", "recovery"])
async def test_codes_are_tried_as_slowly_as_passwords(
    register: Register, clock: ManualClock, kind: str
) -> None:
    ada = await register()
    await protect(ada, clock)
    wrong = "000000" if kind == "code" else "AAAA-AAAA-AAAA-AAAA"

    for _ in range(ACCOUNT.lock_at):
        clock.advance(LONGEST_PAUSE)
        # A sign-in without a code, whose password is right, must not forget the wrong codes.
        await ada.login()
        await ada.login(code=wrong)
    answer = await ada.login(code=wrong)

    assert answer.status_code == 429


async def test_the_unlock_of_trading_is_tried_as_slowly(
    register: Register, clock: ManualClock
) -> None:
    protected = await equip(await register(), clock)
    ada = protected.person

    for _ in range(ACCOUNT.lock_at):
        clock.advance(LONGEST_PAUSE)
        await ada.post("/unlock", trading_password="wrong", code=protected.code())
    answer = await ada.post("/unlock", trading_password="wrong", code=protected.code())

    assert answer.status_code == 429
    assert (await ada.login(code=protected.next_code())).status_code == 200


async def test_a_thief_of_a_session_cannot_lock_its_owner_out(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()

    for _ in range(ACCOUNT.lock_at):
        clock.advance(LONGEST_PAUSE)
        await ada.post("/change-password", current_password="wrong", new_password=OTHER)
    locked = await ada.post("/change-password", current_password=PASSWORD, new_password=OTHER)

    assert locked.status_code == 429
    assert (await ada.login()).status_code == 200


async def test_resets_are_tried_as_slowly(stranger: httpx2.AsyncClient) -> None:
    body = {"token": "qlp_" + "A" * 43, "new_password": PASSWORD}

    statuses = [
        (await stranger.post("/api/v1/auth/reset-password/confirm", json=body)).status_code
        for _ in range(ADDRESS.free + 2)
    ]

    assert statuses == [422] * (ADDRESS.free + 1) + [429]


async def test_so_many_register_from_one_place_and_no_more(stranger: httpx2.AsyncClient) -> None:
    async def register() -> int:
        name = new_name()
        body = {
            "username": name,
            "email": f"{name}@example.com",
            "password": PASSWORD,
            "agree_terms": True,
        }
        return (await stranger.post("/api/v1/auth/register", json=body)).status_code

    statuses = [await register() for _ in range(22)]

    assert statuses == [201] * 21 + [429]
