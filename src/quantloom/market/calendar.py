"""Trading calendars: which day a moment belongs to, and when a market is open."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.kit import BoolArray, DayArray, IntArray, to_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market.bars import Bars
from quantloom.market.holidays import Holidays
from quantloom.market.sessions import LocalHours, Session, local_ns, utc_ns

_DAY_NS = 86_400 * NS_PER_SECOND
_ONE_DAY = timedelta(days=1)
# Between the close of the day session and the open of any night session.
_EVENING_NS = 18 * 3_600 * NS_PER_SECOND


class Calendar(Protocol):
    """When a market trades, and on which trading day."""

    @property
    def name(self) -> str: ...

    @property
    def timezone(self) -> str:
        """IANA name of the market's own clock."""
        ...

    @property
    def periods_per_year(self) -> int:
        """Trading days of a usual year, for annualising daily figures."""
        ...

    def trading_day(self, ts: IntArray) -> DayArray:
        """Tell the trading day of each moment.

        Args:
            ts: (n,) int64 UTC nanoseconds in any order.
        Returns:
            (n,) datetime64[D]. A moment outside all sessions belongs to the next trading day,
            or to its own where the day session is over and there is no night session.
        """
        ...

    def sessions(self, day: date) -> tuple[Session, ...]:
        """List the sessions of a trading day, earliest first; none on any other day."""
        ...

    def is_open(self, moment: datetime) -> bool:
        """Tell whether a moment lies within a session."""
        ...

    def trading_days(self, start: date, end: date) -> list[date]:
        """List the trading days from `start` to `end`, both included."""
        ...

    def covers(self, day: date) -> bool:
        """Tell whether holidays and hours around a day are known.

        Elsewhere every weekday is taken for a trading day, with the nearest hours that are known.
        """
        ...


