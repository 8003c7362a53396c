"""The sandbox as its users hold it: a warm process to fork from, and runs in locked children."""

import fcntl
import json
import logging
import os
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from quantloom.sandbox import calls, zygote
from quantloom.sandbox.errors import NotPreloaded, NoWalls, PreloadFailed, SandboxClosed, ZygoteLost
from quantloom.sandbox.layers import Layer, Layers, Profile, Walls
from quantloom.sandbox.limits import Limits
from quantloom.sandbox.outcomes import Outcome
from quantloom.sandbox.running import Cancellation, Hear, Job, Wiring
from quantloom.sandbox.sealed import Payload

log = logging.getLogger(__name__)

USERS = range(64_200, 64_328)
"""Users that children run as where the service runs as root; nobody else may use them."""

START_S = 120.0
"""Seconds in which everything must be loaded."""

_ROOT = Path(__file__).resolve().parents[2]
_BEGIN = (
    "import sys; sys.path.insert(0, sys.argv[2]); "
    "from quantloom.sandbox.zygote import main; main(int(sys.argv[1]))"
)
# One thread: others do not survive a fork, and a child may make none.
_SERIAL = dict.fromkeys(
    (
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "ARROW_IO_THREADS",
    ),
    "1",
)
_PLACES = ("/usr/share/zoneinfo", "/usr/lib", "/lib", "/usr/lib64", "/lib64", "/usr/local/lib")
_CACHE = "/etc/ld.so.cache"


