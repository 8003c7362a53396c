"""Which contract of a product is held when: roll calendars that never look ahead."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import DayArray, FloatArray, IntArray
from quantloom.market.bars import Bars
from quantloom.market.calendar import Calendar, trading_days_of
from quantloom.market.rulebook.book import RuleBook, rule_book
from quantloom.market.rulebook.delivery import last_trading_day
from quantloom.market.rulebook.topics import Delivery
from quantloom.market.symbols import resolve

_MONTH = re.compile(r"(?<!\d)(\d{2}|\d{4})(0[1-9]|1[0-2])$")
# Two digits of a year from here on are of the last century; futures in China are no older.
_CENTURY_TURN = 90
_ONE_DAY = timedelta(days=1)
# The longest that exchanges stay closed is some two weeks.
_LONGEST_CLOSURE = 21
_NONE = -1


class NoDeliveryMonth(Invalid):
    """A contract whose symbol does not tell when it is delivered."""

    code = "market.no_delivery_month"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return f"{self.symbol} names no delivery month; write contracts like rb2410.SHFE"


class CannotRoll(Invalid):
    """A roll calendar that cannot be made of what is there."""

    code = "market.cannot_roll"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"no roll calendar can be made: {self.problem}"


@dataclass(frozen=True, slots=True)
class Leg:
    """A contract and the trading day from which it is held, until the next leg begins.

    A night session belongs to the trading day after it, so that is where a leg begins.
    """

    contract: str
    since: date


def delivery_month(symbol: str) -> date:
    """Read the delivery month of a contract, as the month's first day.

    Args:
        symbol: canonical, the month at its end: rb2410.SHFE.
    Raises:
        NoDeliveryMonth: there is none.
    """
    found = _MONTH.search(symbol.rpartition(".")[0])
    if found is None:
        raise NoDeliveryMonth(symbol)
    year = int(found[1])
    if len(found[1]) == 2:
        year += 1900 if year >= _CENTURY_TURN else 2000
    return date(year, int(found[2]), 1)


def last_days(
    symbols: Iterable[str], calendar: Calendar, book: RuleBook | None = None
) -> dict[str, date]:
    """Work out the last trading day of each contract by the rule book.

    Args:
        calendar: of the contracts' exchange, with its holidays.
        book: the packaged one where not given.
    Raises:
        NoDeliveryMonth: a symbol without one.
        NoRule: the book does not say how a contract ends.
    """
    rules, found = book or rule_book(), {}
    for symbol in symbols:
        month = delivery_month(symbol)
        rule = rules.need(Delivery, symbol, month)
        found[symbol] = last_trading_day(rule.last_day, month, calendar)
    return found


def roll_by_volume(
    contracts: Mapping[str, Bars],
    calendar: Calendar,
    *,
    last_days: Mapping[str, date] | None = None,
) -> tuple[Leg, ...]:
    """Hold the contract that was traded most, and never go back to an earlier delivery.

    On the close of each day the later contracts are compared with the one held; the greatest of
    them takes its place from the next trading day where it was traded more. The first day
    decides only, so the first leg begins on the second. A contract without a bar counts as not
    traded that day.

    Args:
        contracts: bars of real contracts by canonical symbol, of any length; volume one-sided or
            two-sided in all of them alike.
        last_days: last trading days, as `last_days` gives them; none is then held past its own.
    Raises:
        CannotRoll: no contracts, or none whose volume is known.
        NoDeliveryMonth: a symbol that does not tell its order.
    """
    return _roll_by("volume", contracts, calendar, last_days or {})


def roll_by_open_interest(
    contracts: Mapping[str, Bars],
    calendar: Calendar,
    *,
    last_days: Mapping[str, date] | None = None,
) -> tuple[Leg, ...]:
    """Hold the contract with the greatest open interest; all else as `roll_by_volume`.

    Args:
        contracts: bars with an `open_interest` extra.
    """
    return _roll_by("open_interest", contracts, calendar, last_days or {})


def roll_before_expiry(
    last_days: Mapping[str, date], calendar: Calendar, *, start: date, trading_days: int = 1
) -> tuple[Leg, ...]:
    """Hold each contract until some trading days before its last one.

    Args:
        last_days: last trading day by contract, as `last_days` gives them; leave out the months
            that are not to be held.
        start: first day of the first leg.
        trading_days: how many trading days before the old contract's last one the new one is held
            first; with 1, as index futures are rolled, the old one is left before its last day.
    Raises:
        CannotRoll: trading days below zero, or every contract ended before `start`.
    """
    if trading_days < 0:
        raise CannotRoll(f"trading_days is {trading_days}; give 0 or more")
    legs, since = [], start
    for contract, last in sorted(last_days.items(), key=lambda pair: (pair[1], pair[0])):
        until = _days_before(last, trading_days, calendar)
        if until > since:
            legs.append(Leg(contract, since))
            since = until
    if not legs:
        raise CannotRoll(f"no contract can be held on {start}; begin earlier or add later ones")
    return tuple(legs)


def read_hots(rows: Iterable[Mapping[str, Any]]) -> tuple[Leg, ...]:
    """Read one product's rows of a hot-contract table.

    Args:
        rows: with `date` (20190117, the new contract's first day) and `to` (IC1902), as
            WonderTrader's `hots.json` has them; its closes are not read but found in the bars.
    Raises:
        UnknownSymbol: a contract that cannot be read.
    """
    legs = []
    for row in rows:
        day = datetime.strptime(str(row["date"]), "%Y%m%d").date()  # noqa: DTZ007  a date alone
        legs.append(Leg(resolve(str(row["to"]), on=day).symbol, day))
    return tuple(legs)


def day_ends(bars: Bars, calendar: Calendar) -> tuple[DayArray, IntArray]:
    """The trading days of bars, and the last row of each."""
    days = trading_days_of(bars, calendar)
    rows = np.flatnonzero(np.append(days[1:] != days[:-1], True))
    return days[rows], rows


def _roll_by(
    column: str, contracts: Mapping[str, Bars], calendar: Calendar, last: Mapping[str, date]
) -> tuple[Leg, ...]:
    names = sorted(contracts, key=delivery_month)
    days, values = _by_day(column, [contracts[name] for name in names], calendar)
    legs: list[Leg] = []
    held = _NONE
    for row, following in enumerate([*days[1:], _next_day(days[-1], calendar)]):
        is_over = held != _NONE and last.get(names[held], date.max) < following
        chosen = _choose(values[row], held, is_over=is_over)
        if chosen != held:
            legs.append(Leg(names[chosen], following))
            held = chosen
    if not legs:
        raise CannotRoll(f"no contract has a {column} above zero; import bars that have one")
    return tuple(legs)


def _choose(values: FloatArray, held: int, *, is_over: bool) -> int:
    """The column of the contract to hold after a day with these values."""
    later = np.nan_to_num(values[held + 1 :], nan=_NONE)
    if not len(later) or later.max() <= 0:
        return held
    best = held + 1 + int(later.argmax())
    return best if held == _NONE or is_over or values[best] > values[held] else held


def _by_day(column: str, bars: Sequence[Bars], calendar: Calendar) -> tuple[list[date], FloatArray]:
    """Values at the close of every day on which any contract has a bar, a column a contract."""
    if not bars:
        raise CannotRoll("there are no contracts; give the bars of two or more")
    ends = [day_ends(one, calendar) for one in bars]
    days = np.unique(np.concatenate([own for own, _ in ends]))
    values = np.zeros((len(days), len(bars)))
    for at, (one, (own, rows)) in enumerate(zip(bars, ends, strict=True)):
        values[np.searchsorted(days, own), at] = _day_values(column, one, rows)
    return days.tolist(), values


def _day_values(column: str, bars: Bars, rows: IntArray) -> FloatArray:
    if column == "volume":
        return np.add.reduceat(bars.volume, np.append(0, rows[:-1] + 1))
    if column not in bars.extras:
        raise CannotRoll(
            f"{bars.symbol} has no {column}; import bars that have it, or roll by volume"
        )
    return bars.extras[column][rows]


def _next_day(day: date, calendar: Calendar) -> date:
    return calendar.trading_days(day + _ONE_DAY, day + _LONGEST_CLOSURE * _ONE_DAY)[0]


def _days_before(last: date, count: int, calendar: Calendar) -> date:
    earliest = last - (2 * count + _LONGEST_CLOSURE) * _ONE_DAY
    return calendar.trading_days(earliest, last)[-count - 1]
