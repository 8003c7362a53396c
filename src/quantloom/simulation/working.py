"""The orders that work at a venue: how they are taken in, ended and forgotten."""

from collections.abc import Callable, Iterable, Mapping

from quantloom.simulation.book import Book
from quantloom.simulation.reasons import ENTRY_GONE
from quantloom.simulation.resting import OfferedBar, Resting
from quantloom.simulation.waiting import Ending
from quantloom.trading import Order, OrderStatus, Refused


class WorkingOrders:
    """Every order that has not ended.

    Args:
        latency: bars that go by before an order arrives.
        announce: called whenever an order has changed its state.

    Attributes:
        every: the orders, oldest first.
        books: the same by symbol.
        conditional: those that wait for a time or a price.
    """

    def __init__(
        self, books: Mapping[str, Book], *, latency: int, announce: Callable[[Order], None]
    ) -> None:
        self.books = books
        self.announce = announce
        self.every: list[Order] = []
        self.conditional: list[Resting] = []
        self._latency = latency
        self._resting: dict[int, Resting] = {}

    def find(self, order: Order) -> Resting | None:
        """What is remembered of an order; None once it has ended and been forgotten."""
        return self._resting.get(order.ticket.id)

    def get(self, order: Order) -> Resting:
        """What is remembered of an order that works."""
        return self._resting[order.ticket.id]

    def rest(self, one: Resting) -> None:
        """Take an order in, on its way or there at once."""
        order = one.order
        one.wait = self._latency
        if one.condition is not None:
            order.is_held = True
            self.conditional.append(one)
        if not one.wait:
            order.move(OrderStatus.ACCEPTED, order.ticket.submitted_ns)
        self.admit(one)
        if not one.wait:
            self.announce(order)

    def admit(self, one: Resting) -> None:
        """Take an order in that waits for another."""
        ticket = one.order.ticket
        self.every.append(one.order)
        self._resting[ticket.id] = one
        self.books[ticket.symbol].add(one)

    def link(self, orders: Iterable[Order]) -> None:
        """Let the first fill of one of these orders cancel the others."""
        group = [found for order in orders if (found := self.find(order))]
        for one in group:
            others = {id(other): other for other in (*one.group, *group) if other is not one}
            one.group = [other for other in others.values() if not other.order.is_ended]

    def end(self, one: Resting, status: OrderStatus, at_ns: int, refusal: Refused) -> None:
        """End an order, and with it the bracket that it never opened."""
        one.order.move(status, at_ns, refusal)
        self.announce(one.order)
        if not one.order.filled:
            for half in one.halves:
                self.cancel(half, at_ns, ENTRY_GONE)

    def cancel(self, one: Resting, at_ns: int, refusal: Refused) -> None:
        """End an order if it still works."""
        if not one.order.is_ended:
            self.end(one, OrderStatus.CANCELLED, at_ns, refusal)

    def end_for(self, ending: Ending | None, one: Resting, bar: OfferedBar) -> bool:
        """End an order if there is a reason; whether there is."""
        if ending is not None:
            self.end(one, ending.status, bar.ts_ns, ending.refusal)
        return ending is not None

    def tidy(self, books: Iterable[Book]) -> None:
        """Forget what has ended, and find out which bars matter next in these books and theirs."""
        ended = [order for order in self.every if order.is_ended]
        touched = {id(book): book for book in books}
        if ended:
            self.every[:] = [order for order in self.every if not order.is_ended]
            for order in ended:
                del self._resting[order.ticket.id]
                # By `oco` a fill may end an order on an instrument that has no bar at the time.
                book = self.books[order.ticket.symbol]
                touched[id(book)] = book
        for book in touched.values():
            book.tidy()
        if self.conditional:
            self.conditional = [
                one for one in self.conditional if one.condition and not one.order.is_ended
            ]
