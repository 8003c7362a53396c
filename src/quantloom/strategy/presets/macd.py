"""MACD: with the trend while its line is above its own average."""

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


class Macd(Strategy):
    """Buys when the MACD crosses above its signal line, leaves when it is below.

    The MACD is the fast exponential average of the closes less the slow one, its signal line the
    exponential average of that. With `both_sides` a crossing below also sells short. With
    `only_with_trend` it buys above zero alone, where the fast average is above the slow one, and
    sells short below zero alone.

    Source:
        Appel, Technical Analysis: Power Tools for Active Investors (2005), chapters 7 and 8.
    """

    fast: int = Parameter(12, low=2, high=200, description="bars of the fast average")
    slow: int = Parameter(26, low=3, high=400, description="bars of the slow average")
    signal: int = Parameter(9, low=2, high=200, description="bars of the signal line")
    only_with_trend: bool = Parameter(
        default=False, description="buy only above zero, sell short only below"
    )
    both_sides: bool = Parameter(default=False, description="also trade short")

    def check(self) -> None:
        """Make sure that the parameters fit each other."""
        if self.fast >= self.slow:
            raise self.refuse("fast", f"is {self.fast}; it must be below slow, {self.slow}")

    def generate_signals(self, bars: Bars) -> Signals:
        self.check()
        lines = compute("MACD", bars, self.fast, self.slow, self.signal)
        macd, average = lines["macd"], lines["signal"]
        rises, falls = rises_through(macd, average), falls_through(macd, average)
        if self.only_with_trend:
            rises, falls = rises & (macd > 0), falls & (macd < 0)
        return Signals(
            entries=rises,
            exits=macd < average,
            short_entries=falls if self.both_sides else None,
            short_exits=macd > average,
            turns=True,
        )

    def initialize(self, ctx: Context) -> None:
        self.check()
        if self.both_sides:
            need_short(self, ctx)
        lines = ctx.indicator("MACD", self.fast, self.slow, self.signal)
        self.macd, self.average = lines.macd, lines.signal

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        # Looked up before leave() sends anything, so that a turn can leave and enter at once.
        is_idle = not ctx.orders(bar.symbol)
        if self.is_over(ctx):
            leave(ctx, bar.symbol)
        if is_idle and self.may_buy() and not ctx.position.is_long:
            ctx.buy(bar.symbol)
        elif is_idle and self.may_short() and not ctx.position.is_short:
            ctx.short(bar.symbol)

    def is_over(self, ctx: Context) -> bool:
        """Whether the lines lie against the position."""
        if ctx.position.is_long:
            return self.macd.value < self.average.value
        return ctx.position.is_short and self.macd.value > self.average.value

    def may_buy(self) -> bool:
        is_wanted = not self.only_with_trend or self.macd.value > 0
        return is_wanted and crossed_above(self.macd, self.average)

    def may_short(self) -> bool:
        is_wanted = self.both_sides and (not self.only_with_trend or self.macd.value < 0)
        return is_wanted and crossed_below(self.macd, self.average)
