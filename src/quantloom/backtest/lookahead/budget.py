"""How long an audit may take."""

from dataclasses import dataclass
from math import ceil, inf, log
from time import perf_counter, thread_time
from typing import Literal, cast

from quantloom.errors import Invalid

AuditSetting = Literal["auto", "full"] | bool | float
"""What `audit=` takes: auto; full or True; a number of seconds; False."""

# Measured: twelve cuts of a run over 600 bars take 0.03 to 0.1 s; of a plain callback on 200,000
# bars, which take 0.15 s, they reach into the first tenth.
SHARE, ALLOWANCE_S = 0.25, 0.1
AUTO_CUTS, FULL_CUTS = 12, 64
# What a run takes however few bars it has.
_FIXED_S = 0.05
# Paces are told apart by factors of four, so that equal runs are audited alike though no two of
# them take the same time.
CALLBACK_S, ROW_S = 8e-6, 20e-9
_STEP = 4.0
# A strategy that waits for something uses no processor, but time.
_WAITING = 8.0
_PLANNED, _SLACK = 0.7, 2.0


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
    """Seconds of the processor to spend, and cuts to make at most.

    Attributes:
        name: as it was asked for.
        limit_s: None for as long as it takes.
        cuts: cuts to make at most.
        is_planned: whether what is tried is planned by bars, so that it does not hang on the clock.
    """

    name: str
    limit_s: float | None
    cuts: int
    is_planned: bool = False
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
    def left_s(self) -> float:
        """What is left to spend."""
        if self.limit_s is None:
            return inf
        # A plan keeps to the limit by itself, on the whole; the clock only stops what goes wrong.
        return self.limit_s * (_SLACK if self.is_planned else 1.0) - self.took_s

    def units(self, pace_s: float, count: int, *, fastest_s: float) -> float:
        """How many units of work a plan may have.

        Args:
            pace_s: seconds that a unit takes. count: units of the run itself.
            fastest_s: a pace that is counted on at most.
        """
        if self.limit_s is None:
            return inf
        if not self.is_planned:
            return self.limit_s / pace_s
        steps = max(ceil(log(max(pace_s, fastest_s) / fastest_s, _STEP)), 0)
        return _PLANNED * (SHARE * count + ALLOWANCE_S / (fastest_s * _STEP**steps))


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


def make_budget(setting: AuditSetting, took_s: float) -> Budget:
    """The budget of an audit beside a run.

    Args:
        took_s: seconds that the run itself took.
    """
    if setting == "auto":
        limit_s = SHARE * took_s + ALLOWANCE_S
        return Budget("auto", limit_s, AUTO_CUTS, is_planned=True)
    if setting == "full" or setting is True:
        return Budget("full", None, FULL_CUTS)
    return Budget(f"{setting:g} s", float(setting), FULL_CUTS)