@dataclass(frozen=True, slots=True)
class AlwaysOpen:
    """Trades around the clock; a trading day is a day in UTC."""

    name: str = "24x7"
    timezone: str = "UTC"
    periods_per_year: int = 365

    def trading_day(self, ts: IntArray) -> DayArray:
        return (ts // _DAY_NS).astype("datetime64[D]")

    def sessions(self, day: date) -> tuple[Session, ...]:
        opens = datetime.combine(day, time(), UTC)
        return (Session(opens, opens + _ONE_DAY),)

    def is_open(self, moment: datetime) -> bool:  # noqa: ARG002  the protocol's own
        return True

    def trading_days(self, start: date, end: date) -> list[date]:
        return [start + count * _ONE_DAY for count in range((end - start).days + 1)]

    def covers(self, day: date) -> bool:  # noqa: ARG002  the protocol's own
        return True


@dataclass(frozen=True, slots=True, eq=False)
class SessionTable:
    """Trades on weekdays that are no holidays, in the same sessions each day.

    A night session opens on the evening of the trading day before and belongs to the next: what
    trades on Friday at 21:00 belongs to Monday. There is none where a holiday lies between.

    Attributes:
        hours: sessions of one trading day by the local clock, in the order they come.
        nights_from: first trading day with a night session before it.
        no_night_before: further trading days without one.
        later: other sessions from a trading day on, by that day.
        special: sessions of single trading days.
    """

    name: str
    timezone: str
    periods_per_year: int
    hours: tuple[LocalHours, ...]
    holidays: Holidays
    nights_from: date = date.min
    no_night_before: frozenset[date] = frozenset()
    later: tuple[tuple[date, tuple[LocalHours, ...]], ...] = ()
    special: Mapping[date, tuple[LocalHours, ...]] = field(default_factory=dict)
    _zone: ZoneInfo = field(init=False, repr=False)
    _weekdays: np.busdaycalendar = field(init=False, repr=False)
    _ahead_ns: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_zone", ZoneInfo(self.timezone))
        closed = np.busdaycalendar(holidays=sorted(self.holidays.days))
        object.__setattr__(self, "_weekdays", closed)
        # Moved on by six hours, an evening lies in the next day, and so do its small hours. One
        # turn of the day for all dates: days would overlap where a product's first night begins.
        every = (self.hours, *(hours for _, hours in self.later))
        has_night = any(one.is_night for hours in every for one in hours)
        object.__setattr__(self, "_ahead_ns", _DAY_NS - _EVENING_NS if has_night else 0)

    def trading_day(self, ts: IntArray) -> DayArray:
        if not len(ts):
            return np.empty(0, dtype="datetime64[D]")
        day = (local_ns(ts, self._zone) + self._ahead_ns) // _DAY_NS
        first = int(day.min())
        every = np.arange(first, int(day.max()) + 1).astype("datetime64[D]")
        following: DayArray = np.busday_offset(every, 0, "forward", busdaycal=self._weekdays)
        return following[day - first]

    def sessions(self, day: date) -> tuple[Session, ...]:
        if not np.is_busday(day, busdaycal=self._weekdays):
            return ()
        before: date = np.busday_offset(day, -1, busdaycal=self._weekdays).astype(object)
        has_night = self._has_night(before, day)
        return tuple(
            hours.on(before if hours.is_night else day, self._zone)
            for hours in self.hours_of(day)
            if has_night or not hours.is_night
        )

    def spans(self, days: DayArray) -> tuple[IntArray, IntArray, IntArray]:
        """List the sessions of many trading days at once, as `sessions` does of one.

        Args:
            days: (d,) trading days, rising, d above zero.
        Returns:
            (s,) opens and (s,) closes in UTC nanoseconds, in order, and (d,) how many each day has.
        """
        before: DayArray = np.busday_offset(days, -1, busdaycal=self._weekdays)
        has_night = self._have_night(before, days)
        rows, ranks, spans = [], [], []
        for hours, own in self._rows_by_hours(days):
            for rank, one in enumerate(hours):
                kept = own[has_night[own]] if one.is_night else own
                dates = (before if one.is_night else days)[kept]
                opens = dates.astype("datetime64[ns]").astype(np.int64) + _clock_ns(one.open)
                rows.append(kept)
                ranks.append(np.full(len(kept), rank))
                # A close at or before the open is that of the next morning.
                length = (_clock_ns(one.close) - _clock_ns(one.open) - 1) % _DAY_NS + 1
                spans.append((opens, opens + length))
        order = np.lexsort((np.concatenate(ranks), np.concatenate(rows)))
        opens, closes = (
            utc_ns(np.concatenate(side)[order], self._zone) for side in zip(*spans, strict=True)
        )
        return opens, closes, np.bincount(np.concatenate(rows), minlength=len(days))

    def _rows_by_hours(self, days: DayArray) -> Iterator[tuple[tuple[LocalHours, ...], IntArray]]:
        """The rows of days that have the same hours."""
        eras = np.searchsorted(
            np.array([since for since, _ in self.later], dtype="datetime64[D]"), days, side="right"
        )
        specials = np.array([*self.special], dtype="datetime64[D]")
        is_special = np.isin(days, specials)
        for era, hours in enumerate((self.hours, *(hours for _, hours in self.later))):
            rows = np.flatnonzero((eras == era) & ~is_special)
            if len(rows):
                yield hours, rows
        for row in np.flatnonzero(is_special).tolist():
            yield self.special[days[row].item()], np.array([row])

    def _have_night(self, before: DayArray, days: DayArray) -> BoolArray:
        follows = np.busday_count(before, days) == 1
        none = np.array([*self.no_night_before], dtype="datetime64[D]")
        found: BoolArray = (
            follows & (days >= np.datetime64(self.nights_from)) & ~np.isin(days, none)
        )
        return found

    def hours_of(self, day: date) -> tuple[LocalHours, ...]:
        """The hours in force on a day, those of a night among them though it may be left out."""
        if day in self.special:
            return self.special[day]
        row = bisect_right(self.later, day, key=lambda era: era[0])
        return self.later[row - 1][1] if row else self.hours

    def _has_night(self, before: date, day: date) -> bool:
        # Exchanges drop the night session whenever weekdays lie between two trading days.
        follows = int(np.busday_count(before, day)) == 1
        return follows and day >= self.nights_from and day not in self.no_night_before

    @property
    def zone(self) -> ZoneInfo:
        return self._zone

    def is_open(self, moment: datetime) -> bool:
        day = self.trading_day(np.array([to_ns(moment)]))[0].item()
        return any(session.open <= moment < session.close for session in self.sessions(day))

    def trading_days(self, start: date, end: date) -> list[date]:
        days = np.arange(np.datetime64(start), np.datetime64(end + _ONE_DAY))
        found: list[date] = days[np.is_busday(days, busdaycal=self._weekdays)].tolist()
        return found

    def covers(self, day: date) -> bool:
        return self.holidays.first <= day <= self.holidays.last


def _clock_ns(moment: time) -> int:
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return seconds * NS_PER_SECOND


def trading_days_of(bars: Bars, calendar: Calendar) -> DayArray:
    """Tell the trading day of each bar; bars of a day or longer carry theirs already.

    Returns:
        (n,) datetime64[D].
    """
    if bars.timeframe.is_intraday:
        return calendar.trading_day(bars.ts)
    return (bars.ts // _DAY_NS).astype("datetime64[D]")


def knows_holidays(bars: Bars, calendar: Calendar) -> bool:
    """Tell whether the calendar covers the first and the last trading day, and so all of them."""
    ends = (bars[:1], bars[-1:])
    return all(calendar.covers(trading_days_of(end, calendar)[0].item()) for end in ends)
