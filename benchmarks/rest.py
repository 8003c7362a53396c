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
from dataclasses import asdict, dataclass
from pathlib import Path

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
    ("jobs", "/api/v1/jobs"),
    ("instruments", "/api/v1/market/instruments?limit=20"),
)


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


class Line:
    """One kept connection, with one request at a time on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", PORT))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request that is written already; returns status and body."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return int(head[9:12]), await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


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
    return Outcome(row, load, len(took), failed, rate, at(0.5), at(0.95), at(0.99))


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


async def measure(seconds: float, rows: Sequence[str]) -> list[Outcome]:
    token = await sign_in()
    found: list[Outcome] = []
    loads: tuple[Callable[[str, bytes, float], Awaitable[Outcome]], ...] = (closed_loop, open_loop)
    for name, path in ROUTES:
        if not rows or name in rows:
            request = write(path, token="" if name == "health" else token)
            await closed_loop(name, request, 0.5)
            found += [await load(name, request, seconds) for load in loads]
    if not rows or "flood" in rows:
        found.append(await flood(seconds))
    return found


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
            for outcome in asyncio.run(measure(seconds, rows)):
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
