"""Sessions of many days on one scale of time traded, on which bigger bars are cut."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from quantloom.kit import BoolArray, DayArray, IntArray, to_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market.calendar import Calendar, SessionTable

# Longer than any break for lunch, shorter than the night between two sessions of a trading day.
_BREAK_NS = 4 * 3_600 * NS_PER_SECOND
# Chinese exchanges match an opening auction in these minutes (09:25, 20:59, 08:59), and its price
# opens the day. New York matches at the open itself; what comes before is another market.
_AUCTION_NS = 15 * 60 * NS_PER_SECOND
_CHINA = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, eq=False)
class Timetable:
    """Sessions of some trading days on a scale of time traded, on which no break has a length.

    Intraday bars are cut on that scale, from the beginning of each stretch: sessions of one
    trading day with nothing longer than a lunch between them.

    Attributes:
        opens, closes: (s,) UTC nanoseconds.
        traded: (s,) nanoseconds traded before each session, from the first of all.
        begins, ends: (s,) the stretch of each session on the scale of `traded`.
        first, last: (d,) the sessions of each day.
    """

    opens: IntArray
    closes: IntArray
    traded: IntArray
    begins: IntArray
    ends: IntArray
    first: IntArray
    last: IntArray
    auction_ns: int

    @property
    def day_closes(self) -> IntArray:
        return self.closes[self.last]

    def find(self, ts: IntArray, length_ns: int, day_rows: IntArray) -> tuple[IntArray, BoolArray]:
        """The session that each bar, or tick of no length, belongs to, and whether to any.

        In a break and after the close it is the session before: some sources stamp the last
        minute of the morning 12:59, and final prints come seconds after a close.
        """
        first, last = self.first[day_rows], self.last[day_rows]
        at = np.clip(np.searchsorted(self.opens, ts, side="right") - 1, first, last)
        coming = np.minimum(at + (ts >= self.closes[at]), last)
        opens = self.opens[coming]
        is_auction = (self.begins == self.traded)[coming] & (ts >= opens - self.auction_ns)
        is_coming = (ts + length_ns > opens) | is_auction
        is_member: BoolArray = is_coming | (ts >= self.opens[at])
        return np.where(is_coming, coming, at), is_member

    def cut(self, ts: IntArray, session: IntArray, length_ns: int) -> tuple[IntArray, IntArray]:
        """Where the bigger bar of each moment begins and ends, in UTC nanoseconds."""
        opens, begins = self.opens[session], self.begins[session]
        within = np.clip(ts, opens, self.closes[session] - 1) - opens + self.traded[session]
        start = within - (within - begins) % length_ns
        end = np.minimum(start + length_ns, self.ends[session])
        starts_in = np.searchsorted(self.traded, start, side="right") - 1
        ends_in = np.searchsorted(self.traded, end, side="left") - 1
        return (
            self.opens[starts_in] + start - self.traded[starts_in],
            self.opens[ends_in] + end - self.traded[ends_in],
        )

    def moment(self, traded: int, *, is_end: bool = False) -> int:
        """When so much time had been traded, in UTC nanoseconds.

        Args:
            is_end: give the close of a session rather than the next opening.
        """
        side: Literal["left", "right"] = "left" if is_end else "right"
        row = int(np.searchsorted(self.traded, traded, side=side)) - 1
        return int(self.opens[row] + traded - self.traded[row])


def timetable(days: DayArray, calendar: Calendar) -> Timetable:
    """Lay out the sessions of some trading days, in order.

    Args:
        days: (d,) trading days, rising, d above zero.
    """
    opens, closes, count = _spans(days, calendar)
    first = np.cumsum(count) - count
    traded = np.append(0, np.cumsum(closes - opens))
    is_new = np.diff(opens, prepend=opens[0]) > np.append(0, (closes - opens)[:-1]) + _BREAK_NS
    is_new[first] = True
    heads = np.flatnonzero(is_new)
    stretch = np.cumsum(is_new) - 1
    return Timetable(
        opens=opens,
        closes=closes,
        traded=traded[:-1],
        begins=traded[heads][stretch],
        ends=traded[np.append(heads[1:], len(opens))][stretch],
        first=first,
        last=first + count - 1,
        auction_ns=_AUCTION_NS if calendar.timezone == _CHINA else 0,
    )


def _spans(days: DayArray, calendar: Calendar) -> tuple[IntArray, IntArray, IntArray]:
    """Opens and closes of all sessions, and how many each day has."""
    if isinstance(calendar, SessionTable):
        return calendar.spans(days)
    listed = [calendar.sessions(day) for day in days.tolist()]
    spans = [(to_ns(one.open), to_ns(one.close)) for sessions in listed for one in sessions]
    opens, closes = np.array(spans, dtype=np.int64).T.copy()
    return opens, closes, np.array([len(sessions) for sessions in listed])
