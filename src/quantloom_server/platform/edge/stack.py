"""The stack that every request passes, from the outside in."""

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from quantloom_server.platform.edge.catching import Catching
from quantloom_server.platform.edge.headers import SecurityHeaders
from quantloom_server.platform.edge.heads import HeadLimits
from quantloom_server.platform.edge.measuring import Measuring
from quantloom_server.platform.edge.methods import HeadAndOptions
from quantloom_server.platform.edge.request_ids import RequestIds
from quantloom_server.platform.edge.spelling import OldPaths
from quantloom_server.platform.telemetry.metrics import HttpMetrics
from quantloom_server.platform.telemetry.tracing import Tracing
from quantloom_server.settings import Settings

_SENT = ["Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "If-Match"]
_SENT += ["If-None-Match", "X-CSRF-Token", "X-Request-ID"]
_READ = ["Deprecation", "ETag", "Link", "Retry-After", "X-RateLimit-Limit", "X-Request-ID"]
_READ += ["X-RateLimit-Remaining", "X-RateLimit-Reset", "Idempotency-Replayed"]
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def surround(app: FastAPI, settings: Settings, metrics: HttpMetrics) -> None:
    """Put the stack around an application that has not been started yet."""
    layers = [
        Middleware(RequestIds),
        Middleware(Tracing),
        Middleware(Measuring, metrics=metrics),
        Middleware(SecurityHeaders),
        *_cors(settings),
        Middleware(Catching),
        Middleware(HeadLimits),
        Middleware(OldPaths),
        Middleware(HeadAndOptions),
    ]
    app.user_middleware[:] = layers


def _cors(settings: Settings) -> list[Middleware]:
    if not settings.cors_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_credentials=True,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_READ,
            max_age=600,
        )
    ]
