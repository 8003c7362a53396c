"""Numbers and times as a reader expects them; NaN is a dash, infinity its sign."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.kit import IntArray, from_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import Bars
from quantloom.performance import Unit
from quantloom.report.texts import Words

UNKNOWN = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"
_QUARTER_S, _HOUR_S, _DAY_S = 900, 3_600, 86_400


def fixed(value: float | Decimal, decimals: int = 2) -> str:
    """A number with thousands separated and as many decimals as asked for."""
    if not math.isfinite(value):
        return UNKNOWN if math.isnan(value) else _signed("\N{INFINITY}", negative=value < 0)
    text = f"{abs(value):,.{decimals}f}"
    # -0.001 shown with two decimals is 0.00, not a negative zero.
    return _signed(text, negative=value < 0 and any(digit in "123456789" for digit in text))


def percent(value: float | Decimal, decimals: int = 2) -> str:
    """A ratio as percent: 0.0215 is 2.15%."""
    text = fixed(value * 100, decimals)
    return text if text == UNKNOWN else f"{text}%"


def plain(value: Decimal) -> str:
    """An exact number with all its digits and no trailing zeros."""
    text = f"{abs(value):,f}"
    return _signed(text.rstrip("0").rstrip(".") if "." in text else text, negative=value < 0)


def _days(value: float) -> str:
    if float(value).is_integer():
        return fixed(value, 0)
    # Trips of minutes are parts of a day.
    return fixed(value, 1 if abs(value) >= 1 else 4)


def exact_percent(value: Decimal) -> str:
    """A rate as percent with all its digits: 0.00023 is 0.023%."""
    return f"{plain(value * 100)}%"


def by_unit(value: float | None, unit: Unit) -> str:
    """A measure as its unit wants it."""
    if value is None:
        return UNKNOWN
    shown: dict[Unit, Callable[[float], str]] = {
        "ratio": percent,
        "number": fixed,
        "money": fixed,
        "days": _days,
        "count": lambda count: fixed(count, 0),
    }
    return shown[unit](value)


def sign(value: float | Decimal | None) -> str:
    """The style of a gain or a loss; none for zero and what has no value."""
    if value is None:
        return ""
    if value > 0:
        return "up"
    return "down" if value < 0 else ""


def decimals_of(step: Decimal) -> int:
    """How many decimals a number on this grid has."""
    exponent = step.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def held(duration_ns: int, words: Words) -> str:
    """How long a position was held, in the unit that fits."""
    seconds = duration_ns // NS_PER_SECOND
    if seconds >= 2 * _DAY_S:
        return words("held.days", count=fixed(seconds / _DAY_S, 0))
    if seconds >= 2 * _HOUR_S:
        return words("held.hours", count=fixed(seconds / _HOUR_S, 1))
    return words("held.minutes", count=fixed(seconds / 60, 0))


@dataclass(frozen=True, slots=True)
class LocalClock:
    """Shows moments of a run: days for daily bars, else the time by the market's own clock.

    Attributes:
        zone: None for bars of a day or longer, whose times are session dates already.
    """

    zone: ZoneInfo | None
    has_seconds: bool

    @classmethod
    def of(cls, bars: Bars, timezone: str) -> "LocalClock":
        frame = bars.timeframe
        return cls(
            ZoneInfo(timezone) if frame.is_intraday else None,
            frame.unit == "s" or not frame.is_by_clock,
        )

    @property
    def letters(self) -> int:
        """How much of an ISO time is shown."""
        if self.zone is None:
            return len("2024-01-31")
        return len("2024-01-31 09:30:00") if self.has_seconds else len("2024-01-31 09:30")

    def seconds(self, ts: IntArray) -> IntArray:
        """Moments as seconds of the shown clock, as if it were UTC: a page needs no zones."""
        whole = ts // NS_PER_SECOND
        if self.zone is None:
            return whole
        # Clocks change on quarters of an hour at the finest.
        quarters, place = np.unique(whole // _QUARTER_S, return_inverse=True)
        offsets = [self._offset_s(one * _QUARTER_S) for one in quarters.tolist()]
        return whole + np.array(offsets, dtype=np.int64)[place]

    def spell(self, seconds: int) -> str:
        """Seconds of the shown clock as text."""
        return f"{from_ns(seconds * NS_PER_SECOND):%Y-%m-%d %H:%M:%S}"[: self.letters]

    def _offset_s(self, seconds: int) -> int:
        offset = from_ns(seconds * NS_PER_SECOND).astimezone(self.zone).utcoffset()
        return 0 if offset is None else int(offset.total_seconds())

    def show(self, ts_ns: int) -> str:
        return self.spell(int(self.seconds(np.array([ts_ns]))[0]))


def _signed(text: str, *, negative: bool) -> str:
    return f"{_MINUS}{text}" if negative else text
