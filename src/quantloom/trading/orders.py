"""What an order is, and the only ways its state may change."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quantloom.errors import Conflict
from quantloom.market import EXACT, exactly
from quantloom.trading.terms import PLAIN, ZERO, Distance, Terms


class Side(StrEnum):
    """The direction of an order; a fill adds `sign` times its quantity to the position."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is _BUY else -1

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


# Reading a member through its class costs more than the comparison it is needed for.
_BUY = Side.BUY


class OrderKind(StrEnum):
    """How an order meets the market.

    Market: at the next price. Limit: at `price` or better. Stop: a market order once `stop` is
    reached; stop-limit: a limit order then. Trailing stop: a stop that follows the price.
    """

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class OrderStatus(StrEnum):
    """Where an order stands. Not every venue tells of every one."""

    PENDING_NEW = "pending_new"
    ACCEPTED = "accepted"
    TRIGGERED = "triggered"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    PENDING_CANCEL = "pending_cancel"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


_S = OrderStatus
_ENDED = frozenset({_S.FILLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED})
_WORKING_NEXT = frozenset(
    {_S.PARTIALLY_FILLED, _S.FILLED, _S.PENDING_CANCEL, _S.CANCELLED, _S.REJECTED, _S.EXPIRED}
)
# UNKNOWN is left by any truth that the venue tells; an ended order is never left.
_NEXT: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.PENDING_NEW: frozenset({_S.ACCEPTED, _S.UNKNOWN}) | _WORKING_NEXT,
    _S.ACCEPTED: frozenset({_S.TRIGGERED, _S.UNKNOWN}) | _WORKING_NEXT,
    _S.TRIGGERED: frozenset({_S.UNKNOWN}) | _WORKING_NEXT,
    _S.PARTIALLY_FILLED: frozenset({_S.UNKNOWN}) | _WORKING_NEXT,
    _S.PENDING_CANCEL: frozenset({_S.ACCEPTED, _S.TRIGGERED, _S.UNKNOWN})
    | _WORKING_NEXT - {_S.PENDING_CANCEL},
    _S.UNKNOWN: frozenset(_S) - {_S.UNKNOWN, _S.PENDING_NEW},
} | {status: frozenset() for status in _ENDED}


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an order was turned down; a result, never an exception.

    Attributes:
        rule: stable name of the rule, such as `insufficient_funds`.
        reason: the same in words, with the numbers.
    """

    rule: str
    reason: str


class BadTransition(Conflict):
    """An order was asked to enter a state that its present one does not lead to."""

    code = "order.bad_transition"

    def __init__(self, order_id: int, present: OrderStatus, wanted: OrderStatus) -> None:
        super().__init__(order_id, present, wanted)
        self.order_id, self.present, self.wanted = order_id, present, wanted

    def __str__(self) -> str:
        return f"order {self.order_id} is {self.present} and cannot become {self.wanted}"


class Role(StrEnum):
    """What an order is to a bracket; a plain order is an entry.

    Liquidation, delivery, expiry and delisting are not the strategy's own: a position closed for
    want of margin, because its contract comes too near to delivery, with its contract, or with its
    listing.
    """

    ENTRY = "entry"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    LIQUIDATION = "liquidation"
    DELIVERY = "delivery"
    EXPIRY = "expiry"
    ROLL = "roll"
    DELISTING = "delisting"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTicket:
    """What was asked for; never changes once made.

    Attributes:
        quantity: above zero, whole lots.
        price: limit price, on the tick; None where there is none, or where it is a distance.
        stop: stop price, likewise.
        distance: what a trailing stop keeps from the price, or how far the half of a bracket lies
            from its entry.
        is_reduce_only: fills at most the open position on the other side, never beyond zero.
        may_trim: the quantity came from a weight or value, so a fill short of cash takes what
            the account affords instead of being refused.
        tag: the strategy's own note, carried to fills and round trips.
    """

    id: int
    symbol: str
    side: Side
    kind: OrderKind
    quantity: Decimal
    price: Decimal | None = None
    stop: Decimal | None = None
    distance: Distance | None = None
    is_reduce_only: bool = False
    may_trim: bool = False
    submitted_ns: int = 0
    tag: str = ""
    terms: Terms = PLAIN
    role: Role = Role.ENTRY


class Order:
    """One order through its life. The ticket stays; the state moves only along allowed steps.

    Attributes:
        price, stop: limit and stop price as they stand: a trailing stop moves, and the half of a
            bracket may learn its price from its entry's fill.
        filled: quantity executed so far.
        refusal: why it was rejected, cancelled by the venue or expired.
        charged: commission taken so far, without taxes; `raw_charge` is the same before the
            order's minimum.
        is_market: whether it takes any price: a market order, or a stop that was reached.
        is_held: whether it waits for its entry or its condition.
        routing: which lots its fills have closed and opened, and why; empty where no router chose.
        is_ended: whether it is filled, cancelled, rejected or expired.
        entry, children: the first order of a bracket and its other ones, each to each.
    """

    __slots__ = (
        "charged",
        "children",
        "entry",
        "filled",
        "is_ended",
        "is_held",
        "is_market",
        "price",
        "raw_charge",
        "refusal",
        "routing",
        "status",
        "stop",
        "ticket",
        "updated_ns",
    )

    def __init__(self, ticket: OrderTicket) -> None:
        self.ticket = ticket
        self.status = OrderStatus.PENDING_NEW
        self.price = ticket.price
        self.stop = ticket.stop
        self.filled = ZERO
        self.charged = ZERO
        self.raw_charge = ZERO
        self.refusal: Refused | None = None
        self.updated_ns = ticket.submitted_ns
        self.is_market = ticket.kind is OrderKind.MARKET
        self.routing = ""
        self.is_held = False
        self.is_ended = False
        self.entry: Order | None = None
        self.children: tuple[Order, ...] = ()

    @property
    def id(self) -> int:
        return self.ticket.id

    @property
    def remaining(self) -> Decimal:
        return EXACT.subtract(self.ticket.quantity, self.filled)

    @property
    def outstanding(self) -> Decimal:
        """What is left; the two halves of a bracket share what their entry has filled."""
        if self.entry is None:
            return self.remaining
        with exactly():
            closed = sum((half.filled for half in self.entry.children), ZERO)
            return min(self.remaining, self.entry.filled - closed)

    @property
    def rule(self) -> str:
        """Name of the rule that refused or ended the order; empty if none did."""
        return "" if self.refusal is None else self.refusal.rule

    @property
    def reason(self) -> str:
        """The same in words."""
        return "" if self.refusal is None else self.refusal.reason

    def move(self, status: OrderStatus, at_ns: int, refusal: Refused | None = None) -> None:
        """Enter another state.

        Raises:
            BadTransition: the present state does not lead there.
        """
        if status not in _NEXT[self.status]:
            raise BadTransition(self.id, self.status, status)
        self.status, self.updated_ns = status, at_ns
        self.is_ended = status in _ENDED
        self.refusal = refusal or self.refusal

    def add_fill(self, quantity: Decimal, at_ns: int) -> None:
        """Record an execution; the last one ends the order.

        Raises:
            BadTransition: the order has ended.
            Overfilled: more was executed than was asked for.
        """
        if not ZERO < quantity <= self.remaining:
            raise Overfilled(self.id, self.remaining, quantity)
        is_last = quantity == self.remaining
        self.move(OrderStatus.FILLED if is_last else OrderStatus.PARTIALLY_FILLED, at_ns)
        self.filled += quantity

    def __repr__(self) -> str:
        ticket = self.ticket
        stop = "" if self.stop is None else f" from {self.stop}"
        price = "" if self.price is None else f" at {self.price}"
        return (
            f"<Order {ticket.id} {ticket.side} {ticket.quantity} {ticket.symbol} "
            f"{ticket.kind}{stop}{price} {self.status}>"
        )


class Overfilled(Conflict):
    """An execution larger than what was left of its order."""

    code = "order.overfilled"

    def __init__(self, order_id: int, remaining: Decimal, quantity: Decimal) -> None:
        super().__init__(order_id, remaining, quantity)
        self.order_id, self.remaining, self.quantity = order_id, remaining, quantity

    def __str__(self) -> str:
        return f"order {self.order_id} has {self.remaining} left, an execution says {self.quantity}"
