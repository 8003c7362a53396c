"""The calendars of exchanges by name: the general ones, and each product's own by the rule book."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from functools import cache

from quantloom.errors import NotFound
from quantloom.market import venues
from quantloom.market.calendar import AlwaysOpen, Calendar, SessionTable
from quantloom.market.holidays import cn_holidays, us_holidays, us_short_days
from quantloom.market.instruments import Kind
from quantloom.market.option_codes import cn_option
from quantloom.market.products import find_product
from quantloom.market.rulebook.book import RuleBook, rule_book
from quantloom.market.rulebook.topics import Hours, Nights
from quantloom.market.sessions import LocalHours, Session
from quantloom.market.symbols import Resolution, UnknownSymbol, resolve

_ONE_DAY = timedelta(days=1)
_CODE_DIGITS = 6

_NEW_YORK_HOURS = (LocalHours(time(9, 30), time(16)),)
_NEW_YORK_SHORT = (LocalHours(time(9, 30), time(13)),)
_STOCK_HOURS = (LocalHours(time(9, 30), time(11, 30)), LocalHours(time(13), time(15)))
# The widest night, that of gold, silver and crude oil; `product_calendar` gives each its own.
_FUTURES_HOURS = (
    LocalHours(time(21), time(2, 30), is_night=True),
    LocalHours(time(9), time(10, 15)),
    LocalHours(time(10, 30), time(11, 30)),
    LocalHours(time(13, 30), time(15)),
)
# SHFE opened the first night session, for gold and silver, on Friday 2013-07-05.
_NIGHTS_FROM = date(2013, 7, 8)
# All exchanges went without nights in the epidemic, until the evening of 2020-05-06.
_NO_NIGHTS_2020 = frozenset(date(2020, 2, 3) + count * _ONE_DAY for count in range(94))
# Trading days before which every exchange opened its night late, and when: on the evening of
# 2019-12-25 the five-minute bars of all four exchanges begin with the auction of 22:25.
_LATE_NIGHTS = {date(2019, 12, 26): time(22, 30)}


class UnknownCalendar(NotFound):
    """No calendar has this name."""

    code = "market.unknown_calendar"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"no calendar is named {self.name!r}; there are {', '.join(_CALENDARS)}, those of "
            "Chinese futures, such as SHFE.rb, and of boards, such as SSE.main"
        )


@cache
def get_calendar(name: str) -> Calendar:
    """Give the calendar an instrument names.

    Args:
        name: 24x7, us_stock, cn_stock, cn_futures or cffex; or `VENUE.product` for a Chinese
            future and `VENUE.board` for a stock, whose hours the packaged rule book dates.
            `docs/reference/calendars.md` tells what each holds and leaves out.
    Raises:
        UnknownCalendar: none of these.
    """
    if name in _CALENDARS:
        return _CALENDARS[name]()
    symbol = _symbol_of(name)
    if symbol is None or _name_of(symbol, rule_book()) != name:
        raise UnknownCalendar(name)
    return product_calendar(symbol)


def product_calendar(symbol: str, book: RuleBook | None = None) -> Calendar:
    """Give the calendar of an instrument by the hours that the rule book dates.

    Args:
        symbol: any spelling that `resolve` reads.
        book: such as one with overlays; the packaged one by default.
    Returns:
        The calendar of its product or board. Before the first hours that the book knows they hold
        too, and `covers` is False. Where the book has none, the general one of its venue.
    Raises:
        UnknownSymbol: no instrument of that spelling.
        UnknownCalendar: the book has no hours, and the venue no general calendar.
    """
    book = book or rule_book()
    found = resolve(symbol)
    if found.kind is Kind.OPTION:
        return _of_option(found, book)
    venue = found.venue
    if venue in venues.CN_FUTURES or venue in venues.CN_STOCK:
        return _by_rules(symbol, book)
    if venue in venues.US_STOCK:
        return get_calendar("us_stock")
    if venue in venues.CRYPTO:
        return get_calendar("24x7")
    raise UnknownCalendar(venue)


def auctions(symbol: str, day: date, book: RuleBook | None = None) -> tuple[Session, ...]:
    """List the calls of a trading day that end in one price, earliest first.

    A call that ends when the day opens moves with its opening: to the morning where there is no
    night session.

    Args:
        symbol: any spelling that `resolve` reads.
        day: none are listed where it is no trading day, or where the rule book has no hours.
    Raises:
        UnknownSymbol: no instrument of that spelling.
    """
    book = book or rule_book()
    entry = book.find(Hours, symbol, day)
    calendar = product_calendar(symbol, book) if entry is not None else None
    sessions = calendar.sessions(day) if calendar is not None else ()
    if entry is None or not sessions or not isinstance(calendar, SessionTable):
        return ()
    opens = _span(entry.night or entry.day[0]).open
    calls = []
    for call in map(_span, entry.auctions):
        found = call.on(day, calendar.zone)
        if call.close == opens:
            first = sessions[0].open
            found = Session(first - (found.close - found.open), first)
        calls.append(found)
    return tuple(calls)


def _of_option(found: Resolution, book: RuleBook) -> Calendar:
    """Options are traded in the hours of what they are on."""
    option = cn_option(found.code, found.venue)
    if option is not None:
        return _by_rules(f"{option.product.code}-MAIN.{found.venue}", book)
    return get_calendar("us_stock" if found.venue in venues.US_STOCK else "cn_stock")


def _symbol_of(name: str) -> str | None:
    """An instrument whose calendar may have this name."""
    venue, _, part = name.partition(".")
    if venue in venues.CN_FUTURES:
        product = find_product(part, venue)
        return None if product is None else f"{product.code}-MAIN.{venue}"
    if venue not in venues.CN_STOCK:
        return None
    starts = (
        file.head.prefixes[name] for file in rule_book().files() if name in file.head.prefixes
    )
    code = next(starts, ("",))[0].ljust(_CODE_DIGITS, "0")
    try:
        return resolve(f"{code}.{venue}").symbol
    except UnknownSymbol:
        return None


def _name_of(symbol: str, book: RuleBook) -> str:
    """`VENUE.product` or `VENUE.board`."""
    *_, narrow, venue = book.scopes(symbol)
    return narrow if narrow.startswith(f"{venue}.") else f"{venue}.{narrow}"


def _by_rules(symbol: str, book: RuleBook) -> SessionTable:
    name = _name_of(symbol, book)
    days = book.changes(symbol, (Hours.topic,))
    found = [(day, book.find(Hours, symbol, day)) for day in days]
    eras = tuple((day, _hours(entry)) for day, entry in found if entry is not None)
    if not eras:
        raise UnknownCalendar(name)
    first_day, first_hours = eras[0]
    holidays = replace(cn_holidays(), first=max(cn_holidays().first, first_day))
    table = SessionTable(
        name=name,
        timezone="Asia/Shanghai",
        periods_per_year=243,
        hours=first_hours,
        later=eras[1:],
        holidays=holidays,
        no_night_before=_without_nights(symbol, book, holidays.last),
    )
    return replace(table, special=_late_nights(table))


def _without_nights(symbol: str, book: RuleBook, horizon: date) -> frozenset[date]:
    days = set()
    for first in book.changes(symbol, (Nights.topic,)):
        entry = book.find(Nights, symbol, first)
        if entry is not None:
            last = entry.to or horizon
            days |= {first + count * _ONE_DAY for count in range((last - first).days + 1)}
    return frozenset(days)


def _hours(entry: Hours) -> tuple[LocalHours, ...]:
    night = () if entry.night is None else (replace(_span(entry.night), is_night=True),)
    return (*night, *map(_span, entry.day))


def _span(text: str) -> LocalHours:
    opens, _, closes = text.partition("-")
    return LocalHours(time.fromisoformat(opens), time.fromisoformat(closes))


def _late_nights(table: SessionTable) -> dict[date, tuple[LocalHours, ...]]:
    return {
        day: tuple(replace(one, open=opens) if one.is_night else one for one in table.hours_of(day))
        for day, opens in _LATE_NIGHTS.items()
    }


@cache
def _us_stock() -> Calendar:
    return SessionTable(
        name="us_stock",
        timezone="America/New_York",
        periods_per_year=252,
        hours=_NEW_YORK_HOURS,
        holidays=us_holidays(),
        special=dict.fromkeys(us_short_days(), _NEW_YORK_SHORT),
    )


@cache
def _cn_stock() -> Calendar:
    return _cn_table("cn_stock", _STOCK_HOURS)


@cache
def _cffex() -> Calendar:
    return _cn_table("cffex", _STOCK_HOURS)


@cache
def _cn_futures() -> Calendar:
    return _cn_table("cn_futures", _FUTURES_HOURS)


def _cn_table(name: str, hours: tuple[LocalHours, ...]) -> SessionTable:
    table = SessionTable(
        name=name,
        timezone="Asia/Shanghai",
        periods_per_year=243,
        hours=hours,
        holidays=cn_holidays(),
        nights_from=_NIGHTS_FROM,
        no_night_before=_NO_NIGHTS_2020,
    )
    return replace(table, special=_late_nights(table))


_CALENDARS: Mapping[str, Callable[[], Calendar]] = {
    "24x7": AlwaysOpen,
    "us_stock": _us_stock,
    "cn_stock": _cn_stock,
    "cn_futures": _cn_futures,
    "cffex": _cffex,
}
