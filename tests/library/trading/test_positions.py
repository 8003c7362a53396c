"""Lots: first in, first out, and flips."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quantloom.trading import Fill, Position, RoundTrip, Side
from tests.library.trading.builders import FILLS, make_fill

D = Decimal


def applied(*fills: Fill) -> tuple[Position, list[RoundTrip]]:
    position = Position("TEST.LOCAL")
    return position, [trip for fill in fills for trip in position.apply(fill)]


def test_the_oldest_lot_goes_first() -> None:
    position, trips = applied(
        make_fill(quantity=D(2), price=D(10)),
        make_fill(quantity=D(2), price=D(11)),
        make_fill(quantity=D(3), price=D(12), side=Side.SELL),
    )

    assert [(trip.quantity, trip.entry_price) for trip in trips] == [(D(2), D(10)), (D(1), D(11))]
    assert [(lot.quantity, lot.price) for lot in position.lots] == [(D(1), D(11))]
    assert (position.quantity, position.cost, position.realised) == (D(1), D(11), D(5))


def test_a_flip_closes_everything_and_opens_the_rest() -> None:
    position, trips = applied(
        make_fill(quantity=D(2), price=D(10), commission=D(4), tag="up"),
        make_fill(quantity=D(3), price=D(9), side=Side.SELL, commission=D(6), ts_ns=7, tag="down"),
    )

    assert trips[0].pnl == -2 - 4 - 4
    assert (trips[0].side, trips[0].tag) == (Side.BUY, "up")
    lot = position.lots[0]
    assert (lot.quantity, lot.commission, lot.ts_ns, lot.tag) == (D(-1), D(2), 7, "down")
    assert (position.is_short, position.average_price) == (True, 9)


def test_a_short_trip_gains_when_the_price_falls() -> None:
    _, trips = applied(make_fill(side=Side.SELL, price=D(10)), make_fill(price=D(8)))

    assert (trips[0].side, trips[0].gross) == (Side.SELL, D(2))


def test_the_multiplier_scales_money_and_not_quantity() -> None:
    position = Position("TEST.LOCAL", D(10))
    position.apply(make_fill(quantity=D(2), price=D(10)))

    assert position.unrealised(D(11)) == 20
    assert position.apply(make_fill(side=Side.SELL, price=D(12)))[0].gross == 20


@given(FILLS)
def test_lots_lie_on_one_side_and_by_age(fills: list[Fill]) -> None:
    position = Position("TEST.LOCAL")
    for age, fill in enumerate(fills):
        trips = position.apply(make_fill(**plain(fill), ts_ns=age))
        assert all(trip.entry_ns < trip.exit_ns == age for trip in trips)

    ages = [lot.ts_ns for lot in position.lots]
    assert ages == sorted(ages)
    assert len({lot.quantity > 0 for lot in position.lots}) <= 1
    assert all(lot.quantity for lot in position.lots)


@given(FILLS, st.sampled_from(Side), st.integers(0, 3))
def test_what_closes_divides_by_the_day_it_was_opened(
    fills: list[Fill], side: Side, day: int
) -> None:
    position, _ = applied(*fills)
    wanted = D(500)

    closing = position.closing_part(side, wanted)
    of_day = position.closing_part_of_day(closing, day)

    opposite = [lot for lot in position.lots if (lot.quantity > 0) != (side is Side.BUY)]
    assert closing == min(wanted, sum((abs(lot.quantity) for lot in opposite), D(0)))
    by_day = [position.closing_part_of_day(closing, one) for one in range(4)]
    assert sum(by_day, D(0)) == closing
    assert of_day == by_day[day]


def plain(fill: Fill) -> dict[str, object]:
    names = ("side", "quantity", "price", "commission", "slippage", "day")
    return {name: getattr(fill, name) for name in names}
