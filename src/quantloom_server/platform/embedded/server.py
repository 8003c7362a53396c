"""What both servers have in common: one holder of the folder, one child, a start and an end."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from quantloom_server.platform.embedded.account import (
    Account,
    choose_account,
    make_data_folder,
)
from quantloom_server.platform.embedded.errors import ServerFailed
from quantloom_server.platform.embedded.holding import (
    Hold,
    end_process,
    note_process,
    noted_process,
)
from quantloom_server.platform.embedded.launching import tied_to_us
from quantloom_server.platform.embedded.sockets import choose_socket_folder, make_socket_folder

_POLL_S = 0.01
_TAIL = 2_000
_HARDER_S = 1.0


class EmbeddedServer(ABC):
    """A server that is our own child, in a folder that only it uses.

    `start`, `launch` and `stop` belong to the main thread, or to one that lives as long as the
    server: the kernel ends the child with the thread that started it.
    """

    name: ClassVar[str]
    # From the gentlest to the one that cannot be refused.
    endings: ClassVar[tuple[signal.Signals, ...]]

    def __init__(
        self,
        data_dir: Path,
        socket_dir: Path | None = None,
        *,
        durable: bool = True,
    ) -> None:
        """Nothing is touched before `start`.

        Args:
            data_dir: the folder of the whole service; the server has a part of it.
            socket_dir: where its socket goes; by default one made of `data_dir`.
            durable: whether what is acknowledged outlives a loss of power; tests do without.
        """
        self.data_dir = data_dir.resolve()
        self.socket_dir = socket_dir or choose_socket_folder(self.data_dir)
        self._durable = durable
        self._account: Account | None = choose_account()
        self._hold = Hold(self._run_dir / f"{self.name}.lock", f"an embedded {self.name}")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def child(self) -> subprocess.Popen[bytes] | None:
        """The running server, or the one that just died."""
        return self._child

    def start(
        self, output: int | None = None, *, within_s: float = 30.0
    ) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers.

        Args:
            output: a descriptor for its log; by default a file in the folder `run`.
            within_s: how long it may take; recovery after a crash takes longer than a start.

        Raises:
            AlreadyRunning: another process holds the folder.
            ServerFailed: it ended, or did not answer in time.
        """
        child = self.launch(output)
        deadline = time.monotonic() + within_s
        while not self.is_ready():
            if child.poll() is not None:
                raise self._failure(f"ended with {child.returncode} while it was to start")
            if time.monotonic() > deadline:
                self.stop()
                raise self._failure(f"did not answer within {within_s:g} s")
            time.sleep(_POLL_S)
        return child

    def launch(self, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start the server without waiting for it; again after it died, if need be."""
        if not self._hold.is_held:
            make_data_folder(self.data_dir, self._account)
            self._run_dir.mkdir(mode=0o711, exist_ok=True)
            self._hold.take()
        try:
            make_socket_folder(self.socket_dir, self._account)
            self._end_orphan()
            return self._spawn(output)
        except BaseException:
            self._hold.release()
            raise

    def stop(self, *, gently_s: float = 5.0) -> None:
        """Stop the server, gently for a while and then harder, and let the folder go."""
        child = self._child
        if child is not None:
            patience_s = gently_s
            for number in self.endings:
                child.send_signal(number)
                try:
                    child.wait(patience_s)
                    break
                except subprocess.TimeoutExpired:
                    patience_s = _HARDER_S
            child.wait()
        self._child = None
        self._record.unlink(missing_ok=True)
        self._hold.release()

    @property
    def was_made(self) -> bool:
        """Whether it was ever started in this folder."""
        return self._keys_file.exists()

    @property
    @abstractmethod
    def _keys_file(self) -> Path:
        """Where its passwords lie."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers on its socket."""

    @abstractmethod
    def _prepare(self) -> tuple[Sequence[str | Path], bytes]:
        """Make its folder; returns the command and what it reads from standard input."""

    def _leftover(self) -> int | None:
        """The process of an earlier start that still runs."""
        return noted_process(self._record)

    def _spawn(self, output: int | None) -> subprocess.Popen[bytes]:
        command, fed = self._prepare()
        sink = self._log_file() if output is None else output
        try:
            self._child = subprocess.Popen(  # noqa: S603  our own command
                self._launching(command, self.endings[0]),
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self.socket_dir,
                start_new_session=True,  # Ctrl-C in a terminal is for the one who stops us in order
            )
        finally:
            if output is None:
                os.close(sink)
        note_process(self._record, self._child.pid)
        if self._child.stdin is not None:
            try:
                self._child.stdin.write(fed)
                self._child.stdin.close()
            except BrokenPipeError:
                pass  # it died at once; whoever waits for it sees that, with its last words
        return self._child

    def _run_briefly(self, command: Sequence[str | Path], fed: bytes = b"") -> None:
        """Run one of the server's tools to its end, as the server's account."""
        done = subprocess.run(  # noqa: S603  our own command
            self._launching(command, signal.SIGKILL),
            input=fed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment(),
            cwd=self.socket_dir,
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout.decode(errors="replace").strip()[-_TAIL:]
            raise ServerFailed(Path(command[0]).name, f"ended with {done.returncode}", said)

    def _launching(self, command: Sequence[str | Path], at_our_end: signal.Signals) -> list[str]:
        return tied_to_us(command, at_our_end, self._account)

    def _end_orphan(self) -> None:
        pid = self._leftover()
        if pid is not None:
            end_process(pid, self.endings, each_s=5.0)

    def _log_file(self) -> int:
        return os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)

    def _failure(self, problem: str) -> ServerFailed:
        self._hold.release()
        try:
            said = self._log.read_bytes()[-_TAIL:].decode(errors="replace").strip()
        except FileNotFoundError:
            said = "see the log"
        return ServerFailed(self.name, problem, said)

    def _environment(self) -> Mapping[str, str]:
        """A clean one: a stray PGDATA or PGOPTIONS of the user's shell is not for this server."""
        return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent"}

    @property
    def _run_dir(self) -> Path:
        return self.data_dir / "run"

    @property
    def _record(self) -> Path:
        return self._run_dir / f"{self.name}.pid"

    @property
    def _log(self) -> Path:
        return self._run_dir / f"{self.name}.log"
