"""What every answer carries, of whatever route (SEC15), and what none tells (SEC23)."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from quantloom_server.identity.roles import SHIPPED
from quantloom_server.platform import status
from quantloom_server.platform.database import Database
from tests.server.identity.access.support import operators_of, write_member
from tests.server.operations import all_operations
from tests.server.support import OpenDoor, body_of, client_of

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
}
NEVER_KEPT = ("/api/v1/auth", "/api/v1/users", "/api/v1/keys", "/api/v1/account", "/metrics")
OPERATIONS = all_operations()
PATHS = sorted({one.path_with({}) for one in OPERATIONS})
INSIDE = re.compile(r"Traceback|\.py\b|sqlalchemy|asyncpg|pydantic|0x[0-9a-f]{6}", re.IGNORECASE)


@pytest.fixture
async def clients(
    app: FastAPI, door: OpenDoor, database: Database
) -> AsyncIterator[list[httpx2.AsyncClient]]:
    """A visitor, a viewer who may hardly anything, and an operator; all of them by TLS."""
    operators = await operators_of(database)
    roles = [name for name in ("viewer", "admin") if name in SHIPPED]
    callers = [(await write_member(database, role, operators))[0] for role in roles]
    callers = [replace(caller, session_id=None) for caller in callers]  # they end no session
    headers = [{}, *(door.admit(caller) for caller in callers)]
    made = [client_of(app, {**each, "X-Forwarded-Proto": "https"}) for each in headers]
    yield made
    for client in made:
        await client.aclose()


def faults_of(answer: httpx2.Response) -> list[str]:
    """What is wrong with the headers of an answer, or with what it tells."""
    headers, path = answer.headers, answer.request.url.path
    found = [name for name, value in ALWAYS.items() if headers.get(name) != value]
    if not headers.get("content-security-policy", "").startswith("default-src 'none'"):
        found.append("content-security-policy")
    if not re.fullmatch(r"[0-9a-f]{32}", headers.get("x-request-id", "")):
        found.append("x-request-id")
    is_secret = path.startswith(NEVER_KEPT) or answer.status_code >= 400
    if headers.get("cache-control") != "no-store" and is_secret:
        found.append("cache-control")
    found += [name for name in ("server", "x-powered-by", "x-process-time") if name in headers]
    if answer.status_code >= 400 and answer.content:
        found += _faults_of_problem(answer)
    told = f"{answer.request.method} {path} {answer.status_code}"
    return [f"{told}: {fault}" for fault in found]


def _faults_of_problem(answer: httpx2.Response) -> list[str]:
    if answer.url.path == "/health/ready":
        return []
    kind = answer.headers["content-type"]
    problem = body_of(answer)
    found = [] if kind == "application/problem+json" else [kind]
    if problem["request_id"] != answer.headers["x-request-id"]:
        found.append("request_id")
    return found + INSIDE.findall(answer.text)


async def test_every_answer_of_every_route_keeps_browsers_safe_and_tells_nothing_inside(
    clients: list[httpx2.AsyncClient],
) -> None:
    answers = [await one.call(client, {}) for client in clients for one in OPERATIONS]
    answers += [
        await clients[0].request(method, path)
        for path in [*PATHS, "/", "/nothing", "/api/nothing", "/docs", "/openapi.json", "/redoc"]
        for method in ("OPTIONS", "HEAD", "BREW")
    ]
    answers += [await clients[0].get(f"{path}/") for path in PATHS[:9]]

    assert {answer.status_code for answer in answers} >= {200, 204, 401, 403, 404, 405, 422}
    assert not any(answer.is_redirect for answer in answers)
    assert [fault for answer in answers for fault in faults_of(answer)] == []


async def test_so_does_what_nobody_expected(
    app: FastAPI, clients: list[httpx2.AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("/srv/quantloom/secret.py")

    monkeypatch.setattr(status, "check", fail)
    monkeypatch.setattr(app.state, "checked", None, raising=False)
    with capture_logs() as lines:
        answer = await clients[0].get("/api/v1/status")

    assert "request.failed" in [line["event"] for line in lines]
    assert answer.status_code == 500
    assert faults_of(answer) == []
    assert "ZeroDivision" not in answer.text


async def test_a_slash_at_the_end_is_left_out_and_no_host_is_believed(
    clients: list[httpx2.AsyncClient],
) -> None:
    plain = await clients[2].get("/api/v1/jobs?limit=1")
    with_slash = await clients[2].get("/api/jobs/?limit=1", headers={"Host": "evil.example.com"})

    assert with_slash.status_code == 200
    assert with_slash.json() == plain.json()
    assert "evil" not in str(with_slash.headers)
