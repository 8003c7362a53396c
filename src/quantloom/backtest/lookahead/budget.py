"""How long an audit may take."""

from dataclasses import dataclass
from math import inf
from time import perf_counter, thread_time
from typing import Literal, NamedTuple, cast

from quantloom.errors import Invalid

AuditSetting = Literal["auto", "full"] | bool | float
"""What `audit=` takes: auto; full or True; a number of seconds; False."""

AUTO_CUTS, FULL_CUTS = 12, 64
# A strategy that waits for something uses no processor, but time.
_WAITING = 8.0
# What a run takes however few bars it has.
_FIXED_S = 0.05


class Work(NamedTuple):
    """How much of its own work again a run is audited with by default.

    Attributes:
        share: of the run's bars. constant: bars beyond these, divided by the instruments.
        most: the constant in lengths of the run at most, for short runs of slow strategies.
    """

    share: float
    constant: float
    most: float


# Measured: a bar with a callback takes 0.3 us and more, a row of an array 0.02 us and the making of
# another future 0.2 us; each re-run besides takes 1 ms to begin.
CALLS = Work(0.15, 6_000, 3.0)
ROWS = Work(0.25, 100_000, 4.0)


class BadAudit(Invalid):
    """An audit that is neither on, off, full nor a number of seconds."""

    code = "backtest.bad_audit"

    def __init__(self, given: object) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return (
            f"audit is {self.given!r}; it must be auto, full, off or a number of seconds, such as 5"
        )


@dataclass(slots=True)
class Budget:
    """How much may be tried: by work, which is the same on any machine, or by a clock.

    Attributes:
        name: as it was asked for.
        limit_s: seconds of the processor, where a number of them was asked for.
        cuts: cuts to make at most.
        is_endless: whether all there is to try is tried.
    """

    name: str
    limit_s: float | None
    cuts: int
    is_endless: bool = False
    _began: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        """Begin to count."""
        self._began = thread_time(), perf_counter()

    @property
    def took_s(self) -> float:
        """What was spent since the start."""
        used, passed = thread_time() - self._began[0], perf_counter() - self._began[1]
        return max(used, passed / _WAITING)

    @property
    def is_over(self) -> bool:
        """Whether the seconds asked for are spent."""
        return self.limit_s is not None and self.took_s >= self.limit_s

    def units(self, work: Work, count: int, *, pace_s: float, instruments: int = 1) -> float:
        """How many units of work may be done.

        Args:
            count: units of the run itself. pace_s: seconds that each took.
            instruments: bars in each of them.
        """
        if self.limit_s is not None:
            return self.limit_s / pace_s
        if self.is_endless:
            return inf
        return work.share * count + min(work.constant / instruments, work.most * count)


def pace_of(took_s: float, count: int) -> float:
    """Seconds that a run took for each of its steps, without what any run takes."""
    return max(took_s - _FIXED_S, 1e-7) / count


def read_setting(given: object) -> AuditSetting:
    """Check what `audit=` was given.

    Raises:
        BadAudit: it is nothing that it takes.
    """
    if isinstance(given, bool):
        return given
    if given in {"auto", "full"}:
        return cast("AuditSetting", given)
    if isinstance(given, int | float) and given > 0:
        return float(given)
    raise BadAudit(given)


def make_budget(setting: AuditSetting) -> Budget:
    """The budget of an audit."""
    if setting == "auto":
        return Budget("auto", None, AUTO_CUTS)
    if setting == "full" or setting is True:
        return Budget("full", None, FULL_CUTS, is_endless=True)
    return Budget(f"{setting:g} s", float(setting), FULL_CUTS)
