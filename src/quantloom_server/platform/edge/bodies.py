"""How large and how deep a body may be; weighed as it comes in, whatever it says of itself."""

from starlette.requests import Request
from starlette.types import Message, Receive

from quantloom_server.platform.errors import TooDeep, TooLarge

LARGEST_JSON = 1024 * 1024
DEEPEST_JSON = 64

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


async def read_json_body(request: Request) -> bytes:
    """Read a body that will be parsed as JSON.

    Raises:
        TooLarge: it is longer than JSON may be; told at once, if it says so itself.
        TooDeep: it nests deeper than a parser should follow.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > LARGEST_JSON:
        raise TooLarge("the body", LARGEST_JSON)
    body = await request.body()
    if len(body) > LARGEST_JSON:
        raise TooLarge("the body", LARGEST_JSON)
    if is_deep(body):
        raise TooDeep(DEEPEST_JSON)
    return body


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
