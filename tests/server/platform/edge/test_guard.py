"""What stands before each route: how much may be sent, how often, and what is sent twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict

from quantloom_server.platform import trail
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database
from quantloom_server.platform.edge.bodies import DEEPEST_JSON, LARGEST_JSON, is_deep
from quantloom_server.platform.edge.conditions import IfMatch
from quantloom_server.platform.errors import TooMany
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.problems import tell_errors
from quantloom_server.platform.rates import Pace, Rates
from quantloom_server.platform.routing import PUBLIC, Routes, Tx
from quantloom_server.settings import Settings
from tests.server.support import IDS, MakeCaller, OpenDoor, body_of, client_of

NOWHERE = "unix:///nowhere.sock"


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


class Word(BaseModel):
    word: str


class Desk:
    """Routes of the test, and what was done through them."""

    def __init__(self, app: FastAPI, rates: Rates) -> None:
        self.app = FastAPI()
        self.app.state.parts = replace(app.state.parts, rates=rates)
        self.busy = asyncio.Event()
        self.go_on = asyncio.Event()
        tell_errors(self.app)
        self.app.router.routes.extend(self._routes().router.routes)

    def _routes(self) -> Routes:
        routes = Routes("/t", tag="T")

        @routes.get("/anyone", needs=PUBLIC)
        async def anyone() -> dict[str, str]:
            return {"word": "same"}

        @routes.get("/row", needs=Permission.PROFILE)
        async def row() -> Word:
            return Word(word="row")

        @routes.put("/row", needs=Permission.PROFILE)
        async def change(expected: IfMatch) -> dict[str, str]:
            expected.refuse_changed(Word(word="row"))
            return {"word": "changed"}

        @routes.post("/acts", needs=Permission.PROFILE, status_code=201)
        async def act(body: Anything, tx: Tx, response: Response) -> dict[str, str]:
            made = tx.new_id()
            response.headers["Location"] = f"/t/acts/{made}"
            await trail.record(tx, action="test.made", object_kind="act", object_id=made)
            if body.model_dump().get("fails"):
                raise ZeroDivisionError
            return {"secret": f"shown-once-{made}"}

        @routes.get("/slow", needs=Permission.PROFILE)
        async def slow() -> None:
            self.busy.set()
            await self.go_on.wait()

        @routes.post("/open", needs=PUBLIC, pace=Pace.AUTH)
        async def opened(body: Anything) -> Anything:
            return body

        return routes


MakeRates = Callable[..., Rates]


@pytest.fixture
async def make_rates(settings: Settings) -> AsyncIterator[MakeRates]:
    """Makes limits with settings of the test's own, in Valkey unless it names another place."""
    made: list[Rates] = []

    def make(redis_url: str | None = None, **changed: Any) -> Rates:
        assert settings.redis_url is not None
        given = settings.model_copy(update=changed)
        made.append(Rates.of(given, redis_url or settings.redis_url.get_secret_value()))
        return made[-1]

    yield make
    for rates in made:
        await rates.close()


@pytest.fixture
def desk(app: FastAPI, make_rates: MakeRates) -> Desk:
    return Desk(app, make_rates())


@pytest.fixture
async def caller(make_caller: MakeCaller) -> Caller:
    return await make_caller()


@pytest.fixture
async def client(desk: Desk, door: OpenDoor, caller: Caller) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(desk.app, door.admit(caller)) as client:
        yield client


# Size and depth.


async def endless(most: int) -> AsyncIterator[bytes]:
    for _ in range(most):
        yield b" " * 65536


async def test_a_body_that_is_too_large_is_refused_by_what_it_says_and_by_what_comes(
    client: httpx2.AsyncClient,
) -> None:
    said = await client.post("/t/open", content=b'"' + b"x" * LARGEST_JSON + b'"')
    comes = await client.post("/t/open", content=endless(1000))

    assert (said.status_code, comes.status_code) == (413, 413)
    assert body_of(comes)["code"] == "limits.too_large"


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
async def test_a_body_that_nests_too_deep_is_refused(
    client: httpx2.AsyncClient, opening: bytes
) -> None:
    closing = b"]" if opening == b"[" else b"}"
    body = opening * 100_000 + b"1" + closing * 100_000

    answer = await client.post(
        "/t/open", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422
    assert body_of(answer)["code"] == "limits.too_deep"


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        (b"[" * DEEPEST_JSON + b"]" * DEEPEST_JSON, False),
        (b"[" * (DEEPEST_JSON + 1) + b"]" * (DEEPEST_JSON + 1), True),
        (b"[" + b"[]," * 5000 + b"[]]", False),
        (orjson.dumps(["[{" * 500, '\\"' * 100 + "[" * 500]), False),
        (orjson.dumps({"a": [{"b": ["}" * 400]}] * 100}), False),
        (b"[" * 100_000, True),
        (b"]" * 1000, False),
    ],
)
def test_only_brackets_that_open_something_count(body: bytes, deep: bool) -> None:
    assert is_deep(body) is deep


