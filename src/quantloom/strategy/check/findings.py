"""What the check has to say, and where."""

import ast
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple


class Severity(StrEnum):
    """An error keeps the strategy from running, a warning is likely a mistake, a hint is style."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Place(NamedTuple):
    """From one character to before another; lines and columns are counted from 1."""

    line: int
    column: int
    end_line: int
    end_column: int


class Mark(NamedTuple):
    """What a rule found: which, at which part of the code, and the facts that its texts name."""

    code: str
    at: ast.AST | Place
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something to look at, where it stands.

    Attributes:
        line, column, end_line, end_column: counted from 1, in characters; the end is the
            character behind the last.
        code: stable name of the rule; docs/reference/findings.md lists them.
        group: what kind of rule it is, such as `look-ahead`.
        text_en, text_zh: what is wrong.
        hint_en, hint_zh: what to do.
        file: the name that the source was given.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    severity: Severity
    code: str
    group: str
    text_en: str
    text_zh: str
    hint_en: str
    hint_zh: str
    file: str
