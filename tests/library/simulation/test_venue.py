"""The venue by itself: what it takes, what it tells, in what order."""

from decimal import Decimal
from typing import Any

from quantloom.market import Instrument, Kind
from quantloom.simulation import Booking, SimulatedVenue, Slippage
from quantloom.trading import (
    Commission,
    Ledger,
    Margin,
    Order,
    OrderKind,
    OrderTicket,
    Side,
)

D = Decimal
STOCK = Instrument(symbol="X.LOCAL", kind=Kind.STOCK, tick_size=D("0.01"), lot=D(100))


class Desk:
    """A venue with everything it says kept in one list."""

    def __init__(self, cash: str = "100000", commission: Commission | None = None) -> None:
        self.heard: list[tuple[str, int, str]] = []
        self.executions: list[Booking] = []
        self.ledger = Ledger(D(cash), commission=commission or Commission(), margin=Margin())
        self.venue = SimulatedVenue(
            STOCK,
            self.ledger,
            Slippage(),
            on_booking=self._execute,
            on_update=lambda order: self.heard.append(("update", order.id, str(order.status))),
        )

    def _execute(self, execution: Booking) -> None:
        self.executions.append(execution)
        self.heard.append(("execution", execution.order.id, str(execution.order.status)))

    def send(self, side: Side = Side.BUY, quantity: int = 100, **given: Any) -> Order:
        fields: dict[str, Any] = {"kind": OrderKind.MARKET} | given
        number = len(self.heard) + 1
        return self.venue.submit(
            OrderTicket(id=number, symbol="X.LOCAL", side=side, quantity=D(quantity), **fields)
        )

    def bar(self, price: float = 10, ts_ns: int = 1, day: int = 0) -> None:
        self.venue.match_bar(ts_ns, day, price, price, price)


def test_a_refused_order_never_works() -> None:
    desk = Desk()

    order = desk.send(quantity=150)
    desk.bar()

    assert desk.venue.working == []
    assert desk.heard == [("update", 1, "rejected")]
    assert order.reason == "quantity 150 is not a positive multiple of lot 100"


def test_the_ledger_has_booked_a_fill_when_it_is_told() -> None:
    desk = Desk(cash="1000", commission=Commission.per_unit("0.01"))
    desk.send(quantity=0)
    desk.send(may_trim=True, kind=OrderKind.LIMIT, price=D(9))

    desk.bar(9)

    told = desk.executions[0]
    assert (told.cash, told.quantity, told.cost) == (D(99), D(100), D(900))
    assert desk.heard[-2:] == [("execution", 2, "filled"), ("update", 2, "filled")]


def test_a_trimmed_order_is_told_once_when_its_rest_is_cancelled() -> None:
    desk = Desk(cash="2500")

    order = desk.send(quantity=900, may_trim=True)
    desk.bar()

    assert desk.heard[1:] == [("execution", 1, "partially_filled"), ("update", 1, "cancelled")]
    assert (order.filled, order.rule) == (D(200), "trimmed")


def test_a_trimmed_quantity_is_the_most_that_the_account_affords() -> None:
    for cash in range(1_000, 12_000, 700):
        desk = Desk(cash=str(cash), commission=Commission.percent("0.001", minimum=5))

        order = desk.send(quantity=5_000, may_trim=True)
        desk.bar()

        afforded = [
            lots * 100 for lots in range(51) if lots * 1_000 + max(lots * D(1), D(5)) <= cash
        ]
        assert order.filled == max(afforded)


def test_orders_that_ended_leave_the_list_and_the_list_stays_the_same() -> None:
    desk = Desk()
    working = desk.venue.working
    desk.send()
    waiting = desk.send(kind=OrderKind.LIMIT, price=D(5))

    desk.bar()

    assert working is desk.venue.working
    assert working == [waiting]


def test_cancel_and_expiry_name_their_rules() -> None:
    desk = Desk()
    cancelled, expired = desk.send(), desk.send()

    desk.venue.cancel(cancelled, at_ns=5)
    desk.venue.cancel(cancelled, at_ns=6)
    desk.venue.expire_all(at_ns=7)

    assert (cancelled.rule, cancelled.updated_ns) == ("cancelled_by_strategy", 5)
    assert (expired.rule, expired.updated_ns) == ("end_of_data", 7)
    assert desk.venue.working == []


def test_taxes_do_not_count_towards_the_minimum() -> None:
    desk = Desk(commission=Commission(minimum=D(5), transfer=D("0.01")))

    order = desk.send()
    desk.bar()

    assert desk.executions[0].fill.commission == 15
    assert (order.charged, order.raw_charge) == (D(5), D(0))
