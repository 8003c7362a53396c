"""How the plain reference engine takes orders, from docs/reference/orders.md."""

from fractions import Fraction

from tests.library.backtest.reference_account import Book, Order, Row, left_of_bracket, worth
from tests.library.backtest.reference_prices import length, snap

TERMS = ("tif", "until", "post_only", "offset")


def act(action: Row, book: Book) -> None:
    """Do what one line of a script asks for."""
    do = action["do"]
    if do == "cancel":
        for order in book.orders[action["order"] : action["order"] + 1]:
            ask_to_cancel(order, book)
    elif do == "cancel_all":
        for order in book.waiting():
            if action["symbol"] in {None, order.symbol}:
                ask_to_cancel(order, book)
    elif do == "oco":
        link([book.orders[number] for number in action["orders"] if number < len(book.orders)])
    elif needs_price(action) and not book.has_price(action["symbol"]):
        return  # 3
    elif do in {"target", "value", "weight", "close"}:
        aim(action, book)
    else:
        enter_or_leave(action, book)


def needs_price(action: Row) -> bool:
    """3: what is sized by a price."""
    if action["do"] in {"buy", "short"}:
        only_closes = action.get("reduce_only") or action.get("offset", "auto").startswith("close")
        return action.get("quantity") is None and not only_closes
    return action["do"] in {"value", "weight"}


def ask_to_cancel(order: Order, book: Book) -> None:
    """9: at once without latency, otherwise so many bars later."""
    if order.has_ended or order.cancel_out is not None:
        return
    if not book.terms["latency"]:
        end(order, "cancelled", "cancelled_by_strategy")
    else:
        order.cancel_out = book.terms["latency"]


def end(order: Order, status: str, rule: str) -> None:
    """End an order; 70: the halves of an entry that never filled go with it."""
    if order.has_ended:
        return
    order.status, order.rule = status, rule
    if not order.filled:
        for half in order.halves:
            end(half, "cancelled", "entry_gone")


def link(orders: list[Order]) -> None:
    """71: whichever of them fills cancels the others."""
    for order in orders:
        order.groups.append([other for other in orders if other is not order])


def aim(action: Row, book: Book) -> None:
    """orders 13 to 17: the market order that leads to a target, or nothing."""
    symbol = action["symbol"]
    instrument, price = book.instruments[symbol], book.last_price(symbol)
    unit, lot = price * instrument["multiplier"], instrument["lot"]
    wanted = Fraction(action.get("quantity") or 0)
    if action["do"] == "weight":
        wanted *= worth(book, {name: book.last_price(name) for name in book.instruments})
        if action.get("of") == "margin":
            wanted /= book.terms["margin_long"] if wanted > 0 else book.terms["margin_short"]
    if action["do"] in {"value", "weight"}:
        wanted = abs(wanted) // (unit * lot) * lot * (1 if wanted > 0 else -1)
    step = wanted - expected(symbol, book)
    if abs(step) >= lot:
        sign, quantity = (1 if step > 0 else -1), abs(step) // lot * lot
        flat = not wanted
        book.orders.append(make(action, sign, quantity, book, closes=flat, trims=not flat))


def enter_or_leave(action: Row, book: Book) -> None:
    """Send buy, short, sell or cover, with its bracket."""
    symbol, sign = action["symbol"], 1 if action["do"] in {"buy", "cover"} else -1
    closes = (
        action["do"] in {"sell", "cover"}
        or action.get("reduce_only", False)
        or action.get("offset", "auto").startswith("close")
    )  # orders 11
    quantity, trims = action.get("quantity"), False
    if quantity is None and closes:
        quantity = max(-sign * expected(symbol, book), Fraction(0))
    elif quantity is None:
        quantity, trims = size(action, sign, book), book.terms["size"] is None
    entry = make(action, sign, quantity, book, closes=closes, trims=trims)
    parts = [part for part in ("stop_loss", "take_profit") if part in action]
    halves = [make_half(part, action[part], entry, number) for number, part in enumerate(parts, 1)]
    # orders 9: one refusal refuses all of a bracket.
    rules = [rule for order in [entry, *halves] if (rule := refuse(order, book))]
    entry.halves = halves
    if rules:
        end(entry, "rejected", rules[0])
    book.orders += [entry, *halves]


