"""How a change of a position is split into orders, on real rules by hand and against all splits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quantloom.market import QuantityOffLot
from quantloom.market.rulebook import NoRule, rule_book
from quantloom.market.rulebook.topics import Closing
from quantloom.trading import (
    Buckets,
    Commission,
    FillParts,
    Margin,
    Offset,
    OffsetCosts,
    Rate,
    Refused,
    RoutedOrder,
    Routing,
    RoutingOptions,
    Side,
    route,
)
from tests.library.trading.builders import make_fill
from tests.library.trading.test_buckets import filled, make_buckets, make_closing, sent

D = Decimal
LOCKS = RoutingOptions(allow_lock=True)
JUNE = date(2024, 6, 3)


def routed(
    symbol: str,
    day: date,
    side: Side,
    quantity: int,
    *,
    price: str,
    options: RoutingOptions | None = None,
    **held: tuple[int, int],
) -> Routing:
    """A change under the book's rules of a day; `long` and `short` are today's and older lots."""
    book = rule_book()
    buckets = make_buckets(book.need(Closing, symbol, day), symbol=symbol, **held)
    found = route(
        buckets,
        side=side,
        quantity=D(quantity),
        price=D(price),
        costs=OffsetCosts.of(book, symbol, day),
        options=options or RoutingOptions(),
    )
    assert isinstance(found, Routing)
    return found


def told(routing: Routing) -> list[tuple[str, int]]:
    return [(order.offset.value, int(order.quantity)) for order in routing.orders]


# rb2410 on 2024-03-01: 0.01 % of money both ways, today's as any; ten tonnes a lot.
# A lot at 3800 is 38,000, its fee 3.80.


def test_rb_where_today_costs_as_much_closes_the_oldest_first() -> None:
    routing = routed("rb2410.SHFE", date(2024, 3, 1), Side.SELL, 3, price="3800", long=(2, 2))

    assert told(routing) == [("close_yesterday", 2), ("close_today", 1)]
    assert routing.chosen.fee == 3 * D("3.80")


def test_rb_when_closing_today_was_free_closed_today_first() -> None:
    # 2017: 0.0045 % to open and to close, nothing for today's; 3300 a tonne is 1.485 a lot.
    routing = routed("rb1705.SHFE", date(2017, 3, 1), Side.SELL, 3, price="3300", long=(2, 2))

    assert told(routing) == [("close_yesterday", 1), ("close_today", 2)]
    assert routing.chosen.fee == D("1.485")


def test_au_takes_the_lots_that_close_for_nothing() -> None:
    # Gold in 2024: ten a lot, nothing for today's.
    routing = routed("au2412.SHFE", JUNE, Side.BUY, 3, price="550", short=(2, 2))

    assert told(routing) == [("close_yesterday", 1), ("close_today", 2)]
    assert routing.chosen.fee == 10


def test_ag_closes_a_short_position_of_two_ages_and_opens_the_rest() -> None:
    # Silver in 2024: 0.005 % for all three; 15 kg a lot at 8000 is 120,000, its fee 6.
    routing = routed("ag2412.SHFE", JUNE, Side.BUY, 5, price="8000", short=(1, 2))

    assert told(routing) == [("close_yesterday", 2), ("close_today", 1), ("open", 2)]
    assert (routing.chosen.fee, routing.chosen.locked) == (D(30), D(0))


def test_dce_gets_one_close_where_shfe_gets_two() -> None:
    # Iron ore in 2024: 0.006 % for all; 100 tonnes a lot at 800 is 80,000, its fee 4.80.
    routing = routed("i2409.DCE", JUNE, Side.SELL, 3, price="800", long=(2, 2))

    assert told(routing) == [("close", 3)]
    assert (routing.chosen.yesterday, routing.chosen.today) == (D(2), D(1))
    assert routing.chosen.fee == 3 * D("4.80")


def test_dce_decides_itself_that_todays_lots_go_first() -> None:
    # Soybean meal in 2024: 1.50 a lot, nothing for today's, and CTP takes those first.
    routing = routed("m2409.DCE", JUNE, Side.SELL, 3, price="3400", long=(2, 2))

    assert told(routing) == [("close", 3)]
    assert (routing.chosen.today, routing.chosen.fee) == (D(2), D("1.50"))


# IF at 3600 is 1,080,000 a lot: 24.84 at 0.23/10,000. Closing today costs a multiple of that,
# which the exchange changed often. A lock costs three times: opening now, both legs later.


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (date(2015, 9, 2), 5),
        (date(2015, 9, 7), 100),
        (date(2017, 2, 16), 100),
        (date(2017, 2, 17), 40),
        (date(2017, 9, 15), 40),
        (date(2017, 9, 18), 30),
        (date(2018, 11, 30), 30),
        (date(2018, 12, 3), 20),
        (date(2019, 4, 19), 20),
        (date(2019, 4, 22), 15),
        (date(2023, 8, 25), 15),
        (date(2023, 8, 28), 10),
    ],
)
def test_if_is_locked_where_closing_today_costs_many_times(day: date, times: int) -> None:
    routing = routed("IF-MAIN.CFFEX", day, Side.SELL, 1, price="3600", long=(1, 0), options=LOCKS)

    lock, close = routing.alternatives
    assert told(routing) == [("open", 1)]
    assert (lock.fee, lock.later_fee) == (D("24.84"), 2 * D("24.84"))
    assert (close.closed, close.cost) == (D(1), times * D("24.84"))


def test_if_pays_for_closing_today_where_no_lock_is_allowed() -> None:
    routing = routed("IF2409.CFFEX", JUNE, Side.SELL, 3, price="3600", long=(2, 2))

    # Today's two go first at ten times the fee, then one of yesterday's.
    assert told(routing) == [("close", 3)]
    assert routing.chosen.fee == (2 * 10 + 1) * D("24.84")


def test_a_position_of_two_ages_is_locked_whole_where_today_goes_first() -> None:
    routing = routed("IF2409.CFFEX", JUNE, Side.SELL, 3, price="3600", long=(2, 2), options=LOCKS)

    # No order reaches yesterday's lots past today's: 3 + 6 fees for the lock, against 21.
    assert told(routing) == [("open", 3)]
    assert routing.chosen.cost == 9 * D("24.84")


def test_where_closing_today_costs_little_more_a_lock_does_not_pay() -> None:
    # Coking coal in 2024: 0.01 % to open and close, 0.014 % for today's; 60 tonnes a lot at 1600
    # is 96,000: 9.60 or 13.44, and a lock costs three times 9.60.
    routing = routed("jm2409.DCE", JUNE, Side.SELL, 3, price="1600", long=(2, 2), options=LOCKS)

    assert told(routing) == [("close", 3)]
    assert routing.chosen.fee == 2 * D("9.60") + D("13.44")


def test_todays_lots_are_left_alone_where_they_must_be() -> None:
    options = RoutingOptions(allow_lock=True, never_close_today=True)

    routing = routed("jm2409.DCE", JUNE, Side.SELL, 3, price="1600", long=(2, 2), options=options)

    assert told(routing) == [("close", 2), ("open", 1)]
    assert (routing.chosen.fee, routing.chosen.later_fee) == (3 * D("9.60"), 2 * D("9.60"))


def test_each_way_tells_the_margin_of_what_it_leaves() -> None:
    # rb: 7 % of 38,000 a lot. Long 4 and short 3 is charged for the larger side; closing leaves 1.
    routing = routed(
        "rb2410.SHFE", date(2024, 3, 1), Side.SELL, 3, price="3800", long=(2, 2), options=LOCKS
    )

    margins = {split.locked: split.margin for split in routing.alternatives}
    assert (margins[D(0)], margins[D(3)]) == (1 * D(2660), 4 * D(2660))


def make_costs(**given: Any) -> OffsetCosts:
    """One a lot to open and to close, ten for today's; a tenth of the price as margin."""
    fields: dict[str, Any] = {
        "commission": Commission(
            open=Rate(by_unit=D(1)), close=Rate(by_unit=D(1)), close_today=Rate(by_unit=D(10))
        ),
        "margin": Margin(D("0.1"), D("0.1")),
    } | given
    return OffsetCosts(**fields)


