"""What requests are told while PostgreSQL or Valkey is away, hangs or is full, and afterwards.

The application runs in this process; the two servers are real, and nobody else's.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from time import monotonic

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from quantloom_server.app import create_app
from quantloom_server.audit.sealing import Sealer, verify
from quantloom_server.identity.passwords import Hasher
from quantloom_server.platform import database, migrating
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.parts import Parts
from quantloom_server.settings import Settings
from tests.server.conftest import make_open_folder
from tests.server.faults.harm import filled, frozen, is_small_disk, kill, pid_of, small_disk
from tests.server.identity.support import PASSWORD, Person, client_from, new_name
from tests.server.support import body_of, running

# Whoever waits for a server that hangs waits so long in these tests.
ANSWER_S = 0.5
BOUND_S = 6.0
_CHANGES = "SELECT count(*) FROM audit_entries WHERE action = 'identity.profile_changed'"


@dataclass(frozen=True, slots=True)
class Place:
    """The two servers, the application on them, and somebody who uses it."""

    postgres: PostgresServer
    valkey: ValkeyServer
    app: FastAPI
    ada: Person

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.state.parts
        return parts

    async def change_name(self, name: str) -> httpx2.Response:
        path = "/api/v1/auth/profile"
        body = {"full_name": name}
        return await self.ada.client.put(path, json=body, headers=self.ada.bearer)

    async def get(self, path: str) -> httpx2.Response:
        return await self.ada.client.get(path, headers=self.ada.bearer)

    async def changes(self) -> int:
        connection = await asyncpg.connect(self.postgres.superuser_url())
        found: int = await connection.fetchval(_CHANGES)
        await connection.close()
        return found

    async def chain_holds(self) -> bool:
        ring = KeyRing.of(self.parts.settings)
        await Sealer(self.parts.database, ring, self.parts.clock).seal()
        anchors = self.parts.settings.anchor_path
        return (await verify(self.parts.database, ring, anchors)).holds


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder on a small disk of its own, where one can be had."""
    folder = make_open_folder()
    with small_disk(folder, "128m") as disk:
        yield disk or folder
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.fixture(scope="module")
async def place(folder: Path, made_before: Path, settings: Settings) -> AsyncIterator[Place]:
    subprocess.run(["cp", "-a", made_before, folder / "d"], check=True)  # noqa: ASYNC221
    postgres = PostgresServer(folder / "d", durable=False)
    valkey = ValkeyServer(folder / "d", durable=False)
    for server in (postgres, valkey):
        server.start()
    await migrating.upgrade(postgres.owner_url())
    changes = {
        "data_dir": folder / "s",
        "database_url": SecretStr(postgres.app_url()),
        "redis_url": SecretStr(valkey.url()),
        **dict.fromkeys((n for n in Settings.model_fields if n[:5] == "rate_"), "1000000/second"),
        "trusted_proxies": (ip_network("127.0.0.0/8"),),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_CONNECT_S", "_ANSWER_S"):
            patch.setattr(database, name, ANSWER_S)
        app = create_app(settings.model_copy(update=changes))
        async with running(app), client_from(app) as client:
            # The size of real hashes has no part in this.
            cheap = Hasher(memory_kib=64)
            app.state.identity.hasher.close()
            app.state.identity = replace(app.state.identity, hasher=cheap)
            yield Place(postgres, valkey, app, await registered(client))
            cheap.close()
    for server in (postgres, valkey):
        server.stop()


async def registered(client: httpx2.AsyncClient) -> Person:
    name = new_name()
    person = Person(client, name, f"{name}@example.com")
    body = {
        "username": name,
        "email": person.email,
        "password": PASSWORD,
        "agree_terms": True,
    }
    assert (await client.post("/api/v1/auth/register", json=body)).status_code == 201
    assert (await person.login()).status_code == 200
    return person


def is_told_well(answer: httpx2.Response) -> bool:
    """Whether an answer says that the same request works later, and when."""
    body = body_of(answer)
    return (
        answer.status_code == 503
        and answer.headers["content-type"] == "application/problem+json"
        and int(answer.headers["retry-after"]) > 0
        and body["code"] in {"platform.database_down", "platform.database_busy"}
        and bool(body["request_id"])
    )


async def revoked_token(place: Place) -> str:
    """A token of a session that was ended, and is known to have ended."""
    tokens = (await place.ada.login()).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    await place.ada.client.post("/api/v1/auth/logout", headers=bearer)
    await place.ada.login()
    # A session may be remembered for less than a second.
    async with asyncio.timeout(3):
        while (await place.ada.me(tokens["access_token"])).status_code != 401:  # noqa: ASYNC110  of a clock
            await asyncio.sleep(0.05)
    return str(tokens["access_token"])


async def test_while_postgres_hangs_all_are_told_so_soon_and_served_again_at_once(
    place: Place,
) -> None:
    revoked = await revoked_token(place)
    kept = await place.changes()

    began = monotonic()
    with frozen(pid_of(place.postgres)):
        asked = [place.change_name(str(n)) for n in range(6)]
        told = await asyncio.gather(*asked, *(place.get("/api/v1/auth/profile") for _ in range(6)))
        stranger = await place.ada.me(revoked)
        lives, ready = await place.get("/health"), await place.get("/health/ready")
    took_s = monotonic() - began
    back = await asyncio.gather(*(place.change_name(str(n)) for n in range(6)))

    assert all(map(is_told_well, told))
    assert took_s < BOUND_S
    assert stranger.status_code in {401, 503}
    assert lives.status_code == 200
    assert ready.status_code == 503
    assert body_of(ready)["checks"]["redis"] == "ok"
    assert body_of(ready)["checks"]["database"].startswith("failed")
    assert {each.status_code for each in back} == {200}
    assert await place.changes() == kept + 6
    assert await place.chain_holds()


async def test_a_postgres_that_was_killed_is_used_again_without_a_restart(place: Place) -> None:
    await asyncio.to_thread(kill, place.postgres)
    told = await asyncio.gather(*(place.change_name("x") for _ in range(6)))
    place.postgres.start()
    back = await asyncio.gather(*(place.change_name("y") for _ in range(6)))

    assert all(map(is_told_well, told))
    assert {each.status_code for each in back} == {200}


@contextmanager
def hanging(valkey: ValkeyServer) -> Iterator[None]:
    with frozen(pid_of(valkey)):
        yield


@contextmanager
def dead(valkey: ValkeyServer) -> Iterator[None]:
    kill(valkey)
    try:
        yield
    finally:
        valkey.start()


@pytest.mark.parametrize("harm", [hanging, dead])
async def test_without_valkey_people_sign_in_and_out_and_nobody_else_comes_in(
    place: Place, harm: Callable[[ValkeyServer], AbstractContextManager[None]]
) -> None:
    revoked = await revoked_token(place)

    began = monotonic()
    with harm(place.valkey):
        statuses = [
            (await place.ada.login()).status_code,
            (await place.change_name("z")).status_code,
            (await place.get("/api/v1/jobs")).status_code,
            (await place.ada.me(revoked)).status_code,
        ]
        ready = await place.get("/health/ready")
    took_s = monotonic() - began

    assert statuses == [200, 200, 200, 401]
    assert ready.status_code == 503
    assert {name for name, told in body_of(ready)["checks"].items() if told != "ok"} == {"redis"}
    assert took_s < BOUND_S
    async with asyncio.timeout(10):
        while (await place.get("/health/ready")).status_code != 200:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.05)


async def test_a_full_disk_refuses_writes_and_takes_them_when_there_is_room(
    place: Place, folder: Path
) -> None:
    if not is_small_disk(folder):
        pytest.skip("no file system can be mounted here")
    kept, told = await place.changes(), 0

    with filled(folder):
        while (answer := await place.change_name("n" * 100)).status_code == 200:
            told += 1
            assert told < 2_000
        read = await place.get("/api/v1/auth/profile")
    back = await place.change_name("back")

    assert is_told_well(answer)
    assert body_of(answer)["code"] == "platform.database_busy"
    assert (read.status_code, back.status_code) == (200, 200)
    assert await place.changes() == kept + told + 1
    assert await place.chain_holds()
