"""`quantloom user`, as an operator calls it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from quantloom_server.cli import user
from quantloom_server.identity.access.errors import LastAdmin, NoSuchRole
from quantloom_server.identity.errors import NameTaken, NoFactor, NoSuchUser
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from tests.server.identity.support import new_name

Run = Callable[..., Result]


@pytest.fixture
def run(
    migrated: PostgresServer, valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    monkeypatch.setenv("QUANTLOOM_DATABASE_URL", migrated.app_url())
    monkeypatch.setenv("QUANTLOOM_REDIS_URL", valkey.url())
    monkeypatch.setenv("QUANTLOOM_SERVICE_DIR", str(tmp_path))
    monkeypatch.setenv("QUANTLOOM_SECRET_KEY", "a key of thirty-two bytes or more, for tests alone")
    return lambda *arguments: CliRunner().invoke(user.app, arguments)


def role_of(run: Run, name: str) -> str | None:
    listed = json.loads(run("list", "--name", name, "--json").output)
    found: str | None = listed[0]["role"]
    return found


def test_an_account_is_made_listed_raised_and_given_a_password(run: Run) -> None:
    name = new_name()

    made = run("create", name, "--email", f"{name}@example.com", "--json")
    role_before = role_of(run, name)
    run("role", name, "trader")
    given = run("password", name, "--json")

    assert made.exit_code == 0, made.output
    passwords = [json.loads(each.output)["one_time_password"] for each in (made, given)]
    assert passwords[0] != passwords[1]
    assert (role_before, role_of(run, name)) == ("researcher", "trader")
    assert run("unlock", f"{name}@example.com").exit_code == 0
    assert name in run("list", "--name", name).output


def test_a_second_factor_is_taken_away_where_there_is_one(run: Run) -> None:
    name = new_name()
    run("create", name, "--email", f"{name}@example.com")

    refused = run("reset-second-factor", name)

    assert isinstance(refused.exception, NoFactor)


async def test_a_lost_second_factor_is_taken_away_at_the_machine(
    run: Run, migrated: PostgresServer
) -> None:
    name = new_name()
    await asyncio.to_thread(run, "create", name, "--email", f"{name}@example.com")
    connection = await asyncpg.connect(migrated.superuser_url())
    await connection.execute(
        "INSERT INTO second_factors (user_id, secret_sealed, created_at, confirmed_at) "
        "SELECT id, '', now(), now() FROM users WHERE username = $1",
        name,
    )

    done = await asyncio.to_thread(run, "reset-second-factor", name)

    left = await connection.fetchval(
        "SELECT count(*) FROM second_factors f JOIN users u ON u.id = f.user_id "
        "WHERE u.username = $1",
        name,
    )
    mails = await connection.fetchval(
        "SELECT count(*) FROM outbox WHERE payload->>'to' = $1", f"{name}@example.com"
    )
    await connection.close()
    assert done.exit_code == 0, done.output
    assert (left, mails) == (0, 1)


def test_the_first_administrator_is_made_once(run: Run) -> None:
    run("first", "--json")

    assert "already" in run("first").output


def test_the_last_administrator_keeps_the_role(run: Run) -> None:
    run("first")
    listed = json.loads(run("list", "--json").output)
    admins = [each["username"] for each in listed if each["role"] == "admin" and each["is_active"]]

    told = [run("role", name, "viewer") for name in admins]

    assert isinstance(told[-1].exception, LastAdmin)
    assert all(each.exit_code == 0 for each in told[:-1])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("role", "nobody-there", "trader"), NoSuchUser),
        (("unlock", "nobody-there"), NoSuchUser),
        (("create", "eve", "--email", "eve@example.com", "--role", "none"), NoSuchRole),
    ],
)
def test_what_cannot_be_done_says_why(
    run: Run, arguments: tuple[str, ...], error: type[Exception]
) -> None:
    assert isinstance(run(*arguments).exception, error)


def test_a_name_is_taken_once(run: Run) -> None:
    name = new_name()
    run("create", name, "--email", f"{name}@example.com")

    again = run("create", name, "--email", f"other-{name}@example.com")

    assert isinstance(again.exception, NameTaken)