def size(action: Row, sign: int, book: Book) -> Fraction:
    """orders 21, 22, 24, 27: a fixed size, a share of equity, a risk, or Kelly's share."""
    if book.terms["size"] is not None:
        return Fraction(book.terms["size"])
    symbol, sizing = action["symbol"], book.terms.get("sizing", {"kind": "share"})
    instrument, price = book.instruments[symbol], book.last_price(symbol)
    equity = worth(book, {name: book.last_price(name) for name in book.instruments})
    away = price
    if sizing["kind"] == "share":
        share = book.terms["weight"]
    elif sizing["kind"] == "risk":
        share, stop = sizing["risk"], action["stop_loss"]["distance"]
        far = price - sign * length(stop, price, instrument["tick"])
        away = abs(price - snap(far, instrument["tick"], up=sign < 0))
    else:
        share = kelly(sizing, book)
    unit = away * instrument["multiplier"] * instrument["lot"]
    return Fraction(max(equity * share // unit, 0) * instrument["lot"] if unit else 0)


def kelly(sizing: Row, book: Book) -> Fraction:
    """orders 27: win rate less loss rate over payoff, of the round trips so far."""
    profits = [trip[6] for trip in book.trips]
    won = [profit for profit in profits if profit > 0]
    lost = [-profit for profit in profits if profit < 0]
    if len(profits) < sizing["least"] or not won or not lost:
        return Fraction(sizing["start"])
    rate = Fraction(len(won), len(won) + len(lost))
    payoff = sum(won) / len(won) / (sum(lost) / len(lost))
    return Fraction(min(sizing["fraction"] * (rate - (1 - rate) / payoff), sizing["cap"]))


def expected(symbol: str, book: Book) -> Fraction:
    """orders 12: the position once every market order on its way has filled."""
    position = book.held(symbol)
    for order in book.waiting():
        if order.symbol == symbol and order.acts_as == "market" and not order.is_held:
            step = order.remaining
            if order.closes:
                there = max(-order.sign * position, Fraction(0))
                step = min(step, there, left_of_bracket(order))
            position += order.sign * step
    return position


def make(
    action: Row, sign: int, quantity: Fraction, book: Book, *, closes: bool = False, trims: bool
) -> Order:
    """orders 1, 3: terms make the kind, `until` alone makes it good till then."""
    symbol = action["symbol"]
    price, stop, distance = (action.get(name) for name in ("price", "stop", "trail"))
    if distance is not None:
        kind = "trailing_stop"
    elif price is not None and stop is not None:
        kind = "stop_limit"
    else:
        kind = "stop" if stop is not None else "limit" if price is not None else "market"
    terms = {name: action[name] for name in TERMS if name in action}
    if "until" in terms:
        terms["tif"] = "GTD"
    return Order(
        number=len(book.orders),
        symbol=symbol,
        sign=sign,
        kind=kind,
        acts_as=kind,
        quantity=quantity,
        price=price,
        stop=stop,
        distance=distance,
        # 38: without a close it starts from the first open that it is offered.
        anchor=book.last_price(symbol) if book.has_price(symbol) else None,
        closes=closes,
        trims=trims,
        condition=action.get("when"),
        is_held="when" in action,
        bars_out=book.terms["latency"],
        **terms,
    )


def make_half(part: str, given: Row, entry: Order, place: int) -> Order:
    """orders 8, 10: a way out of a bracket; its price, or how far it lies from the entry."""
    kind = "limit" if part == "take_profit" else "stop"
    half = Order(
        number=entry.number + place,
        symbol=entry.symbol,
        sign=-entry.sign,
        kind="trailing_stop" if given.get("trails") else kind,
        quantity=entry.quantity,
        distance=given.get("distance"),
        closes=True,
        part=part,
        entry=entry,
        is_held=True,
    )
    half.acts_as = half.kind
    if "price" in given:
        setattr(half, "price" if part == "take_profit" else "stop", given["price"])
    return half


def refuse(order: Order, book: Book) -> str:
    """orders 33: the rule by which an order is refused at sending."""
    instrument = book.instruments[order.symbol]
    if order.part == "":
        if order.closes and not order.quantity:
            return "nothing_to_close"  # 57
        if order.trims and not order.quantity:
            return "insufficient_funds"  # orders 28
        if order.quantity <= 0 or order.quantity % instrument["lot"]:
            return "off_lot"
    for price in (order.price, order.stop):
        if price is not None and price % instrument["tick"]:
            return "off_tick"
        if price is not None and price <= 0:
            return "bad_price"
    return ""
