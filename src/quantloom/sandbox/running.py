"""One job as its parent sees it: what arrives is read, counted and cut, and the end is certain."""

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from quantloom.sandbox import frames, zygote
from quantloom.sandbox.errors import LockdownFailed, ZygoteLost
from quantloom.sandbox.frames import BrokenProtocol, Frame, Kind, TooLong
from quantloom.sandbox.limits import Limits
from quantloom.sandbox.outcomes import (
    Bound,
    Cancelled,
    Crashed,
    Ended,
    Outcome,
    OverLimit,
    Refused,
    TimedOut,
    Usage,
    Value,
)

Hear = Callable[[bytes], None]
"""Is handed bytes of the log, or one progress message, as they come."""

_CHUNK = 1 << 20
_GRACE_S = 10.0
"""Seconds in which a killed process must be gone."""


class Cancellation:
    """Calls jobs off, from any thread; one may stand for several runs."""

    def __init__(self) -> None:
        self._event = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def cancel(self) -> None:
        """Call off every run that was given this, and every later one."""
        os.eventfd_write(self._event, 1)

    def fileno(self) -> int:
        """What becomes readable when it is called off."""
        return self._event

    def __del__(self) -> None:
        with suppress(AttributeError, OSError):
            os.close(self._event)


@dataclass(slots=True)
class Wiring:
    """The parent's ends of what leads to a child."""

    report: socket.socket
    result: int
    log: int

    def close(self) -> None:
        """Let go of all of it."""
        self.report.close()
        os.close(self.result)
        os.close(self.log)


