"""Connections that send their head or their body as slowly as they like."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from quantloom_server.platform.edge import bodies, wire
from tests.server.listening import listening
from tests.server.support import body_of

LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with listening(app) as address:
        yield address


async def say(address: str, *parts: bytes) -> bytes:
    """Say something and wait until the other side shuts; what it has answered."""
    url = httpx2.URL(address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /health HT",
        b"GET /health HTTP/1.1\r\nHost: te",
        b"GET /health HTTP/1.1\r\nHost: test\r\n\r\nGET /hea",
    ],
)
async def test_a_head_that_does_not_come_ends_the_connection(
    address: str, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_HEAD_WITHIN_S", 0.1)

    answer = await say(address, said)

    assert answer.count(b"HTTP/1.1 200 ") == said.count(b"\r\n\r\n")


async def test_a_body_that_does_not_come_is_given_up(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_WITHIN_S", 0.1)

    answer = await say(address, LOGIN + b"Content-Length: 100\r\n\r\n", b'{"username"')

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"limits.too_slow" in answer


async def test_whoever_sends_one_request_after_another_is_answered(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_HEAD_WITHIN_S", 1.0)

    async with httpx2.AsyncClient(base_url=address) as client:
        first = await client.post("/api/v1/auth/login", json={})
        await asyncio.sleep(1.2)  # longer than a head may take: nothing has begun meanwhile
        second = await client.post("/api/v1/auth/login", json={"username": "x" * 300_000})

    assert (first.status_code, second.status_code) == (422, 422)
    assert body_of(second)["code"] == "request.invalid"


async def test_a_request_in_many_pieces_is_read(address: str) -> None:
    request = b"GET /health HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"

    answer = await say(address, *(request[at : at + 1] for at in range(len(request))))

    assert answer.startswith(b"HTTP/1.1 200 ")
