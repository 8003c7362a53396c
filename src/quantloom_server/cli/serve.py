"""`quantloom serve`: the REST service."""

import asyncio
import ctypes
import os
import tempfile
from socket import socket
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from quantloom_server.platform.edge.wire import BoundedHttp
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.logs.channels import close_logs, open_logs
from quantloom_server.platform.opening import needed
from quantloom_server.platform.safety import refuse_unsafe
from quantloom_server.platform.supervision.notify import Notifier, Pulse
from quantloom_server.settings import PREFIX, Settings, read_settings

app = typer.Typer(add_completion=False, subcommand_metavar="", help="Serve the REST API.")

_FACTORY = "quantloom_server.app:from_environment"
_NOT_STARTED = 3
_ARENA_MAX = -8  # as malloc.h has it
_KEEP_ALIVE_S = 65  # longer than the 60 s after which nginx closes what it does not use


class Serving(uvicorn.Server):
    """A server that says when it is ready, and ends well when it is told to."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            Notifier.of(os.environ).tell("READY=1")
            self._pulse = asyncio.create_task(Pulse.of(os.environ).beat())

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._pulse.cancel()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  uvicorn's
        # A second signal means that whoever sent the first will not wait.
        self.force_exit, self.should_exit = self.should_exit, True


@app.callback(
    invoke_without_command=True,
    epilog="Example: [bold]quantloom serve --host 0.0.0.0 --workers 4[/bold]",
)
def serve(
    *,
    host: Annotated[
        str | None, typer.Option("--host", help="The address; QUANTLOOM_HOST if left out.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="The port; QUANTLOOM_PORT if left out."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, max=64, help="How many processes; QUANTLOOM_WORKERS if left out."
        ),
    ] = None,
) -> None:
    """Answer requests until told to end; those in flight are finished first."""
    given = {"host": host, "port": port, "workers": workers}
    told = {name: value for name, value in given.items() if value is not None}
    # Each further process reads the environment, and must find there what was said here.
    os.environ.update({f"{PREFIX}{name.upper()}": str(value) for name, value in told.items()})
    _spare_memory()
    settings = read_settings()
    _refuse_unfit(settings)
    open_logs(settings, process="serve")
    try:
        has_started = _run_several(settings) if settings.workers > 1 else _run_one(settings)
    finally:
        close_logs()
    if not has_started:
        raise typer.Exit(_NOT_STARTED)


def _refuse_unfit(settings: Settings) -> None:
    """Tell what is missing before anything is opened, as an error and not as a traceback."""
    refuse_unsafe(settings)
    needed(settings.database_url, "QUANTLOOM_DATABASE_URL")
    needed(settings.redis_url, "QUANTLOOM_REDIS_URL")
    KeyRing.of(settings)


def _spare_memory() -> None:
    """Have glibc share its pools of memory: one for each thread keeps what hashing once needed."""
    allocate = getattr(ctypes.CDLL(None), "mallopt", None)
    if allocate is not None:
        allocate(_ARENA_MAX, 2)


def _run_one(settings: Settings) -> bool:
    server = Serving(_config(settings))
    server.run()
    return server.started


def _run_several(settings: Settings) -> bool:
    config = _config(settings)
    with tempfile.TemporaryDirectory(prefix="quantloom-metrics-") as folder:
        # Read when a process first loads its metrics: they are then kept in files, and summed.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        Multiprocess(config, [config.bind_socket()]).run()
    return True


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        _FACTORY,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        # The edge logs each request itself, and believes only proxies that are named.
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, round(settings.drain_s)),
    )
