"""`quantloom serve` in production, spoken to by whoever has bad manners (SEC12, SEC14, SEC15)."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from tests.server.cli.served import environment_of, serving

LOGIN = "/api/v1/auth/login"
MB = 1024 * 1024
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k9-Vw2_pQz7Lr4Tn8Xc1Bm6Yd3Hs5Jf0a",
    "PUBLIC_URL": "https://quant.example.com",
    "RATE_AUTH": "100000/minute",
    "RATE_ADDRESS": "100000/minute",
}


@dataclass(frozen=True, slots=True)
class Served:
    """The process, and what it has written."""

    pid: int
    client: httpx2.AsyncClient
    console: Path
    logs: Path

    def said(self) -> str:
        files = [self.console, *self.logs.glob("*.log")]
        return "".join(file.read_text(encoding="utf-8") for file in files)

    def peak_mb(self) -> float:
        told = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", told)
        assert found is not None
        return int(found[1]) / 1024

    async def speak(self, *parts: bytes) -> bytes:
        """Say something on a connection of its own; what is answered until nothing more comes."""
        url = self.client.base_url
        reader, writer = await asyncio.open_connection(url.host, url.port)
        # Read from the first moment on: what was answered is lost once the other side has shut.
        answering = asyncio.create_task(_read_answer(reader))
        with suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
        answer = await answering
        writer.close()
        return answer


async def _read_answer(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    with suppress(TimeoutError, ConnectionError):
        while piece := await asyncio.wait_for(reader.read(65536), 5):
            answer += piece
            if b"\r\n\r\n" in answer and b"connection: close" not in answer.lower():
                break
    return answer


@pytest.fixture
async def served(
    migrated: PostgresServer, valkey: ValkeyServer, tmp_path: Path
) -> AsyncIterator[Served]:
    console = tmp_path / "console"
    environment = environment_of(migrated, valkey, tmp_path, **PRODUCTION)
    with console.open("wb") as told:
        async with serving(environment, told=told) as (process, client):
            yield Served(process.pid, client, console, tmp_path / "logs")


def head(path: str = LOGIN, **headers: str) -> bytes:
    named = {"Host": "test", "Content-Type": "application/json", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in named.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode()


def chunks(piece: bytes, count: int) -> Iterable[bytes]:
    return (b"%x\r\n%b\r\n" % (len(piece), piece) for _ in range(count))


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def keys(count: int) -> bytes:
    return b"{" + b",".join(b'"%d":1' % number for number in range(count)) + b"}"


BODIES = [
    (nested(100_000), 422),
    (b"[" * 1_000_000, 422),
    (keys(1_000_000), 413),
    (keys(90_000), 413),
    (b"[" + b"0," * 400_000 + b"0]", 413),
    (b'{"username": "' + b"x" * 2 * MB + b'"}', 413),
    (b'{"username": "a", "password": "' + b"x" * (MB - 100) + b'"}', 422),
    (b'{"username": NaN}', 422),
    (b'{"username": "\\ud800", "password": "x"}', 422),
    (b"\xff\xfe{}", 422),
    (b'{"username": ' + b"9" * 100_000 + b"}", 422),
]
LIES = [
    ((head(Content_Length="9" * 12),), 413),
    ((head(Content_Length="10"), b"x" * MB), 400),
    ((head(Transfer_Encoding="chunked"), *chunks(b" " * 65536, 1000)), 413),
    ((head(Content_Length="5", Transfer_Encoding="chunked"), b"hello"), 400),
    ((head("/" + "x" * 9000),), 414),
    ((b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",), 431),
    ((b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",), 431),
    ((b"\x16\x03\x01 no HTTP at all\r\n\r\n",), 400),
]

ENDLESS = [
    (head("/" + "x" * 20 * MB),),
    (b"GET / HTTP/1.1\r\nX: ", *[b"x" * MB] * 30),
    (b"GET / HTTP/1.1\r\n", *[b"X: y\r\n" * 10_000] * 20),
    (head(Transfer_Encoding="chunked"), *chunks(b"1", 10), b"0\r\n", b"X: " + b"y" * 30 * MB),
]


async def refuse_whatever_is_sent(served: Served) -> None:
    await served.client.post(LOGIN, json={"username": "nobody", "password": "x"})
    before = served.peak_mb()

    for body, status in BODIES:
        answer = await served.client.post(
            LOGIN, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == status, (body[:40], answer.text)
    for parts, status in LIES:
        said = await served.speak(*parts)
        assert said.startswith(b"HTTP/1.1 %d " % status), (parts[0][:60], said[:200])

    for parts in ENDLESS:
        # The answer may be lost with a connection that is shut while more comes.
        said = await served.speak(*parts)
        assert said == b"" or said.startswith(b"HTTP/1.1 431 ")

    assert (await served.client.get("/health")).status_code == 200
    assert served.peak_mb() - before < 20


async def show_no_documents(served: Served) -> None:
    answers = {path: await served.client.get(path) for path in ("/docs", "/openapi.json", "/redoc")}

    assert {answer.status_code for answer in answers.values()} == {404}
    assert not any("server" in answer.headers for answer in answers.values())


async def write_no_token_down(served: Served) -> None:
    canary = "Zx9canary51f0"
    secret = {
        "Authorization": f"Bearer {canary}",
        "Cookie": f"ql_refresh={canary}",
        "X-API-Key": f"ql_live_{canary}",
        "User-Agent": f"{canary}\tagent",
    }

    for path in ("/api/v1/auth/me", f"/api/v1/keys?token={canary}", f"/nothing?password={canary}"):
        await served.client.get(path, headers=secret)
    await served.client.post(LOGIN, json={"username": canary, "password": canary})
    await served.speak(
        b"GET /%b HTTP/9.9\r\nAuthorization: Bearer %b\r\n\r\n" % (b"x", canary.encode())
    )

    said = served.said()
    assert said.count("request.done") > 4
    assert canary not in said


async def test_a_process_in_production_minds_its_memory_and_its_tongue(served: Served) -> None:
    # One test, for the process is dear to start.
    await refuse_whatever_is_sent(served)
    await show_no_documents(served)
    await write_no_token_down(served)
