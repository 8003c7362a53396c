"""A platform of small processes under the real supervisor, for tests that kill it."""

import asyncio
import json
import os
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

    async def prepare() -> None:
        while not os.path.exists(given["prepared_by"]):  # noqa: ASYNC110, ASYNC240, PTH110  a test's own
            await asyncio.sleep(0.01)

    plan = Plan(
        data_dir=data_dir,
        servers=servers,
        prepare=prepare if "prepared_by" in given else nothing,
        processes=lambda: [
            ProcessSpec(
                name=name,
                argv=python(code),
                steady_s=0.05,
                announces=name.startswith("announcing"),
                hangs_after_s=given.get("hangs_after_s"),
                waits_for_word=name.endswith("waiting"),
            )
            for name, code in given["processes"].items()
        ],
        may_hasten=lambda: bool(given.get("may_hasten")),
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
