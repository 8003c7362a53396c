"""`quantloom serve` as a process of its own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import httpx2

from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from tests.server.cli.ports import free_port

SERVE = (sys.executable, "-m", "quantloom_server.cli", "serve")
SECRET = "a key of thirty-two bytes or more, for tests alone"


def environment_of(
    postgres: PostgresServer, valkey: ValkeyServer, folder: Path, **settings: str
) -> dict[str, str]:
    """What the process is told; `settings` are named without the prefix."""
    told = {
        "SERVICE_DIR": str(folder),
        "DATABASE_URL": postgres.app_url(),
        "REDIS_URL": valkey.url(),
        "SECRET_KEY": SECRET,
        "PORT": str(free_port()),
        **settings,
    }
    others = {name: text for name, text in os.environ.items() if not name.startswith("QUANTLOOM_")}
    return others | {f"QUANTLOOM_{name}": text for name, text in told.items()}


@asynccontextmanager
async def serving(
    environment: Mapping[str, str], *arguments: str, told: int | IO[bytes] = subprocess.DEVNULL
) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx2.AsyncClient]]:
    """The process once it is ready, and a client; `told` takes what it writes to a console."""
    process = await asyncio.create_subprocess_exec(
        *SERVE, *arguments, env=environment, stdout=told, stderr=told, cwd="/"
    )
    try:
        address = f"http://127.0.0.1:{environment['QUANTLOOM_PORT']}"
        async with httpx2.AsyncClient(base_url=address) as client, asyncio.timeout(30):
            while not await _is_ready(client):
                assert process.returncode is None
                await asyncio.sleep(0.05)
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _is_ready(client: httpx2.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx2.TransportError:
        return False
