"""What the compiled core has decided, booked anew by the exact ledger.

The core reckons in floats. Here every fill is made again in exact numbers, in its order, and has to
be allowed; so fills, round trips, cash and orders of a result are exact whichever way it was run.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quantloom.backtest.core import far_of, measured_at
from quantloom.backtest.desk import BarDesk
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
    with exactly():
        _Booker(desk, outcome, signals).run()


class _Booker:
    def __init__(self, desk: BarDesk, outcome: Outcome, signals: Signals) -> None:
        self.desk, self.outcome, self.signals = desk, outcome, signals
        self.feed = next(iter(desk.feeds.values()))
        self.instrument: Instrument = self.feed.instrument
        self.rows: Sequence[Any] = outcome.orders.tolist()
        self.names = {name: place for place, name in enumerate(layout.ORDER.names or ())}
        self.orders = [self._order(row) for row in self.rows]
        self.opens = self.feed.bars.ts
        self.closes = desk.timeline.closes_ns

    def run(self) -> None:
        self._tie_brackets()
        refused = self._refused_at_fills()
        for count, fill in enumerate(self.outcome.fills):
            self._turn_down(refused.pop(count, ()))
            self._fill(count + 1, fill)
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

    def _of(self, row: Any, name: str) -> Any:
        return row[self.names[name]]

    def _order(self, row: Any) -> Order:
        part = self._of(row, "part")
        return Order(
            OrderTicket(
                id=self._of(row, "id"),
                symbol=self.instrument.symbol,
                side=Side.BUY if self._of(row, "sign") > 0 else Side.SELL,
                kind=_KINDS[self._of(row, "kind")],
                quantity=self._quantity(self._of(row, "lots")),
                distance=self._distance(part, self._of(row, "sent")),
                is_reduce_only=self._of(row, "closes"),
                may_trim=self._of(row, "trims"),
                submitted_ns=int(self.desk.timeline.closes_ns[self._of(row, "sent")]),
                role=_ROLES[part],
            )
        )

    def _distance(self, part: int, sent: int) -> Distance | None:
        given = {
            layout.IS_STOP_LOSS: self.signals.stop_loss,
            layout.IS_TAKE_PROFIT: self.signals.take_profit,
        }.get(part)
        found = far_of(given)
        return measured_at(found, self.feed, sent) if isinstance(found, AtrDistance) else found

    def _tie_brackets(self) -> None:
        halves: dict[int, list[Order]] = {}
        for order, row in zip(self.orders, self.rows, strict=True):
            if entry := self._of(row, "entry"):
                order.entry = self.orders[entry - 1]
                halves.setdefault(entry, []).append(order)
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
        position = desk.ledger.position(self.instrument)
        terms = desk.ledger.terms_of(self.instrument.symbol)
        position.holds_today = terms.holds_today
        return desk.day

    def _fill(self, number: int, row: Any) -> None:
        order = self.orders[int(row["order"]) - 1]
        day = self._stand_at(int(row["row"]))
        quantity, price = self._quantity(row["lots"]), self._price(row["ticks"])
        ledger, instrument, side = self.desk.ledger, self.instrument, order.ticket.side
        charge = ledger.charge(order, instrument, quantity, price, day)
        if ledger.review(instrument, side, quantity, price, charge.commission) is not None:
            raise BookedOtherwise
        order.raw_charge += charge.raw
        order.charged += charge.due
        fill = Fill(
            id=number,
            order_id=order.id,
            symbol=instrument.symbol,
            side=side,
            quantity=quantity,
            price=price,
            commission=charge.commission,
            slippage=lost_between(instrument, quantity, exact(float(row["met"])), price),
            ts_ns=int(self.opens[row["row"]]),
            day=day,
            cause=order.ticket.kind if order.ticket.role is Role.ENTRY else order.ticket.role,
        )
        if order.status is OrderStatus.PENDING_NEW:
            order.move(OrderStatus.ACCEPTED, fill.ts_ns)
        order.add_fill(quantity, fill.ts_ns)
        position = ledger.position(instrument)
        trips = ledger.apply(fill, instrument)
        self.desk.note_booking(
            Booking(order, fill, trips, ledger.cash, position.quantity, position.cost)
        )

    def _refused_at_fills(self) -> dict[int, list[Any]]:
        """Orders that the account could not pay for, by how many fills had been made by then."""
        found: dict[int, list[Any]] = {}
        for row in self.rows:
            if self._of(row, "tried") > 0:
                found.setdefault(self._of(row, "fills"), []).append(row)
        return dict(sorted(found.items()))

    def _turn_down(self, rows: Sequence[Any]) -> None:
        for row in rows:
            order = self.orders[self._of(row, "id") - 1]
            day = self._stand_at(self._of(row, "ended"))
            quantity = self._quantity(self._of(row, "tried"))
            price, ledger = self._price(self._of(row, "tried_ticks")), self.desk.ledger
            charge = ledger.charge(order, self.instrument, quantity, price, day)
            side = order.ticket.side
            refusal = ledger.review(self.instrument, side, quantity, price, charge.commission)
            if refusal is None or refusal.rule != layout.RULES[self._of(row, "rule")]:
                raise BookedOtherwise
            order.refusal = refusal

    # How orders have ended

    def _end(self, order: Order, row: Any) -> None:
        order.price = self._found_price(row, "limit")
        order.stop = self._found_price(row, "stop")
        rule, status = self._of(row, "rule"), _STATUS[self._of(row, "status")]
        if status is OrderStatus.FILLED:
            return
        ended = self._of(row, "ended")
        at_ns = int(self.closes[ended] if self._of(row, "at_close") else self.opens[ended])
        refusal = order.refusal or _FIXED.get(rule) or self._reason(order, rule, row)
        order.move(status, at_ns, refusal)

    def _found_price(self, row: Any, name: str) -> Decimal | None:
        price = self._of(row, name)
        if math.isnan(price):
            return None
        tick = self.instrument.tick_size
        return int(exact(price) / tick) * tick

    def _reason(self, order: Order, rule: int, row: Any) -> Refused:
        name, filled = layout.RULES[rule], order.filled
        if rule == layout.TRIMMED:
            return reasons.trimmed(filled)
        if rule == layout.UNDER_A_LOT:
            lot = self.instrument.lot
            reason = f"the account's size for it comes to less than one lot of {lot}"
            return Refused(name, reason)
        if rule == layout.NOTHING_TO_CLOSE:
            has_just_filled = filled and order.updated_ns == self.opens[self._of(row, "ended")]
            if has_just_filled:
                return reasons.all_closed(filled)
            return reasons.NOTHING_TO_CLOSE
        return self._refused_size(order, row)

    def _refused_size(self, order: Order, row: Any) -> Refused:
        """Why the venue does not take an order of this size."""
        sent = self._of(row, "sent")
        self._stand_at(sent)
        grid = self.desk.ledger.terms_of(self.instrument.symbol).grid
        refusal = None
        if grid is not None:
            refusal = review_size(
                grid,
                quantity=order.ticket.quantity,
                price=exact(float(self.feed.bars.close[sent])),
                is_market=True,
            )
        if refusal is None or refusal.rule != layout.RULES[self._of(row, "rule")]:
            raise BookedOtherwise
        return refusal
