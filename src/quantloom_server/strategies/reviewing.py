"""What is known of a strategy's code without running it."""

import hashlib
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from quantloom.strategy.check import Finding, Severity, survey
from quantloom_server.platform.errors import TooLarge

LARGEST_CODE = 256 * 1024
"""Bytes of a strategy's code."""

FILENAME = "strategy.py"


@dataclass(frozen=True, slots=True)
class Review:
    """The findings of some code, its parameters, and its digest."""

    findings: tuple[Finding, ...]
    parameters: dict[str, Any]
    unreadable: list[dict[str, str]]
    sha256: str
    size_bytes: int

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def errors(self) -> int:
        return self.count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        return self.count(Severity.WARNING)


# Lists and editors ask for the same code again and again; it is a quarter of a megabyte at most.
@lru_cache(maxsize=32)
def review(code: str) -> Review:
    """Look code over; takes milliseconds, and for the largest half a second.

    Raises:
        TooLarge: it is longer than any strategy is.
    """
    # Half of a surrogate pair cannot be written; the check says so.
    written = code.encode(errors="replace")
    if len(written) > LARGEST_CODE:
        raise TooLarge("the code", LARGEST_CODE)
    known = survey(code, filename=FILENAME)
    return Review(
        findings=known.findings,
        parameters=known.parameters,
        unreadable=[asdict(one) for one in known.unreadable],
        sha256=hashlib.sha256(written).hexdigest(),
        size_bytes=len(written),
    )
