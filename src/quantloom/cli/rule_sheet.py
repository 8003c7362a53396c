"""All rules of one instrument on one day, as a sheet for people or for programs."""

import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from quantloom.cli.output import say
from quantloom.cli.rule_words import Terms, in_words, terms_of
from quantloom.errors import NotFound
from quantloom.market import default_instrument, get_calendar, resolve
from quantloom.market.rulebook import (
    TOPICS,
    Entry,
    Rule,
    RuleBook,
    Source,
    Standing,
    Subject,
    day_near_delivery,
    last_trading_day,
    subject_of,
)
from quantloom.market.rulebook.topics import Delivery

GROUPS: Mapping[str, tuple[str, ...]] = {
    "grid": ("grid",),
    "hours": ("hours", "no_nights"),
    "limit": ("limit", "cage"),
    "margin": ("margin", "maintenance"),
    "fees": ("fee", "maker_taker", "levy"),
    "taxes": ("tax", "transfer", "dividend_tax"),
    "closing": ("closing", "turnaround"),
    "settlement": ("settlement", "funding"),
    "delivery": ("delivery",),
}
_MONTH = re.compile(r"[A-Za-z]+(\d\d)(0[1-9]|1[0-2])")
_WIDTH = 100
_INDENT = 12
_COMMON = frozenset(Entry.__struct_fields__)


class NoRules(NotFound):
    """The book says nothing at all of an instrument."""

    code = "rules.no_rules"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return (
            f"the rule book says nothing of {self.symbol}; `quantloom rules coverage` lists the "
            "venues that it knows, and --overlay FILE adds rules of your own"
        )


