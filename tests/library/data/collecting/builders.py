"""A provider that answers from bars it holds, and fails when told to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from quantloom.data.providers import Abilities, ProvidedBars
from quantloom.data.providers.checking import Asked, rows_to_bars
from quantloom.data.providers.offering import Offering
from quantloom.kit import ManualClock
from quantloom.market import Factors, Resolution
from tests.library.data.providers.builders import moment


class Vendor(Offering):
    """Daily bars of 10, 11, 12, ... from a first day on; `change` sets the close of a day."""

    name = "vendor"
    abilities = Abilities(adjusts=True)

    def __init__(self, clock: ManualClock, days: list[date]) -> None:
        self.clock, self.days = clock, days
        self.changes: dict[date, float] = {}
        self.gone: set[date] = set()
        self.factor: dict[date, float] = {days[0]: 1.0}
        self.asked: list[tuple[str, datetime, datetime]] = []
        self.fail: Callable[[str, int], Exception | None] = lambda symbol, count: None

    def _bars(self, found: Resolution, asked: Asked) -> ProvidedBars:
        self.asked.append((found.symbol, asked.start, asked.end))
        if (error := self.fail(found.symbol, len(self.asked))) is not None:
            raise error
        days = [day for day in self.days if day not in self.gone]
        ts = np.array(days, dtype="datetime64[ns]").astype(np.int64)
        close = np.array([self.changes.get(day, 10.0 + count) for count, day in enumerate(days)])
        columns = dict.fromkeys(("open", "high", "low", "close"), close)
        return rows_to_bars(replace(asked, function="days"), ts, columns)

    def adj_factors(self, symbol: str, start: date, end: date) -> Factors:
        days = np.array(list(self.factor), dtype="datetime64[D]")
        return Factors(symbol=symbol, day=days, factor=np.array(list(self.factor.values())))


START = moment("2024-01-02")
