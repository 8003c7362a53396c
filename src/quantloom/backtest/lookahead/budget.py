"""How long an audit may take."""

from dataclasses import dataclass
from time import perf_counter
from typing import Literal, cast

from quantloom.errors import Invalid

AuditSetting = Literal["auto", "full"] | bool | float
"""What `audit=` takes: auto; full or True; a number of seconds; False."""

# Measured: a run of 500 daily bars takes 3 ms and twelve cuts of it 10 ms; a callback on each of
# 200,000 bars takes 0.1 s, and a quarter of it tries four cuts in every tenth of the orders.
SHARE, ALLOWANCE_S = 0.25, 0.1
AUTO_CUTS, FULL_CUTS = 12, 64


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
    """Seconds to spend, and cuts to make at most.

    Attributes:
        limit_s: None for as long as it takes.
        cuts: cuts to make at most.
    """

    limit_s: float | None
    cuts: int
    _began: float = 0.0

    def start(self) -> None:
        """Begin to count."""
        self._began = perf_counter()

    @property
    def took_s(self) -> float:
        """What was spent since the start."""
        return perf_counter() - self._began

    @property
    def left_s(self) -> float:
        """What is left to spend."""
        return float("inf") if self.limit_s is None else self.limit_s - self.took_s


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
        return Budget(SHARE * took_s + ALLOWANCE_S, AUTO_CUTS)
    if setting in ("full", True):
        return Budget(None, FULL_CUTS)
    return Budget(float(setting), FULL_CUTS)
