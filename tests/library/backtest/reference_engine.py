"""A slow, plain engine in fractions, from docs/reference/fills.md, whose sentences it cites."""

from bisect import bisect_left
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
ENDED = {"filled", "cancelled", "rejected", "expired"}


def run(bars: list[Row], script: list[list[Row]], terms: Row) -> Row:
    """Run a script: what it sends after the close of each bar, given by place of the bar."""
    book: Row = {name: [] for name in ("lots", "fills", "trips", "orders", "equity")}
    book["cash"] = terms["cash"]
    has_volume = any(bar["volume"] for bar in bars)
    for at, bar in enumerate(bars):
        book |= {"at": at, "day": bar["day"]}
        if bar["volume"] or not has_volume:  # 6, 7
            hits = reached(bar, waiting(book))
            for price, order in hits:
                execute(price, order, book, terms)
            for price, order in (hit for hit in hits if hit[1]["kind"] == "stop"):  # 14
                newest = book["lots"][-1]["price"] if book["lots"] else price
                execute((min if order["sign"] < 0 else max)(price, newest), order, book, terms)
        book["equity"].append(worth(book, terms, bar["close"]))
        for action in script[at]:
            act(action, bar["close"], book, terms)
    for order in waiting(book):
        order |= {"status": "expired", "rule": "end_of_data"}  # 8
    return book


def waiting(book: Row) -> list[Row]:
    return [order for order in book["orders"] if order["status"] not in ENDED]


def held(book: Row) -> Fraction:
    return sum((lot["quantity"] for lot in book["lots"]), Fraction(0))


def worth(book: Row, terms: Row, price: Fraction) -> Fraction:
    """40: cash plus the position's value, or its open profit where it is margined."""
    value = held(book) * price
    if terms["is_margined"]:
        value -= sum(lot["quantity"] * lot["price"] for lot in book["lots"])
    return Fraction(book["cash"] + value * terms["multiplier"])


def reached(bar: Row, orders: list[Row]) -> list[tuple[Fraction, Row]]:
    """10 to 21: the orders that the bar reaches, with the price they meet, first to last."""
    found: list[tuple[int, int, Fraction, Row]] = []
    for place, order in enumerate(orders):
        kind, price = order["kind"], order["price"]
        rises = (kind == "stop") == (order["sign"] > 0)  # what it waits for
        moment, met = 0, bar["open"]
        if kind != "market":
            if bar["open"] >= price if rises else bar["open"] <= price:
                moment = 1 if kind == "stop" else 2
            elif bar["high"] >= price if rises else bar["low"] <= price:
                moment, met = 3 if kind == "stop" else 4 if order["closes"] else 5, price
            else:
                continue
        order["moment"] = moment
        found.append((moment, place, met, order))
    found.sort(key=lambda hit: hit[:2])
    return [(met, order) for _, _, met, order in found]


