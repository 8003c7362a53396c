"""Check a whole source: ask every rule, put findings in their order."""

from dataclasses import dataclass
from typing import Any

from quantloom.strategy.check import habits, lookahead, repeatable, sandboxed, shape, values
from quantloom.strategy.check.code import Code, Lines
from quantloom.strategy.check.findings import Finding, Mark, Place
from quantloom.strategy.check.reading import Unparsed, decode, parse
from quantloom.strategy.check.rules import RULES
from quantloom.strategy.check.schema import Unreadable, parameters_in, parameters_of

MOST_FINDINGS = 500
"""Findings that are told of one source; who has more, mends these first."""

_ASKED = (
    shape.check,
    values.check,
    sandboxed.check,
    lookahead.check,
    repeatable.check,
    habits.check,
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a source without running it.

    Attributes:
        findings: as of `check_source`.
        parameters, unreadable: as of `parameters_of`.
    """

    findings: tuple[Finding, ...]
    parameters: dict[str, Any]
    unreadable: tuple[Unreadable, ...]


def check_source(text: str | bytes, *, filename: str = "strategy.py") -> tuple[Finding, ...]:
    """Look a strategy's source over without running it.

    Any text is answered, and none raises; one that is no Python, too long or too deep has that as
    its only finding.

    Args:
        text: the source, or the bytes of its file.
        filename: what findings are told to be in.
    Returns:
        Findings by line, at most `MOST_FINDINGS`; empty if there is nothing to say.
    """
    return survey(text, filename=filename).findings


def survey(text: str | bytes, *, filename: str = "strategy.py") -> Survey:
    """Look a source over and read its parameters, parsing it once.

    Args:
        text: the source, or the bytes of its file.
        filename: what findings are told to be in.
    """
    lines = Lines("")
    try:
        known = decode(text)
        lines = Lines(known)
        code = parse(known)
    except Unparsed as stopped:
        nothing, unreadable = parameters_of("")
        return Survey((_tell(stopped.mark, lines, filename),), nothing, unreadable)
    return Survey(_findings(code, lines, filename), *parameters_in(code))


def _findings(code: Code, lines: Lines, filename: str) -> tuple[Finding, ...]:
    found = {_tell(mark, lines, filename) for check in _ASKED for mark in check(code)}
    return tuple(sorted(found)[:MOST_FINDINGS])


def _tell(mark: Mark, lines: Lines, filename: str) -> Finding:
    rule = RULES[mark.code]
    place = mark.at if isinstance(mark.at, Place) else lines.place(mark.at)
    facts = mark.facts
    return Finding(
        *lines.first_line_of(place),
        severity=rule.severity,
        code=rule.code,
        group=rule.group,
        text_en=rule.text_en.format(**facts),
        text_zh=rule.text_zh.format(**facts),
        hint_en=rule.hint_en.format(**facts),
        hint_zh=rule.hint_zh.format(**facts),
        file=filename,
    )