def asked(
    buckets: Buckets,
    quantity: int,
    *,
    side: Side = Side.SELL,
    costs: OffsetCosts | None = None,
    **options: Any,
) -> Routing | Refused:
    return route(
        buckets,
        side=side,
        quantity=D(quantity),
        price=D(100),
        costs=costs or make_costs(),
        options=RoutingOptions(**options),
    )


def must(answer: Routing | Refused) -> Routing:
    assert isinstance(answer, Routing)
    return answer


def test_with_nothing_to_close_everything_is_opened() -> None:
    routing = must(asked(make_buckets(long=(5, 5)), 3, side=Side.BUY))

    assert told(routing) == [("open", 3)]
    assert routing.chosen.locked == 0


def test_frozen_lots_are_neither_closed_again_nor_locked() -> None:
    buckets = make_buckets(long=(0, 3))
    sent(buckets, 1, Side.SELL, 2, Offset.CLOSE)

    routing = must(asked(buckets, 2))

    # One is free; the two that an order works on will be gone, so the second lot is no lock.
    assert told(routing) == [("close", 1), ("open", 1)]
    assert routing.chosen.locked == 0


def test_frozen_lots_are_thought_to_go_first() -> None:
    buckets = make_buckets(make_closing(consumes="today"), long=(2, 2))
    sent(buckets, 1, Side.SELL, 2, Offset.CLOSE)  # will pay for both of today's

    routing = must(asked(buckets, 2))

    assert (routing.chosen.yesterday, routing.chosen.fee) == (D(2), D(2))