class BeforeRules(NotFound):
    """A day before the first rule of an instrument."""

    code = "rules.before_rules"

    def __init__(self, symbol: str, day: date, first: date) -> None:
        super().__init__(symbol, day, first)
        self.symbol, self.day, self.first = symbol, day, first

    def __str__(self) -> str:
        return (
            f"the rule book has nothing of {self.symbol} on {self.day}; its first rule is of "
            f"{self.first}, so ask --on {self.first} or later"
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rules of an instrument on a day.

    Attributes:
        note: what its spelling was taken for.
        rules: by topic; several where entries stand side by side.
        terms: in what they are told; their days are those near the contract's delivery.
        last_day: of a contract; None for what has no end.
    """

    subject: Subject
    note: str
    day: date
    rules: Mapping[str, Sequence[Rule]]
    terms: Terms
    last_day: date | None


def make_sheet(book: RuleBook, text: str, day: date) -> Sheet:
    """Gather what the book says of an instrument on a day.

    Args:
        text: any spelling of it.
    Raises:
        UnknownSymbol: no instrument of that spelling.
        NoRules: the book has none for it at all. BeforeRules: its first one is of a later day.
    """
    found = resolve(text, on=day)
    subject = subject_of(book, found.symbol)
    rules = {topic: _rules(book, topic, subject.code, day) for topic in TOPICS}
    rules = {topic: several for topic, several in rules.items() if several}
    if not rules:
        days = book.changes(subject.code)
        if days and day < days[0]:
            raise BeforeRules(subject.code, day, days[0])
        raise NoRules(subject.code)
    days_of = _delivery_days(book, subject.code, day)
    terms = terms_of(subject, _currency(book, rules), days_of)
    last_day = _last_day(book, subject.code, day, days_of)
    return Sheet(subject, found.note, day, rules, terms, last_day)


def print_sheet(sheet: Sheet, book: RuleBook, *, asked: str) -> None:
    """Print the rules by group, with the sources they come from below."""
    subject = sheet.subject
    say(" ".join(part for part in (subject.code, subject.name, f"on {sheet.day}") if part))
    if asked != subject.code:
        say(f"note: {sheet.note}")
    if sheet.last_day is not None and sheet.last_day < sheet.day:
        say(f"note: it was traded until {sheet.last_day}; ask --on a day of its life")
    say(f"rule book {book.version}{_overlays(book)}")
    sources: list[Source] = []
    for group, topics in GROUPS.items():
        lines = [line for topic in topics for line in _lines(sheet, topic, sources)]
        for number, line in enumerate(lines):
            say(f"{'' if number else group:<{_INDENT}}{line}".rstrip())
    for number, source in enumerate(sources, start=1):
        mark = f"[{number}]"
        told = f"{mark:<5}{source.publisher}: {source.title}; as of {source.as_of}"
        say("\n".join(textwrap.wrap(told, _width(), subsequent_indent=" " * 5)))


def plain_sheet(sheet: Sheet, book: RuleBook) -> dict[str, object]:
    """The same as plain values, for JSON."""
    return {
        "symbol": sheet.subject.code,
        "name": sheet.subject.name,
        "note": sheet.note,
        "on": sheet.day,
        "rule_book": book.version,
        "overlays": [file.name for file in book.overlays],
        "currency": sheet.terms.currency,
        "last_trading_day": sheet.last_day,
        "delivery_days": sheet.terms.days,
        "rules": [
            _plain(rule, group, sheet.terms)
            for group, topics in GROUPS.items()
            for topic in topics
            for rule in sheet.rules.get(topic, ())
        ],
    }


def standing_in_words(rule: Rule) -> str:
    """How well a rule is known, and by whom."""
    if rule.standing is Standing.YOURS:
        return f"yours, {rule.file}"
    if rule.standing is Standing.CARRIED and rule.source is not None:
        return f"carried since {rule.source.as_of}"
    return rule.standing.value


def _rules(book: RuleBook, topic: str, symbol: str, day: date) -> list[Rule]:
    one = book.rule(topic, symbol, day)
    return [one] if one is not None else sorted(book.all(topic, symbol, day), key=_tier)


def _tier(rule: Rule) -> tuple[int, str]:
    return len(rule.entry.rank), rule.entry.rank


def _currency(book: RuleBook, rules: Mapping[str, Sequence[Rule]]) -> str:
    name = next(iter(rules.values()))[0].file
    return next(file.head.currency for file in book.files() if file.name == name)


def _delivery_days(book: RuleBook, symbol: str, day: date) -> dict[str, date]:
    """When the named days of a contract's delivery are; none for what is no contract."""
    month = _MONTH.fullmatch(symbol.partition(".")[0])
    delivery = book.find(Delivery, symbol, day)
    if month is None or delivery is None:
        return {}
    first = date(2000 + int(month[1]), int(month[2]), 1)
    calendar = get_calendar(default_instrument(symbol).calendar)
    last = last_trading_day(delivery.last_day, first, calendar)
    names = [step.day for step in delivery.steps]
    names += [] if delivery.person_out is None else [delivery.person_out]
    near = {
        name: day_near_delivery(name, last=last, month=first, calendar=calendar) for name in names
    }
    return {delivery.last_day: last} | near


def _last_day(book: RuleBook, symbol: str, day: date, days: Mapping[str, date]) -> date | None:
    """The last trading day, by the rule that held when a contract that is over ended."""
    delivery = book.find(Delivery, symbol, day)
    last = None if delivery is None else days.get(delivery.last_day)
    if last is None or last >= day:
        return last
    then = book.find(Delivery, symbol, last)
    return last if then is None else _delivery_days(book, symbol, last)[then.last_day]


def _overlays(book: RuleBook) -> str:
    return f", with {', '.join(file.name for file in book.overlays)}" if book.overlays else ""


def _lines(sheet: Sheet, topic: str, sources: list[Source]) -> Iterator[str]:
    told_before = ""
    for rule in sheet.rules.get(topic, ()):
        told = _provenance(rule, sources)
        if told_before and told != told_before:
            yield told_before
        told_before = told
        yield from textwrap.wrap("; ".join(in_words(rule.entry, sheet.terms)), _width() - _INDENT)
    if told_before:
        yield told_before


def _width() -> int:
    return min(_WIDTH, shutil.get_terminal_size((_WIDTH, 0)).columns)


def _provenance(rule: Rule, sources: list[Source]) -> str:
    if rule.source is not None and rule.source not in sources:
        sources.append(rule.source)
    mark = "" if rule.source is None else f" [{sources.index(rule.source) + 1}]"
    until = "on" if rule.entry.to is None else f"to {rule.entry.to}"
    return f"  {rule.entry.since} {until}, of {rule.scope}, {standing_in_words(rule)}{mark}"


def _plain(rule: Rule, group: str, terms: Terms) -> dict[str, object]:
    fields = msgspec.structs.asdict(rule.entry)
    return {
        "topic": rule.entry.topic,
        "group": group,
        "since": rule.entry.since,
        "to": rule.entry.to,
        "scope": rule.scope,
        "standing": rule.standing,
        "file": rule.file,
        "source": rule.source,
        "words": in_words(rule.entry, terms),
        "fields": {name: value for name, value in fields.items() if name not in _COMMON},
    }