# Conditions.


async def test_what_has_not_changed_is_not_sent_again(client: httpx2.AsyncClient) -> None:
    first = await client.get("/t/anyone")
    again = await client.get("/t/anyone", headers={"If-None-Match": first.headers["ETag"]})
    other = await client.get("/t/anyone", headers={"If-None-Match": '"other"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (other.status_code, other.json()) == (200, first.json())


async def test_a_change_of_what_somebody_else_changed_is_refused(
    client: httpx2.AsyncClient,
) -> None:
    tag = (await client.get("/t/row")).headers["ETag"]

    answers = [
        await client.put("/t/row", headers=headers)
        for headers in ({"If-Match": tag}, {"If-Match": "*"}, {}, {"If-Match": '"older"'})
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 412]
    assert body_of(answers[-1])["code"] == "conflict.changed_since_read"


# Writes that are sent twice.


@pytest.fixture
def count_made(database: Database, caller: Caller) -> Callable[[], Awaitable[int]]:
    """Counts what the caller's requests have done."""

    async def count() -> int:
        async with database.direct(caller.scope) as connection:
            found: int = await connection.fetchval(
                "SELECT count(*) FROM audit_entries WHERE actor_id = $1", caller.user_id
            )
        return found

    return count


CountMade = Callable[[], Awaitable[int]]


async def test_a_write_that_is_sent_twice_is_done_once_and_told_the_same(
    client: httpx2.AsyncClient, count_made: CountMade
) -> None:
    key = {"Idempotency-Key": str(IDS.new())}

    first = await client.post("/t/acts", json={"a": 1}, headers=key)
    second = await client.post("/t/acts", json={"a": 1}, headers=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert await count_made() == 1


async def test_many_at_once_are_one(client: httpx2.AsyncClient, count_made: CountMade) -> None:
    key = {"Idempotency-Key": str(IDS.new())}

    answers = await asyncio.gather(
        *(client.post("/t/acts", json={"a": 1}, headers=key) for _ in range(10))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await count_made() == 1


async def test_a_key_on_another_body_is_refused(client: httpx2.AsyncClient) -> None:
    key = {"Idempotency-Key": str(IDS.new())}
    await client.post("/t/acts", json={"a": 1}, headers=key)

    other = await client.post("/t/acts", json={"a": 2}, headers=key)

    assert other.status_code == 422
    assert body_of(other)["code"] == "conflict.key_reused"


async def test_what_failed_may_be_tried_again_under_its_key(
    client: httpx2.AsyncClient, count_made: CountMade
) -> None:
    key = {"Idempotency-Key": str(IDS.new())}

    failed = await client.post("/t/acts", json={"fails": True}, headers=key)
    after = await client.post("/t/acts", json={"fails": False}, headers=key)

    assert (failed.status_code, after.status_code) == (500, 201)
    assert await count_made() == 1


async def test_a_key_is_its_sender_s_own(
    desk: Desk, door: OpenDoor, make_caller: MakeCaller, client: httpx2.AsyncClient
) -> None:
    key = {"Idempotency-Key": str(IDS.new())}
    other = door.admit(await make_caller())

    mine = await client.post("/t/acts", json={}, headers=key)
    async with client_of(desk.app, other) as theirs_client:
        theirs = await theirs_client.post("/t/acts", json={}, headers=key)

    assert mine.content != theirs.content
    assert "Idempotency-Replayed" not in theirs.headers


async def test_what_is_kept_shows_nothing_to_whoever_reads_the_table(
    client: httpx2.AsyncClient, caller: Caller, database: Database
) -> None:
    key = str(IDS.new())
    told = await client.post("/t/acts", json={}, headers={"Idempotency-Key": key})

    async with database.direct(caller.scope) as connection:
        row = await connection.fetchrow("SELECT * FROM kept_answers ORDER BY created_at DESC")

    assert row is not None
    everything = b"".join(value for value in row.values() if isinstance(value, bytes))
    assert b"shown-once" not in everything
    assert key.encode() not in everything
    assert "shown-once" in told.text


# How often, and how many at once.


async def ask(client: httpx2.AsyncClient, times: int) -> list[int]:
    return [(await client.get("/t/row")).status_code for _ in range(times)]


async def test_more_than_a_user_may_send_is_refused_and_told_when_it_works_again(
    app: FastAPI, make_rates: MakeRates, door: OpenDoor, make_caller: MakeCaller
) -> None:
    desk = Desk(app, make_rates(rate_default="5/hour"))
    one, other = await make_caller(), await make_caller()

    async with client_of(desk.app, door.admit(one)) as client:
        statuses = await ask(client, 5)
        refused = await client.get("/t/row")
    async with client_of(desk.app, door.admit(other)) as client:
        others = await client.get("/t/row")

    assert statuses == [200] * 5
    assert refused.status_code == 429
    assert body_of(refused)["code"] == "limits.too_many"
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert others.status_code == 200
    assert others.headers["X-RateLimit-Limit"] == "5"
    assert others.headers["X-RateLimit-Remaining"] == "4"


async def test_a_restart_forgets_nothing_and_processes_count_together(
    app: FastAPI, make_rates: MakeRates, door: OpenDoor, make_caller: MakeCaller
) -> None:
    headers = door.admit(await make_caller())
    statuses: list[int] = []
    for _ in range(3):
        desk = Desk(app, make_rates(rate_default="4/hour"))
        async with client_of(desk.app, headers) as client:
            statuses += await ask(client, 2)

    assert statuses == [200] * 4 + [429] * 2


async def test_permits_taken_a_few_at_a_time_never_exceed_the_limit(make_rates: MakeRates) -> None:
    subject = str(IDS.new())
    several = [make_rates(rate_default="500/hour") for _ in range(3)]
    taken = 0

    for _ in range(400):
        for rates in several:
            with suppress(TooMany):
                await rates.take(Pace.DEFAULT, subject)
                taken += 1

    # What the others held and did not use is lost for this window.
    assert 480 <= taken <= 500


async def test_without_valkey_each_process_counts_for_itself(
    app: FastAPI, make_rates: MakeRates, door: OpenDoor, make_caller: MakeCaller
) -> None:
    desk = Desk(app, make_rates(NOWHERE, rate_default="5/hour"))

    async with client_of(desk.app, door.admit(await make_caller())) as client:
        statuses = await ask(client, 7)

    assert statuses == [200] * 5 + [429] * 2


async def test_all_keys_of_a_user_share_the_limit_of_the_user_and_each_has_its_own(
    app: FastAPI, make_rates: MakeRates, door: OpenDoor, make_caller: MakeCaller
) -> None:
    desk = Desk(app, make_rates(rate_default="5/hour"))
    user = await make_caller()
    keys = [replace(user, key_id=IDS.new(), requests_per_minute=2) for _ in range(3)]

    statuses = []
    for caller in (*keys, user):
        async with client_of(desk.app, door.admit(caller)) as client:
            statuses += await ask(client, 3)

    # Two of each key until the user has sent five; what a key may not is not taken from the user.
    assert statuses == [200, 200, 429, 200, 200, 429, 200, *[429] * 5]


async def test_an_error_tells_of_the_limit_too(client: httpx2.AsyncClient) -> None:
    answer = await client.put("/t/row", headers={"If-Match": '"older"'})

    assert answer.status_code == 412
    assert int(answer.headers["X-RateLimit-Remaining"]) < int(answer.headers["X-RateLimit-Limit"])


async def test_tokens_cannot_be_tried_without_end(app: FastAPI, make_rates: MakeRates) -> None:
    desk = Desk(app, make_rates(NOWHERE, rate_address="3/hour"))

    async with client_of(desk.app, {"Authorization": "Bearer wrong"}) as client:
        statuses = await ask(client, 5)

    assert statuses == [401] * 3 + [429] * 2


async def test_open_writes_are_limited_by_address(app: FastAPI, make_rates: MakeRates) -> None:
    desk = Desk(app, make_rates(NOWHERE, rate_auth="3/hour"))

    async with client_of(desk.app) as client:
        statuses = [(await client.post("/t/open", json={})).status_code for _ in range(5)]

    assert statuses == [200] * 3 + [429] * 2


async def test_one_user_cannot_hold_every_place(
    app: FastAPI, make_rates: MakeRates, door: OpenDoor, make_caller: MakeCaller
) -> None:
    desk = Desk(app, make_rates(NOWHERE, concurrent_requests=1))
    headers, others = door.admit(await make_caller()), door.admit(await make_caller())

    async with client_of(desk.app, headers) as client:
        held = asyncio.create_task(client.get("/t/slow"))
        await desk.busy.wait()
        refused = await client.get("/t/row")
        other = await client.get("/t/row", headers=others)
        desk.go_on.set()
        answered = await held
        free = await client.get("/t/row")

    assert (refused.status_code, other.status_code) == (429, 200)
    assert (answered.status_code, free.status_code) == (200, 200)
