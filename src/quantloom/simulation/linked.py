"""What a fill does to other orders: its bracket, those linked with it, those it leaves without."""

from decimal import Decimal

from quantloom.simulation.book import Book
from quantloom.simulation.matching import Hit, Moment
from quantloom.simulation.reasons import BRACKET_CLOSED, OCO, POSITION_CLOSED
from quantloom.simulation.resting import Resting
from quantloom.simulation.working import WorkingOrders
from quantloom.trading import ZERO, Fill, Order, OrderKind, OrderStatus, Position


def follow_up(
    hit: Hit, book: Book, fill: Fill, *, position: Position, orders: WorkingOrders
) -> None:
    """Wake and cancel what depends on the order of a fill.

    Args:
        position: as the fill has left it.
    """
    filled, is_inside = hit.resting, hit.moment > Moment.OPEN_LIMIT
    for other in filled.group:
        orders.cancel(other, fill.ts_ns, OCO)
    for half in filled.halves:
        if half.order.is_held and not half.order.is_ended:
            _wake(half, fill, is_drawn=not is_inside)
            orders.announce(half.order)
    if filled.order.entry is not None:
        _close_bracket(filled.order.entry, fill, orders)
    before = position.quantity - fill.signed_quantity
    is_opened = fill.split is None or fill.split.opened
    if is_inside and is_opened and position.lots and position.quantity * fill.side.sign > 0:
        book.inside_lot = position.lots[-1]
    if before and before * position.quantity <= 0:
        _drop_closers(book, before, fill.ts_ns, orders)


def _wake(half: Resting, fill: Fill, *, is_drawn: bool) -> None:
    """Let the half of a bracket wait for its price, now that its entry has filled."""
    half.order.is_held = False
    half.is_drawn = is_drawn
    kind = half.order.ticket.kind
    if kind is OrderKind.TRAILING_STOP:
        half.follow(float(fill.price))
    elif kind is OrderKind.STOP:
        half.place_stop(fill.price)
    else:
        half.place_limit(fill.price)
    half.order.move(OrderStatus.ACCEPTED, fill.ts_ns)


def _close_bracket(entry: Order, fill: Fill, orders: WorkingOrders) -> None:
    """Cancel what is left of the entry, and the other half once all of it is closed."""
    rest = orders.find(entry)
    if rest is not None:
        orders.cancel(rest, fill.ts_ns, BRACKET_CLOSED)
    if sum((half.filled for half in entry.children), ZERO) >= entry.filled:
        halves = (orders.find(half) for half in entry.children)
        for half in halves:
            if half is not None:
                orders.cancel(half, fill.ts_ns, OCO)


def _drop_closers(book: Book, gone: Decimal, at_ns: int, orders: WorkingOrders) -> None:
    """Cancel the stops and limits that waited to close a position that is no longer there."""
    for one in book.resting:
        order, ticket = one.order, one.order.ticket
        waits = one.is_closing and not order.is_market
        is_there = not one.wait and not (order.is_held and order.entry is not None)
        if waits and is_there and ticket.side.sign * gone < 0:
            orders.cancel(one, at_ns, POSITION_CLOSED)
