"""When futures contracts end: the named days of `Delivery`, worked out by a calendar."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from quantloom.errors import Invalid
from quantloom.market.calendar import Calendar

_PREVIOUS = "_of_previous_month"
_BEFORE_LAST = re.compile(r"(\d+)(?:st|nd|rd|th)_before_last")
_MONTH_DAY = re.compile(r"(\d+)(?:st|nd|rd|th)")
_TRADING_DAY = re.compile(r"(\d+)(?:st|nd|rd|th)_trading_day")
_FROM_THE_END = re.compile(r"(?:(\d+)(?:st|nd|rd|th)_)?last_trading_day")
_WEEKDAY = re.compile(r"(first|second|third|fourth|last)_([a-z]+)")

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_COUNTS = ("first", "second", "third", "fourth")
_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)
# The longest the exchanges of China have ever stayed closed is some two weeks.
_LONGEST_CLOSURE = timedelta(days=21)

_Rule = Callable[[re.Match[str], date, Calendar], date]


class UnknownDayName(Invalid):
    """No day near a delivery has this name."""

    code = "rules.unknown_day_name"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"no day near a delivery is named {self.name!r}; write one like 15th, "
            f"10th_trading_day, 4th_last_trading_day or third_friday"
        )


def last_trading_day(rule: str, month: date, calendar: Calendar) -> date:
    """Work out a contract's last trading day.

    Args:
        rule: `last_day` of `Delivery`, such as `10th_trading_day`.
        month: any day of the delivery month.
        calendar: of the contract's exchange; where it does not cover the month, holidays are
            missing and the day may come too early.
    Raises:
        UnknownDayName: the rule is none of the vocabulary of `Delivery`.
    Source:
        The contracts' own terms, "last trading day".
    """
    first = month.replace(day=1)
    if rule.endswith(_PREVIOUS):
        first = (first - _ONE_DAY).replace(day=1)
    for pattern, compute in _RULES:
        found = pattern.fullmatch(rule.removesuffix(_PREVIOUS))
        if found is not None:
            return compute(found, first, calendar)
    raise UnknownDayName(rule)


def day_near_delivery(rule: str, *, last: date, month: date, calendar: Calendar) -> date:
    """Work out the day of a margin step, or by which natural persons must be flat.

    Args:
        rule: `person_out` or the `day` of a step of `Delivery`.
        last: last trading day of the contract.
        month: any day of the delivery month.
    Raises:
        UnknownDayName: the rule is none of the vocabulary of `Delivery`.
    """
    found = _BEFORE_LAST.fullmatch(rule)
    if found is None:
        return last_trading_day(rule, month, calendar)
    count = int(found[1])
    earlier = calendar.trading_days(last - count * _ONE_DAY - _LONGEST_CLOSURE, last - _ONE_DAY)
    return earlier[-count]


def _month_day(found: re.Match[str], first: date, calendar: Calendar) -> date:
    return _postponed(first.replace(day=int(found[1])), calendar)


def _trading_day(found: re.Match[str], first: date, calendar: Calendar) -> date:
    return _days_of(first, calendar)[int(found[1]) - 1]


def _from_the_end(found: re.Match[str], first: date, calendar: Calendar) -> date:
    return _days_of(first, calendar)[-int(found[1] or 1)]


def _weekday(found: re.Match[str], first: date, calendar: Calendar) -> date:
    if found[2] not in _WEEKDAYS:
        raise UnknownDayName(found[0])
    wanted = _WEEKDAYS.index(found[2])
    if found[1] == "last":
        return next(day for day in reversed(_days_of(first, calendar)) if day.weekday() == wanted)
    earliest = first + (wanted - first.weekday()) % 7 * _ONE_DAY
    return _postponed(earliest + _COUNTS.index(found[1]) * _ONE_WEEK, calendar)


def _days_of(first: date, calendar: Calendar) -> list[date]:
    following = (first + 31 * _ONE_DAY).replace(day=1)
    return calendar.trading_days(first, following - _ONE_DAY)


def _postponed(day: date, calendar: Calendar) -> date:
    return calendar.trading_days(day, day + _LONGEST_CLOSURE)[0]


_RULES: tuple[tuple[re.Pattern[str], _Rule], ...] = (
    (_MONTH_DAY, _month_day),
    (_TRADING_DAY, _trading_day),
    (_FROM_THE_END, _from_the_end),
    (_WEEKDAY, _weekday),
)