def execute(met: Fraction, order: Row, book: Row, terms: Row) -> None:
    if order["status"] in ENDED:
        return
    slip = terms["slip_ticks"] * terms["tick"] + terms["slip_ratio"] * met
    ticks = (met + (order["kind"] != "limit") * order["sign"] * slip) / terms["tick"]  # 22 to 24
    whole = -(-ticks // 1) if order["sign"] > 0 else ticks // 1  # 25, 26
    price = Fraction(max(whole, 1) * terms["tick"])
    quantity, position = order["quantity"], held(book)
    if order["closes"]:  # 30 to 32
        quantity = min(quantity, max(-order["sign"] * position, 0))
        if not quantity:
            if order["kind"] == "market":
                order |= {"status": "rejected", "rule": "nothing_to_close"}
            return
    elif order["trims"]:  # 36, 37
        lots = [n * terms["lot"] for n in range(1, int(quantity / terms["lot"]) + 1)]
        most = bisect_left(lots, 1, key=lambda n: refusal(n, price, order, book, terms) != "")
        quantity = max(most, 1) * terms["lot"]
    if rule := refusal(quantity, price, order, book, terms):
        order |= {"status": "rejected", "rule": rule}
        return
    commission = charge(quantity, price, order, book, terms)
    lost = abs(price - met) * quantity * terms["multiplier"]  # 28
    book["fills"].append((book["at"], order["sign"], quantity, price, commission, lost))
    settle(quantity * order["sign"], price, commission, book, terms)
    order |= {"filled": quantity, "status": "filled"}
    if quantity < order["quantity"]:
        rule = "nothing_to_close" if order["closes"] else "trimmed"
        order |= {"status": "cancelled", "rule": rule}
    for other in waiting(book) if position and position * held(book) <= 0 else []:
        if other["closes"] and other["kind"] != "market" and other["sign"] * position < 0:
            other |= {"status": "cancelled", "rule": "position_closed"}


def refusal(quantity: Fraction, price: Fraction, order: Row, book: Row, terms: Row) -> str:
    """38 to 42: the rule that forbids a fill; empty if none does."""
    before, after = held(book), held(book) + order["sign"] * quantity
    if before * order["sign"] < 0 and before * after >= 0:
        return ""  # 41
    if after < 0 and not terms["can_short"]:
        return "short_not_allowed"
    ratio = terms["margin_long"] if after > 0 else terms["margin_short"]
    needed = abs(after) * price * terms["multiplier"] * ratio
    commission = charge(quantity, price, order, book, terms)
    return "" if needed <= worth(book, terms, price) - commission else "insufficient_funds"


def charge(quantity: Fraction, price: Fraction, order: Row, book: Row, terms: Row) -> Fraction:
    """44 to 46: rates for what opens, closes, and closes lots of the same day; minimum; taxes."""
    left = min(quantity, max(-order["sign"] * held(book), 0))
    parts = {"open": quantity - left, "close": Fraction(0), "close_today": Fraction(0)}
    for lot in book["lots"]:
        part = min(left, abs(lot["quantity"]))
        parts["close_today" if lot["day"] == book["day"] else "close"] += part
        left -= part
    unit = price * terms["multiplier"]
    raw = sum(parts[on] * (unit * terms[on]["by_money"] + terms[on]["by_unit"]) for on in parts)
    tax = terms["transfer"] + (terms["sell_tax"] if order["sign"] < 0 else 0)
    return Fraction(max(raw, terms["minimum"]) + tax * quantity * unit)


def settle(signed: Fraction, price: Fraction, cost: Fraction, book: Row, terms: Row) -> None:
    """48, 49, 51: close the oldest lots on the other side, open the rest, move cash."""
    profit, left = Fraction(0), signed
    while left and book["lots"] and book["lots"][0]["quantity"] * left < 0:
        lot = book["lots"][0]
        part = min(abs(left), abs(lot["quantity"])) * (1 if lot["quantity"] > 0 else -1)
        gross = part * (price - lot["price"]) * terms["multiplier"]
        book["trips"].append((abs(part), lot["price"], price, gross))
        profit += gross
        lot["quantity"] -= part
        left += part
        book["lots"] = [lot for lot in book["lots"] if lot["quantity"]]
    if left:
        book["lots"].append({"quantity": left, "price": price, "day": book["day"]})
    moved = profit if terms["is_margined"] else -signed * price * terms["multiplier"]
    book["cash"] += moved - cost


def act(action: Row, close: Fraction, book: Row, terms: Row) -> None:
    """Send what an action asks for; orders.md says what that is."""
    do, quantity, lot = action["do"], action.get("quantity"), terms["lot"]
    unit = close * terms["multiplier"]
    if do == "cancel":
        for order in (order for order in waiting(book) if order["number"] == action["order"]):
            order |= {"status": "cancelled", "rule": "cancelled_by_strategy"}
    elif do in {"target", "value", "weight", "close"}:
        wanted = Fraction(quantity or 0)
        if do in {"value", "weight"}:
            wanted *= worth(book, terms, close) if do == "weight" else 1
            wanted = abs(wanted) // (unit * lot) * lot * (1 if wanted > 0 else -1)
        step = wanted - expected(book)
        if abs(step) >= lot:
            whole = abs(step) // lot * lot
            send(action | {"trims": True}, 1 if step > 0 else -1, whole, book, terms)
    else:
        sign = 1 if do in {"buy", "cover"} else -1
        if quantity is None and do in {"sell", "cover"}:
            quantity = max(-sign * expected(book), Fraction(0))
        elif quantity is None and terms["size"] is not None:
            quantity = terms["size"]
        elif quantity is None:
            affordable = worth(book, terms, close) * terms["weight"] / unit
            quantity, action = max(affordable, 0) // lot * lot, action | {"trims": True}
        send(action, sign, Fraction(quantity), book, terms)


def expected(book: Row) -> Fraction:
    """The position once every market order that waits has filled."""
    position = held(book)
    for order in (order for order in waiting(book) if order["kind"] == "market"):
        most = max(-order["sign"] * position, 0) if order["closes"] else order["quantity"]
        position += order["sign"] * min(order["quantity"], most)
    return position


def send(action: Row, sign: int, quantity: Fraction, book: Row, terms: Row) -> None:
    kind = "limit" if "price" in action else "stop" if "stop" in action else "market"
    price, closes = action.get("price", action.get("stop")), action["do"] in {"sell", "cover"}
    rule = ""
    if closes and not quantity:
        rule = "nothing_to_close"
    elif action.get("trims") and not quantity:
        rule = "insufficient_funds"
    elif quantity <= 0 or quantity % terms["lot"]:
        rule = "off_lot"
    elif price is not None and (price % terms["tick"] or price <= 0):
        rule = "off_tick" if price % terms["tick"] else "bad_price"
    order = {"number": len(book["orders"]), "sign": sign, "kind": kind, "price": price}
    order |= {"quantity": quantity, "trims": action.get("trims"), "closes": closes}
    order |= {"filled": Fraction(0), "status": "rejected" if rule else "accepted", "rule": rule}
    book["orders"].append(order)
