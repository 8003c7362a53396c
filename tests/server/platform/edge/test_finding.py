"""Routes found at once are those that the router would have found."""

import pytest
from fastapi import FastAPI
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from quantloom_server.app import create_app
from quantloom_server.platform.edge.finding import Finder
from quantloom_server.settings import Settings


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError(scope, receive, send)


@pytest.fixture
def routes(settings: Settings) -> list[Route]:
    return [route for route in create_app(settings).routes if isinstance(route, Route)]


def asked(method: str, path: str) -> Scope:
    return {"type": "http", "method": method, "path": path, "root_path": ""}


def test_each_route_is_found_where_the_router_finds_it(routes: list[Route]) -> None:
    finder = Finder(nowhere, routes)
    asking = [
        asked(method, route.path.replace("{", "").replace("}", ""))
        for route in routes
        for method in route.methods or ()
        if route.path.startswith("/api/") or "{" not in route.path
    ]

    for scope in asking:
        slow = next(route for route in routes if route.matches(scope)[0] is Match.FULL)
        quick = finder.find(scope)
        assert quick is not None, scope
        assert (quick[0], quick[1]) == (slow, slow.matches(scope)[1]), scope


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/health"), ("GET", "/api/v1/jobs/"), ("GET", "/api/v1"), ("GET", "/")],
)
def test_what_fits_no_route_is_left_to_the_router(
    routes: list[Route], method: str, path: str
) -> None:
    assert Finder(nowhere, routes).find(asked(method, path)) is None


def test_a_route_with_parameters_that_stands_first_keeps_its_paths() -> None:
    async def answer() -> None: ...

    app = FastAPI(openapi_url=None)
    app.add_api_route("/api/v1/things/{name}", answer)
    app.add_api_route("/api/v1/things/all", answer)
    routes = [route for route in app.routes if isinstance(route, Route)]

    found = Finder(nowhere, routes).find(asked("GET", "/api/v1/things/all"))

    assert found is not None
    assert found[0] is routes[0]
