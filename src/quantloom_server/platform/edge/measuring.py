"""How long each request took and how it ended: as metrics, and as a line of the log."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantloom_server.platform.telemetry.metrics import HttpMetrics

log = structlog.get_logger("app")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
# Asked every few seconds by whoever watches; a line for each would hide the others.
_UNTOLD = frozenset({"/health", "/health/ready", "/metrics"})


class Measuring:
    """Counts and times every request by the template of its route, never by its path."""

    def __init__(self, app: ASGIApp, *, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.begin()
        try:
            await self._app(scope, receive, noting)
        finally:
            self._end(scope, status, time.perf_counter() - began)

    def _end(self, scope: Scope, status: int, took_s: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = str(getattr(scope.get("route"), "path", UNMATCHED))
        self._metrics.end(method, route, status, took_s)
        if route not in _UNTOLD:
            # Without the query: it may hold what is nobody's business.
            log.info(
                "request.done",
                method=method,
                path=scope["path"],
                route=route,
                status=status,
                took_ms=round(took_s * 1000, 3),
            )
