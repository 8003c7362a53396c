"""Asking a process over HTTP whether it is ready."""

import asyncio

import pytest

from quantloom_server.platform.supervision.checks import answers_http


async def ask(answer: bytes, *, within_s: float = 3.0) -> tuple[str, bytes]:
    heard, served = b"", asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = await reader.readuntil(b"\r\n\r\n")
        if answer == b"silence":
            await reader.read()
        else:
            writer.write(answer)
        writer.close()
        await writer.wait_closed()
        served.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        said = await answers_http("127.0.0.1", port, "/health/ready", within_s=within_s)()
        await served.wait()
    return said, heard


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", ""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "GET /health/ready: 503"),
        (b"", "GET /health/ready: ValueError"),
        (b"nonsense here\r\n", "GET /health/ready: ValueError"),
    ],
)
def test_only_success_counts(answer: bytes, said: str) -> None:
    told, heard = asyncio.run(ask(answer))

    assert told == said
    assert heard.startswith(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\n")


def test_silence_is_not_waited_for_long() -> None:
    assert asyncio.run(ask(b"silence", within_s=0.05))[0] == "GET /health/ready: TimeoutError"


def test_nobody_there_is_a_problem() -> None:
    async def asked() -> str:
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        return await answers_http("127.0.0.1", port, "/")()

    assert asyncio.run(asked()) == "GET /: ConnectionRefusedError"