def test_closing_may_be_preferred_to_a_cheaper_lock() -> None:
    buckets = make_buckets(make_closing(buckets=True), long=(1, 1))

    cheapest = must(asked(buckets, 2, allow_lock=True))
    preferred = must(asked(buckets, 2, allow_lock=True, prefer_close=True))

    assert told(cheapest) == [("close_yesterday", 1), ("open", 1)]
    assert told(preferred) == [("close_yesterday", 1), ("close_today", 1)]
    assert preferred.alternatives[1].barred == "closing is preferred"


@pytest.mark.parametrize(
    ("by_age", "first"), [(True, "close_yesterday"), (False, "close")], ids=["shfe", "dce"]
)
def test_older_lots_are_closed_and_dear_ones_of_today_locked(*, by_age: bool, first: str) -> None:
    buckets = make_buckets(make_closing(buckets=by_age), long=(3, 1))

    routing = must(asked(buckets, 4, allow_lock=True))

    # 1 to close, 3 to open and 6 to close the lock later, against 31 for closing all.
    assert told(routing) == [(first, 1), ("open", 3)]
    assert routing.chosen.cost == 10


def test_a_preference_to_close_still_locks_what_may_not_be_closed() -> None:
    buckets = make_buckets(make_closing(buckets=True), long=(1, 1))

    routing = must(asked(buckets, 2, allow_lock=True, prefer_close=True, never_close_today=True))

    assert told(routing) == [("close_yesterday", 1), ("open", 1)]


def test_financing_the_margin_can_make_a_lock_too_dear() -> None:
    # Lock: 1 + 2 in fees, and 10 of margin for the larger side. Close: 10, and no margin.
    # So a lock pays while financing takes less than 7 of those 10.
    buckets = make_buckets(long=(1, 0))
    costs = make_costs(larger_side=True)

    chosen = [
        must(asked(buckets, 1, costs=costs, allow_lock=True, financing_ratio=D(ratio))).chosen
        for ratio in ("0.69", "0.71")
    ]

    assert [split.opened for split in chosen] == [1, 0]
    assert [split.cost for split in chosen] == [D("9.9"), D(10)]


