"""The account of the plain reference engine: lots, cash, commission and what it allows.

Numbers in comments are sentences of docs/reference/fills.md, with `orders` those of orders.md.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
ENDED = {"filled", "cancelled", "rejected", "expired"}
# 89: shares of a commission are cut here.
_SHARE = Fraction(1, 10**12)


@dataclass(eq=False)
class Order:
    """What was asked for, and what has become of it.

    Attributes:
        kind: market, limit, stop, stop_limit or trailing_stop; `acts_as` is what it is by now.
        anchor: the price from which a trailing stop keeps its distance.
        part: what the half of a bracket is, with its `entry`; `distance` where it has no price.
        bars_out: bars of its instrument until it arrives; likewise for its cancel.
        is_held: whether it waits for its condition or its entry.
        day: trading day of the first bar that it was offered to.
        moments: when inside a bar it has filled.
    """

    number: int
    symbol: str
    sign: int
    kind: str
    quantity: Fraction
    price: Fraction | None = None
    stop: Fraction | None = None
    distance: Row | None = None
    anchor: Fraction | None = Fraction(0)
    closes: bool = False
    trims: bool = False
    tif: str = "GTC"
    until: int | None = None
    condition: Row | None = None
    post_only: bool = False
    offset: str = "auto"
    part: str = ""
    entry: "Order | None" = None
    halves: list["Order"] = field(default_factory=list)
    groups: list[list["Order"]] = field(default_factory=list)
    acts_as: str = ""
    status: str = "accepted"
    rule: str = ""
    filled: Fraction = Fraction(0)
    raw: Fraction = Fraction(0)
    charged: Fraction = Fraction(0)
    bars_out: int = 0
    cancel_out: int | None = None
    is_held: bool = False
    day: int | None = None
    has_met_trading: bool = False
    inside_stop: Fraction | None = None
    moments: list[int] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def remaining(self) -> Fraction:
        return self.quantity - self.filled


@dataclass(eq=False)
class Book:
    """The account, the orders, the market as it stands, and all that is compared in the end.

    Attributes:
        instruments: tick, lot, multiplier and so on, by symbol.
        bars: the bars of the present time, by symbol; `at` counts the times.
        history: every bar so far, by symbol.
        marks: what each instrument counts for at present.
        taken: what our orders have taken of the present bars' volume.
    """

    instruments: dict[str, Row]
    terms: Row
    cash: Fraction
    first_opens: dict[str, Fraction]
    first_symbols: set[str]
    at: int = -1
    bars: dict[str, Row] = field(default_factory=dict)
    history: dict[str, list[Row]] = field(default_factory=dict)
    marks: dict[str, Fraction] = field(default_factory=dict)
    taken: dict[str, Fraction] = field(default_factory=dict)
    lots: dict[str, list[Row]] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    fills: list[tuple[Any, ...]] = field(default_factory=list)
    trips: list[tuple[Any, ...]] = field(default_factory=list)
    equity: list[Fraction] = field(default_factory=list)

    def waiting(self) -> list[Order]:
        return [order for order in self.orders if not order.has_ended]

    def held(self, symbol: str) -> Fraction:
        return sum((lot["quantity"] for lot in self.lots[symbol]), Fraction(0))

    def has_price(self, symbol: str) -> bool:
        """3: a close, or at the start the open of a bar that is among the run's first ones."""
        return bool(self.history[symbol]) or (self.at < 0 and symbol in self.first_symbols)

    def last_price(self, symbol: str) -> Fraction:
        """3: the last close, or the first open before there is one."""
        bars = self.history[symbol]
        return Fraction(bars[-1]["close"]) if bars else self.first_opens[symbol]


def worth(book: Book, prices: dict[str, Fraction]) -> Fraction:
    """76: cash, the value of what is paid in full, the open profit of what is margined."""
    total = book.cash
    for symbol, instrument in book.instruments.items():
        value = book.held(symbol) * prices[symbol]
        if instrument["is_margined"]:
            value -= sum(lot["quantity"] * lot["price"] for lot in book.lots[symbol])
        total += value * instrument["multiplier"]
    return total


def there_to_close(order: Order, book: Book) -> Fraction:
    """56, 64, 68: how much a closing order could close now."""
    day = book.bars[order.symbol]["day"]
    most = sum((abs(lot["quantity"]) for lot in lots_for(order, day, book)), Fraction(0))
    return min(most, left_of_bracket(order))


