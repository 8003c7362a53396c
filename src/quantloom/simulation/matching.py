"""Which working orders a bar fills, at what price of the market, and in which order.

The rules are written down sentence by sentence in docs/reference/fills.md.
"""

from enum import IntEnum
from typing import NamedTuple

from quantloom.trading import Order, OrderKind, Side


class Moment(IntEnum):
    """When inside a bar an order fills. Earlier members fill first: the stop before the limit.

    Limits that close go before limits that open, since a bar does not tell whether it came to the
    target before or after it came to the entry.
    """

    OPEN_MARKET = 0
    OPEN_STOP = 1
    OPEN_LIMIT = 2
    INSIDE_STOP = 3
    INSIDE_CLOSING_LIMIT = 4
    INSIDE_LIMIT = 5


class Match(NamedTuple):
    """An order that the bar reaches, and the price of the market it meets."""

    moment: Moment
    order_id: int
    order: Order
    reference: float


def match(orders: list[Order], open_: float, high: float, low: float) -> list[Match]:
    """Find the orders that a bar reaches, in the order in which they fill."""
    found = [hit for order in orders if (hit := reach(order, open_, high, low)) is not None]
    found.sort(key=_by_moment)
    return found


def reach(order: Order, open_: float, high: float, low: float) -> Match | None:
    """Say where a bar meets an order; None if it does not."""
    ticket, trigger = order.ticket, order.trigger
    if ticket.kind is OrderKind.MARKET:
        return Match(Moment.OPEN_MARKET, ticket.id, order, open_)
    if ticket.kind is OrderKind.STOP:
        at_open, inside = Moment.OPEN_STOP, Moment.INSIDE_STOP
        waits_for_rise = ticket.side is Side.BUY
    else:
        at_open = Moment.OPEN_LIMIT
        inside = Moment.INSIDE_CLOSING_LIMIT if ticket.is_reduce_only else Moment.INSIDE_LIMIT
        waits_for_rise = ticket.side is Side.SELL
    if (open_ >= trigger) if waits_for_rise else (open_ <= trigger):
        return Match(at_open, ticket.id, order, open_)
    if (high >= trigger) if waits_for_rise else (low <= trigger):
        return Match(inside, ticket.id, order, trigger)
    return None


def _by_moment(hit: Match) -> tuple[Moment, int]:
    return hit.moment, hit.order_id