def test_both_sides_are_charged_where_no_relief_is_given() -> None:
    buckets = make_buckets(long=(1, 0))

    margins = [
        must(
            asked(buckets, 1, costs=make_costs(larger_side=is_larger), allow_lock=True)
        ).chosen.margin
        for is_larger in (False, True)
    ]

    assert margins == [20, 10]


def test_no_fee_of_todays_is_paid_where_it_must_not_be() -> None:
    # The close would take yesterday's lot and pay as if it took today's.
    buckets = make_buckets(make_closing(fee_of="today_first"), long=(1, 1))

    routing = must(asked(buckets, 1, allow_lock=True, never_close_today=True))

    assert told(routing) == [("open", 1)]
    assert [split.paid_as_today for split in routing.alternatives] == [0, 1]


def test_options_that_leave_no_way_are_told() -> None:
    refused = asked(make_buckets(long=(2, 0)), 1, never_close_today=True)

    assert refused == Refused(
        "no_offset_allowed",
        "x2405.DCE: no way to sell 1 is allowed; closing 0 and opening 1 is not, for it would "
        "lock; allow a lock, allow today's lots or change the quantity",
    )


def test_fewer_lots_than_the_least_are_not_opened() -> None:
    buckets = make_buckets(long=(0, 4))
    costs = make_costs(minimum_open=D(2))

    refused = asked(buckets, 5, costs=costs)
    routing = must(asked(buckets, 5, costs=costs, allow_lock=True))

    assert isinstance(refused, Refused)
    assert told(routing) == [("close", 3), ("open", 2)]


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5"])
def test_a_change_is_of_whole_lots(quantity: str) -> None:
    with pytest.raises(QuantityOffLot):
        route(
            make_buckets(),
            side=Side.BUY,
            quantity=D(quantity),
            price=D(100),
            costs=make_costs(),
        )


def test_costs_that_the_book_does_not_have_are_not_guessed() -> None:
    with pytest.raises(NoRule):
        OffsetCosts.of(rule_book(), "rb2410.SHFE", date(1999, 1, 4))


def test_the_choice_is_told_in_words_and_numbers() -> None:
    buckets = make_buckets(make_closing(buckets=True), long=(2, 1))
    sent(buckets, 1, Side.SELL, 1, Offset.CLOSE_TODAY)

    routing = must(
        asked(
            buckets, 2, costs=make_costs(larger_side=True), allow_lock=True, never_close_today=True
        )
    )

    # Margin is a tenth of 100 for each of the larger side: 3 long, less what is closed.
    assert routing.explanation.splitlines() == [
        "sell 2 at 100: close_yesterday 1 + open 1 (1 as a lock), cheapest of 2 ways",
        "long lots free to close: 1 of today, 1 of yesterday; 1 frozen",
        (
            "- close_yesterday 1 + open 1 (1 as a lock): "
            "fee 2 + 2 to close the lock later = 4, margin 20"
        ),
        "- open 2 (2 as a lock): fee 2 + 4 to close the lock later = 6, margin 30",
        (
            "- close_yesterday 1 + close_today 1: fee 11, margin 10; "
            "not allowed: it would close today's lots"
        ),
        (
            "- close_today 1 + open 1 (1 as a lock): "
            "fee 11 + 2 to close the lock later = 13, margin 20; "
            "not allowed: it would close today's lots"
        ),
    ]


def test_a_tie_and_a_lone_way_are_called_so() -> None:
    cheap = make_costs(commission=Commission.per_unit(1))
    by_age = make_buckets(make_closing(buckets=True), long=(1, 1))

    tie, lone = must(asked(by_age, 1, costs=cheap)), must(asked(make_buckets(), 1))

    assert "close_yesterday 1, none of 2 ways costs less\n" in tie.explanation
    assert "open 1, the only way\n" in lone.explanation


class Way(NamedTuple):
    """One split found by trying, with its money worked out lot by lot."""

    today: int
    yesterday: int
    opened: int
    locked: int
    cost: Decimal


