"""Grades from A to F, and the rule that makes one of several findings."""

from collections.abc import Iterable
from typing import Literal, get_args

from quantloom.errors import Invalid

Severity = Literal["note", "minor", "warning", "serious", "grave", "fatal"]
"""How much a finding weighs, lightest first; each stands for the grade that it alone gives."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Every severity, lightest first."""

GRADES = "ABCDEF"
"""Every grade, best first."""

# From here on problems add up: with this many, data are worse than each of them tells.
_ADDING_UP = SEVERITIES.index("warning")
_MANY = 3


class UnknownGrade(Invalid):
    """A grade that is none of A to F."""

    code = "data.unknown_grade"

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return f"{self.given!r} is no grade; give one of A, B, C, D, E and F"


class GradeTooLow(Invalid):
    """Data of a worse grade than a run was to accept."""

    code = "data.grade_too_low"

    def __init__(self, symbol: str, grade: str, least: str, why: str) -> None:
        super().__init__(symbol, grade, least, why)
        self.symbol, self.grade, self.least, self.why = symbol, grade, least, why

    def __str__(self) -> str:
        return (
            f"the data of {self.symbol} have grade {self.grade}, and {self.least} was demanded: "
            f"{self.why}; see `quantloom data check`, mend the data, or accept a lower grade"
        )


def read_grade(text: str) -> str:
    """Read a grade in either case.

    Raises:
        UnknownGrade: none of A to F.
    """
    grade = text.strip().upper()
    if len(grade) != 1 or grade not in GRADES:
        raise UnknownGrade(text)
    return grade


def is_worse(grade: str, than: str) -> bool:
    """Tell whether a grade is below another one."""
    return GRADES.index(grade) > GRADES.index(than)


def worst_of(grades: Iterable[str]) -> str:
    """The worst of some grades, A of none."""
    return max(grades, default=GRADES[0], key=GRADES.index)


def grade_of(severities: Iterable[Severity]) -> str:
    """Grade data by how much each finding weighs.

    The heaviest finding decides; where three or more weigh as much as it, from `warning` on, it is
    one grade less. Another finding, or a heavier one, never makes a grade better.
    """
    ranks = [SEVERITIES.index(one) for one in severities]
    worst = max(ranks, default=0)
    adds_up = worst >= _ADDING_UP and ranks.count(worst) >= _MANY
    return GRADES[min(worst + adds_up, len(GRADES) - 1)]
