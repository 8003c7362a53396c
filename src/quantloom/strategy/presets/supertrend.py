"""Supertrend: long above a stop that trails by the average true range."""

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


class SuperTrend(Strategy):
    """Buys when the Supertrend turns up, leaves when it has turned down.

    The Supertrend is a stop some average true ranges from the middle of the bars, which moves
    with the trend alone and changes its side when a close passes it. With `both_sides` it also
    sells short when it turns down.

    Source:
        Seban, Tout le monde mérite d'être riche (2005); the values are TA-Lib's.
    """

    period: int = Parameter(10, low=2, high=200, description="bars of the average true range")
    ranges: float = Parameter(3.0, low=0.1, high=20.0, description="true ranges to the stop")
    both_sides: bool = Parameter(default=False, description="also trade short")

    def generate_signals(self, bars: Bars) -> Signals:
        trend = compute("SUPERTREND", bars, self.period, self.ranges)["trend"]
        return Signals(
            entries=rises_through(trend, 0.0),
            exits=trend < 0,
            short_entries=falls_through(trend, 0.0) if self.both_sides else None,
            short_exits=trend > 0,
            turns=True,
        )

    def initialize(self, ctx: Context) -> None:
        if self.both_sides:
            need_short(self, ctx)
        self.trend = ctx.indicator("SUPERTREND", self.period, self.ranges).trend

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        # Looked up before leave() sends anything, so that a turn can leave and enter at once.
        is_idle = not ctx.orders(bar.symbol)
        if self.is_over(ctx):
            leave(ctx, bar.symbol)
        if is_idle and crossed_above(self.trend, 0.0) and not ctx.position.is_long:
            ctx.buy(bar.symbol)
        elif is_idle and self.falls() and not ctx.position.is_short:
            ctx.short(bar.symbol)

    def falls(self) -> bool:
        """Whether the trend turns down, and that may be traded."""
        return self.both_sides and crossed_below(self.trend, 0.0)

    def is_over(self, ctx: Context) -> bool:
        """Whether the trend has turned against the position."""
        if ctx.position.is_long:
            return self.trend.value < 0
        return ctx.position.is_short and self.trend.value > 0
