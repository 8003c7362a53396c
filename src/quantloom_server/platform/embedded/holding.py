"""One process at a time on a folder, and what an earlier one left running."""

import fcntl
import json
import os
import signal
import time
from pathlib import Path

from quantloom_server.platform.embedded.errors import AlreadyRunning

_POLL_S = 0.01


class Hold:
    """A folder held by this process until it lets go or dies; the kernel sees to the latter."""

    def __init__(self, file: Path, what: str) -> None:
        self._file, self._what = file, what
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        return self._descriptor is not None

    def take(self) -> None:
        """Take the folder.

        Raises:
            AlreadyRunning: another process holds it.
        """
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            pid = int(holder) if holder.isdecimal() else None
            raise AlreadyRunning(self._file.parent.parent, self._what, pid) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; the file stays, since removing it would let two processes hold two files."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def note_process(record: Path, pid: int) -> None:
    """Write down a process so that it is known again, even after its number went to another."""
    unfinished = record.with_suffix(".new")
    unfinished.write_text(json.dumps({"pid": pid, "started": started(pid)}), encoding="ascii")
    unfinished.rename(record)


def noted_process(record: Path) -> int | None:
    """The process written down, if that same one is still alive."""
    try:
        noted = json.loads(record.read_text(encoding="ascii"))
        pid, then = int(noted["pid"]), noted["started"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if then is not None and started(pid) == then else None


def started(pid: int) -> str | None:
    """When a process started, in ticks of this boot; None when there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    # The name in brackets may hold anything, so count from behind it.
    state, *rest = fields.rpartition(")")[2].split()
    return None if state in "ZX" else f"{boot}:{rest[18]}"


def end_process(pid: int, signals: tuple[signal.Signals, ...], each_s: float) -> None:
    """End a process that is not our child, by stronger and stronger signals."""
    then = started(pid)
    for number in signals:
        if then is None or started(pid) != then:
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + each_s
        while started(pid) == then and time.monotonic() < deadline:
            time.sleep(_POLL_S)
