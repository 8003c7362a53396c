"""The one place that tells the time. Everything else is handed a `Clock`."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from quantloom.errors import Invalid

NS_PER_SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()


class NaiveTime(Invalid):
    """A time without a zone, which could be any of two dozen instants."""

    code = "time.naive"

    def __init__(self, moment: datetime) -> None:
        super().__init__(moment)
        self.moment = moment

    def __str__(self) -> str:
        return f"{self.moment} has no time zone; give it one, such as tzinfo=UTC"


class Clock(Protocol):
    """Tells the present, as a live loop, a replay or a test sees it."""

    def now_ns(self) -> int:
        """UTC nanoseconds since 1970."""
        ...

    def now(self) -> datetime:
        """The same instant as an aware datetime."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now_ns(self) -> int:
        return time.time_ns()  # noqa: TID251  the one clock that may ask the system

    def now(self) -> datetime:
        return from_ns(self.now_ns())


class ManualClock:
    """A clock that moves only when told to, for tests and replays."""

    def __init__(self, start: datetime | int) -> None:
        self._ns = start if isinstance(start, int) else to_ns(start)

    def now_ns(self) -> int:
        return self._ns

    def now(self) -> datetime:
        return from_ns(self._ns)

    def advance(self, step: timedelta) -> None:
        """Move forward; a clock never runs backwards."""
        if step < timedelta(0):
            raise ValueError("a clock never runs backwards")
        self._ns += step // timedelta(microseconds=1) * 1_000


def to_ns(moment: datetime) -> int:
    """Turn an aware datetime into UTC nanoseconds since 1970.

    Raises:
        NaiveTime: it has no time zone.
    """
    if moment.tzinfo is None:
        raise NaiveTime(moment)
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000


def from_ns(ns: int) -> datetime:
    """Turn UTC nanoseconds into an aware datetime; what is below a microsecond is cut off."""
    return _EPOCH + timedelta(microseconds=ns // 1_000)


def to_day(day: date) -> int:
    """Turn a date into days since 1970."""
    return day.toordinal() - _EPOCH_DAY


def from_day(number: int) -> date:
    """Turn days since 1970 into a date."""
    return date.fromordinal(_EPOCH_DAY + number)
