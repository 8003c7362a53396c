"""What a context stands on; each way to run a strategy brings its own."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from quantloom.market import Bars, Instrument
from quantloom.strategy.lines import Line
from quantloom.strategy.sizing import Sizing
from quantloom.trading import Ledger, Order, OrderTicket


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

    def close_price(self, symbol: str) -> float: ...

    def submit(self, ticket: OrderTicket) -> Order: ...

    def cancel(self, order: Order) -> None: ...

    def indicator(
        self,
        name: str,
        args: tuple[Any, ...],
        named: dict[str, Any],
        *,
        symbol: str,
        timeframe: str | None,
    ) -> Line: ...

    def line(self, field: str, *, symbol: str) -> Line: ...

    def history(self, symbol: str, count: int) -> Bars: ...

    def next_order_id(self) -> int: ...

    def log(self, message: str) -> None: ...
