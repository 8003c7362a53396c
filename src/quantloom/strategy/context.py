"""What a strategy may see and do, the same in backtest, paper and live."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Unpack, cast

import numpy as np

from quantloom.errors import Invalid, NotFound
from quantloom.kit import from_ns
from quantloom.market import Bars, Instrument, Number, exact, exactly
from quantloom.strategy.desk import Desk
from quantloom.strategy.lines import Line
from quantloom.strategy.ordering import (
    MARKET,
    AnyTerms,
    EntryTerms,
    ExitTerms,
    MarketTerms,
    Plan,
    read_terms,
)
from quantloom.strategy.sizing import Account, Entry, Sizing
from quantloom.strategy.timers import make_timer
from quantloom.strategy.triggers import Trigger
from quantloom.trading import (
    ZERO,
    AtrDistance,
    Distance,
    Margin,
    Order,
    OrderKind,
    OrderTicket,
    PositionView,
    PriceCondition,
    Refused,
    Role,
    RoundTrip,
    Side,
    Trailing,
)

_EPOCH_DAY = date(1970, 1, 1)
_NOT_READY = Refused("not_ready", "its distance is of an average true range with no value yet")


class SymbolNotInRun(NotFound):
    """A strategy named an instrument that its run does not hold."""

    code = "strategy.symbol_not_in_run"

    def __init__(self, symbol: str, known: tuple[str, ...]) -> None:
        super().__init__(symbol, known)
        self.symbol, self.known = symbol, known

    def __str__(self) -> str:
        return f"{self.symbol} is not part of this run; it holds {', '.join(self.known)}"


class BadBasis(Invalid):
    """A weight of something else than notional value or margin."""

    code = "order.bad_basis"

    def __init__(self, of: str) -> None:
        super().__init__(of)
        self.of = of

    def __str__(self) -> str:
        return f"a weight is of 'notional' or of 'margin', not of {self.of!r}"


class Context:
    """Handed to every callback.

    Orders go out now and fill from the next bar's open; docs/reference/fills.md says how,
    docs/reference/orders.md what each method sends.
    """

    __slots__ = ("_desk", "_positions")

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._positions: dict[str, PositionView] = {}

    # What is

    @property
    def now(self) -> datetime:
        """The close of the last bar, as an aware UTC datetime."""
        return from_ns(self._desk.now_ns)

    @property
    def trading_day(self) -> date:
        """The session's date; a night session belongs to the next one."""
        return _EPOCH_DAY + timedelta(days=self._desk.day)

    @property
    def position(self) -> PositionView:
        """The position in the run's only instrument; a live object that follows the fills."""
        return self.position_of(None)

    @property
    def portfolio(self) -> Mapping[str, PositionView]:
        """Every position by symbol."""
        return {symbol: self.position_of(symbol) for symbol in self._desk.instruments}

    @property
    def account(self) -> Account:
        """Cash and equity, marked at the last close."""
        ledger = self._desk.ledger
        with exactly():
            held = ledger.held.items()
            values = (ledger.value(one, self.price(symbol)) for symbol, (one, _) in held)
            return Account(ledger.cash, sum(values, ledger.cash))

    @property
    def round_trips(self) -> Sequence[RoundTrip]:
        """What the run has closed so far, oldest first."""
        return self._desk.round_trips

    @property
    def random(self) -> np.random.Generator:
        """The run's own generator, started from its seed."""
        return self._desk.random

    def instrument(self, symbol: str | None = None) -> Instrument:
        """The instrument of a symbol; the run's only one where none is named.

        Raises:
            SymbolNotInRun: the run does not hold it, or holds several and none was named.
        """
        instruments = self._desk.instruments
        if symbol is None and len(instruments) == 1:
            return next(iter(instruments.values()))
        if symbol is None or symbol not in instruments:
            raise SymbolNotInRun(symbol or "no symbol", tuple(instruments))
        return instruments[symbol]

    def price(self, symbol: str | None = None) -> Decimal:
        """The last close, exact."""
        return exact(self._desk.close_price(self.instrument(symbol).symbol))

    def position_of(self, symbol: str | None = None) -> PositionView:
        """The position in an instrument, flat if there is none."""
        instrument = self.instrument(symbol)
        view = self._positions.get(instrument.symbol)
        if view is None:
            view = PositionView(self._desk.ledger.position(instrument))
            self._positions[instrument.symbol] = view
        return view

    def orders(self, symbol: str | None = None) -> tuple[Order, ...]:
        """The orders that are still working, oldest first."""
        return tuple(order for order in self._desk.working if symbol in {None, order.ticket.symbol})

    def indicator(
        self,
        name: str,
        *args: Any,
        symbol: str | None = None,
        timeframe: str | None = None,
        **named: Any,
    ) -> Line:
        """Follow an indicator of the catalog; call it in `initialize`.

        Args:
            args, named: the indicator's own parameters, as `quantloom indicator list` shows them;
                `source="hl2"` reads another column than the close.
            symbol: the run's only one where not given.
            timeframe: that of the run's bars where not given. A bigger one shows the last bigger
                bar that has closed; `line[-2]` is what it showed one bar of the run earlier.
        Raises:
            IndicatorNotFound: no such name.
            BadIndicatorParameter: a value out of bounds.
            CannotResample: the run's bars do not add up to the timeframe.
        """
        instrument = self.instrument(symbol)
        return self._desk.indicator(
            name, args, named, symbol=instrument.symbol, timeframe=timeframe
        )

    def line(self, field: str, symbol: str | None = None, *, timeframe: str | None = None) -> Line:
        """Follow a column of the bars, such as `close`, to compare it with indicators.

        Raises:
            NoSuchColumn: the bars have no such column.
        """
        symbol = self.instrument(symbol).symbol
        return self._desk.line(field, symbol=symbol, timeframe=timeframe)

    def history(
        self, count: int, symbol: str | None = None, *, timeframe: str | None = None
    ) -> Bars:
        """The last `count` closed bars, fewer at the start; read-only, not copied."""
        return self._desk.history(self.instrument(symbol).symbol, count, timeframe)

    def volatility(self, symbol: str | None = None, window: int = 20) -> float:
        """Standard deviation of the log returns of the last `window` closes, a year's.

        Returns:
            0.2 for 20 % a year; NaN while there are fewer closes.
        """
        return self._desk.volatility(self.instrument(symbol).symbol, window)

    def timer(
        self,
        name: str,
        *,
        every: str | None = None,
        at: str | None = None,
        once: datetime | None = None,
    ) -> None:
        """Have `on_timer` called at times of the clock; ask in `initialize`.

        On bars it is called before `on_bar`, at the close of the first bar that closes at or
        after its time.

        Args:
            every: a span such as 30m or 4h; rings at its multiples by the exchange's clock.
            at: a time of the day such as 14:55, by the exchange's clock.
            once: one instant, with a zone.
        Raises:
            BadTimer: not exactly one of the three, or one that cannot be read.
        """
        self._desk.add_timer(make_timer(name, every=every, at=at, once=once))

    def wake_on(self, *triggers: Trigger) -> None:
        """Have `on_bar` or `on_bars` called only on bars where one of these holds.

        A run that sleeps through most bars is many times as fast. Orders fill on every bar
        nevertheless, and the other callbacks come as always. Ask in `initialize`.
        """
        self._desk.wake_on(triggers)

    def log(self, message: str) -> None:
        """Write a line to the run's log, with the bar's time."""
        self._desk.log(message)

    # Prices and quantities

    def round_down(self, price: Number, symbol: str | None = None) -> Decimal:
        """The highest order price that is not above `price`."""
        return self.instrument(symbol).round_down(price)

    def round_up(self, price: Number, symbol: str | None = None) -> Decimal:
        """The lowest order price that is not below `price`."""
        return self.instrument(symbol).round_up(price)

    def size(
        self,
        symbol: str | None = None,
        sizing: Sizing | None = None,
        *,
        price: Number | None = None,
        stop_loss: Number | None = None,
    ) -> Decimal:
        """The quantity that a sizing, the run's own if none is given, makes of an entry.

        Args:
            price: where it would fill; the last close if not given.
            stop_loss: where it would be stopped, for a sizing by risk.
        """
        instrument = self.instrument(symbol)
        entry = Entry(
            self.price(symbol) if price is None else exact(price),
            None if stop_loss is None else exact(stop_loss),
        )
        return (sizing or self._desk.sizing).quantity(instrument, self, entry)

    # Orders

    def buy(
        self, symbol: str, quantity: Number | None = None, **terms: Unpack[EntryTerms]
    ) -> Order:
        """Open or add to a long position; an open short one is closed first.

        ```python
        ctx.buy(symbol)                                           # at the next open
        ctx.buy(symbol, 100, price=9.5, tif="DAY")                # a limit order for the day
        ctx.buy(symbol, stop=10.5, stop_loss=ticks(20), take_profit=percent(4))  # a bracket
        ```

        Args:
            quantity: whole lots; the run's sizing decides where not given.
            terms: docs/reference/orders.md lists them: `price`, `stop`, `trail`, `tif`, `until`,
                `when`, `post_only`, `reduce_only`, `offset`, `stop_loss`, `take_profit`, `tag`.
        Returns:
            The order, `rejected` with its `refusal` if the venue did not take it.
        Raises:
            BadTerms: terms that do not fit each other.
        """
        return self._enter(Side.BUY, symbol, quantity, terms)

    def short(
        self, symbol: str, quantity: Number | None = None, **terms: Unpack[EntryTerms]
    ) -> Order:
        """Open or add to a short position; an open long one is closed first. Terms as for `buy`."""
        return self._enter(Side.SELL, symbol, quantity, terms)

    def sell(
        self, symbol: str, quantity: Number | None = None, **terms: Unpack[ExitTerms]
    ) -> Order:
        """Close a long position, all of it where no quantity is given; never goes short.

        Terms as for `buy`, but for `reduce_only`, `stop_loss` and `take_profit`.
        """
        return self._leave(Side.SELL, symbol, quantity, self._read(symbol, terms, is_exit=True))

    def cover(
        self, symbol: str, quantity: Number | None = None, **terms: Unpack[ExitTerms]
    ) -> Order:
        """Close a short position, all of it where no quantity is given; never goes long.

        Terms as for `sell`.
        """
        return self._leave(Side.BUY, symbol, quantity, self._read(symbol, terms, is_exit=True))

    def close(self, symbol: str, **terms: Unpack[MarketTerms]) -> Order | None:
        """Go flat by a market order; None if nothing is open or on its way."""
        return self.target_quantity(symbol, 0, **terms)

    def target_quantity(
        self, symbol: str, quantity: Number, **terms: Unpack[MarketTerms]
    ) -> Order | None:
        """Send the market order that takes the position to a signed quantity.

        Market orders on their way count as done; limit and stop orders do not. The step is cut
        down to whole lots; None if that leaves nothing to send.
        """
        instrument = self.instrument(symbol)
        step = exact(quantity) - self._expected(instrument)
        lots = instrument.whole_lots(abs(step))
        if not lots:
            return None
        side = Side.BUY if step > 0 else Side.SELL
        return self._send(side, instrument, lots, self._read(symbol, terms), may_trim=True)

    def target_value(
        self, symbol: str, value: Number, **terms: Unpack[MarketTerms]
    ) -> Order | None:
        """Like `target_quantity`, for a signed notional value at the last close."""
        instrument = self.instrument(symbol)
        quantity = exact(value) / (self.price(symbol) * instrument.multiplier)
        whole = instrument.whole_lots(abs(quantity))
        return self.target_quantity(symbol, whole.copy_sign(quantity), **terms)

    def target_weight(
        self,
        symbol: str,
        weight: Number,
        *,
        of: Literal["notional", "margin"] = "notional",
        **terms: Unpack[MarketTerms],
    ) -> Order | None:
        """Like `target_value`, for a signed share of equity.

        Args:
            weight: 1 is all of equity as notional value; of="margin" makes it the share of
                equity that the position may tie up as margin.
        """
        if of not in {"notional", "margin"}:
            raise BadBasis(of)
        value = exact(weight) * self.account.equity
        if of == "margin":
            value /= _ratio(self._desk.ledger.margin, value)
        return self.target_value(symbol, value, **terms)

    def oco(self, *orders: Order) -> None:
        """Link orders: the first fill of one cancels the others."""
        self._desk.link(orders)

    def cancel(self, order: Order) -> None:
        """Take an order back; nothing happens if it has ended."""
        self._desk.cancel(order)

    def cancel_all(self, symbol: str | None = None) -> None:
        """Take every working order back."""
        for order in self.orders(symbol):
            self._desk.cancel(order)

    def _read(self, symbol: str, terms: AnyTerms, *, is_exit: bool = False) -> Plan:
        if not terms:
            return MARKET
        given = cast("EntryTerms", terms)  # what is not in it is not given

        def measure(away: AtrDistance) -> Distance | None:
            found = self._desk.average_range(self.instrument(symbol).symbol, away.period)
            return Distance(points=away.multiple * exact(found)) if found > 0 else None

        condition = given.get("when")
        if isinstance(condition, PriceCondition) and condition.symbol is not None:
            self.instrument(condition.symbol)
        return read_terms(given, measure, only_closes=is_exit)

    def _enter(self, side: Side, symbol: str, quantity: Number | None, terms: EntryTerms) -> Order:
        instrument, plan = self.instrument(symbol), self._read(symbol, terms)
        if plan.is_reduce_only or plan.terms.offset.only_closes:
            return self._leave(side, symbol, quantity, plan)
        if quantity is not None:
            return self._send(side, instrument, exact(quantity), plan)
        sizing = self._desk.sizing
        entry = plan.entry(self.price(symbol), instrument, is_buy=side is Side.BUY)
        wanted = sizing.quantity(instrument, self, entry)
        return self._send(side, instrument, wanted, plan, may_trim=sizing.may_trim)

    def _leave(self, side: Side, symbol: str, quantity: Number | None, plan: Plan) -> Order:
        instrument = self.instrument(symbol)
        held = max(ZERO, -side.sign * self._expected(instrument))
        wanted = held if quantity is None else exact(quantity)
        return self._send(side, instrument, wanted, plan, is_reduce_only=True)

    def _send(
        self,
        side: Side,
        instrument: Instrument,
        quantity: Decimal,
        plan: Plan,
        *,
        is_reduce_only: bool = False,
        may_trim: bool = False,
    ) -> Order:
        ticket = OrderTicket(
            id=self._desk.next_order_id(),
            symbol=instrument.symbol,
            side=side,
            kind=plan.kind,
            quantity=quantity,
            price=plan.price,
            stop=plan.stop,
            distance=plan.trail,
            is_reduce_only=is_reduce_only,
            may_trim=may_trim,
            submitted_ns=self._desk.now_ns,
            tag=plan.tag,
            terms=plan.terms,
        )
        children = _halves(ticket, plan) if plan.has_bracket else ()
        return self._desk.submit(ticket, children, None if plan.is_ready else _NOT_READY)

    def _expected(self, instrument: Instrument) -> Decimal:
        """The position once every market order on its way has filled."""
        quantity = self._desk.ledger.position(instrument).quantity
        for order in self._desk.working:
            ticket = order.ticket
            if ticket.symbol == instrument.symbol and order.is_market and not order.is_held:
                step = order.outstanding
                if ticket.is_reduce_only:
                    step = min(step, max(-ticket.side.sign * quantity, ZERO))
                quantity += ticket.side.sign * step
        return quantity


