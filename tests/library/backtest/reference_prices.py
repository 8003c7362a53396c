"""The prices of the plain reference engine: where a trigger lies, what is reached, what is paid."""

import math
from fractions import Fraction
from itertools import pairwise
from statistics import stdev

from tests.library.backtest.reference_account import Book, Order, Row


def is_reached(
    order: Order, at: Fraction, price: Fraction | None, *, as_stop: bool = False
) -> bool:
    """Whether a market at a price has reached an order's own price."""
    if price is None:
        return False
    rises = as_stop == (order.sign > 0)
    return at >= price if rises else at <= price


def stop_of(order: Order, book: Book) -> Fraction | None:
    """The stop price as it stands; 41: a trailing one lies on the tick away from the market."""
    if order.kind != "trailing_stop":
        return order.stop
    if order.anchor is None:
        return None
    tick = book.instruments[order.symbol]["tick"]
    price = order.anchor + order.sign * length(order.distance, order.anchor, tick)
    return snap(price, tick, up=order.sign > 0)


def length(distance: Row | None, price: Fraction, tick: Fraction) -> Fraction:
    """orders 6: how far a distance is from a price."""
    assert distance is not None
    unit = {"ticks": tick, "percent": price / 100, "points": Fraction(1)}[distance["unit"]]
    return Fraction(distance["count"] * unit)


def draw(order: Order, price: Fraction) -> None:
    """39: a trailing stop follows the market, and never moves back."""
    anchor = price if order.anchor is None else order.anchor
    order.anchor = (max if order.sign < 0 else min)(anchor, price)


def snap(price: Fraction, tick: Fraction, *, up: bool) -> Fraction:
    return Fraction((-(-price // tick) if up else price // tick) * tick)


def worse(order: Order, first: Fraction, second: Fraction) -> Fraction:
    return max(first, second) if order.sign > 0 else min(first, second)


def better(order: Order, first: Fraction, second: Fraction) -> Fraction:
    return min(first, second) if order.sign > 0 else max(first, second)


def price_of(
    order: Order, met: Fraction, quantity: Fraction, *, slips: bool, book: Book
) -> Fraction:
    """43 to 51: the price met, slipped and snapped against the trader."""
    terms, tick = book.terms, book.instruments[order.symbol]["tick"]
    if not slips:
        return snap(met, tick, up=order.sign > 0)
    slip = terms["slip_ticks"] * tick + terms["slip_ratio"] * met
    slip += met * impact(order, quantity, book)
    price = snap(met + order.sign * slip, tick, up=order.sign > 0)
    if order.acts_as == "limit" and order.price is not None:
        return Fraction(better(order, price, order.price))  # 48
    return Fraction(max(price, tick))  # 51


def impact(order: Order, quantity: Fraction, book: Book) -> Fraction:
    """44 to 46: how far our own size moves the price, as a share of it."""
    model, volume = book.terms["impact"], book.bars[order.symbol]["volume"]
    if model is None:
        return Fraction(0)
    if model["kind"] == "volume_share":
        share = (book.taken[order.symbol] + quantity) / volume if volume else 0
        return Fraction(model["impact"] * share * share)
    before = book.history[order.symbol][-int(model["window"]) :]
    volumes = [row["volume"] for row in before]
    if len(before) < 3 or None in volumes or not sum(volumes):
        return Fraction(0)
    closes = [float(row["close"]) for row in before]
    returns = [math.log(after / at) for at, after in pairwise(closes)]
    mean = float(sum(volumes)) / len(volumes)
    root = math.sqrt(float(quantity) / mean)
    return Fraction(repr(float(model["coefficient"]) * stdev(returns) * root))
