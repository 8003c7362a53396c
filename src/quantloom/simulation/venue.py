"""The simulated venue: takes orders, offers them to bars, ends what has had its time.

What fills, and in which order, is `matching`'s; how much and at what price is `execution`'s.
docs/reference/fills.md says all of it in sentences.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import cast

from quantloom.market import Instrument, Shift, exactly
from quantloom.market.rulebook.topics import Grid
from quantloom.simulation.book import Book
from quantloom.simulation.checks import check
from quantloom.simulation.claims import claim
from quantloom.simulation.execution import Booking, Executor
from quantloom.simulation.linked import follow_up
from quantloom.simulation.liquidator import Forced, Liquidator, comes_before
from quantloom.simulation.matching import (
    Hit,
    Moment,
    reach_close,
    reach_inside,
    reach_late,
    reach_open,
    trigger_at_open,
)
from quantloom.simulation.offsetting import OffsetRouter
from quantloom.simulation.reasons import CANCELLED, END_OF_DATA
from quantloom.simulation.restating import bracket_of, move, move_level, multiply
from quantloom.simulation.resting import OfferedBar, Resting
from quantloom.simulation.slippage import History, SlippageModel
from quantloom.simulation.waiting import (
    Ending,
    ended_before,
    ended_by_open,
    ended_by_taking,
    ended_unoffered,
    ended_with_day,
    time_has_come,
    touching_bar,
)
from quantloom.simulation.working import WorkingOrders
from quantloom.trading import (
    ZERO,
    DayTerms,
    Ledger,
    Order,
    OrderKind,
    OrderStatus,
    OrderTicket,
    Refused,
    Role,
    RoutingOptions,
)

_RESTATED_AWAY = Refused(
    "restated_away", "told in the terms of a new contract or share, nothing of it was left"
)
_LIQUIDATED = Refused("liquidated", "the position on its instrument was liquidated")

Offers = Sequence[tuple[Book, OfferedBar]]
Found = tuple[Hit, Book, OfferedBar]


class SimulatedVenue:
    """Matches the orders of one account against bars.

    Args:
        participation: the share of a bar's volume that all orders on an instrument may take.
        routing: how an offset router splits fills into what closes and what opens; None for what
            closes all it can, then opens.
        latency: bars that go by before an order or a cancel arrives.
        histories: where the impact of an instrument's orders is reckoned from, by symbol.
        on_booking: called for each fill, after the ledger has booked it.
        on_update: called whenever an order has changed its state.

    Attributes:
        working: every order that has not ended, oldest first.
        books: the orders by symbol.
        liquidator: closes swaps whose margin is gone; None where nothing does.
    """

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        ledger: Ledger,
        slippage: SlippageModel,
        *,
        on_booking: Callable[[Booking], None],
        on_update: Callable[[Order], None],
        participation: Decimal | None = None,
        routing: RoutingOptions | None = None,
        latency: int = 0,
        histories: Mapping[str, History] | None = None,
    ) -> None:
        found = histories or {}
        self.ledger = ledger
        self.liquidator: Liquidator | None = None
        self.books = {
            symbol: Book(
                instrument,
                participation,
                found.get(symbol),
                minds_makers=ledger.may_pay_makers(instrument),
            )
            for symbol, instrument in instruments.items()
        }
        self._latency = latency
        self._on_update = on_update
        self._orders = orders = WorkingOrders(self.books, latency=latency, announce=on_update)
        self.working = orders.every
        self._executor = Executor(
            ledger,
            slippage,
            on_booking=on_booking,
            end=orders.end,
            announce=on_update,
            router=None if routing is None else OffsetRouter(ledger, routing),
        )

    # What a strategy asks for

    def submit(
        self,
        ticket: OrderTicket,
        children: Sequence[OrderTicket] = (),
        *,
        last_price: float | None = None,
        refusal: Refused | None = None,
    ) -> Order:
        """Take an order, or the three of a bracket, to be offered to the next bar.

        Args:
            last_price: from which a trailing stop starts; from its first open if not given.
            refusal: why the sender's side has turned it down already.
        """
        entry = Resting.of(Order(ticket), self.books[ticket.symbol].instrument)
        halves = [Resting.of(Order(child), entry.instrument) for child in children]
        entry.order.children = tuple(half.order for half in halves)
        entry.halves = halves
        if ticket.kind is OrderKind.TRAILING_STOP and last_price is not None:
            with exactly():
                entry.follow(last_price)
        grid = self.ledger.terms_of(ticket.symbol).grid
        held = self._held(entry, grid)
        checks = (
            check(one.order.ticket, one.instrument, grid, last_price, held)
            for one in (entry, *halves)
        )
        refusal = refusal or next((found for found in checks if found is not None), None)
        if refusal is not None:
            self._orders.end(entry, OrderStatus.REJECTED, ticket.submitted_ns, refusal)
            return entry.order
        self._orders.rest(entry)
        for half in halves:
            half.order.entry, half.order.is_held = entry.order, True
            self._orders.admit(half)
        return entry.order

    def cancel(self, orders: Sequence[Order], at_ns: int) -> None:
        """Take working orders out; ended ones stay as they are."""
        for order in orders:
            resting = self._orders.find(order)
            if resting is None or order.is_ended or resting.cancel_wait is not None:
                continue
            if order.ticket.role is Role.LIQUIDATION:  # it is the broker's own
                continue
            if self._latency:
                resting.cancel_wait = self._latency
                order.move(OrderStatus.PENDING_CANCEL, at_ns)
                self._on_update(order)
            else:
                self._orders.end(resting, OrderStatus.CANCELLED, at_ns, CANCELLED)
        self._orders.tidy(
            {order.ticket.symbol: self.books[order.ticket.symbol] for order in orders}.values()
        )

    def link(self, orders: Iterable[Order]) -> None:
        """Let the first fill of one of these orders cancel the others."""
        self._orders.link(orders)

    def expire_all(self, at_ns: int) -> None:
        """End every order that is still working, since no further bar will come."""
        for order in [*self.working]:
            resting = self._orders.get(order)
            if not order.is_ended:
                self._orders.end(resting, OrderStatus.EXPIRED, at_ns, END_OF_DATA)
        self._orders.tidy(self.books.values())

    # What happens between bars

    def end_unoffered(self, order: Order, at_ns: int) -> None:
        """End an order for a day that went by without a bar of its instrument."""
        one = self._orders.get(order)
        ending = ended_unoffered(one)
        self._orders.end(one, ending.status, at_ns, ending.refusal)
        self._orders.tidy([self.books[order.ticket.symbol]])

    def end_orders(self, symbol: str, at_ns: int, refusal: Refused) -> None:
        """End every order on an instrument that trades no more."""
        book = self.books[symbol]
        for one in book.resting:
            self._orders.cancel(one, at_ns, refusal)
        self._orders.tidy([book])

    def conclude(self, ticket: OrderTicket, price: Decimal, at_ns: int, day: int) -> Order:
        """Close a position whose contract or listing has ended, or which must be left before."""
        book = self.books[ticket.symbol]
        self._take_up_terms(book)
        resting = Resting.of(Order(ticket), book.instrument)
        resting.order.move(OrderStatus.ACCEPTED, at_ns)
        self._executor.conclude(resting, book, price, at_ns, day)
        self._on_update(resting.order)
        self._orders.tidy([book])
        return resting.order

    def roll(self, ticket: OrderTicket, bar: OfferedBar) -> Order:
        """Leave one contract of a series, or enter another, at the open of its bar."""
        book = self.books[ticket.symbol]
        resting = Resting.of(Order(ticket), book.instrument)
        resting.order.move(OrderStatus.ACCEPTED, bar.ts_ns)
        book.begin(bar)
        if self.ledger.is_ruled:
            self._take_up_terms(book)
        self._executor.roll(resting, book, bar)
        return resting.order

    def restate(self, symbol: str, shift: Shift, at_ns: int) -> None:
        """Tell the orders on an instrument in new terms, so that they still wait where they did.

        Prices are snapped to the tick against their sender, quantities down to whole lots. What
        comes to nothing is cancelled.
        """
        book = self.books[symbol]
        working = [one for one in book.resting if not one.order.is_ended]
        if shift.quantity != 1:
            closing = {one.order.id for one in working if one.is_closing}
            for order in bracket_of(one.order for one in working):
                is_closing = order.id in closing
                multiply(order, shift.quantity, book.instrument.lot, is_closing=is_closing)
        for one in self._orders.conditional:
            move_level(one, shift, symbol)
        for one in working:
            if move(one, shift) and one.order.remaining:
                if not one.order.is_market or shift.quantity != 1:
                    self._on_update(one.order)
            else:
                self._orders.cancel(one, at_ns, _RESTATED_AWAY)
        self._orders.tidy([book])

    # What happens with a bar

    def match(self, bars: Mapping[str, OfferedBar]) -> None:
        """Offer the bars that are matched together, moment by moment.

        Args:
            bars: by symbol; those of symbols without orders matter to conditions alone.
        """
        offers = [(self.books[symbol], bar) for symbol, bar in bars.items()]
        with exactly():
            for book, bar in offers:
                self._begin(book, bar)
            trading = [(book, bar) for book, bar in offers if bar.trades]
            if self.liquidator is not None:
                self.liquidator.take_up(bars)
                self._force(offers, [], self.liquidator.at_open)
            self._fill(trading, self._look_at_open)
            # Market orders alone, the usual case, have all ended by now.
            is_over = not (self._orders.conditional or any(book.has_working for book, _ in offers))
            if not is_over or (self.liquidator is not None and self.liquidator.is_near):
                self._end_immediate(offers)
                self._fill_inside(offers, trading, reach_inside)
                self._fill_inside(offers, trading, reach_late)
                self._fill(trading, partial(_reached, reach_close))
                self._end_bars(offers, trading)
        self._orders.tidy([book for book, _ in offers])
        if self.liquidator is not None:
            self.watch_margin(self.ledger.terms_of)

    def watch_margin(self, terms: Callable[[str], DayTerms]) -> None:
        """Find the prices at which the next bar may close a position by force."""
        if self.liquidator is not None:
            with exactly():
                self.liquidator.watch(self.books, terms)

    @property
    def is_watching(self) -> bool:
        """Whether an order waits for the price of an instrument, which may have no orders."""
        return bool(self._orders.conditional)

    def _held(self, one: Resting, grid: Grid | None) -> tuple[Decimal, ...]:
        """What may be left under a lot, to be closed in one go."""
        if grid is None:
            is_exit = one.order.ticket.is_reduce_only
            return (self.ledger.position(one.instrument).quantity,) if is_exit else ()
        return self._sellable(one) if grid.odd_lot_sells else ()

    def _sellable(self, one: Resting) -> tuple[Decimal, ...]:
        """What a sale could sell, with and without what sales on their way will."""
        held = self.ledger.position(one.instrument).quantity
        if one.is_buy or held <= 0:
            return ()
        book = self.books[one.order.ticket.symbol]
        sales = (
            other.order.remaining
            for other in book.resting
            if not (other.is_buy or other.is_stop or other.waits_for_stop or other.order.is_held)
        )
        with exactly():
            return held, held - sum(sales, ZERO)

    # Before anything fills

    def _begin(self, book: Book, bar: OfferedBar) -> None:
        book.begin(bar)
        if self.ledger.is_ruled:
            self._take_up_terms(book)
        for one in book.resting:
            one.was_tried, one.is_drawn = False, True
            one.is_early = max(bar.ts_ns, bar.begins_ns) < one.since_ns
            is_over = self._orders.end_for(ended_before(one, bar), one, bar)
            if not is_over and time_has_come(one, bar):
                self._meet(one, bar.ts_ns)
            if one.first_day is None and one.is_offered:
                one.first_day = bar.day
                self._orders.end_for(self._shortage(one, book, bar), one, bar)

    def _shortage(self, one: Resting, book: Book, bar: OfferedBar) -> Ending | None:
        """Why an order that has arrived may not close the lots it names."""
        if book.terms is None or book.terms.closing is None:
            return None
        position = self.ledger.position(book.instrument)
        refusal = claim(one, book.resting, position, bar.day)
        return None if refusal is None else Ending(OrderStatus.REJECTED, refusal)

    def _take_up_terms(self, book: Book) -> None:
        book.terms = terms = self.ledger.terms_of(book.instrument.symbol)
        position = self.ledger.position(book.instrument)
        position.holds_today = terms.holds_today
        position.closing = terms.closing

    # What fills

    def _fill(self, offers: Offers, look: Callable[[Book, OfferedBar], list[Hit]]) -> None:
        self._execute(_in_turn(offers, look))

    def _fill_inside(
        self, offers: Offers, trading: Offers, reach: Callable[[Resting, OfferedBar], Hit | None]
    ) -> None:
        """Fill what the range of the bars reaches; what fails goes after the stops before it."""
        hits = _in_turn(trading, partial(_reached, reach))
        if self.liquidator is not None:
            hits = self._force(offers, hits, self.liquidator.inside)
        self._execute(hits)

    def _force(
        self, offers: Offers, hits: list[Found], look: Callable[[Book], Forced | None]
    ) -> list[Found]:
        """Close what fails, and give the hits that are left to be looked at."""
        is_done = False
        while not is_done:
            is_done = True
            for book, bar in offers:
                while (forced := look(book)) is not None:
                    is_done = False
                    early = [one for one in hits if one[1] is book and comes_before(one[0], forced)]
                    hits = [one for one in hits if one not in early]
                    self._execute(early)
                    if not early:
                        self._close_by_force(forced, book, bar)
        return hits

    def _close_by_force(self, forced: Forced, book: Book, bar: OfferedBar) -> None:
        for one in book.resting:
            self._orders.cancel(one, bar.ts_ns, _LIQUIDATED)
        liquidator = cast("Liquidator", self.liquidator)
        order = liquidator.issue(forced, bar.ts_ns)
        order.move(OrderStatus.ACCEPTED, bar.ts_ns)
        resting = Resting.of(order, book.instrument)
        with liquidator.insured(forced, bar.ts_ns):
            self._executor.force(resting, book, forced.liquidation, bar)
        self._on_update(order)

    def _execute(self, hits: list[Found]) -> None:
        for hit, book, bar in hits:
            if hit.resting.waits_for_stop and not self._is_marketable(hit, bar):
                continue
            fill = self._executor.execute(self._at_its_turn(hit, book), book, bar)
            if fill is not None:
                position = self.ledger.position(book.instrument)
                follow_up(hit, book, fill, position=position, orders=self._orders)

    def _look_at_open(self, book: Book, bar: OfferedBar) -> list[Hit]:
        hits = []
        for one in book.resting:
            if one.is_offered and not self._orders.end_for(ended_by_taking(one, bar), one, bar):
                one.was_offered = True
                hits += [trigger_at_open(one, bar), reach_open(one, bar)]
        return [hit for hit in hits if hit is not None]

    def _at_its_turn(self, hit: Hit, book: Book) -> Hit:
        """Let a late stop meet no better price than a lot that was opened inside the bar."""
        if hit.moment is not Moment.LATE_STOP or not hit.resting.is_closing:
            return hit
        lots = self.ledger.position(book.instrument).lots
        if not lots or lots[-1] is not book.inside_lot:
            return hit
        newest = float(lots[-1].price)
        worse = max if hit.resting.is_buy else min
        return hit._replace(met=worse(hit.met, newest))

    def _is_marketable(self, hit: Hit, bar: OfferedBar) -> bool:
        """Whether a stop-limit order fills at its stop; where it does not, it is a limit now."""
        one = hit.resting
        is_asleep = one.order.is_ended or not self._executor.fillable(one, bar.day)
        if is_asleep or hit.moment is Moment.OPEN_LIMIT:
            return False
        if hit.moment is Moment.INSIDE_STOP and one.is_limit_reached(hit.met):
            return True
        one.is_triggered = True
        # A condition that it waited for has triggered it before.
        if one.order.status is not OrderStatus.TRIGGERED:
            one.order.move(OrderStatus.TRIGGERED, bar.ts_ns)
            self._on_update(one.order)
        return False

    # What a bar ends

    def _end_bars(self, offers: Offers, trading: Offers) -> None:
        for book, bar in offers:
            for one in book.resting if bar.is_day_end else ():
                self._orders.end_for(ended_with_day(one, bar), one, bar)
            for one in book.resting:
                one.has_rested = one.has_rested or one.is_offered
        self._meet_prices(trading)
        for book, bar in offers:
            self._pass_time(book, bar)

    def _end_immediate(self, offers: Offers) -> None:
        for book, bar in offers:
            for one in book.resting:
                self._orders.end_for(ended_by_open(one, bar), one, bar)

    def _pass_time(self, book: Book, bar: OfferedBar) -> None:
        """Bring orders, and cancels, one bar nearer to their arrival."""
        for one in book.resting if bar.ends_wait else ():
            if one.order.is_ended:
                continue
            if one.wait and not one.is_early:
                one.wait -= 1
                self._arrive(one, bar.ts_ns)
            if one.cancel_wait is not None:
                one.cancel_wait -= 1
                if not one.cancel_wait:
                    self._orders.end(one, OrderStatus.CANCELLED, bar.ts_ns, CANCELLED)

    def _arrive(self, one: Resting, at_ns: int) -> None:
        if not one.wait and one.order.status is OrderStatus.PENDING_NEW:
            one.order.move(OrderStatus.ACCEPTED, at_ns)
            self._on_update(one.order)

    def _meet_prices(self, offers: Offers) -> None:
        """Let go of what waited for a price that these bars have touched."""
        if not self._orders.conditional:
            return
        bars = {book.instrument.symbol: bar for book, bar in offers}
        for one in self._orders.conditional:
            bar = touching_bar(one, bars)
            if bar is not None:
                one.since_ns = max(one.since_ns, bar.closes_ns)
                self._meet(one, bar.ts_ns)

    def _meet(self, one: Resting, at_ns: int) -> None:
        if not one.wait:
            one.condition, one.order.is_held = None, False
            one.order.move(OrderStatus.TRIGGERED, at_ns)
            self._on_update(one.order)


def _in_turn(offers: Offers, look: Callable[[Book, OfferedBar], list[Hit]]) -> list[Found]:
    """What the bars reach, in the order in which it fills."""
    hits = [(hit, book, bar) for book, bar in offers for hit in look(book, bar)]
    hits.sort(key=_by_moment)
    return hits


def _reached(
    reach: Callable[[Resting, OfferedBar], Hit | None], book: Book, bar: OfferedBar
) -> list[Hit]:
    looks = (reach(one, bar) for one in book.resting if one.is_offered)
    return [hit for hit in looks if hit is not None]


def _by_moment(found: Found) -> tuple[int, int]:
    return found[0].moment, found[0].order_id
