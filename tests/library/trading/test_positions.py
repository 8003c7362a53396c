"""Lots: first in, first out, and flips."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quantloom.trading import Fill, Offset, Position, PositionView, RoundTrip, Side
from tests.library.trading.builders import FILLS, SCOPED_FILLS, make_fill

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


def test_a_position_counts_as_true_while_something_is_held() -> None:
    bought, sold = make_fill(quantity=D(2)), make_fill(quantity=D(2), side=Side.SELL)

    held = [bool(PositionView(applied(*fills)[0])) for fills in [(), (bought,), (bought, sold)]]

    assert held == [False, True, False]


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


@given(FILLS, st.sampled_from(Side), st.sampled_from(Offset), st.integers(0, 4))
def test_an_offset_sees_the_lots_that_it_may_close_and_no_others(
    fills: list[Fill], side: Side, offset: Offset, day: int
) -> None:
    position, _ = applied(*fills)

    opposite = [lot for lot in position.lots if (lot.quantity > 0) != (side is Side.BUY)]
    of_today = [lot for lot in opposite if lot.day == day]
    earlier = [lot for lot in opposite if lot.day < day]
    seen = {Offset.CLOSE_TODAY: of_today, Offset.CLOSE_YESTERDAY: earlier}.get(offset, opposite)
    there = sum((abs(lot.quantity) for lot in seen), D(0))
    assert position.closing_part(side, D(10**6), offset, day) == there
    assert position.closing_part(side, D("0.5"), offset, day) == min(there, D("0.5"))


@given(FILLS, st.sampled_from(Offset), st.integers(0, 4))
def test_what_an_offset_closes_of_today_was_opened_today(
    fills: list[Fill], offset: Offset, day: int
) -> None:
    position, _ = applied(*fills)
    side = Side.SELL if position.is_long else Side.BUY

    closing = position.closing_part(side, D(500), offset, day)
    of_day = position.closing_part_of_day(closing, day, offset)

    opened_today = sum((abs(lot.quantity) for lot in position.lots if lot.day == day), D(0))
    assert D(0) <= of_day <= min(closing, opened_today)
    if offset is Offset.CLOSE_TODAY:
        assert of_day == closing
    if offset is Offset.CLOSE_YESTERDAY:
        assert of_day == 0


@given(SCOPED_FILLS)
def test_lots_are_never_lost_whatever_the_offsets(fills: list[Fill]) -> None:
    position = Position("TEST.LOCAL")
    opened = closed = D(0)

    for fill in fills:
        scoped = as_the_venue_would(position, fill)
        if scoped is None:
            continue
        before = position.closing_part(scoped.side, scoped.quantity, scoped.offset, scoped.day)
        trips = position.apply(scoped)
        assert sum((trip.quantity for trip in trips), D(0)) == before
        closed += before
        opened += scoped.quantity - before

    held = sum((lot.quantity for lot in position.lots), D(0))
    assert position.quantity == held
    assert abs(held) == opened - closed
    assert position.cost == sum((lot.quantity * lot.price for lot in position.lots), D(0))
    assert len({lot.quantity > 0 for lot in position.lots}) <= 1


def as_the_venue_would(position: Position, fill: Fill) -> Fill | None:
    """A fill that closes is cut to what is there for it; one that opens never closes."""
    if fill.offset.only_closes:
        part = position.closing_part(fill.side, fill.quantity, fill.offset, fill.day)
        return replace(fill, quantity=part) if part else None
    against = position.quantity * fill.side.sign < 0
    return None if fill.offset is Offset.OPEN and against else fill


def test_a_scoped_close_passes_older_lots_by() -> None:
    position, trips = applied(
        make_fill(quantity=D(2), price=D(10), day=0),
        make_fill(quantity=D(3), price=D(11), day=1),
        make_fill(quantity=D(1), price=D(12), day=1),
        make_fill(quantity=D(4), side=Side.SELL, day=1, offset=Offset.CLOSE_TODAY),
        make_fill(quantity=D(1), side=Side.SELL, day=1, offset=Offset.CLOSE_YESTERDAY),
    )

    assert [int(trip.entry_price) for trip in trips] == [11, 12, 10]
    assert [int(trip.quantity) for trip in trips] == [3, 1, 1]
    assert [(lot.price, lot.quantity) for lot in position.lots] == [(D(10), D(1))]


def test_a_round_trip_says_what_closed_it() -> None:
    _, trips = applied(make_fill(tag="in"), make_fill(side=Side.SELL, cause="stop_loss"))

    assert (trips[0].exit, trips[0].tag) == ("stop_loss", "in")


def plain(fill: Fill) -> dict[str, object]:
    names = ("side", "quantity", "price", "commission", "slippage", "day")
    return {name: getattr(fill, name) for name in names}
