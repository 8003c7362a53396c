"""A process that does one thing and ends, its lines among those of all others."""

import asyncio
import os
import signal

from quantloom_server.platform.embedded.launching import tied_to_us
from quantloom_server.platform.supervision.console import Console
from quantloom_server.platform.supervision.errors import StartFailed
from quantloom_server.platform.supervision.lines import LineSplitter
from quantloom_server.platform.supervision.processes import ProcessSpec, kill_group

_CHUNK = 65_536


async def run_once(spec: ProcessSpec, console: Console) -> None:
    """Run a process to its end; whoever does not wait for that has it killed.

    Raises:
        StartFailed: its exit code is not 0.
    """
    child = await asyncio.create_subprocess_exec(
        *tied_to_us(spec.argv, signal.SIGTERM),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **spec.env},
        start_new_session=True,
    )
    try:
        splitter = LineSplitter(lambda text: console.pass_on(spec.name, text))
        while child.stdout is not None and (data := await child.stdout.read(_CHUNK)):
            splitter.feed(data)
        splitter.close()
        code = await child.wait()
    except asyncio.CancelledError:
        kill_group(child.pid)
        await child.wait()
        raise
    if code:
        raise StartFailed(spec.name, f"ended with {code}")
