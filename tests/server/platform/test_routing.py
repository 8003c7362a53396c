import pytest
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel

from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.problems import tell_errors
from quantloom_server.platform.routing import NEEDS, PUBLIC, Routes, caller_of
from tests.server.support import MakeCaller, OpenDoor, body_of, client_of


class Said(BaseModel):
    word: str


@pytest.fixture
def guarded(app: FastAPI) -> FastAPI:
    routes = Routes("/t", tag="T")

    @routes.get("/anyone", needs=PUBLIC)
    async def anyone() -> str:
        return "in"

    @routes.post("/audit", needs=Permission.AUDIT_READ)
    async def audit(said: Said, request: Request) -> str:
        caller = caller_of(request)
        assert caller is not None
        return f"{said.word} {caller.user_id}"

    small = FastAPI()
    small.state.parts = app.state.parts
    tell_errors(small)
    small.include_router(routes.router)
    return small


async def test_a_public_route_asks_nobody(guarded: FastAPI) -> None:
    async with client_of(guarded) as client:
        answer = await client.get("/t/anyone", headers={"Authorization": "Bearer stale"})

    assert answer.json() == "in"


async def test_nobody_comes_in_unknown_not_even_to_hear_that_the_body_is_wrong(
    guarded: FastAPI,
) -> None:
    async with client_of(guarded) as client:
        answer = await client.post("/t/audit", content=b"{")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body_of(answer)["code"] == "auth.unauthenticated"


async def test_the_permission_that_a_route_names_lets_in(
    guarded: FastAPI, door: OpenDoor, make_caller: MakeCaller
) -> None:
    auditor = await make_caller(Permission.AUDIT_READ)
    other = await make_caller(Permission.USERS_READ)

    async with client_of(guarded) as client:
        seen = await client.post("/t/audit", json={"word": "a"}, headers=door.admit(auditor))
        shut = await client.post("/t/audit", json={"word": "a"}, headers=door.admit(other))

    assert seen.json() == f"a {auditor.user_id}"
    assert shut.status_code == 403
    assert "audit:read" in body_of(shut)["detail"]


async def test_wrong_fields_are_named_and_never_repeated(
    guarded: FastAPI, door: OpenDoor, make_caller: MakeCaller
) -> None:
    auditor = await make_caller(Permission.AUDIT_READ)

    async with client_of(guarded) as client:
        answer = await client.post(
            "/t/audit", json={"word": {"secret": "hunter2"}}, headers=door.admit(auditor)
        )

    assert answer.status_code == 422
    assert body_of(answer)["errors"][0]["field"] == "body.word"
    assert "hunter2" not in answer.text


async def test_every_route_of_the_service_says_what_it_needs(app: FastAPI) -> None:
    silent = [
        route.path
        for route in app.routes
        if isinstance(route, APIRoute) and NEEDS not in (route.openapi_extra or {})
    ]

    assert silent == []
