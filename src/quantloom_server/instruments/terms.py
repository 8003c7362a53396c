"""The terms of an instrument on a day: what the rule book says, and how well it is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from quantloom.market import (
    Calendar,
    Instrument,
    Kind,
    Resolution,
    Session,
    UnknownCalendar,
    default_instrument,
    delivery_month,
    get_calendar,
    product_calendar,
)
from quantloom.market.rulebook import TOPICS, Entry, Rule, RuleBook, Standing
from quantloom.market.rulebook.topics import Grid, Turnaround
from quantloom_server.instruments.contracts import Contract, end_of
from quantloom_server.instruments.naming import product_of
from quantloom_server.instruments.shelf import CHAIN

# Exchanges of China close for a fortnight at most.
_LONGEST_CLOSURE = timedelta(days=21)
_BEST_FIRST = tuple(Standing)

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Opening:
    """A session of a trading day, by UTC and by the venue's own clock."""

    span: Session
    local: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for an instrument on a day.

    Attributes:
        rules: by topic; several where entries stand side by side, as levies and tiers do.
        openings: of the first trading day that is not before `day`.
        ending: of a dated contract of a Chinese futures exchange.
    """

    instrument: Instrument
    day: date
    rules: Mapping[str, Sequence[Rule]]
    calendar: Calendar
    trading_day: date | None
    openings: Sequence[Opening]
    ending: Contract | None

    def find(self, topic: type[E]) -> E | None:
        """The one entry of a topic, None where the book has none."""
        return next(iter(self.all(topic)), None)

    def all(self, topic: type[E]) -> list[E]:
        """Every entry of a topic."""
        rules = self.rules.get(topic.topic, ())
        return [one.entry for one in rules if isinstance(one.entry, topic)]

    @property
    def standing(self) -> Standing:
        """How well the least known rule is known."""
        found = [rule.standing for rules in self.rules.values() for rule in rules]
        return max(found, key=_BEST_FIRST.index, default=Standing.ASSUMED)

    @property
    def can_short(self) -> bool:
        turnaround = self.find(Turnaround)
        return turnaround.can_short if turnaround else self.instrument.can_short


def terms_on(found: Resolution, day: date, book: RuleBook) -> Terms:
    """Gather the terms of an instrument on a day."""
    rules = {topic: _rules(book, topic, found.symbol, day) for topic in TOPICS}
    calendar = _calendar(found, book)
    trading_day = _trading_day(calendar, day)
    zone = ZoneInfo(calendar.timezone)
    return Terms(
        instrument=_on_grid(default_instrument(found.symbol), rules["grid"]),
        day=day,
        rules={topic: several for topic, several in rules.items() if several},
        calendar=calendar,
        trading_day=trading_day,
        openings=[
            Opening(one, (one.open.astimezone(zone), one.close.astimezone(zone)))
            for one in (calendar.sessions(trading_day) if trading_day else ())
        ],
        ending=_ending(found, book),
    )


def _rules(book: RuleBook, topic: str, symbol: str, day: date) -> list[Rule]:
    one = book.rule(topic, symbol, day)
    return [one] if one is not None else book.all(topic, symbol, day)


def _on_grid(assumed: Instrument, rules: Sequence[Rule]) -> Instrument:
    grid = next((one.entry for one in rules if isinstance(one.entry, Grid)), None)
    if grid is None:
        return assumed
    return Instrument(
        symbol=assumed.symbol,
        kind=assumed.kind,
        tick_size=grid.tick,
        lot=grid.step,
        multiplier=grid.multiplier,
        currency=assumed.currency,
        calendar=assumed.calendar,
        can_short=assumed.can_short,
        source="rule book",
    )


def _calendar(found: Resolution, book: RuleBook) -> Calendar:
    try:
        return product_calendar(found.symbol, book)
    except UnknownCalendar:
        return get_calendar(default_instrument(found.symbol).calendar)


def _trading_day(calendar: Calendar, day: date) -> date | None:
    return next(iter(calendar.trading_days(day, day + _LONGEST_CLOSURE)), None)


def _ending(found: Resolution, book: RuleBook) -> Contract | None:
    product = product_of(found) if found.kind is Kind.FUTURE else None
    if product is None or found.code.endswith(CHAIN):
        return None
    return end_of(product, delivery_month(found.symbol), book)
