"""The backtest's desk: bars unpacked piece by piece, a simulated venue, a record of the run."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.spec import BacktestSpec
from quantloom.errors import Invalid, NotFound
from quantloom.indicators import get_indicator
from quantloom.kit import FloatArray, freeze
from quantloom.market import Bars, Instrument, get_calendar, trading_days_of
from quantloom.market.bars import FIELDS
from quantloom.simulation import Booking, SimulatedVenue
from quantloom.strategy import Cursor, Line, Sizing
from quantloom.trading import Fill, Ledger, Order, OrderTicket, RoundTrip

MAX_LOG_LINES = 10_000
# News of one bar, with that of orders sent in answer to it: more than this is a loop.
MAX_NEWS = 100_000


class RunawayOrders(Invalid):
    """A strategy that answers every order with another one."""

    code = "strategy.runaway_orders"

    def __init__(self, order_id: int) -> None:
        super().__init__(order_id)
        self.order_id = order_id

    def __str__(self) -> str:
        return (
            f"orders up to {self.order_id} each answered the one before, and it does not end; "
            "on_fill and on_order_update must not send an order on every call"
        )


class OtherTimeframe(Invalid):
    """A strategy asked for a timeframe that its run does not have."""

    code = "backtest.other_timeframe"

    def __init__(self, wanted: str, present: str) -> None:
        super().__init__(wanted, present)
        self.wanted, self.present = wanted, present

    def __str__(self) -> str:
        return f"this run has {self.present} bars, not {self.wanted}; run it on {self.wanted} bars"


class NoSuchColumn(NotFound):
    """A strategy asked for a column that the bars do not have."""

    code = "backtest.no_such_column"

    def __init__(self, column: str, known: tuple[str, ...]) -> None:
        super().__init__(column, known)
        self.column, self.known = column, known

    def __str__(self) -> str:
        return f"the bars have no column {self.column!r}; they have {', '.join(self.known)}"


class AskedTooLate(Invalid):
    """A strategy asked to follow a line when the bars were already running."""

    code = "backtest.asked_too_late"

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label

    def __str__(self) -> str:
        return f"{self.label} was asked for on a bar; ask in initialize and keep what it returns"


class BarDesk:
    """Serves one strategy on one instrument's bars; `quantloom.strategy.Desk` says what for.

    Attributes:
        cursor: where the run stands.
        lines: every indicator output and column that the strategy follows.
        fill_rows: for each fill the bar that filled it.
        cash_after, quantity_after, cost_after: the account right after each fill, as floats.
    """

    def __init__(self, spec: BacktestSpec, bars: Bars) -> None:
        instrument = spec.instrument
        self.instrument = instrument
        self.instruments: Mapping[str, Instrument] = {instrument.symbol: instrument}
        self.sizing: Sizing = spec.sizing
        self.random = np.random.default_rng(spec.seed)
        self.ledger = Ledger(spec.cash, commission=spec.commission, margin=spec.margin)
        self.bars = bars
        self.cursor = Cursor()
        self.calendar = get_calendar(instrument.calendar)
        self.days: NDArray[np.datetime64] = trading_days_of(bars, self.calendar)
        self.lines: list[Line] = []
        self.orders: list[Order] = []
        self.fills: list[Fill] = []
        self.trips: list[RoundTrip] = []
        self.fill_rows: list[int] = []
        self.cash_after: list[float] = []
        self.quantity_after: list[float] = []
        self.cost_after: list[float] = []
        self.log_lines: list[tuple[int, str]] = []
        self.on_fill: Callable[[Fill], None] | None = None
        self.on_update: Callable[[Order], None] | None = None
        self.venue = SimulatedVenue(
            instrument,
            self.ledger,
            spec.slippage,
            on_booking=self._record,
            on_update=self._announce,
        )
        self.working = self.venue.working
        self._day_numbers = self.days.astype("datetime64[D]").astype(np.int64)
        self._announced: list[Order | Fill] = []

    # What a context asks for

    @property
    def now_ns(self) -> int:
        row = self.cursor.row
        if row < 0:
            return int(self.bars.ts[0])
        close_ns = int(self.bars.ts[row]) + self.bars.timeframe.ns
        # A bar is over at the latest when the next one opens: months differ, sessions end early.
        has_next = row + 1 < len(self.bars)
        return min(close_ns, int(self.bars.ts[row + 1])) if has_next else close_ns

    @property
    def day(self) -> int:
        return int(self._day_numbers[max(self.cursor.row, 0)])

    def close_price(self, symbol: str) -> float:  # noqa: ARG002  one instrument, one price
        # Before the first close, the open is all that an order sent then could know.
        row = self.cursor.row
        return float(self.bars.open[0] if row < 0 else self.bars.close[row])

    def submit(self, ticket: OrderTicket) -> Order:
        order = self.venue.submit(ticket)
        self.orders.append(order)
        return order

    def cancel(self, order: Order) -> None:
        self.venue.cancel(order, self.now_ns)

    def next_order_id(self) -> int:
        return len(self.orders) + 1

    def indicator(
        self,
        name: str,
        args: tuple[Any, ...],
        named: dict[str, Any],
        *,
        symbol: str,  # noqa: ARG002  one instrument
        timeframe: str | None,
    ) -> Line:
        if timeframe not in {None, str(self.bars.timeframe)}:
            raise OtherTimeframe(str(timeframe), str(self.bars.timeframe))
        bound = get_indicator(name).bind(*args, **named)
        return self._follow(bound.label, bound.compute(self.bars))

    def line(self, field: str, *, symbol: str) -> Line:  # noqa: ARG002  one instrument
        columns = {name: getattr(self.bars, name) for name in FIELDS} | dict(self.bars.extras)
        if field not in columns:
            raise NoSuchColumn(field, tuple(columns))
        return self._follow(field, {field: columns[field]})

    def history(self, symbol: str, count: int) -> Bars:  # noqa: ARG002  one instrument
        stop = self.cursor.row + 1
        return self.bars[max(stop - count, 0) : stop]

    def log(self, message: str) -> None:
        if len(self.log_lines) < MAX_LOG_LINES:
            self.log_lines.append((self.now_ns, message))
        elif len(self.log_lines) == MAX_LOG_LINES:
            self.log_lines.append((self.now_ns, "the log is full; further lines are left out"))

    # What the loop asks for

    def load(self, start: int, stop: int) -> list[list[Any]]:
        """Unpack the next piece of the bars and of every line."""
        self.cursor.base = start - 1
        for line in self.lines:
            line.load(start, stop)
        columns = (self.bars.ts, *(getattr(self.bars, name) for name in FIELDS))
        return [column[start:stop].tolist() for column in columns]

    def match(self, ts_ns: int, open_: float, high: float, low: float) -> None:
        """Fill working orders from the present bar, then tell the strategy."""
        self.venue.match_bar(ts_ns, self.day, open_, high, low)
        self.tell()

    def tell(self) -> None:
        """Hand fills and order changes to the strategy, in the order in which they happened."""
        told = 0
        while self._announced:
            told += len(self._announced)
            if told > MAX_NEWS:
                raise RunawayOrders(self.working[-1].id if self.working else len(self.orders))
            news, self._announced = self._announced, []
            for item in news:
                if isinstance(item, Fill):
                    if self.on_fill is not None:
                        self.on_fill(item)
                elif self.on_update is not None:
                    self.on_update(item)

    def _follow(self, label: str, outputs: Mapping[str, FloatArray]) -> Line:
        if self.cursor.row >= 0:
            raise AskedTooLate(label)
        lines: dict[str, Line] = {}
        for name, values in outputs.items():
            lines[name] = Line(label, freeze(values), self.cursor, lines)
        self.lines.extend(lines.values())
        return next(iter(lines.values()))

    def _record(self, booking: Booking) -> None:
        self.fills.append(booking.fill)
        self.trips.extend(booking.trips)
        self.fill_rows.append(self.cursor.row)
        self.cash_after.append(float(booking.cash))
        self.quantity_after.append(float(booking.quantity))
        # What was paid in full is in the cash already.
        self.cost_after.append(float(booking.cost) if self.instrument.is_margined else 0.0)
        if self.on_fill is not None:
            self._announced.append(booking.fill)

    def _announce(self, order: Order) -> None:
        if self.on_update is not None:
            self._announced.append(order)
