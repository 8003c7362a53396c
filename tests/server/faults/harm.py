"""Ways to do harm to real servers and processes."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from quantloom_server.platform.embedded.holding import started
from quantloom_server.platform.embedded.server import EmbeddedServer


def pid_of(server: EmbeddedServer) -> int:
    assert server.child is not None
    return server.child.pid


def family(pid: int) -> list[int]:
    """A process and all that it started, the oldest first."""
    found = [pid]
    for each in found:
        for tasks in Path(f"/proc/{each}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in tasks.read_text(encoding="ascii").split()]
    return found


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process and its children that take no part in anything, as if their machine hung."""
    stopped = [pid]
    os.kill(pid, signal.SIGSTOP)
    # Read after the first has stopped, which starts no more of them.
    for child in family(pid)[1:]:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGSTOP)
            stopped.append(child)
    try:
        yield
    finally:
        for each in reversed(stopped):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)


def kill(server: EmbeddedServer) -> None:
    """Kill a server as the kernel does that has run out of memory, and see its children end."""
    assert server.child is not None
    left = [(pid, started(pid)) for pid in family(server.child.pid)[1:]]
    server.child.kill()
    server.child.wait()
    deadline = monotonic() + 20
    while any(then is not None and started(pid) == then for pid, then in left):
        assert monotonic() < deadline
        sleep(0.01)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path | None]:
    """A disk of its own in a folder, on which room runs out; None where none can be mounted."""
    options = f"size={size},mode=0711"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """A disk without any room left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65_536))
    try:
        yield
    finally:
        ballast.unlink()


def is_small_disk(folder: Path) -> bool:
    return os.path.ismount(folder)
