"""Whether dates such as 03/04/2024 put the day or the month first: what tells it, if anything does.

Where both orders read every cell, the order of the rows, the name of the file, days on which the
market rests and the distance of the days are asked. What they do not tell, or tell differently, a
human has to say: a wrong guess would move every price to another day.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from quantloom.data.readers.mapping import Finding, Role, given
from quantloom.data.readers.moments import disorder, is_two_way
from quantloom.data.readers.naming import day_of_name, month_of_name
from quantloom.data.readers.profiles import Profile
from quantloom.data.readers.sheets import Sheet, is_midnight, known_times, wall_of
from quantloom.data.readers.written import NS_PER_DAY, Moments, Written
from quantloom.errors import Invalid
from quantloom.kit import IntArray, from_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import venues

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
_WAYS = {DAY_FIRST: Written.DAY_FIRST, MONTH_FIRST: Written.MONTH_FIRST}
_TEXTS = ("", Written.TEXT, Written.DAY_FIRST, Written.MONTH_FIRST)
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}")
_HOUR_NS = 3_600 * NS_PER_SECOND
# Nights of a Friday end on Saturday morning, weeks of currencies begin on Sunday evening.
_NIGHT_ENDS_NS, _WEEK_BEGINS_NS = 6 * _HOUR_NS, 15 * _HOUR_NS
_FRIDAY_TO_TUESDAY, _WEEK = 4, 7
_LONGEST_BREAK = 60
_MANY = 0.8


class WrongDates(Invalid):
    """An order of day and month that was said, and in which the file's dates cannot be read."""

    code = "data.wrong_dates"

    def __init__(self, path: Path, told: str, cell: str) -> None:
        super().__init__(path, told, cell)
        self.path, self.told, self.cell = path, told, cell
        self.other = MONTH_FIRST if told == DAY_FIRST else DAY_FIRST

    def __str__(self) -> str:
        return (
            f"{self.path}: dates were said to be {self.told}, and {self.cell!r} can only be "
            f"{self.other}; say --dates {self.other}, or leave it out"
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """The times of a sample under one order."""

    wall: Moments
    days: IntArray
    is_dates: bool

    @property
    def known(self) -> int:
        return int((~self.wall.unreadable).sum())


_Readings = dict[str, _Reading]


def settle_dates(sheet: Sheet, symbols: Sequence[str]) -> Finding[str]:
    """Choose the order in which a sheet's dates are read, and have it read so.

    Returns:
        The order; "" without doubt where the dates have but one reading, and with no confidence
        where they have two and nothing tells which is meant.
    Raises:
        WrongDates: another order was said than the cells allow.
    """
    column = _column(sheet)
    if column is None or not is_two_way(column.cells):
        return Finding("")
    readings = {order: _reading(sheet, order) for order in _WAYS}
    first, second = (one.wall for one in readings.values())
    if np.array_equal(first.ns, second.ns) and np.array_equal(first.unreadable, second.unreadable):
        return Finding("")
    found = _order(sheet, symbols, column, readings)
    _write(sheet, found.value or MONTH_FIRST)
    return found


def _column(sheet: Sheet) -> Profile | None:
    role = Role.TIME if sheet.column(Role.TIME) is not None else Role.DATE
    return sheet.column(role) if sheet.written(role) in _TEXTS else None


def _write(sheet: Sheet, order: str) -> None:
    for place, one in sheet.roles.found.items():
        is_date = one.role in {Role.TIME, Role.DATE, Role.RECEIVED} and one.written in _TEXTS
        if is_date and is_two_way(sheet.profiles[place].cells):
            sheet.roles.found[place] = replace(one, written=str(_WAYS[order]))


def _reading(sheet: Sheet, order: str) -> _Reading:
    _write(sheet, order)
    wall = wall_of(sheet)
    return _Reading(wall, np.unique(known_times(wall) // NS_PER_DAY), is_midnight(wall))


def _order(
    sheet: Sheet, symbols: Sequence[str], column: Profile, readings: _Readings
) -> Finding[str]:
    told = sheet.hints.dates
    only, cell = _readable(column, readings)
    if only and told not in {None, only}:
        raise WrongDates(sheet.table.path, str(told), cell)
    if only:
        return Finding(only, 1.0, (f"{cell!r} can only be so",))
    if told is not None:
        return given(told)
    return _guessed(sheet, symbols, column, readings)


def _readable(column: Profile, readings: _Readings) -> tuple[str, str]:
    """The order that reads more cells, with one that the other does not read."""
    day, month = readings[DAY_FIRST], readings[MONTH_FIRST]
    if day.known == month.known:
        return "", ""
    order = DAY_FIRST if day.known > month.known else MONTH_FIRST
    better, worse = (day, month) if order == DAY_FIRST else (month, day)
    row = int(np.argmax(worse.wall.unreadable & ~better.wall.unreadable))
    return order, str(column.cells[row])


def _guessed(
    sheet: Sheet, symbols: Sequence[str], column: Profile, readings: _Readings
) -> Finding[str]:
    says: tuple[tuple[Callable[[], str], str], ...] = (
        (lambda: _by_turns(readings), "the rows are in order if they are read so"),
        (lambda: _by_name(sheet, readings), "the file's name says a day of them"),
        (lambda: _by_rest(symbols, readings), "the market rests on days of the other order"),
        (lambda: _by_steps(readings), "days follow each other if they are read so"),
    )
    found = [(order, why) for tell, why in says if (order := tell())]
    orders = {order for order, _ in found}
    if len(orders) == 1:
        return Finding(found[0][0], 0.85, tuple(why for _, why in found))
    cell = _example(column, readings)
    # No country writes a month, a dot and then the day.
    if not orders and _DOTTED.search(cell):
        return Finding(DAY_FIRST, 0.7, ("dates with dots put the day first",))
    return Finding("", 0.0, (_both(cell, readings),))


def _example(column: Profile, readings: _Readings) -> str:
    return str(column.cells[_differing(readings)])


def _differing(readings: _Readings) -> int:
    first, second = (one.wall for one in readings.values())
    return int(np.argmax((first.ns != second.ns) & ~first.unreadable & ~second.unreadable))


def _both(cell: str, readings: _Readings) -> str:
    row = _differing(readings)
    days = {order: f"{from_ns(int(one.wall.ns[row])):%Y-%m-%d}" for order, one in readings.items()}
    return (
        f"{cell!r} is {days[DAY_FIRST]} with the day first, {days[MONTH_FIRST]} with the month "
        "first"
    )


def _by_turns(readings: _Readings) -> str:
    """A wrong order turns back and forth between the months."""
    turns = {order: disorder(one.wall) for order, one in readings.items()}
    best = min(turns, key=lambda order: turns[order])
    return best if turns[best] < max(turns.values()) / 2 else ""


def _by_name(sheet: Sheet, readings: _Readings) -> str:
    names = (sheet.form.member, sheet.table.path.name)
    day, month = day_of_name(*names), month_of_name(*names)
    if day is not None:
        wanted = np.datetime64(day, "D").astype(np.int64)
        return _only(readings, lambda one: bool((one.days == wanted).any()))
    if month is not None:
        wanted = np.datetime64(month, "M").astype(np.int64)
        return _only(readings, lambda one: bool((_months(one.days) == wanted).all()))
    return ""


def _only(readings: _Readings, holds: Callable[[_Reading], bool]) -> str:
    """The order of which something holds, where it does not hold of both."""
    found = [order for order, one in readings.items() if holds(one)]
    return found[0] if len(found) == 1 else ""


def _by_rest(symbols: Sequence[str], readings: _Readings) -> str:
    homes = {symbol.rpartition(".")[2] for symbol in symbols} or {venues.LOCAL}
    if homes & {*venues.CRYPTO, venues.LOCAL} or not homes <= {*venues.VENUES}:
        return ""
    has_sundays = venues.FX in homes
    return _only(readings, lambda one: _is_monthly(one) or not _rests(one, has_sundays=has_sundays))


def _rests(one: _Reading, *, has_sundays: bool) -> bool:
    """Whether some rows are of hours at which no market but that of coins is open."""
    times = known_times(one.wall)
    weekday, within = (times // NS_PER_DAY + 3) % 7, times % NS_PER_DAY
    saturday, sunday = weekday == 5, weekday == 6
    if one.is_dates:
        return bool(saturday.any() or (sunday.any() and not has_sundays))
    saturday &= within > _NIGHT_ENDS_NS
    return bool(saturday.any() or (sunday & (within < _WEEK_BEGINS_NS)).any())


def _by_steps(readings: _Readings) -> str:
    return _only(readings, lambda one: _is_monthly(one) or _is_daily(one))


def _is_daily(one: _Reading) -> bool:
    """Whether its days mostly follow each other, or are weeks apart."""
    steps = np.diff(one.days)
    if len(steps) < 1 + one.is_dates:
        return False
    near = (steps <= _FRIDAY_TO_TUESDAY) | (steps == _WEEK)
    return bool(near.mean() >= _MANY and steps.max() <= _LONGEST_BREAK)


def _is_monthly(one: _Reading) -> bool:
    """Whether it has the first day of every month, and no other."""
    if not one.is_dates or len(one.days) < 3:
        return False
    months = _months(one.days)
    are_first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) == one.days
    return bool(are_first.all() and (np.diff(months) == 1).mean() >= _MANY)


def _months(days: IntArray) -> IntArray:
    months: IntArray = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months
