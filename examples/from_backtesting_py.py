"""Two strategies of backtesting.py's users, ported; docs/how-to/coming-from-backtesting-py.md."""

from quantloom import Bar, Context, Parameter, Strategy, crossed_above

# More than the account carries: the fill is trimmed to what it does, as a full size is there.
ALL_IN = 2


class SmaCross(Strategy):
    """Long after one average crosses above the other, short after it crosses below."""

    n1: int = Parameter(10, low=2, high=200)
    n2: int = Parameter(20, low=2, high=400)

    def initialize(self, ctx: Context) -> None:
        self.sma1 = ctx.indicator("SMA", self.n1)
        self.sma2 = ctx.indicator("SMA", self.n2)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if crossed_above(self.sma1, self.sma2):
            ctx.target_weight(bar.symbol, ALL_IN)
        elif crossed_above(self.sma2, self.sma1):
            ctx.target_weight(bar.symbol, -ALL_IN)


class Bracket(Strategy):
    """Long after a cross above, with a stop and a target on each entry."""

    n1: int = Parameter(10, low=2, high=200)
    n2: int = Parameter(20, low=2, high=400)

    def initialize(self, ctx: Context) -> None:
        self.sma1 = ctx.indicator("SMA", self.n1)
        self.sma2 = ctx.indicator("SMA", self.n2)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.position.is_flat and crossed_above(self.sma1, self.sma2):
            ctx.buy(
                bar.symbol,
                10,
                stop_loss=round(bar.close * 0.98, 2),
                take_profit=round(bar.close * 1.02, 2),
            )
