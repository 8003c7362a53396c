"""`quantloom up` as it is, but for a worker that also knows the jobs made for tests."""

import asyncio
import sys

from quantloom.kit.clock import SystemClock
from quantloom_server.platform.supervision.console import Console
from quantloom_server.platform.supervision.processes import ProcessSpec
from quantloom_server.settings import Settings
from quantloom_server.up import beat, serve, supervise


def worker(settings: Settings) -> ProcessSpec:
    argv = (sys.executable, "-m", "tests.server.platform.jobs.kinds")
    return ProcessSpec(name="worker", argv=argv, announces=True)


async def run() -> None:
    console = Console(sys.stdout, clock=SystemClock())
    try:
        await supervise(Settings(), console, (serve, worker, beat)).run()
    finally:
        console.close()


if __name__ == "__main__":
    asyncio.run(run())
