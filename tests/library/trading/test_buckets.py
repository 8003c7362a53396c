"""Both sides of a futures position by trading day, and what closing orders promise of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import Closing
from quantloom.trading import (
    BadPositionRows,
    Bucket,
    Buckets,
    CloseBeyondHeld,
    FrozenTwice,
    Offset,
    OffsetNotRouted,
    Overfilled,
    PositionRow,
    Refused,
    Side,
    Taken,
)
from tests.library.trading.builders import make_fill

D = Decimal


def make_closing(**given: Any) -> Closing:
    fields: dict[str, Any] = {"buckets": False, "consumes": "oldest", "fee_of": "lots"} | given
    return Closing(of=("x",), since=date(2020, 1, 1), source="default", **fields)


def make_buckets(
    closing: Closing | None = None,
    *,
    long: tuple[int, int] = (0, 0),
    short: tuple[int, int] = (0, 0),
    symbol: str = "x2405.DCE",
) -> Buckets:
    """A position from its lots of today and of yesterday."""
    rows = [
        PositionRow(
            side=side, is_history=False, position=D(sum(lots)), today=D(lots[0]), initial=D(lots[1])
        )
        for side, lots in ((Side.BUY, long), (Side.SELL, short))
    ]
    return Buckets.from_rows(symbol, rows, closing or make_closing())


def by_age(buckets: Buckets, side: Side) -> tuple[Bucket, Bucket]:
    held = buckets.held(side)
    return held.today, held.yesterday


def filled(buckets: Buckets, order_id: int, side: Side, quantity: int, offset: Offset) -> Taken:
    fill = make_fill(order_id=order_id, side=side, quantity=D(quantity), offset=offset)
    return buckets.apply(fill)


def sent(
    buckets: Buckets, order_id: int, side: Side, quantity: int, offset: Offset
) -> Refused | None:
    return buckets.freeze(order_id, side=side, quantity=D(quantity), offset=offset)


def test_both_sides_are_held_at_once() -> None:
    buckets = Buckets("rb2410.SHFE", make_closing())

    filled(buckets, 1, Side.BUY, 3, Offset.OPEN)
    filled(buckets, 2, Side.SELL, 2, Offset.OPEN)

    assert (buckets.long.quantity, buckets.short.quantity, buckets.net) == (D(3), D(2), D(1))


def test_settlement_makes_todays_lots_yesterdays() -> None:
    buckets = make_buckets(long=(3, 2))

    buckets.roll(make_closing(consumes="today"))

    assert by_age(buckets, Side.BUY) == (Bucket(), Bucket(D(5)))
    assert (buckets.long.initial, buckets.closing.consumes) == (D(5), "today")


def test_settlement_ends_every_claim() -> None:
    buckets = make_buckets(long=(3, 0), short=(0, 1))
    sent(buckets, 7, Side.SELL, 2, Offset.CLOSE)
    sent(buckets, 8, Side.BUY, 1, Offset.CLOSE)

    ended = buckets.roll(make_closing())

    assert ended == (7, 8)
    assert (buckets.long.frozen, buckets.short.frozen) == (D(0), D(0))


def test_what_the_day_began_with_stays_when_it_is_closed() -> None:
    buckets = make_buckets(long=(0, 5))

    filled(buckets, 1, Side.SELL, 3, Offset.CLOSE)

    assert (buckets.long.initial, buckets.long.yesterday.quantity) == (D(5), D(2))


def test_where_orders_name_the_age_each_bucket_freezes_alone() -> None:
    buckets = make_buckets(make_closing(buckets=True), long=(3, 2))

    assert sent(buckets, 1, Side.SELL, 2, Offset.CLOSE_TODAY) is None
    assert sent(buckets, 2, Side.SELL, 1, Offset.CLOSE_YESTERDAY) is None

    assert by_age(buckets, Side.BUY) == (Bucket(D(3), D(2)), Bucket(D(2), D(1)))


def test_at_shfe_a_plain_close_is_of_yesterdays_lots() -> None:
    closing = rule_book().need(Closing, "rb2410.SHFE", date(2024, 3, 1))
    buckets = make_buckets(closing, long=(3, 2), symbol="rb2410.SHFE")

    refused = sent(buckets, 1, Side.SELL, 3, Offset.CLOSE)
    taken = filled(buckets, 2, Side.SELL, 2, Offset.CLOSE)

    assert refused == Refused(
        "not_enough_to_close", "rb2410.SHFE: 3 long lots of yesterday to close, 2 free"
    )
    assert taken == Taken(yesterday=D(2))


def test_elsewhere_every_close_is_a_plain_one() -> None:
    buckets = make_buckets(long=(3, 2))  # the oldest lots go first

    taken = filled(buckets, 1, Side.SELL, 3, Offset.CLOSE_TODAY)

    assert taken == Taken(today=D(1), yesterday=D(2), paid_as_today=D(1))


@pytest.mark.parametrize(
    ("symbol", "day", "today"),
    [
        ("a1901.DCE", date(2018, 12, 28), 3),  # CTP: today first where closing today is cheaper,
        ("a1905.DCE", date(2019, 1, 2), 1),  # which for soybeans it ceased to be
        ("m2405.DCE", date(2025, 9, 9), 3),
        ("m2605.DCE", date(2025, 9, 10), 1),
        ("i1701.DCE", date(2016, 11, 10), 3),
        ("i1701.DCE", date(2016, 11, 11), 1),
        ("IF2406.CFFEX", date(2024, 6, 3), 3),
    ],
)
def test_which_lots_a_plain_close_takes_depends_on_product_and_day(
    symbol: str, day: date, today: int
) -> None:
    buckets = make_buckets(rule_book().need(Closing, symbol, day), long=(3, 2), symbol=symbol)

    taken = filled(buckets, 1, Side.SELL, 3, Offset.CLOSE)

    assert taken == Taken(today=D(today), yesterday=D(3 - today), paid_as_today=D(today))


def test_the_fee_may_go_by_another_rule_than_the_lots() -> None:
    closing = make_closing(consumes="oldest", fee_of="today_first")
    buckets = make_buckets(closing, long=(2, 2))

    first = filled(buckets, 1, Side.SELL, 3, Offset.CLOSE)
    second = filled(buckets, 2, Side.SELL, 1, Offset.CLOSE)

    # The first pays for both of today's lots, though it took but one; none is left to be paid.
    assert first == Taken(today=D(1), yesterday=D(2), paid_as_today=D(2))
    assert second == Taken(today=D(1))


def test_a_fill_tells_a_commission_what_pays_as_today() -> None:
    taken = Taken(today=D(1), yesterday=D(2), paid_as_today=D(2))

    parts = taken.parts(Side.SELL, D(100))

    assert (parts.opened, parts.closed, parts.closed_today) == (D(0), D(1), D(2))


def test_a_plain_close_shows_as_frozen_what_it_would_take() -> None:
    buckets = make_buckets(long=(3, 2))

    sent(buckets, 1, Side.SELL, 1, Offset.CLOSE)
    sent(buckets, 2, Side.SELL, 3, Offset.CLOSE)

    # Four lots, oldest first: both of yesterday's and two of today's.
    assert by_age(buckets, Side.BUY) == (Bucket(D(3), D(2)), Bucket(D(2), D(2)))


def test_the_order_that_fills_first_takes_the_first_lots() -> None:
    buckets = make_buckets(long=(3, 2))
    sent(buckets, 1, Side.SELL, 2, Offset.CLOSE)
    sent(buckets, 2, Side.SELL, 3, Offset.CLOSE)

    later, earlier = (filled(buckets, order, Side.SELL, 2, Offset.CLOSE) for order in (2, 1))

    assert (later, earlier) == (Taken(yesterday=D(2)), Taken(today=D(2), paid_as_today=D(2)))


def test_a_cancel_gives_back_what_did_not_fill() -> None:
    buckets = make_buckets(make_closing(buckets=True), short=(0, 5))
    sent(buckets, 1, Side.BUY, 4, Offset.CLOSE_YESTERDAY)
    filled(buckets, 1, Side.BUY, 1, Offset.CLOSE_YESTERDAY)

    thawed = [buckets.thaw(1), buckets.thaw(1)]

    assert thawed == [3, 0]
    assert by_age(buckets, Side.SELL) == (Bucket(), Bucket(D(4)))


def test_an_opening_order_freezes_nothing() -> None:
    buckets = make_buckets(short=(1, 0))

    assert sent(buckets, 1, Side.BUY, 50, Offset.OPEN) is None

    assert (buckets.thaw(1), buckets.short.frozen) == (D(0), D(0))


def test_a_refused_order_freezes_nothing() -> None:
    buckets = make_buckets(long=(1, 1))
    sent(buckets, 1, Side.SELL, 1, Offset.CLOSE)

    refused = sent(buckets, 2, Side.SELL, 2, Offset.CLOSE)

    assert refused == Refused("not_enough_to_close", "x2405.DCE: 2 long lots to close, 1 free")
    assert (buckets.thaw(2), buckets.long.frozen) == (D(0), D(1))


def test_an_order_freezes_once() -> None:
    buckets = make_buckets(long=(5, 0))
    sent(buckets, 1, Side.SELL, 1, Offset.CLOSE)

    with pytest.raises(FrozenTwice, match="order 1 has frozen its lots already"):
        sent(buckets, 1, Side.SELL, 1, Offset.CLOSE)


@pytest.mark.parametrize("ask", [sent, filled])
def test_an_offset_must_be_told(ask: Callable[..., object]) -> None:
    with pytest.raises(OffsetNotRouted, match="split it with `route` first"):
        ask(make_buckets(long=(5, 0)), 1, Side.SELL, 1, Offset.AUTO)


def test_an_order_fills_no_more_than_it_froze() -> None:
    buckets = make_buckets(long=(5, 0))
    sent(buckets, 1, Side.SELL, 1, Offset.CLOSE)

    with pytest.raises(Overfilled):
        filled(buckets, 1, Side.SELL, 2, Offset.CLOSE)


def test_an_execution_of_a_foreign_order_takes_only_what_is_free() -> None:
    buckets = make_buckets(long=(3, 0))
    sent(buckets, 1, Side.SELL, 2, Offset.CLOSE)

    with pytest.raises(CloseBeyondHeld, match="closes 2 with only 1 free"):
        filled(buckets, 99, Side.SELL, 2, Offset.CLOSE)
    taken = filled(buckets, 99, Side.SELL, 1, Offset.CLOSE)

    assert taken.quantity == 1
    assert by_age(buckets, Side.BUY)[0] == Bucket(D(2), D(2))


def test_shfe_answers_in_two_records_whose_yesterday_is_what_it_began_with() -> None:
    # Began with 5, closed 3 of them, opened 4 since: YdPosition stays 5, yd = Position - Today = 2.
    rows = (
        PositionRow(side=Side.BUY, is_history=False, position=D(4), today=D(4), initial=D(0)),
        PositionRow(side=Side.BUY, is_history=True, position=D(2), today=D(0), initial=D(5)),
    )

    buckets = Buckets.from_rows("rb2410.SHFE", rows, make_closing(buckets=True))

    assert by_age(buckets, Side.BUY) == (Bucket(D(4)), Bucket(D(2)))
    assert buckets.rows() == rows


def test_elsewhere_one_record_tells_both_ages() -> None:
    row = PositionRow(
        side=Side.SELL, is_history=False, position=D(6), today=D(4), initial=D(5), frozen=D(3)
    )

    buckets = Buckets.from_rows("m2409.DCE", [row], make_closing())
    sent(buckets, 1, Side.BUY, 3, Offset.CLOSE)  # frozen lots come with the orders, not the record

    assert by_age(buckets, Side.SELL) == (Bucket(D(4), D(1)), Bucket(D(2), D(2)))
    assert buckets.rows() == (row,)


def test_records_that_no_position_can_have_are_an_error() -> None:
    row = PositionRow(side=Side.BUY, is_history=False, position=D(1), today=D(2), initial=D(0))

    with pytest.raises(BadPositionRows, match="1 lots in all and 2 of today"):
        Buckets.from_rows("m2409.DCE", [row], make_closing())


@dataclass
class LotByLot:
    """The same position told plainly: a list of lots a side, each a letter for its age.

    `unpaid` counts today's lots whose fee nobody has paid, where fees do not go by lots.
    """

    closing: Closing
    lots: dict[Side, list[str]] = field(default_factory=lambda: {Side.BUY: [], Side.SELL: []})
    unpaid: dict[Side, int] = field(default_factory=lambda: {Side.BUY: 0, Side.SELL: 0})
    orders: dict[int, tuple[Side, str, int]] = field(default_factory=dict)

    def ages(self, offset: Offset) -> str:
        if not self.closing.buckets:
            return "TY" if self.closing.consumes == "today" else "YT"
        return "T" if offset is Offset.CLOSE_TODAY else "Y"

    def free(self, side: Side, ages: str) -> int:
        held = sum(lot in ages for lot in self.lots[side])
        return held - sum(n for one, a, n in self.orders.values() if (one, a) == (side, ages))

    def close(self, side: Side, ages: str, quantity: int) -> tuple[int, int, int]:
        gone = {"T": 0, "Y": 0}
        for _ in range(quantity):
            age = next(age for age in ages if age in self.lots[side])
            self.lots[side].remove(age)
            gone[age] += 1
        paid = gone["T"]
        if self.closing.fee_of == "today_first":
            paid = min(quantity, self.unpaid[side])
        self.unpaid[side] -= paid
        return gone["T"], gone["Y"], paid

    def roll(self) -> None:
        self.orders.clear()
        self.lots = {side: ["Y"] * len(lots) for side, lots in self.lots.items()}
        self.unpaid = dict.fromkeys(Side, 0)


OFFSETS = [Offset.CLOSE, Offset.CLOSE_TODAY, Offset.CLOSE_YESTERDAY]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "send", "fill", "cancel", "roll"]),
        st.sampled_from(Side),
        st.integers(1, 5),
        st.sampled_from(OFFSETS),
        st.integers(0, 3),
    ),
    max_size=40,
)
RULES = st.builds(
    make_closing,
    buckets=st.booleans(),
    consumes=st.sampled_from(["oldest", "today"]),
    fee_of=st.sampled_from(["lots", "today_first"]),
)


def step(
    buckets: Buckets, plain: LotByLot, act: tuple[str, Side, int, Offset, int], new_id: int
) -> None:
    """Do the same to both, and compare what each says of it."""
    name, side, quantity, offset, which = act
    if name == "open":
        assert filled(buckets, new_id, side, quantity, Offset.OPEN) == Taken()
        plain.lots[side] += "T" * quantity
        plain.unpaid[side] += quantity
    elif name == "roll":
        assert set(buckets.roll(plain.closing)) == set(plain.orders)
        plain.roll()
    elif name == "send":
        held, ages = side.opposite, plain.ages(offset)
        fits = quantity <= plain.free(held, ages)
        assert (sent(buckets, new_id, side, quantity, offset) is None) == fits
        if fits:
            plain.orders[new_id] = held, ages, quantity
    elif plain.orders:
        order_id = list(plain.orders)[which % len(plain.orders)]
        end = cancel_both if name == "cancel" else fill_both
        end(buckets, plain, order_id, quantity)


def cancel_both(buckets: Buckets, plain: LotByLot, order_id: int, _: int) -> None:
    assert buckets.thaw(order_id) == plain.orders.pop(order_id)[2]


def fill_both(buckets: Buckets, plain: LotByLot, order_id: int, quantity: int) -> None:
    held, ages, left = plain.orders.pop(order_id)
    part = min(left, quantity)
    today, yesterday, paid = plain.close(held, ages, part)
    if left > part:
        plain.orders[order_id] = held, ages, left - part

    offset = Offset.CLOSE_TODAY if ages == "T" else Offset.CLOSE
    taken = filled(buckets, order_id, held.opposite, part, offset)

    assert taken == Taken(today=D(today), yesterday=D(yesterday), paid_as_today=D(paid))


@given(RULES, STEPS)
def test_any_day_ends_as_it_does_lot_by_lot(
    closing: Closing, steps: list[tuple[str, Side, int, Offset, int]]
) -> None:
    buckets, plain = Buckets("x2405.DCE", closing), LotByLot(closing)

    for order_id, act in enumerate(steps):
        step(buckets, plain, act, order_id)

        for side in Side:
            held = buckets.held(side)
            lots = plain.lots[side]
            assert held.today.quantity == lots.count("T")
            assert held.yesterday.quantity == lots.count("Y")
            assert held.frozen == sum(n for one, _, n in plain.orders.values() if one is side)


@given(RULES, STEPS)
def test_no_bucket_is_ever_below_zero_or_frozen_beyond_itself(
    closing: Closing, steps: list[tuple[str, Side, int, Offset, int]]
) -> None:
    buckets, plain = Buckets("x2405.DCE", closing), LotByLot(closing)

    for order_id, act in enumerate(steps):
        step(buckets, plain, act, order_id)

        for side in Side:
            held = buckets.held(side)
            assert all(0 <= one.frozen <= one.quantity for one in (held.today, held.yesterday))
            assert 0 <= held.chargeable <= held.available
            assert held.yesterday.quantity <= held.initial


@given(RULES, STEPS)
def test_lots_are_conserved(
    closing: Closing, steps: list[tuple[str, Side, int, Offset, int]]
) -> None:
    buckets = Buckets("x2405.DCE", closing)
    opened, closed = D(0), D(0)

    for order_id, (name, side, quantity, offset, _) in enumerate(steps):
        if name == "open":
            filled(buckets, order_id, side, quantity, Offset.OPEN)
            opened += quantity * side.sign
        elif sent(buckets, order_id, side, quantity, offset) is None:
            closed += filled(buckets, order_id, side, quantity, offset).quantity * side.sign

    assert buckets.net == opened + closed


@given(RULES, STEPS)
def test_records_build_the_position_that_they_tell(
    closing: Closing, steps: list[tuple[str, Side, int, Offset, int]]
) -> None:
    buckets, plain = Buckets("x2405.DCE", closing), LotByLot(closing)
    for order_id, act in enumerate(steps):
        step(buckets, plain, act, order_id)

    again = Buckets.from_rows("x2405.DCE", buckets.rows(), closing)

    for side in Side:
        assert again.held(side).today.quantity == buckets.held(side).today.quantity
        assert again.held(side).yesterday.quantity == buckets.held(side).yesterday.quantity
        assert again.held(side).initial == buckets.held(side).initial
