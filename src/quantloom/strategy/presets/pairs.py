"""Pairs: sell the dear one and buy the cheap one of two prices that move together."""

import math
from collections import deque
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from quantloom.market import Bar, exact, exactly
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.leaving import leave
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.cointegration import LEVELS, Hedge, fit_hedge
from quantloom.strategy.presets.needs import need_several, need_short
from quantloom.strategy.sizing import lots_worth
from quantloom.trading import Order, OrderStatus


class Pairs(Strategy):
    """Sells the dear one of two cointegrated prices and buys the cheap one, in equal money.

    Every `refit` bars, while nothing is held, the log of the first price is regressed on that of
    the second over `window` bars, and the pair is traded only if what is left returns to its
    mean by the test of Engle and Granger. The score is the present spread in its standard
    deviations. Both legs are entered past `entry`, and left inside `leave`, past `stop`, or after
    `longest` bars; after the last two no trade starts before the score has come back. If
    one leg is refused, the other is closed.

    Source:
        Gatev, Goetzmann and Rouwenhorst, Pairs Trading, Review of Financial Studies 19 (2006), for
        equal money and the longest holding; Vidyamurthy, Pairs Trading (2004), chapters 5 to 8.
    """

    window: int = Parameter(250, low=30, high=2000, description="bars of the regression")
    refit: int = Parameter(20, low=1, high=1000, description="bars from one regression to the next")
    level: int = Parameter(5, choices=LEVELS, description="percent of chance in the test")
    lags: int = Parameter(1, low=0, high=10, description="earlier changes in the test")
    entry: float = Parameter(2.0, low=0.1, high=10.0, description="score past which it enters")
    leave: float = Parameter(0.5, low=0.0, high=10.0, description="score inside which it leaves")
    stop: float = Parameter(4.0, low=0.2, high=20.0, description="score past which it gives up")
    longest: int = Parameter(125, low=1, high=5000, description="bars that a trade may last")
    exposure: float = Parameter(0.45, low=0.05, high=5.0, description="each leg over equity")

    def initialize(self, ctx: Context) -> None:
        self.first, self.second = need_several(self, ctx.portfolio, most=2)
        if not self.leave < self.entry < self.stop:
            problem = f"is {self.entry}; it must lie between leave, {self.leave}, and stop"
            raise self.refuse("entry", f"{problem}, {self.stop}")
        need_short(self, ctx, "entry")
        self.prices: deque[tuple[float, float]] = deque(maxlen=self.window)
        self.hedge: Hedge | None = None
        self.age = self.held = self.side = 0
        self.is_leaving = self.is_barred = False
        self.legs: list[Order] = []

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        # A holiday of one of them says nothing about the spread.
        if len(bars) < 2:
            return
        now = bars[self.first].close, bars[self.second].close
        self.prices.append(now)
        self.age += 1
        if any(leg.status is OrderStatus.REJECTED for leg in self.legs):
            self.give_up()
        if any(not position.is_flat for position in ctx.portfolio.values()):
            self.hold(ctx, self.score(now))
        elif not ctx.orders():
            self.fit()
            self.seek(ctx, self.score(now))

    def fit(self) -> None:
        if len(self.prices) == self.window and (self.hedge is None or self.age >= self.refit):
            self.age = 0
            first, second = np.array(self.prices).T
            self.hedge = fit_hedge(first, second, self.lags)

    def score(self, now: tuple[float, float]) -> float:
        return math.nan if self.hedge is None else self.hedge.score(*now)

    def seek(self, ctx: Context, score: float) -> None:
        if score * self.side <= self.leave:
            self.is_barred = False
        is_far = self.entry < abs(score) < self.stop
        if is_far and not self.is_barred and self.hedge and self.hedge.holds(self.level):
            self.enter(ctx, score)

    def enter(self, ctx: Context, score: float) -> None:
        money = exact(self.exposure) * ctx.account.equity
        dear, cheap = (self.first, self.second) if score > 0 else (self.second, self.first)
        sold, bought = self.lots(ctx, dear, money), self.lots(ctx, cheap, money)
        if not (sold and bought):
            ctx.log(f"no trade at a score of {score:.2f}: {money:.0f} is less than a lot")
            return
        self.side, self.held, self.is_leaving = (1 if score > 0 else -1), 0, False
        self.legs = [ctx.short(dear, sold), ctx.buy(cheap, bought)]

    def lots(self, ctx: Context, symbol: str, money: Decimal) -> Decimal:
        with exactly():
            return lots_worth(ctx.instrument(symbol), money, ctx.price(symbol))

    def hold(self, ctx: Context, score: float) -> None:
        self.held += 1
        distance = score * self.side
        if distance >= self.stop or self.held >= self.longest:
            self.give_up()
        if self.is_leaving or distance <= self.leave:
            self.is_leaving = True
            for symbol in ctx.portfolio:
                leave(ctx, symbol)

    def give_up(self) -> None:
        self.is_leaving = self.is_barred = True
        self.legs = []
