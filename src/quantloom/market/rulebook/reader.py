"""Reads rule files: what is unknown, overlaps or leaves a hole is an error with its line."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec

from quantloom.errors import Invalid
from quantloom.market.rulebook.topics import TOPICS, Entry

DEFAULT = "default"
_ONE_DAY = timedelta(days=1)
_HEAD = re.compile(r"^\s*\[\[\s*([A-Za-z_]+)\s*\]\]")
_LINE_OF_TOML = re.compile(r"at line (\d+)")


class BadRules(Invalid):
    """A rule file that cannot be trusted."""

    code = "rules.bad_rules"

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(file, line, problem)
        self.file, self.line, self.problem = file, line, problem

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}"


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where entries come from.

    Attributes:
        as_of: the last day on which it is known to hold; later days are carried forward.
    """

    title: str
    publisher: str
    as_of: date


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a file says of itself.

    Attributes:
        venues: whom it is about. names: what its products are called.
        prefixes: how the codes of each board begin, for venues that have boards.
    """

    venues: tuple[str, ...]
    currency: str
    names: Mapping[str, str] = {}
    prefixes: Mapping[str, tuple[str, ...]] = {}
    sources: Mapping[str, Source] = {}


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file of rules.

    Attributes:
        entries: by topic and by whom they are about, each in the order of their dates, `to` filled
            in wherever another one follows.
    """

    name: str
    head: Head
    entries: Mapping[tuple[str, str], tuple[Entry, ...]]


def read_rules(name: str, text: str) -> RuleFile:
    """Read a rule file.

    Args:
        name: of the file, for errors.
        text: TOML; docs/reference/rules.md says what may be in it.
    Raises:
        BadRules: anything that is not known there, does not fit, overlaps, or leaves a hole.
    """
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found = _LINE_OF_TOML.search(str(error))
        raise BadRules(name, int(found[1]) if found else 1, str(error)) from None
    rows = {topic: tables.pop(topic, []) for topic in TOPICS}
    head = _convert(tables, Head, name, 1)
    lines = _lines(text)
    placed = [
        (_convert(row, TOPICS[topic], name, line), line)
        for topic, found in rows.items()
        for row, line in zip(_list(found, topic, name), lines.get(topic, ()), strict=True)
    ]
    for entry, line in placed:
        _check(entry, head, name, line)
    return RuleFile(name, head, _in_order(placed, name))


def _convert(row: Any, type_: type[Any], name: str, line: int) -> Any:
    try:
        return msgspec.convert(row, type_, strict=True)
    except msgspec.ValidationError as error:
        raise BadRules(name, line, str(error)) from None


def _list(found: Any, topic: str, name: str) -> Sequence[Any]:
    if not isinstance(found, list):
        raise BadRules(name, 1, f"write [[{topic}]], with two brackets")
    return found


def _lines(text: str) -> dict[str, list[int]]:
    """The line of each `[[topic]]`, which the parser of TOML does not tell."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        head = _HEAD.match(line)
        if head is not None:
            found.setdefault(head[1], []).append(number)
    return found


def _check(entry: Entry, head: Head, name: str, line: int) -> None:
    if not entry.of:
        raise BadRules(name, line, "`of` names nobody")
    if entry.to is not None and entry.to < entry.since:
        raise BadRules(name, line, f"it ends on {entry.to}, before it begins on {entry.since}")
    if entry.source != DEFAULT and entry.source not in head.sources:
        raise BadRules(name, line, f"its source {entry.source!r} is not among the file's sources")


def _in_order(
    placed: Sequence[tuple[Entry, int]], name: str
) -> dict[tuple[str, str], tuple[Entry, ...]]:
    groups: dict[tuple[str, str], list[tuple[Entry, int]]] = {}
    for entry, line in placed:
        for one in entry.of:
            whom = f"{one}#{entry.rank}" if entry.rank else one
            groups.setdefault((entry.topic, whom), []).append((entry, line))
    return {key: tuple(_joined(key, group, name)) for key, group in groups.items()}


def _joined(key: tuple[str, str], group: list[tuple[Entry, int]], name: str) -> Iterator[Entry]:
    group.sort(key=lambda found: found[0].since)
    for (entry, _), (following, line) in pairwise(group):
        last = following.since - _ONE_DAY
        whom = f"{key[0]} of {key[1]}"
        if entry.since == following.since or (entry.to is not None and entry.to > last):
            raise BadRules(name, line, f"{whom} overlaps the entry from {entry.since}")
        if entry.to is not None and entry.to < last and key[0] != "no_nights":
            raise BadRules(
                name, line, f"{whom} leaves {entry.to + _ONE_DAY} to {last} without a rule"
            )
        yield entry if entry.to else msgspec.structs.replace(entry, to=last)
    yield group[-1][0]
