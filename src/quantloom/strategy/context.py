"""What a strategy may see and do, the same in backtest, paper and live."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, Unpack, cast

from quantloom.errors import Invalid
from quantloom.market import EXACT, Instrument, Number, exact, exactly
from quantloom.strategy.ordering import (
    MARKET,
    AnyTerms,
    EntryTerms,
    ExitTerms,
    MarketTerms,
    Plan,
    make_halves,
    read_terms,
)
from quantloom.strategy.sight import Sight
from quantloom.strategy.sizing import lots_worth
from quantloom.trading import (
    ZERO,
    AtrDistance,
    Distance,
    Order,
    OrderTicket,
    PriceCondition,
    Refused,
    Side,
)

_WHOLE = Decimal(1)
NOT_READY = Refused("not_ready", "its distance is of an average true range with no value yet")


class BadBasis(Invalid):
    """A weight of something else than notional value or margin."""

    code = "order.bad_basis"

    def __init__(self, of: str) -> None:
        super().__init__(of)
        self.of = of

    def __str__(self) -> str:
        return f"a weight is of 'notional' or of 'margin', not of {self.of!r}"


class NotAnOrder(Invalid):
    """Something else than an order was to be cancelled or linked."""

    code = "order.not_an_order"

    def __init__(self, method: str, given: object) -> None:
        super().__init__(method, given)
        self.method, self.given = method, given

    def __str__(self) -> str:
        return f"{self.method} takes orders as buy and sell return them, not {self.given!r}"


class Context(Sight):
    """Handed to every callback.

    Orders go out now and fill from the next bar's open; docs/reference/fills.md says how,
    docs/reference/orders.md what each method sends. What it shows is `Sight`'s.
    """

    __slots__ = ()

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
        down to whole lots; None if that leaves nothing to send. To go flat the order only closes,
        and takes along what is left under a lot where the market buys that.
        """
        instrument, wanted = self.instrument(symbol), exact(quantity)
        step = EXACT.subtract(wanted, self._expected(instrument))
        lots = step.copy_abs()
        if wanted or step > 0 or not self._sells_odd_lots(instrument):
            lots = instrument.whole_lots(lots)
        if not lots:
            return None
        side, plan = Side.BUY if step > 0 else Side.SELL, self._read(symbol, terms)
        # What is on its way may yet be cut, and the order to go flat would then open a position.
        return self._send(
            side, instrument, lots, plan, is_reduce_only=not wanted, may_trim=bool(wanted)
        )

    def target_value(
        self, symbol: str, value: Number, **terms: Unpack[MarketTerms]
    ) -> Order | None:
        """Like `target_quantity`, for a signed notional value at the last close.

        The value is in the account's currency.
        """
        return self.target_quantity(symbol, self._lots_of(symbol, exact(value)), **terms)

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
        value = EXACT.multiply(exact(weight), self.account.equity)
        ratio = (
            self._desk.ledger.terms_of(symbol).margin.ratio_of(value) if of == "margin" else _WHOLE
        )
        return self.target_quantity(symbol, self._lots_of(symbol, value, ratio), **terms)

    def oco(self, *orders: Order | None) -> None:
        """Link orders: the first fill of one cancels the others; None, as of `close`, is none."""
        self._desk.link(_sent(orders, "oco"))

    def cancel(self, order: Order | None) -> None:
        """Take an order back; nothing happens if it has ended, or is None as of `close`."""
        self._desk.cancel(_sent((order,), "cancel"))

    def cancel_all(self, symbol: str | None = None) -> None:
        """Take every working order back."""
        self._desk.cancel(self.orders(symbol))

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
        if not plan.is_ready:
            # A size may hang on the stop, and the order is refused whatever it is.
            return self._send(side, instrument, ZERO, plan, may_trim=sizing.may_trim)
        entry = plan.entry(self.price(symbol), instrument, is_buy=side is Side.BUY)
        wanted = sizing.quantity(instrument, self, entry)
        return self._send(side, instrument, wanted, plan, may_trim=sizing.may_trim)

    def _leave(self, side: Side, symbol: str, quantity: Number | None, plan: Plan) -> Order:
        instrument = self.instrument(symbol)
        expected = self._expected(instrument)
        held = max(ZERO, expected.copy_negate() if side is Side.BUY else expected)
        wanted = held if quantity is None else exact(quantity)
        return self._send(
            side, instrument, wanted, plan, is_reduce_only=True, may_trim=quantity is None
        )

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
        children = make_halves(ticket, plan) if plan.has_bracket else ()
        return self._desk.submit(ticket, children, None if plan.is_ready else NOT_READY)

    def _sells_odd_lots(self, instrument: Instrument) -> bool:
        grid = self._desk.ledger.terms_of(instrument.symbol).grid
        return grid is None or grid.odd_lot_sells

    def _lots_of(self, symbol: str, value: Decimal, ratio: Decimal = _WHOLE) -> Decimal:
        """The whole lots, signed as `value` is, that it pays `ratio` of the last close for."""
        instrument = self.instrument(symbol)
        with exactly():
            price = self.price(symbol) * self.rate(symbol)
            lots = lots_worth(instrument, value.copy_abs(), price, over=ratio)
            return lots.copy_sign(value)

    def _expected(self, instrument: Instrument) -> Decimal:
        """The position once every market order on its way has filled."""
        quantity = self._desk.ledger.position(instrument).quantity
        if not self._desk.working:
            return quantity
        with exactly():
            for order in self._desk.working:
                ticket = order.ticket
                if ticket.symbol == instrument.symbol and order.is_market and not order.is_held:
                    step = order.outstanding
                    if ticket.is_reduce_only:
                        step = min(step, max(-ticket.side.sign * quantity, ZERO))
                    quantity += ticket.side.sign * step
        return quantity


def _sent(orders: Sequence[object], method: str) -> list[Order]:
    for order in orders:
        if order is not None and not isinstance(order, Order):
            raise NotAnOrder(method, order)
    return [order for order in orders if isinstance(order, Order)]
