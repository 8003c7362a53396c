"""Which orders a bar reaches, and at what price of the market."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quantloom.simulation import Moment, match, reach
from quantloom.trading import Order, OrderKind, OrderTicket, Side

BUY, SELL = Side.BUY, Side.SELL
LIMIT, STOP, MARKET = OrderKind.LIMIT, OrderKind.STOP, OrderKind.MARKET


def make_order(side: Side, kind: OrderKind, price: float | None = None, number: int = 1) -> Order:
    exact = None if price is None else Decimal(str(price))
    return Order(
        OrderTicket(id=number, symbol="X", side=side, kind=kind, quantity=Decimal(1), price=exact)
    )


@pytest.mark.parametrize(
    ("side", "kind", "price", "moment", "reference"),
    [
        (BUY, MARKET, None, Moment.OPEN_MARKET, 10),
        (BUY, STOP, 10, Moment.OPEN_STOP, 10),
        (BUY, STOP, 9, Moment.OPEN_STOP, 10),
        (BUY, STOP, 12, Moment.INSIDE_STOP, 12),
        (SELL, STOP, 10, Moment.OPEN_STOP, 10),
        (SELL, STOP, 11, Moment.OPEN_STOP, 10),
        (SELL, STOP, 8, Moment.INSIDE_STOP, 8),
        (BUY, LIMIT, 10, Moment.OPEN_LIMIT, 10),
        (BUY, LIMIT, 11, Moment.OPEN_LIMIT, 10),
        (BUY, LIMIT, 8, Moment.INSIDE_LIMIT, 8),
        (SELL, LIMIT, 10, Moment.OPEN_LIMIT, 10),
        (SELL, LIMIT, 9, Moment.OPEN_LIMIT, 10),
        (SELL, LIMIT, 12, Moment.INSIDE_LIMIT, 12),
    ],
)
def test_a_bar_from_8_to_12_that_opens_at_10(
    side: Side, kind: OrderKind, price: float | None, moment: Moment, reference: float
) -> None:
    order = make_order(side, kind, price)

    hit = reach(order, open_=10, high=12, low=8)

    assert hit is not None
    assert (hit.moment, hit.reference, hit.order) == (moment, reference, order)


@pytest.mark.parametrize(
    ("side", "kind", "price"),
    [(BUY, STOP, 12.01), (SELL, LIMIT, 12.01), (SELL, STOP, 7.99), (BUY, LIMIT, 7.99)],
)
def test_what_the_bar_does_not_touch_waits(side: Side, kind: OrderKind, price: float) -> None:
    assert reach(make_order(side, kind, price), open_=10, high=12, low=8) is None


cents = st.integers(1, 60).map(lambda count: count / 4)


@given(cents, cents, cents, st.sampled_from(Side), st.sampled_from([LIMIT, STOP]), cents)
def test_the_price_met_lies_inside_the_bar(
    one: float, two: float, three: float, side: Side, kind: OrderKind, price: float
) -> None:
    low, open_, high = sorted([one, two, three])

    hit = reach(make_order(side, kind, price), open_, high, low)

    assume(hit is not None)
    assert hit is not None
    assert low <= hit.reference <= high
    worse = (price - hit.reference) * side.sign
    assert worse >= 0 if kind is LIMIT else worse <= 0


@given(st.lists(st.tuples(st.sampled_from(Side), st.sampled_from(OrderKind), cents), max_size=12))
def test_hits_come_by_moment_and_then_by_age(orders: list[tuple[Side, OrderKind, float]]) -> None:
    working = [
        make_order(side, kind, None if kind is MARKET else price, number)
        for number, (side, kind, price) in enumerate(orders)
    ]

    hits = match(working, open_=7, high=9, low=5)

    keys = [(hit.moment, hit.order_id) for hit in hits]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    missed = set(range(len(orders))) - {hit.order_id for hit in hits}
    assert all(reach(working[number], 7, 9, 5) is None for number in missed)
