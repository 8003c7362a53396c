"""Looks a rule file over: what is wrong with it, and what it would change."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from quantloom.cli.output import say
from quantloom.cli.rule_words import in_words, terms_of
from quantloom.market import AmbiguousMonth, UnknownSymbol, resolve
from quantloom.market.rulebook import (
    TOPICS,
    BadRules,
    Entry,
    RuleBook,
    RuleFile,
    Subject,
    entry_of,
    list_subjects,
    read_rules,
    subject_of,
)
from quantloom.market.rulebook.reader import lines_of

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a file; an error keeps it from being read at all."""

    severity: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes on the first day of an entry, for those of whom the book says the same.

    Attributes:
        before: what the book says; empty where it says nothing.
    """

    affects: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an entry would change; `of` is the name in it."""

    topic: str
    of: str
    since: date
    to: date | None
    differences: tuple[Difference, ...]

    @property
    def is_news(self) -> bool:
        """Whether the book says anything else on the first day."""
        return any(one.before != one.after for one in self.differences)


def check_rules(name: str, text: str, book: RuleBook) -> tuple[list[Finding], list[Change]]:
    """Look over a rule file.

    Args:
        name: of the file. text: what stands in it.
        book: what it would change.
    """
    try:
        file = read_rules(name, text)
    except BadRules as error:
        return [Finding("error", error.line, error.problem)], []
    subjects = list_subjects(book.overlay(name, text))
    findings = [*_unknown_names(file, text, subjects)]
    if not file.entries:
        findings.append(Finding("warning", 1, "it has no entry, so it changes nothing"))
    return findings, [*_changes(file, subjects, book)]


def print_check(name: str, findings: Sequence[Finding], changes: Sequence[Change]) -> None:
    """Print what is wrong with a file, then what it changes."""
    for finding in findings:
        say(f"{name}:{finding.line}: {finding.severity}: {finding.message}")
    if not findings:
        say(f"{name}: nothing to say against it")
    news = [change for change in changes if change.is_news]
    for change in news:
        until = "on" if change.to is None else f"to {change.to}"
        say(f"\n{change.topic} of {change.of}, {change.since} {until}")
        for one in change.differences:
            say(f"  {_listed(one.affects)}")
            say(f"    before  {one.before or 'nothing'}")
            say(f"    after   {one.after}")
    same = len(changes) - len(news)
    if same:
        say(f"\n{same} more: the same as the book on the first day, or read by nobody")


def _unknown_names(file: RuleFile, text: str, subjects: list[Subject]) -> Iterator[Finding]:
    known = {scope for subject in subjects for scope in subject.scopes} | set(file.head.venues)
    for topic, rows in tomllib.loads(text).items():
        for row, line in zip(rows, lines_of(text, topic), strict=True) if topic in TOPICS else ():
            for name in row["of"]:
                if name not in known and not _is_instrument(name):
                    told = f"{name!r} is no product, board, venue or symbol, so nothing reads it"
                    yield Finding("warning", line, told)


def _is_instrument(name: str) -> bool:
    try:
        found = resolve(name)
    except (UnknownSymbol, AmbiguousMonth):
        return False
    return name in {found.symbol, found.code}


def _changes(file: RuleFile, subjects: list[Subject], book: RuleBook) -> Iterator[Change]:
    for (topic, whom), entries in file.entries.items():
        name = whom.partition("#")[0]
        affected = [subject for subject in subjects if name in subject.scopes]
        if not affected and _is_instrument(name):
            affected = [subject_of(book, name)]
        for entry in entries:
            differences = tuple(_differences(file, entry, affected, book))
            yield Change(topic, name, entry.since, entry.to, differences)


def _differences(
    file: RuleFile, entry: Entry, affected: list[Subject], book: RuleBook
) -> Iterator[Difference]:
    topic = f"{entry.topic}#{entry.rank}" if entry.rank else entry.topic
    groups: dict[tuple[str, str], list[str]] = {}
    for subject in affected:
        terms = terms_of(subject, file.head.currency)
        found = entry_of(book, subject, topic, entry.since)
        before = "" if found is None else "; ".join(in_words(found, terms))
        after = "; ".join(in_words(entry, terms))
        groups.setdefault((before, after), []).append(subject.code)
    for (before, after), codes in groups.items():
        yield Difference(tuple(codes), before, after)


def _listed(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else ""
    return f"{', '.join(codes[:_SHOWN])}{more}"
