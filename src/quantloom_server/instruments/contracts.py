"""Which dated contracts of a futures product are traded on a day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import msgspec

from quantloom.market import Calendar, Product, UnknownCalendar, product_calendar
from quantloom.market.rulebook import RuleBook, last_trading_day
from quantloom.market.rulebook.topics import Delivery

_FARTHEST = 48
_ALL = tuple(range(1, 13))


class _Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    within: int = 0
    following: int = msgspec.field(default=0, name="next")
    months: tuple[int, ...] = _ALL


class _Cycles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    products: Mapping[str, str]
    cycles: Mapping[str, tuple[_Clause, ...]]


@dataclass(frozen=True, slots=True)
class Contract:
    """One delivery month of a product.

    Attributes:
        is_estimate: holidays of that time are not known yet, so the day may be a later one.
    """

    symbol: str
    month: date
    last_day: date
    is_estimate: bool


def contracts_on(product: Product, day: date, book: RuleBook) -> tuple[Contract, ...]:
    """List the contracts that a product has on a day, the nearest first.

    Returns:
        None of a product whose months no source tells, or whose end the rule book does not tell.
    """
    clauses = _cycle_of(product.code)
    calendar = _calendar(product, book)
    if not clauses or calendar is None:
        return ()
    coming = [
        contract
        for month in _months_from(day)
        if (contract := _contract(product, month, calendar, book)) and contract.last_day >= day
    ]
    return tuple(coming[place] for place in _chosen(coming, clauses))


def end_of(product: Product, month: date, book: RuleBook) -> Contract | None:
    """A contract by its delivery month; None where the rule book does not tell how it ends."""
    calendar = _calendar(product, book)
    return None if calendar is None else _contract(product, month, calendar, book)


def _chosen(coming: Sequence[Contract], clauses: tuple[_Clause, ...]) -> list[int]:
    chosen: set[int] = set()
    for clause in clauses:
        last = max(chosen, default=-1)
        fitting = [place for place, one in enumerate(coming) if one.month.month in clause.months]
        chosen.update(place for place in fitting if place < clause.within)
        chosen.update([place for place in fitting if place > last][: clause.following])
    return sorted(chosen)


def _contract(product: Product, month: date, calendar: Calendar, book: RuleBook) -> Contract | None:
    symbol = f"{product.code}{month:%y%m}.{product.venue}"
    rule = book.find(Delivery, symbol, month)
    if rule is None:
        return None
    last = last_trading_day(rule.last_day, month, calendar)
    return Contract(symbol, month, last, is_estimate=not calendar.covers(last))


def _calendar(product: Product, book: RuleBook) -> Calendar | None:
    try:
        return product_calendar(f"{product.code}-MAIN.{product.venue}", book)
    except UnknownCalendar:
        return None


def _months_from(day: date) -> Iterator[date]:
    for count in range(_FARTHEST):
        years, months = divmod(day.month - 1 + count, 12)
        yield date(day.year + years, months + 1, 1)


def _cycle_of(code: str) -> tuple[_Clause, ...]:
    told = _told()
    return told.cycles[told.products[code]] if code in told.products else ()


@cache
def _told() -> _Cycles:
    text = files("quantloom_server.instruments").joinpath("cycles.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Cycles)
