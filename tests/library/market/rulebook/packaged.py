"""Reads a packaged rule file, and what it says on a day."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import TypeVar

from quantloom.market.rulebook.reader import RuleFile, read_rules
from quantloom.market.rulebook.topics import Entry

E = TypeVar("E", bound=Entry)


@cache
def packaged(name: str) -> RuleFile:
    text = files("quantloom.market.rulebook").joinpath("data", f"{name}.toml").read_text("utf-8")
    return read_rules(name, text)


def rule_on(name: str, topic: type[E], day: str, *whom: str) -> E:
    """The entry that covers a day for the first of `whom` that has one."""
    on = date.fromisoformat(day)
    for one in whom:
        for entry in packaged(name).entries.get((topic.topic, one), ()):
            if entry.since <= on and (entry.to is None or on <= entry.to):
                assert isinstance(entry, topic)
                return entry
    raise AssertionError(f"{name}: no {topic.topic} of {whom} on {day}")


def board_of(name: str, code: str, venue: str) -> str | None:
    """The board whose prefix fits the code best."""
    found = [
        (len(start), board)
        for board, starts in packaged(name).head.prefixes.items()
        for start in starts
        if board.startswith(f"{venue}.") and code.startswith(start)
    ]
    return max(found)[1] if found else None
