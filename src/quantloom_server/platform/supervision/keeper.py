"""Keeps one process running: starts it, says how it is, starts it again when it dies."""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from typing import cast

from quantloom.errors import QuantloomError
from quantloom_server.platform.embedded.holding import started
from quantloom_server.platform.supervision.backoff import Backoff
from quantloom_server.platform.supervision.board import Board, State
from quantloom_server.platform.supervision.console import Console
from quantloom_server.platform.supervision.errors import StartFailed
from quantloom_server.platform.supervision.lines import LineSplitter
from quantloom_server.platform.supervision.processes import Unit, kill_group, wait_for_end

_ASK_EVERY_S = 0.05


class Keeper:
    """One unit and its life. Used from one event loop, on the main thread."""

    def __init__(self, unit: Unit, *, board: Board, console: Console, backoff: Backoff) -> None:
        self._unit, self._board, self._console, self._backoff = unit, board, console, backoff
        self._child: subprocess.Popen[bytes] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._stopping = False
        self._hung = ""
        self.ready = asyncio.Event()
        # Ready, or dying again and again: there is nothing to wait for any more.
        self.settled = asyncio.Event()

    @property
    def name(self) -> str:
        return self._unit.name

    async def start(self, within_s: float) -> None:
        """Start it and wait until it is ready, then keep it.

        Raises:
            StartFailed: it ended before, or was not ready in time.
        """
        child = await self._launch()
        ended = asyncio.ensure_future(wait_for_end(child.pid))
        asking = asyncio.ensure_future(self._ask())
        await asyncio.wait({ended, asking}, timeout=within_s, return_when="FIRST_COMPLETED")
        asking.cancel()
        if ended.done():
            child.wait()
            raise StartFailed(self.name, f"ended with {_exit(child)} while it was to start")
        ended.cancel()
        if not self.ready.is_set():
            raise StartFailed(self.name, f"was not ready within {within_s:g} s")
        self._keeping = asyncio.create_task(self._keep(child))

    def keep(self) -> None:
        """Start it and keep it, whatever becomes of it; where that is done already, go on."""
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep(None))

    async def stop(self, grace_s: float) -> None:
        """End it; after this nothing of it runs."""
        self._stopping = True
        if self._child is not None:
            await self._unit.end(self._child, grace_s)
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        self._board.change(self.name, state=State.STOPPED, pid=None, started=None)

    def kill(self) -> None:
        """End it at once; for those who do not want to wait."""
        if self._child is not None and self._child.returncode is None:
            kill_group(self._child.pid)

    async def _keep(self, child: subprocess.Popen[bytes] | None) -> None:
        while not self._is_stopping():
            if child is None:
                child = await self._launch_again()
            if child is not None:
                lived_s = await self._live(child)
                if self._is_stopping():
                    return
                problem = self._hung or f"exit {_exit(child)}"
            else:
                lived_s, problem = 0.0, "could not be started"
            await self._wait_before_next(lived_s, problem)
            child = None

    def _is_stopping(self) -> bool:
        return self._stopping

    async def _launch_again(self) -> subprocess.Popen[bytes] | None:
        try:
            return await self._launch()
        except (QuantloomError, OSError) as error:
            self._console.tell(f"{self.name} cannot start", "error", reason=str(error))
            return None

    async def _launch(self) -> subprocess.Popen[bytes]:
        self.ready.clear()
        reading, writing = os.pipe2(os.O_CLOEXEC)
        try:
            child = self._unit.launch(writing)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self._child = child
        await self._read_lines(reading)
        begun = started(child.pid)
        self._board.change(self.name, state=State.STARTING, pid=child.pid, started=begun)
        return child

    async def _live(self, child: subprocess.Popen[bytes]) -> float:
        """Follow it from its start to its end; returns the seconds it was ready."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        self._hung = ""
        asking = asyncio.create_task(self._ask())
        watching = asyncio.create_task(self._watch(child))
        await wait_for_end(child.pid)
        asking.cancel()
        watching.cancel()
        lived_s = loop.time() - begun if self.ready.is_set() else 0.0
        self.ready.clear()
        # Before it is reaped, while its number is still its own.
        kill_group(child.pid)
        if not self._stopping:
            child.wait()
        return lived_s

    async def _ask(self) -> None:
        """Ask until it is ready."""
        if self.ready.is_set():
            return
        await asyncio.sleep(self._unit.steady_s)
        while await self._unit.problem():  # noqa: ASYNC110  another process, which sets no event
            await asyncio.sleep(_ASK_EVERY_S)
        self.ready.set()
        self.settled.set()
        self._board.change(self.name, state=State.READY)
        self._console.tell(f"{self.name} is ready")

    async def _watch(self, child: subprocess.Popen[bytes]) -> None:
        """Kill it when it lives and says nothing for too long: whoever hangs heeds no SIGTERM."""
        longest_s = self._unit.hangs_after_s
        if longest_s is None:
            return
        await self.ready.wait()
        self._unit.forgive()
        loop = asyncio.get_running_loop()
        while (silent_s := self._unit.silent_s()) < longest_s:
            asleep_at = loop.time()
            await asyncio.sleep(longest_s / 8)
            if loop.time() - asleep_at > longest_s / 2:
                self._unit.forgive()  # it was us, or the whole machine, who stood still
        self._hung = f"hung, silent for {silent_s:.1f} s"
        self._console.tell(f"{self.name} hangs", "error", silent_s=round(silent_s, 1))
        kill_group(child.pid)

    async def _wait_before_next(self, lived_s: float, problem: str) -> None:
        wait_s = self._backoff.after(lived_s)
        state = State.CRASH_LOOP if self._backoff.is_looping else State.RESTARTING
        restarts = self._board.of(self.name).restarts + 1
        self._board.change(
            self.name, state=state, pid=None, started=None, restarts=restarts, last_exit=problem
        )
        if self._backoff.is_looping:
            self.settled.set()
            told = f"{self.name} keeps dying, {self._backoff.deaths} times without a steady minute"
            self._console.tell(told, "error", last=problem, next_try_s=round(wait_s, 1))
        else:
            self._console.tell(
                f"{self.name} died", "warning", last=problem, again_s=round(wait_s, 1)
            )
        await asyncio.sleep(wait_s)

    async def _read_lines(self, descriptor: int) -> None:
        splitter = LineSplitter(lambda text: self._console.pass_on(self.name, text))
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: _Reader(splitter), pipe)


class _Reader(asyncio.Protocol):
    def __init__(self, splitter: LineSplitter) -> None:
        self._splitter = splitter

    def data_received(self, data: bytes) -> None:
        self._splitter.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the base class's
        self._splitter.close()


def _exit(child: subprocess.Popen[bytes]) -> str:
    code = cast("int", child.returncode)
    return str(code) if code >= 0 else signal.Signals(-code).name
