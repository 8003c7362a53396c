"""The account of a run on ticks: fills booked exactly, and kept for the result."""

from bisect import bisect_right
from decimal import Decimal

from quantloom.backtest.record import Record
from quantloom.backtest.spec import BacktestSpec
from quantloom.market import Bars, Instrument, exact, exactly, get_calendar, trading_days_of
from quantloom.simulation import Booking
from quantloom.trading import (
    ZERO,
    Charge,
    Fill,
    Ledger,
    Order,
    Refused,
    Role,
    RoundTrip,
)

# What float64 may add to a price on the tick, as a share of the tick.
_NOISE = Decimal("0.000001")


class Days:
    """The trading day, and the row of the equity curve, of each moment.

    Args:
        bars: made of the ticks; one equity is kept for each.
    """

    def __init__(self, bars: Bars, instrument: Instrument) -> None:
        self._opens: list[int] = bars.ts.tolist()
        days = trading_days_of(bars, get_calendar(instrument.calendar))
        self._days: list[int] = days.astype("int64").tolist()

    def step(self, at_ns: int) -> int:
        """The bar that a moment lies in; one before the first bar counts with it."""
        return max(bisect_right(self._opens, at_ns) - 1, 0)

    def day(self, at_ns: int) -> int:
        """Trading day as days since 1970."""
        return self._days[self.step(at_ns)]

    def begins(self) -> list[int]:
        """When each trading day but the first begins: the open of its first bar."""
        days, opens = self._days, self._opens
        return [opens[at] for at in range(1, len(days)) if days[at] > days[at - 1]]


class TickAccount:
    """What executions do to the account, as it is at the exchange.

    Args:
        ledger: that fills are reviewed by; whoever makes them books them in it.
    """

    def __init__(self, spec: BacktestSpec, days: Days, ledger: Ledger | None = None) -> None:
        self.instrument = spec.instrument
        self.days = days
        self.ledger = ledger or make_ledger(spec)
        self._fills = 0
        with exactly():
            self._noise = self.instrument.tick_size * _NOISE

    def execute(
        self, order: Order, lots: int, price: float, at_ns: int, *, is_maker: bool
    ) -> Fill | Refused:
        """Make a fill of so many lots, or of fewer where the order may be trimmed."""
        with exactly():
            quantity = lots * self.instrument.lot
            met = self._on_tick(order, price)
            day = self.days.day(at_ns)
            weighed = self._weigh(order, quantity, met, day, is_maker=is_maker)
            if isinstance(weighed, Refused) and order.ticket.may_trim:
                quantity = self._affordable(order, lots, met, day, is_maker=is_maker)
                if quantity:
                    weighed = self._weigh(order, quantity, met, day, is_maker=is_maker)
            if isinstance(weighed, Refused):
                return weighed
            return self._fill(order, quantity, met, weighed, at_ns)

    def closable(self, order: Order) -> Decimal:
        """What there is to close for an order that only closes."""
        ticket, position = order.ticket, self.ledger.position(self.instrument)
        with exactly():
            return max(-ticket.side.sign * position.quantity, ZERO)

    def _on_tick(self, order: Order, price: float) -> Decimal:
        """The price as an order price; one between two ticks is snapped against the order."""
        met = exact(price)
        nearest = self.instrument.round_nearest(met)
        if abs(met - nearest) <= self._noise:
            return nearest
        is_buy = order.ticket.side.sign > 0
        return self.instrument.round_up(met) if is_buy else self.instrument.round_down(met)

    def _weigh(
        self, order: Order, quantity: Decimal, price: Decimal, day: int, *, is_maker: bool
    ) -> Charge | Refused:
        charge = self.ledger.charge(order, self.instrument, quantity, price, day, is_maker=is_maker)
        refusal = self.ledger.review(
            self.instrument, order.ticket.side, quantity, price, charge.commission
        )
        return refusal or charge

    def _affordable(
        self, order: Order, lots: int, price: Decimal, day: int, *, is_maker: bool
    ) -> Decimal:
        """The most lots that the account can pay for, found by halving."""
        low, high, lot = 0, lots - 1, self.instrument.lot
        while low < high:
            tried = (low + high + 1) // 2
            weighed = self._weigh(order, tried * lot, price, day, is_maker=is_maker)
            low, high = (low, tried - 1) if isinstance(weighed, Refused) else (tried, high)
        return low * lot

    def _fill(
        self, order: Order, quantity: Decimal, price: Decimal, charge: Charge, at_ns: int
    ) -> Fill:
        ticket = order.ticket
        order.raw_charge += charge.raw
        order.charged += charge.due
        self._fills += 1
        return Fill(
            id=self._fills,
            order_id=ticket.id,
            symbol=ticket.symbol,
            side=ticket.side,
            quantity=quantity,
            price=price,
            commission=charge.commission,
            slippage=ZERO,
            ts_ns=at_ns,
            day=self.days.day(at_ns),
            tag=ticket.tag,
            offset=ticket.terms.offset,
            cause=ticket.kind if ticket.role is Role.ENTRY else ticket.role,
        )

    def book(self, fill: Fill) -> None:
        """Book a fill."""
        with exactly():
            self.ledger.apply(fill, self.instrument)


class SeenAccount:
    """The account as the strategy knows it, and what the result is made of.

    Attributes:
        record, round_trips: every fill in the order in which it was heard of.
    """

    def __init__(self, spec: BacktestSpec, days: Days) -> None:
        self.instrument, self.days = spec.instrument, days
        self.ledger = make_ledger(spec)
        self.record = Record()
        self.round_trips: list[RoundTrip] = []

    def hear(self, order: Order, fill: Fill, at_ns: int) -> None:
        """Take a fill up when its news arrives."""
        with exactly():
            order.add_fill(fill.quantity, at_ns)
            trips = self.ledger.apply(fill, self.instrument)
        self.round_trips += trips
        position = self.ledger.position(self.instrument)
        booking = Booking(order, fill, trips, self.ledger.cash, position.quantity, position.cost)
        self.record.add(self.days.step(fill.ts_ns), booking)


def make_ledger(spec: BacktestSpec) -> Ledger:
    return Ledger(spec.cash, commission=spec.commission, margin=spec.margin)
