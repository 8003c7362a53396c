"""What can be kept running: our own processes, and the embedded servers."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from quantloom_server.platform.embedded.launching import tied_to_us
from quantloom_server.platform.embedded.server import EmbeddedServer
from quantloom_server.platform.supervision.checks import Check
from quantloom_server.platform.supervision.notify import NOTIFY_SOCKET, WATCHDOG, WATCHED_PID, Ear

# Has a process wait for one byte of its standard input, and names what it loads until then.
WAITS = "QUANTLOOM_UP_WAITS"
NOTHING, WORD = ".", b"\n"
_SYSTEMDS = frozenset({NOTIFY_SOCKET, WATCHDOG, WATCHED_PID})
_NO_ANSWER = "does not answer yet"


async def _nothing_to_ask() -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """A process of the platform.

    `ready` says what is still wrong. One that `announces` counts once it has said `READY=1` to
    NOTIFY_SOCKET; any other once it has lived `steady_s`. One that announces and says
    nothing more for `hangs_after_s` is taken for hung. One that `waits_for_word` may be started
    before what it needs is there: it loads what it is made of, the module `loads` among it, and
    begins when it is told to.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Check = _nothing_to_ask
    announces: bool = False
    hangs_after_s: float | None = None
    waits_for_word: bool = False
    loads: str = ""
    steady_s: float = 0.3


class Unit(Protocol):
    """What a keeper keeps."""

    @property
    def name(self) -> str: ...

    @property
    def steady_s(self) -> float:
        """How long it must have lived before its answer counts."""
        ...

    def launch(self, output: int) -> subprocess.Popen[bytes]: ...

    async def problem(self) -> str:
        """What keeps it from being ready; empty when nothing does."""
        ...

    @property
    def hangs_after_s(self) -> float | None:
        """After how long a silence it is taken for hung; None where it does not speak."""
        ...

    def silent_s(self) -> float:
        """For how long it has said nothing, once it was ready."""
        ...

    def forgive(self) -> None:
        """Count its silence anew."""
        ...

    async def end(self, child: subprocess.Popen[bytes], grace_s: float) -> None: ...


class OwnProcess:
    """A process of ours: it gets SIGTERM, and after the grace its whole group is killed."""

    def __init__(self, spec: ProcessSpec) -> None:
        self._spec = spec
        self._ear: Ear | None = None
        self._waiting: IO[bytes] | None = None
        self._may_begin = False

    @property
    def name(self) -> str:
        return self._spec.name

    @property
    def hangs_after_s(self) -> float | None:
        return self._spec.hangs_after_s if self._spec.announces else None

    def silent_s(self) -> float:
        return 0.0 if self._ear is None else self._ear.silent_s()

    def forgive(self) -> None:
        if self._ear is not None:
            self._ear.forgive()

    @property
    def waits_for_word(self) -> bool:
        return self._spec.waits_for_word

    def give_the_word(self) -> None:
        """Let it begin, now and whenever it is started again."""
        self._may_begin = True
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            with suppress(BrokenPipeError), waiting:
                waiting.write(WORD)

    @property
    def steady_s(self) -> float:
        return self._spec.steady_s

    def launch(self, output: int) -> subprocess.Popen[bytes]:
        # systemd is told by us alone; what the processes say is said to us.
        inherited = {key: value for key, value in os.environ.items() if key not in _SYSTEMDS}
        if self._spec.announces:
            inherited[NOTIFY_SOCKET] = self._listen()
        if self.hangs_after_s is not None:
            inherited[WATCHDOG] = str(round(self.hangs_after_s * 1e6))
        waits = self._spec.waits_for_word and not self._may_begin
        if waits:
            inherited[WAITS] = self._spec.loads or NOTHING
        child = subprocess.Popen(  # noqa: S603  the entry point's own command
            tied_to_us(self._spec.argv, signal.SIGTERM),
            stdin=subprocess.PIPE if waits else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**inherited, "PYTHONUNBUFFERED": "1", **self._spec.env},
            start_new_session=True,  # Ctrl-C in a terminal is for us, who stop things in order
        )
        self._waiting = child.stdin
        return child

    async def problem(self) -> str:
        is_silent = self._ear is not None and not self._ear.has_heard()
        if is_silent or self._waiting is not None:
            return _NO_ANSWER
        return await self._spec.ready()

    def _listen(self) -> str:
        """Listen anew: what an earlier process said does not count for the next."""
        if self._ear is not None:
            self._ear.close()
        self._ear = Ear()
        return self._ear.address

    async def end(self, child: subprocess.Popen[bytes], grace_s: float) -> None:
        if self._ear is not None:
            self._ear.close()
        if child.poll() is not None:
            return
        child.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(wait_for_end(child.pid), grace_s)
        kill_group(child.pid)
        child.wait()


class ServerProcess:
    """An embedded server, which knows itself how it is started and stopped."""

    steady_s = 0.0
    # A database that is busy recovering says nothing either, and must not be killed for that.
    hangs_after_s = None

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server

    @property
    def name(self) -> str:
        return self._server.name

    def launch(self, output: int) -> subprocess.Popen[bytes]:
        return self._server.launch(output)

    async def problem(self) -> str:
        # In a thread: a server that hangs takes a while to not answer.
        return "" if await asyncio.to_thread(self._server.is_ready) else _NO_ANSWER

    async def end(self, child: subprocess.Popen[bytes], grace_s: float) -> None:  # noqa: ARG002
        await asyncio.to_thread(self._server.stop, gently_s=grace_s)

    def silent_s(self) -> float:
        return 0.0

    def forgive(self) -> None:
        pass


async def wait_for_end(pid: int) -> None:
    """Wait until a child has ended, without reaping it: its number stays its own until then."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def kill_group(leader: int) -> None:
    """Kill what is left of a session that a child of ours leads or led."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def sweep_session(leader: int, since: str) -> None:
    """Kill what an earlier supervisor's process left, down to the helpers that outlived it.

    Args:
        leader: the number of the process that led the session.
        since: when that process started, as `holding.started` tells it.
    """
    boot, _, ticks = since.rpartition(":")
    here = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    if boot != here or not ticks.isdecimal():
        return
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        # After the name: state, parent, group, session and, at the twentieth place, the start.
        if int(fields[3]) == leader and int(fields[19]) >= int(ticks):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(entry.parent.name), signal.SIGKILL)
