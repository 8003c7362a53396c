"""A fill: one execution of an order. Facts only; what it does to the account is the ledger's."""

from dataclasses import dataclass
from decimal import Decimal

from quantloom.trading.orders import Side
from quantloom.trading.routing import Split
from quantloom.trading.terms import Offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution.

    Attributes:
        ts_ns: when, UTC nanoseconds; on bars the open time of the bar that filled it.
        day: trading day as days since 1970, which decides what counts as closed today.
        quantity: above zero.
        price: on the tick, slippage included.
        commission: exact, in the account's currency; taxes included.
        slippage: what the price lost against the market's own, in the account's currency, at or
            above zero.
        offset: which lots it may close.
        split: how many lots of which age it closes and how many it opens, where a router has said;
            it may then open one side beside the other.
        cause: what kind of order it was, or its part in a bracket: market, limit, stop, stop_loss.
        rate: what one unit of the instrument's currency was worth in the account's; None where all
            money is of one currency.
    """

    id: int
    order_id: int
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal
    slippage: Decimal
    ts_ns: int
    day: int
    tag: str = ""
    offset: Offset = Offset.AUTO
    cause: str = "market"
    rate: Decimal | None = None
    split: Split | None = None

    @property
    def signed_quantity(self) -> Decimal:
        return self.quantity if self.side is Side.BUY else -self.quantity
