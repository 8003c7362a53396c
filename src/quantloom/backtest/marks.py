"""Mark prices of swaps: of bars that a run is given, or the last prices in their place."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from quantloom.backtest.feed import Feed
from quantloom.market import Bars, ends_of, exact
from quantloom.simulation import OfferedBar
from quantloom.trading import MarkBar


class MarkPrices:
    """What positions count at between trades.

    Attributes:
        given: bars of mark prices, by symbol.
        stood_in: symbols for which a last price had to serve.
    """

    def __init__(self, feeds: Mapping[str, Feed], given: Mapping[str, Bars]) -> None:
        self.stood_in: set[str] = set()
        self._feeds, self.given = feeds, given
        self._ends = {symbol: ends_of(bars.ts, bars.timeframe) for symbol, bars in given.items()}

    def at(self, symbol: str, ts_ns: int) -> Decimal:
        """The mark at a moment: the open of its bar, or else the last close known by then."""
        bars = self.given.get(symbol)
        if bars is not None:
            row = int(np.searchsorted(bars.ts, ts_ns))
            if row < len(bars) and bars.ts[row] == ts_ns:
                return exact(float(bars.open[row]))
            row = int(np.searchsorted(self._ends[symbol], ts_ns, side="right")) - 1
            if row >= 0:
                return exact(float(bars.close[row]))
        self.stood_in.add(symbol)
        feed = self._feeds[symbol]
        row = int(np.searchsorted(feed.closes_ns, ts_ns, side="right")) - 1
        return exact(float(feed.bars.open[0] if row < 0 else feed.bars.close[row]))

    def over(self, symbol: str, bar: OfferedBar) -> MarkBar:
        """The mark over a bar that orders are matched with."""
        bars = self.given.get(symbol)
        if bars is not None:
            first, end = np.searchsorted(bars.ts, [bar.ts_ns, bar.closes_ns]).tolist()
            if first < end:
                return MarkBar(
                    exact(float(bars.open[first])),
                    exact(float(bars.high[first:end].max())),
                    exact(float(bars.low[first:end].min())),
                )
        self.stood_in.add(symbol)
        return MarkBar(exact(bar.open), exact(bar.high), exact(bar.low))

    def last(self, symbol: str) -> Decimal:
        """Where a position counts whose instrument has no bar at the moment."""
        feed = self._feeds[symbol]
        return self.at(symbol, int(feed.closes_ns[max(feed.row, 0)]))
