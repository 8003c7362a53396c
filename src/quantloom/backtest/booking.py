"""What the compiled core has decided, booked anew by the exact ledger.

The core reckons in floats. Here every fill is made again in exact numbers, in its order, and has to
be allowed; so fills, round trips, cash and orders of a result are exact whichever way it was run.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from quantloom.backtest.core import far_of, measured_at
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import fewer_collections
from quantloom.backtest.kernels import layout
from quantloom.market import Instrument, exact, exactly
from quantloom.simulation import Booking, reasons
from quantloom.strategy import Signals
from quantloom.strategy.context import NOT_READY
from quantloom.trading import (
    AtrDistance,
    Distance,
    Fill,
    Order,
    OrderKind,
    OrderStatus,
    OrderTicket,
    Refused,
    Role,
    Side,
    lost_between,
    review_size,
)

_KINDS = (
    OrderKind.MARKET,
    OrderKind.LIMIT,
    OrderKind.STOP,
    OrderKind.STOP_LIMIT,
    OrderKind.TRAILING_STOP,
)
_ROLES = (Role.ENTRY, Role.STOP_LOSS, Role.TAKE_PROFIT)
_STATUS = (
    OrderStatus.ACCEPTED,
    OrderStatus.FILLED,
    OrderStatus.CANCELLED,
    OrderStatus.REJECTED,
    OrderStatus.EXPIRED,
)
# Reading a member through its class costs more than what it is read for.
_BUY, _SELL, _ENTRY = Side.BUY, Side.SELL, Role.ENTRY
_NEW, _ACCEPTED, _FILLED = OrderStatus.PENDING_NEW, OrderStatus.ACCEPTED, OrderStatus.FILLED
_FIXED = {
    layout.BOUGHT_TODAY: reasons.BOUGHT_TODAY,
    layout.ENTRY_GONE: reasons.ENTRY_GONE,
    layout.BRACKET_CLOSED: reasons.BRACKET_CLOSED,
    layout.OCO: reasons.OCO,
    layout.POSITION_CLOSED: reasons.POSITION_CLOSED,
    layout.CANCELLED_BY_STRATEGY: reasons.CANCELLED,
    layout.END_OF_DATA: reasons.END_OF_DATA,
    layout.NOT_READY: NOT_READY,
}
# Cash in floats may be off by this share of all that has moved.
_CASH_SHARE = 1e-9


class BookedOtherwise(Exception):
    """The exact ledger does not agree with what the core has decided."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the core leaves: records of `layout.Order`, by id, and of `layout.Fill`; its cash."""

    orders: layout.Records
    fills: layout.Records
    cash: float


def book(desk: BarDesk, outcome: Outcome, signals: Signals) -> None:
    """Book a finished run of the core on a desk that has not begun.

    Raises:
        BookedOtherwise: the exact ledger would have refused a fill, or taken one that was refused.
    """
    with exactly(), fewer_collections():
        _Booker(desk, outcome, signals).run()


class _OrderRow(NamedTuple):
    """What is read of an order of the core; see `layout.Order`."""

    id: int
    sent: int
    ended: int
    fills: int
    entry: int
    kind: int
    part: int
    sign: int
    status: int
    rule: int
    closes: bool
    trims: bool
    at_close: bool
    lots: float
    limit: float
    stop: float
    tried: float
    tried_ticks: float


class _FillRow(NamedTuple):
    """What is read of a fill of the core; see `layout.Fill`."""

    row: int
    order: int
    lots: float
    ticks: float
    met: float


def _read(records: layout.Records, names: Sequence[str]) -> Any:
    """The fields of each record, as Python has them; columns are read ten times as fast as rows."""
    return zip(*(records[name].tolist() for name in names), strict=True)


