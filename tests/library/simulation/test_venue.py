"""The venue by itself: what it takes, what it tells, in what order."""

from decimal import Decimal

from quantloom.simulation import VolumeShareSlippage
from quantloom.trading import (
    Commission,
    Offset,
    OrderKind,
    Role,
    Side,
    Terms,
    TimeCondition,
    TimeInForce,
    ticks,
)
from tests.library.simulation.builders import Heard, make_bar, make_instrument

D = Decimal
LOTS = make_instrument(tick_size=D("0.01"), lot=D(100))


def test_a_refused_order_never_works() -> None:
    desk = Heard(LOTS)

    order = desk.send(quantity=150)
    desk.bar(10)

    assert desk.venue.working == []
    assert desk.heard == [("update", 1, "rejected")]
    assert order.reason == "quantity 150 is not a positive multiple of lot 100"


def test_the_ledger_has_booked_a_fill_when_it_is_told() -> None:
    desk = Heard(LOTS, cash=1_000, commission=Commission.per_unit("0.01"))
    desk.send(quantity=0)
    desk.send(kind=OrderKind.LIMIT, quantity=100, price=9, may_trim=True)

    desk.bar(9)

    told = desk.bookings[0]
    assert (told.cash, told.quantity, told.cost) == (D(99), D(100), D(900))
    assert desk.heard == [
        ("update", 1, "rejected"),
        ("update", 2, "accepted"),
        ("fill", 2, "filled"),
        ("update", 2, "filled"),
    ]


def test_a_trimmed_order_is_told_once_when_its_rest_is_cancelled() -> None:
    desk = Heard(LOTS, cash=2_500)

    order = desk.send(quantity=900, may_trim=True)
    desk.bar(10)

    assert desk.heard == [
        ("update", 1, "accepted"),
        ("fill", 1, "partially_filled"),
        ("update", 1, "cancelled"),
    ]
    assert (order.filled, order.rule) == (D(200), "trimmed")


def test_a_trimmed_quantity_is_the_most_that_the_account_affords() -> None:
    for cash in range(1_000, 12_000, 700):
        desk = Heard(LOTS, cash=cash, commission=Commission.percent("0.001", minimum=5))

        order = desk.send(quantity=5_000, may_trim=True)
        desk.bar(10)

        afforded = [
            lots * 100 for lots in range(51) if lots * 1_000 + max(lots * D(1), D(5)) <= cash
        ]
        assert order.filled == max(afforded)


def test_orders_that_ended_leave_the_list_and_the_list_stays_the_same() -> None:
    desk = Heard()
    working = desk.venue.working
    desk.send()
    waiting = desk.send(kind=OrderKind.LIMIT, price=5)

    desk.bar(10)

    assert working is desk.venue.working
    assert working == [waiting]


def test_cancel_and_expiry_name_their_rules() -> None:
    desk = Heard()
    cancelled, expired = desk.send(), desk.send()

    desk.venue.cancel([cancelled], at_ns=5)
    desk.venue.cancel([cancelled], at_ns=6)
    desk.venue.expire_all(at_ns=7)

    assert (cancelled.rule, cancelled.updated_ns) == ("cancelled_by_strategy", 5)
    assert (expired.rule, expired.updated_ns) == ("end_of_data", 7)
    assert desk.venue.working == []


def test_taxes_do_not_count_towards_the_minimum() -> None:
    desk = Heard(LOTS, commission=Commission(minimum=D(5), transfer=D("0.01")))

    order = desk.send(quantity=100)
    desk.bar(10)

    assert desk.bookings[0].fill.commission == 15
    assert (order.charged, order.raw_charge) == (D(5), D(0))


def test_the_orders_of_a_bar_share_its_volume_and_what_is_left_waits() -> None:
    desk = Heard(participation=D("0.1"))
    first, second = desk.send(quantity=7), desk.send(quantity=7)

    desk.bar(10, volume=100.0)
    after_one = [first.filled, second.filled]
    desk.bar(10, volume=100.0)

    assert after_one == [7, 3]
    assert [first.status, second.status] == ["filled", "filled"]
    assert [booking.fill.quantity for booking in desk.bookings] == [7, 3, 4]