def left_of_bracket(order: Order) -> Fraction:
    """68: what the halves of a bracket may still close; as much as it likes for other orders."""
    if order.entry is None:
        return order.remaining
    return order.entry.filled - sum((half.filled for half in order.entry.halves), Fraction(0))


def lots_for(order: Order, day: int, book: Book) -> list[Row]:
    """64, 88: the lots on the other side that an order may close, oldest first."""
    if order.offset == "open":
        return []
    return [
        lot
        for lot in book.lots[order.symbol]
        if lot["quantity"] * order.sign < 0
        and (order.offset != "close_today" or lot["day"] == day)
        and (order.offset != "close_yesterday" or lot["day"] < day)
    ]


def refusal(quantity: Fraction, price: Fraction, order: Order, book: Book) -> str:
    """74 to 79: the rule that forbids a fill; empty if none does."""
    before = book.held(order.symbol)
    after = before + order.sign * quantity
    if before * order.sign < 0 and before * after >= 0:
        return ""  # 78
    if after < 0 and not book.instruments[order.symbol]["can_short"]:
        return "short_not_allowed"
    prices = book.marks | {order.symbol: price}
    needed = Fraction(0)
    for symbol, instrument in book.instruments.items():
        holds = after if symbol == order.symbol else book.held(symbol)
        ratio = book.terms["margin_long"] if holds > 0 else book.terms["margin_short"]
        needed += abs(holds) * prices[symbol] * instrument["multiplier"] * ratio
    due, taxes, _ = charge(quantity, price, order, book)
    return "" if needed <= worth(book, prices) - due - taxes else "insufficient_funds"


def charge(
    quantity: Fraction, price: Fraction, order: Order, book: Book
) -> tuple[Fraction, Fraction, Fraction]:
    """81 to 83: what is due after the order's minimum, taxes, and what it is before the minimum."""
    day, terms = book.bars[order.symbol]["day"], book.terms
    parts = {"open": quantity, "close": Fraction(0), "close_today": Fraction(0)}
    for lot in lots_for(order, day, book):
        part = min(parts["open"], abs(lot["quantity"]))
        parts["open"] -= part
        parts["close_today" if lot["day"] == day else "close"] += part
    unit = price * book.instruments[order.symbol]["multiplier"]
    raw = sum(
        (parts[on] * (unit * terms[on]["by_money"] + terms[on]["by_unit"]) for on in parts),
        Fraction(0),
    )
    due = max(order.raw + raw, terms["minimum"]) - order.charged
    tax = terms["transfer"] + (terms["sell_tax"] if order.sign < 0 else 0)
    return due, tax * quantity * unit, raw


def settle(quantity: Fraction, price: Fraction, moment: int, order: Order, book: Book) -> Fraction:
    """85 to 89: close the oldest lots, open the rest, move cash; return the commission."""
    due, taxes, raw = charge(quantity, price, order, book)
    order.raw += raw
    order.charged += due
    instrument, day = book.instruments[order.symbol], book.bars[order.symbol]["day"]
    multiplier = instrument["multiplier"]
    rest: Row = {"quantity": order.sign * quantity, "cost": due + taxes}
    profit = Fraction(0)
    for lot in lots_for(order, day, book):
        if not rest["quantity"]:
            break
        part = min(abs(rest["quantity"]), abs(lot["quantity"])) * -order.sign
        cost = take_share(rest, -part) + take_share(lot, part)
        gross = part * (price - lot["price"]) * multiplier
        cause = order.part or order.kind
        trip = (order.symbol, abs(part), lot["price"], price, gross, cost, gross - cost, cause)
        book.trips.append(trip)
        profit += gross
    book.lots[order.symbol] = [lot for lot in book.lots[order.symbol] if lot["quantity"]]
    if rest["quantity"]:
        opened = {"price": price, "day": day, "at": book.at, "moment": moment}
        book.lots[order.symbol].append(rest | opened)
    moved = profit if instrument["is_margined"] else -order.sign * quantity * price * multiplier
    book.cash += moved - due - taxes
    return due + taxes


def take_share(lot: Row, part: Fraction) -> Fraction:
    """89: take a part off and its share of what is left of the commission."""
    share = lot["cost"]
    if part != lot["quantity"]:
        share = lot["cost"] * part / lot["quantity"] // _SHARE * _SHARE
    lot["quantity"] -= part
    lot["cost"] -= share
    return Fraction(share)
