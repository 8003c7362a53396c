"""The whole platform on one machine: what starts, in which order, and where it finds the rest."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import SystemRandom
from typing import cast

import asyncpg
from pydantic import SecretStr

from quantloom.kit.clock import SystemClock
from quantloom_server.platform.embedded.keys import make_keys, read_keys
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.server import EmbeddedServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.errors import NotConfigured
from quantloom_server.platform.shape import needed_revision
from quantloom_server.platform.supervision.checks import answers_http
from quantloom_server.platform.supervision.console import Console
from quantloom_server.platform.supervision.errors import NoAnswer
from quantloom_server.platform.supervision.notify import Notifier
from quantloom_server.platform.supervision.once import run_once
from quantloom_server.platform.supervision.processes import ProcessSpec
from quantloom_server.platform.supervision.supervisor import Patience, Plan, Supervisor
from quantloom_server.settings import Settings

_ELSEWHERE_S = 30.0
_AGAIN_S = 0.5
_GRACE_S = Patience().processes_stop_s - 1
_ADMIN = """
    SELECT EXISTS (
        SELECT FROM memberships m JOIN workspaces w ON w.id = m.workspace_id AND w.is_operators
        JOIN users u ON u.id = m.user_id AND u.is_active WHERE m.role = 'admin'
    )
"""
_SECRET = "secret_key"  # noqa: S105  its name

QUANTLOOM = (sys.executable, "-m", "quantloom_server.cli")

Command = Callable[[Settings], ProcessSpec]
"""Makes one process of the platform; the environment is added by `make_plan`."""


@dataclass(frozen=True, slots=True)
class Servers:
    """The two servers, each ours or somewhere else."""

    settings: Settings
    postgres: PostgresServer | None
    valkey: ValkeyServer | None

    @property
    def own(self) -> list[EmbeddedServer]:
        return [each for each in (self.postgres, self.valkey) if each is not None]

    @property
    def database_url(self) -> str:
        if self.postgres is not None:
            return self.postgres.app_url()
        return _said(self.settings.database_url)

    @property
    def owner_url(self) -> str:
        if self.postgres is not None:
            return self.postgres.owner_url()
        return _said(self.settings.database_owner_url) or _said(self.settings.database_url)

    @property
    def redis_url(self) -> str:
        return self.valkey.url() if self.valkey is not None else _said(self.settings.redis_url)


def find_servers(settings: Settings) -> Servers:
    """Our own servers where settings name no others."""
    folder = settings.data_dir
    return Servers(
        settings,
        None if settings.database_url else PostgresServer(folder),
        None if settings.redis_url else ValkeyServer(folder),
    )


def equip(settings: Settings) -> Settings:
    """Settings with what `quantloom up` has made for this folder, for commands beside it.

    Raises:
        NotConfigured: no server is named, and none was ever started in this folder.
    """
    servers = find_servers(settings)
    if any(not server.was_made for server in servers.own):
        raise NotConfigured("QUANTLOOM_DATABASE_URL")
    told: dict[str, SecretStr] = {
        "database_url": SecretStr(servers.database_url),
        "database_owner_url": SecretStr(servers.owner_url),
        "redis_url": SecretStr(servers.redis_url),
    }
    if settings.secret_key is None and not settings.is_production:
        told["secret_key"] = SecretStr(_own_secret(settings))
    return settings.model_copy(update=told)


def make_plan(
    settings: Settings, servers: Servers, commands: Sequence[Command], console: Console
) -> Plan:
    """What this machine runs."""

    def processes() -> list[ProcessSpec]:
        environment = _environment(servers)
        made = (command(settings) for command in commands)
        return [replace(spec, env={**environment, **spec.env}) for spec in made]

    return Plan(
        data_dir=settings.data_dir,
        servers=servers.own,
        prepare=partial(_prepare, servers, console),
        processes=processes,
        may_hasten=lambda: all(server.was_made for server in servers.own),
        welcome=partial(_welcome, settings),
    )


def supervise(settings: Settings, console: Console, commands: Sequence[Command]) -> Supervisor:
    """The supervisor of the whole platform; made where its event loop runs."""
    return Supervisor(
        make_plan(settings, find_servers(settings), commands, console),
        console=console,
        clock=SystemClock(),
        rng=SystemRandom(),
        notifier=Notifier.of(os.environ),
    )


def worker(settings: Settings) -> ProcessSpec:  # noqa: ARG001  as every command
    return ProcessSpec(
        name="worker", argv=(*QUANTLOOM, "worker"), announces=True, waits_for_word=True
    )


def beat(settings: Settings) -> ProcessSpec:  # noqa: ARG001  as every command
    return ProcessSpec(name="beat", argv=(*QUANTLOOM, "beat"), announces=True, waits_for_word=True)


def serve(settings: Settings) -> ProcessSpec:
    return ProcessSpec(
        name="serve",
        argv=(*QUANTLOOM, "serve"),
        ready=answers_http(_near(settings.host), settings.port, "/health/ready"),
        # What answers on the port may be somebody else; of several none speaks for all.
        announces=settings.workers == 1,
        waits_for_word=True,
        # Where several serve, each loads it for itself.
        loads="quantloom_server.app" if settings.workers == 1 else "",
    )


COMMANDS: tuple[Command, ...] = (serve, worker, beat)


def _near(host: str) -> str:
    """Where this machine reaches what listens everywhere."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  read, not bound


