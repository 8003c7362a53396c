"""How long a bar is: a span of time, or what has happened in it."""

import re
from dataclasses import dataclass
from typing import Self

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import IntArray
from quantloom.kit.clock import NS_PER_SECOND

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "M": 2_592_000}
# Trades, volume, money, ticks of range: the next bar begins when there are as many.
_EVENTS = "TVAR"
_PATTERN = re.compile(r"(\d+)([smhdwMTVAR])")


class BadTimeframe(Invalid):
    """A timeframe that is not a number and one of the units."""

    code = "market.bad_timeframe"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return (
            f"{self.text!r} is no timeframe; write a number and one of s, m, h, d, w, M, "
            "like 5m or 1d, or of T, V, A, R for bars of trades, volume, amount or range"
        )


@dataclass(frozen=True, slots=True)
class Timeframe:
    """A bar length such as 1m, 15m, 1h, 1d, 1w or 1M (a calendar month).

    500T is a bar of 500 trades, 1000V of a volume of 1,000, 5000000A of an amount of money and 20R
    of a range of 20 ticks. Such bars last as long as it takes, a trading day at most.
    """

    count: int
    unit: str

    @classmethod
    def parse(cls, text: "str | Timeframe") -> Self:
        """Read a timeframe.

        Raises:
            BadTimeframe: not a positive number and one of s, m, h, d, w, M, T, V, A, R.
        """
        match = _PATTERN.fullmatch(str(text))
        if match is None or int(match[1]) == 0:
            raise BadTimeframe(str(text))
        return cls(int(match[1]), match[2])

    @property
    def seconds(self) -> int:
        """Nominal length; a month counts as thirty days. The most that bars of events may last."""
        return self.count * _SECONDS[self.unit] if self.is_by_clock else _SECONDS["d"]

    @property
    def ns(self) -> int:
        return self.seconds * NS_PER_SECOND

    @property
    def is_intraday(self) -> bool:
        return self.unit in "smh" or not self.is_by_clock

    @property
    def is_by_clock(self) -> bool:
        """Whether time alone says where bars begin and end."""
        return self.unit not in _EVENTS

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def ends_of(ts: IntArray, timeframe: Timeframe) -> IntArray:
    """Say when bars are over by their timeframe; those of months with the calendar's.

    Args:
        ts: (n,) int64 open times, UTC nanoseconds, rising.
    Returns:
        (n,) int64 UTC nanoseconds, rising.
    """
    if timeframe.unit == "M":
        months = ts.astype("datetime64[ns]").astype("datetime64[M]") + timeframe.count
        ends: IntArray = months.astype("datetime64[ns]").astype(np.int64)
        if (np.diff(ends) > 0).all():
            return ends
        # Two bars that open in one month are spans of thirty days, whatever they are called.
    return ts + timeframe.ns


def closes_of(ts: IntArray, timeframe: Timeframe) -> IntArray:
    """Say when bars are over: at the latest when the next one opens, since sessions end early.

    Args:
        ts: (n,) int64 open times, UTC nanoseconds, rising.
    Returns:
        (n,) int64 UTC nanoseconds, rising.
    """
    ends = ends_of(ts, timeframe)
    ends[:-1] = np.minimum(ends[:-1], ts[1:])
    return ends


def usual_timeframe(ts: IntArray) -> Timeframe:
    """Name the most frequent distance between times; fewer than two rows count as daily.

    A distance of 29 to 31 days is a calendar month.

    Args:
        ts: (n,) int64 nanoseconds, rising.
    """
    if len(ts) < 2:
        return Timeframe(1, "d")
    steps, counts = np.unique(np.diff(ts), return_counts=True)
    seconds = max(int(steps[np.argmax(counts)]) // NS_PER_SECOND, 1)
    if 29 * _SECONDS["d"] <= seconds <= 31 * _SECONDS["d"]:
        return Timeframe(1, "M")
    for unit in ("w", "d", "h", "m"):
        if seconds % _SECONDS[unit] == 0:
            return Timeframe(seconds // _SECONDS[unit], unit)
    return Timeframe(seconds, "s")