@dataclass(slots=True)
class Job:
    """A child from its start to its end.

    Attributes:
        verdict: makes the outcome, once it is known why the job ends.
        lost: the zygote died with it. broken: it could not be locked.
    """

    function: str
    limits: Limits
    wiring: Wiring
    began: float
    cancellation: Cancellation | None = None
    on_log: Hear | None = None
    on_progress: Hear | None = None
    verdict: Callable[..., Outcome] | None = None
    is_ready: bool = False
    log: bytearray = field(default_factory=bytearray)
    process: int | None = None
    ended: dict[str, Any] | None = None
    told: int = 0
    reader: frames.Reader = field(init=False)
    poll: select.poll = field(default_factory=select.poll)

    def __post_init__(self) -> None:
        longest = {Kind.VALUE: self.limits.output, Kind.PROGRESS: frames.SMALL}
        self.reader = frames.Reader(longest)

    def follow(self) -> Outcome:
        """Read until it is known what becomes of the job; then end its process.

        Raises:
            ZygoteLost: the sandbox died meanwhile.
            LockdownFailed: the child could not be locked, so it ran nothing.
        """
        sources = {
            # First what was printed: it was there before the answer was.
            self.wiring.log: self._log,
            self.wiring.result: self._result,
            self.wiring.report.fileno(): self._report,
        }
        if self.cancellation is not None:
            sources[self.cancellation.fileno()] = self._cancel
        for source in sources:
            self.poll.register(source, select.POLLIN)
        try:
            while self.verdict is None and self.ended is None:
                self._wait(sources)
            self._finish()
        finally:
            self._end_process()
        return self._judge()

    def _wait(self, sources: dict[int, Callable[[], None]]) -> None:
        left_s = self.began + self.limits.wall_s - time.monotonic()
        if left_s <= 0:
            self.verdict = _made(TimedOut, limit_s=self.limits.wall_s)
            return
        for source, _ in self.poll.poll(max(1, min(left_s, 3600.0) * 1000)):
            if self.verdict is None and source in sources:
                sources[source]()

    def _result(self) -> None:
        arrived = os.read(self.wiring.result, _CHUNK)
        if not arrived:
            self.poll.unregister(self.wiring.result)
            return
        try:
            for frame in self.reader.feed(arrived):
                self._take(frame)
        except BrokenProtocol:
            self.verdict = _made(Crashed, reason="protocol")
        except TooLong as error:
            self.verdict = self._too_long(error.kind)

    def _too_long(self, kind: Kind) -> Callable[..., Outcome]:
        if kind is Kind.VALUE:
            return _made(OverLimit, bound=Bound.OUTPUT, limit=self.limits.output)
        return _made(Crashed, reason="protocol")

    def _take(self, frame: Frame) -> None:
        if self.verdict is not None:
            return
        if not self.is_ready:
            self._begin(frame)
        elif frame.kind is Kind.PROGRESS:
            self._progress(frame.content)
        elif frame.kind is Kind.VALUE:
            self.verdict = _made(Value, content=frame.content)
        elif frame.kind is Kind.RAISED:
            self.verdict = self._raised(frame.content)
        else:
            self.verdict = _made(Crashed, reason="protocol")

    def _begin(self, frame: Frame) -> None:
        if frame.kind is Kind.BROKEN:
            told = json.loads(frame.content)
            raise LockdownFailed(told["step"], told["problem"])
        self.is_ready = True

    def _progress(self, content: bytes) -> None:
        self.told += len(content) + 1
        if self.told > self.limits.progress:
            self.verdict = _made(OverLimit, bound=Bound.PROGRESS, limit=self.limits.progress)
        elif self.on_progress is not None:
            self.on_progress(content)

    def _raised(self, content: bytes) -> Callable[..., Outcome]:
        try:
            told = json.loads(content)
            kind, text, trace = (str(told.get(name, "")) for name in ("kind", "text", "trace"))
        except (ValueError, AttributeError, RecursionError):
            return _made(Crashed, reason="protocol")
        if kind == "MemoryError":
            return _made(OverLimit, bound=Bound.MEMORY, limit=self.limits.memory)
        return _made(Refused, kind=kind, text=text, trace=trace)

    def _log(self) -> None:
        arrived = os.read(self.wiring.log, _CHUNK)
        if not arrived:
            self.poll.unregister(self.wiring.log)
            return
        room = self.limits.log - len(self.log)
        kept = arrived[:room]
        self.log += kept
        if self.on_log is not None and kept:
            self.on_log(kept)
        if len(arrived) > room:
            self.verdict = _made(OverLimit, bound=Bound.LOG, limit=self.limits.log)

    def _report(self) -> None:
        try:
            message, given, _, _ = socket.recv_fds(
                self.wiring.report, zygote.MESSAGE, 1, socket.MSG_CMSG_CLOEXEC
            )
        except OSError:
            message, given = b"", []
        if not message:
            raise ZygoteLost(self.function)
        told = json.loads(message)
        if "failed" in told:
            raise LockdownFailed("fork", told["failed"])
        if given:
            self.process = given[0]
        else:
            self.ended = told

    def _cancel(self) -> None:
        self.verdict = Cancelled

    def _finish(self) -> None:
        """Read what a job that ended by itself has left in its pipes."""
        if self.verdict is not None:
            return
        for read in self._left(self.wiring.result, self._result):
            read()

    def _left(self, source: int, read: Callable[[], None]) -> Iterator[Callable[[], None]]:
        os.set_blocking(source, False)
        while self.verdict is None:
            if not _is_waiting(source):
                return
            yield read

    def _end_process(self) -> None:
        """Kill the process, and know that it is gone."""
        if self.ended is not None:
            self._drain_log()
            return
        with suppress(ZygoteLost, LockdownFailed):
            while self.process is None:
                self._await_report()
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.process, signal.SIGKILL)
            while self.ended is None:
                self._await_report()
        self._drain_log()

    def _await_report(self) -> None:
        poll = select.poll()
        poll.register(self.wiring.report, select.POLLIN)
        if not poll.poll(_GRACE_S * 1000):
            raise ZygoteLost(self.function)
        self._report()

    def _drain_log(self) -> None:
        """Keep what was printed last, as far as there is room."""
        if self.process is not None:
            os.close(self.process)
            self.process = None
        while len(self.log) < self.limits.log and _is_waiting(self.wiring.log):
            arrived = os.read(self.wiring.log, self.limits.log - len(self.log))
            if not arrived:
                return
            self.log += arrived
            if self.on_log is not None:
                self.on_log(arrived)

    def _judge(self) -> Outcome:
        ended = self.ended or {}
        usage = Usage(
            wall_s=time.monotonic() - self.began,
            cpu_s=float(ended.get("cpu_s", 0.0)),
            peak_bytes=int(ended.get("peak_bytes", 0)),
        )
        make = self.verdict or self._by_status(int(ended.get("status", 0)), usage.cpu_s)
        return make(log=bytes(self.log), usage=usage)

    def _by_status(self, status: int, cpu_s: float) -> Callable[..., Outcome]:
        """Why a job ended that nobody ended and that has not answered."""
        if status >= 0:
            return _made(Crashed, reason="no_answer", status=status)
        number = -status
        if number in {signal.SIGKILL, signal.SIGXCPU} and cpu_s > self.limits.cpu_s - 1:
            return _made(OverLimit, bound=Bound.CPU, limit=self.limits.cpu_s)
        reason = "hostile_call" if number == signal.SIGSYS else "signal"
        return _made(Crashed, reason=reason, signal=number)


def _made(outcome: type[Ended], /, **facts: Any) -> Callable[..., Any]:
    def make(**rest: Any) -> Ended:
        return outcome(**facts, **rest)

    return make


def _is_waiting(source: int) -> bool:
    poll = select.poll()
    poll.register(source, select.POLLIN)
    return any(event & select.POLLIN for _, event in poll.poll(0))
