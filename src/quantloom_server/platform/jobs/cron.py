"""Times as cron writes them: minute, hour, day of the month, month, day of the week."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from quantloom_server.platform.jobs.errors import BadCron, UnknownTimezone

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
# Eight years between two leap days, where a century is none.
_FAR_DAYS = 366 * 8
_STEP = re.compile(r"(?P<span>[^/]+)(?:/(?P<step>[1-9]\d?))?")


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five: what it is called, its bounds, and the names its numbers have."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def read(self, text: str) -> frozenset[int]:
        return frozenset(number for part in text.split(",") for number in self._read_part(part))

    def _read_part(self, part: str) -> range:
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} as {self.name}")
        first, last = self._span(match["span"], is_stepped=match["step"] is not None)
        if not self.low <= first <= last <= self.high:
            raise ValueError(f"{part!r} as {self.name}, which goes from {self.low} to {self.high}")
        return range(first, last + 1, int(match["step"] or 1))

    def _span(self, span: str, *, is_stepped: bool) -> tuple[int, int]:
        if span == "*":
            return self.low, self.high
        first, dash, last = span.partition("-")
        begin = self._number(first)
        if dash:
            return begin, self._number(last)
        return begin, self.high if is_stepped else begin

    def _number(self, text: str) -> int:
        if text in self.names:
            return self.names.index(text) + self.low
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{text!r} as {self.name}")
        return int(text)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, tuple(_MONTHS)),
    _Field("day of the week", 0, 7, tuple(_WEEKDAYS)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """When something is due, on the clocks of one time zone.

    As ever with cron, a day fits if either the day of the month or that of the week does, where
    both are given. A time that the clocks leap over in spring is due as much later as they leap; an
    hour that they show twice in autumn counts once, unless every hour is due.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, timezone: str) -> Self:
        """Read five fields, such as `30 16 * * mon-fri`.

        Raises:
            BadCron: they are not understood.
            UnknownTimezone: there is no such time zone.
        """
        parts = text.lower().split()
        if len(parts) != len(_FIELDS):
            raise BadCron(text, f"it has {len(parts)} fields instead of five")
        try:
            minutes, hours, days, months, weekdays = (
                field.read(part) for field, part in zip(_FIELDS, parts, strict=True)
            )
        except ValueError as error:
            raise BadCron(text, str(error)) from None
        return cls(
            minutes=minutes,
            hours=hours,
            days=days,
            months=months,
            weekdays=frozenset(day % 7 for day in weekdays),
            any_day=parts[2] == "*",
            any_weekday=parts[4] == "*",
            zone=_zone(timezone),
        )

    def next_after(self, moment: datetime) -> datetime | None:
        """Find when it is due next, in UTC; None if that is never."""
        today = moment.astimezone(self.zone).date()
        # From yesterday on: what the clocks leapt over just before midnight is due after it.
        for ahead in range(-1, _FAR_DAYS):
            day = today + timedelta(days=ahead)
            if self._has_day(day):
                later = [due for due in self._times_of(day) if due > moment]
                if later:
                    return min(later)
        return None

    def _has_day(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        fits_day = day.day in self.days
        fits_weekday = day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return fits_day and fits_weekday
        return fits_day or fits_weekday

    def _times_of(self, day: date) -> Iterator[datetime]:
        folds = (0, 1) if len(self.hours) == 24 else (0,)
        for hour in self.hours:
            for minute in self.minutes:
                for fold in folds:
                    local = datetime.combine(day, time(hour, minute, fold=fold), self.zone)
                    yield local.astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimezone(name) from None