"""What `quantloom up` runs beside the servers, in the order of the table of `--check`."""


async def _prepare(servers: Servers, console: Console) -> None:
    """Wait for a database that others run, bring it to this release's shape, let an admin in.

    A process of its own migrates, where there is anything to do: what it loads for that is gone
    with it, and a second start does not pay for it.
    """
    await _patiently("PostgreSQL", partial(_ask_postgres, servers.owner_url))
    environment = _environment(servers) | {"QUANTLOOM_DATABASE_OWNER_URL": servers.owner_url}
    if await _revision_of(servers.owner_url) != needed_revision():
        migrate = ProcessSpec(name="migrate", argv=(*QUANTLOOM, "db", "upgrade"), env=environment)
        await run_once(migrate, console)
    if not await _has_admin(servers.owner_url):
        first = ProcessSpec(name="user", argv=(*QUANTLOOM, "user", "first"), env=environment)
        await run_once(first, console)


def _welcome(settings: Settings) -> Sequence[str]:
    """Where everything is."""
    host = _near(settings.host)
    place = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    shown = (f"documentation: {place}/docs",) if settings.shows_docs else ()
    return (f"REST API: {place}/api/v1", *shown, "Ctrl-C stops everything")


async def _has_admin(url: str) -> bool:
    """Whether somebody can administer the platform."""
    line = await asyncpg.connect(url, timeout=5)
    try:
        return bool(await line.fetchval(_ADMIN))
    finally:
        await line.close()


async def _revision_of(url: str) -> str | None:
    """The shape that the database has; None where that cannot be read, which migrating tells."""
    line = await asyncpg.connect(url, timeout=5)
    try:
        if await line.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        return cast("str | None", await line.fetchval("SELECT version_num FROM alembic_version"))
    except asyncpg.PostgresError:
        return None
    finally:
        await line.close()


async def _patiently(name: str, ask: Callable[[], Awaitable[None]]) -> None:
    """Ask a server until it answers; one that refuses us is not asked again."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _ELSEWHERE_S
    while True:
        try:
            await ask()
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError) as error:
            if loop.time() > deadline:
                raise NoAnswer(name, f"{type(error).__name__}: {error}") from error
            await asyncio.sleep(_AGAIN_S)
        except asyncpg.PostgresError as error:
            raise NoAnswer(name, str(error)) from error
        else:
            return


async def _ask_postgres(url: str) -> None:
    line = await asyncpg.connect(url, timeout=5)
    await line.close()


def _environment(servers: Servers) -> dict[str, str]:
    """What the processes are told; they read settings of their own from it."""
    settings = servers.settings
    told = {
        "QUANTLOOM_ENVIRONMENT": str(settings.environment),
        "QUANTLOOM_SERVICE_DIR": str(settings.data_dir),
        "QUANTLOOM_DATABASE_URL": servers.database_url,
        "QUANTLOOM_REDIS_URL": servers.redis_url,
        # Longer, and the supervisor would kill what is still going on.
        "QUANTLOOM_DRAIN_S": str(min(settings.drain_s, _GRACE_S)),
        "QUANTLOOM_WORKER_GRACE_S": str(min(settings.worker_grace_s, _GRACE_S)),
    }
    if settings.secret_key is None and not settings.is_production:
        told["QUANTLOOM_SECRET_KEY"] = _own_secret(settings)
    return told


def _own_secret(settings: Settings) -> str:
    """A secret key for a laptop, made once; production has to be given its own."""
    file = settings.data_dir / "secrets" / "service.json"
    keys = read_keys(file, (_SECRET,)) if file.exists() else make_keys(file, (_SECRET,))
    return keys[_SECRET]


def _said(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