@dataclass(frozen=True)
class Case:
    closing: Closing
    long: tuple[int, int]
    short: tuple[int, int]
    frozen: tuple[int, int]
    side: Side
    quantity: int
    costs: OffsetCosts
    options: RoutingOptions

    def buckets(self) -> Buckets:
        """The position with orders that work against it, as many as fit."""
        buckets = make_buckets(self.closing, long=self.long, short=self.short)
        sent(buckets, 1, self.side, self.frozen[0], Offset.CLOSE_TODAY)
        sent(buckets, 2, self.side, self.frozen[1], Offset.CLOSE_YESTERDAY)
        return buckets


MONEY = st.integers(0, 12).map(lambda tenth: Decimal(tenth) / 10)
RATES = st.builds(Rate, by_money=st.integers(0, 3).map(lambda bp: Decimal(bp) / 100), by_unit=MONEY)
DEAR = st.builds(Rate, by_unit=st.integers(2, 30).map(Decimal))
RATIOS = st.sampled_from([D("0.05"), D("0.1"), D("0.15"), D("0.4")])
COSTS = st.builds(
    OffsetCosts,
    commission=st.builds(Commission, open=RATES, close=RATES, close_today=st.none() | RATES | DEAR),
    margin=st.builds(Margin, RATIOS, RATIOS),
    larger_side=st.booleans(),
    multiplier=st.sampled_from([D(1), D(5)]),
    minimum_open=st.sampled_from([D(1), D(1), D(3)]),
)
OPTIONS = st.builds(
    RoutingOptions,
    allow_lock=st.booleans(),
    prefer_close=st.booleans(),
    never_close_today=st.booleans(),
    financing_ratio=st.sampled_from([D(0), D("0.01"), D("0.3"), D(1)]),
)
LOTS = st.tuples(st.integers(0, 4), st.integers(0, 4))
CASES = st.builds(
    Case,
    closing=st.builds(
        make_closing,
        buckets=st.booleans(),
        consumes=st.sampled_from(["oldest", "today"]),
        fee_of=st.sampled_from(["lots", "today_first"]),
    ),
    long=LOTS,
    short=LOTS,
    frozen=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    side=st.sampled_from(Side),
    quantity=st.integers(1, 9),
    costs=COSTS,
    options=OPTIONS,
)
PRICE = D(20)


def every_way(case: Case) -> Iterator[Way]:
    """All splits that the options allow, whatever they cost."""
    buckets = case.buckets()
    against, grown = buckets.held(case.side.opposite), buckets.held(case.side)
    free_today, free_older = int(against.today.available), int(against.yesterday.available)
    for today in range(free_today + 1):
        for older in range(free_older + 1):
            closed, opened = today + older, case.quantity - today - older
            if opened < 0 or not is_possible(case, today, older, (free_today, free_older)):
                continue
            locked = min(opened, free_today + free_older - closed)
            pays_today = today
            if case.closing.fee_of == "today_first":
                pays_today = min(closed, int(against.chargeable))
            if is_barred(case, opened, locked, is_todays=bool(today or pays_today)):
                continue
            sides = int(grown.quantity) + opened, int(against.quantity) - closed
            cost = money(case, (opened, closed - pays_today, pays_today), locked, sides)
            yield Way(today, older, opened, locked, cost)


def is_possible(case: Case, today: int, older: int, free: tuple[int, int]) -> bool:
    """Whether there are orders for it: a plain close cannot pass over the lots that go first."""
    if case.closing.buckets:
        return True
    if case.closing.consumes == "today":
        return older == 0 or today == free[0]
    return today == 0 or older == free[1]


def is_barred(case: Case, opened: int, locked: int, *, is_todays: bool) -> bool:
    if locked and not case.options.allow_lock:
        return True
    if is_todays and case.options.never_close_today:
        return True
    return 0 < opened < case.costs.minimum_open


