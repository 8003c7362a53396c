"""RSI reversion: buy what was oversold and turns, leave when it is overbought."""

from quantloom.indicators import compute
from quantloom.market import Bar, Bars
from quantloom.strategy.base import Strategy
from quantloom.strategy.columns import falls_through, rises_through
from quantloom.strategy.context import Context
from quantloom.strategy.leaving import leave
from quantloom.strategy.lines import crossed_above, crossed_below
from quantloom.strategy.ordering import EntryTerms
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.needs import need_short
from quantloom.strategy.signals import Signals
from quantloom.trading import percent


class Rsi(Strategy):
    """Buys when the RSI comes back above the oversold level, leaves above the overbought one.

    Every entry carries a stop some percent away, which waits at the venue. With `both_sides` it
    also sells short when the RSI comes back below the overbought level, and covers below the
    oversold one.

    Source:
        Wilder, New Concepts in Technical Trading Systems (1978), section VI.
    """

    period: int = Parameter(14, low=2, high=200, description="bars of the RSI")
    oversold: float = Parameter(30.0, low=1.0, high=99.0, description="RSI below which it is low")
    overbought: float = Parameter(
        70.0, low=1.0, high=99.0, description="RSI above which it is high"
    )
    stop: float = Parameter(
        10.0, low=0.0, high=50.0, description="percent from the entry to its stop; 0 for none"
    )
    both_sides: bool = Parameter(default=False, description="also trade short")

    def check(self) -> None:
        """Make sure that the parameters fit each other."""
        if self.oversold >= self.overbought:
            problem = f"is {self.oversold}; it must be below overbought, {self.overbought}"
            raise self.refuse("oversold", problem)

    def generate_signals(self, bars: Bars) -> Signals:
        self.check()
        rsi = compute("RSI", bars, self.period)["value"]
        return Signals(
            entries=rises_through(rsi, self.oversold),
            exits=rsi > self.overbought,
            short_entries=falls_through(rsi, self.overbought) if self.both_sides else None,
            short_exits=rsi < self.oversold,
            stop_loss=percent(self.stop) if self.stop else None,
        )

    def initialize(self, ctx: Context) -> None:
        self.check()
        if self.both_sides:
            need_short(self, ctx)
        self.rsi = ctx.indicator("RSI", self.period)
        self.terms: EntryTerms = {"stop_loss": percent(self.stop)} if self.stop else {}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.is_over(ctx):
            leave(ctx, bar.symbol)
        elif ctx.position.is_flat and not ctx.orders(bar.symbol):
            self.enter(ctx, bar)

    def is_over(self, ctx: Context) -> bool:
        """Whether the RSI has reached the other level."""
        if ctx.position.is_long:
            return self.rsi.value > self.overbought
        return ctx.position.is_short and self.rsi.value < self.oversold

    def enter(self, ctx: Context, bar: Bar) -> None:
        if crossed_above(self.rsi, self.oversold):
            ctx.buy(bar.symbol, **self.terms)
        elif self.both_sides and crossed_below(self.rsi, self.overbought):
            ctx.short(bar.symbol, **self.terms)
