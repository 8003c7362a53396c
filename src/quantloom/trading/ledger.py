"""The account: exact cash, positions as folds over fills, and what one more fill would need.

For every run, final cash is initial cash plus the cash flows of the fills, recomputed in Decimal,
to the last unit. The venue books fills in a context in which a sum or product that would need
rounding raises instead.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol, cast

from quantloom.market import Instrument
from quantloom.trading.costs import Commission, FillParts, Margin
from quantloom.trading.dayterms import DayTerms
from quantloom.trading.fills import Fill
from quantloom.trading.inverse import coin_charge, position_of
from quantloom.trading.isolated import IsolatedMargins
from quantloom.trading.margins import margin_after, margin_after_split, margin_now
from quantloom.trading.orders import Order, Refused, Side
from quantloom.trading.positions import OpenLot, Position, RoundTrip
from quantloom.trading.routing import Split
from quantloom.trading.swaps import review_leverage
from quantloom.trading.terms import ZERO

_NEAR_DELIVERY = Refused(
    "near_delivery", "natural persons may not hold the contract any more, only close it"
)


@dataclass(frozen=True, slots=True)
class Charge:
    """Commission of one execution: before the order's minimum, after it, and the taxes on top."""

    raw: Decimal
    due: Decimal
    taxes: Decimal

    @property
    def commission(self) -> Decimal:
        """All that is taken."""
        return self.due + self.taxes


class Exchange(Protocol):
    """Makes money of an instrument's currency the account's, at the present moment."""

    def rate(self, symbol: str) -> Decimal:
        """What one unit of an instrument's currency is worth; 1 for the account's own."""
        ...

    def cost(self, symbol: str, amount: Decimal) -> Decimal:
        """What it costs to exchange an amount, both in the account's currency; never below zero."""
        ...

    def charge(self, symbol: str, amount: Decimal) -> Decimal:
        """The same of an amount that is exchanged now."""
        ...


