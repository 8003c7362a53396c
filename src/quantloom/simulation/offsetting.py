"""Which lots a fill closes and which it opens, where a run lets the offset router choose."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from quantloom.market import Instrument
from quantloom.trading import (
    ZERO,
    Buckets,
    DayTerms,
    Ledger,
    Offset,
    OffsetCosts,
    OrderTicket,
    Refused,
    Role,
    RoutingOptions,
    Side,
    Split,
    route,
    today_of,
)

_CLOSING_ONLY = RoutingOptions()


class Way(NamedTuple):
    """One way to fill, and why it was chosen; no split where all lots are alike."""

    split: Split | None = None
    told: str = ""


class OffsetRouter:
    """Finds the split of each fill.

    An order without an offset is routed by the options, one that names its lots as it says. What
    is closed by force is never locked.
    """

    def __init__(self, ledger: Ledger, options: RoutingOptions) -> None:
        self._ledger = ledger
        self._options = options

    def ways(
        self,
        ticket: OrderTicket,
        instrument: Instrument,
        quantity: Decimal,
        *,
        price: Decimal,
        day: int,
    ) -> Iterator[Way | Refused]:
        """How to fill so much, best first: the account may not afford the margin of a lock.

        Args:
            price: of the fill, at which fees and margin are reckoned.
        """
        terms = self._ledger.terms_of(instrument.symbol)
        if terms.closing is None:
            yield Way()
        elif ticket.terms.offset is not Offset.AUTO:
            yield Way(self.by_name(ticket, instrument, quantity, day))
        else:
            is_forced = ticket.role is Role.LIQUIDATION
            options = _CLOSING_ONLY if is_forced else self._options
            for allowed in (options, replace(options, allow_lock=False)):
                found = self._route(
                    ticket.side, instrument, quantity, price=price, day=day, options=allowed
                )
                yield found
                if isinstance(found, Refused) or found.split is None or not found.split.locked:
                    return

    def by_name(
        self, ticket: OrderTicket, instrument: Instrument, quantity: Decimal, day: int
    ) -> Split | None:
        """What an order does that says itself what it opens or closes, or that closes by force."""
        closing = self._ledger.terms_of(instrument.symbol).closing
        if closing is None:
            return None
        position = self._ledger.position(instrument)
        held = position.held(ticket.side.opposite, day)
        scope = position.scope(ticket.terms.offset)
        if scope is Offset.OPEN:
            locked = min(quantity, held.quantity)
            return Split(
                today=ZERO, yesterday=ZERO, paid_as_today=ZERO, opened=quantity, locked=locked
            )
        today = today_of(quantity, held.today.quantity, held.yesterday.quantity, closing)
        if scope in (Offset.CLOSE_TODAY, Offset.CLOSE_YESTERDAY):
            today = quantity if scope is Offset.CLOSE_TODAY else ZERO
        is_by_lots = closing.fee_of == "lots"
        return Split(
            today=today,
            yesterday=quantity - today,
            paid_as_today=today if is_by_lots else min(quantity, held.chargeable),
            opened=ZERO,
            locked=ZERO,
        )

    def _route(
        self,
        side: Side,
        instrument: Instrument,
        quantity: Decimal,
        *,
        price: Decimal,
        day: int,
        options: RoutingOptions,
    ) -> Way | Refused:
        symbol = instrument.symbol
        terms = self._ledger.terms_of(symbol)
        position = self._ledger.position(instrument)
        held = {one: position.held(one, day) for one in Side}
        if terms.closing is None:  # `ways` has looked
            return Way()
        found = route(
            Buckets.of(symbol, held, terms.closing),
            side=side,
            quantity=quantity,
            price=price,
            costs=_costs(terms, instrument),
            options=options,
        )
        return found if isinstance(found, Refused) else Way(found.chosen, found.explanation)


def _costs(terms: DayTerms, instrument: Instrument) -> OffsetCosts:
    # A venue's least quantity is of orders; what is left of one may fill in smaller parts.
    return OffsetCosts(
        commission=terms.commission,
        margin=terms.margin,
        larger_side=terms.larger_side,
        multiplier=instrument.multiplier,
        minimum_open=instrument.lot,
    )
