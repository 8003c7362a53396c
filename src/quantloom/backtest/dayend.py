"""What the rules do to an account at the end of a trading day, whatever its strategy wants."""

from decimal import Decimal

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.regime import Regime
from quantloom.market import exact, exactly
from quantloom.trading import (
    PLAIN,
    MarginCall,
    Offset,
    OrderKind,
    OrderTicket,
    Refused,
    Role,
    Side,
    Terms,
    margin_calls,
)

_TO_CLOSE = Terms(offset=Offset.CLOSE)
_NEAR_DELIVERY = Refused("near_delivery", "natural persons had to be flat by the day's close")
_CONTRACT_OVER = Refused("contract_over", "its contract has ended")
_DELISTED = Refused("delisted", "it has left its market")


class DayEnd:
    """Settles futures, ends what has had its last day, closes by force what lacks margin."""

    def __init__(self, desk: BarDesk, regime: Regime) -> None:
        self._desk, self._regime = desk, regime

    def happen(self) -> None:
        """End the day of the present step."""
        desk, regime, ledger = self._desk, self._regime, self._desk.ledger
        ended = regime.ended_by(desk.day)
        if not ledger.held and not ended:
            return
        with exactly():
            for symbol in [*ledger.held]:
                if regime.must_be_flat(symbol, desk.day):
                    self._leave_before_delivery(symbol)
            prices = {symbol: regime.settlement(symbol, desk.day) for symbol in ledger.held}
            for symbol, (instrument, position) in ledger.held.items():
                if ledger.terms_of(symbol).is_settled:
                    ledger.settle(instrument, prices[symbol])
                    desk.record.settle(desk.step, ledger.cash, position)
            for symbol in ended:
                self._retire(symbol)
            for call in margin_calls(ledger, prices):
                self._close_by_force(call)

    def _leave_before_delivery(self, symbol: str) -> None:
        """End the orders on a contract that may not be held any longer, and close it."""
        desk = self._desk
        desk.venue.end_orders(symbol, self._open_ns, _NEAR_DELIVERY)
        self._conclude(symbol, exact(desk.feeds[symbol].price), Role.DELIVERY)

    def _retire(self, symbol: str) -> None:
        """End the orders on what has had its last day, and close it at its final price."""
        desk, is_delisted = self._desk, self._regime.is_delisted(symbol)
        desk.retired[symbol] = _DELISTED if is_delisted else _CONTRACT_OVER
        desk.venue.end_orders(symbol, self._open_ns, desk.retired[symbol])
        if symbol in desk.ledger.held:
            role = Role.DELISTING if is_delisted else Role.EXPIRY
            self._conclude(symbol, self._regime.final_price(symbol, desk.day), role)

    def _conclude(self, symbol: str, price: Decimal, role: Role) -> None:
        """Close both sides of a position at a price."""
        desk = self._desk
        position = desk.ledger.held[symbol][1]
        for held, quantity in position.sides:
            ticket = closing_ticket(desk, symbol, held.opposite, quantity, role=role)
            desk.orders.append(desk.venue.conclude(ticket, price, self._open_ns, desk.day))

    def _close_by_force(self, call: MarginCall) -> None:
        self._desk.submit(
            closing_ticket(
                self._desk,
                call.symbol,
                Side.SELL if call.is_long else Side.BUY,
                call.quantity,
                role=Role.LIQUIDATION,
                terms=_TO_CLOSE if call.is_locked else PLAIN,
            )
        )

    @property
    def _open_ns(self) -> int:
        """When the day's last bar opened."""
        return int(self._desk.timeline.opens_ns[self._desk.step])


def closing_ticket(
    desk: BarDesk,
    symbol: str,
    side: Side,
    quantity: Decimal,
    *,
    role: Role,
    terms: Terms = PLAIN,
    at_ns: int | None = None,
) -> OrderTicket:
    """An order that no strategy sent, to close a position.

    Args:
        at_ns: when it was sent; now if not given.
    """
    return OrderTicket(
        id=desk.next_order_id(),
        symbol=symbol,
        side=side,
        kind=OrderKind.MARKET,
        quantity=quantity,
        is_reduce_only=True,
        submitted_ns=desk.now_ns if at_ns is None else at_ns,
        role=role,
        terms=terms,
    )
