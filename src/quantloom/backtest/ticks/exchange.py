"""The exchange of a run on ticks, in plain Python: the reference of the compiled one.

It knows the book of each row, the own orders that have arrived, and where each stands in its
queue. docs/reference/tick-fills.md tells what it does in sentences. The book is the data's own:
our orders and fills change nothing in it but what we have taken from it.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from quantloom.backtest.ticks.models import QueueModel, moved_up
from quantloom.kit import FloatArray, IntArray
from quantloom.market import QUOTE, TRADE, Ticks
from quantloom.trading import Order, TimeInForce

UNKNOWN = -1.0
"""What stands in front of an order whose level the book does not show."""
TICK_SHARE = 1e-6
"""Prices closer than this share of a tick are one price; so are lots."""


@dataclass(slots=True, eq=False)
class Working:
    """An own order at the exchange.

    Attributes:
        limit, stop: NaN where there is none.
        lots: that are left of it.
        ahead: what stands in front of it; UNKNOWN where the book does not tell.
        shown: what its level showed last, less what was traded at it since.
        is_market: whether it takes any price: a market order, or a stop that was reached.
    """

    order: Order
    is_buy: bool
    limit: float
    stop: float
    lots: float
    is_market: bool
    is_post_only: bool
    tif: TimeInForce
    ahead: float = UNKNOWN
    shown: float = 0.0
    has_ended: bool = False

    @property
    def waits_for_stop(self) -> bool:
        return not math.isnan(self.stop)


class Trader(Protocol):
    """What makes fills of what the exchange finds, and tells the strategy."""

    def fill(self, one: Working, lots: float, price: float, at_ns: int, *, is_maker: bool) -> float:
        """Book an execution; the lots of it that the account could take."""
        ...

    def accept(self, one: Working, at_ns: int) -> None: ...

    def end(self, one: Working, rule: str, at_ns: int) -> None: ...

    def trigger(self, one: Working, at_ns: int) -> None: ...


class Exchange:
    """Matches the orders of one account against ticks.

    Args:
        tick, lot: of the instrument.
        trader: makes the fills.

    Attributes:
        row: the last row that has happened; -1 before the first.
        working: orders that have arrived and not ended, oldest first.
    """

    def __init__(
        self, ticks: Ticks, queue: QueueModel, trader: Trader, *, tick: float, lot: float
    ) -> None:
        self.queue, self.trader, self.lot = queue, trader, lot
        self.near = tick * TICK_SHARE
        self.row = -1
        self.working: list[Working] = []
        self.ts: list[int] | IntArray = ticks.ts
        self._kind = ticks.kind
        self._price, self._size, self._side = ticks.price, ticks.size, ticks.side
        self._prices = {True: ticks.ask, False: ticks.bid}
        self._sizes = {True: ticks.ask_size, False: ticks.bid_size}
        self._versions = {
            is_buy: _versions(self._prices[is_buy], self._sizes[is_buy]) for is_buy in (True, False)
        }
        # What we have taken from the asks (bids), and in which version of that side.
        self._taken = {True: 0.0, False: 0.0}
        self._taken_of = {True: -1, False: -1}
        self._by_trades = ticks.has_trades

    # What happens

    def happen(self, row: int) -> None:
        """Let a row happen to the orders that work: first its trade, then its prices."""
        self.row = row
        kind = int(self._kind[row])
        at_ns = int(self.ts[row])
        if kind & TRADE:
            self._trade(row, at_ns)
        if kind & QUOTE:
            self._quote(at_ns)
        self._tidy()

    def pass_to(self, row: int) -> None:
        """Stand at a row; no order works that could mind what happened until then."""
        self.row = row

    def arrive(self, one: Working, at_ns: int) -> None:
        """Take an order in as the book stands."""
        if one.is_post_only and self._crosses(one):
            self.trader.end(one, "would_take", at_ns)
            return
        if one.tif is TimeInForce.FOK and self._reachable(one) < one.lots:
            self.trader.end(one, "not_whole", at_ns)
            return
        self.trader.accept(one, at_ns)
        self.working.append(one)
        if one.waits_for_stop:
            self._try_stop(one, at_ns)
        else:
            self._enter(one, at_ns)
        self._tidy()

    def cancel(self, one: Working, at_ns: int, rule: str = "cancelled_by_strategy") -> None:
        """End an order if it still works."""
        if not one.has_ended:
            one.has_ended = True
            self.trader.end(one, rule, at_ns)
            self._tidy()

    # One order against the book

    def _enter(self, one: Working, at_ns: int) -> None:
        """Take what can be taken at once, and let the rest wait or end."""
        self._take(one, at_ns)
        if one.has_ended:
            return
        if one.tif in {TimeInForce.IOC, TimeInForce.FOK}:
            self.cancel(one, at_ns, "not_immediate")
        elif not one.is_market:
            self._queue_up(one)

    def _take(self, one: Working, at_ns: int) -> None:
        """Take the other side level by level, as far as the limit goes."""
        if self.row < 0:
            return
        prices, sizes = self._prices[one.is_buy][self.row], self._sizes[one.is_buy][self.row]
        gone = self._gone(is_buy=one.is_buy)
        for price, size in zip(prices.tolist(), sizes.tolist(), strict=True):
            if not self._within(one, price) or one.has_ended:
                return
            left = max(size - gone, 0.0)
            gone = max(gone - size, 0.0)
            lots = min(one.lots, self._lots(left))
            if lots > 0:
                self._take_note(lots, is_buy=one.is_buy)
                self._fill(one, lots, price, at_ns, is_maker=False)

    def _queue_up(self, one: Working) -> None:
        """Stand at the back of the order's level, as far as the book tells where that is."""
        found = self._level(one)
        one.ahead = one.shown = found
        if found == UNKNOWN:
            one.shown = 0.0

    def _level(self, one: Working) -> float:
        """What the book shows at its price on its own side; UNKNOWN beyond what it shows."""
        if self.row < 0:
            return UNKNOWN
        prices, sizes = (
            self._prices[not one.is_buy][self.row],
            self._sizes[not one.is_buy][self.row],
        )
        sign = 1.0 if one.is_buy else -1.0
        for price, size in zip(prices.tolist(), sizes.tolist(), strict=True):
            if abs(price - one.limit) <= self.near:
                return float(size)
            if not sign * price > sign * one.limit:  # better than this level, or there is none
                return 0.0
        return UNKNOWN

    # A row

    def _trade(self, row: int, at_ns: int) -> None:
        price, size, side = (
            float(self._price[row]),
            float(self._size[row]),
            int(self._side[row]),
        )
        used = 0.0
        for one in [*self.working]:
            if one.has_ended:
                continue
            if one.waits_for_stop:
                if self._by_trades and self._reaches(one, price):
                    self._trigger(one, at_ns)
                continue
            if one.is_market:
                continue
            room = self._room(one, price, size, side)
            lots = min(one.lots, self._lots(room - used))
            if lots > 0:
                used += lots * self.lot
                self._fill(one, lots, one.limit, at_ns, is_maker=True)

    def _room(self, one: Working, price: float, size: float, side: int) -> float:
        """How much of a trade could have been the order's; it moves up the queue by the rest."""
        beyond = (one.limit - price) * (1.0 if one.is_buy else -1.0)
        if beyond > self.near:  # traded through: whoever stood in front of it is gone
            one.ahead = one.shown = 0.0
            return size
        if beyond < -self.near or side == (1 if one.is_buy else -1) or one.ahead == UNKNOWN:
            return 0.0
        room = max(size - one.ahead, 0.0)
        one.ahead = max(one.ahead - size, 0.0)
        one.shown = max(one.shown - size, 0.0)
        return room

    def _quote(self, at_ns: int) -> None:
        for one in [*self.working]:
            if one.has_ended:
                continue
            if one.waits_for_stop:
                if not self._by_trades:
                    self._try_stop(one, at_ns)
            elif one.is_market:
                self._take(one, at_ns)
            elif self._crosses(one):
                self._be_crossed(one, at_ns)
            else:
                self._requeue(one)

    def _be_crossed(self, one: Working, at_ns: int) -> None:
        """The other side has come to the order: it fills at its own price."""
        one.ahead = one.shown = 0.0
        lots = min(one.lots, self._reachable(one))
        if lots > 0:
            self._take_note(lots, is_buy=one.is_buy)
            self._fill(one, lots, one.limit, at_ns, is_maker=True)

    def _requeue(self, one: Working) -> None:
        now = self._level(one)
        if now == UNKNOWN:
            return
        if one.ahead == UNKNOWN:
            one.ahead = now
        else:
            one.ahead = moved_up(self.queue, one.ahead, shown=one.shown, now=now)
        one.shown = now

    # Stops

    def _try_stop(self, one: Working, at_ns: int) -> None:
        if self.row < 0:
            return
        if self._by_trades:
            # The last trade is that of the row, or of one before; none yet reaches nothing.
            price = self._last_price()
        else:
            price = float(self._prices[one.is_buy][self.row, 0])
        if self._reaches(one, price):
            self._trigger(one, at_ns)

    def _last_price(self) -> float:
        row = self.row
        while row >= 0 and not self._kind[row] & TRADE:
            row -= 1
        return float(self._price[row]) if row >= 0 else math.nan

    def _reaches(self, one: Working, price: float) -> bool:
        sign = 1.0 if one.is_buy else -1.0
        return sign * (price - one.stop) >= -self.near

    def _trigger(self, one: Working, at_ns: int) -> None:
        one.stop = math.nan
        one.is_market = math.isnan(one.limit)
        self.trader.trigger(one, at_ns)
        self._enter(one, at_ns)

    # Small things

    def _within(self, one: Working, price: float) -> bool:
        """Whether an order takes a price of the other side; NaN is none."""
        if one.is_market:
            return not math.isnan(price)
        sign = 1.0 if one.is_buy else -1.0
        return sign * (one.limit - price) >= -self.near

    def _crosses(self, one: Working) -> bool:
        return self.row >= 0 and self._within(one, float(self._prices[one.is_buy][self.row, 0]))

    def _reachable(self, one: Working) -> float:
        """The lots that the other side shows within the order's limit, less what we have taken."""
        if self.row < 0:
            return 0.0
        prices, sizes = self._prices[one.is_buy][self.row], self._sizes[one.is_buy][self.row]
        gone, lots = self._gone(is_buy=one.is_buy), 0.0
        for price, size in zip(prices.tolist(), sizes.tolist(), strict=True):
            if not self._within(one, price):
                break
            lots += self._lots(max(size - gone, 0.0))
            gone = max(gone - size, 0.0)
        return lots

    def _lots(self, size: float) -> float:
        """The whole lots of a size."""
        if size == math.inf:
            return math.inf
        return float(math.floor(size / self.lot + TICK_SHARE))

    def _gone(self, *, is_buy: bool) -> float:
        """What we have taken from the other side since it last changed."""
        is_same = self._taken_of[is_buy] == self._versions[is_buy][self.row]
        return self._taken[is_buy] if is_same else 0.0

    def _take_note(self, lots: float, *, is_buy: bool) -> None:
        self._taken[is_buy] = self._gone(is_buy=is_buy) + lots * self.lot
        self._taken_of[is_buy] = int(self._versions[is_buy][self.row])

    def _fill(self, one: Working, lots: float, price: float, at_ns: int, *, is_maker: bool) -> None:
        taken = self.trader.fill(one, lots, price, at_ns, is_maker=is_maker)
        one.lots -= taken
        one.has_ended = one.has_ended or not one.lots

    def _tidy(self) -> None:
        if any(one.has_ended for one in self.working):
            self.working[:] = [one for one in self.working if not one.has_ended]


def _versions(prices: FloatArray, sizes: FloatArray) -> IntArray:
    """A number for each row that changes with the prices or sizes of a side."""
    changed = np.zeros(len(prices), dtype=np.bool_)
    for column in (prices, sizes):
        both_empty = np.isnan(column[1:]) & np.isnan(column[:-1])
        changed[1:] |= ((column[1:] != column[:-1]) & ~both_empty).any(axis=1)
    return np.cumsum(changed)