class Ledger:
    """Cash and positions of one account in one currency.

    Prices and commission schemes are in an instrument's own currency, all that comes of them in the
    account's: cash, values, margins, refusals, round trips.

    Args:
        mark: the price at which a position counts while another instrument's fill is reviewed.
        terms: what holds for a symbol on the present day; the same costs and margin every day
            where not given.
        exchange: rates, where an instrument is of another currency than the account.
        isolated: the margin behind each swap; None where all share the account's cash.

    Attributes:
        held: every open position with its instrument, by symbol.
        receivable: dividends on their way: part of equity, and no money to buy with. Below zero
            where a short position owes them.
    """

    def __init__(
        self,
        initial: Decimal,
        *,
        commission: Commission,
        margin: Margin,
        mark: Callable[[str], Decimal] | None = None,
        terms: Callable[[str], DayTerms] | None = None,
        exchange: Exchange | None = None,
        isolated: IsolatedMargins | None = None,
    ) -> None:
        self.initial = initial
        self.cash = initial
        self.isolated = isolated
        self.receivable = ZERO
        self._plain = DayTerms(commission, margin)
        self._terms = terms
        self.positions: dict[str, Position] = {}
        self.held: dict[str, tuple[Instrument, Position]] = {}
        self._mark = mark or _no_mark
        self._exchange = exchange

    @property
    def is_ruled(self) -> bool:
        """Whether what holds changes from day to day."""
        return self._terms is not None

    def may_pay_makers(self, instrument: Instrument) -> bool:
        """Whether an order that has rested may cost something else than one that takes."""
        return self._plain.commission.maker is not None or (self.is_ruled and instrument.is_crypto)

    def terms_of(self, symbol: str) -> DayTerms:
        """What holds for an instrument on the present day."""
        return self._plain if self._terms is None else self._terms(symbol)

    def position(self, instrument: Instrument) -> Position:
        """The position of an instrument, flat if it was never traded."""
        position = self.positions.get(instrument.symbol)
        if position is None:
            position = self.positions[instrument.symbol] = position_of(instrument)
        return position

    def rate(self, symbol: str) -> Decimal | None:
        """What an instrument's currency is worth now; None where there is but one currency."""
        return None if self._exchange is None else self._exchange.rate(symbol)

    def worth(self, symbol: str, money: Decimal) -> Decimal:
        """An instrument's money in the account's currency, at the present rate."""
        return money if self._exchange is None else money * self._exchange.rate(symbol)

    def receive(self, symbol: str, money: Decimal) -> Decimal:
        """Take an instrument's money into cash, or out where it is below zero.

        Returns:
            What it was worth in the account's currency; exchanging it has taken its cost besides.
        """
        amount = self.worth(symbol, money)
        self._take(symbol, amount)
        return amount

    def _take(self, symbol: str, amount: Decimal) -> None:
        self.cash += amount
        if self._exchange is not None:
            self.cash -= self._exchange.charge(symbol, amount)

    def value(self, instrument: Instrument, price: Decimal) -> Decimal:
        """What the position adds to cash in equity: its value, or its profit if margined."""
        position = self.position(instrument)
        if instrument.is_margined:
            return self.worth(instrument.symbol, position.unrealised(price))
        return self.worth(instrument.symbol, position.quantity * price * position.multiplier)

    def equity(self, instrument: Instrument, price: Decimal) -> Decimal:
        """Cash plus the positions, this one at a price and the others as they are marked."""
        others = self._others(instrument).value
        return self.cash + self.receivable + self.value(instrument, price) + others

    def charge(
        self,
        order: Order,
        instrument: Instrument,
        quantity: Decimal,
        price: Decimal,
        day: int,
        *,
        is_maker: bool = False,
        split: Split | None = None,
    ) -> Charge:
        """What the order's next execution would cost, its minimum spread over the whole order.

        All of it in the instrument's currency, so that the minimum means the same at every rate.

        Args:
            split: what of it opens and closes, where a router has said.
        """
        side = order.ticket.side
        commission = self.terms_of(instrument.symbol).commission
        if split is None:
            position = self.position(instrument)
            offset = order.ticket.terms.offset
            closing = position.closing_part(side, quantity, offset, day)
            today = ZERO
            if commission.knows_today:
                today = position.paid_as_today(closing, day, offset)
        else:
            closing, today = split.closed, split.paid_as_today
        parts = FillParts(
            side,
            price * instrument.multiplier,
            opened=quantity - closing,
            closed=closing - today,
            closed_today=today,
            is_maker=is_maker,
        )
        raw, taxes = commission.raw(parts), commission.taxes(parts)
        if instrument.is_inverse:
            raw, taxes = coin_charge(commission, parts, instrument, price)
        due = commission.due(order.raw_charge + raw) - order.charged
        return Charge(raw, due, taxes)

    def review(
        self,
        instrument: Instrument,
        side: Side,
        quantity: Decimal,
        price: Decimal,
        commission: Decimal,
        *,
        split: Split | None = None,
        day: int = 0,
    ) -> Refused | None:
        """Say why an execution may not happen; None if it may.

        A fill that only shrinks a position always may. Any other needs equity after its
        commission, marked at its own price, to cover the margin of the position it leaves.

        Args:
            commission: in the instrument's currency, as `charge` tells it.
            split: what of it opens and closes, where a router has said, on this day.
        """
        if split is not None:
            return self._review_split(
                instrument, side, split, price=price, day=day, commission=commission
            )
        position = self.position(instrument)
        after = position.quantity + quantity * side.sign
        if abs(after) <= abs(position.quantity) and after * position.quantity >= 0:
            return None
        if after < 0 and not instrument.can_short:
            return Refused("short_not_allowed", f"{instrument.symbol} cannot be sold short")
        terms = self.terms_of(instrument.symbol)
        if terms.only_closes:
            return _NEAR_DELIVERY
        if terms.maintenance is not None:
            refusal = review_leverage(instrument, terms, after, price)
            if refusal is not None or self.isolated is not None:
                return refusal or self._review_isolated(instrument, after, price, commission)
        needed = margin_after(position, after, price, terms)
        return self._afford(instrument, needed, after=after, price=price, commission=commission)

    def _review_split(
        self,
        instrument: Instrument,
        side: Side,
        split: Split,
        *,
        price: Decimal,
        day: int,
        commission: Decimal,
    ) -> Refused | None:
        """The same for an execution that a router has split; one that opens nothing always may."""
        if not split.opened:
            return None
        terms = self.terms_of(instrument.symbol)
        if terms.only_closes:
            return _NEAR_DELIVERY
        position = self.position(instrument)
        after = position.quantity + (split.opened + split.closed) * side.sign
        needed = margin_after_split(position, side, split, price=price, day=day, terms=terms)
        return self._afford(instrument, needed, after=after, price=price, commission=commission)

    def _afford(
        self,
        instrument: Instrument,
        margin: Decimal,
        *,
        after: Decimal,
        price: Decimal,
        commission: Decimal,
    ) -> Refused | None:
        others = self._others(instrument)
        required = self.worth(instrument.symbol, margin)
        needed = required + others.margin
        costs = self.worth(instrument.symbol, commission)
        if self._exchange is not None:
            position = self.position(instrument)
            moved = _moved(position, after - position.quantity, price) + commission
            costs += self._exchange.cost(instrument.symbol, self.worth(instrument.symbol, moved))
        available = self.cash + self.value(instrument, price) + others.value - costs
        if self.receivable < 0:
            available += self.receivable
        if needed <= available:
            return None
        return Refused(
            "insufficient_funds",
            f"holding {after} at {price} the account needs {needed:f} in all, "
            f"and has {available:f}",
        )

    def _review_isolated(
        self, instrument: Instrument, after: Decimal, price: Decimal, commission: Decimal
    ) -> Refused | None:
        """The same for a swap in isolated mode: only cash that backs no other one is free."""
        isolated, symbol = cast("IsolatedMargins", self.isolated), instrument.symbol
        needed = isolated.after(
            instrument,
            self.terms_of(symbol).margin,
            before=self.position(instrument).quantity,
            after=after,
            price=price,
        )
        available = self.cash - isolated.total + isolated.of(symbol) - commission
        if needed <= available:
            return None
        return Refused(
            "insufficient_funds",
            f"holding {after} at {price} the position needs {needed:f} of margin, "
            f"and {available:f} is free",
        )

    def apply(self, fill: Fill, instrument: Instrument) -> list[RoundTrip]:
        """Book a fill; return the round trips it closed."""
        position = self.position(instrument)
        if self.isolated is not None and instrument.is_swap:
            after = self.isolated.after(
                instrument,
                self.terms_of(fill.symbol).margin,
                before=position.quantity,
                after=position.quantity + fill.signed_quantity,
                price=fill.price,
            )
            self.isolated.put(fill.symbol, after)
        trips = position.apply(fill)
        if position.lots:
            self.held[fill.symbol] = instrument, position
        else:
            self.held.pop(fill.symbol, None)
        self._take(fill.symbol, cash_flow(fill, instrument, trips))
        return trips

    def replace_lots(self, instrument: Instrument, lots: Iterable[OpenLot]) -> Position:
        """Hold other lots of an instrument, as a corporate action leaves them."""
        position = self.position(instrument)
        position.replace_lots(lots)
        if position.quantity:
            self.held[position.symbol] = instrument, position
        else:
            self.held.pop(position.symbol, None)
        return position

    def settle(self, instrument: Instrument, price: Decimal) -> Decimal:
        """Pay the profit or loss of a margined position up to the day's settlement price.

        Returns:
            The money paid into cash, below zero where it was taken out.
        """
        symbol = instrument.symbol
        return self.receive(symbol, self.position(instrument).settle(price, self.rate(symbol)))

    def _others(self, instrument: Instrument) -> "_Others":
        """What the other open positions are worth, and the margin that they tie up."""
        if not self.held or (len(self.held) == 1 and instrument.symbol in self.held):
            return _NO_OTHERS
        value = margin = ZERO
        for symbol, (other, position) in self.held.items():
            if symbol != instrument.symbol:
                price = self._mark(symbol)
                value += self.value(other, price)
                margin += self.worth(symbol, margin_now(position, price, self.terms_of(symbol)))
        return _Others(value, margin)


def _no_mark(symbol: str) -> Decimal:
    raise KeyError(symbol)  # an account of several instruments is given marks


class _Others(NamedTuple):
    value: Decimal
    margin: Decimal


_NO_OTHERS = _Others(ZERO, ZERO)


def cash_flow(fill: Fill, instrument: Instrument, trips: list[RoundTrip]) -> Decimal:
    """Cash that a fill moves: the price paid or received, or realised profit if margined.

    In the account's currency, before what exchanging it costs.
    """
    if instrument.is_margined:
        return sum((trip.gross - trip.settled for trip in trips), ZERO) - fill.commission
    paid = -fill.signed_quantity * fill.price * instrument.multiplier
    return (paid if fill.rate is None else paid * fill.rate) - fill.commission


def _moved(position: Position, step: Decimal, price: Decimal) -> Decimal:
    """The most of an instrument's money that a signed step would move, commission left out."""
    if not position.is_margined:
        return step * price * position.multiplier
    return abs(position.unrealised(price)) if position.quantity * step < 0 else ZERO
