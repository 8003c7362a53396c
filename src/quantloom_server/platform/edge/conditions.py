"""Conditional requests: reads that cost nothing where nothing changed, writes that lose nothing."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from quantloom_server.platform.errors import PreconditionFailed

_KEPT_OF_304 = ("cache-control", "content-location", "etag", "expires", "vary")


def tag_of(shown: BaseModel) -> str:
    """The `ETag` of a thing, of all that a read of it shows."""
    return _tag(shown.model_dump_json().encode())


class Expected:
    """What the sender believes to be changing; `If-Match` says it, where anything does."""

    def __init__(self, tags: str | None) -> None:
        self._tags = None if tags is None else {tag.strip() for tag in tags.split(",")}

    @property
    def is_said(self) -> bool:
        """Whether the thing has to be looked at before it is changed."""
        return self._tags is not None and "*" not in self._tags

    def refuse_changed(self, shown: BaseModel) -> None:
        """Refuse a change to a thing that is not what was read.

        Args:
            shown: the thing as a read would show it now; read with a lock, or it may change yet.
        Raises:
            PreconditionFailed: somebody has changed it since.
        """
        if self._tags is not None and self.is_said and tag_of(shown) not in self._tags:
            raise PreconditionFailed


async def _expected(
    tags: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=1000,
            description="The `ETag` of what is believed to be changing; 412 where it is another.",
        ),
    ] = None,
) -> Expected:
    return Expected(tags)


IfMatch = Annotated[Expected, Depends(_expected)]


def answer_unchanged(request: Request, response: Response) -> Response:
    """Tag the answer to a read, and leave its body out where the sender has it already."""
    body = getattr(response, "body", None)
    if response.status_code != 200 or not isinstance(body, bytes):
        return response
    tag = _found(response.raw_headers, b"etag")
    if tag is None:
        tag = _tag(body)
        response.raw_headers.append((b"etag", tag.encode()))
    known = _found(request.scope["headers"], b"if-none-match")
    if known is None or not _has(known, tag):
        return response
    kept = {name: response.headers[name] for name in _KEPT_OF_304 if name in response.headers}
    return Response(status_code=304, headers=kept)


def _found(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    return next((value.decode("latin-1") for each, value in headers if each == name), None)


def _tag(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def _has(known: str, tag: str) -> bool:
    return any(each.strip().removeprefix("W/") in {tag, "*"} for each in known.split(","))
