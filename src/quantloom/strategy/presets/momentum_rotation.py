"""Momentum rotation: hold what has risen most, looked over once a month."""

from collections.abc import Mapping
from decimal import Decimal

from quantloom.market import Bar
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.needs import need_several
from quantloom.strategy.presets.past import past_closes
from quantloom.trading import worth


class MomentumRotation(Strategy):
    """Holds in equal parts the instruments that rose most, chosen anew each month.

    On the first bar of a month the instruments are ranked by their return over `lookback` bars
    that ended `skip` bars ago: the last weeks are left out because they tend to turn. The best
    `top` get an equal share of `exposure` each. With `absolute` what has fallen is not held even
    if it ranks among them; its share stays in cash.

    Source:
        Jegadeesh and Titman, Returns to Buying Winners and Selling Losers, Journal of Finance 48
        (1993); Antonacci, Dual Momentum Investing (2014), for the rule of `absolute`.
    """

    lookback: int = Parameter(252, low=2, high=2000, description="bars from the first price to now")
    skip: int = Parameter(21, low=0, high=500, description="last bars that are left out")
    top: int = Parameter(3, low=1, high=100, description="instruments held at most")
    absolute: bool = Parameter(default=True, description="hold cash instead of what has fallen")
    exposure: float = Parameter(0.95, low=0.05, high=5.0, description="notional over equity")

    def initialize(self, ctx: Context) -> None:
        symbols = need_several(self, ctx)
        if self.skip >= self.lookback:
            problem = f"is {self.skip}; it must be below lookback, {self.lookback}"
            raise self.refuse("skip", problem)
        if self.top > len(symbols):
            raise self.refuse("top", f"is {self.top}; the run holds {len(symbols)} instruments")
        self.month = 0

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:  # noqa: ARG002  the base's
        if ctx.trading_day.month == self.month:
            return
        self.month = ctx.trading_day.month
        chosen = self.choose(ctx)
        # Sales go first, also those of what has grown: what they bring in pays for the purchases.
        for symbol in ctx.portfolio:
            if symbol not in chosen:
                ctx.close(symbol)
        for symbol in sorted(chosen, key=lambda one: self.value(ctx, one), reverse=True):
            ctx.target_weight(symbol, self.exposure / self.top)

    def choose(self, ctx: Context) -> list[str]:
        """The best, best first, of those whose bars reach back far enough."""
        found = {symbol: self.momentum(ctx, symbol) for symbol in ctx.portfolio}
        known = {symbol: value for symbol, value in found.items() if value is not None}
        best = sorted(known, key=lambda symbol: known[symbol], reverse=True)[: self.top]
        return [symbol for symbol in best if known[symbol] > 0 or not self.absolute]

    def value(self, ctx: Context, symbol: str) -> Decimal:
        quantity = ctx.position_of(symbol).quantity
        return worth(ctx.instrument(symbol), quantity, ctx.price(symbol)).copy_sign(quantity)

    def momentum(self, ctx: Context, symbol: str) -> float | None:
        """The return between the two bars; None where it is not known."""
        close = past_closes(ctx, symbol, self.lookback)
        return None if close is None else float(close[-1 - self.skip] / close[0]) - 1
