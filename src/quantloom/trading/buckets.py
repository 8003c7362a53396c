"""A futures position as its exchange keeps it: both sides at once, today's lots apart from older.

The ledger's `Position` nets and knows prices; this knows what a closing order may take, and which
fee it pays. All quantities are whole lots.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from quantloom.errors import Conflict, Invalid
from quantloom.market.rulebook.topics import Closing
from quantloom.trading.fills import Fill
from quantloom.trading.holdings import Bucket, Held, PositionRow, Taken, scope_of
from quantloom.trading.orders import Overfilled, Refused, Side
from quantloom.trading.terms import ZERO, Offset

_AGE = {
    Offset.CLOSE: "",
    Offset.CLOSE_TODAY: " of today",
    Offset.CLOSE_YESTERDAY: " of yesterday",
}


class OffsetNotRouted(Invalid):
    """An order or a fill that leaves open whether it opens or closes."""

    code = "order.offset_not_routed"

    def __init__(self, order_id: int) -> None:
        super().__init__(order_id)
        self.order_id = order_id

    def __str__(self) -> str:
        return (
            f"order {self.order_id} has the offset `auto`, which no exchange takes; "
            "split it with `route` first"
        )


class FrozenTwice(Conflict):
    """An order that asks for lots while it still has some."""

    code = "order.frozen_twice"

    def __init__(self, order_id: int) -> None:
        super().__init__(order_id)
        self.order_id = order_id

    def __str__(self) -> str:
        return f"order {self.order_id} has frozen its lots already; thaw it before it asks again"


class CloseBeyondHeld(Conflict):
    """An execution closes more than the buckets have free: they no longer show the account."""

    code = "position.close_beyond_held"

    def __init__(self, symbol: str, order_id: int, quantity: Decimal, available: Decimal) -> None:
        super().__init__(symbol, order_id, quantity, available)
        self.symbol, self.order_id = symbol, order_id
        self.quantity, self.available = quantity, available

    def __str__(self) -> str:
        return (
            f"{self.symbol}: an execution of order {self.order_id} closes {self.quantity} with "
            f"only {self.available} free; read the positions from the venue again"
        )


class BadPositionRows(Invalid):
    """A venue's records of a position that no position can have."""

    code = "position.bad_rows"

    def __init__(self, symbol: str, position: Decimal, today: Decimal) -> None:
        super().__init__(symbol, position, today)
        self.symbol, self.position, self.today = symbol, position, today

    def __str__(self) -> str:
        return (
            f"{self.symbol}: the records say {self.position} lots in all and {self.today} of "
            "today; sum them only once the last one has come"
        )


@dataclass(slots=True)
class _Lots:
    """One side. `chargeable` counts today's lots that no close has paid for as such."""

    today: Decimal = ZERO
    yesterday: Decimal = ZERO
    initial: Decimal = ZERO
    chargeable: Decimal = ZERO

    def take(self, taken: Taken) -> None:
        self.today -= taken.today
        self.yesterday -= taken.yesterday
        self.chargeable -= taken.paid_as_today


@dataclass(slots=True)
class _Claim:
    """What a working order may still close of a held side."""

    side: Side
    scope: Offset
    left: Decimal


