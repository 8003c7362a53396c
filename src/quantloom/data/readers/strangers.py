"""Tables that are known to be something else than bars or ticks."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from quantloom.data.readers.mapping import Role
from quantloom.data.readers.profiles import Profile
from quantloom.data.readers.raw import RawTable
from quantloom.data.readers.sheets import Sheet
from quantloom.data.readers.written import Written
from quantloom.errors import Invalid


class NotMarketData(Invalid):
    """A table that holds something, but neither bars nor ticks."""

    code = "data.not_market_data"

    def __init__(self, path: Path, holds: str, advice: str) -> None:
        super().__init__(path, holds, advice)
        self.path, self.holds, self.advice = path, holds, advice

    def __str__(self) -> str:
        return f"{self.path} holds {self.holds}, neither bars nor ticks; {self.advice}"


def refuse_by_shape(table: RawTable, profiles: Sequence[Profile]) -> None:
    """Refuse what the shape of its columns gives away: a single one, factors, names by date."""
    if len(profiles) == 1:
        holds = "a single column" + (" of text" if not profiles[0].is_number else "")
        raise NotMarketData(table.path, holds, "give a file with times and prices")
    if any(one.name for one in profiles):
        return
    days = profiles[0].times(may_be_clock=False)
    if days[1] == 1 and days[0] is Written.YMD and _is_factors(profiles):
        advice = "LEAN keeps them beside its raw prices; import those"
        raise NotMarketData(table.path, "adjustment factors by date", advice)
    if days[1] == 1 and not any(one.is_number for one in profiles[1:]):
        advice = "LEAN keeps them to follow a ticker through its changes; import the prices"
        raise NotMarketData(table.path, "names by date", advice)
    if len(profiles) == 2 and all(one.is_number for one in profiles):
        advice = "open interest and the like is read beside bars, as a column of their file"
        raise NotMarketData(table.path, "one number for each time", advice)


def _is_factors(profiles: Sequence[Profile]) -> bool:
    """A price factor that only grows, up to one, at days that are far apart."""
    if len(profiles) not in {3, 4} or not all(one.is_number for one in profiles):
        return False
    days, factors = profiles[0].values, profiles[1].values
    is_sparse = len(days) > 1 and float(np.median(np.diff(days))) > 8
    return is_sparse and bool(factors.max() <= 1) and bool((np.diff(factors) >= 0).all())


def refuse_others(sheet: Sheet) -> None:
    """Funding rates stand in the open of what else would be bars of nothing."""
    others = [sheet.column(role) for role in (Role.HIGH, Role.LOW, Role.CLOSE, Role.VOLUME)]
    first = sheet.column(Role.OPEN)
    if first is None or any(one is None or one.values.any() for one in others):
        return
    if first.values.any() and np.abs(first.values).max() < 1:
        advice = "read them by read_funding and give them to the backtest of a perpetual"
        raise NotMarketData(sheet.table.path, "funding rates", advice)
