"""The backtest's desk: feeds of bars, a simulated venue, a record of the run."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

import numpy as np

from quantloom.backtest.cages import Cages
from quantloom.backtest.chain import Chain
from quantloom.backtest.dues import Due, EndingDay, Rolling, Watching
from quantloom.backtest.facts import Facts
from quantloom.backtest.feed import AskedTooLate, Feed
from quantloom.backtest.log_lines import add_line
from quantloom.backtest.news import MAX_NEWS, RunawayOrders, last_of_each
from quantloom.backtest.rates import RunExchange
from quantloom.backtest.record import Act, Payment, Record
from quantloom.backtest.regime import Regime, ruled_calendar
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.timeline import Timeline
from quantloom.errors import NotFound
from quantloom.market import Bars, Instrument, Shift, exact
from quantloom.market.rulebook import RuleBook
from quantloom.simulation import Booking, OfferedBar, SimulatedVenue
from quantloom.strategy import Cursor, Line, Signals, Sizing, Timer, Trigger, Weights
from quantloom.trading import (
    FOR_A_DAY,
    DayTerms,
    Fill,
    IsolatedMargins,
    Ledger,
    Order,
    OrderTicket,
    Refused,
    RoundTrip,
)


class NoPriceYet(NotFound):
    """A strategy asked for the price of an instrument that has had no bar yet."""

    code = "backtest.no_price_yet"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return (
            f"{self.symbol} has had no bar yet, so it has no price; wait until on_bars shows it, "
            "or name a quantity"
        )


class BarDesk:
    """Serves one strategy on bars; `quantloom.strategy.Desk` says what for.

    Attributes:
        feeds: the bars of each instrument, by symbol; `timeline` puts them in order.
        clock: where the run stands in the timeline. first_step: where its callbacks begin.
        record: every fill and the account after it. acts: all that the strategy has asked for.
        facts: what is known of the instruments besides their bars.
        exchange: rates of their currencies; None where all are of the account's.
        is_routed: whether an offset router splits what fills.
        due: what happens to the account between bars, such as dividends and funding.
        after_fill: what a fill owes besides its commission is booked by it.
        chains: the contracts of continuous series, by symbol. rolls: what carries the account
            from one to the next.
        day_end: settles and closes by the rules; None without them.
        liquidations: of swaps; None where there are none, or no rules.
        retired: what has had its last day, by symbol, and why it takes no orders.
        said: the weights, or signals by symbol, that the run follows; None where it follows none.
    """

    def __init__(
        self,
        spec: BacktestSpec,
        bars: Mapping[str, Bars],
        detail: Mapping[str, Bars] | None = None,
        rules: RuleBook | None = None,
        facts: Facts | None = None,
    ) -> None:
        self.facts = facts or Facts()
        self.instruments: Mapping[str, Instrument] = {
            instrument.symbol: instrument for instrument in spec.instruments
        }
        self.feeds = self._make_feeds(bars, detail or {}, rules)
        self.chains = self._make_chains()
        self.timeline = Timeline.of(tuple(self.feeds.values()))
        self.sizing: Sizing = spec.sizing
        self.random = np.random.default_rng(spec.seed)
        self.regime = None if rules is None else self._make_regime(rules, spec)
        self.cages = None if rules is None else Cages(rules, self.feeds)
        self.exchange = self._make_exchange(spec)
        self.ledger = Ledger(
            spec.cash,
            commission=spec.commission,
            margin=spec.margin,
            mark=self._mark,
            terms=None if self.regime is None else self._terms,
            exchange=self.exchange,
            isolated=IsolatedMargins() if _is_isolated(spec) else None,
        )
        self.clock = Cursor()
        if self.timeline.is_aligned:
            for feed in self.feeds.values():
                feed.cursor = self.clock
        self.first_step = 0
        self.orders: list[Order] = []
        self.acts: list[Act] = []
        self.said: Weights | Mapping[str, Signals] | None = None
        self.record = Record()
        self.round_trips: list[RoundTrip] = []
        self.timers: list[Timer] = []
        self.triggers: list[Trigger] = []
        self.log_lines: list[tuple[int, str]] = []
        self.after_fill: Callable[[Booking], None] | None = None
        self.on_fill: Callable[[Fill], None] | None = None
        self.on_update: Callable[[Order], None] | None = None
        self.is_before_day = False
        routing = None if spec.rules is None else spec.rules.offsets
        self.is_routed = routing is not None
        self.venue = SimulatedVenue(
            self.instruments,
            self.ledger,
            spec.slippage,
            participation=spec.participation,
            latency=spec.latency,
            histories=self.feeds,
            routing=routing,
            on_booking=self.note_booking,
            on_update=self._announce,
        )
        self.working = self.venue.working
        self.due: list[Due] = []
        self.rolls: Rolling | None = None
        self.day_end: EndingDay | None = None
        self.liquidations: Watching | None = None
        self.retired: dict[str, Refused] = {}
        self._rolled: dict[str, str] = {}
        self._announced: list[Order | Fill] = []
        self._minds_days = False
        self._marks: Mapping[str, OfferedBar] = {}
        self._is_matching = False
        self._paid_ns: int | None = None

    def _make_feeds(
        self, bars: Mapping[str, Bars], detail: Mapping[str, Bars], rules: RuleBook | None
    ) -> dict[str, Feed]:
        feeds = {
            symbol: Feed(
                instrument,
                bars[symbol],
                detail.get(symbol),
                ruled_calendar(rules, instrument),
                self.facts.actions.get(symbol, ()),
            )
            for symbol, instrument in self.instruments.items()
        }
        for feed in feeds.values():
            feed.passes_idle_days = rules is not None and not feed.instrument.is_margined
        return feeds

    def _make_chains(self) -> dict[str, Chain]:
        chains = {}
        for symbol, series in self.facts.chains.items():
            feed = self.feeds[symbol]
            chains[symbol] = chain = Chain.of(series, feed)
            feed.shifts = chain.shifts(len(feed.bars))
        return chains

    def _make_regime(self, rules: RuleBook, spec: BacktestSpec) -> Regime:
        return Regime(
            rules,
            spec,
            self.feeds,
            listings=self.facts.listings,
            marks=self.facts.marks,
            chains=self.chains,
        )

    def _make_exchange(self, spec: BacktestSpec) -> RunExchange | None:
        if not spec.is_exchanging:
            return None
        exchange = RunExchange(
            spec.instruments,
            self.facts.rates,
            currency=spec.currency,
            share=spec.fx_cost,
            at=self._moment_of,
            on_cost=self._pay_exchange,
        )
        exchange.check_end(int(self.timeline.closes_ns[-1]))
        return exchange

    @property
    def step(self) -> int:
        """The present step of the timeline; -1 before the first."""
        return self.clock.row

    # What a context asks for

    @property
    def now_ns(self) -> int:
        if self.is_before_day:
            return self.timeline.day_begin_ns(self.step + 1)
        if self.step < 0:
            return self.timeline.begin_ns(0, len(self.timeline))
        return int(self.timeline.closes_ns[self.step])

    @property
    def day(self) -> int:
        day: int = self.timeline.days.item(max(self.clock.row + self.is_before_day, 0))
        return day

    def close_price(self, symbol: str) -> float:
        if not self._has_price(symbol):
            raise NoPriceYet(symbol)
        return self.feeds[symbol].price

    def volatility(self, symbol: str, window: int) -> float:
        return self.feeds[symbol].volatility(window)

    def average_range(self, symbol: str, period: int) -> float:
        return self.feeds[symbol].average_range(period)

    def submit(
        self,
        ticket: OrderTicket,
        children: Sequence[OrderTicket] = (),
        refusal: Refused | None = None,
    ) -> Order:
        if ticket.terms.tif in FOR_A_DAY:
            self._minds_days = True
        price = self.feeds[ticket.symbol].price if self._has_price(ticket.symbol) else None
        if self.cages is not None and refusal is None:
            retired = self.retired.get(ticket.symbol)
            refusal = retired or self.cages.review(ticket, price, self.now_ns)
        self.acts.append(Act(ticket.submitted_ns, "order", (ticket, *children)))
        order = self.venue.submit(ticket, children, last_price=price, refusal=refusal)
        self.orders += [order, *order.children]
        return order

    def cancel(self, orders: Sequence[Order]) -> None:
        working = tuple(order.ticket for order in orders if not order.is_ended)
        if working:
            self.acts.append(Act(self.now_ns, "cancel", working))
        self.venue.cancel(orders, self.now_ns)

    def link(self, orders: Sequence[Order]) -> None:
        self.acts.append(Act(self.now_ns, "link", tuple(order.ticket for order in orders)))
        self.venue.link(orders)

    def next_order_id(self) -> int:
        return len(self.orders) + 1

    def indicator(
        self,
        name: str,
        args: tuple[Any, ...],
        named: dict[str, Any],
        *,
        symbol: str,
        timeframe: str | None,
    ) -> Line:
        return self.feeds[symbol].indicator(name, args, named, timeframe)

    def line(self, field: str, *, symbol: str, timeframe: str | None) -> Line:
        return self.feeds[symbol].line(field, timeframe)

    def history(self, symbol: str, count: int, timeframe: str | None) -> Bars:
        return self.feeds[symbol].history(count, timeframe)

    def add_timer(self, timer: Timer) -> None:
        if self.step >= 0:
            raise AskedTooLate(f"timer {timer.name}")
        self.timers.append(timer)

    def wake_on(self, triggers: Sequence[Trigger]) -> None:
        if self.step >= 0:
            raise AskedTooLate("wake_on")
        self.triggers += triggers

    def log(self, message: str) -> None:
        add_line(self.log_lines, self.now_ns, message)

    # What the loop asks for

    @cached_property
    def shift_steps(self) -> frozenset[int]:
        """The steps from which on the prices of an instrument are told in other terms."""
        return frozenset(self._shifts)

    def shifts_at(self, step: int) -> list[tuple[str, Shift]]:
        """What changes the terms of prices at a step, by symbol."""
        return self._shifts.get(step, [])

    @cached_property
    def _shifts(self) -> dict[int, list[tuple[str, Shift]]]:
        found: dict[int, list[tuple[str, Shift]]] = {}
        for place, (symbol, feed) in enumerate(self.feeds.items()):
            steps = self.timeline.steps_of(place, [shift.row for shift in feed.shifts])
            for step, shift in zip(steps, feed.shifts, strict=True):
                found.setdefault(step, []).append((symbol, shift))
        return found

    @property
    def has_news(self) -> bool:
        """Whether something happened between bars that the strategy was not told."""
        return bool(self._announced)

    def restate(self, step: int) -> None:
        """Tell what was before a step in the terms of its bars."""
        for place, feed in enumerate(self.feeds.values()):
            if feed.shifts:
                feed.restate(int(self.timeline.rows[step, place]) if step >= 0 else step)

    def pass_warm_up(self) -> None:
        """Stand before the first step with a callback; the bars before it are closed ones."""
        if not self.first_step:
            return
        for feed, row in zip(
            self.feeds.values(), self.timeline.rows[self.first_step - 1], strict=True
        ):
            feed.load(int(row) + 1, int(row) + 1)
        self.clock.base, self.clock.at = self.first_step - 1, 0
        self.restate(self.step)

    def match(self, feeds: Sequence[Feed]) -> None:
        """Fill working orders from the present bars of these instruments, then tell the strategy.

        Args:
            feeds: those whose bar is of this step; the others are marked at their last close.
        """
        if any(feed.detail is not None for feed in feeds):
            self._match_detail(feeds)
        else:
            self._offer(
                {feed.symbol: feed.offer(feed.row, with_days=self._minds_days) for feed in feeds}
            )
        self.tell()

    def pay(self, step: int, payment: Payment) -> None:
        """Book money that moves without a fill, exchanged at the rate of its own moment.

        Args:
            step: from which on it counts.
            payment: on an instrument, its amount in that one's currency.
        """
        self._paid_ns = payment.ts_ns
        amount = self.ledger.receive(payment.symbol, payment.amount)
        self._paid_ns = None
        self.record.pay(step, self.ledger.cash, payment._replace(amount=amount))

    def reopen(self, symbol: str) -> None:
        """Take orders again on a series whose contract had ended, now that another begins."""
        self.retired.pop(symbol, None)

    def roll(self, ticket: OrderTicket, bar: OfferedBar, contract: str) -> None:
        """Trade a contract that a position is rolled out of or into, before its step."""
        self.is_before_day, self._rolled = True, {ticket.symbol: contract}
        self.orders.append(self.venue.roll(ticket, bar))
        self.is_before_day, self._rolled = False, {}

    def tell(self) -> None:
        """Hand fills and order changes to the strategy, in the order in which they happened."""
        told = 0
        while self._announced:
            told += len(self._announced)
            if told > MAX_NEWS:
                raise RunawayOrders(self.working[-1].id if self.working else len(self.orders))
            news, self._announced = self._announced, []
            for item in last_of_each(news):
                if isinstance(item, Fill):
                    if self.on_fill is not None:
                        self.on_fill(item)
                elif self.on_update is not None:
                    self.on_update(item)

    def _offer(self, bars: Mapping[str, OfferedBar]) -> None:
        self._marks = bars
        self._is_matching = True
        self.venue.match(bars)
        self._is_matching = False

    def _match_detail(self, feeds: Sequence[Feed]) -> None:
        """Match the finer bars of all instruments in the order of their times."""
        steps: dict[int, dict[str, OfferedBar]] = {}
        for feed in feeds:
            for bar in feed.offer_detail(feed.row, with_days=self._minds_days):
                steps.setdefault(bar.ts_ns, {})[feed.symbol] = bar
        for _, bars in sorted(steps.items()):
            self._offer(bars)

    def _mark(self, symbol: str) -> Decimal:
        """Where another instrument's position counts while a fill is reviewed."""
        bar, feed = self._marks.get(symbol), self.feeds[symbol]
        if self.is_before_day:
            return exact(feed.price)
        if bar is not None:
            return exact(bar.open)
        place = [*self.feeds].index(symbol)
        is_present = bool(self.timeline.present[self.step, place])
        return exact(float(feed.bars.open[feed.row]) if is_present else feed.price)

    def _moment_of(self, symbol: str) -> int:
        """The moment at which an instrument's money is exchanged or valued."""
        if self._paid_ns is not None:
            return self._paid_ns
        if self._is_matching:
            # Of one that has no bar now: nothing is known that the others could not know.
            bar = self._marks.get(symbol)
            return min(one.ts_ns for one in self._marks.values()) if bar is None else bar.ts_ns
        return self.now_ns

    def _pay_exchange(self, symbol: str, cost: Decimal) -> None:
        self.record.payments.append(
            Payment(self._moment_of(symbol), "exchange", symbol, cost.copy_negate())
        )

    def _terms(self, symbol: str) -> DayTerms:
        regime = cast("Regime", self.regime)
        return regime.terms(self._rolled.get(symbol, symbol), self.day)

    def _has_price(self, symbol: str) -> bool:
        """Whether a close is known, or the first open to which an order sent now is offered."""
        if self.feeds[symbol].row >= 0:
            return True
        place = [*self.feeds].index(symbol)
        return self.step < 0 and bool(self.timeline.present[0, place])

    def note_booking(self, booking: Booking) -> None:
        # A roll is booked before its step begins.
        self.record.add(self.step + self.is_before_day, booking)
        if self.chains:
            self._name_contract(booking)
        if self.regime is not None:
            self.regime.note(booking.fill, self.instruments[booking.fill.symbol])
        self.round_trips.extend(booking.trips)
        if self.after_fill is not None:
            self.after_fill(booking)
        if self.on_fill is not None and not self._rolled:
            self._announced.append(booking.fill)

    def _name_contract(self, booking: Booking) -> None:
        fill = booking.fill
        chain = self.chains.get(fill.symbol)
        name = fill.symbol if chain is None else chain.contract(fill.day)
        name = self._rolled.get(fill.symbol, name)
        self.record.contracts.append(name)
        self.record.trip_contracts += [name] * len(booking.trips)

    def _announce(self, order: Order) -> None:
        if self.on_update is not None:
            self._announced.append(order)


def _is_isolated(spec: BacktestSpec) -> bool:
    return spec.rules is not None and spec.rules.margin_mode == "isolated"
