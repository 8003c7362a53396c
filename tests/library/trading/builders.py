"""Tickets, fills and instruments with defaults, and random fills of one instrument or several."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from quantloom.market import Instrument, Kind
from quantloom.trading import Fill, Offset, Order, OrderKind, OrderStatus, OrderTicket, Side

SYMBOL = "TEST.LOCAL"


def make_ticket(**given: Any) -> OrderTicket:
    fields: dict[str, Any] = {
        "id": 1,
        "symbol": SYMBOL,
        "side": Side.BUY,
        "kind": OrderKind.MARKET,
        "quantity": Decimal(10),
    } | given
    return OrderTicket(**fields)


def make_order(status: OrderStatus = OrderStatus.ACCEPTED, **given: Any) -> Order:
    """An order that stands in a state, however it got there."""
    order = Order(make_ticket(**given))
    order.status = status
    return order


def make_fill(**given: Any) -> Fill:
    fields: dict[str, Any] = {
        "id": 1,
        "order_id": 1,
        "symbol": SYMBOL,
        "side": Side.BUY,
        "quantity": Decimal(1),
        "price": Decimal(10),
        "commission": Decimal(0),
        "slippage": Decimal(0),
        "ts_ns": 0,
        "day": 0,
    } | given
    return Fill(**fields)


def make_instrument(**given: Any) -> Instrument:
    fields: dict[str, Any] = {
        "symbol": SYMBOL,
        "kind": Kind.STOCK,
        "tick_size": Decimal("0.01"),
    } | given
    return Instrument(**fields)


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


def random_fills(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Fill]]:
    """Fills in any order, of one symbol unless `given` says otherwise."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "side": st.sampled_from(Side),
        "quantity": decimals("0.001", "900", 3),
        "price": decimals("0.01", "99999", 2),
        "commission": decimals("0", "50", 9),
        "slippage": decimals("0", "5", 4),
        "day": st.integers(0, 3),
    }
    return st.lists(st.builds(make_fill, **fields | given), max_size=30)


FILLS = random_fills()
SCOPED_FILLS = random_fills(offset=st.sampled_from(Offset))
INSTRUMENTS = st.builds(
    make_instrument,
    kind=st.sampled_from([Kind.STOCK, Kind.FUTURE]),
    multiplier=st.sampled_from([Decimal(1), Decimal(10), Decimal("0.0001")]),
)
