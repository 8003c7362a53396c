"""Conditional requests: reads that cost nothing where nothing changed, writes that lose nothing."""

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from quantloom_server.platform.errors import PreconditionFailed

_KEPT_OF_304 = ("cache-control", "content-location", "etag", "expires", "vary")


def tag_of(updated_at: datetime) -> str:
    """The `ETag` of a row, by when it last changed."""
    return f'"{int(updated_at.timestamp() * 1_000_000):x}"'


class Expected:
    """What the sender believes to be changing; `If-Match` says it, where anything does."""

    def __init__(self, tags: str | None) -> None:
        self._tags = None if tags is None else {tag.strip() for tag in tags.split(",")}

    def refuse_changed(self, updated_at: datetime) -> None:
        """Refuse a change to a row that is not the one that was read.

        Raises:
            PreconditionFailed: somebody has changed it since.
        """
        if self._tags is None or "*" in self._tags:
            return
        if tag_of(updated_at) not in self._tags:
            raise PreconditionFailed


async def _expected(request: Request) -> Expected:
    return Expected(request.headers.get("if-match"))


IfMatch = Annotated[Expected, Depends(_expected)]


def answer_unchanged(request: Request, response: Response) -> Response:
    """Tag the answer to a read, and leave its body out where the sender has it already."""
    body = getattr(response, "body", None)
    if response.status_code != 200 or not isinstance(body, bytes):
        return response
    tag = response.headers.get("etag")
    if tag is None:
        tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        response.headers["ETag"] = tag
    known = request.headers.get("if-none-match")
    if known is None or not _has(known, tag):
        return response
    kept = {name: response.headers[name] for name in _KEPT_OF_304 if name in response.headers}
    return Response(status_code=304, headers=kept)


def _has(known: str, tag: str) -> bool:
    return any(each.strip().removeprefix("W/") in {tag, "*"} for each in known.split(","))
