"""Which working orders a bar reaches, at what price of the market, and in which order.

The rules are written down sentence by sentence in docs/reference/fills.md. Orders are looked at
four times: before the open, inside the bar, once more for late stops, and at the close.
"""

from enum import IntEnum
from typing import NamedTuple

from quantloom.simulation.resting import OfferedBar, Resting
from quantloom.trading import OrderKind, TimeInForce


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
    LATE_STOP = 6
    CLOSE = 7


class Hit(NamedTuple):
    """An order that the bar reaches, and the price of the market it meets."""

    moment: Moment
    order_id: int
    resting: Resting
    met: float


def reach_open(resting: Resting, bar: OfferedBar) -> Hit | None:
    """Say whether the open reaches an order; a trailing stop that it does not is drawn along."""
    if resting.tif is TimeInForce.CLOSE or (
        resting.tif is TimeInForce.OPEN and not bar.is_day_start
    ):
        return None
    if resting.order.is_market:
        return _hit(Moment.OPEN_MARKET, resting, bar.open)
    if resting.is_stop:
        if resting.is_stop_reached(bar.open):
            return _hit(Moment.OPEN_STOP, resting, bar.open)
        if resting.is_trailing:
            resting.follow(bar.open)
        return None
    if resting.is_limit_reached(bar.open):
        return _hit(Moment.OPEN_LIMIT, resting, bar.open)
    return None


def trigger_at_open(resting: Resting, bar: OfferedBar) -> Hit | None:
    """Say whether the open makes a limit order of a stop-limit one, among the stops it reaches."""
    if resting.waits_for_stop and resting.is_stop_reached(bar.open):
        return _hit(Moment.OPEN_STOP, resting, bar.open)
    return None


def reach_inside(resting: Resting, bar: OfferedBar) -> Hit | None:
    """Say whether the range of the bar reaches a stop or a limit order."""
    if resting.order.is_market or resting.is_at_open_only or resting.tif is TimeInForce.CLOSE:
        return None
    if resting.is_stop or resting.waits_for_stop:
        return _reach_stop_inside(resting, bar)
    moment = Moment.INSIDE_CLOSING_LIMIT if resting.is_closing else Moment.INSIDE_LIMIT
    if resting.is_limit_reached(bar.open):
        return _hit(moment, resting, bar.open)
    if resting.is_limit_reached(bar.low if resting.is_buy else bar.high):
        return _hit(moment, resting, resting.limit)
    return None


def reach_late(resting: Resting, bar: OfferedBar) -> Hit | None:
    """Give a stop its second chance, and a trailing stop the level that the bar has drawn it to."""
    if not resting.is_stop:
        return None
    met = resting.stop
    had_no_chance = resting.is_closing and not resting.was_tried
    is_reached = had_no_chance and resting.is_stop_reached(_worst(resting, bar))
    if resting.is_trailing and resting.is_drawn:
        resting.follow(bar.low if resting.is_buy else bar.high)
        if not is_reached and resting.is_stop_reached(bar.close):
            is_reached, met = True, resting.stop
    return _hit(Moment.LATE_STOP, resting, met) if is_reached else None


def reach_close(resting: Resting, bar: OfferedBar) -> Hit | None:
    """Say whether the close of a day reaches an order that takes part in it."""
    if resting.tif is not TimeInForce.CLOSE or not bar.is_day_end:
        return None
    if resting.order.ticket.kind is OrderKind.MARKET or resting.is_limit_reached(bar.close):
        return _hit(Moment.CLOSE, resting, bar.close)
    return None


def _reach_stop_inside(resting: Resting, bar: OfferedBar) -> Hit | None:
    if resting.is_stop_reached(bar.open):
        return _hit(Moment.INSIDE_STOP, resting, bar.open)
    if resting.is_stop_reached(_worst(resting, bar)):
        return _hit(Moment.INSIDE_STOP, resting, resting.stop)
    return None


def _worst(resting: Resting, bar: OfferedBar) -> float:
    return bar.high if resting.is_buy else bar.low


def _hit(moment: Moment, resting: Resting, met: float) -> Hit:
    return Hit(moment, resting.order.ticket.id, resting, met)
