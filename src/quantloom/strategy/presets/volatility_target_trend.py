"""Trend at a target volatility: the sign of past returns, scaled by how much the price moves."""

from collections.abc import Mapping, Sequence

from quantloom.kit import FloatArray
from quantloom.market import Bar
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.panel import Panel
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.needs import need_short
from quantloom.strategy.presets.past import past_closes, shown_closes
from quantloom.strategy.rebalancing import rebalance
from quantloom.strategy.weights import Weights


class VolatilityTargetTrend(Strategy):
    """Holds what has risen, in the size at which its volatility is a set share of equity.

    Every `rebalance` bars each instrument is looked at: the sign of its return over `lookback`
    bars says the side, and the target volatility over its own of the last `window` bars the
    weight, at most `cap`. Several instruments share equity evenly. What has fallen is sold short
    with `both_sides`, and not held otherwise.

    Source:
        Moskowitz, Ooi and Pedersen, Time Series Momentum, Journal of Financial Economics 104
        (2012), section 4.1. Their volatility is exponentially weighted, their target 40 %.
    """

    lookback: int = Parameter(252, low=2, high=2000, description="bars whose return says the side")
    window: int = Parameter(60, low=10, high=500, description="bars of the volatility")
    target: float = Parameter(
        15.0, low=0.5, high=100.0, description="percent a year that a position may vary"
    )
    cap: float = Parameter(0.95, low=0.05, high=10.0, description="notional over equity, at most")
    rebalance: int = Parameter(21, low=1, high=500, description="bars from one look to the next")
    both_sides: bool = Parameter(default=False, description="also trade short")

    def generate_weights(self, panel: Panel) -> Weights:
        def decide(past: Panel) -> list[float]:
            closes = shown_closes(past, self.lookback)
            return self.weigh(closes, past.volatility(self.window).tolist())

        return panel.decide(
            panel.every(self.rebalance, start=panel.first + self.rebalance - 1), decide
        )

    def initialize(self, ctx: Context) -> None:
        if self.both_sides:
            need_short(self, ctx)
        self.count = 0

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:  # noqa: ARG002  the base's
        self.count += 1
        if self.count % self.rebalance:
            return
        symbols = [*ctx.portfolio]
        closes = [past_closes(ctx, symbol, self.lookback) for symbol in symbols]
        volatilities = [ctx.volatility(symbol, self.window) for symbol in symbols]
        rebalance(ctx, dict(zip(symbols, self.weigh(closes, volatilities), strict=True)))

    def weigh(
        self, closes: Sequence[FloatArray | None], volatilities: Sequence[float]
    ) -> list[float]:
        """Signed shares of equity; 0 while too few bars of an instrument are known."""
        known = zip(closes, volatilities, strict=True)
        return [self.weight(close, volatility) / len(closes) for close, volatility in known]

    def weight(self, close: FloatArray | None, volatility: float) -> float:
        """Signed share of equity before it is shared out."""
        if close is None or not volatility > 0:
            return 0.0
        has_risen = close[-1] > close[0]
        size = min(self.cap, self.target / 100 / volatility)
        if has_risen:
            return size
        return -size if self.both_sides else 0.0
