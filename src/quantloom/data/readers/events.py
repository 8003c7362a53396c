"""Rows of quotes, trades, snapshots and book updates as ticks."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from collections.abc import Mapping as Dict
from typing import Any, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa

from quantloom.data.arrow import Column
from quantloom.data.readers.mapping import Mapping, Role
from quantloom.data.readers.rows import SNAPSHOT_SIDE, Block, read_sides
from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.market import (
    BadTicks,
    NoTicks,
    Ticks,
    UnknownCalendar,
    UnknownSymbol,
    product_calendar,
)
from quantloom.market.timetable import timetable

BOOK_LEVELS = 10
"""Levels of each side that are kept of a book which is told in updates."""

_Row: TypeAlias = tuple[int, list[float], list[float], list[float], list[float]]
NO_SIDE = "a level on neither side of the book"
"""Problem of a row of a book that is neither of the bids nor of the asks."""

UNPRICED = "a snapshot of a day that has traded, without a last price"
"""Problem of a snapshot whose day has volume and whose last price is missing or none."""

_SHOWN = 5
_SNAPSHOTS = {"snap", "snapshot"}


def ticks_of(symbol: str, block: Block, mapping: Mapping, side: "Column | None") -> Ticks:
    """Make ticks of rows whose times rise.

    Args:
        side: (n,) who took, where the file says so.
    Raises:
        BadTicks: rows that cannot be true.
    """
    kind = mapping.kind.value
    if kind == "trades":
        return Ticks.of_trades(
            symbol,
            ts=block.ts,
            price=block.columns["price"],
            size=block.columns["size"],
            side=None if side is None else read_sides(side),
            received=_received(block),
        )
    bid, bid_size = _levels(block, Role.BID, Role.BID_SIZE)
    ask, ask_size = _levels(block, Role.ASK, Role.ASK_SIZE)
    if kind == "ticks":
        if (unpriced := unpriced_rows(block)).any():
            rows = np.flatnonzero(unpriced)
            raise BadTicks(symbol, UNPRICED, len(rows), tuple(rows[:_SHOWN].tolist()))
        return Ticks.of_snapshots(
            symbol,
            ts=block.ts,
            last=block.columns["price"],
            volume=block.columns["total"],
            bid=bid,
            ask=ask,
            bid_size=bid_size,
            ask_size=ask_size,
            received=_received(block),
            begins_with_auction=_is_auction(symbol, block.ts),
        )
    return Ticks.of_quotes(
        symbol,
        ts=block.ts,
        bid=bid,
        ask=ask,
        bid_size=bid_size,
        ask_size=ask_size,
        received=_received(block),
    )


def book_of(symbol: str, block: Block, side: Column, update: "Column | None") -> Ticks:
    """Follow a book through its updates and give its best levels after each moment.

    A size of zero takes a level away; a snapshot replaces the book it comes upon. While the best
    bid is not below the best ask, as while a snapshot is half told, the moment is left out.

    Raises:
        NoTicks: it is never whole.
        BadTicks: rows that cannot be true.
    """
    sides = read_sides(side)
    if not sides.all():
        raise BadTicks(symbol, NO_SIDE, int((sides == 0).sum()), ())
    is_bid = sides > 0
    is_new = _snapshot_rows(block, side, update)
    begins = is_new & ~np.append(False, is_new[:-1])
    price, size = block.columns["price"], block.columns["size"]
    book = _Book()
    rows: list[_Row] = []
    lasts: list[int] = []
    for first, stop in _moments(block.ts):
        for row in range(first, stop):
            if begins[row]:
                book.clear()
            book.put(is_bid=bool(is_bid[row]), price=float(price[row]), size=float(size[row]))
        if book.is_whole():
            rows.append((int(block.ts[first]), *book.best()))
            lasts.append(stop - 1)
    received = _received(block)
    return _quoted(symbol, rows, None if received is None else received[lasts])


def rows_before_book(block: Block, side: Column, update: "Column | None") -> int:
    """How many rows, of the first ones, change a book that only a later snapshot tells whole."""
    is_new = _snapshot_rows(block, side, update)
    return int(np.searchsorted(block.ts, block.ts[np.argmax(is_new)])) if is_new.any() else 0


def _snapshot_rows(block: Block, side: Column, update: "Column | None") -> BoolArray:
    words = _words(side if update is None else update, len(block))
    return np.array([word in _SNAPSHOTS or word.endswith(SNAPSHOT_SIDE) for word in words])


def book_of_lists(symbol: str, block: Block, texts: Dict[Role, Column]) -> Ticks:
    """Follow a book whose every row brings lists of bids and asks.

    Raises:
        NoTicks: it is never whole.
        BadTicks: rows that cannot be true.
    """
    words = _words(texts.get(Role.UPDATE), len(block))
    bids, asks = (texts[role].cast(pa.string()).to_pylist() for role in (Role.BIDS, Role.ASKS))
    book = _Book()
    rows: list[_Row] = []
    for ts, word, bid, ask in zip(block.ts.tolist(), words, bids, asks, strict=True):
        if word in _SNAPSHOTS or not word:
            book.clear()
        for price, size in _pairs(bid):
            book.put(is_bid=True, price=price, size=size)
        for price, size in _pairs(ask):
            book.put(is_bid=False, price=price, size=size)
        if book.is_whole():
            rows.append((int(ts), *book.best()))
    return _quoted(symbol, rows)


def _pairs(text: str | None) -> list[tuple[float, float]]:
    """Prices and sizes of a list of levels; none where it cannot be read."""
    try:
        levels = msgspec.json.decode(text or "[]", type=list[list[Any]])
        return [(float(level[0]), float(level[1])) for level in levels]
    except (msgspec.DecodeError, ValueError, TypeError, IndexError):
        return []


def _quoted(symbol: str, rows: list[_Row], received: IntArray | None = None) -> Ticks:
    if not rows:
        raise NoTicks(symbol, None, None)
    ts = np.array([row[0] for row in rows], dtype=np.int64)
    bid, bid_size, ask, ask_size = (
        np.array([row[place] for row in rows]).reshape(len(rows), BOOK_LEVELS)
        for place in (1, 2, 3, 4)
    )
    return Ticks.of_quotes(
        symbol,
        ts=ts,
        bid=bid,
        ask=ask,
        bid_size=bid_size,
        ask_size=ask_size,
        received=received,
    )


def impossible_rows(block: Block, kind: str, side: "Column | None") -> dict[str, BoolArray]:
    """Name what no market can have printed, with a mask of the rows where it is.

    Args:
        kind: of the mapping; a size of zero takes a level of a book away.
        side: (n,) which side of the book each row is of.
    """
    columns = block.columns
    found: dict[str, BoolArray] = {}
    if "size" in columns:
        price, size = columns["price"], columns["size"]
        found["a trade without a price above zero"] = ~((price > 0) & np.isfinite(price))
        least = size >= 0 if kind == "book" else size > 0
        found["a trade without a size above zero"] = ~(least & np.isfinite(size))
    if kind == "book" and side is not None:
        found[NO_SIDE] = read_sides(side) == 0
    if kind == "ticks":
        found[UNPRICED] = unpriced_rows(block)
    if "bid.1" in columns and "ask.1" in columns:
        bid, ask = columns["bid.1"], columns["ask.1"]
        found["a bid above the ask"] = (bid > ask) & (ask > 0)
    return found


def unpriced_rows(block: Block) -> BoolArray:
    """Snapshots without a last price; before the first trade of a day there is none to have."""
    price, total = block.columns["price"], block.columns["total"]
    has_price = (price > 0) & np.isfinite(price)
    unpriced: BoolArray = (total > 0) & ~has_price
    return unpriced


class _Side:
    """Levels of one side by price, the prices in rising order beside them."""

    def __init__(self) -> None:
        self.sizes: dict[float, float] = {}
        self.prices: list[float] = []

    def put(self, price: float, size: float) -> None:
        if size > 0:
            if price not in self.sizes:
                insort(self.prices, price)
            self.sizes[price] = size
        elif self.sizes.pop(price, None) is not None:
            del self.prices[bisect_left(self.prices, price)]

    def levels(self, prices: list[float]) -> list[tuple[float, float]]:
        return [(price, self.sizes[price]) for price in prices]


class _Book:
    """Levels of both sides."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._bids, self._asks = _Side(), _Side()

    def put(self, *, is_bid: bool, price: float, size: float) -> None:
        (self._bids if is_bid else self._asks).put(price, size)

    def is_whole(self) -> bool:
        bids, asks = self._bids.prices, self._asks.prices
        if not bids and not asks:
            return False
        return not (bids and asks) or bids[-1] < asks[0]

    def best(self) -> tuple[list[float], list[float], list[float], list[float]]:
        """Prices and sizes of bids, then of asks, best first, filled up with nothing."""
        bids = self._bids.levels(self._bids.prices[: -BOOK_LEVELS - 1 : -1])
        asks = self._asks.levels(self._asks.prices[:BOOK_LEVELS])
        return (*_filled(bids), *_filled(asks))


