"""Corporate actions of shares: what a position becomes, what it is paid, what its sale owes.

An action is booked before the first bar on its ex-day, or after it where the share did not trade
that day. Dividends count from then on and are cash on the pay day.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.record import Payment
from quantloom.kit import from_day, to_day
from quantloom.market import (
    Action,
    ExDay,
    Instrument,
    ex_reference,
    exactly,
    rights_value,
)
from quantloom.market.rulebook.topics import DividendTax
from quantloom.market.venues import CN_STOCK
from quantloom.simulation import Booking
from quantloom.trading import (
    ZERO,
    Entitlement,
    OpenLot,
    Position,
    RightsChoice,
    ShareLot,
    entitle,
    settle_rights,
    tax_at_sale,
)
from quantloom.trading.rounding import to_cent

# What a share has cost is told with so many decimals; what a lot has cost is exact.
_DECIMALS = 8
_RATE_DECIMALS = 12
_HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)
_DOWN = Context(prec=60, rounding=ROUND_DOWN)


class _DueAction(NamedTuple):
    """An action of a symbol with the step before which it is booked."""

    symbol: str
    met: ExDay
    step: int


class _Dividend(NamedTuple):
    """A dividend on its way, and what it counts for in the account's currency until then."""

    symbol: str
    cash: Decimal
    withheld: Decimal
    counted: Decimal


class Corporate:
    """Books the actions of a run's shares.

    Args:
        rights: what the account does with them.
    """

    def __init__(self, desk: BarDesk, rights: RightsChoice) -> None:
        self._desk, self._rights = desk, rights
        self._due: dict[int, list[_DueAction]] = defaultdict(list)
        self._on_way: dict[int, list[_Dividend]] = defaultdict(list)
        for due in _due_actions(desk):
            self._due[due.step].append(due)
        pay_steps = (self._pay_step(due) for actions in self._due.values() for due in actions)
        last = len(desk.timeline) - 1  # what is to be paid later stays on its way
        self.steps = frozenset(step for step in (*self._due, *pay_steps) if step <= last)
        if any(self._tax_of(due.met.action) for actions in self._due.values() for due in actions):
            desk.after_fill = self._tax

    def happen(self, step: int) -> None:
        """Exchange lots and tell orders anew on ex-days, then pay dividends that have come."""
        with exactly():
            for due in self._due.get(step, ()):
                if due.symbol in self._desk.ledger.held:
                    self._convert(due)
            for symbol, shift in self._desk.shifts_at(step):
                if symbol in self._desk.chains:  # its roll has moved them
                    continue
                self._desk.venue.restate(symbol, shift, int(self._desk.timeline.opens_ns[step]))
            for dividend in self._on_way.pop(step, ()):
                self._pay(step, dividend)

    def _convert(self, due: _DueAction) -> None:
        ledger, action = self._desk.ledger, due.met.action
        instrument, position = ledger.held[due.symbol]
        got = entitle(_shares(position), action, self._tax_of(action))
        ledger.replace_lots(instrument, self._lots(position, got, due))
        self._desk.record.settle(due.step, ledger.cash, position)
        if got.cash:
            counted = ledger.worth(due.symbol, got.cash - got.withheld)
            dividend = _Dividend(due.symbol, got.cash, got.withheld, counted)
            self._on_way[self._pay_step(due)].append(dividend)
            self._owe(due.step, counted)
        if got.fraction and due.symbol.rpartition(".")[2] not in CN_STOCK:
            price = ex_reference(due.met.previous_close, action, instrument.tick_size)
            self._book(due.step, "fraction", due.symbol, to_cent(got.fraction * price))
        if got.rights:
            self._settle_rights(due, got, instrument)

    def _lots(self, position: Position, got: Entitlement, due: _DueAction) -> list[OpenLot]:
        """The lots that are held from now on; commission of those that rounded away stays."""
        before, lots = [*position.lots], list[OpenLot]()
        for share in got.lots:
            if share.origin is None:
                lots.append(self._credited(share, due, before))
            else:
                price = _price(share)
                found = before[share.origin]
                lots.append(
                    replace(found, quantity=share.quantity, price=price, basis=price, share=share)
                )
        kept = {share.origin for share in got.lots}
        for place, lot in enumerate(before):
            if place not in kept and lots:
                lots[0].commission += lot.commission
                lots[0].slippage += lot.slippage
        return lots

    def _credited(self, share: ShareLot, due: _DueAction, before: Sequence[OpenLot]) -> OpenLot:
        """A lot of new shares; those that cost nothing were paid for with the ones before."""
        price, at_ns = _price(share), int(self._desk.timeline.opens_ns[due.step])
        return OpenLot(
            quantity=share.quantity,
            price=price,
            basis=price,
            commission=ZERO,
            slippage=ZERO,
            ts_ns=at_ns,
            day=to_day(share.opened),
            tag=before[0].tag,
            rate=_mean_rate(before),
            share=share,
            is_credited=True,
        )

    def _settle_rights(self, due: _DueAction, got: Entitlement, instrument: Instrument) -> None:
        """Take as many rights as there is cash for, or sell them; worthless ones lapse."""
        action, ledger = due.met.action, self._desk.ledger
        value = rights_value(due.met.previous_close, action)
        if not value:
            return
        if self._rights is RightsChoice.TAKE:
            price = ledger.worth(due.symbol, action.rights_price)
            most = max(ledger.cash + min(ledger.receivable, ZERO), ZERO) // price
            got = replace(got, rights=min(got.rights, most))
        price = _DOWN.divide(Decimal(value.numerator), Decimal(value.denominator))
        day = action.credit_day or action.ex_day
        outcome = settle_rights(got, self._rights, day=day, price=price)
        if outcome.lot is not None:
            position = ledger.position(instrument)
            lot = self._credited(outcome.lot, due, [*position.lots])
            lot.rate = ledger.rate(due.symbol)
            ledger.replace_lots(instrument, [*position.lots, lot])
        if outcome.cash:
            self._book(due.step, "rights", due.symbol, outcome.cash)
            self._desk.record.settle(due.step, ledger.cash, ledger.position(instrument))

    def _pay(self, step: int, dividend: _Dividend) -> None:
        self._owe(step, -dividend.counted)
        self._book(step, "dividend", dividend.symbol, dividend.cash)
        if dividend.withheld:
            self._book(step, "withholding", dividend.symbol, -dividend.withheld)

    def _tax(self, booking: Booking) -> None:
        """Take what the sale owes on the dividends of the shares sold."""
        fill = booking.fill
        parts = [trip.share for trip in booking.trips if trip.share is not None]
        owed = tax_at_sale(parts, from_day(fill.day))
        if owed:
            self._book(self._desk.step, "dividend_tax", fill.symbol, -owed, at_ns=fill.ts_ns)

    def _owe(self, step: int, amount: Decimal) -> None:
        self._desk.ledger.receivable += amount
        self._desk.record.owe(step, self._desk.ledger.receivable)

    def _book(
        self, step: int, kind: str, symbol: str, amount: Decimal, *, at_ns: int | None = None
    ) -> None:
        moment = int(self._desk.timeline.opens_ns[step]) if at_ns is None else at_ns
        self._desk.pay(step, Payment(moment, kind, symbol, amount))

    def _pay_step(self, due: _DueAction) -> int:
        """The first step on the pay day; one past the last where the data end before it."""
        day = due.met.action.pay_day or due.met.action.ex_day
        return max(int(np.searchsorted(self._desk.timeline.days, to_day(day))), due.step)

    def _tax_of(self, action: Action) -> DividendTax | None:
        regime = self._desk.regime
        return None if regime is None else regime.dividend_tax(action.symbol, action.ex_day)


