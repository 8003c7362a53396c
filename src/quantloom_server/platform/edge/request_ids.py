"""An id for each request, the client's own where it sends a sound one."""

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from quantloom.kit.clock import SystemClock
from quantloom.kit.ids import IdMaker

HEADER = "X-Request-ID"
_NAME = HEADER.lower().encode()
_SOUND = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIds:
    """Names each request: in its state, in every log line, and in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ids = IdMaker(SystemClock())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _SOUND.fullmatch(given) else self._ids.new().hex
        scope.setdefault("state", {})["request_id"] = request_id
        tokens = bind_contextvars(request_id=request_id)

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (_NAME, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, named)
        finally:
            reset_contextvars(**tokens)