class _Booker:
    def __init__(self, desk: BarDesk, outcome: Outcome, signals: Signals) -> None:
        self.desk, self.outcome = desk, outcome
        self.feed = next(iter(desk.feeds.values()))
        self.instrument: Instrument = self.feed.instrument
        self.position = desk.ledger.position(self.instrument)
        self.distances = _distances(signals)
        self.rows = [_OrderRow(*row) for row in _read(outcome.orders, _OrderRow._fields)]
        self.opens = self.feed.bars.ts
        self.closes = desk.timeline.closes_ns
        sent_ns = self.closes[outcome.orders["sent"]].tolist()
        self.orders = [
            self._order(row, at_ns) for row, at_ns in zip(self.rows, sent_ns, strict=True)
        ]

    def run(self) -> None:
        self._tie_brackets()
        refused = self._refused_at_fills()
        fills = self.outcome.fills
        at_ns = self.opens[fills["row"]].tolist()
        for count, row in enumerate(_read(fills, _FillRow._fields)):
            if count in refused:
                self._turn_down(refused.pop(count))
            self._fill(count + 1, _FillRow(*row), at_ns[count])
        for late in refused.values():
            self._turn_down(late)
        for order, row in zip(self.orders, self.rows, strict=True):
            self._end(order, row)
        self.desk.orders += self.orders
        cash = float(self.desk.ledger.cash)
        moved = max(abs(cash), float(self.desk.ledger.initial))
        if not math.isclose(cash, self.outcome.cash, rel_tol=0, abs_tol=_CASH_SHARE * moved):
            raise BookedOtherwise

    # Orders

    def _order(self, row: _OrderRow, sent_ns: int) -> Order:
        return Order(
            OrderTicket(
                id=row.id,
                symbol=self.instrument.symbol,
                side=_BUY if row.sign > 0 else _SELL,
                kind=_KINDS[row.kind],
                quantity=self._quantity(row.lots),
                distance=self._distance(row.part, row.sent),
                is_reduce_only=row.closes,
                may_trim=row.trims,
                submitted_ns=sent_ns,
                role=_ROLES[row.part],
            )
        )

    def _distance(self, part: int, sent: int) -> Distance | None:
        found = self.distances.get(part)
        return measured_at(found, self.feed, sent) if isinstance(found, AtrDistance) else found

    def _tie_brackets(self) -> None:
        halves: dict[int, list[Order]] = {}
        for order, row in zip(self.orders, self.rows, strict=True):
            if row.entry:
                order.entry = self.orders[row.entry - 1]
                halves.setdefault(row.entry, []).append(order)
        for entry, found in halves.items():
            self.orders[entry - 1].children = tuple(found)

    def _quantity(self, lots: float) -> Decimal:
        return int(lots) * self.instrument.lot

    def _price(self, ticks: float) -> Decimal:
        return int(ticks) * self.instrument.tick_size

    # Fills

    def _stand_at(self, row: int) -> int:
        """Put the desk on a bar; return its trading day."""
        desk = self.desk
        desk.clock.base, desk.clock.at = row, 0
        self.position.holds_today = desk.ledger.terms_of(self.instrument.symbol).holds_today
        return desk.day

    def _fill(self, number: int, row: _FillRow, at_ns: int) -> None:
        order = self.orders[row.order - 1]
        day = self._stand_at(row.row)
        quantity, price = self._quantity(row.lots), self._price(row.ticks)
        ledger, instrument, ticket = self.desk.ledger, self.instrument, order.ticket
        charge = ledger.charge(order, instrument, quantity, price, day)
        commission = charge.commission
        if ledger.review(instrument, ticket.side, quantity, price, commission) is not None:
            raise BookedOtherwise
        order.raw_charge += charge.raw
        order.charged += charge.due
        fill = Fill(
            id=number,
            order_id=ticket.id,
            symbol=instrument.symbol,
            side=ticket.side,
            quantity=quantity,
            price=price,
            commission=commission,
            slippage=lost_between(instrument, quantity, exact(row.met), price),
            ts_ns=at_ns,
            day=day,
            cause=ticket.kind if ticket.role is _ENTRY else ticket.role,
        )
        if order.status is _NEW:
            order.move(_ACCEPTED, at_ns)
        order.add_fill(quantity, at_ns)
        trips, position = ledger.apply(fill, instrument), self.position
        self.desk.note_booking(
            Booking(order, fill, trips, ledger.cash, position.quantity, position.cost)
        )

    def _refused_at_fills(self) -> dict[int, list[_OrderRow]]:
        """Orders that the account could not pay for, by how many fills had been made by then."""
        found: dict[int, list[_OrderRow]] = {}
        for row in self.rows:
            if row.tried > 0:
                found.setdefault(row.fills, []).append(row)
        return dict(sorted(found.items()))

    def _turn_down(self, rows: Sequence[_OrderRow]) -> None:
        for row in rows:
            order = self.orders[row.id - 1]
            day = self._stand_at(row.ended)
            quantity = self._quantity(row.tried)
            price, ledger = self._price(row.tried_ticks), self.desk.ledger
            charge = ledger.charge(order, self.instrument, quantity, price, day)
            side = order.ticket.side
            refusal = ledger.review(self.instrument, side, quantity, price, charge.commission)
            if refusal is None or refusal.rule != layout.RULES[row.rule]:
                raise BookedOtherwise
            order.refusal = refusal

    # How orders have ended

    def _end(self, order: Order, row: _OrderRow) -> None:
        order.price, order.stop = self._found(row.limit), self._found(row.stop)
        status = _STATUS[row.status]
        if status is _FILLED:
            return
        at_ns = int(self.closes[row.ended] if row.at_close else self.opens[row.ended])
        refusal = order.refusal or _FIXED.get(row.rule) or self._reason(order, row)
        order.move(status, at_ns, refusal)

    def _found(self, price: float) -> Decimal | None:
        if math.isnan(price):
            return None
        tick = self.instrument.tick_size
        return int(exact(price) / tick) * tick

    def _reason(self, order: Order, row: _OrderRow) -> Refused:
        rule, filled = row.rule, order.filled
        name = layout.RULES[rule]
        if rule == layout.TRIMMED:
            return reasons.trimmed(filled)
        if rule == layout.UNDER_A_LOT:
            lot = self.instrument.lot
            reason = f"the account's size for it comes to less than one lot of {lot}"
            return Refused(name, reason)
        if rule == layout.NOTHING_TO_CLOSE:
            has_just_filled = filled and order.updated_ns == self.opens[row.ended]
            if has_just_filled:
                return reasons.all_closed(filled)
            return reasons.NOTHING_TO_CLOSE
        return self._refused_size(order, row)

    def _refused_size(self, order: Order, row: _OrderRow) -> Refused:
        """Why the venue does not take an order of this size."""
        self._stand_at(row.sent)
        grid = self.desk.ledger.terms_of(self.instrument.symbol).grid
        refusal = None
        if grid is not None:
            refusal = review_size(
                grid,
                quantity=order.ticket.quantity,
                price=exact(float(self.feed.bars.close[row.sent])),
                is_market=True,
            )
        if refusal is None or refusal.rule != layout.RULES[row.rule]:
            raise BookedOtherwise
        return refusal


def _distances(signals: Signals) -> Mapping[int, Distance | AtrDistance]:
    """How far the halves of every bracket lie from its entry, by their part in it."""
    given = {layout.IS_STOP_LOSS: signals.stop_loss, layout.IS_TAKE_PROFIT: signals.take_profit}
    found = {part: far_of(one) for part, one in given.items()}
    return {part: one for part, one in found.items() if one is not None}
