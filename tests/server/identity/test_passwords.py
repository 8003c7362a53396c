"""Passwords are hashed by argon2id, in a few threads, alike for everybody (SEC1)."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from statistics import median
from time import perf_counter

import httpx2
import pytest
from argon2 import extract_parameters
from fastapi import FastAPI
from pydantic import SecretStr

from quantloom_server.app import create_app
from quantloom_server.identity.errors import WeakPassword
from quantloom_server.identity.means import SIGN_IN
from quantloom_server.identity.passwords import LONGEST, Hasher, refuse_weak
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.errors import NotConfigured, TooMany
from quantloom_server.platform.keyring import WeakSecret
from quantloom_server.settings import Settings
from tests.server.identity.support import PASSWORD, Person, client_from, new_name
from tests.server.support import running


@pytest.fixture(scope="module")
def hasher() -> Iterator[Hasher]:
    hasher = Hasher(threads=2)
    yield hasher
    hasher.close()


async def test_a_hash_is_argon2id_of_at_least_the_size_that_is_asked_for(hasher: Hasher) -> None:
    hashed = await hasher.hash(PASSWORD)
    parameters = extract_parameters(hashed)

    assert hashed.startswith("$argon2id$")
    assert parameters.memory_cost >= 19 * 1024
    assert (parameters.time_cost, parameters.parallelism) >= (2, 1)
    assert await hasher.hash(PASSWORD) != hashed


async def test_a_hash_of_before_is_renewed_by_the_right_password_alone(hasher: Hasher) -> None:
    old = Hasher(threads=1, memory_kib=1024)
    stored = await old.hash(PASSWORD)
    old.close()

    is_right, renewed = await hasher.verify(PASSWORD, stored)
    wrong = await hasher.verify("wrong", stored)

    assert is_right
    assert renewed is not None
    assert "m=19456" in renewed
    assert await hasher.verify(PASSWORD, renewed) == (True, None)
    assert wrong == (False, None)


@pytest.mark.parametrize("stored", [None, "!", "", "$argon2id$v=19$m=8,t=1,p=1$bad"])
async def test_nothing_is_right_where_there_is_no_hash(hasher: Hasher, stored: str | None) -> None:
    assert (await hasher.verify(PASSWORD, stored))[0] is False


async def test_a_longer_password_than_any_is_never_hashed(hasher: Hasher) -> None:
    started = perf_counter()

    assert await hasher.verify("x" * 10_000_000, None) == (False, None)
    assert perf_counter() - started < 0.05


async def test_hashing_steps_back_behind_the_thread_that_answers(hasher: Hasher) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, 0)  # of the calling thread, on Linux

    hashing = await asyncio.wrap_future(hasher._pool.submit(niceness))

    assert hashing == min(niceness() + 10, 19)


async def test_more_than_can_wait_are_sent_away() -> None:
    hasher = Hasher(threads=1, most_waiting=3, memory_kib=64)

    outcomes = await asyncio.gather(
        *(hasher.verify("x", None) for _ in range(5)), return_exceptions=True
    )
    hasher.close()

    assert [isinstance(outcome, TooMany) for outcome in outcomes] == [False] * 3 + [True] * 2


@pytest.mark.parametrize(
    "password",
    ["seven77", "PASSWORD123", "aaaaaaaaaaaaaaa", "Ada-Lovelace", "ada@example.com", "é" * 600],
)
def test_passwords_that_others_would_try_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        refuse_weak(password, "ada-lovelace", "ada@example.com")


@pytest.mark.parametrize("password", ["长城长江黄河泰山", "x7!pq-zz", "abcdefgh" * 128])
def test_others_are_let_be(password: str) -> None:
    assert len(password.encode()) <= LONGEST
    refuse_weak(password, "ada", "ada@example.com")


@pytest.fixture(scope="module")
async def real(settings: Settings, migrated: PostgresServer) -> AsyncIterator[FastAPI]:
    """The application with hashes of the real size, behind a proxy that it trusts."""
    near = Settings(_env_file=None, trusted_proxies="127.0.0.0/8").trusted_proxies
    app = create_app(settings.model_copy(update={"trusted_proxies": near, "password_threads": 2}))
    async with running(app):
        yield app


async def register(app: FastAPI) -> Person:
    name = new_name()
    person = Person(client_from(app), name, f"{name}@example.com")
    body = {
        "username": name,
        "email": person.email,
        "password": PASSWORD,
        "agree_terms": True,
    }
    assert (await person.client.post("/api/v1/auth/register", json=body)).status_code == 201
    return person


async def timed(act: Callable[[], Awaitable[httpx2.Response]]) -> float:
    started = perf_counter()
    await act()
    return perf_counter() - started


async def test_a_hash_of_before_is_renewed_at_the_next_sign_in(real: FastAPI) -> None:
    ada = await register(real)
    database = real.state.parts.database
    old = Hasher(threads=1, memory_kib=1024)
    stored = await old.hash(PASSWORD)
    old.close()
    async with database.direct(SIGN_IN) as connection:
        await connection.execute(
            "UPDATE users SET password_hash = $1 WHERE username = $2", stored, ada.username
        )

    await ada.login()

    async with database.direct(SIGN_IN) as connection:
        renewed = await connection.fetchval(
            "SELECT password_hash FROM users WHERE username = $1", ada.username
        )
    assert "m=19456" in renewed
    assert (await ada.login()).status_code == 200


async def test_a_name_that_is_not_there_takes_as_long_as_a_wrong_password(real: FastAPI) -> None:
    ada = await register(real)
    wrong: list[float] = []
    unknown: list[float] = []

    async def try_wrong() -> httpx2.Response:
        await forget_tries(real)
        return await ada.login("wrong")

    async def try_unknown() -> httpx2.Response:
        await forget_tries(real)
        stranger = Person(ada.client, new_name(), "")
        return await stranger.login("wrong")

    # In turns, and more often where something else keeps the machine busy.
    while len(wrong) < 15 or (len(wrong) < 60 and not 0.8 < median(wrong) / median(unknown) < 1.25):
        wrong.append(await timed(try_wrong))
        unknown.append(await timed(try_unknown))

    assert 0.8 < median(wrong) / median(unknown) < 1.25


async def test_a_megabyte_of_password_is_refused_at_once(real: FastAPI) -> None:
    async with client_from(real) as client:
        body = {"username": "ada", "password": "x" * 1_000_000}
        await client.post("/api/v1/auth/login", json=body)
        took = [await timed(lambda: client.post("/api/v1/auth/login", json=body)) for _ in range(3)]
        answer = await client.post("/api/v1/auth/login", json=body)

    assert answer.status_code == 422
    assert min(took) < 0.05


async def test_two_hundred_sign_ins_at_once_leave_the_service_answering(real: FastAPI) -> None:
    async def sign_in() -> int:
        async with client_from(real) as client:
            body = {"username": new_name(), "password": "wrong"}
            return (await client.post("/api/v1/auth/login", json=body)).status_code

    flood = [asyncio.create_task(sign_in()) for _ in range(200)]
    took = []
    async with client_from(real) as client:
        for _ in range(100):
            took.append(await timed(lambda: client.get("/health")))
            await asyncio.sleep(0.01)
    still_waiting = [task for task in flood if task.cancel()]
    answers = await asyncio.gather(*flood, return_exceptions=True)

    assert still_waiting
    assert {answer for answer in answers if isinstance(answer, int)} == {401}
    assert sorted(took)[94] < 0.1


@pytest.mark.parametrize("secret", ["changeme", "x" * 31])
async def test_the_service_does_not_start_with_a_secret_that_others_know(
    settings: Settings, secret: str
) -> None:
    with pytest.raises(WeakSecret):
        create_app(settings.model_copy(update={"secret_key": SecretStr(secret)}))


async def test_the_service_does_not_start_without_a_secret(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"secret_key": None}))

    with pytest.raises(NotConfigured, match="QUANTLOOM_SECRET_KEY"):
        async with running(app):
            pass


async def forget_tries(app: FastAPI) -> None:
    async with app.state.parts.database.direct(SIGN_IN) as connection:
        await connection.execute("DELETE FROM tallies")
