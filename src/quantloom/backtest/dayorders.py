"""Orders for a day on which their instrument did not trade."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.kit import from_ns, to_day
from quantloom.market import Session, ends_of
from quantloom.trading import FOR_A_DAY, Order, OrderStatus, TimeInForce

_ONE_DAY, _A_MONTH = timedelta(days=1), timedelta(days=31)
# Where holidays are not known, a day without a bar may be one.
_NEVER = date.max.toordinal()


class DayOrders:
    """Ends orders for a day that has gone by without a bar, as of a suspended share.

    The calendar says which day an order is for: that of the bar on whose close it was sent, or the
    next trading day where that close was the day's last. One for the open is for the next open.

    Args:
        latency: bars that go by before an order arrives; it is for the day on which it does.
    """

    def __init__(self, desk: BarDesk, latency: int) -> None:
        self._desk, self._latency = desk, latency
        self._days: dict[int, int] = {}
        begins = desk.timeline.day_steps()
        self.steps = frozenset(begins[begins > desk.first_step].tolist())

    def happen(self, step: int) -> None:
        """End what was for a day before that of a step."""
        desk = self._desk
        day, at_ns = int(desk.timeline.days[step]), int(desk.timeline.opens_ns[step])
        late = [order for order in desk.working if self._is_late(order, day)]
        for order in late:
            desk.venue.end_unoffered(order, at_ns)
        if late:
            desk.tell()

    def _is_late(self, order: Order, day: int) -> bool:
        terms = order.ticket.terms
        if terms.tif not in FOR_A_DAY or terms.condition is not None:
            return False
        # One that has not arrived yet is for the day on which it will.
        return order.status is not OrderStatus.PENDING_NEW and self._day_of(order) < day

    def _day_of(self, order: Order) -> int:
        found = self._days.get(order.ticket.id)
        if found is None:
            found = self._days[order.ticket.id] = self._find_day(order)
        return found

    def _arrived_ns(self, order: Order) -> int:
        """When a bar could first fill it: as it was sent, or after the last bar on its way."""
        sent_ns = order.ticket.submitted_ns
        if not self._latency:
            return sent_ns
        # It was accepted on the bar with whose end it arrived.
        bars = self._desk.feeds[order.ticket.symbol].bars
        row = int(np.searchsorted(bars.ts, order.updated_ns, side="right")) - 1
        return int(ends_of(bars.ts[row : row + 1], bars.timeframe)[0])

    def _find_day(self, order: Order) -> int:
        calendar = self._desk.feeds[order.ticket.symbol].calendar
        sent = from_ns(self._arrived_ns(order))
        # A trading day of a market without nights is a date of its own clock, which may be ahead of
        # the one in UTC or behind it.
        around = calendar.trading_days(sent.date() - _ONE_DAY, sent.date() + _A_MONTH)
        for day in around:
            sessions = calendar.sessions(day)
            if not calendar.covers(day):
                break
            if sessions and _is_in_time(order, sent, sessions):
                return to_day(day)
        return _NEVER


def _is_in_time(order: Order, sent: datetime, sessions: Sequence[Session]) -> bool:
    """Whether a day still has what an order is for: one for the open comes too late after it."""
    if order.ticket.terms.tif is TimeInForce.OPEN:
        return sent <= sessions[0].open
    return sent < sessions[-1].close
