"""A book's alarm levels: what lets the loop leave most bars alone."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import Kind
from quantloom.simulation import (
    Book,
    OfferedBar,
    counts_volume,
    reach_inside,
    reach_late,
    reach_open,
    trigger_at_open,
)
from quantloom.trading import (
    PLAIN,
    Order,
    OrderKind,
    Side,
    Terms,
    TimeInForce,
    above,
    ticks,
)
from tests.library.simulation.builders import (
    DAY_NS,
    PRICES,
    Heard,
    make_bar,
    make_instrument,
    make_resting,
    random_bars,
)

BUY, SELL = Side.BUY, Side.SELL
LIMIT, STOP, MARKET = OrderKind.LIMIT, OrderKind.STOP, OrderKind.MARKET
INF = float("inf")
SYMBOLS = ("X.LOCAL", "Y.LOCAL")
PRICED: dict[OrderKind, tuple[str, ...]] = {
    MARKET: (),
    LIMIT: ("price",),
    STOP: ("stop",),
    OrderKind.STOP_LIMIT: ("stop", "price"),
    OrderKind.TRAILING_STOP: (),
}


@pytest.mark.parametrize(
    ("side", "kind", "prices", "levels"),
    [
        (BUY, STOP, {"stop": 11}, (11, -INF)),
        (SELL, STOP, {"stop": 9}, (INF, 9)),
        (BUY, LIMIT, {"price": 9}, (INF, 9)),
        (SELL, LIMIT, {"price": 11}, (11, -INF)),
        (BUY, OrderKind.STOP_LIMIT, {"stop": 11, "price": 12}, (11, -INF)),
        (BUY, MARKET, {}, (-INF, INF)),
        (SELL, OrderKind.TRAILING_STOP, {"distance": ticks(4)}, (-INF, INF)),
        (BUY, LIMIT, {"price": 9, "tif": TimeInForce.DAY}, (-INF, INF)),
    ],
)
def test_a_book_raises_an_alarm_where_an_order_may_be_concerned(
    side: Side, kind: OrderKind, prices: dict[str, Any], levels: tuple[float, float]
) -> None:
    book = Book(make_instrument(), None, None)
    book.resting.append(make_resting(side, kind, **prices))

    book.watch()

    assert (book.rise, book.fall) == levels


def test_an_empty_book_is_never_alarmed() -> None:
    book = Book(make_instrument(), None, None)
    book.tidy()

    assert (book.rise, book.fall) == (INF, -INF)


def test_a_book_keeps_count_of_what_is_left_of_a_bars_volume() -> None:
    book = Book(make_instrument(lot=Decimal(10)), Decimal("0.1"), None)

    book.begin(make_bar(volume=377.0))
    book.take(Decimal(20))
    spent = [book.taken, book.left]
    book.begin(make_bar())

    assert spent == [20, 10]
    assert [book.taken, book.left] == [0, None]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_volume_of_what_is_not_traded_in_one_place_does_not_count(kind: Kind) -> None:
    counts = counts_volume(make_instrument(kind=kind))

    assert counts == (kind not in {Kind.FX, Kind.INDEX})


# What the loop rests on


@given(
    st.sampled_from(Side),
    st.sampled_from([LIMIT, STOP, OrderKind.STOP_LIMIT]),
    st.tuples(PRICES, PRICES),
    st.booleans(),
    random_bars(),
)
def test_a_quiet_bar_reaches_no_order_and_a_bar_that_reaches_one_is_not_quiet(
    side: Side, kind: OrderKind, prices: tuple[float, float], closes: bool, bar: OfferedBar
) -> None:
    named = dict(zip(PRICED[kind], prices, strict=False))
    one = make_resting(side, kind, is_reduce_only=closes, **named)
    book = Book(make_instrument(), None, None)
    book.resting.append(one)
    book.watch()
    is_quiet = not is_alarmed(book, bar)

    hits = [trigger_at_open(one, bar), reach_inside(one, bar), reach_late(one, bar)]
    if not one.waits_for_stop:
        hits.append(reach_open(one, bar))

    assert is_quiet == all(hit is None for hit in hits)


@dataclass(frozen=True)
class Wish:
    """An order that a random strategy sends."""

    symbol: str
    side: Side
    kind: OrderKind
    prices: tuple[float, float]
    quantity: int
    is_reduce_only: bool
    terms: dict[str, Any]
    has_bracket: bool


TERMS = st.sampled_from(
    [
        *[{}] * 20,
        {"tif": TimeInForce.DAY},
        {"tif": TimeInForce.GTD, "until_ns": 9 * DAY_NS},
        {"condition": above(12)},
        {"condition": above(11, "Y.LOCAL")},
    ]
)
WISHES = st.builds(
    Wish,
    symbol=st.sampled_from(SYMBOLS),
    side=st.sampled_from(Side),
    kind=st.sampled_from([*OrderKind, *[LIMIT, STOP, OrderKind.STOP_LIMIT] * 3]),
    prices=st.tuples(PRICES, PRICES),
    quantity=st.integers(1, 6),
    is_reduce_only=st.booleans(),
    terms=TERMS,
    has_bracket=st.booleans(),
)


@st.composite
def random_steps(draw: st.DrawFn, /) -> list[tuple[list[Wish], dict[str, OfferedBar]]]:
    """What is sent before each step, and the bars of the step: of both instruments or of one."""
    steps = []
    for number in range(draw(st.integers(1, 9))):
        times = {"ts_ns": number * DAY_NS // 2, "day": number // 2, "is_day_end": bool(number % 2)}
        volume = draw(st.sampled_from([0.0, 20.0, 60.0, float("nan")]))
        present = draw(st.sampled_from([SYMBOLS, SYMBOLS, SYMBOLS, ("X.LOCAL",), ("Y.LOCAL",)]))
        bars = {
            symbol: draw(random_bars(**times, volume=volume, trades=volume != 0))
            for symbol in present
        }
        steps.append((draw(st.lists(WISHES, max_size=2)), bars))
    return steps


def make_desk(latency: int) -> Heard:
    instruments = [make_instrument(symbol=symbol) for symbol in SYMBOLS]
    return Heard(*instruments, cash=600, latency=latency, participation=Decimal("0.1"))


def send(desk: Heard, wish: Wish) -> Order:
    prices: dict[str, Any] = dict(zip(PRICED[wish.kind], wish.prices, strict=False))
    if wish.kind is OrderKind.TRAILING_STOP:
        prices = {"distance": ticks(3)}
    children = []
    if wish.has_bracket and not wish.is_reduce_only:
        children = [
            desk.half(wish.side.opposite, STOP, symbol=wish.symbol, distance=ticks(6)),
            desk.half(wish.side.opposite, LIMIT, symbol=wish.symbol, distance=ticks(9)),
        ]
    return desk.send(
        wish.side,
        wish.kind,
        symbol=wish.symbol,
        quantity=wish.quantity,
        is_reduce_only=wish.is_reduce_only,
        terms=Terms(**wish.terms) if wish.terms else PLAIN,
        children=children,
        last_price=wish.prices[0],
        **prices,
    )


def is_alarmed(book: Book, bar: OfferedBar) -> bool:
    return bar.high >= book.rise or bar.low <= book.fall


def state(desk: Heard, orders: list[Order]) -> list[Any]:
    """All that a bar may change."""
    found: list[Any] = [desk.ledger.cash, len(desk.bookings), len(desk.heard)]
    for order in all_of(orders):
        found.append((order.status, order.filled, order.price, order.stop, order.updated_ns))
        found.append((order.rule, order.is_market, order.is_held))
    for book in desk.venue.books.values():
        found.append([(one.best, one.wait, one.cancel_wait) for one in book.resting])
        found.append([(one.is_triggered, one.condition) for one in book.resting])
    return found


def all_of(orders: list[Order]) -> list[Order]:
    return [one for order in orders for one in (order, *order.children)]


@given(random_steps(), st.integers(0, 2))
def test_a_bar_that_raises_no_alarm_changes_nothing(
    steps: list[tuple[list[Wish], dict[str, OfferedBar]]], latency: int
) -> None:
    desk, orders = make_desk(latency), []

    for wishes, bars in steps:
        orders += [send(desk, wish) for wish in wishes]
        is_quiet = not any(is_alarmed(desk.venue.books[name], bar) for name, bar in bars.items())
        is_quiet &= not desk.venue.is_watching
        before = state(desk, orders)
        desk.match(bars)
        if is_quiet:
            assert state(desk, orders) == before


@given(random_steps(), st.integers(0, 2))
def test_matching_the_alarmed_bars_alone_fills_what_matching_all_of_them_does(
    steps: list[tuple[list[Wish], dict[str, OfferedBar]]], latency: int
) -> None:
    diligent, lazy = make_desk(latency), make_desk(latency)
    orders: dict[str, list[Order]] = {"diligent": [], "lazy": []}

    for wishes, bars in steps:
        for name, desk in (("diligent", diligent), ("lazy", lazy)):
            orders[name] += [send(desk, wish) for wish in wishes]
        diligent.match(bars)
        match_as_the_loop_does(lazy, bars)

    assert [booking.fill for booking in lazy.bookings] == [
        booking.fill for booking in diligent.bookings
    ]
    assert lazy.heard == diligent.heard
    assert lazy.ledger.cash == diligent.ledger.cash
    for one, other in zip(all_of(orders["lazy"]), all_of(orders["diligent"]), strict=True):
        assert (one.status, one.rule, one.updated_ns) == (
            other.status,
            other.rule,
            other.updated_ns,
        )


def match_as_the_loop_does(desk: Heard, bars: dict[str, OfferedBar]) -> None:
    venue, concerned = desk.venue, bars
    if not venue.is_watching:
        concerned = {
            name: bar
            for name, bar in bars.items()
            if venue.books[name].resting and is_alarmed(venue.books[name], bar)
        }
    desk.marks = {**desk.marks, **bars}
    if concerned:
        venue.match(concerned)
