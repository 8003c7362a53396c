"""The parent's side of the worker process in which vendors' code runs.

Akshare evaluates text that a web site sent and runs its JavaScript. So all of it runs in a process
that knows no secret but the one it needs, sees libraries and an empty folder, and is killed when
it takes too long, says too much or burns too much. What it answers is checked like any outside
input, and never unpickled.
"""

import hashlib
import math
import os
import selectors
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
import pyarrow as pa

from quantloom.data.providers.asking import Answer, Question
from quantloom.data.providers.errors import ProviderBadData, ProviderUnavailable
from quantloom.data.providers.hosting.faults import fault_of

_PROGRAM = Path(__file__).with_name("program.py")
_HEAD = struct.Struct(">QQ")
_MEBI = 1 << 20
_CHUNK = 1 << 20
_MOST_HEADER = 64 << 10
_BIRTH_S = 30.0
# A worker that has answered so much is replaced, whatever its vendor's code has piled up.
_QUESTIONS = 500
_LAST_WORDS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """How vendors' code is run.

    Attributes:
        python: the interpreter that has the vendors' packages; this one where not given.
        longest_s: what one question may take, whatever its asker grants it.
        memory_mb: what it may hold. answer_mb: what one answer may weigh.
        proxy: an http(s) proxy through which it reaches the web.
        ca_file: certificates it trusts instead of the usual ones.
        path: folders of modules of its own, for tests.
    """

    python: Path | None = None
    longest_s: float = 600.0
    memory_mb: int = 2_048
    answer_mb: int = 64
    proxy: str = ""
    ca_file: Path | None = None
    path: tuple[Path, ...] = ()


class WorkerAsker:
    """Asks in a worker process, started with the first question and again whenever it died."""

    def __init__(self, worker: Worker | None = None) -> None:
        self.worker = worker or Worker()
        self._running: _Running | None = None

    @property
    def walls(self) -> tuple[str, ...]:
        """What the running worker is locked up by; empty where none runs."""
        return self._running.walls if self._running else ()

    def ask(self, question: Question) -> Answer:
        """Ask, and kill the worker if it does not answer as it should."""
        started = time.monotonic()
        if self._running is None:
            self._running = _Running(self.worker, question.provider)
        try:
            header, body = self._running.ask(question, self.worker)
        except (ProviderUnavailable, ProviderBadData):
            self.close()
            raise
        if self._running.asked >= _QUESTIONS:
            self.close()
        took_ms = (time.monotonic() - started) * 1e3
        return _answer(question, header, body, took_ms)

    def close(self) -> None:
        """End the worker."""
        running, self._running = self._running, None
        if running is not None:
            running.end()