def _halves(entry: OrderTicket, plan: Plan) -> tuple[OrderTicket, ...]:
    """The stop and the target of a bracket, numbered after their entry."""
    loss, profit = plan.stop_loss, plan.take_profit
    halves = []
    if loss is not None:
        is_trailing = isinstance(loss, Trailing)
        away = loss.distance if isinstance(loss, Trailing) else loss
        halves.append(
            replace(
                _half(entry, OrderKind.TRAILING_STOP if is_trailing else OrderKind.STOP),
                stop=away if isinstance(away, Decimal) else None,
                distance=away if isinstance(away, Distance) else None,
                role=Role.STOP_LOSS,
            )
        )
    if profit is not None:
        halves.append(
            replace(
                _half(entry, OrderKind.LIMIT),
                price=profit if isinstance(profit, Decimal) else None,
                distance=profit if isinstance(profit, Distance) else None,
                role=Role.TAKE_PROFIT,
            )
        )
    return tuple(replace(half, id=entry.id + place) for place, half in enumerate(halves, 1))


def _half(entry: OrderTicket, kind: OrderKind) -> OrderTicket:
    return OrderTicket(
        id=entry.id,
        symbol=entry.symbol,
        side=entry.side.opposite,
        kind=kind,
        quantity=entry.quantity,
        is_reduce_only=True,
        submitted_ns=entry.submitted_ns,
        tag=entry.tag,
    )


def _ratio(margin: Margin, value: Decimal) -> Decimal:
    return margin.long if value > 0 else margin.short