@dataclass(slots=True)
class _Started:
    """A zygote that answers."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    layers: Layers

    def stop(self) -> None:
        """End it, and with it every child."""
        self.control.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Sandbox:
    """Runs named functions over bytes, each in a locked process of its own.

    ```python
    with Sandbox(preload=("json", "mine.jobs")) as sandbox:
        outcome = sandbox.run("mine.jobs:count", b"...")
    ```

    It may be used from many threads at once; each run is a child, and takes milliseconds to start.
    """

    def __init__(
        self,
        *,
        preload: Sequence[str],
        profile: Profile = Profile.NORMAL,
        limits: Limits | None = None,
        warm_up: str = "",
        walls: Walls = "required",
        paths: Sequence[str] | None = None,
        readable: Sequence[Path] | None = None,
        environment: Mapping[str, str] | None = None,
        users: range = USERS,
        without: Collection[Layer] = (),
    ) -> None:
        """Describe a sandbox; `start`, or the first run, starts it.

        Args:
            preload: modules that are loaded before anything is locked; those of the functions
                to run among them, and in the strict profile all that these import late.
            profile: how much of the file system jobs may read.
            limits: of each job, where a run names none.
            warm_up: `module:function` without arguments, called once when all is loaded.
            walls: `off` runs jobs even where the kernel can hold nothing back.
            paths: where modules are looked for; as in this process if not given.
            readable: what the normal profile lets jobs read; the libraries if not given.
            environment: of the process that loads modules; it is emptied before any job.
            users: whom children become under root, one each at a time.
            without: walls to leave out, to see what the others hold.
        """
        self._asked = {
            "preload": list(preload),
            "profile": profile,
            "warm_up": warm_up,
            "paths": list(_own_paths() if paths is None else paths),
            "readable": [str(one) for one in (_libraries() if readable is None else readable)],
            "users": [users.start, users.stop],
            "without": [str(one) for one in without],
        }
        self._preload, self._limits = tuple(preload), limits or Limits()
        self._walls, self._environment = walls, {**_SERIAL, **(environment or {})}
        self._lock, self._started, self._is_closed = threading.Lock(), None, False
        self._tell = log.warning

    _started: _Started | None

    def start(self) -> Layers:
        """Start it where it does not run yet; say which walls stand.

        Raises:
            PreloadFailed: a module cannot be loaded, or the process does not come up.
            NoWalls: the kernel has neither seccomp nor Landlock, and walls are required.
            SandboxClosed: it was closed.
        """
        return self._ready("").layers

    @property
    def layers(self) -> Layers:
        """Which walls stand; starts it where it does not run yet."""
        return self.start()

    @property
    def zygote(self) -> int:
        """Id of the process that children are forked from; starts it where it does not run yet."""
        return self._ready("").process.pid

    def run(
        self,
        function: str,
        payload: bytes | memoryview | Payload,
        *,
        limits: Limits | None = None,
        on_log: Hear | None = None,
        on_progress: Hear | None = None,
        cancellation: Cancellation | None = None,
    ) -> Outcome:
        """Run a function in a child of its own, and wait for what becomes of it.

        Args:
            function: `package.module:function` of a preloaded module; it takes the payload as a
                memoryview and a way to tell progress, and returns bytes.
            payload: what it is given; a `Payload` is not copied.
            limits: of this run.
            on_log: handed what is printed as it comes.
            on_progress: handed each progress message; raising ends the job.
            cancellation: calls it off from another thread.
        Raises:
            NotPreloaded: the function's module is not preloaded.
            SandboxClosed: it was closed.
            PreloadFailed, NoWalls: as `start` says.
            LockdownFailed, ZygoteLost: nothing is known of the job; it may be run again.
        """
        module, _, name = function.partition(":")
        if module not in self._preload or not name:
            raise NotPreloaded(function, self._preload)
        began = time.monotonic()
        bounds = limits or self._limits
        given = payload if isinstance(payload, Payload) else Payload(payload)
        try:
            wiring = self._send(function, bounds, given)
        finally:
            if given is not payload:
                given.close()
        job = Job(
            function=function,
            limits=bounds,
            wiring=wiring,
            began=began,
            cancellation=cancellation,
            on_log=on_log,
            on_progress=on_progress,
        )
        try:
            return job.follow()
        finally:
            wiring.close()

    def close(self) -> None:
        """End it and every job that runs."""
        with self._lock:
            self._is_closed, started, self._started = True, self._started, None
        if started is not None:
            started.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, function: str, limits: Limits, payload: Payload) -> Wiring:
        """Have a child started; twice, if the zygote has died since it was last used."""
        for _ in range(2):
            started = self._ready(function)
            wiring, theirs = _wires()
            try:
                asked = json.dumps({"function": function, "limits": asdict(limits)}).encode()
                passed = [theirs.report.fileno(), theirs.result, theirs.log, payload.descriptor]
                socket.send_fds(started.control, [asked], passed)
            except OSError:
                wiring.close()
                self._forget(started)
            else:
                return wiring
            finally:
                theirs.close()
        raise ZygoteLost(function)

    def _ready(self, function: str) -> _Started:
        with self._lock:
            if self._is_closed:
                raise SandboxClosed(function)
            if self._started is not None and self._started.process.poll() is not None:
                self._started.stop()
                self._started = None
            if self._started is None:
                self._started = self._start()
                for gap in self._started.layers.gaps:
                    self._tell("sandbox without %s", gap)
            return self._started

    def _forget(self, started: _Started) -> None:
        with self._lock:
            if self._started is started:
                self._started = None
        started.stop()

    def _start(self) -> _Started:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603  our own interpreter
                    [*_interpreter(), "-c", _BEGIN, str(theirs.fileno()), str(_ROOT)],
                    pass_fds=[theirs.fileno()],
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise PreloadFailed(str(error)) from error
        started = _Started(process, ours, _NOTHING)
        try:
            started.layers = self._hear(ours)
        except BaseException:
            process.kill()
            started.stop()
            raise
        return started

    def _hear(self, control: socket.socket) -> Layers:
        control.settimeout(START_S)
        try:
            control.send(json.dumps(self._asked).encode())
            told: dict[str, Any] = json.loads(control.recv(zygote.MESSAGE) or b"{}")
        except OSError as error:
            raise PreloadFailed(str(error) or "no answer") from error
        control.settimeout(None)
        if "layers" not in told:
            raise PreloadFailed(told.get("failed", "it ended without a word"))
        facts = told["layers"]
        layers = Layers(**{**facts, "profile": Profile(facts["profile"])})
        if not layers.hold and self._walls == "required":
            raise NoWalls(calls.MACHINE)
        return layers


_NOTHING = Layers(
    profile=Profile.STRICT,
    seccomp=False,
    landlock=0,
    namespaces=False,
    own_user=False,
    oom_score=False,
)


def survey(*, walls: Walls = "off") -> Layers:
    """Find out which walls stand on this machine, by locking a child.

    Raises:
        PreloadFailed: not even an empty sandbox comes up.
    """
    sandbox = Sandbox(preload=(), walls=walls)
    # Whoever asks says it in their own way.
    sandbox._tell = log.debug  # noqa: SLF001
    with sandbox:
        return sandbox.layers


def _wires() -> tuple[Wiring, Wiring]:
    """Both ends of what leads to a child: ours, and theirs."""
    our_report, their_report = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    our_result, their_result = os.pipe()
    our_log, their_log = os.pipe()
    # Unprivileged users may have few large pipes, and then a small one does as well.
    with suppress(OSError):
        fcntl.fcntl(our_result, fcntl.F_SETPIPE_SZ, 1 << 20)
    return Wiring(our_report, our_result, our_log), Wiring(their_report, their_result, their_log)


def _interpreter() -> list[str]:
    found = [sys.executable, "-I", "-S", "-B"]
    if sys.pycache_prefix is not None:
        # What is compiled already is not compiled again.
        found += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return found


def _own_paths() -> list[str]:
    return [str(Path(one).resolve()) for one in sys.path if one and Path(one).exists()]


def _libraries() -> list[Path]:
    """Where Python, the installed packages, this one and the time zones are."""
    named = sysconfig.get_paths()
    found = {named[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    own = str(Path(__file__).resolve().parents[1])
    return [Path(one) for one in (*sorted(found), own, *_PLACES, _CACHE)]
