"""What providers have in common: one way in for bars, and a refusal of what is not offered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from quantloom.data.providers.checking import Asked, calendar_of, refuse_nothing
from quantloom.data.providers.errors import NotSupported
from quantloom.data.providers.provider import Abilities, Listed, ProvidedBars, Quote
from quantloom.kit import Clock, to_ns
from quantloom.market import Factors, Resolution, Timeframe, resolve
from quantloom.market.resample import buckets, resample
from quantloom.market.timeframes import ends_of

LONGER = ("1w", "1M")
"""Bars that every provider of daily ones offers, made of these."""

_DAY = Timeframe(1, "d")


class Offering:
    """Refuses what a provider does not offer; a provider overrides what it does."""

    name: str
    abilities: Abilities
    clock: Clock

    def bars(
        self, symbol: str, timeframe: Timeframe | str, start: datetime, end: datetime
    ) -> ProvidedBars:
        """Give the raw bars with start <= open time < end that are over.

        Weeks and months are made of the provider's days, so that they begin where all others here
        do, whichever day a vendor names them by.
        """
        found, length = resolve(symbol), Timeframe.parse(timeframe)
        asked = Asked(
            provider=self.name,
            symbol=found.symbol,
            kind=found.kind,
            timeframe=length,
            start=start,
            end=end,
            now=self.clock.now(),
        )
        return self._longer(found, asked) if str(length) in LONGER else self._bars(found, asked)

    def list_instruments(self) -> tuple[Listed, ...]:
        """There is no list."""
        raise self._refusal("a list of instruments")

    def adj_factors(self, symbol: str, start: date, end: date) -> Factors:  # noqa: ARG002  the protocol's own
        """There are no factors."""
        raise self._refusal("adjustment factors")

    def calendar(self, venue: str, start: date, end: date) -> tuple[date, ...]:  # noqa: ARG002
        """There is no calendar."""
        raise self._refusal("a calendar")

    def snapshot(self, symbols: Sequence[str]) -> tuple[Quote, ...]:  # noqa: ARG002
        """There is no snapshot."""
        raise self._refusal("a snapshot")

    def close(self) -> None:
        """Nothing was started."""

    def _refusal(self, wanted: str) -> NotSupported:
        offered = {
            "list_instruments": self.abilities.lists,
            "adj_factors": self.abilities.adjusts,
            "calendar": self.abilities.has_calendar,
            "snapshot": self.abilities.has_snapshot,
        }
        names = ["bars", *(name for name, is_there in offered.items() if is_there)]
        return NotSupported(self.name, wanted, ", ".join(names))

    def _bars(self, found: Resolution, asked: Asked) -> ProvidedBars:
        raise NotImplementedError

    def _longer(self, found: Resolution, asked: Asked) -> ProvidedBars:
        """Make weeks or months of days: those that open in the span and are over."""
        # A month that opens just before the end of the span goes on behind it.
        until = asked.end + timedelta(days=31 if asked.timeframe.unit == "M" else 7)
        daily = self._bars(found, replace(asked, timeframe=_DAY, end=until))
        calendar = calendar_of(found.symbol)
        grouped = buckets(daily.bars, asked.timeframe, calendar)
        starts = grouped.starts
        is_over = ends_of(starts, asked.timeframe) <= to_ns(asked.now)
        is_over |= np.isin(starts, starts[grouped.is_closed])
        is_asked = (starts >= to_ns(asked.start)) & (starts < to_ns(asked.end))
        rows = np.flatnonzero(is_over & is_asked)
        if not len(rows):
            refuse_nothing(replace(asked, function=daily.function))
        days = daily.bars[rows[0] : rows[-1] + 1]
        made = f"Made of {len(days):,} daily bars."
        return replace(
            daily, bars=resample(days, asked.timeframe, calendar), notes=(made, *daily.notes)
        )
