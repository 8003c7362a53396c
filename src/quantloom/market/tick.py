"""One tick, as a callback sees it, and what a row of ticks may bring."""

from datetime import datetime

from quantloom.kit import from_ns

QUOTE = 1
"""A row that brings new best prices."""
TRADE = 2
"""A row that brings a trade."""
SNAPSHOT = 3
"""A row that brings both, the trade before the prices."""


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
