"""The simulated venue: takes orders, fills them from bars, books the fills."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from quantloom.market import Instrument, exact, exactly
from quantloom.market.values import EXACT
from quantloom.simulation.matching import Match, match
from quantloom.simulation.slippage import Slippage
from quantloom.trading import (
    Fill,
    Ledger,
    Order,
    OrderKind,
    OrderStatus,
    OrderTicket,
    Refused,
    RoundTrip,
    Side,
)

_NOTHING_TO_CLOSE = Refused("nothing_to_close", "there was no open position left to close")
_POSITION_CLOSED = Refused("position_closed", "the position that it was to close is gone")
_CANCELLED = Refused("cancelled_by_strategy", "the strategy cancelled it")
_END_OF_DATA = Refused("end_of_data", "the data ended before it filled")


@dataclass(frozen=True, slots=True)
class Booking:
    """A fill, what it closed, and the account right after it."""

    order: Order
    fill: Fill
    trips: list[RoundTrip]
    cash: Decimal
    quantity: Decimal
    cost: Decimal


class SimulatedVenue:
    """Matches the orders of one account on one instrument against bars.

    Args:
        on_booking: called for each fill, after the ledger has booked it.
        on_update: called whenever an order has changed its state.
    """

    def __init__(
        self,
        instrument: Instrument,
        ledger: Ledger,
        slippage: Slippage,
        *,
        on_booking: Callable[[Booking], None],
        on_update: Callable[[Order], None],
    ) -> None:
        self.instrument = instrument
        self.ledger = ledger
        self.slippage = slippage
        self.working: list[Order] = []
        self._on_booking = on_booking
        self._on_update = on_update
        self._fills = 0

    def submit(self, ticket: OrderTicket) -> Order:
        """Take an order; it fills from the next bar on."""
        order = Order(ticket)
        refusal = self._check(ticket)
        if refusal is not None:
            self._end(order, OrderStatus.REJECTED, ticket.submitted_ns, refusal)
            return order
        order.move(OrderStatus.ACCEPTED, ticket.submitted_ns)
        self.working.append(order)
        self._on_update(order)
        return order

    def cancel(self, order: Order, at_ns: int) -> None:
        """Take a working order out; an ended one stays as it is."""
        if order in self.working:
            self.working.remove(order)
            self._end(order, OrderStatus.CANCELLED, at_ns, _CANCELLED)

    def expire_all(self, at_ns: int) -> None:
        """End every order that is still working, since no further bar will come."""
        for order in self.working:
            self._end(order, OrderStatus.EXPIRED, at_ns, _END_OF_DATA)
        self.working.clear()

    def match_bar(self, ts_ns: int, day: int, open_: float, high: float, low: float) -> None:
        """Fill what the bar reaches, in the order of `Moment`; then give stops a second chance."""
        hits = match(self.working, open_, high, low)
        if not hits:
            return
        with exactly():
            for hit in hits:
                self._execute(hit, ts_ns, day)
            for hit in hits:
                self._execute_late_stop(hit, ts_ns, day)
        self.working[:] = [order for order in self.working if not order.is_ended]

    def _check(self, ticket: OrderTicket) -> Refused | None:
        instrument = self.instrument
        if ticket.is_reduce_only and not ticket.quantity:
            return _NOTHING_TO_CLOSE
        if ticket.may_trim and not ticket.quantity:
            return Refused(
                "insufficient_funds",
                f"the account's size for it comes to less than one lot of {instrument.lot}",
            )
        if ticket.quantity <= 0 or EXACT.remainder(ticket.quantity, instrument.lot):
            return Refused(
                "off_lot",
                f"quantity {ticket.quantity} is not a positive multiple of lot {instrument.lot}",
            )
        if ticket.price is not None and EXACT.remainder(ticket.price, instrument.tick_size):
            return Refused(
                "off_tick",
                f"price {ticket.price} is not a multiple of tick {instrument.tick_size}; "
                "round it with ctx.round_down or ctx.round_up",
            )
        if ticket.price is not None and ticket.price <= 0:
            return Refused("bad_price", f"price {ticket.price} is not above zero")
        return None

    def _execute(self, hit: Match, ts_ns: int, day: int) -> None:
        order = hit.order
        if order.is_ended:
            return
        reference = exact(hit.reference)
        price = self._price(order, reference)
        quantity = self._quantity(order, price, day)
        if not quantity:
            if order.ticket.kind is OrderKind.MARKET:
                self._end(order, OrderStatus.REJECTED, ts_ns, _NOTHING_TO_CLOSE)
            return
        ticket = order.ticket
        charge = self.ledger.charge(order, self.instrument, quantity, price, day)
        refusal = self.ledger.review(
            self.instrument, ticket.side, quantity, price, charge.commission
        )
        if refusal is not None:
            self._end(order, OrderStatus.REJECTED, ts_ns, refusal)
            return
        order.raw_charge += charge.raw
        order.charged += charge.due
        self._fills += 1
        fill = Fill(
            id=self._fills,
            order_id=ticket.id,
            symbol=ticket.symbol,
            side=ticket.side,
            quantity=quantity,
            price=price,
            commission=charge.commission,
            slippage=self._slipped(price, reference) * quantity,
            ts_ns=ts_ns,
            day=day,
            tag=ticket.tag,
        )
        order.add_fill(quantity, ts_ns)
        self._book(order, fill)

    def _execute_late_stop(self, hit: Match, ts_ns: int, day: int) -> None:
        """Give a closing stop its second chance: the bar may have opened what it protects."""
        if hit.order.is_ended or hit.order.ticket.kind is not OrderKind.STOP:
            return
        lots = self.ledger.position(self.instrument).lots
        if not lots:
            return
        # No better than the price at which the position was opened: the market was there last.
        worse = min if hit.order.ticket.side is Side.SELL else max
        reference = worse(hit.reference, float(lots[-1].price))
        self._execute(hit._replace(reference=reference), ts_ns, day)

    def _book(self, order: Order, fill: Fill) -> None:
        position = self.ledger.position(self.instrument)
        before = position.quantity
        trips = self.ledger.apply(fill, self.instrument)
        self._on_booking(
            Booking(order, fill, trips, self.ledger.cash, position.quantity, position.cost)
        )
        if order.remaining and not order.is_ended:
            self._end(order, OrderStatus.CANCELLED, fill.ts_ns, _rest_refusal(order))
        else:
            self._on_update(order)
        if before and before * position.quantity <= 0:
            self._drop_closers(before, fill.ts_ns)

    def _drop_closers(self, gone: Decimal, at_ns: int) -> None:
        """Cancel the stops and limits that waited to close a position that is no longer there."""
        for order in self.working:
            ticket = order.ticket
            waits = ticket.is_reduce_only and ticket.kind is not OrderKind.MARKET
            if waits and ticket.side.sign * gone < 0 and not order.is_ended:
                self._end(order, OrderStatus.CANCELLED, at_ns, _POSITION_CLOSED)

    def _price(self, order: Order, reference: Decimal) -> Decimal:
        ticket = order.ticket
        if ticket.kind is not OrderKind.LIMIT:
            return self.slippage.worsen(reference, ticket.side, self.instrument)
        # A limit order never slips; an open off the tick is snapped, at worst onto the limit.
        if ticket.side is Side.BUY:
            return self.instrument.round_up(reference)
        return self.instrument.round_down(reference)

    def _slipped(self, price: Decimal, reference: Decimal) -> Decimal:
        return abs(price - reference) * self.instrument.multiplier

    def _quantity(self, order: Order, price: Decimal, day: int) -> Decimal:
        wanted = order.remaining
        if order.ticket.is_reduce_only:
            position = self.ledger.position(self.instrument)
            return position.closing_part(order.ticket.side, wanted)
        if order.ticket.may_trim:
            return self._affordable(order, wanted, price, day)
        return wanted

    def _affordable(self, order: Order, wanted: Decimal, price: Decimal, day: int) -> Decimal:
        """The most lots the account can pay for, found by halving; all of them in most cases."""
        position = self.ledger.position(self.instrument)
        if position.closing_part(order.ticket.side, wanted) == wanted:
            return wanted
        lot = self.instrument.lot
        low, high = 0, int(wanted // lot)
        while low < high:
            # The first guess is the whole order: usually it fits.
            tried = high if high * lot == wanted else (low + high + 1) // 2
            if self._is_affordable(order, tried * lot, price, day):
                low = tried
            else:
                high = tried - 1
        # One lot that is not affordable is left to the review, which names the shortfall.
        return max(low, 1) * lot

    def _is_affordable(self, order: Order, quantity: Decimal, price: Decimal, day: int) -> bool:
        charge = self.ledger.charge(order, self.instrument, quantity, price, day)
        side = order.ticket.side
        refusal = self.ledger.review(self.instrument, side, quantity, price, charge.commission)
        return refusal is None

    def _end(self, order: Order, status: OrderStatus, at_ns: int, refusal: Refused) -> None:
        order.move(status, at_ns, refusal)
        self._on_update(order)


def _rest_refusal(order: Order) -> Refused:
    if order.ticket.is_reduce_only:
        return Refused("nothing_to_close", f"{order.filled} closed all there was to close")
    return Refused("trimmed", f"the account could hold {order.filled} of it and no more")
