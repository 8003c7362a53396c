"""Traces, made only where an operator names a place to send them to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from quantloom_server.settings import Settings

if TYPE_CHECKING:
    from quantloom_server.platform.telemetry.spans import Spans


class Tracing:
    """A span for each request, within the trace that its `traceparent` names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        spans: Spans | None = getattr(scope["app"].state, "spans", None)
        if spans is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        async with spans.around(scope["method"], Headers(scope=scope)) as span:
            tokens = bind_contextvars(trace_id=f"{span.get_span_context().trace_id:032x}")

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.update_name(f"{scope['method']} {_route(scope)}")
                    span.set_attributes(_facts(scope, message["status"]))
                    if message["status"] >= 500:
                        spans.note_failure(span)
                await send(message)

            try:
                await self._app(scope, receive, noting)
            finally:
                reset_contextvars(**tokens)


@asynccontextmanager
async def open_tracing(settings: Settings, *, process: str) -> AsyncIterator["Spans | None"]:
    """Make spans as settings ask for; None where no traces are wanted."""
    if settings.otlp_endpoint is None:
        yield None
        return
    # Late: they cost 15 MB.
    from quantloom_server.platform.telemetry.otlp import OtlpExporter  # noqa: PLC0415
    from quantloom_server.platform.telemetry.spans import Spans  # noqa: PLC0415

    headers = settings.otlp_headers.get_secret_value() if settings.otlp_headers else ""
    exporter = OtlpExporter(settings.otlp_endpoint, headers=headers)
    spans = Spans(exporter, process=process, ratio=settings.trace_ratio)
    try:
        yield spans
    finally:
        await asyncio.to_thread(spans.close)


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _facts(scope: Scope, status: int) -> Mapping[str, str | int]:
    return {
        "http.request.method": scope["method"],
        "http.response.status_code": status,
        "http.route": _route(scope),
        "url.scheme": scope["scheme"],
        "quantloom.request_id": scope["state"]["request_id"],
    }
