"""Where bars stop because the market did, and where they are missing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import DayArray, IntArray, from_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market.bars import Bars
from quantloom.market.calendar import Calendar, trading_days_of
from quantloom.market.sessions import local_ns
from quantloom.market.timeframes import Timeframe
from quantloom.market.timetable import Timetable, timetable

_DAY_NS = 86_400 * NS_PER_SECOND
_ONE_DAY = np.timedelta64(1, "D")
# China's futures rest for a quarter of an hour in the morning, and nobody's lunch is that short.
_LUNCH_NS = 3_600 * NS_PER_SECOND


class Pause(StrEnum):
    """Why a market is closed between two sessions.

    Break: a short one. Lunch: from an hour on, within a day. Night: any other between days, also
    from the afternoon to the evening session. Weekend, holiday: whole days lie between.
    """

    BREAK = "break"
    LUNCH = "lunch"
    NIGHT = "night"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class GapsOfLongBars(Invalid):
    """Bars longer than a day, or cut by no clock, among which none can be missing."""

    code = "market.gaps_of_long_bars"

    def __init__(self, symbol: str, timeframe: str) -> None:
        super().__init__(symbol, timeframe)
        self.symbol, self.timeframe = symbol, timeframe

    def __str__(self) -> str:
        return (
            f"{self.symbol}: what is missing cannot be seen in {self.timeframe} bars; look for "
            "gaps in the daily or shorter bars, or the ticks, they were made of"
        )


@dataclass(frozen=True, slots=True)
class MissingSpan:
    """Trading time of one day without bars.

    Attributes:
        day: trading day. start, end: from the first missing moment to the last, breaks between
            them included; of daily bars the day itself, in UTC.
        bars: how many are missing, a part of one counting as one.
    """

    day: date
    start: datetime
    end: datetime
    bars: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """What lies between the first and the last of some bars.

    Attributes:
        pauses: how often the market was closed, by reason.
        missing: spans in which it was open and there is no bar, in order.
        outside: bars at times at which it was closed.
    """

    pauses: Mapping[Pause, int]
    missing: tuple[MissingSpan, ...]
    outside: int

    @property
    def missing_by_day(self) -> dict[date, int]:
        """How many bars are missing on each trading day that is not whole."""
        found: Counter[date] = Counter()
        for span in self.missing:
            found[span.day] += span.bars
        return dict(found)


def find_gaps(bars: Bars, calendar: Calendar) -> Gaps:
    """Tell the breaks of a market from bars that are missing.

    What is missing before the first bar and after the last cannot be known. A minute without a
    trade has no bar in many sources; it counts as missing.

    Args:
        bars: of one symbol, a day long at most.
        calendar: of its product, `product_calendar`, or nights and short days look like gaps.
    Raises:
        GapsOfLongBars: the bars are longer than a day, or cut by no clock.
    """
    timeframe = bars.timeframe
    if timeframe.is_intraday and timeframe.is_by_clock:
        return _intraday(bars, calendar)
    if timeframe != Timeframe(1, "d"):
        raise GapsOfLongBars(bars.symbol, str(bars.timeframe))
    return _daily(bars, calendar)


def _daily(bars: Bars, calendar: Calendar) -> Gaps:
    present = trading_days_of(bars, calendar)
    expected = _days(present, calendar)
    absent = expected[~np.isin(expected, present)]
    starts = absent.astype("datetime64[ns]").astype(np.int64)
    # The nights between daily bars are none that these could tell of.
    reasons = _between(expected[:-1], expected[1:])
    return Gaps(
        pauses=_count([reason for reason in reasons if reason is not Pause.NIGHT]),
        missing=tuple(
            MissingSpan(day, from_ns(start), from_ns(start + _DAY_NS), 1)
            for day, start in zip(absent.tolist(), starts.tolist(), strict=True)
        ),
        outside=int((~np.isin(present, expected)).sum()),
    )


def _intraday(bars: Bars, calendar: Calendar) -> Gaps:
    present = trading_days_of(bars, calendar)
    expected = _days(present, calendar)
    table = timetable(expected, calendar)
    session, is_member = table.find(bars.ts, bars.timeframe.ns, np.searchsorted(expected, present))
    outside = int((~is_member).sum())
    if outside == len(bars):
        return Gaps(_count([]), (), outside)
    ts, session = bars.ts[is_member], session[is_member]
    reasons = _pauses(table, slice(int(session[0]), int(session[-1]) + 1), calendar)
    begins, ends = HoleFinder(table, bars.timeframe.ns).find(ts, session)
    missing = tuple(_spans(table, expected, HoleParts.of(table, begins, ends, bars.timeframe.ns)))
    return Gaps(_count(reasons), missing, outside)


def _days(present: DayArray, calendar: Calendar) -> DayArray:
    listed = calendar.trading_days(present[0].item(), present[-1].item())
    return np.array(listed, dtype="datetime64[D]")


def _count(reasons: Sequence[Pause]) -> dict[Pause, int]:
    return {reason: reasons.count(reason) for reason in Pause}


def _pauses(table: Timetable, rows: slice, calendar: Calendar) -> list[Pause]:
    """Why the market was closed between each session of some rows and the next."""
    closes, opens = table.closes[rows][:-1], table.opens[rows][1:]
    is_within = np.diff(table.begins[rows]) == 0
    is_closed = opens > closes
    if not is_closed.any():
        return []
    zone = ZoneInfo(calendar.timezone)
    # A session that ends at midnight ends on the day before.
    last, first = (
        (local_ns(ts, zone) // _DAY_NS).astype("datetime64[D]") for ts in (closes - 1, opens)
    )
    within = np.where(opens - closes < _LUNCH_NS, Pause.BREAK, Pause.LUNCH)
    reasons = np.where(is_within, within, np.array(_between(last, first), dtype=object))
    return [Pause(reason) for reason in reasons[is_closed].tolist()]


def _between(last: DayArray, first: DayArray) -> list[Pause]:
    """Why there is no session between one date and a later one."""
    weekdays = np.busday_count(last + _ONE_DAY, first)
    days = (first - last).astype(np.int64)
    return [
        Pause.HOLIDAY if weekday > 0 else Pause.WEEKEND if day > 1 else Pause.NIGHT
        for weekday, day in zip(weekdays.tolist(), days.tolist(), strict=True)
    ]


class HoleFinder:
    """Finds trading time that no bar covers, in bars given at once or block by block."""

    def __init__(self, table: Timetable, length_ns: int) -> None:
        self._table, self._length_ns = table, length_ns
        self._ends = table.traded + table.closes - table.opens
        self._reached: int | None = None

    def find(self, ts: IntArray, session: IntArray) -> tuple[IntArray, IntArray]:
        """Tell where holes begin and end, on the scale of `traded`.

        Args:
            ts: (n,) of bars that belong to sessions, later than those given before; n above zero.
            session: (n,) the session of each.
        """
        table, length_ns = self._table, self._length_ns
        starts = _traded(table, ts)
        # Some sources stamp the last minute of a session with a time in the break behind it.
        is_late = ts >= table.closes[session]
        starts = np.where(is_late, self._ends[session] - length_ns, starts)
        # Bigger bars count trading time and run on behind a break; an auction's bar covers nothing.
        runs_on = np.minimum(starts + length_ns, table.ends[session])
        counted = np.where(ts >= table.opens[session], runs_on, starts)
        covered = np.maximum(_traded(table, ts + length_ns), counted)
        # Before the first of all bars nothing is known to be missing.
        before = starts[0] if self._reached is None else self._reached
        reached = np.maximum.accumulate(np.append(before, covered))
        self._reached = int(reached[-1])
        is_hole = starts > reached[:-1]
        return reached[:-1][is_hole], starts[is_hole]


@dataclass(frozen=True, slots=True)
class HoleParts:
    """What of holes lies in each trading day.

    Attributes:
        days: (p,) rows of the table's days.
        starts, stops: (p,) on the scale of `traded`.
        bars: (p,) how many are missing, a part of one counting as one.
    """

    days: IntArray
    starts: IntArray
    stops: IntArray
    bars: IntArray

    @classmethod
    def of(cls, table: Timetable, begins: IntArray, ends: IntArray, length_ns: int) -> "HoleParts":
        """Cut holes by day."""
        day_begins = table.traded[table.first]
        end = table.traded[-1] + table.closes[-1] - table.opens[-1]
        day_ends = np.append(day_begins[1:], end)
        first = np.searchsorted(day_begins, begins, side="right") - 1
        last = np.searchsorted(day_begins, ends, side="left") - 1
        counts = np.maximum(last - first + 1, 0)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        days = np.repeat(first, counts) + within
        starts = np.maximum(np.repeat(begins, counts), day_begins[days])
        stops = np.minimum(np.repeat(ends, counts), day_ends[days])
        return cls(days, starts, stops, -((starts - stops) // length_ns))


def _traded(table: Timetable, ts: IntArray) -> IntArray:
    """How long the market had been open before each moment."""
    row = np.maximum(np.searchsorted(table.opens, ts, side="right") - 1, 0)
    opens = table.opens[row]
    within: IntArray = table.traded[row] + np.clip(ts, opens, table.closes[row]) - opens
    return within


def _spans(table: Timetable, days: DayArray, parts: HoleParts) -> Iterator[MissingSpan]:
    columns = (parts.days, parts.starts, parts.stops, parts.bars)
    for row, start, stop, bars in zip(*(column.tolist() for column in columns), strict=True):
        begin, end = table.moment(start), table.moment(stop, is_end=True)
        yield MissingSpan(days[row].item(), from_ns(begin), from_ns(end), bars)
