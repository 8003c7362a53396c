"""The whole platform on one machine: what starts, in which order, and where it finds the rest."""

import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import SystemRandom

from pydantic import SecretStr

from quantloom.kit.clock import SystemClock
from quantloom_server.platform.embedded.keys import make_keys, read_keys
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.server import EmbeddedServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.errors import NotConfigured
from quantloom_server.platform.reaching.asking import (
    Answer,
    ask_postgres,
    ask_to_serve,
    ask_valkey,
    patiently,
)
from quantloom_server.platform.shape import needed_revision
from quantloom_server.platform.supervision.checks import answers_http
from quantloom_server.platform.supervision.console import Console
from quantloom_server.platform.supervision.notify import Notifier, Pulse
from quantloom_server.platform.supervision.once import run_once
from quantloom_server.platform.supervision.processes import ProcessSpec
from quantloom_server.platform.supervision.supervisor import Patience, Plan, Supervisor
from quantloom_server.settings import Settings

_ELSEWHERE_S = 30.0
_GRACE_S = Patience().processes_stop_s - 1
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
        welcome=partial(_welcome, servers, console),
    )


def supervise(settings: Settings, console: Console, commands: Sequence[Command]) -> Supervisor:
    """The supervisor of the whole platform; made where its event loop runs."""
    return Supervisor(
        make_plan(settings, find_servers(settings), commands, console),
        console=console,
        clock=SystemClock(),
        rng=SystemRandom(),
        notifier=Notifier.of(os.environ),
        pulse=Pulse.of(os.environ),
    )


def worker(settings: Settings) -> ProcessSpec:
    return ProcessSpec(
        name="worker",
        argv=(*QUANTLOOM, "worker"),
        announces=True,
        hangs_after_s=settings.hang_s,
        waits_for_word=True,
    )


def beat(settings: Settings) -> ProcessSpec:
    return ProcessSpec(
        name="beat",
        argv=(*QUANTLOOM, "beat"),
        announces=True,
        hangs_after_s=settings.hang_s,
        waits_for_word=True,
    )


def serve(settings: Settings) -> ProcessSpec:
    return ProcessSpec(
        name="serve",
        argv=(*QUANTLOOM, "serve"),
        ready=answers_http(_near(settings.host), settings.port, "/health/ready"),
        # What answers on the port may be somebody else; of several none speaks for all.
        announces=settings.workers == 1,
        hangs_after_s=settings.hang_s,
        waits_for_word=True,
        # Where several serve, each loads it for itself.
        loads="quantloom_server.app" if settings.workers == 1 else "",
    )


COMMANDS: tuple[Command, ...] = (serve, worker, beat)
"""What `quantloom up` runs beside the servers, in the order of the table of `--check`."""


def _near(host: str) -> str:
    """Where this machine reaches what listens everywhere."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  read, not bound


async def _prepare(servers: Servers, console: Console) -> None:
    """Wait for servers that others run, and bring the database to this release's shape.

    A process of its own migrates, where there is anything to do: what it loads for that is gone
    with it, and a second start does not pay for it.
    """
    if servers.valkey is None:
        await _patiently(partial(ask_valkey, servers.redis_url))
    facts = await _patiently(partial(ask_postgres, servers.owner_url, needed=needed_revision()))
    if facts.revision != needed_revision():
        argv = (*QUANTLOOM, "db", "upgrade")
        environment = _owners_environment(servers)
        await run_once(ProcessSpec(name="migrate", argv=argv, env=environment), console)
    if servers.postgres is None:
        await ask_to_serve(servers.database_url)


async def _welcome(servers: Servers, console: Console) -> Sequence[str]:
    """Let a first administrator in, and say where everything is."""
    settings = servers.settings
    if not (await ask_postgres(servers.owner_url)).has_admin:
        argv = (*QUANTLOOM, "user", "first")
        environment = _owners_environment(servers)
        await run_once(ProcessSpec(name="user", argv=argv, env=environment), console)
    host = _near(settings.host)
    place = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    shown = (f"documentation: {place}/docs",) if settings.shows_docs else ()
    return (f"REST API: {place}/api/v1", *shown, "Ctrl-C stops everything")


async def _patiently(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    return await patiently(ask, within_s=_ELSEWHERE_S)


def _owners_environment(servers: Servers) -> dict[str, str]:
    return _environment(servers) | {"QUANTLOOM_DATABASE_OWNER_URL": servers.owner_url}


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
