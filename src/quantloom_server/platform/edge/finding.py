"""Finding the route of a request at once; to ask each of them costs more than most answers."""

from collections.abc import Iterable, Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

_WORDS = 4  # "/api/v1/jobs/..." begins with "", "api", "v1" and "jobs"


class Finder:
    """Hands a request to its route; whatever fits none goes to the router, which knows why.

    A path without parameters is looked up as it stands. Any other is compared with the routes that
    begin alike, in their order.
    """

    def __init__(self, router: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._router = router
        plain = [route for route in routes if isinstance(route, Route)]
        self._exact = {
            (method, route.path): route
            for route in reversed(plain)
            for method in route.methods or ()
            if "{" not in route.path and _first(plain, method, route.path) is route
        }
        self._beginning: dict[str, list[Route]] = {}
        for route in plain:
            if "{" not in (beginning := _beginning_of(route.path)):
                self._beginning.setdefault(beginning, []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self.find(scope) if scope["type"] == "http" else None
        if found is None:
            await self._router(scope, receive, send)
            return
        route, told = found
        scope.update(told)
        await route.handle(scope, receive, send)

    def find(self, scope: Scope) -> tuple[Route, Scope] | None:
        """The route of a request, and what it tells of it."""
        for route in self._likely(scope["method"], scope["path"]):
            match, told = route.matches(scope)
            if match is Match.FULL:
                return route, told
        return None

    def _likely(self, method: str, path: str) -> Iterable[Route]:
        exact = self._exact.get((method, path))
        if exact is not None:
            return (exact,)
        return self._beginning.get(_beginning_of(path), ())


def find_quickly(app: FastAPI) -> None:
    """Put a finder before the router of an application that has all of its routes."""
    app.router.middleware_stack = Finder(app.router.middleware_stack, app.router.routes)


def _beginning_of(path: str) -> str:
    return "/".join(path.split("/", _WORDS)[:_WORDS])


def _first(routes: Iterable[Route], method: str, path: str) -> Route | None:
    """The route that the router would choose."""
    scope = {"type": "http", "method": method, "path": path, "root_path": ""}
    fits = (route for route in routes if route.matches(scope)[0] is Match.FULL)
    return next(fits, None)
