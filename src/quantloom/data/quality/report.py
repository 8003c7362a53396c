"""What checking data leaves behind: findings, a grade, and words for both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from quantloom.data.quality.checks import CHECKS
from quantloom.data.quality.grades import SEVERITIES, Severity, grade_of

Fact = str | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One bar that a finding is about.

    Attributes:
        time: when it opens, or where what is missing begins; UTC.
        values: what of it the check looked at, by name.
    """

    time: datetime
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check has found.

    Attributes:
        check: its name, a key of `CHECKS`.
        count, of: how many cases among how many.
        facts: what its sentence is filled with besides these.
        examples: the first few, by time.
        moments: when more of them are, for pictures; UTC nanoseconds, some hundred at most.
    """

    check: str
    count: int
    of: int
    facts: Mapping[str, Fact] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    moments: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        """Ratio of the cases, 0 to 1."""
        return self.count / self.of if self.of else 0.0

    @property
    def severity(self) -> Severity:
        return CHECKS[self.check].severity(self.share)

    @property
    def text_en(self) -> str:
        return self._filled(CHECKS[self.check].text_en)

    @property
    def text_zh(self) -> str:
        return self._filled(CHECKS[self.check].text_zh)

    def text(self, language: str) -> str:
        """The sentence in `en` or `zh`."""
        return self.text_zh if language == "zh" else self.text_en

    def title(self, language: str) -> str:
        """The check's name for people, in `en` or `zh`."""
        check = CHECKS[self.check]
        return check.title_zh if language == "zh" else check.title_en

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "check": self.check,
            "severity": self.severity,
            "count": self.count,
            "of": self.of,
            "share": self.share,
            "text": self.text_en,
            "text_zh": self.text_zh,
            "examples": [{"time": one.time.isoformat(), **one.values} for one in self.examples],
        }

    def _filled(self, text: str) -> str:
        return text.format(
            count=f"{self.count:,}", of=f"{self.of:,}", share=f"{self.share:.2%}", **self.facts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAccount:
    """What reading a file took, for what bars no longer show.

    Attributes:
        read: rows of the file, torn ones among them.
        dropped: problem and number of rows left out for it.
        unsorted: rows that stood before rows of an earlier time; 0 too where the whole file runs
            backwards, which many sources do.
    """

    read: int
    dropped: tuple[tuple[str, int], ...] = ()
    unsorted: int = 0


# Not slotted: the grade is worked out once.
@dataclass(frozen=True, kw_only=True)
class QualityReport:
    """How good the bars of one symbol are.

    Attributes:
        findings: heaviest first.
        clean: checks that were made and found nothing.
        repairs: what was changed before these bars were what they are, one sentence each.
    """

    symbol: str
    timeframe: str
    rows: int
    start: datetime
    end: datetime
    findings: tuple[Finding, ...] = ()
    clean: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()

    @cached_property
    def grade(self) -> str:
        """From A to F, as `grade_of` makes it of the findings."""
        return grade_of(finding.severity for finding in self.findings)

    def why(self, language: str = "en") -> str:
        """The sentence of the finding that the grade hangs on; empty where nothing was found."""
        return self.findings[0].text(language) if self.findings else ""

    def find(self, check: str) -> Finding | None:
        """What a check has found, None where it found nothing."""
        return next((one for one in self.findings if one.check == check), None)

    def short(self) -> dict[str, Any]:
        """What is kept with a dataset: grade, and every finding without its examples."""
        return {
            "grade": self.grade,
            "rows": self.rows,
            "findings": [
                {key: value for key, value in one.plain().items() if key != "examples"}
                for one in self.findings
            ],
            "repairs": list(self.repairs),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything, as `quantloom data check --json` prints it."""
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "grade": self.grade,
            "rows": self.rows,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "findings": [finding.plain() for finding in self.findings],
            "clean": list(self.clean),
            "repairs": list(self.repairs),
        }


def sorted_findings(findings: list[Finding]) -> tuple[Finding, ...]:
    """Heaviest first, then in the order of `CHECKS`."""
    places = {name: place for place, name in enumerate(CHECKS)}
    return tuple(
        sorted(findings, key=lambda one: (-SEVERITIES.index(one.severity), places[one.check]))
    )
