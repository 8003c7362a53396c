"""A slow, plain engine in fractions, from docs/reference/fills.md, whose sentences it cites.

It knows all of them but 29, detail bars. `reference_orders` takes the orders, `reference_fills`
fills them at `reference_prices`, `reference_account` books it.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from tests.library.backtest.reference_account import (
    Book,
    Order,
    Row,
    worth,
)
from tests.library.backtest.reference_fills import take_turn
from tests.library.backtest.reference_orders import act, end
from tests.library.backtest.reference_prices import draw, is_reached, stop_of, worse

HOURS_A_DAY = 24
AT_OPEN_ALONE = {"IOC", "FOK", "OPEN"}

Look = Callable[[Order, Row, Book], list[tuple[int, Fraction]]]
Lines = list[Row] | Callable[[Book], list[Row]]
"""What to send at one time: written beforehand, or as the account stands then."""


def run(times: list[Row], instruments: dict[str, Row], script: Sequence[Lines], terms: Row) -> Book:
    """Run a script over bars of an hour.

    Args:
        times: each with its `hour` and `bars`, by symbol; prices and volumes are fractions, an
            unknown volume is None.
        script: what to send at the start and after each time.
    """
    for symbol, instrument in instruments.items():
        know(times, symbol, instrument)
    book = begin(times, instruments, terms)
    send(script[0], book)
    for time, lines in zip(times, script[1:], strict=True):
        book.at, book.bars = book.at + 1, time["bars"]
        book.taken = dict.fromkeys(instruments, Fraction(0))
        book.marks = {symbol: book.last_price(symbol) for symbol in instruments}
        book.marks |= {symbol: bar["open"] for symbol, bar in book.bars.items()}  # 77
        match(time["hour"], book)
        for symbol, bar in book.bars.items():
            book.history[symbol].append(bar)
        book.equity.append(worth(book, {name: book.last_price(name) for name in instruments}))  # 90
        send(lines, book)
    for order in book.waiting():
        end(order, "expired", "end_of_data")  # 10
    return book


def send(lines: Lines, book: Book) -> None:
    for action in lines(book) if callable(lines) else lines:
        act(action, book)


def know(times: list[Row], symbol: str, instrument: Row) -> None:
    """Say of each bar whether it trades and whether it is the first or last of its day."""
    rows = [(time["hour"], time["bars"][symbol]) for time in times if symbol in time["bars"]]
    if not instrument["counts_volume"] or not any(bar["volume"] for _, bar in rows):
        for _, bar in rows:
            bar["volume"] = None  # 7
    days = [hour // HOURS_A_DAY for hour, _ in rows]
    for place, (hour, bar) in enumerate(rows):
        bar["trades"] = bar["volume"] != 0  # 6, 7
        bar["day"] = days[place]
        bar["is_first"] = place == 0 or days[place - 1] != days[place]  # 17
        follows = days[place + 1] if place + 1 < len(rows) else days[place]
        bar["is_last"] = hour % HOURS_A_DAY == HOURS_A_DAY - 1 or follows != days[place]  # 13


def begin(times: list[Row], instruments: dict[str, Row], terms: Row) -> Book:
    first_opens: dict[str, Fraction] = {}
    for time in times:
        for symbol, bar in time["bars"].items():
            first_opens.setdefault(symbol, bar["open"])
    book = Book(instruments, terms, terms["cash"], first_opens, set(times[0]["bars"]))
    book.history = {symbol: [] for symbol in instruments}
    book.lots = {symbol: [] for symbol in instruments}
    return book


def match(hour: int, book: Book) -> None:
    """21, 22, 28: the eight moments; orders are looked at anew four times."""
    before_open(hour, book)
    take_turns(at_open, book)
    for order in offered(book):
        if order.tif in AT_OPEN_ALONE:  # 15, 16, 17, 19
            end(order, "cancelled", "auction_over" if order.tif == "OPEN" else "not_immediate")
    for order in trading(book):
        order.inside_stop = stop_of(order, book)
    take_turns(inside, book)
    for order in trading(book):
        if order.inside_stop is not None:  # 39
            draw(order, book.bars[order.symbol]["high" if order.sign < 0 else "low"])
    take_turns(late, book)
    take_turns(at_close, book)
    for order in offered(book):
        if order.tif == "CLOSE":
            end(order, "cancelled", "auction_over")  # 18, 19
    after_close(book)


def before_open(hour: int, book: Book) -> None:
    for order in book.waiting():
        if order.symbol not in book.bars:
            continue
        if order.until is not None and hour >= order.until:
            end(order, "expired", "time_over")  # 14
        elif order.condition and "at" in order.condition and not order.bars_out:
            order.is_held = order.is_held and hour < order.condition["at"]  # 73
    for order in offered(book):
        if order.day is None:
            order.day = book.bars[order.symbol]["day"]  # 12
    for order in trading(book):
        opens = book.bars[order.symbol]["open"]
        draw(order, opens)
        if order.post_only and not order.has_met_trading and is_reached(order, opens, order.price):
            end(order, "cancelled", "would_take")  # 20
        order.has_met_trading, order.inside_stop = True, None


def after_close(book: Book) -> None:
    for order in book.waiting():
        bar = book.bars.get(order.symbol)
        if bar and bar["is_last"] and order.tif == "DAY" and order.day == bar["day"]:
            end(order, "expired", "day_over")  # 12
        if bar and order.cancel_out is not None:
            order.cancel_out -= 1
            if not order.cancel_out:
                end(order, "cancelled", "cancelled_by_strategy")  # 9
        if order.is_held and not order.bars_out and is_met(order, book):
            order.is_held = False  # 72
        if bar and order.bars_out:
            order.bars_out -= 1  # 8


def is_met(order: Order, book: Book) -> bool:
    """72: whether a bar of the present time meets a condition of price."""
    condition = order.condition
    if condition is None or "at" in condition:
        return False
    bar = book.bars.get(condition["symbol"])
    if bar is None or not bar["trades"]:
        return False
    if condition["is_above"]:
        return bool(bar["high"] >= condition["price"])
    return bool(bar["low"] <= condition["price"])


def offered(book: Book) -> Iterable[Order]:
    """The orders that the present bars may fill."""
    for order in book.waiting():
        bar = book.bars.get(order.symbol)
        if bar is None or order.is_held or order.bars_out:
            continue
        if order.tif == "OPEN" and not bar["is_first"]:
            continue
        if order.tif == "CLOSE" and not bar["is_last"]:
            continue
        yield order


def trading(book: Book) -> Iterable[Order]:
    """6: those of them whose bar trades."""
    return (order for order in offered(book) if book.bars[order.symbol]["trades"])


def at_open(order: Order, bar: Row, book: Book) -> list[tuple[int, Fraction]]:
    """30, 31, 33, 36: the moments at the open in which an order has a turn."""
    opens, kind = bar["open"], order.acts_as
    if order.tif == "CLOSE":
        return []
    if kind == "market":
        return [(1, opens)]
    moments = []
    if kind != "limit" and is_reached(order, opens, stop_of(order, book), as_stop=True):
        moments.append((2, opens))
    is_limit = kind == "limit" or (kind == "stop_limit" and moments)
    if is_limit and is_reached(order, opens, order.price):
        moments.append((3, opens))
    return moments


def inside(order: Order, bar: Row, book: Book) -> list[tuple[int, Fraction]]:
    """32, 34, 35, 37, 39: the moment inside the bar in which an order has its turn."""
    if order.tif == "CLOSE" or order.acts_as == "market":
        return []
    if order.acts_as == "limit":
        touched = bar["low"] if order.sign > 0 else bar["high"]
        if is_reached(order, touched, order.price):
            better = is_reached(order, bar["open"], order.price)
            met = bar["open"] if better else Fraction(order.price or 0)
            return [(5 if order.closes else 6, met)]
        return []
    touched, stop = bar["high"] if order.sign > 0 else bar["low"], stop_of(order, book)
    if stop is not None and is_reached(order, touched, stop, as_stop=True):
        return [(4, worse(order, stop, bar["open"]))]
    return []


def late(order: Order, bar: Row, book: Book) -> list[tuple[int, Fraction]]:
    """26, 40: what a stop that had no luck inside the bar meets after all."""
    if order.acts_as not in {"stop", "trailing_stop"}:
        return []
    touched = bar["high"] if order.sign > 0 else bar["low"]
    stop = stop_of(order, book) if order.inside_stop is None else order.inside_stop
    if order.closes and stop is not None and is_reached(order, touched, stop, as_stop=True):
        return [(7, stop)]
    if order.acts_as == "trailing_stop" and order.inside_stop is not None:
        drawn = stop_of(order, book)
        if drawn is not None and is_reached(order, bar["close"], drawn, as_stop=True):
            return [(7, drawn)]
    return []


def at_close(order: Order, bar: Row, book: Book) -> list[tuple[int, Fraction]]:
    """42: what takes part in the close."""
    if order.tif != "CLOSE":
        return []
    if order.acts_as == "limit" and not is_reached(order, bar["close"], order.price):
        return []
    return [(8, bar["close"])]


def take_turns(look: Look, book: Book) -> None:
    """23: moment by moment, and within one the order sent first."""
    turns = [
        (moment, order.number, order, met)
        for order in trading(book)
        for moment, met in look(order, book.bars[order.symbol], book)
    ]
    for moment, _, order, met in sorted(turns, key=lambda turn: turn[:2]):
        if not order.has_ended:
            take_turn(moment, order, met, book)
