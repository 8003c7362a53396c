"""Where in-sample windows end and out-of-sample ones begin."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from quantloom.backtest.optimise.spec import BadStudy
from quantloom.kit import DayArray, IntArray, from_ns

_PATTERN = re.compile(r"(\d+)\s*(b|d|m|y)")
_UNITS = {"b": "bars", "d": "trading days", "m": "months", "y": "years"}
# The end of a span is exclusive, and a datetime knows no less than a microsecond.
_JUST_AFTER_NS = 1_000
IN_SAMPLE = 0.75
"""Share of a window that is in sample where windows are asked for by their number."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a window is: bars, trading days, calendar months or years."""

    count: int
    unit: str

    @classmethod
    def of(cls, given: "int | str | Length", name: str = "window") -> "Length":
        """Read a number of bars, or text such as 500b, 90d, 6m or 2y.

        Raises:
            BadStudy: it is neither.
        """
        if isinstance(given, Length):
            return given
        match = _PATTERN.fullmatch(f"{given}b" if isinstance(given, int) else str(given))
        if match is None:
            wanted = "a number of bars, or a number with b (bars), d (days), m (months) or y"
            raise BadStudy(name, repr(given), wanted)
        return cls(int(match[1]), match[2])

    def __str__(self) -> str:
        return f"{self.count} {_UNITS[self.unit]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One stretch to choose parameters on, and the one after it to see how they do.

    Attributes:
        train_start, train_end, test_start, test_end: starts inclusive, ends exclusive.
    """

    number: int
    train_start: datetime
    train_end: datetime
    test_start: datetime
    test_end: datetime


def make_windows(
    times: IntArray,
    days: DayArray,
    *,
    train: int | str | Length | None = None,
    test: int | str | Length | None = None,
    anchored: bool = False,
    embargo: int | str | Length = 0,
    count: int | None = None,
) -> tuple[Window, ...]:
    """Lay windows over bars: each test begins where the one before it ends, and none overlap.

    Args:
        times: (n,) open times of bars, rising. days: (n,) the trading day of each.
        train, test: lengths in and out of sample.
        anchored: every in-sample window begins with the first bar, so that they grow.
        embargo: what is left out between the end of the one and the start of the other.
        count: in place of both lengths: so many windows of equal tests, three quarters in sample.
    Returns:
        The windows; the last test may be shorter.
    Raises:
        BadStudy: no whole window fits in, or lengths and a number were both given, or neither.
    """
    ruler = _Ruler(times, days)
    if count is not None:
        if train is not None or test is not None or count < 1:
            raise BadStudy("windows", count, "1 or more, given without train and test")
        share = IN_SAMPLE / (1 - IN_SAMPLE)
        size = int(len(times) / (count + share))
        train, test = len(times) - count * size, max(size, 1)
    if train is None or test is None:
        raise BadStudy("windows", "not given", "given by train and test, or by their number")
    inside, outside = Length.of(train, "train"), Length.of(test, "test")
    gap = Length.of(embargo, "embargo")
    if not inside.count or not outside.count:
        raise BadStudy("a window", "empty", "1 bar long or longer")
    return _laid(ruler, inside, outside, gap=gap, anchored=anchored)


def _laid(
    ruler: "_Ruler", inside: Length, outside: Length, *, gap: Length, anchored: bool
) -> tuple[Window, ...]:
    found: list[Window] = []
    begin = start = ruler.later(ruler.later(0, inside), gap)
    while start < len(ruler.times):
        # Counted from the first one: months of windows must not drift over weekends.
        end = ruler.later(begin, Length(outside.count * (len(found) + 1), outside.unit))
        # A last test far shorter than the others says little, and is left to the next study.
        if found and 2 * (end - start) < ruler.later(0, outside):
            break
        last = ruler.earlier(start, gap)
        first = 0 if anchored or not found else ruler.earlier(last, inside)
        found.append(
            Window(
                number=len(found),
                train_start=ruler.moment(first),
                train_end=ruler.moment(last),
                test_start=ruler.moment(start),
                test_end=ruler.moment(end),
            )
        )
        start = end
    if not found:
        wanted = f"shorter: {inside} in sample leave nothing of {len(ruler.times)} bars to test on"
        raise BadStudy("train", str(inside), wanted)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Measures lengths on the bars of a run."""

    times: IntArray
    days: DayArray

    def later(self, place: int, length: Length) -> int:
        """The first bar that lies a length after a bar, or the number of bars."""
        return self._moved(place, length, 1)

    def earlier(self, place: int, length: Length) -> int:
        """The bar that lies a length before a bar, or the first one."""
        return self._moved(place, length, -1)

    def moment(self, place: int) -> datetime:
        if place < len(self.times):
            return from_ns(int(self.times[place]))
        return from_ns(int(self.times[-1]) + _JUST_AFTER_NS)

    def _moved(self, place: int, length: Length, way: int) -> int:
        total = len(self.times)
        if not length.count:
            return place
        if length.unit == "b":
            return min(max(place + way * length.count, 0), total)
        known = np.unique(self.days)
        # The end of all bars is the day after the last one.
        at = len(known) if place == total else int(np.searchsorted(known, self.days[place]))
        if length.unit == "d":
            day_at = min(max(at + way * length.count, 0), len(known))
        else:
            months = length.count * (12 if length.unit == "y" else 1)
            day = known[at] if at < len(known) else known[-1] + np.timedelta64(1, "D")
            day_at = int(np.searchsorted(known, _by_months(day, way * months)))
        return total if day_at == len(known) else int(np.searchsorted(self.days, known[day_at]))


def _by_months(day: Any, months: int) -> Any:
    """The same day of another month, or that month's last one."""
    month = day.astype("datetime64[M]")
    into = (day - month.astype("datetime64[D]")).astype(np.int64)
    moved = month + months
    longest = (moved + 1).astype("datetime64[D]") - moved.astype("datetime64[D]")
    return moved.astype("datetime64[D]") + min(into, longest.astype(np.int64) - 1)


def plain_windows(windows: Sequence[Window]) -> list[list[str]]:
    """Windows in plain values, for a study's identity."""
    return [
        [one.isoformat() for one in (w.train_start, w.train_end, w.test_start, w.test_end)]
        for w in windows
    ]


def window_of(number: int, bounds: Sequence[str]) -> Window:
    """Read a window of plain values."""
    train_start, train_end, test_start, test_end = map(datetime.fromisoformat, bounds)
    return Window(
        number=number,
        train_start=train_start,
        train_end=train_end,
        test_start=test_start,
        test_end=test_end,
    )
