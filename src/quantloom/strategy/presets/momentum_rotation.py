"""Momentum rotation: hold what has risen most, looked over once a month."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from quantloom.kit import FloatArray
from quantloom.market import Bar
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.panel import Panel
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.needs import need_several
from quantloom.strategy.presets.past import past_closes, shown_closes
from quantloom.strategy.rebalancing import rebalance
from quantloom.strategy.weights import Weights


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

    def check(self, symbols: Iterable[str]) -> None:
        """Make sure that the parameters fit each other and the run."""
        listed = need_several(self, symbols)
        if self.skip >= self.lookback:
            problem = f"is {self.skip}; it must be below lookback, {self.lookback}"
            raise self.refuse("skip", problem)
        if self.top > len(listed):
            raise self.refuse("top", f"is {self.top}; the run holds {len(listed)} instruments")

    def generate_weights(self, panel: Panel) -> Weights:
        self.check(panel.symbols)
        rows = np.union1d(panel.monthly(), [panel.first])

        def decide(past: Panel) -> list[float]:
            return self.weigh(shown_closes(past, self.lookback))

        return panel.decide(rows[rows >= panel.first], decide)

    def initialize(self, ctx: Context) -> None:
        self.check(ctx.portfolio)
        self.month: date | None = None

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:  # noqa: ARG002  the base's
        month = ctx.trading_day.replace(day=1)
        if month == self.month:
            return
        self.month = month
        closes = [past_closes(ctx, symbol, self.lookback) for symbol in ctx.portfolio]
        rebalance(ctx, dict(zip(ctx.portfolio, self.weigh(closes), strict=True)))

    def weigh(self, closes: Sequence[FloatArray | None]) -> list[float]:
        """What to hold of each instrument, by its closes that reach back far enough."""
        known = {place: self.momentum(one) for place, one in enumerate(closes) if one is not None}
        best = sorted(known, key=lambda place: known[place], reverse=True)[: self.top]
        chosen = {place for place in best if known[place] > 0 or not self.absolute}
        part = self.exposure / self.top
        return [part if place in chosen else 0.0 for place in range(len(closes))]

    def momentum(self, close: FloatArray) -> float:
        return float(close[-1 - self.skip] / close[0]) - 1
