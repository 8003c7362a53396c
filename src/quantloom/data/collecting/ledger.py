"""The ledger of collection: a line for every question and every span, and never one less.

It lies in the data directory as JSON lines. A line is durable before work goes on; one that a kill
or a power cut tore is cut off when the ledger is opened again.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import msgspec

from quantloom.data.providers.asking import Answer, Question
from quantloom.data.providers.hearing import Heard
from quantloom.errors import Conflict, QuantloomError
from quantloom.kit import Clock

_FOLDER, _FILE, _LOCK = "collect", "ledger.jsonl", "lock"


class CollectionRunning(Conflict):
    """Another process collects into the same data directory."""

    code = "data.collection_running"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"another process is collecting into {self.folder}; wait for it, or end it"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the ledger.

    Attributes:
        at: when it was over. kind: `question` for one call of a vendor's function, `bars` for a
            span of bars that was asked for, `factors` for a symbol's adjustment factors.
        start, end: the span that was asked for.
        upto: how far of it nothing is left to ask.
        first, last: open times of the bars that came.
        rows, added, changed, withdrawn: bars that came; new; that differed from those stored;
            and stored ones that did not come any more.
        sha256: of the bytes that came, or the digest of the bars.
        examples: some of the changes, in words.
        error: code of what went wrong, empty where nothing did; problem: its text.
    """

    at: datetime
    kind: str
    provider: str
    symbol: str = ""
    timeframe: str = ""
    start: datetime | None = None
    end: datetime | None = None
    upto: datetime | None = None
    first: datetime | None = None
    last: datetime | None = None
    rows: int = 0
    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    sha256: str = ""
    function: str = ""
    arguments: str = ""
    version: str = ""
    took_ms: float = 0.0
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    problem: str = ""


def note_questions(ledger: "Ledger", clock: Clock) -> Heard:
    """Have every question that a vendor is asked written down, without its secret."""

    def heard(question: Question, came: Answer | QuantloomError, took_ms: float) -> None:
        told: dict[str, Any] = {}
        if isinstance(came, Answer):
            rows = 0 if came.table is None else came.table.num_rows
            told = {"sha256": came.sha256, "version": came.version, "rows": rows}
        else:
            told = {"error": came.code, "problem": str(came)}
        ledger.append(
            Entry(
                at=clock.now(),
                kind="question",
                provider=question.provider,
                function=question.function,
                arguments=msgspec.json.encode(dict(question.arguments)).decode(),
                took_ms=round(took_ms, 1),
                **told,
            )
        )

    return heard


class Ledger:
    """The ledger of one data directory; open it with `with`, which keeps others out."""

    def __init__(self, root: Path) -> None:
        self.folder = root / _FOLDER
        self.path = self.folder / _FILE
        self._lock: int | None = None
        self._file: int | None = None

    def __enter__(self) -> Self:
        while self._lock is None:
            self._lock = self._locked()
        self._file = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        self._cut_torn_line()
        return self

    def _locked(self) -> int | None:
        """Keep others out; None where another that wrote nothing has just taken the lock away."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / _LOCK
        try:
            lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise CollectionRunning(self.folder) from None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
        os.close(lock)
        return None

    def __exit__(self, *_: object) -> None:
        if self._file is not None and not os.fstat(self._file).st_size:
            self._leave_nothing()
        for descriptor in (self._file, self._lock):
            if descriptor is not None:
                os.close(descriptor)
        self._file = self._lock = None

    def _leave_nothing(self) -> None:
        """A collection that was refused before its first question leaves no trace."""
        self.path.unlink(missing_ok=True)
        (self.folder / _LOCK).unlink(missing_ok=True)
        with suppress(OSError):  # what was cached stays
            self.folder.rmdir()

    def append(self, entry: Entry) -> None:
        """Add a line and make it durable."""
        if self._file is None:
            raise ValueError("the ledger is not open; use it in a with block")
        os.write(self._file, msgspec.json.encode(entry) + b"\n")
        os.fsync(self._file)

    def entries(self) -> Iterator[Entry]:
        """Read every line, oldest first; one that is no entry is passed over."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=Entry)
            except msgspec.MsgspecError:
                continue

    def _cut_torn_line(self) -> None:
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if self._file is not None and whole < len(content):
            os.ftruncate(self._file, whole)
