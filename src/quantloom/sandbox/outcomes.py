"""What became of a job."""

from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """The limit that ended a job."""

    MEMORY = "memory"
    CPU = "cpu"
    OUTPUT = "output"
    LOG = "log"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a job took.

    Attributes:
        wall_s: from the call to the answer. cpu_s: of the processor, at its end.
        peak_bytes: resident at most, the shared pages of preloaded modules included.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What every outcome has.

    Attributes:
        log: what was printed, cut at its limit. usage: what was used.
    """

    log: bytes = b""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Ended):
    """The function returned.

    Attributes:
        content: what it returned; made by code that is not trusted.
    """

    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Ended):
    """The function raised, or returned something else than bytes.

    Attributes:
        kind: name of the exception. text: what it says. trace: where it was raised.
    """

    kind: str
    text: str
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed(Ended):
    """The process ended without an answer, or sent something that is none.

    Attributes:
        reason: `signal`, `hostile_call` (seccomp ended it), `no_answer` (it left by itself) or
            `protocol` (it was ended for writing what is no frame).
        signal: that ended it. status: that it left with.
    """

    reason: str
    signal: int | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut(Ended):
    """The wall clock ran out, and the process was ended.

    Attributes:
        limit_s: how long it had.
    """

    limit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OverLimit(Ended):
    """A limit was reached, and the process was ended.

    Attributes:
        bound: which one. limit: how much it was.
    """

    bound: Bound
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Ended):
    """Somebody called it off, and the process was ended."""


Outcome = Value | Refused | Crashed | TimedOut | OverLimit | Cancelled
"""What became of a job."""
