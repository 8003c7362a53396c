"""How large and how deep a body may be; weighed as it comes in, whatever it says of itself."""

import asyncio
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import Message, Receive

from quantloom_server.platform.errors import TooDeep, TooLarge, TooSlow

LARGEST_JSON = 1024 * 1024
DEEPEST_JSON = 64
MOST_VALUES = 20_000
_WITHIN_S = 30.0

_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def weighed(receive: Receive, limit: int) -> Receive:
    """Have a body refused as soon as more of it has come than it may have.

    Raises:
        TooLarge: by what is returned, when the body is read.
    """
    so_far = 0

    async def weighing() -> Message:
        nonlocal so_far
        message = await receive()
        so_far += len(message.get("body", b""))
        if so_far > limit:
            raise TooLarge("the body", limit)
        return message

    return weighing


class JsonRequest(Request):
    """A request whose body is read as JSON of RFC 8259: no NaN, no half of a surrogate pair."""

    async def json(self) -> Any:
        return orjson.loads(await self.body())


async def read_json_body(request: Request) -> bytes:
    """Read a body that will be parsed as JSON.

    Raises:
        TooLarge: it is longer than JSON may be, which is told at once if it says so itself; or it
            holds more values than anything here.
        TooDeep: it nests deeper than a parser should follow.
        TooSlow: it does not come.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > LARGEST_JSON:
        raise TooLarge("the body", LARGEST_JSON)
    try:
        async with asyncio.timeout(_WITHIN_S):
            body = await request.body()
    except TimeoutError as error:
        raise TooSlow(_WITHIN_S) from error
    if len(body) > LARGEST_JSON:
        raise TooLarge("the body", LARGEST_JSON)
    if has_many(body):
        raise TooLarge("the number of values", MOST_VALUES)
    if is_deep(body):
        raise TooDeep(DEEPEST_JSON)
    return body


def has_many(body: bytes) -> bool:
    """Whether lists and objects hold more values than a request should be asked about."""
    # Each value takes a multiple of its bytes once it is parsed, and again where it is refused.
    if body.count(b",") < MOST_VALUES:
        return False
    return _without_texts(body).count(b",") >= MOST_VALUES


def is_deep(body: bytes) -> bool:
    """Whether arrays and objects nest deeper than they may."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST_JSON:
        return False
    left = _without_texts(body).translate(_BRACKETS, _NOT_BRACKETS)
    # Each round takes the innermost pairs away, so what lasts longer than the rounds is deeper.
    for _ in range(DEEPEST_JSON):
        shorter = left.replace(b"[]", b"")
        if len(shorter) == len(left):
            break
        left = shorter
    return left.count(b"[") > 0 and (b"[]" in left or left.count(b"[") > DEEPEST_JSON)


def _without_texts(body: bytes) -> bytes:
    """JSON without what stands between quotes; brackets in a text open nothing."""
    parts = body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    return b"".join(parts[::2])
