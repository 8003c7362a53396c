"""Whether a process answers: asked over HTTP, without a library for it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

Check = Callable[[], Awaitable[str]]
"""Asks a process; returns what is wrong, or nothing."""

_LONGEST = 65_536


def answers_http(host: str, port: int, path: str, *, within_s: float = 3.0) -> Check:
    """Make a check that a GET is answered with success."""

    async def check() -> str:
        try:
            async with asyncio.timeout(within_s):
                status = await _get(host, port, path)
        except (OSError, TimeoutError, ValueError) as error:
            return f"GET {path}: {type(error).__name__}"
        return "" if 200 <= status < 300 else f"GET {path}: {status}"

    return check


async def _get(host: str, port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection(host, port, limit=_LONGEST)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii"))
        await writer.drain()
        # `HTTP/1.1 200 OK`
        return int((await reader.readline()).split()[1])
    except IndexError:
        raise ValueError("no status") from None
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
