"""What the compiled core decided, booked anew by the exact ledger.

The core says which orders were sent, how many lots filled and what ended them. Prices, costs, cash
and round trips are reckoned here in decimals, as the event engine reckons them, and so is every
decision that floats could have got wrong.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import fewer_collections
from quantloom.backtest.feed import Feed
from quantloom.backtest.portfolio.kernels import Journal
from quantloom.backtest.portfolio.kernels import columns as of
from quantloom.backtest.spec import BacktestSpec
from quantloom.kit import IntArray
from quantloom.market import Instrument, exact, exactly
from quantloom.simulation import (
    END_OF_DATA,
    NOTHING_TO_CLOSE,
    Booking,
    all_closed,
    trimmed,
    worsen,
)
from quantloom.strategy import Weights
from quantloom.strategy.sizing import lots_worth
from quantloom.trading import (
    ZERO,
    Fill,
    Order,
    OrderKind,
    OrderStatus,
    OrderTicket,
    Refused,
    Side,
    lost_between,
)

# What floats may leave between the core and the ledger, as a share of what the account held.
_ROUNDING = 1e-9


@dataclass(slots=True)
class _Liquidity:
    """What an impact is reckoned from; the core knows none that looks further back."""

    volume: float
    taken: Decimal = ZERO

    def deviation(self, window: int) -> float:  # noqa: ARG002  the protocol's
        return math.nan

    def mean_volume(self, window: int) -> float:  # noqa: ARG002  the protocol's
        return math.nan


class Disagreement(Exception):
    """The ledger would have decided otherwise than the core."""


def book(desk: BarDesk, spec: BacktestSpec, weights: Weights, journal: Journal) -> bool:
    """Book a journal on a desk that has not run.

    Returns:
        Whether the ledger comes to what the core did; where it does not, the desk is of no use.
    """
    keeper = _Bookkeeper(desk, spec, weights, journal)
    try:
        with exactly(), fewer_collections():
            keeper.book()
    except Disagreement:
        return False
    return keeper.agrees


class _Bookkeeper:
    def __init__(
        self, desk: BarDesk, spec: BacktestSpec, weights: Weights, journal: Journal
    ) -> None:
        self.desk, self.spec, self.weights, self.journal = desk, spec, weights, journal
        self.feeds: list[Feed] = [*desk.feeds.values()]
        self.instruments: list[Instrument] = [feed.instrument for feed in self.feeds]
        self.unsure = _by_step(journal)
        self.orders: list[Order] = []
        self.bars: dict[int, _Liquidity] = {}

    def book(self) -> None:
        """Book what happened in the order in which it happened, then end what still waits."""
        self.send()
        fills = self.journal.fills[: self.journal.counts[of.FILLS]]
        ended = self.ended_unfilled()
        steps = np.concatenate([fills[:, of.STEP], ended[:, 0]])
        orders = np.concatenate([fills[:, of.ORDER], ended[:, 1]])
        at = -1
        for event in np.lexsort((orders, steps)).tolist():
            step = int(steps[event])
            if step != at:
                self.look_at_decisions(at, step)
                self.bars.clear()
                at = step
            if event < len(fills):
                self.fill(event)
            else:
                self.end_unfilled(int(orders[event]), step)
        self.look_at_decisions(at, len(self.desk.timeline))
        self.expire()

    @property
    def agrees(self) -> bool:
        """Whether equity at the end is the core's but for rounding."""
        ledger, journal = self.desk.ledger, self.journal
        with exactly():
            exact_equity = ledger.cash + sum(
                (
                    ledger.value(one, exact(float(self.desk.feeds[symbol].bars.close[-1])))
                    for symbol, (one, _) in ledger.held.items()
                ),
                ZERO,
            )
        scale = max(abs(journal.equity).max(), journal.gross.max())
        return bool(abs(float(exact_equity) - journal.equity[-1]) <= _ROUNDING * scale)

    # Orders

    def send(self) -> None:
        """Make every order; what becomes of it comes later."""
        closes_ns = self.desk.timeline.closes_ns
        for number, row in enumerate(
            self.journal.orders[: self.journal.counts[of.ORDERS]].tolist()
        ):
            instrument = self.instruments[row[of.SYMBOL]]
            ticket = OrderTicket(
                id=number + 1,
                symbol=instrument.symbol,
                side=Side.BUY if row[of.SIDE] > 0 else Side.SELL,
                kind=OrderKind.MARKET,
                quantity=row[of.LOTS] * instrument.lot,
                is_reduce_only=bool(row[of.REDUCES]),
                may_trim=not row[of.REDUCES],
                submitted_ns=int(closes_ns[row[of.SENT]]),
            )
            order = Order(ticket)
            order.move(OrderStatus.ACCEPTED, ticket.submitted_ns)
            self.orders.append(order)
        self.desk.orders += self.orders

    def ended_unfilled(self) -> IntArray:
        """(e, 2) step and number of each order that a bar ended without filling it."""
        orders = self.journal.orders[: self.journal.counts[of.ORDERS]]
        found = np.flatnonzero(np.isin(orders[:, of.STATUS], (of.NOTHING_TO_CLOSE, of.REFUSED)))
        return np.column_stack([orders[found, of.ENDED], found])

    def end_unfilled(self, number: int, step: int) -> None:
        order, row = self.orders[number], self.journal.orders[number]
        at_ns = self.opens_ns(step, int(row[of.SYMBOL]))
        if row[of.STATUS] == of.NOTHING_TO_CLOSE:
            status = OrderStatus.CANCELLED if order.filled else OrderStatus.REJECTED
            order.move(status, at_ns, NOTHING_TO_CLOSE)
            return
        refusal = self.review(number, step, lots=1)
        if refusal is None:
            raise Disagreement
        order.move(OrderStatus.REJECTED, at_ns, refusal)

    def expire(self) -> None:
        at_ns = int(self.desk.timeline.closes_ns[-1])
        for order in self.orders:
            if not order.is_ended:
                order.move(OrderStatus.EXPIRED, at_ns, END_OF_DATA)

    # Fills

    def fill(self, row: int) -> None:
        """Book a fill at its exact price and cost."""
        number, step, lots, capped = self.journal.fills[row].tolist()
        order = self.orders[number]
        j = int(self.journal.orders[number, of.SYMBOL])
        feed, instrument, ledger = self.feeds[j], self.instruments[j], self.desk.ledger
        bar, met, price = self.price(number, step, capped)
        if not math.isclose(float(price), self.journal.prices[row, of.PRICE], rel_tol=_ROUNDING):
            raise Disagreement
        quantity, side = lots * instrument.lot, order.ticket.side
        day = int(feed.day_numbers[self.row(step, j)])
        charge = ledger.charge(order, instrument, quantity, price, day)
        order.raw_charge += charge.raw
        order.charged += charge.due
        at_ns = self.opens_ns(step, j)
        fill = Fill(
            id=row + 1,
            order_id=order.id,
            symbol=instrument.symbol,
            side=side,
            quantity=quantity,
            price=price,
            commission=charge.commission,
            slippage=lost_between(instrument, quantity, met, price),
            ts_ns=at_ns,
            day=day,
        )
        order.add_fill(quantity, at_ns)
        trips = ledger.apply(fill, instrument)
        position = ledger.position(instrument)
        self.desk.record.add(
            step, Booking(order, fill, trips, ledger.cash, position.quantity, position.cost)
        )
        self.desk.round_trips.extend(trips)
        bar.taken += quantity
        self.end_rest(number, step, at_ns)

    def end_rest(self, number: int, step: int, at_ns: int) -> None:
        """Cancel what no later bar can fill."""
        order, row = self.orders[number], self.journal.orders[number]
        if row[of.ENDED] == step and row[of.STATUS] == of.TRIMMED:
            order.move(OrderStatus.CANCELLED, at_ns, trimmed(order.filled))
        elif row[of.ENDED] == step and row[of.STATUS] == of.NOTHING_LEFT:
            order.move(OrderStatus.CANCELLED, at_ns, all_closed(order.filled))

    def price(self, number: int, step: int, capped: int) -> tuple[_Liquidity, Decimal, Decimal]:
        """The bar an order meets, its open, and the price of the fill."""
        j = int(self.journal.orders[number, of.SYMBOL])
        feed, instrument, side = self.feeds[j], self.instruments[j], self.orders[number].ticket.side
        bar = self.bars.get(j)
        if bar is None:
            volume = float(feed.bars.volume[self.row(step, j)]) if feed.has_volume else math.nan
            bar = self.bars[j] = _Liquidity(volume)
        met = exact(float(feed.bars.open[self.row(step, j)]))
        distance = self.spec.slippage.distance(met, capped * instrument.lot, instrument, bar)
        return bar, met, worsen(met, distance, side, instrument)

    # What floats could have got wrong

    def look_at_decisions(self, start: int, stop: int) -> None:
        """Decide again, in decimals, what hangs on rounding after the fills of a step."""
        if not self.unsure:
            return
        for step in range(max(start, 0), stop):
            for kind, subject, lots in self.unsure.pop(step, ()):
                self.decide_again(kind, step, subject, lots)

    def decide_again(self, kind: int, step: int, subject: int, lots: int) -> None:
        # Which of two orders goes first, and what an account can just afford, are rare enough to
        # be left to the event engine.
        if kind != of.WANTED:
            raise Disagreement
        instrument = self.instruments[subject]
        self.stand_at(step)
        place = int(np.searchsorted(self.weights.rows, step))
        value = exact(float(self.weights.values[place, subject]))
        if self.weights.of == "equity":
            value *= self.equity()
        price = exact(self.feeds[subject].price)
        if lots_worth(instrument, abs(value), price) != lots * instrument.lot:
            raise Disagreement

    def review(self, number: int, step: int, lots: int) -> Refused | None:
        """Why the account may not hold what so many lots of an order would leave."""
        self.stand_at(step)
        order, j = self.orders[number], int(self.journal.orders[number, of.SYMBOL])
        instrument, ledger = self.instruments[j], self.desk.ledger
        _, _, price = self.price(number, step, int(self.journal.orders[number, of.TRIED]))
        quantity = lots * instrument.lot
        day = int(self.feeds[j].day_numbers[self.row(step, j)])
        charge = ledger.charge(order, instrument, quantity, price, day)
        return ledger.review(instrument, order.ticket.side, quantity, price, charge.commission)

    def equity(self) -> Decimal:
        ledger = self.desk.ledger
        held = ledger.held.items()
        values = (
            ledger.value(one, exact(self.desk.close_price(symbol))) for symbol, (one, _) in held
        )
        return sum(values, ledger.cash + ledger.receivable)

    def stand_at(self, step: int) -> None:
        """Let the desk stand at a step, for what it is asked there."""
        self.desk.clock.base, self.desk.clock.at = step, 0
        for j, feed in enumerate(self.feeds):
            feed.cursor.base, feed.cursor.at = self.row(step, j), 0

    def row(self, step: int, j: int) -> int:
        """The row of an instrument's bars at a step."""
        return int(self.desk.timeline.rows[step, j])

    def opens_ns(self, step: int, j: int) -> int:
        return int(self.feeds[j].bars.ts[self.row(step, j)])


def _by_step(journal: Journal) -> dict[int, list[tuple[int, int, int]]]:
    found: dict[int, list[tuple[int, int, int]]] = {}
    for row in journal.unsure[: journal.counts[of.UNSURE]].tolist():
        one = row[of.KIND], row[of.SUBJECT], row[of.CAME_TO]
        found.setdefault(row[of.WHEN], []).append(one)
    return found
