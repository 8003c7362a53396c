"""The whole platform from its settings: own servers or others', migrated, with processes told."""

import asyncio
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from pydantic import SecretStr

from quantloom.kit.clock import SystemClock
from quantloom_server import up
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.reaching.asking import ask_postgres
from quantloom_server.platform.reaching.errors import LoginRefused, NoAnswer
from quantloom_server.platform.shape import SCRIPTS, needed_revision
from quantloom_server.platform.supervision.board import State, Status
from quantloom_server.platform.supervision.console import Console
from quantloom_server.platform.supervision.errors import StartFailed
from quantloom_server.platform.supervision.processes import ProcessSpec
from quantloom_server.settings import Settings

TELL = "import json, os, signal; print(json.dumps({'event': 'told', **os.environ}), flush=True); "


def settings_of(data_dir: Path, **given: object) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir, **given)  # type: ignore[arg-type]


def teller(settings: Settings) -> ProcessSpec:
    argv = (sys.executable, "-I", "-S", "-c", TELL + "signal.pause()")
    return ProcessSpec(name="teller", argv=argv, steady_s=0.2)


async def check(settings: Settings) -> tuple[Sequence[Status], str]:
    out = io.StringIO()
    console = Console(out, clock=SystemClock())
    try:
        found = await up.supervise(settings, console, [teller]).check()
    finally:
        console.close()
    return found, out.getvalue()


async def test_without_addresses_it_starts_servers_of_its_own(made_data_dir: Path) -> None:
    found, told = await check(settings_of(made_data_dir))

    assert {each.name: each.state for each in found} == {
        "postgres": State.READY,
        "valkey": State.READY,
        "teller": State.READY,
    }
    assert "QUANTLOOM_DATABASE_URL=" in told
    assert "://quantloom_app:" in told
    assert "QUANTLOOM_REDIS_URL=" in told
    assert "QUANTLOOM_SECRET_KEY=" in told
    # Requests and jobs end by themselves before the supervisor ends them.
    assert "QUANTLOOM_DRAIN_S=5.0 " in told


async def test_the_database_is_migrated_before_any_process_starts(made_data_dir: Path) -> None:
    settings = settings_of(made_data_dir)
    servers = up.find_servers(settings)
    out = io.StringIO()
    console = Console(out, clock=SystemClock())
    plan = up.make_plan(settings, servers, [], console)
    for server in servers.own:
        server.start()

    await plan.prepare()
    present = (await ask_postgres(servers.owner_url)).revision
    await plan.prepare()
    console.close()
    for server in servers.own:
        server.stop()

    assert present == needed_revision()
    # Nothing was left to do the second time.
    assert out.getvalue().count("migrate ") == 1


def test_the_newest_revision_is_the_one_that_migrations_lead_to() -> None:
    assert needed_revision() == ScriptDirectory(str(SCRIPTS)).get_current_head()


async def test_a_migration_that_fails_stops_the_start(
    made_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; print('no such table'); sys.exit(3)"
    monkeypatch.setattr(up, "QUANTLOOM", (sys.executable, "-I", "-S", "-c", code))

    with pytest.raises(StartFailed, match="migrate ended with 3"):
        await check(settings_of(made_data_dir))


async def test_servers_of_others_are_used_where_they_are_named(
    data_dir: Path, settings: Settings, postgres: PostgresServer
) -> None:
    elsewhere = settings_of(
        data_dir,
        database_url=settings.database_url,
        database_owner_url=SecretStr(postgres.owner_url()),
        redis_url=settings.redis_url,
    )

    found, told = await check(elsewhere)

    assert [(each.name, each.state) for each in found] == [("teller", State.READY)]
    assert str(postgres.socket_dir) in told
    assert not (data_dir / "postgres").exists()


async def test_a_server_elsewhere_that_refuses_us_is_told_at_once(
    data_dir: Path, settings: Settings, postgres: PostgresServer
) -> None:
    wrong = f"postgresql://quantloom_owner:wrong@/quantloom?host={postgres.socket_dir}"
    elsewhere = settings_of(data_dir, database_url=SecretStr(wrong), redis_url=settings.redis_url)

    with pytest.raises(LoginRefused, match="password authentication failed"):
        await asyncio.wait_for(check(elsewhere), timeout=10)


async def test_a_server_elsewhere_that_is_not_there_is_waited_for(
    data_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up, "_ELSEWHERE_S", 0.3)
    nowhere = SecretStr(f"postgresql://a:b@/quantloom?host={data_dir}")
    elsewhere = settings_of(data_dir, database_url=nowhere, redis_url=settings.redis_url)

    with pytest.raises(NoAnswer, match="PostgreSQL"):
        await check(elsewhere)


async def test_production_gets_no_secret_of_our_making(
    data_dir: Path, settings: Settings, postgres: PostgresServer
) -> None:
    elsewhere = settings_of(
        data_dir,
        environment="production",
        database_url=settings.database_url,
        database_owner_url=SecretStr(postgres.owner_url()),
        redis_url=settings.redis_url,
    )

    _, told = await check(elsewhere)

    assert "QUANTLOOM_SECRET_KEY=" not in told
    assert not (data_dir / "secrets" / "service.json").exists()
