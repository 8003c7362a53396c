"""Reads rule files: what is unknown, overlaps or leaves a hole is an error with its line."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, cast

import msgspec

from quantloom.errors import Invalid
from quantloom.market.rulebook.topics import TOPICS, Entry

DEFAULT = "default"
# Between whom an entry is about and what tells it from those beside it.
_RANK = "#"
_ONE_DAY = timedelta(days=1)
_HEAD = re.compile(r"^\s*\[\[\s*([A-Za-z_]+)\s*\]\]")
_PATTERN = re.compile(r"Expected `str` matching regex .* - at `\$\.(.+)`")
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
        is_snapshot: it tells how things were then, not when they changed. An entry of it that
            another one follows is known up to `as_of` all the same, not up to the other one.
    """

    title: str
    publisher: str
    as_of: date
    is_snapshot: bool = msgspec.field(default=False, name="snapshot")

    def known_until(self, entry: "Entry") -> date | None:
        """The last day of an entry on which this source tells of it; None for all of it."""
        return self.as_of if self.is_snapshot or entry.to is None else None


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
    tables = _tables(name, text)
    rows = {topic: tables.pop(topic) for topic in TOPICS if topic in tables}
    head = _head(tables, name, text)
    placed = [
        (_convert(row, TOPICS[topic], name, line), line)
        for topic, found in rows.items()
        for row, line in _with_lines(found, topic, name, text)
    ]
    for entry, line in placed:
        _check(entry, head, name, line)
    return RuleFile(name, head, _in_order(placed, name))


def lines_of(text: str, topic: str) -> list[int]:
    """The line of each `[[topic]]` in a rule file, which the parser of TOML does not tell."""
    lines = enumerate(text.split("\n"), start=1)
    return [number for number, line in lines if (head := _HEAD.match(line)) and head[1] == topic]


def _tables(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found = _LINE_OF_TOML.search(str(error))
        line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
        raise BadRules(name, line, str(error)) from None


def _head(tables: dict[str, Any], name: str, text: str) -> Head:
    known = {field.name for field in msgspec.structs.fields(Head)}
    for key in tables:
        if key not in known:
            line = _line_of(re.escape(key), text)
            raise BadRules(name, line, f"{key!r} is neither a topic nor a key of the head")
    sources = tables.get("sources")
    for key, source in sources.items() if isinstance(sources, dict) else ():
        line = _line_of(rf"sources\s*\.\s*[\"']?{re.escape(key)}", text)
        if key == DEFAULT:
            raise BadRules(name, line, f"call no source {key!r}: it means that there is none")
        _convert(source, Source, name, line)
    return cast("Head", _convert(tables, Head, name, 1))


def _line_of(key: str, text: str) -> int:
    """The first line that opens a table or a value of this name."""
    found = re.search(rf"^[ \t]*\[*\s*[\"']?{key}[\"']?\s*[\].=]", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _convert(row: Any, type_: type[Any], name: str, line: int) -> Any:
    if not all(number.is_finite() for number in _decimals(row)):
        raise BadRules(name, line, "nan and inf are no numbers that a rule can have")
    try:
        return msgspec.convert(row, type_, strict=True)
    except msgspec.ValidationError as error:
        raise BadRules(name, line, _in_words(str(error))) from None


def _in_words(problem: str) -> str:
    """What a pattern asks is on the page of rule files, for people rather than machines."""
    found = _PATTERN.fullmatch(problem)
    return f"`{found[1]}` is not written as docs/reference/rules.md shows" if found else problem


def _decimals(value: Any) -> Iterator[Decimal]:
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _decimals(one)


def _with_lines(found: Any, topic: str, name: str, text: str) -> Iterator[tuple[Any, int]]:
    lines = lines_of(text, topic)
    if not isinstance(found, list) or len(found) != len(lines):
        line = _line_of(topic, text)
        raise BadRules(name, line, f"write [[{topic}]], on a line of its own, before each entry")
    return zip(found, lines, strict=True)


def _check(entry: Entry, head: Head, name: str, line: int) -> None:
    if not entry.of or not all(entry.of):
        raise BadRules(name, line, "`of` names nobody")
    if any(_RANK in one for one in entry.of):
        raise BadRules(name, line, f"no name in `of` may have a {_RANK}")
    if entry.to == date.max:
        raise BadRules(name, line, "leave `to` out where there is no end")
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
            whom = f"{one}{_RANK}{entry.rank}" if entry.rank else one
            groups.setdefault((entry.topic, whom), []).append((entry, line))
    return {key: tuple(_joined(key, group, name)) for key, group in groups.items()}


def _joined(key: tuple[str, str], group: list[tuple[Entry, int]], name: str) -> Iterator[Entry]:
    group.sort(key=lambda found: found[0].since)
    for (entry, _), (following, line) in pairwise(group):
        whom = f"{key[0]} of {key[1]}"
        if following.since in {entry.since, entry.to} or (entry.to or date.min) > following.since:
            raise BadRules(name, line, f"{whom} overlaps the entry from {entry.since}")
        last = following.since - _ONE_DAY
        if entry.to is not None and entry.to < last and key[0] != "no_nights":
            raise BadRules(
                name, line, f"{whom} leaves {entry.to + _ONE_DAY} to {last} without a rule"
            )
        yield entry if entry.to else msgspec.structs.replace(entry, to=last)
    yield group[-1][0]
