"""Quotes, trades and snapshots as columns: checked once, read-only ever after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantloom.errors import NotFound
from quantloom.kit import BoolArray, FloatArray, IntArray, freeze, from_ns, to_ns
from quantloom.market.bars import Bars
from quantloom.market.spans import digest_columns
from quantloom.market.tick import QUOTE, SNAPSHOT, TRADE
from quantloom.market.tick_columns import (
    CLOCK,
    UNSORTED,
    BadTicks,
    read_column,
    read_levels,
    read_sizes,
    read_times,
    refuse_unequal,
    tell_takers,
)
from quantloom.market.timeframes import Timeframe

_SHOWN = 3
_COLUMNS = ("ts", "kind", "bid", "bid_size", "ask", "ask_size", "price", "size", "side")
_BOOK = ("bid", "bid_size", "ask", "ask_size")


class NoTicks(NotFound):
    """A span of time in which there is no tick."""

    code = "market.no_ticks"

    def __init__(self, symbol: str, start: datetime | None, end: datetime | None) -> None:
        super().__init__(symbol, start, end)
        self.symbol, self.start, self.end = symbol, start, end

    def __str__(self) -> str:
        span = f"{self.start or 'the beginning'} and {self.end or 'the end'}"
        return f"{self.symbol} has no ticks between {span}; take another span or other data"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ticks:
    """Ticks of one symbol, oldest first, as read-only columns of equal length.

    Made by `of_quotes`, `of_trades`, `of_snapshots` and `merge_ticks`, which check every row.

    Attributes:
        ts: (n,) int64 exchange times, UTC nanoseconds; several rows may share one.
        received: (n,) when each row was received, at or after `ts`; None where nobody noted it.
        kind: (n,) int8: QUOTE, TRADE or SNAPSHOT.
        bid, ask: (n, levels) prices as they stand after the row, best first; NaN where a side has
            no such level, or before the first quote.
        bid_size, ask_size: (n, levels) what is shown there; infinite where the source has none.
        price, size: (n,) of the row's trade; NaN and 0 where it brings none.
        side: (n,) int8: 1 the buyer took, -1 the seller did, 0 unknown.
    """

    symbol: str
    ts: IntArray
    received: IntArray | None
    kind: NDArray[np.int8]
    bid: FloatArray
    bid_size: FloatArray
    ask: FloatArray
    ask_size: FloatArray
    price: FloatArray
    size: FloatArray
    side: NDArray[np.int8]

    @classmethod
    def of_quotes(
        cls,
        symbol: str,
        *,
        ts: ArrayLike,
        bid: ArrayLike,
        ask: ArrayLike,
        bid_size: ArrayLike | None = None,
        ask_size: ArrayLike | None = None,
        received: ArrayLike | None = None,
    ) -> Self:
        """Make ticks of best prices, or of several levels of them.

        Args:
            ts: (n,) exchange times as int64 UTC nanoseconds or datetime64.
            bid, ask: (n,) or (n, levels) prices, best first; NaN where there is none.
            bid_size, ask_size: likewise; None where the source has none.
            received: (n,) when each row was received.
        Raises:
            BadTicks: rows that cannot be true.
        """
        times = read_times(symbol, ts)
        return cls._checked(
            symbol,
            times,
            received,
            kind=np.full(len(times), QUOTE, dtype=np.int8),
            bid=bid,
            ask=ask,
            bid_size=bid_size,
            ask_size=ask_size,
        )

    @classmethod
    def of_trades(
        cls,
        symbol: str,
        *,
        ts: ArrayLike,
        price: ArrayLike,
        size: ArrayLike,
        side: ArrayLike | None = None,
        received: ArrayLike | None = None,
    ) -> Self:
        """Make ticks of trades.

        Args:
            ts: (n,) exchange times as int64 UTC nanoseconds or datetime64.
            side: (n,) 1 where the buyer took, -1 where the seller did, 0 or None for unknown.
            received: (n,) when each row was received.
        Raises:
            BadTicks: rows that cannot be true.
        """
        times = read_times(symbol, ts)
        return cls._checked(
            symbol,
            times,
            received,
            kind=np.full(len(times), TRADE, dtype=np.int8),
            price=price,
            size=size,
            side=side,
        )

    @classmethod
    def of_snapshots(
        cls,
        symbol: str,
        *,
        ts: ArrayLike,
        last: ArrayLike,
        volume: ArrayLike,
        bid: ArrayLike,
        ask: ArrayLike,
        bid_size: ArrayLike | None = None,
        ask_size: ArrayLike | None = None,
        received: ArrayLike | None = None,
        begins_with_auction: bool = False,
    ) -> Self:
        """Make ticks of snapshots such as CTP's, two a second with the day's volume so far.

        What the volume has grown by since the snapshot before counts as one trade at the last
        price; a volume that falls begins a new day. The first snapshot brings no trade, since when
        its volume was traded is not known, unless that is said. Who took is told by the quote
        before: the buyer at its ask or above, the seller at its bid or below.

        Args:
            last: (n,) last price. volume: (n,) of the trading day so far.
            bid, ask, bid_size, ask_size, received: as for `of_quotes`.
            begins_with_auction: the first snapshot's volume was traded just before it.
        Raises:
            BadTicks: rows that cannot be true.
        """
        times = read_times(symbol, ts)
        prices, total = read_column(last), read_column(volume)
        refuse_unequal(symbol, times, (prices, total))
        grown = np.diff(total, prepend=0.0 if begins_with_auction else total[:1])
        grown[grown < 0] = total[grown < 0]
        has_trade = (grown > 0) & np.isfinite(prices)
        bids, asks = read_levels(bid, len(times)), read_levels(ask, len(times))
        refuse_unequal(symbol, times, (bids, asks))
        return cls._checked(
            symbol,
            times,
            received,
            kind=np.where(has_trade, SNAPSHOT, QUOTE).astype(np.int8),
            bid=bids,
            ask=asks,
            bid_size=bid_size,
            ask_size=ask_size,
            price=np.where(has_trade, prices, np.nan),
            size=np.where(has_trade, grown, 0.0),
            side=np.where(has_trade, tell_takers(prices, bids[:, 0], asks[:, 0]), 0),
        )

    @classmethod
    def _checked(
        cls,
        symbol: str,
        ts: IntArray,
        received: ArrayLike | None,
        *,
        kind: NDArray[np.int8],
        bid: ArrayLike | None = None,
        ask: ArrayLike | None = None,
        bid_size: ArrayLike | None = None,
        ask_size: ArrayLike | None = None,
        price: ArrayLike | None = None,
        size: ArrayLike | None = None,
        side: ArrayLike | None = None,
    ) -> Self:
        count = len(ts)
        bids, asks = read_levels(bid, count), read_levels(ask, count)
        ticks = cls(
            symbol=symbol,
            ts=freeze(ts),
            received=None if received is None else freeze(read_times(symbol, received)),
            kind=freeze(kind),
            bid=freeze(bids),
            bid_size=freeze(read_sizes(bid_size, bids)),
            ask=freeze(asks),
            ask_size=freeze(read_sizes(ask_size, asks)),
            price=freeze(np.full(count, np.nan) if price is None else read_column(price)),
            size=freeze(np.zeros(count) if size is None else read_column(size)),
            side=freeze(np.zeros(count, np.int8) if side is None else np.array(side, np.int8)),
        )
        check_ticks(ticks)
        return ticks

    def __len__(self) -> int:
        return len(self.ts)

    def __getitem__(self, rows: slice) -> "Ticks":
        received = None if self.received is None else self.received[rows]
        ts, *others = (getattr(self, name)[rows] for name in _COLUMNS)
        return Ticks(self.symbol, ts, received, *others)

    def between(self, start: datetime | None = None, end: datetime | None = None) -> "Ticks":
        """Slice to start <= exchange time < end, without copying.

        Raises:
            NoTicks: no tick lies there.
        """
        first = 0 if start is None else int(np.searchsorted(self.ts, to_ns(start)))
        last = len(self) if end is None else int(np.searchsorted(self.ts, to_ns(end)))
        if first >= last:
            raise NoTicks(self.symbol, start, end)
        return self[first:last]

    @property
    def levels(self) -> int:
        """How many prices of each side are known at most."""
        count: int = self.bid.shape[1]
        return count

    @property
    def has_quotes(self) -> bool:
        return bool((self.kind & QUOTE).any())

    @property
    def has_trades(self) -> bool:
        return bool((self.kind & TRADE).any())

    @property
    def start(self) -> datetime:
        return from_ns(int(self.ts[0]))

    @property
    def end(self) -> datetime:
        """Exchange time of the last tick."""
        return from_ns(int(self.ts[-1]))

    def columns(self) -> dict[str, NDArray[Any]]:
        """Every column by its name, the levels of the book numbered from 1, best first.

        Returns:
            ts, received where it is known, kind, then bid1, bid_size1, ask1, ask_size1 and so on,
            price, size and side.
        """
        found: dict[str, NDArray[Any]] = {"ts": self.ts}
        if self.received is not None:
            found["received"] = self.received
        found["kind"] = self.kind
        for level in range(self.levels):
            for name in _BOOK:
                found[f"{name}{level + 1}"] = getattr(self, name)[:, level]
        return found | {name: getattr(self, name) for name in ("price", "size", "side")}

    def digest(self) -> str:
        """SHA-256 over symbol and every column, day by day: equal ticks, equal digest."""
        columns = self.columns()
        head = "|".join((self.symbol, *columns))
        return digest_columns(head, list(columns.values()), "D")

    def bars(self, timeframe: Timeframe | str = "1m") -> Bars:
        """Make bars of the trades, or where there are none of the middle of the best prices.

        Their volume is what was traded, or unknown where no trades are. Spans without a price
        have no bar. `resample` makes bigger bars of them by an exchange's sessions.

        Raises:
            NoTicks: no row has a price.
        """
        unit = Timeframe.parse(timeframe)
        rows = np.flatnonzero(self.kind & TRADE)
        price = self.price[rows]
        if not len(rows):
            mid = (self.bid[:, 0] + self.ask[:, 0]) / 2
            rows = np.flatnonzero((self.kind & QUOTE != 0) & np.isfinite(mid))
            price = mid[rows]
        if not len(rows):
            raise NoTicks(self.symbol, None, None)
        spans = self.ts[rows] // unit.ns
        first = np.flatnonzero(np.diff(spans, prepend=spans[0] - 1))
        return Bars.of(
            self.symbol,
            unit,
            ts=spans[first] * unit.ns,
            open=price[first],
            high=np.maximum.reduceat(price, first),
            low=np.minimum.reduceat(price, first),
            close=price[np.append(first[1:], len(price)) - 1],
            volume=np.add.reduceat(self.size[rows], first) if self.has_trades else None,
        )

    def __repr__(self) -> str:
        span = f" {self.start} .. {self.end}" if len(self) else ""
        return f"<Ticks {self.symbol} {len(self)} ticks, {self.levels} level(s){span}>"


def check_ticks(ticks: Ticks) -> None:
    """Check that the columns fit together and that every row can be true.

    Raises:
        BadTicks: they do not, or one cannot.
        NoTicks: there is no row.
    """
    columns = [getattr(ticks, name) for name in _COLUMNS]
    columns += [] if ticks.received is None else [ticks.received]
    refuse_unequal(ticks.symbol, ticks.ts, columns)
    book = (ticks.bid, ticks.bid_size, ticks.ask, ticks.ask_size)
    if len({one.shape for one in book}) != 1:
        raise BadTicks(ticks.symbol, "sides of unequal numbers of levels", len(ticks), ())
    if not len(ticks):
        raise NoTicks(ticks.symbol, None, None)
    for problem, bad in tick_problems(ticks):
        if bad.any():
            rows = np.flatnonzero(bad)
            raise BadTicks(ticks.symbol, problem, len(rows), tuple(rows[:_SHOWN].tolist()))


def tick_problems(ticks: Ticks) -> Iterator[tuple[str, BoolArray]]:
    """Name each thing that can be wrong with a tick, with a mask of the rows where it is."""
    yield UNSORTED, np.diff(ticks.ts, prepend=ticks.ts[0]) < 0
    if ticks.received is not None:
        yield CLOCK, ticks.received < ticks.ts
        yield "received before the tick before", np.diff(ticks.received, prepend=0) < 0
    for prices in (ticks.bid, ticks.ask):
        yield "a price that is not above zero", _any((prices <= 0) | np.isinf(prices))
    for sizes in (ticks.bid_size, ticks.ask_size):
        yield "a size that is not at or above zero", _any(~(sizes >= 0))
    yield "a bid above the ask", ticks.bid[:, 0] > ticks.ask[:, 0]
    yield "levels that do not lead away from the best", _disordered(ticks)
    traded = (ticks.kind & TRADE) != 0
    is_price = (ticks.price > 0) & np.isfinite(ticks.price)
    yield "a trade without a price above zero", traded & ~is_price
    yield "a trade without a size above zero", traded & ~((ticks.size > 0) & (ticks.size < np.inf))
    yield "a side that is not 1, -1 or 0", np.abs(ticks.side) > 1


def _disordered(ticks: Ticks) -> BoolArray:
    falling, rising = np.diff(ticks.bid, axis=1) >= 0, np.diff(ticks.ask, axis=1) <= 0
    return _any(falling | rising)


def _any(levels: BoolArray) -> BoolArray:
    """Whether it is so at any level of each row."""
    found: BoolArray = np.asarray(levels.any(axis=1))
    return found
