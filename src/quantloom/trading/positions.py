"""A position as the lots that made it: first in, first out, exact."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

from quantloom.market.rulebook.topics import Closing
from quantloom.trading.costs import Margin
from quantloom.trading.entitlements import ShareLot, split_lot
from quantloom.trading.fills import Fill
from quantloom.trading.holdings import Bucket, Held, scope_of
from quantloom.trading.orders import Side
from quantloom.trading.routing import Split
from quantloom.trading.terms import ZERO, Offset

# Shares of an opening commission are cut here; the last part takes the rest, so none is lost.
_SHARE_EXPONENT = Decimal("1e-12")
_CUT = Context(prec=60, rounding=ROUND_DOWN)
_ANY_AGE = (Offset.AUTO, Offset.CLOSE)


@dataclass(slots=True)
class OpenLot:
    """What is left of one opening fill. Its quantity is signed: below zero is short.

    Attributes:
        price: of the fill; after a corporate action what a share has cost, to eight decimals.
        basis: the price up to which profit has been paid: of the fill, then of each settlement.
        rate: what the instrument's currency was worth when it opened; None where all money is of
            one currency. paid: profit of one unit that settlements have paid, at their rates.
        share: its shares with their dividends, once a company has done something to them.
        is_credited: given by a company, not bought; its day is the one from which it may be sold.
    """

    quantity: Decimal
    price: Decimal
    basis: Decimal
    commission: Decimal
    slippage: Decimal
    ts_ns: int
    day: int
    tag: str
    rate: Decimal | None = None
    paid: Decimal = ZERO
    share: ShareLot | None = None
    is_credited: bool = False

    def profit(self, price: Decimal, rate: Decimal, *, is_margined: bool) -> Decimal:
        """Profit of one unit at a price and a rate, in the account's currency.

        What was paid in full gains and loses with its currency too; of what is margined only the
        profit is ever exchanged, when it is paid.
        """
        if is_margined or self.rate is None:
            return (price - self.basis) * rate + self.paid
        return price * rate - self.price * self.rate

    def is_free(self, day: int) -> bool:
        """Whether it may be sold on a day, where what was bought today may not."""
        return self.day <= day if self.is_credited else self.day < day

    def take(self, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Take a signed part off; return its share of commission and of slippage."""
        if quantity == self.quantity:
            shares = self.commission, self.slippage
        else:
            shares = self._share(self.commission, quantity), self._share(self.slippage, quantity)
        self.quantity -= quantity
        self.commission -= shares[0]
        self.slippage -= shares[1]
        return shares

    @property
    def cost(self) -> Decimal:
        """What was paid for it in all, without the multiplier."""
        return self.quantity * self.price if self.share is None else self.share.cost

    def take_share(self, quantity: Decimal) -> ShareLot | None:
        """Take the same part off what corporate actions have left; before `take`."""
        if self.share is None:
            return None
        part, self.share = split_lot(self.share, quantity)
        return part

    def _share(self, amount: Decimal, quantity: Decimal) -> Decimal:
        share = _CUT.divide(_CUT.multiply(amount, quantity), self.quantity)
        return _CUT.quantize(share, _SHARE_EXPONENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """An entry with its exit: one lot, or the part of it that one fill closed.

    Attributes:
        side: buy for a long trip, sell for a short one.
        entry_price: after a corporate action what a share has cost, to eight decimals.
        gross: profit from prices, and from rates where there are several currencies; this and all
            other money in the account's currency.
        commission: the entry's share and the exit's share.
        slippage: likewise; already inside the prices.
        pnl: gross less commission.
        settled: the part of gross that earlier settlements have paid.
        tag: of the entry.
        exit: what closed it: market, limit, stop, stop_loss, take_profit and so on.
        entry_rate, exit_rate: what the instrument's currency was worth in the account's; None where
            all money is of one currency.
        share: the shares with their dividends, where there were any: what their tax goes by.
    """

    symbol: str
    side: Side
    quantity: Decimal
    entry_ns: int
    entry_price: Decimal
    exit_ns: int
    exit_price: Decimal
    gross: Decimal
    commission: Decimal
    slippage: Decimal
    pnl: Decimal
    settled: Decimal = ZERO
    tag: str = ""
    exit: str = "market"
    entry_rate: Decimal | None = None
    exit_rate: Decimal | None = None
    share: ShareLot | None = None


class Position:
    """The open lots of one symbol; long above zero, short below, both only where one is a lock.

    Attributes:
        quantity: signed sum of the lots.
        locked: lots of one side that stand against lots of the other.
        cost: signed sum of quantity times basis, without the multiplier.
        realised: gross profit of everything closed so far, in the instrument's currency.
        holds_today, closing: as in `DayTerms`, of the present day.
    """

    __slots__ = (
        "_chargeable",
        "_chargeable_day",
        "closing",
        "cost",
        "holds_today",
        "is_margined",
        "locked",
        "lots",
        "multiplier",
        "quantity",
        "realised",
        "symbol",
    )

    def __init__(
        self, symbol: str, multiplier: Decimal = Decimal(1), *, is_margined: bool = False
    ) -> None:
        self.symbol = symbol
        self.multiplier = multiplier
        self.is_margined = is_margined
        self.lots: deque[OpenLot] = deque()
        self.quantity = ZERO
        self.cost = ZERO
        self.realised = ZERO
        self.holds_today = False
        self.locked = ZERO
        self.closing: Closing | None = None
        self._chargeable = dict.fromkeys(Side, ZERO)
        self._chargeable_day = 0

    @property
    def is_flat(self) -> bool:
        return not self.quantity

    @property
    def is_long(self) -> bool:
        return self.quantity > 0

    @property
    def is_short(self) -> bool:
        return self.quantity < 0

    @property
    def average_price(self) -> float:
        """Mean entry price of the open lots, an estimate; NaN when flat."""
        return float(self._entry_cost) / float(self.quantity) if self.quantity else float("nan")

    @property
    def _entry_cost(self) -> Decimal:
        return sum((lot.cost for lot in self.lots), ZERO)

    def open_profit(self, price: Decimal) -> Decimal:
        """Profit of the open lots at a price since they were opened, in the instrument's money."""
        return (self.quantity * price - self._entry_cost) * self.multiplier

    def open_profit_at(self, price: Decimal, rate: Decimal) -> Decimal:
        """The same in the account's currency, with what its rate has made of it."""
        profits = (
            lot.quantity * lot.profit(price, rate, is_margined=self.is_margined)
            for lot in self.lots
        )
        return sum(profits, ZERO) * self.multiplier

    def unrealised(self, price: Decimal) -> Decimal:
        """What of it no settlement has paid yet."""
        return (self.quantity * price - self.cost) * self.multiplier

    def margin(self, quantity: Decimal, price: Decimal, margin: Margin) -> Decimal:
        """Margin of a signed quantity at a price."""
        return margin.required(quantity, price * self.multiplier)

    def settle(self, price: Decimal, rate: Decimal | None = None) -> Decimal:
        """Count all profit up to a price as paid; give the money that was still to be paid.

        Args:
            rate: at which it is exchanged; None where there is nothing to exchange.
        """
        paid = self.unrealised(price)
        for lot in self.lots:
            if rate is not None:
                lot.paid += (price - lot.basis) * rate
            lot.basis = price
        self.cost = self.quantity * price
        return paid

    def replace_lots(self, lots: Iterable[OpenLot]) -> None:
        """Hold other lots in place of the present ones, as a corporate action leaves them."""
        self.lots = deque(lots)
        self.quantity = sum((lot.quantity for lot in self.lots), ZERO)
        self.cost = sum((lot.quantity * lot.basis for lot in self.lots), ZERO)

    def closing_part(
        self, side: Side, quantity: Decimal, offset: Offset = Offset.AUTO, day: int = 0
    ) -> Decimal:
        """How much of an order of this side would close lots; the rest would open new ones.

        Args:
            offset: which lots there are for it.
            day: the trading day that is today.
        """
        return min(quantity, self.closable(side, offset, day))

    def closable(self, side: Side, offset: Offset = Offset.AUTO, day: int = 0) -> Decimal:
        """All that orders of this side could close; of a lock, only what orders name."""
        is_of_net = not self.locked or offset is Offset.AUTO
        if is_of_net and self.quantity * side.sign >= 0:
            return ZERO
        scope = offset if self.closing is None else self.scope(offset)
        if is_of_net and not self.holds_today and scope in _ANY_AGE:
            return abs(self.quantity)
        return sum((abs(lot.quantity) for lot in self._lots(scope, day, side)), ZERO)

    def held(self, side: Side, day: int) -> Held:
        """The lots that orders of a side have opened, by whether that was on a day."""
        lots = [lot for lot in self.lots if lot.quantity * side.sign > 0]
        today = sum((abs(lot.quantity) for lot in lots if lot.day == day), ZERO)
        older = sum((abs(lot.quantity) for lot in lots if lot.day != day), ZERO)
        chargeable = today
        if self._pays_today_first:
            chargeable = self._chargeable[side] if day == self._chargeable_day else ZERO
        return Held(
            today=Bucket(today), yesterday=Bucket(older), initial=older, chargeable=chargeable
        )

    @property
    def sides(self) -> list[tuple[Side, Decimal]]:
        """The sides that have lots, each with how many."""
        long, short = (self.locked + max(self.quantity * sign, ZERO) for sign in (1, -1))
        return [(side, lots) for side, lots in ((Side.BUY, long), (Side.SELL, short)) if lots]

    def cost_of(self, side: Side) -> Decimal:
        """What the lots of a side count at, at or above zero."""
        return sum((abs(lot.quantity) * lot.basis for lot in self._of(side)), ZERO)

    def profit_of(self, side: Side, price: Decimal) -> Decimal:
        """Profit of the lots of a side at a price since they were opened, in money."""
        profits = (lot.quantity * (price - lot.price) for lot in self._of(side))
        return sum(profits, ZERO) * self.multiplier

    def average_price_of(self, side: Side) -> float:
        """Mean entry price of the lots of a side."""
        lots = [*self._of(side)]
        paid = sum((lot.quantity * lot.price for lot in lots), ZERO)
        return float(paid) / float(sum((lot.quantity for lot in lots), ZERO))

    def _of(self, side: Side) -> Iterator[OpenLot]:
        return (lot for lot in self.lots if lot.quantity * side.sign > 0)

    def scope(self, offset: Offset) -> Offset:
        """What an offset means on the present day."""
        return offset if self.closing is None else scope_of(offset, self.closing)

    def paid_as_today(self, quantity: Decimal, day: int, offset: Offset = Offset.AUTO) -> Decimal:
        """How much of a closing quantity pays the fee of closing lots of the day.

        Another rule than which lots go: some venues charge as if today's always went first.
        """
        if not self._pays_today_first:
            return self.closing_part_of_day(quantity, day, offset)
        side = Side.BUY if self.quantity > 0 else Side.SELL
        return min(quantity, self.held(side, day).chargeable)

    @property
    def _pays_today_first(self) -> bool:
        return self.closing is not None and self.closing.fee_of == "today_first"

    def closing_part_of_day(
        self, quantity: Decimal, day: int, offset: Offset = Offset.AUTO
    ) -> Decimal:
        """How much of a closing quantity falls, first in first out, on lots opened on `day`."""
        left, of_day = quantity, ZERO
        for lot in self._lots(offset, day, None):
            part = min(left, abs(lot.quantity))
            of_day += part if lot.day == day else ZERO
            left -= part
            if not left:
                break
        return of_day

    def apply(self, fill: Fill) -> list[RoundTrip]:
        """Close lots on the other side, the oldest first, then open one with what is left.

        A fill whose split a router has made closes what that says, and opens the rest.
        """
        if fill.split is not None:
            return self._apply_split(fill, fill.split)
        trips: list[RoundTrip] = []
        left = fill.quantity
        rest = _lot_of(fill)
        while left and self.quantity * fill.side.sign < 0:
            lot = next(self._lots(fill.offset, fill.day, None), None)
            if lot is None:
                break
            part = min(left, abs(lot.quantity))
            trips.append(self._close(lot, part, fill, rest))
            left -= part
        if self._pays_today_first:
            self._count_chargeable(fill, opened=left)
        if left:
            self._open(rest, fill)
        return trips

    def _apply_split(self, fill: Fill, split: Split) -> list[RoundTrip]:
        trips: list[RoundTrip] = []
        rest = _lot_of(fill)
        for lot, part in self.chosen(fill.side, split, fill.day):
            trips.append(self._close(lot, part, fill, rest))
        if self._pays_today_first:
            self._count_chargeable(fill, opened=split.opened)
        if split.opened:
            self._open(rest, fill)
        long = sum((lot.quantity for lot in self._of(Side.BUY)), ZERO)
        self.locked = min(long, long - self.quantity)
        return trips

    def chosen(self, side: Side, split: Split, day: int) -> list[tuple[OpenLot, Decimal]]:
        """The lots that a split closes, the oldest first, each with how much of it."""
        left = {True: split.today, False: split.yesterday}
        found = []
        for lot in self._of(side.opposite):
            part = min(abs(lot.quantity), left[lot.day == day])
            left[lot.day == day] -= part
            if part:
                found.append((lot, part))
        return found

    def _open(self, lot: OpenLot, fill: Fill) -> None:
        """Add what is left of a fill as a lot."""
        lot.quantity *= fill.side.sign
        self.lots.append(lot)
        self.quantity += lot.quantity
        self._count_cost(lot, fill)

    def _count_cost(self, lot: OpenLot, fill: Fill) -> None:
        self.cost += lot.quantity * fill.price

    def _count_chargeable(self, fill: Fill, *, opened: Decimal) -> None:
        """Keep count of the day's lots that no close has paid for as such."""
        if fill.day != self._chargeable_day:
            self._chargeable, self._chargeable_day = dict.fromkeys(Side, ZERO), fill.day
        other = fill.side.opposite
        self._chargeable[other] -= min(fill.quantity - opened, self._chargeable[other])
        self._chargeable[fill.side] += opened

    def _lots(self, offset: Offset, day: int, side: Side | None) -> Iterator[OpenLot]:
        """The lots that an order with this offset may close, in their turn.

        Args:
            side: of the order, which matters where both sides have lots.
        """
        scope = self.scope(offset)
        lots = self.lots if side is None or not self.locked else [*self._of(side.opposite)]
        if scope is Offset.CLOSE_TODAY:
            return (lot for lot in lots if lot.day == day and not self.holds_today)
        if scope is Offset.CLOSE_YESTERDAY or self.holds_today:
            return (lot for lot in lots if lot.is_free(day))
        if self.closing is not None and self.closing.consumes == "today":
            return iter(sorted(lots, key=lambda lot: lot.day != day))
        return iter(lots)

    def _close(self, lot: OpenLot, part: Decimal, fill: Fill, rest: OpenLot) -> RoundTrip:
        signed = -part * fill.side.sign
        share = lot.take_share(signed)
        entry_shares, exit_shares = lot.take(signed), rest.take(part)
        if not lot.quantity:
            self.lots.remove(lot)  # found at once: it is the first, where days do not matter
        self.quantity -= signed
        gross, settled = self._realise(lot, signed, fill, rest, share)
        commission = entry_shares[0] + exit_shares[0]
        return RoundTrip(
            symbol=self.symbol,
            side=fill.side.opposite,
            quantity=part,
            entry_ns=lot.ts_ns,
            entry_price=lot.price,
            exit_ns=fill.ts_ns,
            exit_price=fill.price,
            gross=gross,
            commission=commission,
            slippage=entry_shares[1] + exit_shares[1],
            pnl=gross - commission,
            settled=settled,
            tag=lot.tag,
            exit=fill.cause,
            entry_rate=lot.rate,
            exit_rate=fill.rate,
            share=share,
        )

    def _realise(
        self,
        lot: OpenLot,
        signed: Decimal,
        fill: Fill,
        rest: OpenLot,  # noqa: ARG002  inverse swaps ask for it
        share: ShareLot | None,
    ) -> tuple[Decimal, Decimal]:
        """Gross profit of a part of a lot, and how much of it has been paid.

        Args:
            lot, rest: what both fills have left without the part.
        """
        self.cost -= signed * lot.basis
        gross = signed * (fill.price - lot.price) * self.multiplier
        if share is not None:
            gross = (signed * fill.price - share.cost) * self.multiplier
        settled = signed * (lot.basis - lot.price) * self.multiplier
        self.realised += gross
        if fill.rate is not None:
            profit = lot.profit(fill.price, fill.rate, is_margined=self.is_margined)
            gross = signed * profit * self.multiplier
            if share is not None and lot.rate is not None:
                received = signed * fill.price * fill.rate
                gross = (received - share.cost * lot.rate) * self.multiplier
            settled = signed * lot.paid * self.multiplier
        return gross, settled


def _lot_of(fill: Fill) -> OpenLot:
    """The lot that a fill opens if it closes nothing."""
    costs = fill.commission, fill.slippage
    when = fill.ts_ns, fill.day
    return OpenLot(fill.quantity, fill.price, fill.price, *costs, *when, fill.tag, fill.rate)
