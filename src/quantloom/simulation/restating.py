"""Working orders when the terms of prices change: over a roll, a split, a dividend."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction
from math import floor

from quantloom.market import EXACT, Shift
from quantloom.simulation.resting import Resting
from quantloom.trading import ZERO, Distance, Order, PriceCondition

_ONE = Decimal(1)
_DISTANCE = Context(prec=20)


def move(one: Resting, shift: Shift) -> bool:
    """Move the prices of an order against its sender to the tick; whether any are left.

    A limit is moved away from the market and so is a stop: neither is reached sooner by rounding.
    """
    order = one.order
    if order.price is not None:
        order.price = _snap(one, shift.price(order.price), is_up=not one.is_buy)
        one.limit = float(order.price)
    if one.distance is not None:
        one.distance = _scaled(one.distance, 1 / shift.quantity)
    if one.best is not None:
        one.best = _snap(one, shift.price(one.best), is_up=one.is_buy)
        one.place_stop(one.best)
    elif order.stop is not None:
        order.stop = _snap(one, shift.price(order.stop), is_up=one.is_buy)
        one.stop = float(order.stop)
    return all(price is None or price > 0 for price in (order.price, order.stop))


def move_level(one: Resting, shift: Shift, symbol: str) -> None:
    """Move the level that an order waits for on the instrument."""
    condition = one.condition
    if isinstance(condition, PriceCondition):
        watched = condition.symbol or one.order.ticket.symbol
        if watched == symbol:
            one.condition = replace(condition, level=float(shift.price(condition.level)))


def bracket_of(orders: Iterable[Order]) -> list[Order]:
    """Orders, and those that share their quantities."""
    found: dict[int, Order] = {}
    for order in orders:
        entry = order.entry or order
        found |= {one.id: one for one in (entry, *entry.children)}
    return [*found.values()]


def multiply(order: Order, ratio: Fraction, lot: Decimal, *, is_closing: bool) -> None:
    """Count an order in new units: what it has filled, and what is left of it in whole lots.

    What only closes may be an odd lot, as the position is one.
    """
    unit = min(lot, _ONE)
    filled = _whole(order.filled, ratio, unit)
    left = _whole(order.remaining, ratio, unit if is_closing else lot)
    order.filled = filled
    order.ticket = replace(order.ticket, quantity=EXACT.add(filled, left))


def _whole(quantity: Decimal, ratio: Fraction, unit: Decimal) -> Decimal:
    count = floor(Fraction(quantity) * ratio / Fraction(unit)) if quantity > 0 else 0
    return EXACT.multiply(Decimal(count), unit) if count else ZERO


def _snap(one: Resting, price: Fraction, *, is_up: bool) -> Decimal:
    tick = one.instrument.tick_size
    ticks = price / Fraction(tick)
    return EXACT.multiply(Decimal(-floor(-ticks) if is_up else floor(ticks)), tick)


def _scaled(distance: Distance, ratio: Fraction) -> Distance:
    if ratio == 1:
        return distance
    factor = _DISTANCE.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    return replace(
        distance,
        ticks=EXACT.multiply(distance.ticks, factor),
        points=EXACT.multiply(distance.points, factor),
    )
