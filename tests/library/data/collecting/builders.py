"""A provider that answers from bars it holds, and fails when told to."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np

from quantloom.data.providers import Abilities, ProvidedBars
from quantloom.data.providers.checking import Asked, rows_to_bars
from quantloom.data.providers.provider import Offering
from quantloom.kit import ManualClock
from quantloom.market import Factors, Kind, Timeframe
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

    def bars(
        self, symbol: str, timeframe: Timeframe | str, start: datetime, end: datetime
    ) -> ProvidedBars:
        self.asked.append((symbol, start, end))
        if (error := self.fail(symbol, len(self.asked))) is not None:
            raise error
        days = [day for day in self.days if day not in self.gone]
        ts = np.array(days, dtype="datetime64[ns]").astype(np.int64)
        close = np.array([self.changes.get(day, 10.0 + count) for count, day in enumerate(days)])
        columns = dict.fromkeys(("open", "high", "low", "close"), close)
        asked: dict[str, Any] = {"provider": self.name, "function": "days", "symbol": symbol}
        return rows_to_bars(
            Asked(
                **asked,
                kind=Kind.STOCK,
                timeframe=Timeframe.parse(timeframe),
                start=start,
                end=end,
                now=self.clock.now(),
            ),
            ts,
            columns,
        )

    def adj_factors(self, symbol: str, start: date, end: date) -> Factors:
        days = np.array(list(self.factor), dtype="datetime64[D]")
        return Factors(symbol=symbol, day=days, factor=np.array(list(self.factor.values())))


START = moment("2024-01-02")
