"""The whole platform in processes of its own, people who use it, and what is true afterwards."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
from redis.asyncio import Redis

from quantloom_server.audit.sealing import verify
from quantloom_server.platform import migrating
from quantloom_server.platform.callers import Caller, ClosedDoor
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.jobs import service
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.opening import open_parts
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.supervision.board import State, Status, read_board
from quantloom_server.settings import Settings, name_of
from quantloom_server.up import equip, find_servers
from tests.house.checkout import ROOT
from tests.server.cli.ports import free_port

PASSWORD = "correct horse battery staple"
# A request that waits longer than this hangs: the longest statement, and a moment.
LONGEST_S = 20.0
LEASE_S = 2.0
# People pause, and a test that burns both cores measures itself.
_PAUSE_S = 0.1
_RATES = {name: it for name, it in Settings.model_fields.items() if name.startswith("rate_")}
_PROCESSES = ("postgres", "valkey", "serve", "worker", "beat")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client got, and how long it waited; status 0 where the connection was refused."""

    id: str
    what: str
    status: int
    took_s: float
    at: float
    code: str = ""
    is_sound: bool = True


@dataclass(slots=True)
class Platform:
    """A platform that runs, seen from outside."""

    process: subprocess.Popen[bytes]
    settings: Settings
    parts: Parts
    owner_url: str
    superuser_url: str
    address: str

    def status(self, name: str) -> Status:
        found = read_board(self.settings.data_dir / "run" / "state.json")
        return next((each for each in found if each.name == name), Status(name))

    def pid(self, name: str) -> int:
        pid = self.status(name).pid
        assert pid is not None
        return pid

    def pids(self, *names: str) -> dict[str, int | None]:
        return {name: self.status(name).pid for name in names}

    async def until(self, holds: Callable[[], bool], within_s: float = 30.0) -> float:
        """Wait until something holds; tells how long that took."""
        began = monotonic()
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110  of another process
                await asyncio.sleep(0.02)
        return monotonic() - began

    async def until_ready(self) -> None:
        def all_ready() -> bool:
            assert self.process.poll() is None
            return all(self.status(name).state is State.READY for name in _PROCESSES)

        await self.until(all_ready, 60)

    @asynccontextmanager
    async def redis(self) -> AsyncIterator[Redis]:
        url = self.settings.redis_url
        assert url is not None
        redis = Redis.from_url(url.get_secret_value())
        yield redis
        await redis.aclose()

    async def count(self, statement: str, *values: object) -> int:
        """Count in the database, as one whom no policy holds back."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            found: int = await connection.fetchval(statement, *values)
        finally:
            await connection.close()
        return found

    async def enqueue(self, caller: Caller, **payload: Any) -> UUID:
        async with self.parts.transaction(caller=caller) as tx:
            row = await service.enqueue(
                tx, kind="tests.count", queue=Queue.DATA, payload=payload, max_attempts=9
            )
        return row.id

    async def effects(self, job_ids: list[UUID]) -> list[int]:
        """Wait for the end of jobs, and count what each left behind."""
        over = "SELECT count(*) FROM jobs WHERE id = ANY($1) AND state = 'succeeded'"
        async with asyncio.timeout(60):
            while await self.count(over, job_ids) < len(job_ids):  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
        count = "SELECT count(*) FROM effects WHERE job_id = $1"
        return [await self.count(count, job_id) for job_id in job_ids]

    async def chain_holds(self) -> bool:
        """Wait until everything is sealed, and walk the chain."""
        waiting = "SELECT waiting FROM system.audit_waiting()"
        async with asyncio.timeout(30):
            while await self.count(waiting):  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
        ring, anchors = KeyRing.of(self.settings), self.settings.anchor_path
        return (await verify(self.parts.database, ring, anchors)).holds


@asynccontextmanager
async def standing(data_dir: Path, **given: str) -> AsyncIterator[Platform]:
    """Start a platform in a folder where a database was made before."""
    server = PostgresServer(data_dir)
    server.start()
    try:
        await migrating.upgrade(server.owner_url())
        await _prepare(server.owner_url())
    finally:
        server.stop()
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QUANTLOOM_")},
        "QUANTLOOM_SERVICE_DIR": str(data_dir),
        "QUANTLOOM_PORT": str(port),
        "QUANTLOOM_JOB_LEASE_S": str(LEASE_S),
        **{name_of(name, field): "1000000/second" for name, field in _RATES.items()},
        **given,
    }
    process = start_up(environment)
    try:
        settings = await _equipped(data_dir, process)
        async with open_parts(settings, keeper=lambda *_: ClosedDoor()) as parts:
            servers = find_servers(Settings(_env_file=None, data_dir=data_dir))
            assert servers.postgres is not None
            platform = Platform(
                process,
                settings,
                parts,
                servers.owner_url,
                servers.postgres.superuser_url(),
                f"http://127.0.0.1:{port}",
            )
            await platform.until_ready()
            yield platform
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def start_up(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.server.faults.up_script"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )


async def _prepare(owner_url: str) -> None:
    """What `up` would do in processes of their own, and where jobs leave their effects."""
    connection = await asyncpg.connect(owner_url)
    await connection.execute(
        "CREATE TABLE effects (job_id uuid NOT NULL, attempt int NOT NULL); "
        "GRANT SELECT, INSERT ON effects TO quantloom_app"
    )
    await connection.execute(
        """
        SELECT set_config('quantloom.purpose', 'administer', false);
        INSERT INTO workspaces (id, name, is_operators)
            VALUES ('00000000-0000-4000-8000-000000000001', 'Operators', true);
        INSERT INTO users (id, username, email, password_hash)
            VALUES ('00000000-0000-4000-8000-000000000002', 'admin', 'admin@localhost', '!');
        INSERT INTO memberships (workspace_id, user_id, role)
            VALUES ('00000000-0000-4000-8000-000000000001',
                    '00000000-0000-4000-8000-000000000002', 'admin');
        """
    )
    await connection.close()


async def _equipped(data_dir: Path, process: subprocess.Popen[bytes]) -> Settings:
    """Settings of the platform, once it has made its secrets."""
    async with asyncio.timeout(60):
        while not (data_dir / "secrets" / "service.json").exists():
            assert process.poll() is None
            await asyncio.sleep(0.05)
    return equip(Settings(_env_file=None, data_dir=data_dir, database_connections=3))


@dataclass(slots=True)
class Person:
    """Somebody who is signed in, and keeps using the service."""

    client: httpx2.AsyncClient
    username: str
    token: str
    caller: Caller
    answers: list[Answer] = field(default_factory=list)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def sign_in(self) -> str:
        """Begin another session; its access token."""
        body = {"username": self.username, "password": PASSWORD}
        answer = await self.client.post("/api/v1/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def sign_out(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return (await self.client.post("/api/v1/auth/logout", headers=headers)).status_code

    async def status_with(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return (await self.client.get("/api/v1/auth/me", headers=headers)).status_code

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request on a connection of its own, and note what became of it."""
        request_id, what, began = f"asked-{token_hex(8)}", f"{method} {path}", monotonic()
        headers = {**self.bearer, "X-Request-ID": request_id, "Connection": "close"}
        try:
            answer = await self.client.request(method, path, headers=headers, **options)
        except httpx2.TransportError:
            # Refused, or not read yet as the process ended: nothing of it was begun.
            return self._noted(Answer(request_id, what, 0, monotonic() - began, monotonic()))
        took_s = monotonic() - began
        code, is_sound = _read(answer)
        return self._noted(
            Answer(request_id, what, answer.status_code, took_s, monotonic(), code, is_sound)
        )

    def _noted(self, answer: Answer) -> Answer:
        self.answers.append(answer)
        return answer


