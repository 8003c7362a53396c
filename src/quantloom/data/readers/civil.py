"""Days of the calendar and times of the day, out of their numbers."""

import numpy as np

from quantloom.kit import BoolArray, IntArray
from quantloom.kit.clock import NS_PER_SECOND

_FIRST_YEAR, _LAST_YEAR = 1800, 2261


def calendar_days(year: IntArray, month: IntArray, day: IntArray) -> tuple[IntArray, BoolArray]:
    """Days since 1970, and which of them no calendar has."""
    bad = (year < _FIRST_YEAR) | (year > _LAST_YEAR) | (month < 1) | (month > 12)
    bad |= (day < 1) | (day > 31)
    months = np.where(bad, 0, (year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(bad, 0, day - 1)
    bad |= days.astype("datetime64[M]") != months  # the 31st of a short month
    return np.where(bad, 0, days.astype(np.int64)), bad


def time_of_day(hour: IntArray, minute: IntArray, second: IntArray) -> tuple[IntArray, BoolArray]:
    """Nanoseconds since midnight, and which of them no clock shows."""
    # Some sources call midnight 24:00 of the day that ends.
    is_midnight = (hour == 24) & (minute == 0) & (second == 0)
    bad = (hour < 0) | ((hour > 23) & ~is_midnight) | (minute > 59) | (second > 59)
    ns = ((hour * 60 + minute) * 60 + second) * NS_PER_SECOND
    return np.where(bad, 0, ns), bad
