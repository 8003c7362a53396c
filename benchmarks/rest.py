"""Measures REST: `python -m benchmarks.rest`, with servers of its own that it stops at the end.

The client is bounded and plain: fifty connections that each send the next request when the last is
answered (closed loop), or requests at fixed times whatever the answers do (open loop). It runs in a
process of its own, on the same cores as everything else.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast

import asyncpg
import uvloop

from benchmarks.environments import ROOT
from quantloom_server.platform import migrating
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer

CLIENTS = 50
OPEN_RATE = 200
PORT = 18_211
SERVE = (sys.executable, "-m", "quantloom_server.cli", "serve")
PASSWORD = "a phrase for the benchmark alone"
ROUTES = (
    ("health", "/health"),
    ("profile", "/api/v1/auth/me"),
    ("sessions", "/api/v1/auth/sessions"),
    ("jobs", "/api/v1/jobs?limit=20"),
    ("instruments", "/api/v1/market/instruments?limit=20"),
)

_JOBS = """
    INSERT INTO jobs (id, workspace_id, user_id, kind, queue, payload, state, result, finished_at)
    SELECT gen_random_uuid(), workspace_id, user_id, 'backtests.run', 'backtest', '{"seed": 7}',
           'succeeded', '{"trades": 33, "final_equity": "100743.00841"}', now()
    FROM memberships, generate_series(1, 200)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load came to."""

    row: str
    load: str
    requests: int
    failed: int
    per_second: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_us: int
    """Processor time of the serving processes per request; less moved by load than the rest."""


class Line(asyncio.Protocol):
    """One kept connection, with one request at a time on it.

    A bare protocol: streams would cost half of what the answers cost, on the same cores.
    """

    _transport: asyncio.WriteTransport

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._come = b""
        self._whole = -1

    @classmethod
    async def open(cls) -> "Line":
        _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", PORT)
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is one without being derived from it.
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._come += data
        if self._whole < 0:
            self._whole = _length(self._come)
        if 0 <= self._whole <= len(self._come) and self._answer is not None:
            head, _, body = self._come.partition(b"\r\n\r\n")
            self._come, self._whole = b"", -1
            self._answer.set_result((int(head[9:12]), body))

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        """Send a request that is written already; brings status and body."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        self._transport.close()


def _length(come: bytes) -> int:
    """How long an answer is, its head included; -1 before that is known."""
    ends = come.find(b"\r\n\r\n")
    if ends < 0:
        return -1
    begins = come[:ends].lower().find(b"content-length:")
    told = come[begins + 15 : come.index(b"\r\n", begins)]
    return ends + 4 + int(told)


