"""How the plain reference engine fills an order whose turn has come."""

from bisect import bisect_left
from fractions import Fraction

from tests.library.backtest.reference_account import (
    Book,
    Order,
    left_of_bracket,
    refusal,
    settle,
    there_to_close,
)
from tests.library.backtest.reference_orders import end
from tests.library.backtest.reference_prices import is_reached, length, price_of, snap, worse


def take_turn(moment: int, order: Order, met: Fraction, book: Book) -> None:
    there = there_to_close(order, book)
    if order.closes and not there:  # 57, 58
        if order.acts_as == "market":
            status = "cancelled" if order.filled else "rejected"
            end(order, status, "nothing_to_close")
        return
    slips = order.acts_as != "limit"
    if order.acts_as == "stop_limit":
        if moment == 3:
            return  # it was asleep when its stop had its turn
        order.acts_as = "limit"
        if moment == 2 or not is_reached(order, met, order.price):
            return  # 36, 37
    elif order.acts_as in {"stop", "trailing_stop"}:
        order.acts_as = "market"  # 55
    if order.offset == "open" and book.held(order.symbol) * order.sign < 0:
        end(order, "rejected", "would_close")  # 65
        return
    if moment == 7 and order.closes:
        met = worse(order, met, newest_inside(order, met, book))  # 26
    fill(moment, order, met, slips=slips, there=there, book=book)


def newest_inside(order: Order, met: Fraction, book: Book) -> Fraction:
    """26: the price of the newest lot, if it was opened inside this bar."""
    lot = book.lots[order.symbol][-1]
    return Fraction(lot["price"]) if lot["at"] == book.at and lot["moment"] > 3 else met


def fill(
    moment: int, order: Order, met: Fraction, *, slips: bool, there: Fraction, book: Book
) -> None:
    """53 to 63: as much as the position, the volume and the account leave."""
    lot = book.instruments[order.symbol]["lot"]
    wanted = min(order.remaining, there) if order.closes else order.remaining
    quantity = min(wanted, room(order, book))
    if order.tif == "FOK" and quantity < order.remaining:
        end(order, "cancelled", "not_whole")  # 16
        return
    if not quantity:
        return  # 55
    price = price_of(order, met, quantity, slips=slips, book=book)
    if order.trims:  # 62, 63
        lots = range(1, int(quantity / lot) + 1)
        most = bisect_left(lots, 1, key=lambda n: refusal(n * lot, price, order, book) != "")
        if order.tif == "FOK" and 0 < most < len(lots):
            end(order, "cancelled", "not_whole")
            return
        was_cut, quantity = most < len(lots), max(most, 1) * lot
    else:
        was_cut = False
    if rule := refusal(quantity, price, order, book):
        end(order, "rejected", rule)  # 61, 63
        return
    position = book.held(order.symbol)
    lost = abs(price - met) * quantity * book.instruments[order.symbol]["multiplier"]  # 52
    commission = settle(quantity, price, moment, order, book)
    fill_row = (book.at, order.symbol, order.sign, quantity, price, commission, lost)
    book.fills.append(fill_row)
    book.taken[order.symbol] += quantity
    order.filled += quantity
    order.moments.append(moment)
    order.status = "partially_filled" if order.remaining else "filled"
    if order.remaining and was_cut:
        end(order, "cancelled", "trimmed")
    elif order.remaining and order.closes and not there_to_close(order, book):
        end(order, "cancelled", "nothing_to_close")  # 56
    after_fill(order, price, position, book)


def after_fill(order: Order, price: Fraction, before: Fraction, book: Book) -> None:
    """59, 66 to 71: what a fill does to other orders."""
    for half in (half for half in order.halves if half.is_held):
        wake(half, price, book)
    for other in (other for group in order.groups for other in group):
        end(other, "cancelled", "oco")  # 71
    if order.entry is not None:
        end(order.entry, "cancelled", "bracket_closed")  # 69
        for half in [] if left_of_bracket(order) else order.entry.halves:
            end(half, "cancelled", "oco")
    gone = before and before * book.held(order.symbol) <= 0
    for other in book.waiting() if gone else []:
        if other.symbol == order.symbol and waited_to_close(other, before):
            end(other, "cancelled", "position_closed")


def waited_to_close(order: Order, position: Fraction) -> bool:
    """59: whether an order goes with a position that is gone."""
    has_come = not order.bars_out and not (order.entry is not None and order.is_held)
    waits = order.closes and order.acts_as != "market"
    return waits and has_come and order.sign * position < 0


def wake(half: Order, price: Fraction, book: Book) -> None:
    """66, 67: from its entry's first fill on, the half of a bracket waits at its price."""
    half.is_held, half.anchor = False, price
    if half.kind == "trailing_stop" or half.distance is None:
        return
    tick = book.instruments[half.symbol]["tick"]
    away = 1 if (half.part == "take_profit") == (half.sign < 0) else -1
    distance = away * length(half.distance, price, tick)
    setattr(
        half, "price" if half.kind == "limit" else "stop", snap(price + distance, tick, up=away > 0)
    )


def room(order: Order, book: Book) -> Fraction:
    """53, 54: what our orders may still take of the bar's volume."""
    volume, share = book.bars[order.symbol]["volume"], book.terms["participation"]
    if volume is None or share is None:
        return order.remaining
    lot = book.instruments[order.symbol]["lot"]
    return Fraction(volume * share // lot * lot) - book.taken[order.symbol]
