"""What a strategy may see and do, the same in backtest, paper and live."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import numpy as np

from quantloom.errors import Invalid, NotFound
from quantloom.kit import from_ns
from quantloom.market import Bars, Instrument, Number, exact, exactly
from quantloom.strategy.desk import Desk
from quantloom.strategy.lines import Line
from quantloom.strategy.sizing import Account
from quantloom.trading import (
    ZERO,
    Margin,
    Order,
    OrderKind,
    OrderTicket,
    PositionView,
    Side,
)

_EPOCH_DAY = date(1970, 1, 1)


class SymbolNotInRun(NotFound):
    """A strategy named an instrument that its run does not hold."""

    code = "strategy.symbol_not_in_run"

    def __init__(self, symbol: str, known: tuple[str, ...]) -> None:
        super().__init__(symbol, known)
        self.symbol, self.known = symbol, known

    def __str__(self) -> str:
        return f"{self.symbol} is not part of this run; it holds {', '.join(self.known)}"


class OneTrigger(Invalid):
    """An order with both a limit and a stop price."""

    code = "order.one_trigger"

    def __init__(self, price: Number, stop: Number) -> None:
        super().__init__(price, stop)
        self.price, self.stop = price, stop

    def __str__(self) -> str:
        return f"an order takes price={self.price} or stop={self.stop}, not both"


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
        held = self._desk.instruments.items()
        with exactly():
            values = (ledger.value(one, self.price(symbol)) for symbol, one in held)
            return Account(ledger.cash, sum(values, ledger.cash))

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
            args, named: the indicator's own parameters, as `quantloom indicator list` shows them.
            symbol, timeframe: the run's only ones where not given.
        Raises:
            IndicatorNotFound: no such name.
            BadIndicatorParameter: a value out of bounds.
        """
        instrument = self.instrument(symbol)
        return self._desk.indicator(
            name, args, named, symbol=instrument.symbol, timeframe=timeframe
        )

    def line(self, field: str, symbol: str | None = None) -> Line:
        """Follow a column of the bars, such as `close`, to compare it with indicators.

        Raises:
            NoSuchColumn: the bars have no such column.
        """
        return self._desk.line(field, symbol=self.instrument(symbol).symbol)

    def history(self, count: int, symbol: str | None = None) -> Bars:
        """The last `count` closed bars, fewer at the start; read-only, not copied."""
        return self._desk.history(self.instrument(symbol).symbol, count)

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

    def size(self, symbol: str | None = None) -> Decimal:
        """The quantity that the run's sizing gives an entry at the last close."""
        return self._desk.sizing.quantity(self.instrument(symbol), self)

    # Orders

    def buy(
        self,
        symbol: str,
        quantity: Number | None = None,
        *,
        price: Number | None = None,
        stop: Number | None = None,
        tag: str = "",
    ) -> Order:
        """Open or add to a long position; an open short one is closed first.

        Args:
            quantity: whole lots; the run's sizing decides where not given.
            price: limit price; stop: stop price; neither sends a market order.
        Returns:
            The order, `rejected` with its `refusal` if the venue did not take it.
        """
        return self._enter(Side.BUY, symbol, quantity, _terms(price, stop, tag))

    def short(
        self,
        symbol: str,
        quantity: Number | None = None,
        *,
        price: Number | None = None,
        stop: Number | None = None,
        tag: str = "",
    ) -> Order:
        """Open or add to a short position; an open long one is closed first."""
        return self._enter(Side.SELL, symbol, quantity, _terms(price, stop, tag))

    def sell(
        self,
        symbol: str,
        quantity: Number | None = None,
        *,
        price: Number | None = None,
        stop: Number | None = None,
        tag: str = "",
    ) -> Order:
        """Close a long position, all of it where no quantity is given; never goes short."""
        return self._leave(Side.SELL, symbol, quantity, _terms(price, stop, tag))

    def cover(
        self,
        symbol: str,
        quantity: Number | None = None,
        *,
        price: Number | None = None,
        stop: Number | None = None,
        tag: str = "",
    ) -> Order:
        """Close a short position, all of it where no quantity is given; never goes long."""
        return self._leave(Side.BUY, symbol, quantity, _terms(price, stop, tag))

    def close(self, symbol: str, *, tag: str = "") -> Order | None:
        """Go flat by a market order; None if nothing is open or on its way."""
        return self.target_quantity(symbol, 0, tag=tag)

    def target_quantity(self, symbol: str, quantity: Number, *, tag: str = "") -> Order | None:
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
        return self._send(side, instrument, lots, _terms(None, None, tag), may_trim=True)

    def target_value(self, symbol: str, value: Number, *, tag: str = "") -> Order | None:
        """Like `target_quantity`, for a signed notional value at the last close."""
        instrument = self.instrument(symbol)
        quantity = exact(value) / (self.price(symbol) * instrument.multiplier)
        whole = instrument.whole_lots(abs(quantity))
        return self.target_quantity(symbol, whole.copy_sign(quantity), tag=tag)

    def target_weight(
        self,
        symbol: str,
        weight: Number,
        *,
        of: Literal["notional", "margin"] = "notional",
        tag: str = "",
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
        return self.target_value(symbol, value, tag=tag)

    def cancel(self, order: Order) -> None:
        """Take an order back; nothing happens if it has ended."""
        self._desk.cancel(order)

    def cancel_all(self, symbol: str | None = None) -> None:
        """Take every working order back."""
        for order in self.orders(symbol):
            self._desk.cancel(order)

    def _enter(self, side: Side, symbol: str, quantity: Number | None, terms: "_Terms") -> Order:
        instrument = self.instrument(symbol)
        if quantity is not None:
            return self._send(side, instrument, exact(quantity), terms)
        may_trim = self._desk.sizing.may_trim
        return self._send(side, instrument, self.size(symbol), terms, may_trim=may_trim)

    def _leave(self, side: Side, symbol: str, quantity: Number | None, terms: "_Terms") -> Order:
        instrument = self.instrument(symbol)
        held = max(-side.sign * self._expected(instrument), ZERO)
        wanted = held if quantity is None else exact(quantity)
        return self._send(side, instrument, wanted, terms, is_reduce_only=True)

    def _send(
        self,
        side: Side,
        instrument: Instrument,
        quantity: Decimal,
        terms: "_Terms",
        *,
        is_reduce_only: bool = False,
        may_trim: bool = False,
    ) -> Order:
        ticket = OrderTicket(
            id=self._desk.next_order_id(),
            symbol=instrument.symbol,
            side=side,
            kind=terms.kind,
            quantity=quantity,
            price=terms.price,
            is_reduce_only=is_reduce_only,
            may_trim=may_trim,
            submitted_ns=self._desk.now_ns,
            tag=terms.tag,
        )
        return self._desk.submit(ticket)

    def _expected(self, instrument: Instrument) -> Decimal:
        """The position once every market order on its way has filled."""
        quantity = self._desk.ledger.position(instrument).quantity
        for order in self._desk.working:
            ticket = order.ticket
            if ticket.symbol == instrument.symbol and ticket.kind is OrderKind.MARKET:
                step = order.remaining
                if ticket.is_reduce_only:
                    step = min(step, max(-ticket.side.sign * quantity, ZERO))
                quantity += ticket.side.sign * step
        return quantity


class _Terms(NamedTuple):
    kind: OrderKind
    price: Decimal | None
    tag: str


def _terms(price: Number | None, stop: Number | None, tag: str) -> _Terms:
    if price is not None and stop is not None:
        raise OneTrigger(price, stop)
    if stop is not None:
        return _Terms(OrderKind.STOP, exact(stop), tag)
    if price is not None:
        return _Terms(OrderKind.LIMIT, exact(price), tag)
    return _Terms(OrderKind.MARKET, None, tag)


def _ratio(margin: Margin, value: Decimal) -> Decimal:
    return margin.long if value > 0 else margin.short
