"""Local time: when a market opens and closes by its own clock, and what that is in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.kit import IntArray, to_ns

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A span in which a market is open, from `open` up to but not at `close`, in UTC."""

    open: datetime
    close: datetime


@dataclass(frozen=True, slots=True)
class LocalHours:
    """A span of the day by a market's own clock.

    Attributes:
        close: at or before `open` where the session runs past midnight.
        is_night: the session opens on the evening of the trading day before.
    """

    open: time
    close: time
    is_night: bool = False

    def on(self, day: date, zone: ZoneInfo) -> Session:
        """Give the span that opens on this local date."""
        last = day + timedelta(days=1) if self.close <= self.open else day
        return Session(
            datetime.combine(day, self.open, zone).astimezone(UTC),
            datetime.combine(last, self.close, zone).astimezone(UTC),
        )


def local_ns(ts: IntArray, zone: ZoneInfo) -> IntArray:
    """Shift UTC times to what the wall clock of a zone shows.

    Args:
        ts: (n,) int64 UTC nanoseconds in any order, n above zero.
    Returns:
        (n,) int64 nanoseconds since 1970-01-01 00:00 by the local clock.
    """
    years = np.array([ts.min(), ts.max()]).astype("datetime64[ns]").astype("datetime64[Y]")
    first, last = (1970 + years.astype(np.int64)).tolist()
    changes = [change for year in range(first, last + 1) for change in _changes(zone, year)]
    starts, shifts = np.array(changes, dtype=np.int64).T
    if (shifts == shifts[0]).all():
        return ts + int(shifts[0])
    shift: IntArray = shifts[np.searchsorted(starts, ts, side="right") - 1]
    return ts + shift


def utc_ns(local: IntArray, zone: ZoneInfo) -> IntArray:
    """What the wall clock of a zone shows, as UTC; of an hour that comes twice the first.

    Args:
        local: (n,) int64 nanoseconds since 1970-01-01 00:00 by the local clock, n above zero.
    """
    # Off by the whole offset at first: near a change of the clock the second look is right.
    near = 2 * local - local_ns(local, zone)
    found: IntArray = local + near - local_ns(near, zone)
    return found


@cache
def _changes(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """Start and offset from UTC, both in nanoseconds, of every span of equal offset in a year."""
    hour = datetime(year, 1, 1, tzinfo=UTC)
    offset, found = None, []
    while hour.year == year:
        if (now := _offset(hour, zone)) != offset:
            offset = now
            found.append((to_ns(hour), offset))
        # Only a day that ends on another offset than it began with is walked hour by hour.
        tomorrow = hour + 24 * _HOUR
        hour = tomorrow if _offset(tomorrow, zone) == offset else hour + _HOUR
    return tuple(found)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    shift = moment.astimezone(zone).utcoffset()
    return 0 if shift is None else shift // timedelta(microseconds=1) * 1_000
