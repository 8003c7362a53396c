"""Every route that takes a body refuses whatever it does not ask for (SEC21)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from quantloom_server.app import ROUTES
from quantloom_server.platform.database import Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.routing import GuardedRoute
from quantloom_server.platform.rows import Row
from tests.server.identity.access.support import operators_of, write_member
from tests.server.identity.support import dump_of
from tests.server.operations import Operation, all_operations
from tests.server.support import SignIn, body_of

WITH_BODY = [one for one in all_operations() if one.fields is not None]
COLUMNS = {column.name for table in Row.metadata.tables.values() for column in table.columns}
MONEY = {"balance", "equity", "is_admin", "permissions", "role", "scopes", "__class__"}
# Other names of fields that are asked for: who signs in may say so by an e-mail address.
ALSO = {"/api/v1/auth/login": {"email"}}
# An answer names no more faults than fifty.
AT_ONCE = 40


@pytest.fixture
async def admin(database: Database, sign_in: SignIn) -> httpx2.AsyncClient:
    caller, _ = await write_member(database, "admin", await operators_of(database))
    return await sign_in(replace(caller, unlocked_until=datetime(2099, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
async def test_a_field_that_is_not_asked_for_is_refused(
    admin: httpx2.AsyncClient, operation: Operation
) -> None:
    asked = (operation.fields or set()) | ALSO.get(operation.path, set())
    unknown = sorted((COLUMNS | MONEY) - asked)
    refused: set[str] = set()

    for start in range(0, len(unknown), AT_ONCE):
        some = unknown[start : start + AT_ONCE]
        body = {**(operation.example or {}), **dict.fromkeys(some, "x")}
        answer = await operation.call(admin, {}, body)
        assert answer.status_code == 422
        told = body_of(answer)["errors"]
        refused |= {each["field"] for each in told if each["code"] == "extra_forbidden"}

    assert {f"body.{name}" for name in unknown} - refused == set()


async def test_what_is_refused_changes_nothing(
    admin: httpx2.AsyncClient, migrated: PostgresServer
) -> None:
    before = await dump_of(migrated)

    statuses = set()
    for operation in WITH_BODY:
        for name in ("role", "user_id", "is_admin", "permissions", "balance"):
            if name not in (operation.fields or set()):
                body = {**(operation.example or {}), name: "admin"}
                statuses.add((await operation.call(admin, {}, body)).status_code)

    assert statuses == {422}
    assert await dump_of(migrated) == before


def test_many_routes_take_a_body() -> None:
    assert len(WITH_BODY) > 20
    assert {"user_id", "workspace_id", "password_hash", "session_version"} <= COLUMNS


def taken_in() -> dict[str, TypeAdapter[Any]]:
    """What each route reads its body as."""
    return {
        str(route.operation_id): _adapter(route.body_field.field_info.annotation)
        for routes in ROUTES
        for route in routes.router.routes
        if isinstance(route, GuardedRoute) and route.body_field is not None
    }


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


BODIES = taken_in()
FIELDS = st.dictionaries(st.text(min_size=1, max_size=20), st.integers(), min_size=1, max_size=3)


@given(st.sampled_from(sorted(BODIES)), FIELDS)
def test_no_name_at_all_slips_into_a_body(operation: str, fields: dict[str, int]) -> None:
    # No field of ours is one to three random characters of all there are, and an integer besides.
    with pytest.raises(ValidationError):
        BODIES[operation].validate_python(fields)


def test_every_body_is_read_by_a_type_of_ours() -> None:
    assert len(BODIES) == len(WITH_BODY)