class Buckets:
    """The position in one contract: long and short side by side, by trading day, with claims.

    A closing order freezes lots when it is sent (`freeze`), gives back what it does not use
    (`thaw`) and uses them up when it fills (`apply`). Where orders name the age of their lots, it
    freezes those; elsewhere it freezes a number of lots, and which ones go is settled by each
    fill, so what a bucket shows as frozen is what its orders would take if all filled now.

    Args:
        closing: the rule of the day; `roll` sets the next day's.
    """

    __slots__ = ("_claims", "_lots", "closing", "symbol")

    def __init__(self, symbol: str, closing: Closing) -> None:
        self.symbol = symbol
        self.closing = closing
        self._lots = {side: _Lots() for side in Side}
        self._claims: dict[int, _Claim] = {}

    @classmethod
    def of(cls, symbol: str, held: Mapping[Side, Held], closing: Closing) -> "Buckets":
        """Build from what is held of each side, with nothing frozen."""
        buckets = cls(symbol, closing)
        for side, one in held.items():
            buckets._lots[side] = _Lots(
                today=one.today.quantity,
                yesterday=one.yesterday.quantity,
                initial=one.initial,
                chargeable=one.chargeable,
            )
        return buckets

    @classmethod
    def from_rows(cls, symbol: str, rows: Iterable[PositionRow], closing: Closing) -> "Buckets":
        """Build from a venue's records; freeze the orders that work there afterwards.

        Records of one side add up, so one a side and one an age do alike. Older lots are what is
        not of today: `initial` is how many there once were.

        Raises:
            BadPositionRows: more lots of today than lots, or fewer than none.
        """
        buckets = cls(symbol, closing)
        for row in rows:
            lots = buckets._lots[row.side]
            lots.today += row.today
            lots.yesterday += row.position - row.today
            lots.initial += row.initial
        for lots in buckets._lots.values():
            if lots.today < 0 or lots.yesterday < 0:
                raise BadPositionRows(symbol, lots.today + lots.yesterday, lots.today)
            lots.chargeable = lots.today
        return buckets

    @property
    def long(self) -> Held:
        return self.held(Side.BUY)

    @property
    def short(self) -> Held:
        return self.held(Side.SELL)

    @property
    def net(self) -> Decimal:
        """Long less short."""
        return self.long.quantity - self.short.quantity

    def held(self, side: Side) -> Held:
        """The lots that orders of this side have opened; those of the other side close them."""
        lots = self._lots[side]
        promised = self._promised(side)
        chargeable = lots.today - promised.today
        if self.closing.fee_of == "today_first":
            chargeable = max(ZERO, lots.chargeable - promised.quantity)
        return Held(
            today=Bucket(lots.today, promised.today),
            yesterday=Bucket(lots.yesterday, promised.yesterday),
            initial=lots.initial,
            chargeable=chargeable,
        )

    def freeze(
        self, order_id: int, *, side: Side, quantity: Decimal, offset: Offset
    ) -> Refused | None:
        """Promise lots to an order before it is sent; an opening order needs none.

        Args:
            side: of the order; a buy closes short lots.
            quantity: what may still fill of it.
        Returns:
            Why there are not enough, None if there are.
        Raises:
            OffsetNotRouted: the offset is auto.
            FrozenTwice: the order has lots already.
        """
        if offset is Offset.AUTO:
            raise OffsetNotRouted(order_id)
        if order_id in self._claims:
            raise FrozenTwice(order_id)
        if offset is Offset.OPEN:
            return None
        claim = _Claim(side.opposite, scope_of(offset, self.closing), quantity)
        available = self._available(claim)
        if quantity > available:
            return Refused("not_enough_to_close", self._shortage(claim, available))
        self._claims[order_id] = claim
        return None

    def thaw(self, order_id: int) -> Decimal:
        """Give back what an order has not used, once it is cancelled, rejected or expired.

        Returns:
            How much that was: nothing for an order that opens, is filled or was thawed before.
        """
        claim = self._claims.pop(order_id, None)
        return ZERO if claim is None else claim.left

    def apply(self, fill: Fill) -> Taken:
        """Book a fill: open lots, or close those that its order has frozen.

        A closing fill of an order that was never frozen here takes what is free.

        Raises:
            OffsetNotRouted: the fill's offset is auto.
            Overfilled: more than its order has left.
            CloseBeyondHeld: more than is free.
        """
        if fill.offset is Offset.AUTO:
            raise OffsetNotRouted(fill.order_id)
        if fill.offset is Offset.OPEN:
            lots = self._lots[fill.side]
            lots.today += fill.quantity
            lots.chargeable += fill.quantity
            return Taken()
        claim = self._claims.get(fill.order_id)
        if claim is None:
            claim = self._unannounced(fill)
        if fill.quantity > claim.left:
            raise Overfilled(fill.order_id, claim.left, fill.quantity)
        taken = self._take(self._lots[claim.side], claim.scope, fill.quantity)
        self._lots[claim.side].take(taken)
        claim.left -= fill.quantity
        if not claim.left:
            self._claims.pop(fill.order_id, None)
        return taken

    def roll(self, closing: Closing) -> tuple[int, ...]:
        """Begin the next trading day, after settlement: today's lots become yesterday's.

        Exchanges keep no order overnight, so every claim ends here.

        Args:
            closing: the rule of the new day.
        Returns:
            The orders whose claims ended.
        """
        for lots in self._lots.values():
            lots.yesterday += lots.today
            lots.initial = lots.yesterday
            lots.today = lots.chargeable = ZERO
        ended = tuple(self._claims)
        self._claims.clear()
        self.closing = closing
        return ended

    def rows(self) -> tuple[PositionRow, ...]:
        """The records that a venue of CTP's kind would answer, none for a side that is empty."""
        found: list[PositionRow] = []
        for side in Side:
            found += self._rows_by_age(side) if self.closing.buckets else [self._row(side)]
        return tuple(row for row in found if row.position or row.initial)

    def _row(self, side: Side) -> PositionRow:
        held = self.held(side)
        return PositionRow(
            side=side,
            is_history=False,
            position=held.quantity,
            today=held.today.quantity,
            initial=held.initial,
            frozen=held.frozen,
        )

    def _rows_by_age(self, side: Side) -> Iterator[PositionRow]:
        held = self.held(side)
        for bucket, is_history in ((held.today, False), (held.yesterday, True)):
            yield PositionRow(
                side=side,
                is_history=is_history,
                position=bucket.quantity,
                today=ZERO if is_history else bucket.quantity,
                initial=held.initial if is_history else ZERO,
                frozen=bucket.frozen,
            )

    def _claimed(self, side: Side, scope: Offset) -> Decimal:
        claims = self._claims.values()
        return sum((one.left for one in claims if (one.side, one.scope) == (side, scope)), ZERO)

    def _promised(self, side: Side) -> Taken:
        """What all working orders would take of a side."""
        if not self.closing.buckets:
            return self._take(self._lots[side], Offset.CLOSE, self._claimed(side, Offset.CLOSE))
        return Taken(
            today=self._claimed(side, Offset.CLOSE_TODAY),
            yesterday=self._claimed(side, Offset.CLOSE_YESTERDAY),
        )

    def _take(self, lots: _Lots, scope: Offset, quantity: Decimal) -> Taken:
        """Which lots a close takes by the rule of the day, and how many pay as today's."""
        if scope is Offset.CLOSE:
            today = today_of(quantity, lots.today, lots.yesterday, self.closing)
        else:
            today = quantity if scope is Offset.CLOSE_TODAY else ZERO
        is_by_lots = self.closing.fee_of == "lots"
        paid = today if is_by_lots else min(quantity, lots.chargeable)
        return Taken(today=today, yesterday=quantity - today, paid_as_today=paid)

    def _available(self, claim: _Claim) -> Decimal:
        """How many lots are free for a claim that is not made yet."""
        held = self.held(claim.side)
        if claim.scope is Offset.CLOSE_TODAY:
            return held.today.available
        if claim.scope is Offset.CLOSE_YESTERDAY:
            return held.yesterday.available
        return held.available

    def _shortage(self, claim: _Claim, available: Decimal) -> str:
        kind = "long" if claim.side is Side.BUY else "short"
        age = _AGE[claim.scope]
        return f"{self.symbol}: {claim.left} {kind} lots{age} to close, {available} free"

    def _unannounced(self, fill: Fill) -> _Claim:
        claim = _Claim(fill.side.opposite, scope_of(fill.offset, self.closing), fill.quantity)
        available = self._available(claim)
        if fill.quantity > available:
            raise CloseBeyondHeld(self.symbol, fill.order_id, fill.quantity, available)
        return claim


def today_of(quantity: Decimal, today: Decimal, yesterday: Decimal, closing: Closing) -> Decimal:
    """How many of today's lots a plain close takes, of what there is of each age."""
    if closing.consumes == "today":
        return min(quantity, today)
    return max(ZERO, quantity - yesterday)
