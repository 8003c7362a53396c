"""The order state machine, its table written out a second time."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.trading import (
    BadTransition,
    Order,
    OrderKind,
    OrderStatus,
    Overfilled,
    Refused,
    Side,
)
from tests.library.trading.builders import decimals, make_order, make_ticket

# From the state at the left, the states that may follow.
STEPS = {
    "pending_new": "accepted partially_filled filled pending_cancel cancelled rejected expired "
    "unknown",
    "accepted": "triggered partially_filled filled pending_cancel cancelled rejected expired "
    "unknown",
    "triggered": "partially_filled filled pending_cancel cancelled rejected expired unknown",
    "partially_filled": "partially_filled filled pending_cancel cancelled rejected expired unknown",
    "pending_cancel": "accepted triggered partially_filled filled cancelled rejected expired "
    "unknown",
    "unknown": "accepted triggered partially_filled filled pending_cancel cancelled rejected "
    "expired",
    "filled": "",
    "cancelled": "",
    "rejected": "",
    "expired": "",
}
SQUARE = [(present, wanted) for present in OrderStatus for wanted in OrderStatus]


@pytest.mark.parametrize(("present", "wanted"), SQUARE)
def test_only_the_written_steps_are_possible(present: OrderStatus, wanted: OrderStatus) -> None:
    order = make_order(present)

    if wanted.value in STEPS[present.value].split():
        order.move(wanted, at_ns=5)
        assert (order.status, order.updated_ns) == (wanted, 5)
    else:
        with pytest.raises(BadTransition) as caught:
            order.move(wanted, at_ns=5)
        assert (order.status, order.updated_ns) == (present, 0)
        assert (caught.value.present, caught.value.wanted) == (present, wanted)


def test_a_bad_step_says_which_order_and_both_states() -> None:
    with pytest.raises(BadTransition, match="order 7 is filled and cannot become cancelled"):
        make_order(OrderStatus.FILLED, id=7).move(OrderStatus.CANCELLED, at_ns=0)


@given(st.lists(st.sampled_from(OrderStatus), max_size=12))
def test_an_ended_order_stays_as_it_is(wishes: list[OrderStatus]) -> None:
    order = Order(make_ticket())
    for wish in wishes:
        was_ended, before = order.is_ended, order.status
        try:
            order.move(wish, at_ns=1)
        except BadTransition:
            assert order.status is before
        else:
            assert not was_ended


def test_fills_add_up_to_filled() -> None:
    order = make_order(quantity=Decimal(10))

    order.add_fill(Decimal(4), at_ns=1)
    assert str(order.status) == "partially_filled"
    assert (order.filled, order.remaining) == (Decimal(4), Decimal(6))

    order.add_fill(Decimal(6), at_ns=2)
    assert str(order.status) == "filled"
    assert (order.filled, order.remaining) == (Decimal(10), Decimal(0))
    assert order.updated_ns == 2


@pytest.mark.parametrize("quantity", ["10.001", "0", "-1"])
def test_more_than_was_asked_for_is_overfilled(quantity: str) -> None:
    order = make_order(quantity=Decimal(10))

    with pytest.raises(Overfilled) as caught:
        order.add_fill(Decimal(quantity), at_ns=1)

    assert caught.value.remaining == 10
    assert (order.filled, order.status) == (Decimal(0), OrderStatus.ACCEPTED)
    assert f"order 1 has 10 left, an execution says {quantity}" in str(caught.value)


def test_a_cancelled_order_takes_no_fill() -> None:
    order = make_order(OrderStatus.CANCELLED)

    with pytest.raises(BadTransition):
        order.add_fill(Decimal(1), at_ns=1)

    assert order.filled == 0


def test_a_refusal_is_kept_with_its_rule_and_reason() -> None:
    order = make_order()

    order.move(OrderStatus.REJECTED, at_ns=1, refusal=Refused("off_lot", "not whole"))

    assert (order.rule, order.reason) == ("off_lot", "not whole")
    assert (make_order().rule, make_order().reason) == ("", "")


def test_an_order_starts_from_the_prices_of_its_ticket() -> None:
    order = Order(make_ticket(kind=OrderKind.STOP_LIMIT, price=Decimal("9.9"), stop=Decimal(10)))

    assert (order.price, order.stop, order.is_market) == (Decimal("9.9"), Decimal(10), False)
    assert Order(make_ticket()).is_market


def test_an_order_shows_what_it_is() -> None:
    stop = make_order(side=Side.SELL, kind=OrderKind.STOP, stop=Decimal(9))
    both = make_order(kind=OrderKind.STOP_LIMIT, stop=Decimal(9), price=Decimal("9.5"))

    assert repr(stop) == "<Order 1 sell 10 TEST.LOCAL stop from 9 accepted>"
    assert repr(both) == "<Order 1 buy 10 TEST.LOCAL stop_limit from 9 at 9.5 accepted>"
    assert (Side.SELL.opposite, Side.BUY.opposite) == (Side.BUY, Side.SELL)


def make_bracket() -> tuple[Order, Order, Order]:
    """An entry with the two ways out of it, none of which has filled."""
    entry = make_order(id=1)
    stop, target = (make_order(id=number, side=Side.SELL) for number in (2, 3))
    entry.children = stop, target
    stop.entry = target.entry = entry
    return entry, stop, target


@given(st.lists(st.tuples(st.integers(0, 2), decimals("0.1", "6", 1)), max_size=25))
def test_the_halves_of_a_bracket_never_close_more_than_their_entry_filled(
    wishes: list[tuple[int, Decimal]],
) -> None:
    entry, first, second = make_bracket()

    for place, quantity in wishes:
        order = (entry, first, second)[place]
        left = min(quantity, order.outstanding)
        if left and not order.is_ended:
            order.add_fill(left, at_ns=1)

    closed = first.filled + second.filled
    assert closed <= entry.filled
    for half in (first, second):
        assert half.outstanding == min(half.remaining, entry.filled - closed)
    assert entry.outstanding == entry.remaining
