"""Headers that every answer carries, whatever it tells."""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DOCS = ("/docs", "/redoc")

_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# The pages of the documentation load what we serve ourselves; what draws them sets styles inline.
_DOCS_POLICY = (
    "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src blob:; "
    "img-src 'self' data:"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_HSTS = "max-age=63072000; includeSubDomains"
# What these tell is for nobody's disk; other answers may be kept, and asked about again.
_NEVER_KEPT = ("/api/v1/auth", "/api/v1/users", "/api/v1/keys", "/api/v1/account", "/metrics")
_KEPT_BY_THE_CLIENT = "private, no-cache"
_NOT_KEPT = "no-store"


class SecurityHeaders:
    """Adds the headers to every answer, those of errors included."""

    def __init__(self, app: ASGIApp, *, never_kept: Sequence[str] = _NEVER_KEPT) -> None:
        self._app = app
        self._never_kept = tuple(never_kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(scope, message)
            await send(message)

        await self._app(scope, receive, secured)

    def _add(self, scope: Scope, message: Message) -> None:
        # `path` may have been rewritten since the request came in, which is what counts here.
        path: str = scope["path"]
        headers = MutableHeaders(scope=message)
        headers.update(_ALWAYS)
        is_docs = path.startswith(DOCS) and message["status"] == 200
        headers["Content-Security-Policy"] = _DOCS_POLICY if is_docs else _API_POLICY
        if _came_by_tls(scope):
            headers["Strict-Transport-Security"] = _HSTS
        if path.startswith(self._never_kept) or message["status"] >= 400:
            headers["Cache-Control"] = _NOT_KEPT
        else:
            headers.setdefault("Cache-Control", _KEPT_BY_THE_CLIENT)


def _came_by_tls(scope: Scope) -> bool:
    """Whether the client sees TLS; telling one that does not costs nothing, browsers ignore it."""
    return scope["scheme"] == "https" or Headers(scope=scope).get("x-forwarded-proto") == "https"