def test_what_orders_have_taken_of_a_bar_is_forgotten_with_it() -> None:
    desk = Heard(slippage=VolumeShareSlippage(impact=D("0.5")))

    for _ in range(2):
        desk.send(quantity=50)
        desk.send(quantity=50)
        desk.bar(10, volume=100.0)

    prices = [booking.fill.price for booking in desk.bookings]
    # A quarter of 5 for half of the bar, all of it for the rest.
    assert prices == [D("11.25"), D(15)] * 2


def test_an_order_is_pending_until_it_has_arrived() -> None:
    desk = Heard(latency=2)
    order = desk.send()

    told = []
    for _ in range(3):
        told.append(str(order.status))
        desk.bar(10)

    assert told == ["pending_new", "pending_new", "accepted"]
    assert order.status == "filled"


def test_a_stop_that_finds_no_volume_is_triggered_and_fills_at_the_next_open() -> None:
    desk = Heard(participation=D("0.1"))
    order = desk.send(kind=OrderKind.STOP, stop=11)

    desk.bar(10, 12, 10, 12, volume=1.0)
    assert (order.status, order.is_market) == ("triggered", True)
    desk.bar(9, volume=100.0)

    assert desk.bookings[0].fill.price == 9


def test_a_bracket_waits_for_its_entry_and_its_halves_end_each_other() -> None:
    desk = Heard()
    stop = desk.half(Side.SELL, OrderKind.STOP, distance=ticks(4), role=Role.STOP_LOSS)
    target = desk.half(Side.SELL, OrderKind.LIMIT, price=12, role=Role.TAKE_PROFIT)
    entry = desk.send(children=[stop, target])
    assert [half.status for half in entry.children] == ["pending_new", "pending_new"]

    desk.bar(10, 11, 9.5, 11)
    desk.bar(11, 12, 11, 12)

    assert entry.children[0].stop == 9
    assert [half.status for half in entry.children] == ["cancelled", "filled"]
    assert (entry.children[0].rule, desk.bookings[1].fill.cause) == ("oco", "take_profit")


def test_a_bracket_with_a_bad_half_is_refused_whole() -> None:
    desk = Heard()
    stop = desk.half(Side.SELL, OrderKind.STOP, stop="9.1", role=Role.STOP_LOSS)

    entry = desk.send(children=[stop])

    assert (entry.status, entry.rule) == ("rejected", "off_tick")
    assert (entry.children[0].status, entry.children[0].rule) == ("cancelled", "entry_gone")
    assert desk.venue.working == []


def test_an_opening_order_never_closes() -> None:
    desk = Heard()
    desk.send(quantity=5)
    order = desk.send(Side.SELL, quantity=2, terms=Terms(offset=Offset.OPEN))

    desk.bar(10)

    assert (order.status, order.rule) == ("rejected", "would_close")


def test_a_fill_cancels_what_is_linked_with_it_on_another_instrument() -> None:
    desk = Heard(make_instrument(), make_instrument(symbol="Y.LOCAL"))
    here = desk.send(kind=OrderKind.LIMIT, price=9)
    there = desk.send(kind=OrderKind.LIMIT, symbol="Y.LOCAL", price=9)
    desk.venue.link([here, there])

    desk.match({"X.LOCAL": make_bar(9), "Y.LOCAL": make_bar(9)})

    assert (here.status, there.status, there.rule) == ("filled", "cancelled", "oco")


def test_an_order_cancelled_from_another_instrument_stays_ended_past_its_time() -> None:
    """The bar at which it would have expired, or woken, comes after it is gone."""
    desk = Heard(make_instrument(), make_instrument(symbol="Y.LOCAL"))
    until = Terms(tif=TimeInForce.GTD, until_ns=5)
    waiting = Terms(condition=TimeCondition(5))
    here = desk.send()
    there = [desk.send(symbol="Y.LOCAL", terms=terms) for terms in (until, waiting)]
    desk.venue.link([here, *there])

    desk.match({"X.LOCAL": make_bar(10, ts_ns=1)})
    desk.match({"Y.LOCAL": make_bar(10, ts_ns=5)})

    assert [order.rule for order in there] == ["oco", "oco"]
