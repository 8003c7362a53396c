"""Quotes, trades and snapshots as columns: checked once, read-only ever after."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantloom.errors import Invalid, NotFound
from quantloom.kit import BoolArray, FloatArray, IntArray, freeze, from_ns, to_ns
from quantloom.market.bars import Bars
from quantloom.market.timeframes import Timeframe

QUOTE = 1
"""A row that brings new best prices."""
TRADE = 2
"""A row that brings a trade."""
SNAPSHOT = 3
"""A row that brings both, the trade before the prices."""

_SHOWN = 3
_UNSORTED = "time earlier than the tick before"
_CLOCK = "received before it happened"
_COLUMNS = ("ts", "kind", "bid", "bid_size", "ask", "ask_size", "price", "size", "side")


class BadTicks(Invalid):
    """Ticks that cannot be true: unsorted, crossed, a price or a size that is none."""

    code = "market.bad_ticks"

    def __init__(self, symbol: str, problem: str, count: int, rows: tuple[int, ...]) -> None:
        super().__init__(symbol, problem, count, rows)
        self.symbol, self.problem, self.count, self.rows = symbol, problem, count, rows

    def __str__(self) -> str:
        where = f", first at row {', '.join(map(str, self.rows))}" if self.rows else ""
        more = " and more" if len(self.rows) < self.count and where else ""
        mends = {
            _UNSORTED: "sort the source by the exchange's time, the oldest tick first",
            _CLOCK: "the receiver's clock was slow: correct it, or leave received= out",
        }
        mend = mends.get(self.problem, "mend the source or leave those rows out")
        return f"{self.symbol}: {self.problem} in {self.count} tick(s){where}{more}; {mend}"


class NoTicks(NotFound):
    """A span of time in which there is no tick."""

    code = "market.no_ticks"

    def __init__(self, symbol: str, start: datetime | None, end: datetime | None) -> None:
        super().__init__(symbol, start, end)
        self.symbol, self.start, self.end = symbol, start, end

    def __str__(self) -> str:
        span = f"{self.start or 'the beginning'} and {self.end or 'the end'}"
        return f"{self.symbol} has no ticks between {span}; take another span or other data"


class Tick:
    """One row as a callback sees it; the engine uses it again unless the callback keeps it.

    Attributes:
        ts_ns: when it happened by the exchange's clock, UTC nanoseconds.
        received_ns: when the strategy hears of it.
        kind: QUOTE, TRADE or SNAPSHOT.
        bid, ask: best prices after it, NaN where that side is empty.
        bid_size, ask_size: what is shown there; infinite where the source does not say.
        price, size, side: of its trade; NaN, 0 and 0 without one. Side is 1 where the buyer took,
            -1 where the seller did, 0 where nobody knows.
    """

    __slots__ = (
        "ask",
        "ask_size",
        "bid",
        "bid_size",
        "kind",
        "price",
        "received_ns",
        "side",
        "size",
        "symbol",
        "ts_ns",
    )

    symbol: str
    ts_ns: int
    received_ns: int
    kind: int
    bid: float
    bid_size: float
    ask: float
    ask_size: float
    price: float
    size: float
    side: int

    @property
    def time(self) -> datetime:
        """When it happened, as an aware UTC datetime, to the microsecond."""
        return from_ns(self.ts_ns)

    @property
    def mid(self) -> float:
        """Halfway between the best prices; NaN where a side is empty."""
        return (self.bid + self.ask) / 2

    @property
    def is_quote(self) -> bool:
        """Whether it brings best prices."""
        return bool(self.kind & QUOTE)

    @property
    def is_trade(self) -> bool:
        """Whether it brings a trade."""
        return bool(self.kind & TRADE)

    def __repr__(self) -> str:
        trade = f" trade {self.size} at {self.price}" if self.is_trade else ""
        return f"<Tick {self.symbol} {self.time} {self.bid} / {self.ask}{trade}>"


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
        times = _times(symbol, ts)
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
        times = _times(symbol, ts)
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
    ) -> Self:
        """Make ticks of snapshots such as CTP's, two a second with the day's volume so far.

        What the volume has grown by since the snapshot before counts as one trade at the last
        price; a volume that falls begins a new day. The first snapshot brings no trade: when its
        volume was traded is not known. Who took is told by the quote before: the buyer at its ask
        or above, the seller at its bid or below.

        Args:
            last: (n,) last price. volume: (n,) of the trading day so far.
            bid, ask, bid_size, ask_size, received: as for `of_quotes`.
        Raises:
            BadTicks: rows that cannot be true.
        """
        times = _times(symbol, ts)
        prices, total = _column(last), _column(volume)
        _same_length(symbol, times, (prices, total))
        grown = np.diff(total, prepend=total[:1])
        grown[grown < 0] = total[grown < 0]
        has_trade = (grown > 0) & np.isfinite(prices)
        bids, asks = _levels(bid, len(times)), _levels(ask, len(times))
        _same_length(symbol, times, (bids, asks))
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
            side=np.where(has_trade, _takers(prices, bids[:, 0], asks[:, 0]), 0),
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
        bids, asks = _levels(bid, count), _levels(ask, count)
        ticks = cls(
            symbol=symbol,
            ts=freeze(ts),
            received=None if received is None else freeze(_times(symbol, received)),
            kind=freeze(kind),
            bid=freeze(bids),
            bid_size=freeze(_sizes(bid_size, bids)),
            ask=freeze(asks),
            ask_size=freeze(_sizes(ask_size, asks)),
            price=freeze(np.full(count, np.nan) if price is None else _column(price)),
            size=freeze(np.zeros(count) if size is None else _column(size)),
            side=freeze(np.zeros(count, np.int8) if side is None else np.array(side, np.int8)),
        )
        _check(ticks)
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

    def digest(self) -> str:
        """SHA-256 over symbol and every column: equal ticks, equal digest."""
        hashing = hashlib.sha256(f"{self.symbol}|{len(self)}|{self.levels}".encode())
        for name in _COLUMNS:
            hashing.update(getattr(self, name).tobytes())
        if self.received is not None:
            hashing.update(self.received.tobytes())
        return hashing.hexdigest()

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


def merge_ticks(*parts: Ticks) -> Ticks:
    """Put ticks of one symbol, such as its quotes and its trades, in the order of their times.

    Of rows at one time those of the part named first come first; name trades before quotes, which
    tell what the trades have left.

    Raises:
        BadTicks: parts of several symbols, or some with and some without times of receipt.
    """
    first = parts[0]
    if {one.symbol for one in parts} != {first.symbol}:
        names = ", ".join(sorted({one.symbol for one in parts}))
        raise BadTicks(names, "more than one symbol", sum(map(len, parts)), ())
    if len({one.received is None for one in parts}) > 1:
        raise BadTicks(first.symbol, "times of receipt in some parts only", len(first), ())
    levels = max(one.levels for one in parts)
    ts = np.concatenate([one.ts for one in parts])
    order = np.argsort(ts, kind="stable")
    kind = np.concatenate([one.kind for one in parts])[order]
    # A trade stands between the prices of the last quote before it.
    quoted = np.maximum.accumulate(np.where(kind & QUOTE != 0, np.arange(len(ts)), -1))
    received = None
    if first.received is not None:
        heard = np.concatenate([_known(one.received) for one in parts])[order]
        received = np.maximum.accumulate(heard)
    columns = [
        freeze(_carried(_stacked(parts, name, levels)[order], quoted, empty))
        for name, empty in (("bid", np.nan), ("bid_size", 0.0), ("ask", np.nan), ("ask_size", 0.0))
    ]
    merged = Ticks(
        symbol=first.symbol,
        ts=freeze(ts[order]),
        received=None if received is None else freeze(received),
        kind=freeze(kind),
        bid=columns[0],
        bid_size=columns[1],
        ask=columns[2],
        ask_size=columns[3],
        price=freeze(np.concatenate([one.price for one in parts])[order]),
        size=freeze(np.concatenate([one.size for one in parts])[order]),
        side=freeze(np.concatenate([one.side for one in parts])[order]),
    )
    _check(merged)
    return merged


def _known(received: IntArray | None) -> IntArray:
    return np.zeros(0, np.int64) if received is None else received


def _stacked(parts: Sequence[Ticks], name: str, levels: int) -> FloatArray:
    empty = 0.0 if name.endswith("size") else np.nan
    wide = [np.full((len(one), levels), empty) for one in parts]
    for target, one in zip(wide, parts, strict=True):
        target[:, : one.levels] = getattr(one, name)
    return np.concatenate(wide)


def _carried(values: FloatArray, rows: IntArray, empty: float) -> FloatArray:
    carried = values[np.maximum(rows, 0)]
    carried[rows < 0] = empty
    return carried


def _takers(price: FloatArray, bid: FloatArray, ask: FloatArray) -> NDArray[np.int8]:
    """Who took, by the quote of the row before: 1 the buyer, -1 the seller, 0 unknown."""
    before_bid, before_ask = (np.append(np.nan, one[:-1]) for one in (bid, ask))
    return np.where(price >= before_ask, 1, np.where(price <= before_bid, -1, 0)).astype(np.int8)


def _times(symbol: str, ts: ArrayLike) -> IntArray:
    times = np.asarray(ts)
    if times.dtype.kind == "M":
        times = times.astype("datetime64[ns]").view(np.int64)
    if times.ndim != 1 or (times.size and times.dtype.kind != "i"):
        problem = f"times of type {times.dtype} instead of int64 nanoseconds or datetime64"
        raise BadTicks(symbol, problem, times.size, ())
    return times.astype(np.int64)


def _column(values: ArrayLike) -> FloatArray:
    return np.array(values, dtype=np.float64)


def _levels(values: ArrayLike | None, count: int) -> FloatArray:
    if values is None:
        return np.full((count, 1), np.nan)
    found = _column(values)
    return found.reshape(len(found), -1)


def _sizes(values: ArrayLike | None, prices: FloatArray) -> FloatArray:
    """Sizes of levels: 0 where there is no price, infinite where the source has none."""
    sizes = np.full(prices.shape, np.inf) if values is None else _levels(values, len(prices))
    if sizes.shape == prices.shape:
        sizes[np.isnan(prices)] = 0.0
    return sizes


def _same_length(symbol: str, ts: IntArray, columns: Sequence[NDArray[np.generic]]) -> None:
    if {len(one) for one in columns} != {len(ts)}:
        raise BadTicks(symbol, "columns of unequal length", len(ts), ())


def _check(ticks: Ticks) -> None:
    columns = [getattr(ticks, name) for name in _COLUMNS]
    columns += [] if ticks.received is None else [ticks.received]
    _same_length(ticks.symbol, ticks.ts, columns)
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
    yield _UNSORTED, np.diff(ticks.ts, prepend=ticks.ts[0]) < 0
    if ticks.received is not None:
        yield _CLOCK, ticks.received < ticks.ts
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
