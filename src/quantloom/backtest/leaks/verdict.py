# ruff: noqa: RUF001  Chinese sentences have Chinese punctuation
"""What an audit came to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from quantloom.backtest.leaks.kinds import Leak, Note

Verdict = Literal["passed", "failed", "unrepeatable", "partly"]
"""Passed: nothing changed. Failed: a decision changed with the future. Unrepeatable: it changes
by itself. Partly: nothing changed, and too little could be tried to say more."""

VERDICTS: Mapping[Verdict, tuple[str, str]] = MappingProxyType(
    {
        "passed": ("passed", "通过"),
        "failed": ("FAILED: it looks ahead", "未通过：偷看未来"),
        "unrepeatable": ("not repeatable", "不可重复"),
        "partly": ("partly proven", "部分通过"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Whether a run looks ahead, as far as re-runs on other futures tell.

    Attributes:
        cuts: how many times the future was cut off or replaced.
        decisions: how many orders, cancels and signals of the run were compared, each at least
            once, of `decisions_in_all`.
        reach_ratio: how far into the run's bars the latest cut lay, 0 to 1.
        covered_ratio: share of the bars that were decided on again before some cut, 0 to 1.
        budget: how much was to be tried: auto, full, or seconds.
        leaks: what changed, first in time first; at most a few of each cut.
        notes: what else is to be known.
    """

    verdict: Verdict
    cuts: int = 0
    decisions: int = 0
    decisions_in_all: int = 0
    reach_ratio: float = 0.0
    covered_ratio: float = 0.0
    budget: str = "auto"
    leaks: tuple[Leak, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def has_failed(self) -> bool:
        return self.verdict == "failed"

    @property
    def text_en(self) -> str:
        """The verdict and what it rests on, in a line."""
        return (
            f"{VERDICTS[self.verdict][0]}; {self.cuts} cut(s) up to {self.reach_ratio:.0%} of the "
            f"bars, {self.covered_ratio:.0%} of them decided again, {self.decisions:,} of "
            f"{self.decisions_in_all:,} decision(s) compared"
        )

    @property
    def text_zh(self) -> str:
        """The same in Chinese."""
        return (
            f"{VERDICTS[self.verdict][1]}；截断 {self.cuts} 次，最晚在 {self.reach_ratio:.0%} 处，"
            f"重算了 {self.covered_ratio:.0%} 的K线，"
            f"比较了 {self.decisions_in_all:,} 个决策中的 {self.decisions:,} 个"
        )

    def plain(self) -> dict[str, Any]:
        """The audit as JSON takes it, its texts in English."""
        told = asdict(self)
        told["leaks"] = [asdict(one) | {"text": one.text_en} for one in self.leaks]
        told["notes"] = [
            {"kind": one.kind, "facts": dict(one.facts), "text": one.text_en} for one in self.notes
        ]
        return told


def read_audit(plain: bytes) -> Audit:
    """Read what `plain` gave, as JSON.

    Raises:
        MsgspecError: it is something else.
    """
    return msgspec.json.decode(plain, type=Audit)
