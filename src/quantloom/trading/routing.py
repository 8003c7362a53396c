"""What the offset router answers: orders, the ways it weighed, and the choice in words."""

from dataclasses import dataclass
from decimal import Decimal

from quantloom.trading.holdings import Held
from quantloom.trading.orders import Side
from quantloom.trading.terms import ZERO, Offset


@dataclass(frozen=True, slots=True)
class RoutedOrder:
    """One order as an exchange takes it."""

    side: Side
    offset: Offset
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One way to make the change, in lots and money.

    Attributes:
        today, yesterday: lots closed of each age.
        paid_as_today: how many of them pay the fee of closing today's.
        opened: lots opened. locked: those of them that stand against lots left unclosed.
        fee: commission now.
        later_fee: what closing both legs of the lock costs on a later day, at today's price.
        margin: of the whole position in the contract afterwards, at the price.
        financing: what that margin costs.
        barred: why this way may not be taken, empty if it may.
    """

    today: Decimal
    yesterday: Decimal
    paid_as_today: Decimal
    opened: Decimal
    locked: Decimal
    fee: Decimal = ZERO
    later_fee: Decimal = ZERO
    margin: Decimal = ZERO
    financing: Decimal = ZERO
    barred: str = ""

    @property
    def closed(self) -> Decimal:
        return self.today + self.yesterday

    @property
    def cost(self) -> Decimal:
        """What decides: the fees now and later, and the financing."""
        return self.fee + self.later_fee + self.financing

    def orders(self, side: Side, *, by_age: bool) -> tuple[RoutedOrder, ...]:
        """The orders to send, closing ones first, since they free margin."""
        wanted = (
            (Offset.CLOSE, ZERO if by_age else self.closed),
            (Offset.CLOSE_YESTERDAY, self.yesterday if by_age else ZERO),
            (Offset.CLOSE_TODAY, self.today if by_age else ZERO),
            (Offset.OPEN, self.opened),
        )
        return tuple(RoutedOrder(side, offset, part) for offset, part in wanted if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The orders that make a change, and what else could have been done.

    Attributes:
        orders: in the order in which to send them; their quantities add up to the change.
        alternatives: the ways that were weighed, the chosen one first, then by cost, those that
            may not be taken last. Splits that cannot be cheaper than one of these are left out.
        held: the lots that could be closed.
        by_age: whether orders name today's and yesterday's lots.
    """

    side: Side
    quantity: Decimal
    price: Decimal
    orders: tuple[RoutedOrder, ...]
    alternatives: tuple[Split, ...]
    held: Held
    by_age: bool

    @property
    def chosen(self) -> Split:
        return self.alternatives[0]

    @property
    def explanation(self) -> str:
        """The choice in words and numbers, a line for each way."""
        chosen = f"{self._name(self.chosen)}, {self._why}"
        asked = f"{self.side} {self.quantity} at {_plain(self.price)}: {chosen}"
        return "\n".join((asked, self._free, *map(self._line, self.alternatives)))

    @property
    def _why(self) -> str:
        ways = [split.cost for split in self.alternatives if not split.barred]
        if len(ways) == 1:
            return "the only way"
        is_tie = ways[0] == ways[1]
        return f"none of {len(ways)} ways costs less" if is_tie else f"cheapest of {len(ways)} ways"

    @property
    def _free(self) -> str:
        kind = "short" if self.side is Side.BUY else "long"
        today, yesterday = self.held.today.available, self.held.yesterday.available
        return (
            f"{kind} lots free to close: {today} of today, {yesterday} of yesterday; "
            f"{self.held.frozen} frozen"
        )

    def _name(self, split: Split) -> str:
        orders = split.orders(self.side, by_age=self.by_age)
        return " + ".join(_told(order, split) for order in orders)

    def _line(self, split: Split) -> str:
        parts = [f"fee {_plain(split.fee)}"]
        if split.locked:
            parts.append(f"{_plain(split.later_fee)} to close the lock later")
        if split.financing:
            parts.append(f"financing {_plain(split.financing)}")
        money = " + ".join(parts)
        cost = f" = {_plain(split.cost)}" if len(parts) > 1 else ""
        barred = f"; not allowed: {split.barred}" if split.barred else ""
        return f"- {self._name(split)}: {money}{cost}, margin {_plain(split.margin)}{barred}"


def _told(order: RoutedOrder, split: Split) -> str:
    text = f"{order.offset} {order.quantity}"
    if order.offset is Offset.OPEN and split.locked:
        return f"{text} ({split.locked} as a lock)"
    if order.offset is Offset.CLOSE and split.paid_as_today:
        return f"{text} ({split.paid_as_today} at the fee of today's)"
    return text


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
