"""`HEAD` and `OPTIONS`, for every path that has a route."""

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAndOptions:
    """Answers `HEAD` like `GET` without the body, and `OPTIONS` by the methods there are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope.get("method") if scope["type"] == "http" else None
        if method == "HEAD":
            await self._head(scope, receive, send)
        elif method == "OPTIONS" and (allowed := _methods_of(scope)):
            answer = Response(status_code=204, headers={"Allow": ", ".join(sorted(allowed))})
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, _naming_all(scope, send))

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["method"] = "GET"

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, _naming_all(scope, without_body))
        finally:
            scope["method"] = "HEAD"


def _naming_all(scope: Scope, send: Send) -> Send:
    """Have a 405 name the methods of every route with that path, not of the first alone."""

    async def naming(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 405:
            MutableHeaders(scope=message)["Allow"] = ", ".join(sorted(_methods_of(scope)))
        await send(message)

    return naming


def _methods_of(scope: Scope) -> set[str]:
    routes: Iterable[BaseRoute] = scope["app"].routes
    found: set[str] = set()
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    if "GET" in found:
        found.add("HEAD")
    return found | {"OPTIONS"} if found else found
