"""Whether this process lives, whether it can serve, and what it measured."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Literal

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from quantloom.version import VERSION
from quantloom_server.platform import shape
from quantloom_server.platform.addresses import parse_address
from quantloom_server.platform.database import NOBODY, Database
from quantloom_server.platform.errors import NotPermitted
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.rates import Pace
from quantloom_server.platform.routing import PUBLIC, PartsOf, Routes
from quantloom_server.platform.supervision.board import BoardReader
from quantloom_server.platform.telemetry.metrics import CONTENT_TYPE_LATEST, HttpMetrics
from quantloom_server.platform.telemetry.work import measure_work
from quantloom_server.settings import Settings

routes = Routes("", tag="Operation")

State = Literal["ok", "failed"]
_WITHIN_S = 2.0
_LOOK_EVERY_S = 0.2
_WHEN = "2026-03-02T01:30:00Z"


class Process(BaseModel):
    """A process that `quantloom up` keeps running beside this one."""

    name: str = Field(examples=["worker"])
    state: str = Field(
        description="`waiting`, `starting`, `ready`, `restarting`, `crash_loop` or `stopped`.",
        examples=["ready"],
    )
    since: str = Field(description="Since when it is in that state.", examples=[_WHEN])
    restarts: int = Field(description="How often it was started again.", examples=[0])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"
    processes: list[Process] = Field(
        default_factory=list,
        description="What `quantloom up` keeps running; empty where each part runs on its own.",
    )


class Ready(BaseModel):
    """Whether everything that a request needs answers too."""

    status: State
    checks: dict[str, str] = Field(
        description="`ok`, or what is wrong, of `database`, `migrations` and `redis`.",
        examples=[{"database": "ok", "migrations": "ok", "redis": "ok"}],
    )


class Status(Ready):
    """The same, with what is running and since when."""

    name: Literal["quantloom"] = "quantloom"
    version: str = Field(examples=[VERSION])
    environment: str = Field(examples=["production"])
    started_at: str = Field(examples=[_WHEN])
    now: str = Field(examples=["2026-03-02T09:30:00Z"])
    processes: list[Process] = Field(
        default_factory=list,
        description="What `quantloom up` keeps running; empty where each part runs on its own.",
    )


@routes.get("/health", needs=PUBLIC, summary="Is the process alive")
async def health(request: Request) -> Alive:
    """For whoever starts processes again: it asks nothing of PostgreSQL or Valkey."""
    return Alive(processes=_processes(request))


@routes.get(
    "/health/ready",
    needs=PUBLIC,
    summary="Can the process serve",
    responses={503: {"model": Ready, "description": "Something that it needs does not answer."}},
)
async def ready(request: Request, parts: PartsOf, response: Response) -> Ready:
    """For load balancers: PostgreSQL, its migrations and Valkey, each with how it is."""
    checks = await _checks_of(request, parts)
    response.status_code = 200 if _is_well(checks) else 503
    return Ready(status=_state(checks), checks=checks)


@routes.get(
    "/api/v1/status", needs=PUBLIC, pace=Pace.ADDRESS, summary="What is running, and how it is"
)
async def status(request: Request, parts: PartsOf) -> Status:
    """The same checks with version and age, for people and consoles."""
    checks = await _checks_of(request, parts)
    return Status(
        status=_state(checks),
        checks=checks,
        version=VERSION,
        environment=parts.settings.environment.value,
        started_at=request.app.state.started_at,
        now=parts.clock.now().isoformat().replace("+00:00", "Z"),
        processes=_processes(request),
    )


@routes.get(
    "/metrics",
    needs=PUBLIC,
    summary="Measurements, as Prometheus reads them",
    response_class=PlainTextResponse,
    errors=(NotPermitted,),
)
async def metrics(request: Request, parts: PartsOf) -> Response:
    """For this machine alone, or with the token that `QUANTLOOM_METRICS_TOKEN` names."""
    _refuse_strangers(request, parts.settings)
    measured: HttpMetrics = request.app.state.metrics
    work = await measure_work(parts.database)
    return Response(measured.text() + work, media_type=CONTENT_TYPE_LATEST)


def _processes(request: Request) -> list[Process]:
    """What the supervisor of this folder tells, without numbers of processes and reasons."""
    board: BoardReader = request.app.state.processes
    return [
        Process(name=each.name, state=each.state, since=each.since, restarts=each.restarts)
        for each in board.read()
    ]


@dataclass(frozen=True, slots=True)
class Checked:
    """A look at what requests need, which many may wait for."""

    parts: Parts
    checks: asyncio.Future[dict[str, str]]
    since: float

    def holds(self, parts: Parts) -> bool:
        return self.parts is parts and time.monotonic() - self.since < _LOOK_EVERY_S


async def _checks_of(request: Request, parts: Parts) -> dict[str, str]:
    """Look at most a few times a second: anyone may ask, and each look is three questions."""
    known: Checked | None = getattr(request.app.state, "checked", None)
    if known is None or not known.holds(parts):
        known = Checked(parts, asyncio.ensure_future(check(parts)), time.monotonic())
        request.app.state.checked = known
    return await asyncio.shield(known.checks)


async def check(parts: Parts) -> dict[str, str]:
    """Ask what a request needs, all at once; each is `ok` or says what is wrong."""
    database, migrations, redis = await asyncio.gather(
        _tell(_ping_database(parts.database)),
        _tell(_compare_shape(parts.database)),
        _tell(_ping_redis(parts)),
    )
    return {"database": database, "migrations": migrations, "redis": redis}


async def _tell(asking: Awaitable[str]) -> str:
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await asking
    except Exception as error:  # noqa: BLE001  whatever it is, it is what the answer tells
        # The kind alone: a text may name hosts and users.
        return f"failed ({type(error).__name__})"


async def _ping_database(database: Database) -> str:
    async with database.direct(NOBODY) as connection:
        await connection.fetchval("SELECT 1")
    return "ok"


async def _compare_shape(database: Database) -> str:
    async with database.direct(NOBODY) as connection:
        present = await connection.fetchval("SELECT version_num FROM alembic_version")
    needed = shape.needed_revision()
    return "ok" if present == needed else f"at {present}, this release needs {needed}"


async def _ping_redis(parts: Parts) -> str:
    await parts.redis.ping()
    return "ok"


def _is_well(checks: Mapping[str, str]) -> bool:
    return all(told == "ok" for told in checks.values())


def _state(checks: Mapping[str, str]) -> State:
    return "ok" if _is_well(checks) else "failed"


def _refuse_strangers(request: Request, settings: Settings) -> None:
    """Let in whoever has the token; without one set, whoever asks from this very machine."""
    if settings.metrics_token is not None:
        wanted = f"Bearer {settings.metrics_token.get_secret_value()}".encode()
        if not compare_digest(request.headers.get("authorization", "").encode(), wanted):
            raise NotPermitted(Permission.SYSTEM_READ)
        return
    # A proxy on this machine sends for others, and says so.
    peer = parse_address(request.client.host) if request.client else None
    is_sent_for_another = "x-forwarded-for" in request.headers
    if is_sent_for_another or (peer is not None and not peer.is_loopback):
        raise NotPermitted(Permission.SYSTEM_READ)
