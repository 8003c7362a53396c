"""What runs and what does not, in a small file that `/health` reads."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from quantloom.kit.clock import Clock
from quantloom_server.platform.embedded.holding import started

RUN, STATE = "run", "state.json"
_FRESH_S = 1.0


class State(StrEnum):
    """Where a process is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    CRASH_LOOP = "crash_loop"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """One process as the supervisor sees it.

    `started` tells it from another process that has its number later.
    """

    name: str
    state: State = State.WAITING
    pid: int | None = None
    started: str | None = None
    restarts: int = 0
    since: str = ""
    last_exit: str = ""


@dataclass(slots=True)
class Board:
    """The states of all processes; every change is written at once."""

    file: Path
    clock: Clock
    _statuses: dict[str, Status] = field(default_factory=dict)

    def change(self, name: str, **changes: Any) -> None:
        """Change what is known of a process; `since` follows its state."""
        before = self._statuses.get(name, Status(name))
        after = replace(before, **changes)
        if after.state is not before.state or not before.since:
            after = replace(after, since=_told(self.clock.now()))
        self._statuses[name] = after
        self._write()

    def of(self, name: str) -> Status:
        return self._statuses.get(name, Status(name))

    def all(self) -> tuple[Status, ...]:
        return tuple(self._statuses.values())

    def _write(self) -> None:
        body = {"processes": [asdict(status) for status in self._statuses.values()]}
        unfinished = self.file.with_suffix(".new")
        try:
            unfinished.write_text(json.dumps(body), encoding="utf-8")
            unfinished.rename(self.file)
        except OSError:
            pass  # a full disk hides the state, and must not stop what runs


def read_board(file: Path) -> tuple[Status, ...]:
    """Read the states that a supervisor wrote, dead processes as such; empty without a file."""
    return tuple(map(_checked, noted(file)))


class BoardReader:
    """Reads the states for whoever asks often: the file once a second at most."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / RUN / STATE
        self._read_at = -inf
        self._found: tuple[Status, ...] = ()

    def read(self) -> tuple[Status, ...]:
        """What a supervisor of this folder keeps; empty where none runs here."""
        if monotonic() - self._read_at >= _FRESH_S:
            self._found, self._read_at = read_board(self._file), monotonic()
        return self._found


def noted(file: Path) -> tuple[Status, ...]:
    """The states as they were written, which may be those of an earlier supervisor."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["processes"]
        return tuple(Status(**{**entry, "state": State(entry["state"])}) for entry in found)
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _checked(status: Status) -> Status:
    if status.pid is None or started(status.pid) == status.started:
        return status
    return replace(status, state=State.STOPPED, pid=None)


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