def write(path: str, *, token: str = "", body: object = None) -> bytes:
    """A whole request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: bench"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


async def closed_loop(row: str, request: bytes, seconds: float) -> Outcome:
    """Fifty clients, each sending as soon as it was answered."""
    took: list[float] = []
    failed = 0
    ends = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal failed
        line = await Line.open()
        while (began := time.perf_counter()) < ends:
            status, _ = await line.ask(request)
            failed += status != 200
            took.append(time.perf_counter() - began)
        line.close()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return summed(row, f"{CLIENTS} clients", took, failed, seconds)


async def open_loop(row: str, request: bytes, seconds: float) -> Outcome:
    """Requests at fixed times; one that waits for its turn waits as its sender would."""
    lines: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(CLIENTS):
        lines.put_nowait(await Line.open())
    took: list[float] = []
    failed = 0

    async def send(due: float) -> None:
        nonlocal failed
        line = await lines.get()
        status, _ = await line.ask(request)
        failed += status != 200
        took.append(time.perf_counter() - due)
        lines.put_nowait(line)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number in range(int(seconds * OPEN_RATE)):
            due = began + number / OPEN_RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sending.create_task(send(due))
    while not lines.empty():
        lines.get_nowait().close()
    return summed(row, f"{OPEN_RATE}/s open", took, failed, seconds)


async def flood(seconds: float) -> Outcome:
    """How long `/health` takes while two hundred sign-ins are being hashed."""
    body = {"username": "nobody", "password": "not the password"}
    wrong = write("/api/v1/auth/login", body=body)

    async def sign_in() -> None:
        line = await Line.open()
        await line.ask(wrong)
        line.close()

    signing = [asyncio.create_task(sign_in()) for _ in range(200)]
    outcome = await open_loop("health, in a flood of sign-ins", write("/health"), seconds)
    await asyncio.gather(*signing)
    return outcome


def summed(row: str, load: str, took: list[float], failed: int, seconds: float) -> Outcome:
    ordered = sorted(took)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2)

    rate = round(len(took) / seconds)
    return Outcome(row, load, len(took), failed, rate, at(0.5), at(0.95), at(0.99), cpu_us=0)


async def sign_in() -> str:
    """Make an account; returns its access token."""
    line = await Line.open()
    account = {
        "username": "bench",
        "email": "bench@example.com",
        "password": PASSWORD,
        "agree_terms": True,
    }
    await line.ask(write("/api/v1/auth/register", body=account))
    _, told = await line.ask(
        write("/api/v1/auth/login", body={"username": "bench", "password": PASSWORD})
    )
    line.close()
    return str(json.loads(told)["access_token"])


async def fill(postgres: PostgresServer) -> None:
    """Jobs for the account to list, of which it has none yet."""
    database = await asyncpg.connect(postgres.superuser_url())
    await database.execute(_JOBS)
    await database.close()


async def measure(
    seconds: float, rows: Sequence[str], postgres: PostgresServer, serving: int
) -> list[Outcome]:
    token = await sign_in()
    await fill(postgres)
    found: list[Outcome] = []
    loads: tuple[Callable[[str, bytes, float], Awaitable[Outcome]], ...] = (closed_loop, open_loop)
    for name, path in ROUTES:
        if not rows or name in rows:
            request = write(path, token="" if name == "health" else token)
            await closed_loop(name, request, 0.5)
            for load in loads:
                before_s = spent_s(serving)
                outcome = await load(name, request, seconds)
                each_us = (spent_s(serving) - before_s) / outcome.requests * 1e6
                found.append(replace(outcome, cpu_us=round(each_us)))
    if not rows or "flood" in rows:
        found.append(await flood(seconds))
    return found


def spent_s(pid: int) -> float:
    """The processor time of a process, and of its children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    own = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return own + sum(spent_s(int(child)) for child in children)


def memory_mb(pid: int) -> float:
    """What a process holds for itself, shared libraries counted by its share of them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


async def until_ready(process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the service did not start")
        try:
            line = await Line.open()
            status, _ = await line.ask(write("/health/ready"))
            line.close()
        except OSError:
            status = 0
        if status == 200:
            return
        await asyncio.sleep(0.1)


def environment(folder: Path, postgres: PostgresServer, valkey: ValkeyServer) -> dict[str, str]:
    plenty = {
        f"QUANTLOOM_RATE_{pace}": "10000000/minute" for pace in ("DEFAULT", "AUTH", "ADDRESS")
    }
    return {
        **os.environ,
        **plenty,
        "PYTHONPATH": str(ROOT / "src"),
        "QUANTLOOM_SERVICE_DIR": str(folder),
        "QUANTLOOM_DATABASE_URL": postgres.app_url(),
        "QUANTLOOM_REDIS_URL": valkey.url(),
        "QUANTLOOM_SECRET_KEY": "a key of thirty-two bytes or more, for benchmarks alone",
        "QUANTLOOM_PORT": str(PORT),
        "QUANTLOOM_LOG_FORMAT": "json",
    }


def run(seconds: float, rows: Sequence[str], workers: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="ql-rest-"))
    folder.chmod(0o711)
    postgres, valkey = PostgresServer(folder / "p"), ValkeyServer(folder / "v")
    try:
        postgres.start()
        valkey.start()
        asyncio.run(migrating.upgrade(postgres.owner_url()))
        with (folder / "serve.log").open("wb") as log:
            process = subprocess.Popen(
                (*SERVE, "--workers", str(workers)),
                env=environment(folder, postgres, valkey),
                stderr=log,
                cwd="/",
            )
        try:
            asyncio.run(until_ready(process))
            at_rest = memory_mb(process.pid)
            for outcome in uvloop.run(measure(seconds, rows, postgres, process.pid)):
                print(json.dumps(asdict(outcome)))
            held = memory_mb(process.pid)
            print(json.dumps({"row": "memory", "rest_mb": round(at_rest), "mb": round(held)}))
        finally:
            process.terminate()
            process.wait(30)
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--rows", default="", help="some of the rows, by commas")
    parser.add_argument("--workers", type=int, default=1, help="processes that serve")
    options = parser.parse_args()
    chosen = [name for name in options.rows.split(",") if name]
    run(options.seconds, chosen, options.workers)
