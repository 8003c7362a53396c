"""The list of instruments that a process keeps, made anew when the day or the catalog changes."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from quantloom.kit.clock import NS_PER_SECOND, Clock
from quantloom.market.rulebook import RuleBook, rule_book
from quantloom_server.instruments.shelf import Shelf, make_shelf
from quantloom_server.settings import Settings

if TYPE_CHECKING:
    from quantloom.data import Catalogs, DatasetInfo

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

    async def data_of(self, symbol: str) -> Sequence["DatasetInfo"]:
        """What bars there are of an instrument."""
        return await asyncio.to_thread(self._data_of, symbol)

    def _fresh(self) -> Shelf | None:
        is_old = self.clock.now_ns() - self._made_ns > _FRESH_NS
        return None if is_old else self._shelf

    def _make(self) -> Shelf:
        now = self.clock.now()
        day = (now.astimezone(_ZONE) + _EVENING).date()
        held = self._held()
        # To put it together takes a second; mostly nothing has changed.
        if self._shelf is None or (self._shelf.day, self._last_held) != (day, held):
            self._shelf, self._last_held = make_shelf(self.book, day, held), held
        self._made_ns = self.clock.now_ns()
        return self._shelf

    def _held(self) -> Mapping[str, list[str]]:
        held: dict[str, list[str]] = {}
        for _, one in self._catalog().there():
            held.setdefault(one.symbol, []).append(str(one.timeframe))
        return held

    def _data_of(self, symbol: str) -> Sequence["DatasetInfo"]:
        return [one for one in self._catalog().list(symbol) if one.symbol == symbol]

    def _catalog(self) -> "Catalogs":
        from quantloom_server.instruments.catalog import catalog_of  # noqa: PLC0415  brings Arrow

        return catalog_of(self._settings)
