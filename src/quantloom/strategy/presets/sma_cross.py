"""Dual moving average: long while the fast average is above the slow one."""

from quantloom.market import Bar
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.lines import crossed_above, crossed_below
from quantloom.strategy.parameters import Parameter


class SmaCross(Strategy):
    """Buys when the fast average crosses above the slow one, leaves when it crosses below."""

    fast: int = Parameter(10, low=2, high=200, description="bars of the fast average")
    slow: int = Parameter(30, low=3, high=400, description="bars of the slow average")

    def initialize(self, ctx: Context) -> None:
        if self.fast >= self.slow:
            raise self.refuse("fast", f"is {self.fast}; it must be below slow, {self.slow}")
        self.fast_average = ctx.indicator("SMA", self.fast)
        self.slow_average = ctx.indicator("SMA", self.slow)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if crossed_above(self.fast_average, self.slow_average):
            # Averages that touch and part again cross twice; the second time is no new entry.
            if ctx.position.is_flat:
                ctx.buy(bar.symbol)
        elif crossed_below(self.fast_average, self.slow_average):
            ctx.close(bar.symbol)
