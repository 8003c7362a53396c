"""Headers that every answer carries, whatever it tells."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DOCS = ("/docs", "/redoc")

_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# The pages of the documentation load what we serve ourselves; what draws them sets styles inline.
_DOCS_POLICY = (
    "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src blob:; "
    "img-src 'self' data:"
)
_ALWAYS = tuple(
    (name.lower().encode(), value.encode())
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Content-Security-Policy": _API_POLICY,
    }.items()
)
_ON_DOCS = (*_ALWAYS[:-1], (b"content-security-policy", _DOCS_POLICY.encode()))
_BY_TLS = ((b"strict-transport-security", b"max-age=63072000; includeSubDomains"),)
_CACHE_CONTROL = b"cache-control"
# Written here whatever the answer says itself; one list, since each header set by name costs a
# search through all of them.
_OURS = frozenset(name for name, _ in (*_ALWAYS, *_BY_TLS)) | {_CACHE_CONTROL}
# What these tell is for nobody's disk; other answers may be kept, and asked about again.
_NEVER_KEPT = ("/api/v1/auth", "/api/v1/users", "/api/v1/keys", "/api/v1/account", "/metrics")
_KEPT_BY_THE_CLIENT = b"private, no-cache"
_NOT_KEPT = b"no-store"


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
        given: list[tuple[bytes, bytes]] = message["headers"]
        is_docs = path.startswith(DOCS) and message["status"] == 200
        is_kept = not path.startswith(self._never_kept) and message["status"] < 400
        said = next((value for name, value in given if name == _CACHE_CONTROL), _KEPT_BY_THE_CLIENT)
        message["headers"] = [
            *(pair for pair in given if pair[0] not in _OURS),
            *(_ON_DOCS if is_docs else _ALWAYS),
            *(_BY_TLS if _came_by_tls(scope) else ()),
            (_CACHE_CONTROL, said if is_kept else _NOT_KEPT),
        ]


def _came_by_tls(scope: Scope) -> bool:
    """Whether the client sees TLS; telling one that does not costs nothing, browsers ignore it."""
    return scope["scheme"] == "https" or (b"x-forwarded-proto", b"https") in scope["headers"]
