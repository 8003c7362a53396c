"""Dual moving average: long while the fast average is above the slow one."""

from quantloom.indicators import compute
from quantloom.market import Bar, Bars
from quantloom.strategy.base import Strategy
from quantloom.strategy.columns import rises_through
from quantloom.strategy.context import Context
from quantloom.strategy.leaving import leave
from quantloom.strategy.lines import crossed_above
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.signals import Signals


class SmaCross(Strategy):
    """Buys when the fast average crosses above the slow one, leaves when it has fallen below."""

    fast: int = Parameter(10, low=2, high=200, description="bars of the fast average")
    slow: int = Parameter(30, low=3, high=400, description="bars of the slow average")

    def check(self) -> None:
        """Make sure that the parameters fit each other."""
        if self.fast >= self.slow:
            raise self.refuse("fast", f"is {self.fast}; it must be below slow, {self.slow}")

    def generate_signals(self, bars: Bars) -> Signals:
        self.check()
        fast = compute("SMA", bars, self.fast)["value"]
        slow = compute("SMA", bars, self.slow)["value"]
        return Signals(entries=rises_through(fast, slow), exits=fast < slow)

    def initialize(self, ctx: Context) -> None:
        self.check()
        self.fast_average = ctx.indicator("SMA", self.fast)
        self.slow_average = ctx.indicator("SMA", self.slow)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if crossed_above(self.fast_average, self.slow_average):
            # Averages that touch and part again cross twice; the second time is no new entry.
            if ctx.position.is_flat and not ctx.orders(bar.symbol):
                ctx.buy(bar.symbol)
        elif self.fast_average.value < self.slow_average.value and ctx.position.is_long:
            leave(ctx, bar.symbol)
