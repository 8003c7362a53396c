"""Paths that older clients use, served as what they are called now."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OLD, _NEW = "/api/", "/api/v1/"
# As RFC 9745 has it: when the old spelling stopped being the one to use.
_DEPRECATED_SINCE = "@1735689600"
_SAME = {
    "/api/v1/docs": "/docs",
    "/api/v1/redoc": "/redoc",
    "/api/v1/openapi.json": "/openapi.json",
    "/api/v1/health": "/health",
    "/api/v1/health/ready": "/health/ready",
}


class OldPaths:
    """Serves `/api/<rest>` as `/api/v1/<rest>` without a redirect, and says so in the answer.

    A slash at the end of a path is left out.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        is_old = path.startswith(_OLD) and not path.startswith(_NEW)
        if is_old:
            path = _NEW + path[len(_OLD) :]
            _rename(scope, path)
        if path.endswith("/") and path != "/":
            path = path.rstrip("/") or "/"
            _rename(scope, path)
        if path in _SAME:
            _rename(scope, _SAME[path])

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Deprecation"] = _DEPRECATED_SINCE
                # The raw path, as it was sent: a name in it may hold more than ASCII.
                headers.append("Link", f'<{_raw(scope)}>; rel="successor-version"')
            await send(message)

        await self._app(scope, receive, marked if is_old else send)


def _rename(scope: Scope, path: str) -> None:
    # In place: what stands outside measures by the path that was served.
    raw = scope.get("raw_path")
    if isinstance(raw, bytes) and raw.startswith(b"/api/") and path.startswith(_NEW):
        scope["raw_path"] = _NEW.encode() + raw[len(_OLD) :]
    else:
        scope["raw_path"] = path.encode()
    scope["path"] = path


def _raw(scope: Scope) -> str:
    raw: bytes = scope["raw_path"]
    return raw.partition(b"?")[0].decode("ascii", errors="replace").replace(">", "%3E")
