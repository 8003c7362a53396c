"""Reading strategy code without running it: findings with their places, for an editor or a shell.

Feedback for its author, not a wall: code that means harm passes any such check.
"""

from quantloom.strategy.check.findings import Finding, Severity
from quantloom.strategy.check.reading import LONGEST_SOURCE
from quantloom.strategy.check.rules import RULES, Rule
from quantloom.strategy.check.sandboxed import ALLOWED_MODULES
from quantloom.strategy.check.schema import Unreadable, parameters_of
from quantloom.strategy.check.source import MOST_FINDINGS, Survey, check_source, survey

__all__ = [
    "ALLOWED_MODULES",
    "LONGEST_SOURCE",
    "MOST_FINDINGS",
    "RULES",
    "Finding",
    "Rule",
    "Severity",
    "Survey",
    "Unreadable",
    "check_source",
    "parameters_of",
    "survey",
]
