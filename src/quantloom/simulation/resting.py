"""A working order as the venue keeps it, and the bar that it is offered to."""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from quantloom.market import Instrument, exact
from quantloom.trading import ZERO, Condition, Distance, Order, OrderKind, Role, Side, TimeInForce

_STOPS = (OrderKind.STOP, OrderKind.TRAILING_STOP)
# At one moment alone: the open that comes first, the day's open, the day's close.
_AT_OPEN = (TimeInForce.IOC, TimeInForce.FOK, TimeInForce.OPEN)
_IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)


class OfferedBar(NamedTuple):
    """A bar to match against.

    Attributes:
        ts_ns: open time, UTC nanoseconds.
        day: trading day as days since 1970.
        is_day_start, is_day_end: whether it is the first or last bar of its trading day.
        trades: False where nothing changed hands, so that nothing is filled or reached.
        volume: NaN where unknown, or not counted in what is traded.
        ends_wait: whether the latency of orders runs down with it; not with finer bars between.
        closes_ns: when it is over, UTC nanoseconds.
        begins_ns: open of the bar that it is inside of. The finer bars of a night session open
            before that of their day, and are offered what was sent up to then all the same.
    """

    ts_ns: int
    day: int
    open: float
    high: float
    low: float
    close: float
    volume: float = math.nan
    is_day_start: bool = False
    is_day_end: bool = False
    trades: bool = True
    ends_wait: bool = True
    closes_ns: int = 0
    begins_ns: int = 0


@dataclass(slots=True, eq=False)
class Resting:
    """What the venue remembers of a working order.

    Attributes:
        is_closing: fills only against an open position of the other side.
        limit, stop: the order's prices as float64, for comparing with bars; NaN where none.
        is_triggered: a stop-limit order whose stop was reached.
        wait, cancel_wait: bars until it is offered, and until its cancel arrives.
        since_ns: bars that opened before it are not offered it: it was not there yet.
        is_early: whether the present bar is one of those.
        condition: what it still waits for.
        distance: that of the ticket; a split changes what it is counted in.
        best: where a trailing stop has followed the price to.
        first_day: trading day of the first bar that it was offered to.
        claimed: lots that it had frozen when it arrived.
        was_offered: whether a bar that trades was among them.
        has_rested: whether it stood in the book when the present bar opened, and so makes a price.
        was_tried: whether the present bar has tried it with something to close.
        is_drawn: whether the present bar's range draws it along, if it trails.
        halves: the other orders of a bracket, known to its entry. group: those linked by `oco`.
    """

    order: Order
    instrument: Instrument
    limit: float
    stop: float
    is_buy: bool
    is_closing: bool
    tif: TimeInForce
    is_triggered: bool = False
    wait: int = 0
    cancel_wait: int | None = None
    since_ns: int = 0
    is_early: bool = False
    condition: Condition | None = None
    distance: Distance | None = None
    best: Decimal | None = None
    first_day: int | None = None
    claimed: Decimal = ZERO
    was_offered: bool = False
    has_rested: bool = False
    was_tried: bool = False
    is_drawn: bool = True
    halves: list["Resting"] = field(default_factory=list)
    group: list["Resting"] = field(default_factory=list)

    @classmethod
    def of(cls, order: Order, instrument: Instrument) -> "Resting":
        ticket = order.ticket
        return cls(
            order,
            instrument,
            _float(order.price),
            _float(order.stop),
            ticket.side is Side.BUY,
            ticket.is_reduce_only or ticket.terms.offset.only_closes,
            ticket.terms.tif,
            since_ns=0 if ticket.role is not Role.ENTRY else ticket.submitted_ns,
            condition=ticket.terms.condition,
            distance=ticket.distance,
        )

    @property
    def is_stop(self) -> bool:
        """A stop or trailing stop that was not reached yet."""
        return self.order.ticket.kind in _STOPS and not self.order.is_market

    @property
    def is_trailing(self) -> bool:
        return self.order.ticket.kind is OrderKind.TRAILING_STOP and not self.order.is_market

    @property
    def waits_for_stop(self) -> bool:
        """A stop-limit order that is no limit order yet."""
        return self.order.ticket.kind is OrderKind.STOP_LIMIT and not self.is_triggered

    @property
    def is_unseen_limit(self) -> bool:
        """A limit order, not held back, that no bar has passed."""
        return not (self.has_rested or math.isnan(self.limit) or self.order.is_held)

    @property
    def is_immediate(self) -> bool:
        return self.tif in _IMMEDIATE

    @property
    def is_at_open_only(self) -> bool:
        return self.tif in _AT_OPEN

    @property
    def is_offered(self) -> bool:
        """Whether a bar may fill it: it has arrived, and waits for nothing but a price."""
        is_waiting = self.wait or self.is_early or self.order.is_held
        return not is_waiting and not self.order.is_ended

    def is_stop_reached(self, price: float) -> bool:
        return price >= self.stop if self.is_buy else price <= self.stop

    def is_limit_reached(self, price: float) -> bool:
        return price <= self.limit if self.is_buy else price >= self.limit

    def follow(self, price: float) -> None:
        """Draw a trailing stop along with the market, never back."""
        found, best = exact(price), self.best
        if best is None or (found < best if self.is_buy else found > best):
            self.best = found
            self.place_stop(found)

    def place_stop(self, start: Decimal) -> None:
        """Put a stop at the ticket's distance from a price."""
        distance = self.distance
        if distance is not None:
            place = distance.above if self.is_buy else distance.below
            self.order.stop = place(start, self.instrument)
            self.stop = float(self.order.stop)

    def place_limit(self, start: Decimal) -> None:
        """Put a limit at the ticket's distance from a price, on the side where it is better."""
        distance = self.distance
        if distance is not None:
            place = distance.below if self.is_buy else distance.above
            self.order.price = place(start, self.instrument)
            self.limit = float(self.order.price)


def _float(price: Decimal | None) -> float:
    return math.nan if price is None else float(price)
