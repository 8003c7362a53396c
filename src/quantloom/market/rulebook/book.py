"""The rule book: which rule holds for an instrument on a day, and how well that is known."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

from quantloom.errors import NotFound
from quantloom.market import venues
from quantloom.market.instruments import Kind
from quantloom.market.rulebook.reader import RuleFile, Source, read_rules
from quantloom.market.rulebook.topics import Entry
from quantloom.market.symbols import resolve

_VERSION_DIGITS = 16
_ONE_DAY = timedelta(days=1)
_FILES: Mapping[str, str] = {
    **{venue: venue.lower() for venue in venues.CN_FUTURES},
    **dict.fromkeys(venues.CN_STOCK, "cn_stock"),
    **dict.fromkeys(venues.US_STOCK, "us_stock"),
    **dict.fromkeys(venues.CRYPTO, "crypto"),
}

E = TypeVar("E", bound=Entry)


class Standing(StrEnum):
    """How well a rule is known on a day, best first.

    Known: its source holds on that day. Carried: its source is older, and nothing newer is known.
    Yours: an overlay says so. Assumed: customary, and checked against nothing.
    """

    KNOWN = "known"
    YOURS = "yours"
    CARRIED = "carried"
    ASSUMED = "assumed"


class NoRule(NotFound):
    """The book says nothing of a topic for an instrument on a day."""

    code = "rules.no_rule"

    def __init__(self, topic: str, symbol: str, day: date) -> None:
        super().__init__(topic, symbol, day)
        self.topic, self.symbol, self.day = topic, symbol, day

    def __str__(self) -> str:
        return (
            f"the rule book has no {self.topic} of {self.symbol} on {self.day}; "
            "see `quantloom rules coverage`, or add it by an overlay"
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """An entry as it holds on a day.

    Attributes:
        scope: whom the entry names: the contract, its product or board, its venue, its kind.
        file: where it stands, an overlay by its name. source: where it comes from, as the file
            tells; None where its source is `default`.
    """

    entry: Entry
    scope: str
    file: str
    source: Source | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Dated rules of all markets.

    Attributes:
        version: of the packaged files and the overlays, 16 digits of SHA-256; it changes with any
            of them.
        overlays: rules of the user's own, the last one first in force.
    """

    version: str
    overlays: tuple[RuleFile, ...] = ()

    def overlay(self, name: str, text: str) -> "RuleBook":
        """Give a book in which some rules are other ones, to ask what a new fee would mean.

        An overlay's entry holds from its first day to its last, and the book's own around it.

        Args:
            name: of the file, for errors and results.
            text: TOML, as a packaged file is written.
        Raises:
            BadRules: anything in it that cannot be trusted.
        """
        version = _digest(f"{self.version}\n{text}")
        return RuleBook(version, (read_rules(name, text), *self.overlays))

    def scopes(self, symbol: str) -> tuple[str, ...]:
        """Whom the rules of an instrument may name, the narrowest first.

        Args:
            symbol: any spelling that `resolve` reads.
        Raises:
            UnknownSymbol: no instrument of that spelling.
        """
        found = resolve(symbol)
        narrow = [found.symbol, found.code]
        if found.kind is Kind.OPTION:
            # Fees, limits and margins of a future or a share are not those of options on it.
            return (*narrow, f"{found.venue}.{found.kind.value}")
        if found.venue in venues.CN_FUTURES:
            narrow.append(found.code.removesuffix("-MAIN").rstrip("0123456789"))
        elif found.venue in venues.CN_STOCK:
            narrow += self._boards(found.code, found.venue)
        elif found.venue in venues.CRYPTO:
            kind = found.kind.value
            return (*narrow, f"{found.venue}.{kind}", found.venue, kind)
        return (*narrow, found.venue)

    def find(self, topic: type[E], symbol: str, day: date) -> E | None:
        """The entry that holds for an instrument on a day, None where the book has none."""
        rule = self.rule(topic.topic, symbol, day)
        return rule.entry if rule is not None and isinstance(rule.entry, topic) else None

    def rule(self, topic: str, symbol: str, day: date) -> Rule | None:
        """The same with its source and standing; tiers are told by `topic#1` and so on."""
        name, _, tier = topic.partition("#")
        suffix = f"#{tier}" if tier else ""
        for file in self._files_of(symbol):
            for scope in self.scopes(symbol):
                for entry in file.entries.get((name, f"{scope}{suffix}"), ()):
                    if entry.since <= day and (entry.to is None or day <= entry.to):
                        return self._as_rule(entry, scope, file, day)
        return None

    def all(self, topic: str, symbol: str, day: date) -> list[Rule]:
        """Every entry of a topic whose entries stand side by side, such as levies and tiers."""
        ranks = {
            key.partition("#")[2]
            for file in self._files_of(symbol)
            for name, key in file.entries
            if name == topic and "#" in key
        }
        found = (self.rule(f"{topic}#{rank}", symbol, day) for rank in sorted(ranks))
        return [rule for rule in found if rule is not None]

    def need(self, topic: type[E], symbol: str, day: date) -> E:
        """The same, where there must be one.

        Raises:
            NoRule: there is none.
        """
        found = self.find(topic, symbol, day)
        if found is None:
            raise NoRule(topic.topic, symbol, day)
        return found

    def changes(self, symbol: str, topics: Sequence[str] = ()) -> tuple[date, ...]:
        """The days on which a rule of an instrument begins or is over, in order.

        Args:
            topics: only of these; of all where none is given.
        """
        scopes = self.scopes(symbol)
        days = set()
        for file in self._files_of(symbol):
            for (topic, whom), entries in file.entries.items():
                if whom.partition("#")[0] in scopes and (not topics or topic in topics):
                    for entry in entries:
                        days.add(entry.since)
                        days |= set() if entry.to is None else {entry.to + _ONE_DAY}
        return tuple(sorted(days))

    def files(self) -> Iterator[RuleFile]:
        """Every file, the overlays first."""
        yield from self.overlays
        for name in dict.fromkeys(_FILES.values()):
            yield _packaged(name)

    def _files_of(self, symbol: str) -> tuple[RuleFile, ...]:
        name = _FILES.get(resolve(symbol).venue)
        return (*self.overlays, *(() if name is None else (_packaged(name),)))

    def _boards(self, code: str, venue: str) -> list[str]:
        """The boards of a code, that of the longest prefix first."""
        prefixes: dict[str, str] = {}
        for file in (_packaged("cn_stock"), *reversed(self.overlays)):
            for board, starts in file.head.prefixes.items():
                if board.startswith(f"{venue}."):
                    prefixes |= dict.fromkeys(starts, board)
        fitting = sorted((start for start in prefixes if code.startswith(start)), key=len)
        return [prefixes[start] for start in fitting[-1:]]

    def _as_rule(self, entry: Entry, scope: str, file: RuleFile, day: date) -> Rule:
        source = file.head.sources.get(entry.source)
        if file in self.overlays:
            return Rule(entry, scope, file.name, source, Standing.YOURS)
        if source is None:
            return Rule(entry, scope, file.name, None, Standing.ASSUMED)
        until = source.known_until(entry)
        is_old = until is not None and day > until
        return Rule(entry, scope, file.name, source, Standing.CARRIED if is_old else Standing.KNOWN)


@cache
def rule_book() -> RuleBook:
    """The packaged rule book."""
    texts = [_text(name) for name in dict.fromkeys(_FILES.values())]
    return RuleBook(_digest("\n".join(texts)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_VERSION_DIGITS]


def _text(name: str) -> str:
    return files("quantloom.market.rulebook").joinpath("data", f"{name}.toml").read_text("utf-8")


@cache
def _packaged(name: str) -> RuleFile:
    return read_rules(f"{name}.toml", _text(name))