def _due_actions(desk: BarDesk) -> Iterator[_DueAction]:
    for place, (symbol, feed) in enumerate(desk.feeds.items()):
        steps = desk.timeline.steps_of(place, [row for row, _ in feed.ex_days])
        for step, (_, met) in zip(steps, feed.ex_days, strict=True):
            if step > desk.first_step:  # nothing is held before
                yield _DueAction(symbol, met, step)


def _shares(position: Position) -> list[ShareLot]:
    return [
        replace(lot.share or ShareLot(lot.quantity, from_day(lot.day), lot.cost), origin=place)
        for place, lot in enumerate(position.lots)
    ]


def _mean_rate(lots: Sequence[OpenLot]) -> Decimal | None:
    """The rate at which lots were paid for; each gives the same part of its cost to new shares."""
    known = [(lot.cost, lot.rate) for lot in lots if lot.rate is not None]
    if not known:
        return None
    paid = sum((cost * rate for cost, rate in known), ZERO)
    return _rounded(_HALF_UP.divide(paid, sum((cost for cost, _ in known), ZERO)), _RATE_DECIMALS)


def _price(share: ShareLot) -> Decimal:
    return _rounded(_HALF_UP.divide(share.cost, share.quantity), _DECIMALS)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    shown = _HALF_UP.quantize(value, Decimal(1).scaleb(-decimals))
    return value if value == shown else shown
