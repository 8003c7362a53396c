"""The bars of one step, as `on_bars` sees them."""

from collections.abc import Iterator, Mapping

from quantloom.backtest.feed import Feed
from quantloom.market import Bar, StaleBar


class StepBars(Mapping[str, Bar]):
    """Bars by symbol, made as they are asked for; stale when the callback has returned."""

    __slots__ = ("_feeds", "_is_over", "_shown")

    def __init__(self, feeds: Mapping[str, Feed]) -> None:
        self._feeds = feeds
        self._shown: set[str] = set()
        self._is_over = False

    def __getitem__(self, symbol: str) -> Bar:
        if self._is_over:
            raise StaleBar(symbol)
        feed = self._feeds[symbol]
        if symbol in self._shown:
            return feed.view
        self._shown.add(symbol)
        return feed.look()

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._feeds

    def __iter__(self) -> Iterator[str]:
        return iter(self._feeds)

    def __len__(self) -> int:
        return len(self._feeds)

    def expire(self) -> None:
        """End the step: bars that somebody has kept are stale from now on."""
        self._is_over = True
        for symbol in self._shown:
            self._feeds[symbol].let_go()
