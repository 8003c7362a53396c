"""What ends a waiting order, or sets it going, without a fill: its time, its day, a price."""

from collections.abc import Mapping
from typing import NamedTuple

from quantloom.simulation.resting import OfferedBar, Resting
from quantloom.trading import OrderStatus, PriceCondition, Refused, TimeCondition, TimeInForce

_DAY_OVER = Refused("day_over", "its trading day ended before it filled")
_TIME_OVER = Refused("time_over", "its time came before it filled")
_NOT_IMMEDIATE = Refused("not_immediate", "the open did not fill the rest of it")
_AUCTION_OVER = Refused("auction_over", "the open or close that it was for did not fill the rest")
_WOULD_TAKE = Refused("would_take", "the open had reached its limit, and it may not take")


class Ending(NamedTuple):
    """How a working order ends, and why."""

    status: OrderStatus
    refusal: Refused


_NO_MORE_TIME = Ending(OrderStatus.EXPIRED, _TIME_OVER)
_NO_MORE_DAY = Ending(OrderStatus.EXPIRED, _DAY_OVER)
_NO_MORE_OPEN = Ending(OrderStatus.CANCELLED, _NOT_IMMEDIATE)
_NO_MORE_AUCTION = Ending(OrderStatus.CANCELLED, _AUCTION_OVER)
_MAY_NOT_TAKE = Ending(OrderStatus.CANCELLED, _WOULD_TAKE)


def ended_before(one: Resting, bar: OfferedBar) -> Ending | None:
    """What its time ends before the bar is offered to it."""
    until_ns = one.order.ticket.terms.until_ns
    return _NO_MORE_TIME if until_ns is not None and bar.ts_ns >= until_ns else None


def ended_by_taking(one: Resting, bar: OfferedBar) -> Ending | None:
    """A post-only order that the first open it meets would fill."""
    if not one.order.ticket.terms.is_post_only or one.was_offered:
        return None
    return _MAY_NOT_TAKE if one.is_limit_reached(bar.open) else None


def ended_by_open(one: Resting, bar: OfferedBar) -> Ending | None:
    """What was for an open alone, and has had it."""
    if not one.is_offered:
        return None
    if one.is_immediate:
        return _NO_MORE_OPEN
    return _NO_MORE_AUCTION if one.tif is TimeInForce.OPEN and bar.is_day_start else None


def ended_unoffered(one: Resting) -> Ending:
    """How an order ends whose day went by without a bar."""
    return _NO_MORE_DAY if one.tif is TimeInForce.DAY else _NO_MORE_AUCTION


def ended_with_day(one: Resting, bar: OfferedBar) -> Ending | None:
    """What the last bar of a trading day ends."""
    if not bar.is_day_end or one.order.is_ended:
        return None
    if one.tif is TimeInForce.CLOSE and one.is_offered:
        return _NO_MORE_AUCTION
    return _NO_MORE_DAY if one.tif is TimeInForce.DAY and one.first_day is not None else None


def time_has_come(one: Resting, bar: OfferedBar) -> bool:
    """Whether it waited for a time that the bar has reached."""
    condition = one.condition
    if not isinstance(condition, TimeCondition) or one.is_early:
        return False
    return bar.ts_ns >= condition.at_ns


def touching_bar(one: Resting, bars: Mapping[str, OfferedBar]) -> OfferedBar | None:
    """The bar, of any instrument, that has touched the price that it waited for."""
    condition = one.condition
    if not isinstance(condition, PriceCondition) or one.wait or one.order.is_ended:
        return None
    bar = bars.get(condition.symbol or one.instrument.symbol)
    if bar is None:
        return None
    is_touched = bar.high >= condition.level if condition.is_above else bar.low <= condition.level
    return bar if is_touched else None
