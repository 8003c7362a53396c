"""A platform of small processes under the real supervisor, for tests that kill it."""

import asyncio
import json
import sys
from pathlib import Path
from random import Random
from typing import Any

from quantloom.errors import QuantloomError
from quantloom.kit.clock import SystemClock
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.server import EmbeddedServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.supervision.console import Console
from quantloom_server.platform.supervision.notify import Notifier
from quantloom_server.platform.supervision.processes import ProcessSpec
from quantloom_server.platform.supervision.supervisor import Patience, Plan, Supervisor


async def nothing() -> None:
    pass


def python(code: str) -> tuple[str, ...]:
    """The command of a small process."""
    return (sys.executable, "-I", "-S", "-c", code)


async def run(data_dir: Path, given: dict[str, Any]) -> None:
    console = Console(sys.stdout, clock=SystemClock())
    servers: list[EmbeddedServer] = []
    if given.get("servers"):
        servers = [PostgresServer(data_dir, durable=False), ValkeyServer(data_dir, durable=False)]
    plan = Plan(
        data_dir=data_dir,
        servers=servers,
        prepare=nothing,
        processes=lambda: [
            ProcessSpec(name=name, argv=python(code), steady_s=0.05, announces=name == "announcing")
            for name, code in given["processes"].items()
        ],
    )
    supervisor = Supervisor(
        plan,
        console=console,
        clock=SystemClock(),
        rng=Random(7),
        notifier=Notifier(given.get("notify")),
        patience=Patience(processes_stop_s=given.get("grace_s", 6.0), processes_s=5.0),
    )
    try:
        await supervisor.run()
    finally:
        console.close()


if __name__ == "__main__":
    try:
        asyncio.run(run(Path(sys.argv[1]), json.loads(sys.argv[2])))
    except QuantloomError as error:
        sys.exit(str(error))
