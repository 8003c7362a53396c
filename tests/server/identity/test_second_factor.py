"""The second factor, recovery codes, the trading password and the unlock (A5, SEC6, SEC7)."""

import asyncio
from datetime import timedelta

import httpx2
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.database import Scope
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.problems import tell_errors
from quantloom_server.platform.routing import Routes
from tests.server.identity.protection import TRADING, equip, protect, secret_of
from tests.server.identity.support import PASSWORD, Person, Register
from tests.server.support import body_of

STEP = timedelta(seconds=30)


async def unlock(ada: Person, code: str, password: str = TRADING) -> httpx2.Response:
    return await ada.post("/unlock", trading_password=password, code=code)


async def test_an_authenticator_reads_the_enrolment(register: Register, clock: ManualClock) -> None:
    ada = await register()

    enrolment = body_of(await ada.post("/totp", password=PASSWORD))
    read = pyotp.parse_uri(enrolment["uri"])

    assert isinstance(read, pyotp.TOTP)
    assert (read.issuer, read.name) == ("Quantloom", ada.username)
    confirmed = await ada.post("/totp/confirm", code=read.at(clock.now()))
    assert confirmed.status_code == 200
    assert len(set(confirmed.json()["recovery_codes"])) == 10


async def test_a_second_factor_is_asked_for_at_the_next_sign_in(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()
    protected = await protect(ada, clock)

    without = await ada.login()
    wrong = await ada.login(code="000000")
    right = await ada.login(code=protected.next_code())

    assert (without.status_code, body_of(without)["code"]) == (401, "identity.code_needed")
    assert (wrong.status_code, body_of(wrong)["code"]) == (401, "identity.wrong_code")
    assert right.status_code == 200


async def test_a_code_counts_once(register: Register, clock: ManualClock) -> None:
    protected = await protect(await register(), clock)
    code = protected.next_code()

    first, second = await protected.person.login(code=code), await protected.person.login(code=code)

    assert first.status_code == 200
    assert body_of(second)["code"] == "identity.wrong_code"


async def test_of_two_uses_of_a_code_at_once_one_counts(
    register: Register, clock: ManualClock
) -> None:
    protected = await protect(await register(), clock)
    code = protected.next_code()

    answers = await asyncio.gather(*(protected.person.login(code=code) for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [200, 401]


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (1, 200), (2, 401)])
async def test_clocks_may_differ_by_one_step(
    register: Register, clock: ManualClock, steps: int, status: int
) -> None:
    protected = await protect(await register(), clock)
    clock.advance(5 * STEP)

    answer = await protected.person.login(code=protected.code(steps=steps))

    assert answer.status_code == status


async def test_a_recovery_code_stands_in_once_however_it_is_typed(
    register: Register, clock: ManualClock
) -> None:
    protected = await protect(await register(), clock)
    code = protected.recovery_codes[3].lower().replace("-", " ")

    first, second = await protected.person.login(code=code), await protected.person.login(code=code)
    factors = await protected.person.client.get(
        "/api/v1/auth/factors", headers=protected.person.bearer
    )

    assert first.status_code == 200
    assert body_of(second)["code"] == "identity.wrong_code"
    assert factors.json()["recovery_codes_left"] == 9


async def test_recovery_codes_of_before_count_no_more(
    register: Register, clock: ManualClock
) -> None:
    protected = await protect(await register(), clock)
    ada = protected.person

    fresh = await ada.post("/recovery-codes", password=PASSWORD, code=protected.next_code())
    old = await ada.login(code=protected.recovery_codes[0])
    new = await ada.login(code=fresh.json()["recovery_codes"][0])

    assert (old.status_code, new.status_code) == (401, 200)


async def test_taking_a_factor_away_asks_for_password_and_code(
    register: Register, clock: ManualClock
) -> None:
    protected = await protect(await register(), clock)
    ada = protected.person
    code = protected.next_code()

    refused = [
        await ada.post("/totp/disable", password=PASSWORD),
        await ada.post("/totp/disable", password=PASSWORD, code="000000"),
        await ada.post("/totp/disable", password="wrong", code=code),
    ]
    done = await ada.post("/totp/disable", password=PASSWORD, code=code)

    assert [body_of(answer)["code"] for answer in refused] == ["identity.proof_refused"] * 3
    assert done.status_code == 200
    assert (await ada.login()).status_code == 200


@pytest.mark.parametrize("path", ["/totp", "/recovery-codes", "/totp/disable"])
async def test_a_session_alone_changes_no_factor(register: Register, path: str) -> None:
    ada = await register()

    answer = await ada.post(path, password="not the password")

    assert (answer.status_code, body_of(answer)["code"]) == (403, "identity.proof_refused")


async def test_a_change_of_factor_ends_the_other_sessions(
    register: Register, clock: ManualClock
) -> None:
    ada = await register()
    before = ada.tokens
    await protect(ada, clock)
    clock.advance(timedelta(seconds=1))

    assert (await ada.me(before["access_token"])).status_code == 401
    assert (await ada.refresh(before["refresh_token"])).status_code == 401
    assert (await ada.me()).status_code == 200


async def test_no_table_holds_a_secret_of_the_second_factor(
    register: Register, clock: ManualClock, parts: Parts
) -> None:
    ada = await register()
    secret = secret_of(await ada.post("/totp", password=PASSWORD))

    async with parts.transaction(scope=Scope(purpose="sign_in")) as tx:
        stored = await tx.session.scalar(
            text("SELECT secret_sealed FROM second_factors WHERE user_id = CAST(:id AS uuid)"),
            {"id": ada.id},
        )

    assert isinstance(stored, bytes)
    assert secret not in stored


async def test_trading_unlocks_by_both_secrets(
    register: Register, clock: ManualClock, desk: httpx2.AsyncClient
) -> None:
    protected = await equip(await register(), clock)
    ada = protected.person

    before = await desk.post("/t/order", headers=ada.bearer)
    unlocked = await unlock(ada, protected.next_code())
    during = await desk.post("/t/order", headers=ada.bearer)

    assert (before.status_code, body_of(before)["code"]) == (403, "auth.step_up_required")
    assert unlocked.status_code == 200
    assert during.json() == "sent"


async def test_an_unlock_ends_on_the_microsecond(
    register: Register, clock: ManualClock, desk: httpx2.AsyncClient
) -> None:
    protected = await equip(await register(), clock)
    ada = protected.person
    await unlock(ada, protected.next_code())
    clock.advance(timedelta(minutes=14))
    ada.tokens = (await ada.refresh()).json()

    clock.advance(timedelta(seconds=60, microseconds=-1))
    last = await desk.post("/t/order", headers=ada.bearer)
    clock.advance(timedelta(microseconds=1))
    over = await desk.post("/t/order", headers=ada.bearer)

    assert last.status_code == 200
    assert body_of(over)["code"] == "auth.step_up_required"


async def test_an_unlock_is_of_one_session(
    register: Register, clock: ManualClock, desk: httpx2.AsyncClient
) -> None:
    protected = await equip(await register(), clock)
    ada = protected.person
    await unlock(ada, protected.next_code())

    await ada.login(code=protected.recovery_codes[0])
    other = await desk.post("/t/order", headers=ada.bearer)

    assert (other.status_code, body_of(other)["code"]) == (403, "auth.step_up_required")


async def test_trading_is_locked_again_by_its_owner(
    register: Register, clock: ManualClock, desk: httpx2.AsyncClient
) -> None:
    protected = await equip(await register(), clock)
    ada = protected.person
    await unlock(ada, protected.next_code())

    await ada.client.delete("/api/v1/auth/unlock", headers=ada.bearer)

    assert (await desk.post("/t/order", headers=ada.bearer)).status_code == 403


async def test_an_unlock_tells_not_which_secret_was_wrong_and_spends_no_code(
    register: Register, clock: ManualClock
) -> None:
    protected = await equip(await register(), clock)
    ada = protected.person
    code = protected.next_code()

    wrong_password = await unlock(ada, code, "not it at all")
    wrong_code = await unlock(ada, "000000")
    both = await unlock(ada, code)

    assert body_of(wrong_password) | {"request_id": ""} == body_of(wrong_code) | {"request_id": ""}
    assert (wrong_code.status_code, body_of(wrong_code)["code"]) == (403, "identity.unlock_refused")
    assert both.status_code == 200


async def test_an_unlock_needs_both_to_be_set_up(register: Register, clock: ManualClock) -> None:
    ada = await register()

    no_password = await unlock(ada, "123456")
    await ada.client.put(
        "/api/v1/auth/trading-password",
        json={"password": PASSWORD, "trading_password": TRADING},
        headers=ada.bearer,
    )
    no_factor = await unlock(ada, "123456")

    assert body_of(no_password)["code"] == "identity.no_trading_password"
    assert body_of(no_factor)["code"] == "identity.no_factor"


async def test_the_trading_password_is_another_one(register: Register) -> None:
    ada = await register()

    answer = await ada.client.put(
        "/api/v1/auth/trading-password",
        json={"password": PASSWORD, "trading_password": PASSWORD},
        headers=ada.bearer,
    )

    assert body_of(answer)["code"] == "identity.same_as_password"


@pytest.fixture
async def desk(guarded: FastAPI) -> httpx2.AsyncClient:
    """A client of a route that moves money."""
    routes = Routes("/t", tag="T")

    @routes.post("/order", needs=Permission.PROFILE, step_up=True)
    async def order() -> str:
        return "sent"

    small = FastAPI()
    small.state.parts = guarded.state.parts
    tell_errors(small)
    small.include_router(routes.router)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=small), base_url="https://test")