def money(case: Case, lots: tuple[int, int, int], locked: int, sides: tuple[int, int]) -> Decimal:
    costs, unit = case.costs, PRICE * case.costs.multiplier

    def fee(rate: Rate, count: int) -> Decimal:
        return count * (unit * rate.by_money + rate.by_unit)

    rates = costs.commission.open, costs.commission.close, costs.commission.close_today
    today = rates[1] if rates[2] is None else rates[2]
    fees = fee(rates[0], lots[0]) + fee(rates[1], lots[1]) + fee(today, lots[2])
    long, short = sides if case.side is Side.BUY else sides[::-1]
    margins = long * unit * costs.margin.long, short * unit * costs.margin.short
    margin = max(margins) if costs.larger_side else sum(margins)
    return fees + fee(rates[1], 2 * locked) + margin * case.options.financing_ratio


def answer_to(case: Case) -> Routing | Refused:
    return route(
        case.buckets(),
        side=case.side,
        quantity=D(case.quantity),
        price=PRICE,
        costs=case.costs,
        options=case.options,
    )


# Closing one lot costs 5 of fees and saves 20 * 0.4 of margin while the long side is the larger,
# then 20 * 0.15: they cross after 0.8 lots, and in the second case after 1.2, and one lot is best.
CROSSING = Case(
    make_closing(consumes="today"),
    long=(5, 0),
    short=(8, 0),
    frozen=(9, 9),
    side=Side.SELL,
    quantity=4,
    costs=OffsetCosts(
        commission=Commission(close_today=Rate(by_unit=D(5))),
        margin=Margin(D("0.4"), D("0.15")),
        larger_side=True,
    ),
    options=RoutingOptions(allow_lock=True, financing_ratio=D(1)),
)


@given(CASES)
@example(CROSSING)
@example(replace(CROSSING, long=(6, 0), short=(10, 0)))
@example(replace(CROSSING, options=replace(CROSSING.options, prefer_close=True)))
def test_no_other_split_that_is_allowed_costs_less(case: Case) -> None:
    ways = list(every_way(case))
    if case.options.prefer_close:
        least = min((way.locked for way in ways), default=0)
        ways = [way for way in ways if way.locked == least]

    answer = answer_to(case)

    assert isinstance(answer, Routing) == bool(ways)
    if isinstance(answer, Routing):
        assert answer.chosen.cost == min(way.cost for way in ways)


@given(CASES)
def test_the_orders_add_up_to_the_change_and_can_be_sent(case: Case) -> None:
    answer, buckets = answer_to(case), case.buckets()

    orders = answer.orders if isinstance(answer, Routing) else ()

    assert sum(order.quantity for order in orders) in (case.quantity, 0)
    for order_id, order in enumerate(orders, start=10):
        assert order.quantity > 0
        ask = {"side": order.side, "quantity": order.quantity, "offset": order.offset}
        assert buckets.freeze(order_id, **ask) is None  # type: ignore[arg-type]


@given(CASES)
def test_the_fee_foretold_is_the_fee_of_the_fills(case: Case) -> None:
    answer, buckets = answer_to(case), case.buckets()
    if isinstance(answer, Refused):
        return
    for order_id in (1, 2):  # what was frozen fills first
        quantity = buckets.thaw(order_id)
        if quantity:
            offset = Offset.CLOSE_TODAY if order_id == 1 else Offset.CLOSE_YESTERDAY
            filled(buckets, order_id, case.side, int(quantity), offset)

    fee = sum(booked(buckets, order, case.costs) for order in answer.orders)

    assert fee == answer.chosen.fee


def booked(buckets: Buckets, order: RoutedOrder, costs: OffsetCosts) -> Decimal:
    """The commission of an order that fills whole."""
    unit_money = PRICE * costs.multiplier
    taken = buckets.apply(
        make_fill(order_id=50, side=order.side, quantity=order.quantity, offset=order.offset)
    )
    if order.offset is Offset.OPEN:
        return costs.commission.raw(FillParts(order.side, unit_money, opened=order.quantity))
    return costs.commission.raw(taken.parts(order.side, unit_money))


@given(CASES)
def test_the_same_question_has_the_same_answer(case: Case) -> None:
    assert answer_to(case) == answer_to(case)
