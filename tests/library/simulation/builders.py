"""Instruments, bars, orders and a venue whose every word is kept."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from quantloom.market import Instrument, Kind, exact
from quantloom.simulation import Booking, OfferedBar, Resting, SimulatedVenue, Slippage
from quantloom.trading import (
    PLAIN,
    Commission,
    Ledger,
    Margin,
    Order,
    OrderKind,
    OrderStatus,
    OrderTicket,
    Side,
    Terms,
)

SYMBOL = "X.LOCAL"
DAY_NS = 86_400_000_000_000


def make_instrument(**given: Any) -> Instrument:
    fields: dict[str, Any] = {
        "symbol": SYMBOL,
        "kind": Kind.STOCK,
        "tick_size": Decimal("0.25"),
    } | given
    return Instrument(**fields)


def make_ticket(side: Side, kind: OrderKind, **given: Any) -> OrderTicket:
    fields: dict[str, Any] = {"id": 1, "symbol": SYMBOL, "quantity": Decimal(1)} | given
    for name in ("quantity", "price", "stop"):
        if fields.get(name) is not None:
            fields[name] = exact(fields[name])
    return OrderTicket(side=side, kind=kind, **fields)


def make_resting(side: Side, kind: OrderKind, **given: Any) -> Resting:
    """An order that has arrived; `tif=` instead of whole terms."""
    terms = Terms(tif=given.pop("tif")) if "tif" in given else PLAIN
    ticket = make_ticket(side, kind, **{"terms": terms} | given)
    resting = Resting.of(Order(ticket), make_instrument())
    resting.order.move(OrderStatus.ACCEPTED, at_ns=0)
    return resting


def make_bar(
    open_: float = 10,
    high: float | None = None,
    low: float | None = None,
    close: float | None = None,
    **given: Any,
) -> OfferedBar:
    """A bar; what is not given of its prices is its open."""
    close = open_ if close is None else close
    high = max(open_, close) if high is None else high
    low = min(open_, close) if low is None else low
    fields: dict[str, Any] = {"ts_ns": 1, "day": 0} | given
    return OfferedBar(open=open_, high=high, low=low, close=close, **fields)


class Heard:
    """A venue of one account with everything it says kept in one list."""

    def __init__(
        self, *instruments: Instrument, cash: Any = 100_000, margin: Any = 1, **given: Any
    ) -> None:
        self.instruments = instruments or (make_instrument(),)
        self.heard: list[tuple[str, int, str]] = []
        self.bookings: list[Booking] = []
        self.marks: Mapping[str, OfferedBar] = {}
        self.ledger = Ledger(
            exact(cash),
            commission=given.pop("commission", Commission()),
            margin=Margin.ratio(margin),
            mark=lambda symbol: exact(self.marks[symbol].open),
        )
        self.venue = SimulatedVenue(
            {one.symbol: one for one in self.instruments},
            self.ledger,
            given.pop("slippage", Slippage()),
            on_booking=self._book,
            on_update=lambda order: self.heard.append(("update", order.id, str(order.status))),
            **given,
        )
        self.sent = 0

    def _book(self, booking: Booking) -> None:
        self.bookings.append(booking)
        self.heard.append(("fill", booking.order.id, str(booking.order.status)))

    def send(
        self, side: Side = Side.BUY, kind: OrderKind = OrderKind.MARKET, **given: Any
    ) -> Order:
        """Send an order; `children` are those of a bracket, `last_price` where a trail starts."""
        to_venue = {name: given.pop(name) for name in ("children", "last_price") if name in given}
        self.sent += 1
        return self.venue.submit(make_ticket(side, kind, **{"id": self.sent} | given), **to_venue)

    def half(self, side: Side, kind: OrderKind, **given: Any) -> OrderTicket:
        """The ticket of a bracket's half, to be handed on with its entry."""
        self.sent += 1
        return make_ticket(side, kind, id=self.sent, is_reduce_only=True, **given)

    def bar(self, *prices: float, **given: Any) -> None:
        """Match one bar of the only instrument."""
        self.match({self.instruments[0].symbol: make_bar(*prices, **given)})

    def match(self, bars: Mapping[str, OfferedBar]) -> None:
        self.marks = {**self.marks, **bars}
        self.venue.match(bars)


PRICES = st.integers(20, 60).map(lambda count: count / 4)
"""On the tick, from 5 to 15."""


@st.composite
def random_bars(draw: st.DrawFn, /, *, ts_ns: int = 1, day: int = 0, **given: Any) -> OfferedBar:
    """A bar that can be true, with prices on the tick."""
    open_, close, above, below = (draw(PRICES) for _ in range(4))
    high, low = max(open_, close, above), min(open_, close, below)
    return make_bar(open_, high, low, close, ts_ns=ts_ns, day=day, **given)
