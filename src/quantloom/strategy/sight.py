"""What a strategy may see, the same in backtest, paper and live."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from quantloom.errors import Invalid, NotFound
from quantloom.kit import from_day, from_ns
from quantloom.market import Bars, Instrument, Number, exact, exactly
from quantloom.strategy.desk import Desk
from quantloom.strategy.lines import Line
from quantloom.strategy.sizing import Account, Entry, Sizing, Tally
from quantloom.strategy.timers import make_timer
from quantloom.strategy.triggers import Trigger
from quantloom.trading import Order, PositionView, RoundTrip

_OWN = Decimal(1)


class SymbolNotInRun(NotFound):
    """A strategy named an instrument that its run does not hold."""

    code = "strategy.symbol_not_in_run"

    def __init__(self, symbol: object, known: tuple[str, ...]) -> None:
        super().__init__(symbol, known)
        self.symbol, self.known = symbol, known

    def __str__(self) -> str:
        held = ", ".join(self.known)
        if not isinstance(self.symbol, str):
            return f"{self.symbol!r} stands where a symbol belongs; this run holds {held}"
        return f"{self.symbol} is not part of this run; it holds {held}"


class WhichInstrument(Invalid):
    """A strategy named no instrument in a run that holds several."""

    code = "strategy.which_instrument"

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__(known)
        self.known = known

    def __str__(self) -> str:
        return f"this run holds {', '.join(self.known)}; say which one is meant by symbol="


class BadCount(Invalid):
    """A history of no whole number of bars."""

    code = "strategy.bad_count"

    def __init__(self, count: object) -> None:
        super().__init__(count)
        self.count = count

    def __str__(self) -> str:
        return (
            f"history was asked for {self.count!r} bars; the count comes first, "
            "a whole number above zero, and then the symbol"
        )


class Sight:
    """The half of the context that changes nothing: clock, account, positions, prices, lines."""

    __slots__ = ("_desk", "_positions", "_tally")

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._positions: dict[str, PositionView] = {}
        self._tally = Tally()

    @property
    def now(self) -> datetime:
        """The close of the last bar, as an aware UTC datetime."""
        return from_ns(self._desk.now_ns)

    @property
    def trading_day(self) -> date:
        """The session's date; a night session belongs to the next one."""
        return from_day(self._desk.day)

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
        """Cash and equity in the account's currency, marked at the last close."""
        ledger = self._desk.ledger
        with exactly():
            held = ledger.held.items()
            values = (ledger.value(one, self.price(symbol)) for symbol, (one, _) in held)
            return Account(ledger.cash, sum(values, ledger.cash + ledger.receivable))

    @property
    def round_trips(self) -> Sequence[RoundTrip]:
        """What the run has closed so far, oldest first."""
        return self._desk.round_trips

    @property
    def tally(self) -> Tally:
        """How many of them have won and lost, and how much."""
        self._tally.catch_up(self.round_trips)
        return self._tally

    @property
    def random(self) -> np.random.Generator:
        """The run's own generator, started from its seed."""
        return self._desk.random

    def instrument(self, symbol: str | None = None) -> Instrument:
        """The instrument of a symbol; the run's only one where none is named.

        Raises:
            SymbolNotInRun: the run does not hold it.
            WhichInstrument: none was named and the run holds several.
        """
        instruments = self._desk.instruments
        if symbol is None:
            if len(instruments) > 1:
                raise WhichInstrument(tuple(instruments))
            return next(iter(instruments.values()))
        if symbol not in instruments:
            raise SymbolNotInRun(symbol, tuple(instruments))
        return instruments[symbol]

    def price(self, symbol: str | None = None) -> Decimal:
        """The last close, exact; before the run's first bar its open.

        Raises:
            NoPriceYet: the instrument has had no bar yet, and its first one is not the run's.
        """
        return exact(self._desk.close_price(self.instrument(symbol).symbol))

    def rate(self, symbol: str | None = None) -> Decimal:
        """What one unit of an instrument's currency is worth in the account's, at the last close.

        Returns:
            1 where they are the same.
        """
        return self._desk.ledger.rate(self.instrument(symbol).symbol) or _OWN

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
        """The last `count` closed bars, fewer at the start; read-only, not copied.

        Raises:
            BadCount: no whole number above zero.
        """
        given: object = count  # whatever its annotation says
        if not isinstance(given, int | np.integer) or count < 1:
            raise BadCount(count)
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
