"""`quantloom audit|db|secrets`, as an operator calls them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from quantloom_server.cli import audit, db, secrets
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.errors import NotConfigured

Run = Callable[..., Result]


@pytest.fixture
def run(
    migrated: PostgresServer, valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    monkeypatch.setenv("QUANTLOOM_DATABASE_URL", migrated.app_url())
    monkeypatch.setenv("QUANTLOOM_DATABASE_OWNER_URL", migrated.owner_url())
    monkeypatch.setenv("QUANTLOOM_REDIS_URL", valkey.url())
    monkeypatch.setenv("QUANTLOOM_SERVICE_DIR", str(tmp_path))
    monkeypatch.setenv("QUANTLOOM_SECRET_KEY", "a key of thirty-two bytes or more, for tests alone")
    return lambda app, *arguments: CliRunner().invoke(app, arguments)


def test_a_database_in_shape_is_told_so(run: Run) -> None:
    told = run(db.app, "check")
    as_json = run(db.app, "check", "--json")

    assert told.exit_code == 0
    assert "as needed" in told.output
    assert json.loads(as_json.output)["is_current"] is True


def test_migrations_can_be_run_again(run: Run) -> None:
    assert run(db.app, "upgrade").exit_code == 0


def test_going_back_asks_first(run: Run) -> None:
    told = run(db.app, "downgrade", "base")

    assert told.exit_code == 1
    assert "deleted" in told.output


def test_the_chain_is_verified(run: Run) -> None:
    told = run(audit.app, "verify", "--json")

    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["holds"] is True


def test_without_a_database_it_says_what_to_set(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUANTLOOM_DATABASE_URL")

    told = run(db.app, "check")

    assert isinstance(told.exception, NotConfigured)


def test_keys_are_turned_over(run: Run) -> None:
    told = run(secrets.app, "rotate", "--json")

    assert told.exit_code == 0, told.output
    assert [each["table"] for each in json.loads(told.output)] == ["second_factors"]
