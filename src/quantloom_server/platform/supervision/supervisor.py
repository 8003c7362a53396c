"""Starts a whole platform in order, keeps it running, and stops it in order."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from quantloom.kit.clock import Clock
from quantloom_server.platform.embedded.account import choose_account, make_data_folder
from quantloom_server.platform.embedded.holding import Hold
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.server import EmbeddedServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.supervision.backoff import Backoff
from quantloom_server.platform.supervision.board import RUN, STATE, Board, State, Status, noted
from quantloom_server.platform.supervision.console import Console
from quantloom_server.platform.supervision.keeper import Keeper
from quantloom_server.platform.supervision.notify import Notifier, Pulse
from quantloom_server.platform.supervision.processes import (
    OwnProcess,
    ProcessSpec,
    ServerProcess,
    sweep_session,
)

EMBEDDED = frozenset({PostgresServer.name, ValkeyServer.name})


async def _nothing_to_say() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one machine runs.

    Args:
        servers: those that we start ourselves; none where addresses of others are set.
        prepare: what is done once the servers answer, before any process starts: migrations.
        processes: what to run; asked after `prepare`, when passwords are there.
        may_hasten: whether they are there already, so that processes can load meanwhile.
        welcome: what to do and to say once everything is ready; a check leaves it out.
    """

    data_dir: Path
    servers: Sequence[EmbeddedServer]
    prepare: Callable[[], Awaitable[None]]
    processes: Callable[[], Sequence[ProcessSpec]]
    may_hasten: Callable[[], bool] = bool
    welcome: Callable[[], Awaitable[Sequence[str]]] = _nothing_to_say


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long things may take, in seconds; stopping stays within ten."""

    servers_s: float = 60.0
    processes_s: float = 60.0
    processes_stop_s: float = 6.0
    stop_s: float = 8.0


class Supervisor:
    """One platform on one data folder. Made and run on the main thread."""

    def __init__(
        self,
        plan: Plan,
        *,
        console: Console,
        clock: Clock,
        rng: Random,
        notifier: Notifier | None = None,
        pulse: Pulse | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._plan, self._console, self._clock, self._rng = plan, console, clock, rng
        self._notifier = notifier or Notifier(None)
        self._pulse = pulse or Pulse(self._notifier, None)
        self._patience = patience or Patience()
        run_dir = plan.data_dir / RUN
        self._hold = Hold(run_dir / "up.lock", "quantloom up")
        self._board = Board(run_dir / STATE, clock)
        self._servers: list[Keeper] = []
        self._processes: list[Keeper] = []
        self._units: list[OwnProcess] = []
        self._stop_asked = asyncio.Event()

    async def run(self) -> None:
        """Start everything and keep it until Ctrl-C or SIGTERM; a second one hurries.

        Raises:
            AlreadyRunning: another supervisor holds the data folder.
            StartFailed: a server does not start; nothing is left running.
        """
        async with _Signals(self.ask_to_stop):
            pulse = asyncio.create_task(self._pulse.beat())
            try:
                if await self._start():
                    await self._unless_stopped(self._welcome())
                    self._notifier.tell("READY=1", "STATUS=everything is ready")
                await self._stop_asked.wait()
            finally:
                await self._stop()
                pulse.cancel()

    async def check(self) -> tuple[Status, ...]:
        """Start everything, see how it is, and stop it.

        Returns:
            What each part had come to: `ready`, if all is well.
        """
        async with _Signals(self.ask_to_stop):
            try:
                await self._start()
                return self._board.all()
            finally:
                await self._stop()

    async def _welcome(self) -> None:
        for line in await self._plan.welcome():
            self._console.tell(line)

    def ask_to_stop(self, why: str) -> None:
        """Stop in order; asked again, without waiting for anyone."""
        if self._stop_asked.is_set():
            self._console.tell("not waiting any longer", "warning", reason=why)
            for process in self._processes:
                process.kill()
            return
        self._console.tell("stopping", reason=why)
        self._stop_asked.set()

    async def _start(self) -> bool:
        """Start everything; returns whether all of it is ready."""
        self._take_the_folder()
        begun = self._clock.now_ns()
        for server in self._plan.servers:
            self._servers.append(self._keeper(ServerProcess(server)))
        await self._unless_stopped(self._start_before_processes())
        if self._stop_asked.is_set():
            return False
        self._start_processes()
        await self._unless_stopped(self._wait_for_processes())
        late = [each.name for each in self._processes if not each.ready.is_set()]
        took_s = round((self._clock.now_ns() - begun) / 1e9, 1)
        if late and not self._stop_asked.is_set():
            self._console.tell("not everything is ready", "error", missing=", ".join(late))
        elif not late:
            self._console.tell("everything is ready", took_s=took_s)
        return not late

    async def _start_before_processes(self) -> None:
        """Start what the processes need, and meanwhile those that can wait for it."""
        await asyncio.gather(self._start_servers(), self._hasten())
        await self._plan.prepare()

    async def _hasten(self) -> None:
        if not self._plan.may_hasten():
            return
        await asyncio.sleep(0)  # the servers first: they wait for the disk
        self._make_processes()
        for unit, keeper in zip(self._units, self._processes, strict=True):
            if unit.waits_for_word:
                keeper.keep()

    def _make_processes(self) -> None:
        self._units = [OwnProcess(spec) for spec in self._plan.processes()]
        self._processes = [self._keeper(unit) for unit in self._units]

    def _start_processes(self) -> None:
        if not self._processes:
            self._make_processes()
        for unit, keeper in zip(self._units, self._processes, strict=True):
            unit.give_the_word()
            keeper.keep()

    async def _start_servers(self) -> None:
        starts = (server.start(self._patience.servers_s) for server in self._servers)
        # All are waited for, so that none is left half started behind the error of another.
        for failed in await asyncio.gather(*starts, return_exceptions=True):
            if failed is not None:
                raise failed

    async def _wait_for_processes(self) -> None:
        waits = [asyncio.ensure_future(each.settled.wait()) for each in self._processes]
        if waits:
            _, late = await asyncio.wait(waits, timeout=self._patience.processes_s)
            for wait in late:
                wait.cancel()

    async def _unless_stopped(self, work: Awaitable[None]) -> None:
        """Do a step of the start; a request to stop breaks it off."""
        doing = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stop_asked.wait())
        await asyncio.wait({doing, stopping}, return_when="FIRST_COMPLETED")
        stopping.cancel()
        if doing.done():
            await doing
            return
        doing.cancel()
        await asyncio.wait({doing})

    async def _stop(self) -> None:
        """Processes first, all at once; then what they need."""
        self._notifier.tell("STOPPING=1")
        begun = asyncio.get_running_loop().time()
        grace_s = self._patience.processes_stop_s
        await asyncio.gather(*(each.stop(grace_s) for each in self._processes))
        # What the processes did not use up, so that all of it stays within ten seconds.
        left_s = self._patience.stop_s - (asyncio.get_running_loop().time() - begun)
        await asyncio.gather(*(each.stop(max(left_s, 1.0)) for each in self._servers))
        if self._hold.is_held:
            self._console.tell("everything has stopped")
        self._hold.release()

    def _take_the_folder(self) -> None:
        account = choose_account() if self._plan.servers else None
        make_data_folder(self._plan.data_dir, account)
        self._board.file.parent.mkdir(mode=0o711, exist_ok=True)
        self._hold.take()
        for left in noted(self._board.file):
            # The embedded servers stop what is left of themselves, and more gently.
            if left.name not in EMBEDDED and left.pid is not None and left.started is not None:
                sweep_session(left.pid, left.started)

    def _keeper(self, unit: OwnProcess | ServerProcess) -> Keeper:
        self._board.change(unit.name, state=State.WAITING)
        backoff = Backoff(self._rng)
        return Keeper(unit, board=self._board, console=self._console, backoff=backoff)


class _Signals:
    """SIGINT and SIGTERM as a call in the event loop, for as long as this lasts."""

    def __init__(self, call: Callable[[str], None]) -> None:
        self._call = call

    async def __aenter__(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._call, number.name)

    async def __aexit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
