"""Who may call which route: all of them, by every role that comes with the platform (SEC8).

Two tables here are meant to be read: what is open to everybody, and which role holds which
permission. A new public route and a new permission each need a line in one of them.
"""

import re

import httpx2
import pytest
from fastapi import FastAPI

from quantloom_server.identity.roles import SHIPPED
from quantloom_server.platform.database import Database
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.routing import PUBLIC, GuardedRoute
from tests.server.identity.access.support import operators_of, write_member
from tests.server.operations import Operation, all_operations
from tests.server.support import SignIn, body_of, client_of

OPEN_TO_ALL = {
    "GET /api/v1/status",
    "GET /health",
    "GET /health/ready",
    "GET /metrics",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/reset-password",
    "POST /api/v1/auth/reset-password/confirm",
    "POST /api/v1/auth/verify-email",
    "POST /api/v1/auth/verify-email/confirm",
}

HOLDERS = {
    "profile": "admin trader researcher risk viewer",
    "users:read": "admin",
    "users:write": "admin",
    "roles:read": "admin trader researcher risk viewer",
    "roles:write": "admin",
    "keys": "admin trader researcher",
    "workspaces:read": "admin trader researcher risk viewer",
    "workspaces:write": "admin",
    "members:write": "admin",
    "approvals:read": "admin trader risk",
    "approvals:decide": "admin risk",
    "audit:read": "admin risk",
    "system:read": "admin",
    "jobs:read": "admin trader researcher risk viewer",
    "jobs:write": "admin trader researcher",
    "schedules:read": "admin trader researcher",
    "schedules:write": "admin trader researcher",
    "market:read": "admin trader researcher risk viewer",
    "strategies:read": "admin trader researcher risk viewer",
    "strategies:write": "admin trader researcher",
    "strategies:publish": "admin trader researcher",
}

# What counts against another limit than the general one; what is open to all and stands here not
# is not counted at all: it asks for nothing, or refuses everybody but who measures.
PACES = {
    "GET /api/v1/status": "address",
    "POST /api/v1/account/delete": "auth",
    "POST /api/v1/auth/change-email": "auth",
    "POST /api/v1/auth/change-email/confirm": "auth",
    "POST /api/v1/auth/change-password": "auth",
    "POST /api/v1/auth/login": "auth",
    "POST /api/v1/auth/recovery-codes": "auth",
    "POST /api/v1/auth/refresh": "auth",
    "POST /api/v1/auth/register": "auth",
    "POST /api/v1/auth/reset-password": "auth",
    "POST /api/v1/auth/reset-password/confirm": "auth",
    "POST /api/v1/auth/totp": "auth",
    "POST /api/v1/auth/totp/confirm": "auth",
    "POST /api/v1/auth/totp/disable": "auth",
    "POST /api/v1/auth/unlock": "auth",
    "POST /api/v1/auth/verify-email": "auth",
    "POST /api/v1/auth/verify-email/confirm": "auth",
    "POST /api/v1/jobs/{job_id}/retry": "backtest",
    "POST /api/v1/keys": "auth",
    "POST /api/v1/users": "auth",
    "POST /api/v1/users/{user_id}/password": "auth",
    "PUT /api/v1/auth/trading-password": "auth",
}

# What gives power away: it asks for the trading password and a code, in the same session.
GRAVE = {
    "POST /api/v1/keys",
    "POST /api/v1/users/{user_id}/reset-second-factor",
}

OPERATIONS = all_operations()


# They show the document, which tells what there is and nothing of anybody.
DOCS = {"/docs", "/docs/assets/{name}", "/openapi.json", "/redoc"}


def test_every_route_came_in_by_the_guard(app: FastAPI) -> None:
    served = [route for route in app.routes if isinstance(route, GuardedRoute)]
    others = {getattr(route, "path", repr(route)) for route in app.routes if route not in served}

    assert others == DOCS
    assert {operation.path for operation in OPERATIONS} == {_plain(each.path) for each in served}


def _plain(path: str) -> str:
    """A path as the document has it, without what its parameters are converted by."""
    return re.sub(r":\w+}", "}", path)


def test_what_counts_against_a_limit_of_its_own_is_listed() -> None:
    assert {str(one): one.told["x-pace"] for one in OPERATIONS if "x-pace" in one.told} == PACES


def test_whatever_is_open_to_all_and_writes_is_counted() -> None:
    open_writes = {each for each in OPEN_TO_ALL if not each.startswith("GET ")}

    assert open_writes <= PACES.keys()


def test_whatever_takes_a_password_is_counted_as_that() -> None:
    secrets = {"password", "current_password", "new_password", "trading_password", "code", "token"}
    # The code of a strategy is no secret of anybody's.
    others = [one for one in OPERATIONS if "Strategies" not in one.told["tags"]]
    asking = {str(one) for one in others if (one.fields or set()) & secrets}

    assert len(asking) > 10
    assert asking <= {each for each, pace in PACES.items() if pace == "auth"}


def test_what_is_open_to_everybody_is_listed() -> None:
    assert {str(one) for one in OPERATIONS if one.needs == PUBLIC.value} == OPEN_TO_ALL


def test_every_permission_says_which_roles_hold_it() -> None:
    held = {
        permission.value: {role for role, granted in SHIPPED.items() if permission in granted}
        for permission in Permission
    }

    assert held == {permission: set(roles.split()) for permission, roles in HOLDERS.items()}


async def test_nobody_unknown_gets_past_a_guarded_route(app: FastAPI) -> None:
    guarded = [one for one in OPERATIONS if one.needs != PUBLIC.value]

    async with client_of(app) as visitor:
        answers = {str(one): (await one.call(visitor, {})).status_code for one in guarded}

    assert len(answers) > 40
    assert {each for each in answers.items() if each[1] != 401} == set()


async def test_what_is_grave_asks_for_an_unlock(database: Database, sign_in: SignIn) -> None:
    caller, _ = await write_member(database, "admin", await operators_of(database))
    client = await sign_in(caller)
    grave = [one for one in OPERATIONS if one.told.get("x-step-up")]

    answers = [await one.call(client, {}, one.example) for one in grave]

    assert {str(one) for one in grave} == GRAVE
    assert {body_of(each)["code"] for each in answers} == {"auth.step_up_required"}


@pytest.mark.parametrize("role", list(SHIPPED))
async def test_a_role_is_let_in_where_the_table_says(
    database: Database, sign_in: SignIn, role: str
) -> None:
    guarded = [one for one in OPERATIONS if one.needs != PUBLIC.value]
    caller, _ = await write_member(database, role, await operators_of(database))
    client = await sign_in(caller)

    refused = {str(one) for one in guarded if await _is_refused(one, client)}

    expected = {str(one) for one in guarded if role not in HOLDERS[one.needs].split()}
    assert refused == expected
    assert role == "admin" or expected


async def _is_refused(operation: Operation, client: httpx2.AsyncClient) -> bool:
    answer = await operation.call(client, {})
    assert answer.status_code < 500, f"{operation}: {answer.text}"
    is_problem = answer.headers.get("content-type", "").startswith("application/problem")
    return is_problem and answer.json()["code"] == "auth.not_permitted"
