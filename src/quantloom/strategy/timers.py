"""Calls at times of the clock, for what is not about one bar: rebalancing, closing for the day."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import BoolArray, IntArray, to_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import Timeframe, local_ns

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DAY_NS = 86_400 * NS_PER_SECOND


class BadTimer(Invalid):
    """A timer that names no time, several of them, or one that cannot be."""

    code = "strategy.bad_timer"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name, self.problem = name, problem

    def __str__(self) -> str:
        return (
            f"timer {self.name!r} {self.problem}; give every='30m', at='14:55' or once=a datetime "
            "with a zone"
        )


@dataclass(frozen=True, slots=True)
class Timer:
    """When `on_timer` is called.

    Attributes:
        kind: every: at each multiple of a span of local time. at: once a day at a local time.
            once: at one instant.
        ns: the span, the time since local midnight, or the instant in UTC; nanoseconds each.
    """

    name: str
    kind: Literal["every", "at", "once"]
    ns: int

    def due(self, closes: IntArray, zone: ZoneInfo) -> BoolArray:
        """Find the bars at whose close the timer rings: the first that close at or after its time.

        Args:
            closes: (n,) close times, UTC nanoseconds, rising.
            zone: where the local times are read.
        Returns:
            (n,) True where it rings.
        """
        if self.kind == "once":
            passed = closes >= self.ns
            return passed & np.append(np.True_, ~passed[:-1])
        local = local_ns(closes, zone)
        if self.kind == "every":
            since = local % self.ns
            # Where the clocks go back a multiple may come again, without a later one than before.
            rings = (np.diff(local // self.ns) > 0) | (since[1:] < np.diff(closes))
            return np.append(since[:1] == 0, rings)
        # A time that no bar of its own day has reached is left out, and one that comes a second
        # time, where the clocks go back, rings once.
        rows = np.flatnonzero(local % _DAY_NS >= self.ns)
        _, first = np.unique(local[rows] // _DAY_NS, return_index=True)
        rings = np.zeros(len(closes), dtype=np.bool_)
        rings[rows[first]] = True
        return rings


def make_timer(name: str, *, every: str | None, at: str | None, once: datetime | None) -> Timer:
    """Read what a strategy asked for.

    Raises:
        BadTimer: not exactly one of the three, or one that cannot be read.
        BadTimeframe: `every` is no span of time.
        NaiveTime: `once` has no zone.
    """
    if sum(given is not None for given in (every, at, once)) != 1:
        raise BadTimer(name, "needs one of every=, at= and once=")
    if every is not None:
        span = Timeframe.parse(every)
        if not span.is_intraday and str(span) != "1d":
            raise BadTimer(name, f"has every={every!r}; it is 1d at most")
        return Timer(name, "every", span.ns)
    if at is not None:
        found = _CLOCK.fullmatch(at)
        if found is None:
            raise BadTimer(name, f"has at={at!r}, which is no time of the day")
        return Timer(name, "at", (int(found[1]) * 60 + int(found[2])) * 60 * NS_PER_SECOND)
    if once is None:
        raise BadTimer(name, "has no time")
    return Timer(name, "once", to_ns(once))
