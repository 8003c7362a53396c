"""Bollinger reversion: buy below the lower band, leave at the middle one."""

from quantloom.indicators import compute
from quantloom.market import Bar, Bars
from quantloom.strategy.base import Strategy
from quantloom.strategy.columns import falls_through, rises_through
from quantloom.strategy.context import Context
from quantloom.strategy.leaving import leave
from quantloom.strategy.lines import crossed_above, crossed_below
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.needs import need_short
from quantloom.strategy.signals import Signals
from quantloom.trading import PositionView


class Bollinger(Strategy):
    """Buys a close that falls through the lower band, leaves when one rises through the middle.

    With `both_sides` it also sells short a close that rises through the upper band, and covers
    when one falls through the middle.
    """

    period: int = Parameter(20, low=2, high=400, description="bars of the bands")
    width: float = Parameter(2.0, low=0.1, high=10.0, description="standard deviations")
    both_sides: bool = Parameter(default=False, description="also trade short")

    def generate_signals(self, bars: Bars) -> Signals:
        bands = compute("BBANDS", bars, self.period, self.width, self.width)
        close, middle = bars.close, bands["middle"]
        shorts = rises_through(close, bands["upper"]) if self.both_sides else None
        return Signals(
            entries=falls_through(close, bands["lower"]),
            exits=close > middle,
            short_entries=shorts,
            short_exits=close < middle,
        )

    def initialize(self, ctx: Context) -> None:
        if self.both_sides:
            need_short(self, ctx)
        self.close = ctx.line("close")
        bands = ctx.indicator("BBANDS", self.period, self.width, self.width)
        self.upper, self.middle, self.lower = bands.upper, bands.middle, bands.lower

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.is_back(ctx.position):
            leave(ctx, bar.symbol)
        elif ctx.position.is_flat and not ctx.orders(bar.symbol):
            self.enter(ctx, bar)

    def enter(self, ctx: Context, bar: Bar) -> None:
        if crossed_below(self.close, self.lower):
            ctx.buy(bar.symbol)
        elif self.both_sides and crossed_above(self.close, self.upper):
            ctx.short(bar.symbol)

    def is_back(self, position: PositionView) -> bool:
        """Whether the price has returned to the middle band."""
        if position.is_long:
            return self.close.value > self.middle.value
        return position.is_short and self.close.value < self.middle.value
