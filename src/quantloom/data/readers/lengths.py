"""Whether bars can be as long as somebody said: a wrong word here would make them overlap."""

from pathlib import Path

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import IntArray
from quantloom.market import Timeframe, usual_timeframe

# Days of a clock that is put back or forward are an hour shorter.
_SHORTEST = 0.9


class WrongLength(Invalid):
    """A timeframe that was said, and that the times of the rows contradict."""

    code = "data.wrong_length"

    def __init__(self, path: Path, told: str, found: str) -> None:
        super().__init__(path, told, found)
        self.path, self.told, self.found = path, told, found

    def __str__(self) -> str:
        return (
            f"{self.path}: bars of {self.told} were asked for, and its rows are {self.found} "
            "apart; leave the timeframe out, and make longer bars of the stored ones by "
            "`quantloom data resample`"
        )


class OnlyDates(Invalid):
    """A timeframe below a day, said of rows that have a date and no time of day."""

    code = "data.only_dates"

    def __init__(self, path: Path, told: str) -> None:
        super().__init__(path, told)
        self.path, self.told = path, told

    def __str__(self) -> str:
        return (
            f"{self.path}: bars of {self.told} were asked for, and its rows have dates without a "
            "time of day; leave the timeframe out, or say which column has the time of day by "
            "--column NAME=clock"
        )


def demand_length(path: Path, told: str, times: IntArray, *, is_dates: bool) -> None:
    """Refuse a timeframe that cannot be that of bars at some times.

    Args:
        told: the timeframe.
        times: (n,) nanoseconds, rising, of one instrument.
        is_dates: whether they are dates without a time of day.
    Raises:
        WrongLength: most bars would begin before the one before them is over.
        OnlyDates: bars below a day would have no time of day.
    """
    length = Timeframe.parse(told)
    if not length.is_by_clock or len(times) < 2:
        return
    if is_dates and length.is_intraday:
        raise OnlyDates(path, told)
    if np.median(np.diff(times)) < _SHORTEST * length.ns:
        raise WrongLength(path, told, str(usual_timeframe(times)))
