"""The desk of a run on ticks: what the strategy sees, what is on its way, and the exchange."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

import numpy as np

from quantloom.backtest.feed import AskedTooLate
from quantloom.backtest.log_lines import add_line
from quantloom.backtest.news import MAX_NEWS, RunawayOrders
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.ticks.account import Days, SeenAccount, TickAccount
from quantloom.backtest.ticks.errors import OnlyOnBars
from quantloom.backtest.ticks.exchange import Exchange, Working
from quantloom.backtest.ticks.models import Latency, QueueModel, latency_at
from quantloom.kit import IntArray
from quantloom.market import TRADE, Bars, Instrument, Ticks
from quantloom.simulation.checks import check
from quantloom.strategy import Line, Sizing, Timer, Trigger
from quantloom.trading import (
    Fill,
    Offset,
    Order,
    OrderKind,
    OrderStatus,
    OrderTicket,
    Refused,
    Side,
    TimeInForce,
)

NEVER = np.iinfo(np.int64).max
_TIMES = (TimeInForce.GTC, TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK)
_NAN = float("nan")

ENDINGS = {
    "cancelled_by_strategy": (OrderStatus.CANCELLED, "the strategy cancelled it"),
    "would_take": (OrderStatus.CANCELLED, "it may not take, and the other side was there already"),
    "not_whole": (OrderStatus.CANCELLED, "the book could not fill all of it at once"),
    "not_immediate": (OrderStatus.CANCELLED, "the book could not fill the rest of it at once"),
    "day_over": (OrderStatus.EXPIRED, "its trading day was over before it filled"),
    "nothing_to_close": (OrderStatus.CANCELLED, "there was no open position left to close"),
    "trimmed": (OrderStatus.CANCELLED, "the account could hold no more of it"),
    "end_of_data": (OrderStatus.EXPIRED, "the data ended before it filled"),
}
"""How an order ends by each rule, and the rule in words."""


class _News(NamedTuple):
    """What happened to an order, on its way to the strategy."""

    heard_ns: int
    at_ns: int
    order: Order
    fill: Fill | None = None
    status: OrderStatus | None = None
    refusal: Refused | None = None


class _Request(NamedTuple):
    """What the strategy sent, on its way to the exchange."""

    arrives_ns: int
    one: Working
    is_cancel: bool


class TickDesk:
    """Serves one strategy on ticks; `quantloom.strategy.Desk` says what for.

    What is sent goes through one line to the exchange, and what happens there comes back through
    another: nothing overtakes on either.

    Attributes:
        row: the last row that the strategy has heard of; -1 before the first. now_ns: when.
        received: (n,) when each row is heard of.
        requests, news: on their way to the exchange and back.
        working: orders whose end the strategy has not heard of, oldest first.
    """

    def __init__(
        self, spec: BacktestSpec, ticks: Ticks, bars: Bars, *, latency: Latency, queue: QueueModel
    ) -> None:
        instrument = spec.instrument
        self.ticks, self.latency = ticks, latency
        self.instruments: Mapping[str, Instrument] = {instrument.symbol: instrument}
        self.days = Days(bars, instrument)
        self.account = TickAccount(spec, self.days)
        self.seen = SeenAccount(spec, self.days)
        self.ledger = self.seen.ledger
        self.exchange = Exchange(
            ticks, queue, self, tick=float(instrument.tick_size), lot=float(instrument.lot)
        )
        self.received = received_of(ticks, latency)
        self.random = np.random.default_rng(spec.seed)
        self.sizing: Sizing = spec.sizing
        self.row = -1
        self.now_ns = int(self.received[0])
        self.requests: deque[_Request] = deque()
        self.news: deque[_News] = deque()
        self.working: list[Order] = []
        self.orders: list[Order] = []
        self.timers: list[Timer] = []
        self.log_lines: list[tuple[int, str]] = []
        self.on_fill: Callable[[Fill], None] | None = None
        self.on_update: Callable[[Order], None] | None = None
        self._instrument = instrument
        self._ones: dict[int, Working] = {}
        self._last_arrival = self._last_heard = 0
        self._told = 0
        self._day_rows = np.searchsorted(ticks.ts, self.days.begins()).tolist()

    # What a context asks for

    @property
    def day(self) -> int:
        return self.days.day(int(self.ticks.ts[max(self.row, 0)]))

    @property
    def round_trips(self) -> Sequence[Any]:
        return self.seen.round_trips

    def close_price(self, symbol: str) -> float:  # noqa: ARG002  a run on ticks holds one
        """The last trade heard of; where there is none, the middle of the best prices."""
        row = max(self.row, 0)
        if self.ticks.has_trades:
            found = row
            while found >= 0 and not self.ticks.kind[found] & TRADE:
                found -= 1
            if found >= 0:
                return float(self.ticks.price[found])
        return float(self.ticks.bid[row, 0] + self.ticks.ask[row, 0]) / 2

    def volatility(self, symbol: str, window: int) -> float:  # noqa: ARG002
        _only_on_bars("volatility")

    def average_range(self, symbol: str, period: int) -> float:  # noqa: ARG002
        _only_on_bars("an average true range")

    def indicator(
        self,
        name: str,
        args: tuple[Any, ...],  # noqa: ARG002
        named: dict[str, Any],  # noqa: ARG002
        *,
        symbol: str,  # noqa: ARG002
        timeframe: str | None,  # noqa: ARG002
    ) -> Line:
        _only_on_bars(f"the indicator {name}")

    def line(self, field: str, *, symbol: str, timeframe: str | None) -> Line:  # noqa: ARG002
        _only_on_bars(f"the line {field}")

    def history(self, symbol: str, count: int, timeframe: str | None) -> Bars:  # noqa: ARG002
        _only_on_bars("ctx.history")

    def wake_on(self, triggers: Sequence[Trigger]) -> None:  # noqa: ARG002
        _only_on_bars("ctx.wake_on")

    def link(self, orders: Sequence[Order]) -> None:  # noqa: ARG002
        _only_on_bars("ctx.oco")

    def add_timer(self, timer: Timer) -> None:
        if self.row >= 0:
            raise AskedTooLate(f"timer {timer.name}")
        self.timers.append(timer)

    def next_order_id(self) -> int:
        return len(self.orders) + 1

    def log(self, message: str) -> None:
        add_line(self.log_lines, self.now_ns, message)

    def submit(
        self,
        ticket: OrderTicket,
        children: Sequence[OrderTicket] = (),
        refusal: Refused | None = None,
    ) -> Order:
        """Send an order; it arrives when the latency has gone by."""
        _refuse_terms(ticket, children)
        order = Order(ticket)
        self.orders.append(order)
        refusal = refusal or check(ticket, self._instrument)
        if refusal is not None:
            order.move(OrderStatus.REJECTED, self.now_ns, refusal)
            self.news.appendleft(_News(self.now_ns, self.now_ns, order))
            return order
        one = _working(order, float(self._instrument.lot))
        self.working.append(order)
        self._ones[ticket.id] = one
        self._send(one, self.latency.order_ns, is_cancel=False)
        return order

    def cancel(self, orders: Sequence[Order]) -> None:
        """Send a cancel for each order that works and has none on its way."""
        for order in orders:
            one = self._ones.get(order.ticket.id)
            if one is None or order.is_ended or order.status is OrderStatus.PENDING_CANCEL:
                continue
            order.move(OrderStatus.PENDING_CANCEL, self.now_ns)
            self._send(one, self.latency.cancel_ns, is_cancel=True)

    def _send(self, one: Working, latencies: IntArray, *, is_cancel: bool) -> None:
        takes = latency_at(self.latency.at_ns, latencies, self.now_ns)
        self._last_arrival = max(self._last_arrival, self.now_ns + takes)
        self.requests.append(_Request(self._last_arrival, one, is_cancel))

    # What the loop asks for

    def advance(self, until_ns: int) -> None:
        """Let happen what happens at the exchange, and let the strategy hear of it, up to a time.

        At one time the exchange's data come first, then what arrives there, then news of it.
        """
        while True:
            heard = self.news[0].heard_ns if self.news else NEVER
            if self._step(min(heard, until_ns)):
                continue
            if heard > until_ns:
                return
            self._hear(self.news.popleft())

    def expire_all(self) -> None:
        """End what still works when no further tick comes, and tell what is on its way."""
        last_ns = int(self.ticks.ts[-1])
        while self.news or self.working:
            for order in [*self.working] if not self.news else ():
                status, reason = ENDINGS["end_of_data"]
                refusal = Refused("end_of_data", reason)
                self.news.append(_News(last_ns, last_ns, order, None, status, refusal))
            self._hear(self.news.popleft())

    def _step(self, until_ns: int) -> bool:
        """Do the next thing at the exchange if it is not later; whether there was one."""
        exchange = self.exchange
        arrives = self.requests[0].arrives_ns if self.requests else NEVER
        if exchange.working:
            row = exchange.row + 1
            row_ns = int(exchange.ts[row]) if row < len(self.ticks) else NEVER
            if row_ns <= min(arrives, until_ns):
                self._end_day(row)
                exchange.happen(row)
                return True
        if arrives > until_ns:
            return False
        if not exchange.working:
            row = int(np.searchsorted(self.ticks.ts, arrives, side="right")) - 1
            exchange.pass_to(max(row, exchange.row))
        self._arrive(self.requests.popleft())
        return True

    def _arrive(self, request: _Request) -> None:
        if request.is_cancel:
            self.exchange.cancel(request.one, request.arrives_ns)
        else:
            self.exchange.arrive(request.one, request.arrives_ns)

    def _end_day(self, row: int) -> None:
        rows = self._day_rows
        place = bisect_left(rows, row)
        if place < len(rows) and rows[place] == row:
            for one in [*self.exchange.working]:
                if one.tif is TimeInForce.DAY:
                    self.exchange.cancel(one, int(self.ticks.ts[row]), "day_over")

    # What the exchange tells

    def accept(self, one: Working, at_ns: int) -> None:
        self._report(at_ns, one.order, status=OrderStatus.ACCEPTED)

    def trigger(self, one: Working, at_ns: int) -> None:
        self._report(at_ns, one.order, status=OrderStatus.TRIGGERED)

    def end(self, one: Working, rule: str, at_ns: int) -> None:
        one.has_ended = True
        status, reason = ENDINGS[rule]
        self._report(at_ns, one.order, status=status, refusal=Refused(rule, reason))

    def fill(self, one: Working, lots: float, price: float, at_ns: int, *, is_maker: bool) -> float:
        """Book an execution, of no more than there is to close where the order only closes."""
        lot = self._instrument.lot
        if one.order.ticket.is_reduce_only:
            lots = min(lots, float(self.account.closable(one.order) // lot))
            if not lots:
                self.end(one, "nothing_to_close", at_ns)
                return 0.0
        found = self.account.execute(one.order, int(lots), price, at_ns, is_maker=is_maker)
        if isinstance(found, Refused):
            self._refuse(one, found, at_ns)
            return 0.0
        self.account.book(found)
        self._report(at_ns, one.order, fill=found)
        taken = float(found.quantity / lot)
        if taken < lots:
            self.end(one, "trimmed", at_ns)
        return taken

    def _refuse(self, one: Working, refusal: Refused, at_ns: int) -> None:
        one.has_ended = True
        self._report(at_ns, one.order, status=OrderStatus.REJECTED, refusal=refusal)

    def _report(
        self,
        at_ns: int,
        order: Order,
        *,
        fill: Fill | None = None,
        status: OrderStatus | None = None,
        refusal: Refused | None = None,
    ) -> None:
        takes = latency_at(self.latency.at_ns, self.latency.response_ns, at_ns)
        self._last_heard = max(self._last_heard, at_ns + takes)
        self.news.append(_News(self._last_heard, at_ns, order, fill, status, refusal))

    # What the strategy hears

    def _hear(self, news: _News) -> None:
        self._count(news.order)
        self.now_ns = max(self.now_ns, news.heard_ns)
        order, is_news = news.order, True
        if news.fill is not None:
            was_pending = order.status is OrderStatus.PENDING_CANCEL
            self.seen.hear(order, news.fill, news.heard_ns)
            if was_pending and not order.is_ended:
                order.move(OrderStatus.PENDING_CANCEL, news.heard_ns)
        elif news.status is not None:
            is_news = self._move(order, news)
        if order.is_ended and order.ticket.id in self._ones:
            del self._ones[order.ticket.id]
            self.working.remove(order)
        if news.fill is not None and self.on_fill is not None:
            self.on_fill(news.fill)
        if is_news and self.on_update is not None:
            self.on_update(order)

    def _move(self, order: Order, news: _News) -> bool:
        """Enter the state that the news tell of, unless a cancel is on its way."""
        status = news.status or order.status
        is_working = status in {OrderStatus.ACCEPTED, OrderStatus.TRIGGERED}
        if is_working and order.status is OrderStatus.PENDING_CANCEL:
            return False
        order.move(status, news.heard_ns, news.refusal)
        if status is OrderStatus.TRIGGERED:
            order.is_market = order.price is None
        return True

    def _count(self, order: Order) -> None:
        """Stop a strategy that answers each order with another one, without a tick between."""
        self._told += 1
        if self._told > MAX_NEWS:
            raise RunawayOrders(order.id)

    def begin_tick(self) -> None:
        """Count news anew."""
        self._told = 0


def received_of(ticks: Ticks, latency: Latency) -> IntArray:
    """When each row is heard of: as noted, or after the latency of the feed."""
    return ticks.ts + latency.feed_ns if ticks.received is None else ticks.received


def _working(order: Order, lot: float) -> Working:
    ticket = order.ticket
    quantity = ticket.quantity
    return Working(
        order,
        is_buy=ticket.side is Side.BUY,
        limit=_NAN if ticket.price is None else float(ticket.price),
        stop=_NAN if ticket.stop is None else float(ticket.stop),
        lots=float(round(quantity / Decimal(str(lot)))),
        is_market=ticket.kind is OrderKind.MARKET,
        is_post_only=ticket.terms.is_post_only,
        tif=ticket.terms.tif,
    )


def _refuse_terms(ticket: OrderTicket, children: Sequence[OrderTicket]) -> None:
    terms = ticket.terms
    given = {
        "stop_loss= or take_profit=": bool(children),
        "trail=": ticket.kind is OrderKind.TRAILING_STOP,
        "when=": terms.condition is not None,
        f"tif={terms.tif.value!r}": terms.tif not in _TIMES,
        f"offset={terms.offset.value!r}": terms.offset is not Offset.AUTO,
    }
    for name, is_given in given.items():
        if is_given:
            raise OnlyOnBars(name)


def _only_on_bars(asked: str) -> NoReturn:
    raise OnlyOnBars(asked)
