"""What a context stands on; each way to run a strategy brings its own."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from quantloom.market import Bars, Instrument
from quantloom.strategy.lines import Line
from quantloom.strategy.sizing import Sizing
from quantloom.strategy.timers import Timer
from quantloom.strategy.triggers import Trigger
from quantloom.trading import Ledger, Order, OrderTicket, Refused, RoundTrip


class Desk(Protocol):
    """What a context stands on: the backtest's engine here, the trading engine when live."""

    instruments: Mapping[str, Instrument]
    ledger: Ledger
    random: np.random.Generator

    @property
    def sizing(self) -> Sizing: ...

    @property
    def now_ns(self) -> int:
        """The instant at which the strategy acts: the close of the last bar it has seen."""
        ...

    @property
    def day(self) -> int:
        """Trading day as days since 1970."""
        ...

    @property
    def working(self) -> list[Order]: ...

    @property
    def round_trips(self) -> Sequence[RoundTrip]:
        """What was closed so far, oldest first."""
        ...

    def close_price(self, symbol: str) -> float: ...

    def volatility(self, symbol: str, window: int) -> float:
        """Of the log returns of the last `window` closes, a year's; NaN while unknown."""
        ...

    def average_range(self, symbol: str, period: int) -> float:
        """The average true range at the last close; NaN while unknown."""
        ...

    def submit(
        self,
        ticket: OrderTicket,
        children: Sequence[OrderTicket] = (),
        refusal: Refused | None = None,
    ) -> Order: ...

    def cancel(self, orders: Sequence[Order]) -> None: ...

    def link(self, orders: Sequence[Order]) -> None:
        """Let the first fill of one of these orders cancel the others."""
        ...

    def indicator(
        self,
        name: str,
        args: tuple[Any, ...],
        named: dict[str, Any],
        *,
        symbol: str,
        timeframe: str | None,
    ) -> Line: ...

    def line(self, field: str, *, symbol: str, timeframe: str | None) -> Line: ...

    def history(self, symbol: str, count: int, timeframe: str | None) -> Bars: ...

    def add_timer(self, timer: Timer) -> None: ...

    def wake_on(self, triggers: Sequence[Trigger]) -> None:
        """Call `on_bar` and `on_bars` only where one of these holds."""
        ...

    def next_order_id(self) -> int: ...

    def log(self, message: str) -> None: ...