def _read(answer: httpx2.Response) -> tuple[str, bool]:
    """The code of a problem, and whether it is told as every problem is."""
    if answer.status_code < 400:
        return "", True
    if answer.request.url.path == "/health/ready":
        return "", True
    kind = answer.headers.get("content-type", "")
    body: Mapping[str, Any] = answer.json()
    is_sound = kind.startswith("application/problem+json") and bool(body["request_id"])
    if answer.status_code == 503:
        is_sound = is_sound and int(answer.headers["retry-after"]) > 0
    return str(body["code"]), is_sound


@asynccontextmanager
async def somebody(platform: Platform) -> AsyncIterator[Person]:
    """Somebody with an account of their own."""
    name = f"ada-{token_hex(4)}"
    async with httpx2.AsyncClient(base_url=platform.address, timeout=LONGEST_S * 2) as client:
        body = {
            "username": name,
            "email": f"{name}@example.com",
            "password": PASSWORD,
            "agree_terms": True,
        }
        answer = await client.post("/api/v1/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        person = Person(client, name, "", Caller(user_id=UUID(int=0), workspace_id=UUID(int=0)))
        person.token = await person.sign_in()
        me = (await client.get("/api/v1/auth/profile", headers=person.bearer)).json()
        person.caller = Caller(user_id=UUID(me["id"]), workspace_id=UUID(me["workspace_id"]))
        yield person


@asynccontextmanager
async def busy(person: Person, hands: int = 3) -> AsyncIterator[None]:
    """Have somebody read and write all the time; at the end, what was sent is answered first."""
    over = asyncio.Event()
    async with asyncio.TaskGroup() as hands_at_work:
        for number in range(hands):
            hands_at_work.create_task(_work(person, str(number), over))
        try:
            yield
        finally:
            over.set()


async def _work(person: Person, name: str, over: asyncio.Event) -> None:
    while not over.is_set():
        await _one_turn(person, name)
        await asyncio.sleep(_PAUSE_S)


async def _one_turn(person: Person, name: str) -> None:
    await person.ask("PUT", "/api/v1/auth/profile", json={"full_name": name})
    await person.ask("GET", "/api/v1/auth/me")
    await person.ask("GET", "/health")
