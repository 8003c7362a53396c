"""How good data are: checks, findings, a grade from A to F, and repairs that leave a record."""

from quantloom.data.quality.agreement import (
    TOLERANCE,
    Agreement,
    FieldAgreement,
    Shift,
    compare_sources,
)
from quantloom.data.quality.checking import check, check_all
from quantloom.data.quality.checks import CHECKS, Check
from quantloom.data.quality.grades import (
    GRADES,
    SEVERITIES,
    GradeTooLow,
    Severity,
    UnknownGrade,
    grade_of,
    is_worse,
    read_grade,
    worst_of,
)
from quantloom.data.quality.repairing import (
    TREATMENTS,
    Change,
    Repaired,
    UnknownTreatment,
    repair,
)
from quantloom.data.quality.report import Example, Finding, QualityReport, RowAccount
from quantloom.data.quality.streaming import Survey, check_blocks
from quantloom.data.quality.ticking import TICK_CHECKS, check_ticks

__all__ = [
    "CHECKS",
    "GRADES",
    "SEVERITIES",
    "TICK_CHECKS",
    "TOLERANCE",
    "TREATMENTS",
    "Agreement",
    "Change",
    "Check",
    "Example",
    "FieldAgreement",
    "Finding",
    "GradeTooLow",
    "QualityReport",
    "Repaired",
    "RowAccount",
    "Severity",
    "Shift",
    "Survey",
    "UnknownGrade",
    "UnknownTreatment",
    "check",
    "check_all",
    "check_blocks",
    "check_ticks",
    "compare_sources",
    "grade_of",
    "is_worse",
    "read_grade",
    "repair",
    "worst_of",
]
