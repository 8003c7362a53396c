"""How an order that a bar reaches becomes a fill: how much, at what price, and whether at all."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from quantloom.market import Instrument, exact
from quantloom.simulation.book import Book
from quantloom.simulation.matching import Hit, Moment
from quantloom.simulation.offsetting import OffsetRouter, Way
from quantloom.simulation.reasons import BOUGHT_TODAY, NOTHING_TO_CLOSE, all_closed, trimmed
from quantloom.simulation.resting import OfferedBar, Resting
from quantloom.simulation.slippage import SlippageModel, worsen
from quantloom.trading import (
    ZERO,
    Charge,
    Fill,
    Ledger,
    Liquidation,
    Offset,
    Order,
    OrderStatus,
    Position,
    Refused,
    Role,
    RoundTrip,
    Side,
    Split,
    TimeInForce,
    lost_between,
)

_BEFORE_TRIGGER = (OrderStatus.ACCEPTED, OrderStatus.PENDING_CANCEL)
_INSIDE = (Moment.INSIDE_CLOSING_LIMIT, Moment.INSIDE_LIMIT)
_NO_CHARGE = Charge(ZERO, ZERO, ZERO)
_NOT_WHOLE = Refused("not_whole", "the open could not fill all of it at once")
_WOULD_CLOSE = Refused("would_close", "it may only open, and a position of the other side is open")


class Booking(NamedTuple):
    """A fill, what it closed, and the account right after it."""

    order: Order
    fill: Fill
    trips: list[RoundTrip]
    cash: Decimal
    quantity: Decimal
    cost: Decimal


class _Deal(NamedTuple):
    """What a fill comes to."""

    quantity: Decimal
    price: Decimal
    commission: Decimal
    slippage: Decimal
    split: Split | None = None


class _Weighed(NamedTuple):
    """What a fill would cost, and what speaks against it."""

    charge: Charge
    refusal: Refused | None
    way: Way = Way()


class Executor:
    """Turns hits into fills on one account.

    Args:
        on_booking: called for each fill, after the ledger has booked it.
        end: ends an order with a status and a reason.
        announce: called when an order has changed its state without ending.
        router: says what each fill closes and opens; without one a fill closes all it can.
    """

    def __init__(
        self,
        ledger: Ledger,
        slippage: SlippageModel,
        *,
        on_booking: Callable[[Booking], None],
        end: Callable[[Resting, OrderStatus, int, Refused], None],
        announce: Callable[[Order], None],
        router: OffsetRouter | None = None,
    ) -> None:
        self.ledger = ledger
        self._router = router
        self.slippage = slippage
        self._on_booking = on_booking
        self._end = end
        self._announce = announce
        self._fills = 0

    def execute(self, hit: Hit, book: Book, bar: OfferedBar) -> Fill | None:
        """Fill what can be filled of a hit; None if nothing was."""
        resting = hit.resting
        if resting.order.is_ended:
            return None
        wanted = self.fillable(resting, bar.day)
        if not wanted:
            self._turn_away(resting, bar.ts_ns)
            return None
        resting.was_tried = True
        if self._only_opens_against_a_position(resting):
            self._end(resting, OrderStatus.REJECTED, bar.ts_ns, _WOULD_CLOSE)
            return None
        capped = wanted if book.left is None else min(wanted, book.left)
        if resting.tif is TimeInForce.FOK and capped < resting.order.remaining:
            self._end(resting, OrderStatus.CANCELLED, bar.ts_ns, _NOT_WHOLE)
            return None
        self._trigger(resting)
        if not capped or book.is_locked(hit, bar):
            self._tell_of_trigger(resting, bar.ts_ns)
            return None
        return self._fill(hit, book, bar, wanted=wanted, capped=capped)

    def fillable(self, resting: Resting, day: int) -> Decimal:
        """What is left of an order, and for one that closes no more than there is to close."""
        order, ticket = resting.order, resting.order.ticket
        position = self.ledger.position(resting.instrument)
        if not resting.is_closing and not _may_be_held(resting, position):
            return order.remaining
        wanted = order.outstanding
        return position.closing_part(ticket.side, wanted, ticket.terms.offset, day)

    def _fill(
        self, hit: Hit, book: Book, bar: OfferedBar, *, wanted: Decimal, capped: Decimal
    ) -> Fill | None:
        resting, order = hit.resting, hit.resting.order
        met = exact(hit.met)
        price = self._price(hit, met, capped, book)
        quantity = self._affordable(order, book, capped, price, bar.day)
        charge, refusal, way = self._weigh(
            order, book.instrument, quantity, price, bar.day, is_maker=_is_maker(hit, bar)
        )
        if refusal is not None:
            self._end(resting, OrderStatus.REJECTED, bar.ts_ns, refusal)
            return None
        if resting.tif is TimeInForce.FOK and quantity < capped:
            self._end(resting, OrderStatus.CANCELLED, bar.ts_ns, _NOT_WHOLE)
            return None
        order.raw_charge += charge.raw
        order.charged += charge.due
        if way.told:
            order.routing = "\n".join(filter(None, (order.routing, way.told)))
        slipped = lost_between(book.instrument, quantity, met, price)
        deal = _Deal(quantity, price, charge.commission, slipped, way.split)
        fill = self._book(order, book, deal, bar.ts_ns, bar.day)
        book.take(quantity)
        self._end_rest(resting, fill, wanted=wanted, capped=capped)
        return fill

    def _weigh(
        self,
        order: Order,
        instrument: Instrument,
        quantity: Decimal,
        price: Decimal,
        day: int,
        *,
        is_maker: bool = False,
    ) -> _Weighed:
        side = order.ticket.side
        if self._router is None:
            charge = self.ledger.charge(order, instrument, quantity, price, day, is_maker=is_maker)
            refusal = self.ledger.review(instrument, side, quantity, price, charge.commission)
            return _Weighed(charge, refusal)
        weighed = _Weighed(_NO_CHARGE, None)
        for way in self._router.ways(order.ticket, instrument, quantity, price=price, day=day):
            if isinstance(way, Refused):
                return weighed if weighed.refusal else _Weighed(_NO_CHARGE, way)
            charge = self.ledger.charge(
                order, instrument, quantity, price, day, is_maker=is_maker, split=way.split
            )
            refusal = self.ledger.review(
                instrument, side, quantity, price, charge.commission, split=way.split, day=day
            )
            weighed = _Weighed(charge, refusal, way)
            if refusal is None:
                break
        return weighed

    def roll(self, resting: Resting, book: Book, bar: OfferedBar) -> None:
        """Fill an order of a roll at the open of its contract's bar, whatever its volume."""
        wanted = self.fillable(resting, bar.day)
        hit = Hit(Moment.OPEN_MARKET, resting.order.id, resting, bar.open)
        if wanted:
            self._fill(hit, book, bar, wanted=wanted, capped=wanted)

    def conclude(self, resting: Resting, book: Book, price: Decimal, at_ns: int, day: int) -> Fill:
        """Close a position at a price that is set, at no cost where its contract has ended."""
        order, quantity = resting.order, resting.order.ticket.quantity
        split = None
        if self._router is not None:
            split = self._router.by_name(order.ticket, book.instrument, quantity, day)
        commission = ZERO
        if order.ticket.role is Role.DELIVERY:
            charge = self.ledger.charge(order, book.instrument, quantity, price, day, split=split)
            commission = charge.commission
        deal = _Deal(quantity, price, commission, ZERO, split)
        return self._book(resting.order, book, deal, at_ns, day)

    def force(
        self, resting: Resting, book: Book, liquidation: Liquidation, bar: OfferedBar
    ) -> Fill:
        """Close a position at the mark price that has ended it, for the fee of that."""
        deal = _Deal(liquidation.quantity, liquidation.price, liquidation.fee, ZERO)
        return self._book(resting.order, book, deal, bar.ts_ns, bar.day)

    def _book(self, order: Order, book: Book, deal: _Deal, at_ns: int, day: int) -> Fill:
        ticket = order.ticket
        self._fills += 1
        rate = self.ledger.rate(ticket.symbol)
        if rate is not None:
            deal = deal._replace(commission=deal.commission * rate, slippage=deal.slippage * rate)
        fill = Fill(
            id=self._fills,
            order_id=ticket.id,
            symbol=ticket.symbol,
            side=ticket.side,
            quantity=deal.quantity,
            price=deal.price,
            commission=deal.commission,
            slippage=deal.slippage,
            ts_ns=at_ns,
            day=day,
            tag=ticket.tag,
            offset=ticket.terms.offset,
            cause=ticket.kind if ticket.role is Role.ENTRY else ticket.role,
            rate=rate,
            split=deal.split,
        )
        order.add_fill(deal.quantity, at_ns)
        position = self.ledger.position(book.instrument)
        trips = self.ledger.apply(fill, book.instrument)
        self._on_booking(
            Booking(order, fill, trips, self.ledger.cash, position.quantity, position.cost)
        )
        return fill

    def _end_rest(self, resting: Resting, fill: Fill, *, wanted: Decimal, capped: Decimal) -> None:
        """Cancel what no later bar can fill; what the volume left waits."""
        order = resting.order
        if fill.quantity < capped:
            rule = trimmed(order.filled)
        elif order.remaining and capped == wanted:
            rule = all_closed(order.filled)
            if _may_be_held(resting, self.ledger.position(resting.instrument)):
                rule = BOUGHT_TODAY
        else:
            self._announce(order)
            return
        self._end(resting, OrderStatus.CANCELLED, fill.ts_ns, rule)

    def _turn_away(self, resting: Resting, at_ns: int) -> None:
        """End a market order that has nothing to close; a stop or limit order sleeps on."""
        order = resting.order
        if order.is_market:
            status = OrderStatus.CANCELLED if order.filled else OrderStatus.REJECTED
            is_held = _may_be_held(resting, self.ledger.position(resting.instrument))
            self._end(resting, status, at_ns, BOUGHT_TODAY if is_held else NOTHING_TO_CLOSE)

    def _only_opens_against_a_position(self, resting: Resting) -> bool:
        ticket = resting.order.ticket
        if ticket.terms.offset is not Offset.OPEN or self._router is not None:
            return False
        return self.ledger.position(resting.instrument).quantity * ticket.side.sign < 0

    def _trigger(self, resting: Resting) -> None:
        if resting.is_stop:
            resting.order.is_market = True
        elif resting.waits_for_stop:
            resting.is_triggered = True

    def _tell_of_trigger(self, resting: Resting, at_ns: int) -> None:
        """Say that a stop was reached which found no volume left."""
        order = resting.order
        if order.stop is not None and order.status in _BEFORE_TRIGGER:
            order.move(OrderStatus.TRIGGERED, at_ns)
            self._announce(order)

    def _price(self, hit: Hit, met: Decimal, quantity: Decimal, book: Book) -> Decimal:
        instrument, limit = book.instrument, hit.resting.order.price
        side = hit.resting.order.ticket.side
        is_buy = side is Side.BUY
        if limit is not None and hit.moment is not Moment.INSIDE_STOP:
            # A limit order never slips; an open off the tick is snapped, at worst onto the limit.
            snapped = instrument.round_up(met) if is_buy else instrument.round_down(met)
            return book.within(snapped, is_buy=is_buy)
        distance = self.slippage.distance(met, quantity, instrument, book)
        price = book.within(worsen(met, distance, side, instrument), is_buy=is_buy)
        if limit is None:
            return price
        return min(price, limit) if is_buy else max(price, limit)

    def _affordable(
        self, order: Order, book: Book, wanted: Decimal, price: Decimal, day: int
    ) -> Decimal:
        """The most lots the account can pay for, found by halving; all of them in most cases."""
        instrument = book.instrument
        position = self.ledger.position(instrument)
        if (
            not order.ticket.may_trim
            or position.closing_part(order.ticket.side, wanted, day=day) == wanted
        ):
            return wanted
        lot = instrument.lot
        low, high = 0, int(wanted // lot)
        while low < high:
            # The first guess is the whole order: usually it fits.
            tried = high if high * lot == wanted else (low + high + 1) // 2
            if self._is_affordable(order, instrument, tried * lot, price, day):
                low = tried
            else:
                high = tried - 1
        # The least that is not affordable is left to the review, which names the shortfall.
        return min(max(low * lot, book.least(order)), wanted)

    def _is_affordable(
        self, order: Order, instrument: Instrument, quantity: Decimal, price: Decimal, day: int
    ) -> bool:
        return self._weigh(order, instrument, quantity, price, day).refusal is None


def _is_maker(hit: Hit, bar: OfferedBar) -> bool:
    """Whether an order gave others its price: it rested, or the market came to it inside the bar.

    What was marketable as it arrived takes.
    """
    if hit.moment is Moment.OPEN_LIMIT:
        return hit.resting.has_rested
    if hit.moment not in _INSIDE:
        return False
    return hit.resting.has_rested or not hit.resting.is_limit_reached(bar.open)


def _may_be_held(resting: Resting, position: Position) -> bool:
    """Whether an order sells what may have been bought today, where that must be kept a night."""
    return position.holds_today and not resting.is_buy and position.quantity > 0
