"""The list of instruments that a process keeps, made anew when the day or the catalog changes."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from quantloom.kit.clock import NS_PER_SECOND, Clock
from quantloom.market.rulebook import RuleBook, rule_book
from quantloom_server.instruments.catalog import Held, data_held, timeframes_held
from quantloom_server.instruments.shelf import Listed, Shelf, make_shelf
from quantloom_server.settings import Settings

# Contracts end by the days of Shanghai; the catalog is looked at again after a minute.
_ZONE = ZoneInfo("Asia/Shanghai")
_FRESH_NS = 60 * NS_PER_SECOND
# From six in the evening what opens belongs to the next trading day.
_EVENING = timedelta(hours=6)


class Keeper:
    """Keeps the list, and knows where the bars are."""

    def __init__(self, settings: Settings, clock: Clock, book: RuleBook | None = None) -> None:
        self.book = book or rule_book()
        self.clock = clock
        self._settings = settings
        self._making = asyncio.Lock()
        self._shelf: Shelf | None = None
        self._last_held: Mapping[str, list[str]] = {}
        self._made_ns = 0

    async def shelf(self) -> Shelf:
        """The list as it is now; made in a thread, and never by two at once."""
        if (found := self._fresh()) is None:
            async with self._making:
                if (found := self._fresh()) is None:
                    found = await asyncio.to_thread(self._make)
        return found

    async def data_of(self, one: Listed) -> Sequence[Held]:
        """What bars there are of an instrument."""
        if not one.timeframes:
            return ()
        return await asyncio.to_thread(data_held, self._settings, one.symbol, one.timeframes)

    def _fresh(self) -> Shelf | None:
        is_old = self.clock.now_ns() - self._made_ns > _FRESH_NS
        return None if is_old else self._shelf

    def _make(self) -> Shelf:
        now = self.clock.now()
        day = (now.astimezone(_ZONE) + _EVENING).date()
        held = timeframes_held(self._settings)
        # To put it together takes a second; mostly nothing has changed.
        if self._shelf is None or (self._shelf.day, self._last_held) != (day, held):
            self._shelf, self._last_held = make_shelf(self.book, day, held), held
        self._made_ns = self.clock.now_ns()
        return self._shelf
