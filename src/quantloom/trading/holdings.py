"""One side of a futures position, what a close takes of it, and a venue's record of it."""

from dataclasses import dataclass
from decimal import Decimal

from quantloom.market.rulebook.topics import Closing
from quantloom.trading.costs import FillParts
from quantloom.trading.orders import Side
from quantloom.trading.terms import ZERO, Offset


def scope_of(offset: Offset, closing: Closing) -> Offset:
    """What a closing offset means by the rule of a day; any other is itself.

    Where orders name the age of lots, a plain close means older ones; elsewhere they cannot.
    """
    if not offset.only_closes:
        return offset
    if not closing.buckets:
        return Offset.CLOSE
    return Offset.CLOSE_YESTERDAY if offset is Offset.CLOSE else offset


@dataclass(frozen=True, slots=True)
class Bucket:
    """Lots of one side and one age; `frozen` of them are promised to closing orders."""

    quantity: Decimal = ZERO
    frozen: Decimal = ZERO

    @property
    def available(self) -> Decimal:
        return self.quantity - self.frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One side of a position at one moment.

    Attributes:
        today, yesterday: lots opened on this trading day, and on any before it.
        initial: lots with which the day began; it stays when they are closed.
        chargeable: how many more lots, closed now, would pay the fee of closing today's.
    """

    today: Bucket = Bucket()
    yesterday: Bucket = Bucket()
    initial: Decimal = ZERO
    chargeable: Decimal = ZERO

    @property
    def quantity(self) -> Decimal:
        return self.today.quantity + self.yesterday.quantity

    @property
    def frozen(self) -> Decimal:
        return self.today.frozen + self.yesterday.frozen

    @property
    def available(self) -> Decimal:
        return self.quantity - self.frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The lots that a fill closed.

    Attributes:
        today, yesterday: how many of each age.
        paid_as_today: how many of them pay the fee of closing today's; another rule than age.
    """

    today: Decimal = ZERO
    yesterday: Decimal = ZERO
    paid_as_today: Decimal = ZERO

    @property
    def quantity(self) -> Decimal:
        return self.today + self.yesterday

    def parts(self, side: Side, unit_money: Decimal) -> FillParts:
        """The same as a commission scheme asks for it."""
        closed = self.quantity - self.paid_as_today
        return FillParts(side, unit_money, closed=closed, closed_today=self.paid_as_today)


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRow:
    """One record of a position, as a venue of CTP's kind answers it.

    Attributes:
        side: buy for long.
        is_history: the record of older lots, where today's have one of their own.
        position: lots now. today: those of them that were opened today.
        initial: older lots as the day began (YdPosition); it does not shrink.
        frozen: promised to closing orders (ShortFrozen of a long record, LongFrozen of a short).
    """

    side: Side
    is_history: bool
    position: Decimal
    today: Decimal
    initial: Decimal
    frozen: Decimal = ZERO
