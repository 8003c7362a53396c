"""Days on which markets that trade on weekdays stay closed."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

MONDAY, WEDNESDAY, THURSDAY, SATURDAY, SUNDAY = 0, 2, 3, 5, 6
_ONE_DAY = timedelta(days=1)

_US_FIRST_YEAR, _US_LAST_YEAR = 1998, 2025
_US_SHORT_WEDNESDAYS = 2013
# 11 September 2001, Hurricane Sandy, and days of mourning for four presidents.
_US_ONCE = (
    "2001-09-11 2001-09-12 2001-09-13 2001-09-14 2004-06-11 2007-01-02 2012-10-29 2012-10-30 "
    "2018-12-05 2025-01-09"
)
# The last day before 2000, and the day after a Christmas on a Thursday.
_US_SHORT_ONCE = "1999-12-31 2003-12-26"


@dataclass(frozen=True, slots=True)
class Holidays:
    """Closed weekdays, and the span of dates in which they are all known."""

    days: frozenset[date]
    first: date
    last: date


@cache
def cn_holidays() -> Holidays:
    """Closed weekdays of the mainland Chinese exchanges, read from the packaged list."""
    lines = files("quantloom.market").joinpath("holidays_cn.txt").read_text("utf-8").splitlines()
    first, last = next(line.split()[2:] for line in lines if line.startswith("# covers"))
    days = (date.fromisoformat(day) for line in lines if line[:1] != "#" for day in line.split())
    return Holidays(frozenset(days), date.fromisoformat(first), date.fromisoformat(last))


@cache
def us_holidays() -> Holidays:
    """Closed weekdays of the New York Stock Exchange from 1998, by its Rule 7.2 and by decree."""
    ruled = (day for year in range(_US_FIRST_YEAR, 2100) for day in _nyse_year(year))
    once = (date.fromisoformat(day) for day in _US_ONCE.split())
    # Closings by decree cannot be computed, so what is covered ends with the years looked at.
    return Holidays(
        frozenset((*ruled, *once)), date(_US_FIRST_YEAR, 1, 1), date(_US_LAST_YEAR, 12, 31)
    )


@cache
def us_short_days() -> frozenset[date]:
    """Days from 1998 on which the New York Stock Exchange closes at 13:00.

    Source:
        The exchange's yearly list of holidays and early closings: the day after Thanksgiving,
        Christmas Eve, and 3 July or, before 2013, a Friday after Independence Day.
    """
    ruled = (day for year in range(_US_FIRST_YEAR, 2100) for day in _nyse_short_days(year))
    once = (date.fromisoformat(day) for day in _US_SHORT_ONCE.split())
    return frozenset((*ruled, *once))


def _nyse_short_days(year: int) -> list[date]:
    days = [_nth(year, 11, THURSDAY, 4) + _ONE_DAY]
    # Where Christmas is on a Saturday, this Friday is closed in its place; so it is in July.
    if date(year, 12, 24).weekday() <= THURSDAY:
        days.append(date(year, 12, 24))
    before = date(year, 7, 3)
    if before.weekday() == WEDNESDAY and year < _US_SHORT_WEDNESDAYS:
        days.append(date(year, 7, 5))
    elif before.weekday() <= THURSDAY:
        days.append(before)
    return days


def _nyse_year(year: int) -> list[date]:
    days = [
        _nth(year, 1, MONDAY, 3),
        _nth(year, 2, MONDAY, 3),
        _easter(year) - 2 * _ONE_DAY,
        _nth(year, 6, MONDAY, 1) - 7 * _ONE_DAY,
        _observed(date(year, 7, 4)),
        _nth(year, 9, MONDAY, 1),
        _nth(year, 11, THURSDAY, 4),
        _observed(date(year, 12, 25)),
    ]
    # A New Year's Day on a Saturday is not made up for: the year's books close on that Friday.
    if date(year, 1, 1).weekday() != SATURDAY:
        days.append(_observed(date(year, 1, 1)))
    if year >= 2022:
        days.append(_observed(date(year, 6, 19)))
    return days


def _observed(day: date) -> date:
    if day.weekday() == SATURDAY:
        return day - _ONE_DAY
    return day + _ONE_DAY if day.weekday() == SUNDAY else day


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _easter(year: int) -> date:
    """Western Easter Sunday, by the anonymous Gregorian algorithm (Meeus, Jones and Butcher)."""
    century, golden = year // 100, year % 19
    correction = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = correction - correction // 28 * (1 - 29 // (correction + 1) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))
