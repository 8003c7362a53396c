"""What the first lines of a request may weigh."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST_TARGET = 8 * 1024
MOST_HEADERS = 100
LARGEST_HEADERS = 32 * 1024


class HeadLimits:
    """Refuses requests with endless addresses or headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            _weigh(scope)
        await self._app(scope, receive, send)


def _weigh(scope: Scope) -> None:
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > LONGEST_TARGET:
        told = f"the address of a request may have {LONGEST_TARGET} bytes"
        raise HTTPException(HTTPStatus.REQUEST_URI_TOO_LONG, told)
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    weight = sum(len(name) + len(value) for name, value in headers)
    if len(headers) > MOST_HEADERS or weight > LARGEST_HEADERS:
        told = f"a request may have {MOST_HEADERS} headers of {LARGEST_HEADERS} bytes together"
        raise HTTPException(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, told)