def _filled(levels: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    missing = BOOK_LEVELS - len(levels)
    prices = [price for price, _ in levels] + [np.nan] * missing
    return prices, [size for _, size in levels] + [0.0] * missing


def _moments(ts: IntArray) -> Iterator[tuple[int, int]]:
    """First row and end of each run of rows of one time."""
    starts = np.flatnonzero(np.diff(ts, prepend=ts[:1] - 1)).tolist()
    yield from zip(starts, [*starts[1:], len(ts)], strict=True)


def _words(update: "Column | None", count: int) -> list[str]:
    if update is None:
        return [""] * count
    cells: list[Any] = update.cast(pa.string()).to_pylist()
    return [str(cell).strip().lower() for cell in cells]


def _received(block: Block) -> IntArray | None:
    """Times of receipt, none before its row happened and none before the one before it."""
    if block.received is None:
        return None
    slow = max(0, int((block.ts - block.received).max()))
    received: IntArray = np.maximum.accumulate(block.received + slow)
    return received


def _levels(block: Block, price: Role, size: Role) -> tuple[FloatArray, FloatArray | None]:
    named = [name.partition(".") for name in block.columns]
    levels = sorted(int(level) for role, _, level in named if role == price)
    prices = np.column_stack([block.columns[f"{price}.{level}"] for level in levels])
    names = [f"{size}.{level}" for level in levels]
    prices = np.where(prices > 0, prices, np.nan)  # an empty level is written as zero
    if not all(name in block.columns for name in names):
        return prices, None
    sizes = np.column_stack([block.columns[name] for name in names])
    if not sizes.any():
        return prices, None
    sizes = np.nan_to_num(sizes, nan=0.0)
    if len(levels) > 1 or (sizes > 0).mean() > 0.5:
        prices = np.where(sizes > 0, prices, np.nan)
    return _closed_up(prices, sizes)


def _closed_up(prices: FloatArray, sizes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Put the levels that are there first, where one before them has been emptied."""
    is_empty = np.isnan(prices)
    if not (is_empty[:, :-1] & ~is_empty[:, 1:]).any():
        return prices, sizes
    order = np.argsort(is_empty, axis=1, kind="stable")
    return np.take_along_axis(prices, order, axis=1), np.take_along_axis(sizes, order, axis=1)


def _is_auction(symbol: str, ts: IntArray) -> bool:
    """Whether the first snapshot is that of the auction that opens a trading day."""
    try:
        calendar = product_calendar(symbol)
    except (UnknownSymbol, UnknownCalendar):
        return False
    if not len(ts):
        return False
    first = ts[:1]
    table = timetable(calendar.trading_day(first), calendar)
    return bool(table.opens[0] - table.auction_ns <= first[0] < table.opens[0])