class _Running:
    """One worker process, its folder and the pipes to it."""

    def __init__(self, worker: Worker, provider: str) -> None:
        self.asked = 0
        self.scratch = Path(tempfile.mkdtemp(prefix="quantloom-vendor-"))
        self.errors = (self.scratch / ".stderr").open("w+b")
        if os.geteuid() == 0:
            # The worker becomes nobody and needs its folder.
            self.scratch.chmod(0o777)
        self.process = subprocess.Popen(  # noqa: S603  our own program
            [str(worker.python or sys.executable), "-I", "-B", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            cwd=self.scratch,
            env=_environment(worker, self.scratch),
            start_new_session=True,
        )
        self.walls: tuple[str, ...] = ()
        try:
            self._write(_setup(worker), provider)
            header, _ = self._read(provider, _BIRTH_S, _MEBI)
        except BaseException:
            self.end()
            raise
        self.walls = tuple(header.get("walls", ()))

    def ask(self, question: Question, worker: Worker) -> tuple[dict[str, Any], bytes]:
        self.asked += 1
        told = {
            "vendor": question.vendor,
            "function": question.function,
            "arguments": dict(question.arguments),
            "timeout_s": min(question.timeout_s, worker.longest_s),
            "token": question.secret,
            **question.extra,
        }
        self._write(told, question.provider)
        seconds = min(question.timeout_s, worker.longest_s)
        return self._read(question.provider, seconds, worker.answer_mb * _MEBI)

    def end(self) -> None:
        with suppress(OSError):
            os.killpg(self.process.pid, 9)
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.errors):
            with suppress(OSError):
                cast("Any", pipe).close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _write(self, told: Mapping[str, Any], provider: str) -> None:
        text = msgspec.json.encode(told)
        try:
            pipe = cast("Any", self.process.stdin)
            pipe.write(len(text).to_bytes(8, "big") + text)
            pipe.flush()
        except OSError:
            raise ProviderUnavailable(provider, self._obituary()) from None

    def _read(self, provider: str, seconds: float, most: int) -> tuple[dict[str, Any], bytes]:
        deadline = time.monotonic() + seconds
        sizes = _HEAD.unpack(self._take(_HEAD.size, provider, deadline))
        if sizes[0] > _MOST_HEADER or sizes[1] > most:
            problem = f"it is {sum(sizes) / _MEBI:,.1f} MB long, and {most / _MEBI:,.0f} are taken"
            raise ProviderBadData(provider, "a question", problem)
        text = self._take(sizes[0], provider, deadline)
        body = self._take(sizes[1], provider, deadline)
        try:
            return msgspec.json.decode(text, type=dict[str, Any]), body
        except msgspec.MsgspecError as error:
            raise ProviderBadData(provider, "a question", f"no header: {error}") from error

    def _take(self, count: int, provider: str, deadline: float) -> bytes:
        pipe = cast("Any", self.process.stdout).fileno()
        parts, missing = [], count
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while missing:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise ProviderUnavailable(provider, "it took too long and was stopped")
                part = os.read(pipe, min(missing, _CHUNK))
                if not part:
                    raise ProviderUnavailable(provider, self._obituary())
                parts.append(part)
                missing -= len(part)
        return b"".join(parts)

    def _obituary(self) -> str:
        """What a dead worker left: its exit code and its last words."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        self.errors.seek(0, os.SEEK_END)
        self.errors.seek(max(self.errors.tell() - _LAST_WORDS, 0))
        words = self.errors.read().decode(errors="replace").strip().splitlines()
        last = f", last words: {words[-1]}" if words else ""
        return f"its process ended with exit code {self.process.returncode}{last}"


def _environment(worker: Worker, scratch: Path) -> dict[str, str]:
    """An environment of its own: nothing of ours is handed on."""
    environment = {
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        # Each thread of these would hold memory, and nothing here computes.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    if worker.proxy:
        for name in ("http_proxy", "https_proxy", "HTTPS_PROXY"):
            environment[name] = worker.proxy
    if worker.ca_file:
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            environment[name] = str(worker.ca_file)
    return environment


def _setup(worker: Worker) -> Mapping[str, Any]:
    port = urlsplit(worker.proxy).port if worker.proxy else None
    return {
        "memory_mb": worker.memory_mb,
        "most_bytes": worker.answer_mb * _MEBI,
        "ports": [] if port is None else [port],
        "readable": [str(path) for path in (*worker.path, worker.ca_file) if path],
        "path": [str(path) for path in worker.path],
    }


def _answer(question: Question, header: Mapping[str, Any], body: bytes, took_ms: float) -> Answer:
    if header.get("form") == "error":
        raise fault_of(question, header)
    table, value = None, None
    try:
        if header.get("form") == "arrow":
            with pa.ipc.open_stream(body) as reader:
                table = reader.read_all()
            # Outside input: lengths and offsets that lie would read past the end of memory.
            table.validate(full=True)
        else:
            value = msgspec.json.decode(body)
    except (pa.ArrowException, msgspec.MsgspecError, OSError) as error:
        problem = f"it cannot be read: {error}"
        raise ProviderBadData(question.provider, question.function, problem) from error
    return Answer(
        table=table,
        value=value,
        sha256=hashlib.sha256(body).hexdigest(),
        version=str(header.get("version", ""))[:64],
        took_ms=math.ceil(took_ms * 10) / 10,
    )
