"""Strategies of the compiled part of Python, from a plain crossing to machines with states."""

import math

from quantloom.market import Bar
from quantloom.strategy import (
    Context,
    Line,
    Parameter,
    Strategy,
    compiled,
    crossed_above,
    crossed_below,
    crossing,
    percent,
    points,
    ticks,
    trailing,
)

TICK = 0.01


@compiled
class Cross(Strategy):
    """A plain crossing, sized by the run."""

    fast: int = Parameter(3, low=2)
    slow: int = Parameter(8, low=3)

    def initialize(self, ctx: Context) -> None:
        self.fast_average = ctx.indicator("SMA", self.fast)
        self.slow_average = ctx.indicator("SMA", self.slow)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if crossed_above(self.fast_average, self.slow_average):
            if ctx.position.is_flat:
                ctx.buy(bar.symbol)
        elif crossed_below(self.fast_average, self.slow_average):
            ctx.close(bar.symbol)


@compiled
class Turning(Strategy):
    """Always in the market, through zero in one order."""

    quantity: int = Parameter(2, low=1)

    def initialize(self, ctx: Context) -> None:
        self.average = ctx.indicator("EMA", 5)
        self.close = ctx.line("close")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        average = self.average
        if not average.is_ready:
            return
        side = 1 if bar.close > average.value else -1
        if self.close[-3] > self.close.previous > bar.close:
            side *= 2
        ctx.target_quantity(bar.symbol, side * self.quantity)


@compiled
class Bracketed(Strategy):
    """Entries with both ways out, at distances of every kind."""

    way: int = Parameter(0, low=0, high=5)

    def initialize(self, ctx: Context) -> None:
        self.count = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.count += 1
        if not ctx.position.is_flat or self.count % 3:
            return
        if self.way == 0:
            ctx.buy(bar.symbol, 2, stop_loss=percent(1.5), take_profit=percent(2))
        elif self.way == 1:
            ctx.short(bar.symbol, 2, stop_loss=ticks(70), take_profit=points(1.25))
        elif self.way == 2:
            ctx.buy(bar.symbol, 3, stop_loss=trailing(percent(1)))
        elif self.way == 3:
            ctx.short(bar.symbol, 3, stop_loss=trailing(points(0.8)), take_profit=ticks(150))
        elif self.way == 4:
            ctx.buy(bar.symbol, stop_loss=round(bar.close * 0.98, 2), take_profit=percent(3))
        else:
            ctx.buy(bar.symbol, 1, take_profit=round(bar.close * 1.01, 2))


@compiled
class Resting(Strategy):
    """Limit orders that are taken back, and stops."""

    away: float = Parameter(0.05, low=0.0)

    def initialize(self, ctx: Context) -> None:
        self.sent_at = -10
        self.bar = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.bar += 1
        waited = self.bar - self.sent_at
        if waited >= 3:
            ctx.cancel_all(bar.symbol)
            below = self.rounded(bar.close - self.away)
            above = self.rounded(bar.close + self.away)
            if ctx.position.is_flat:
                ctx.buy(bar.symbol, 2, price=below)
                ctx.short(bar.symbol, 1, price=above)
            elif ctx.position.is_long:
                ctx.sell(bar.symbol, price=above)
                ctx.sell(bar.symbol, 1, stop=below)
            else:
                ctx.cover(bar.symbol, stop=above, price=self.rounded(above + 0.3))
            self.sent_at = self.bar

    def rounded(self, price: float) -> float:
        return max(round(price, 2), TICK)


@compiled
class Pyramid(Strategy):
    """Adds to what wins, leaves all at once."""

    most: int = Parameter(4, low=1)

    def initialize(self, ctx: Context) -> None:
        self.last = math.nan

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        position = ctx.position
        if position.is_flat:
            self.last = math.nan
            if bar.close > bar.open:
                ctx.buy(bar.symbol, 1)
                self.last = bar.close
        elif bar.close < position.average_price * 0.99:
            ctx.close(bar.symbol)
        elif position.quantity < self.most and bar.close > self.last * 1.005:
            ctx.buy(bar.symbol, 1)
            self.last = bar.close


@compiled
class States(Strategy):
    """A machine with states, kept in whole numbers and bools."""

    def initialize(self, ctx: Context) -> None:
        self.state, self.is_armed = 0, False
        self.high = self.low = 0.0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.state == 0:
            self.high = bar.high
            self.low = bar.low
            self.state = 1
        elif self.state == 1 and bar.close <= self.high:
            self.high = min(self.high, bar.high)
        elif self.state == 1:
            self.is_armed = not self.is_armed
            if self.is_armed:
                ctx.buy(bar.symbol, stop_loss=points(1))
            self.state = 2
        elif self.state >= 2:
            self.state += 1
            if self.state > 5 or bar.low < self.low:
                ctx.cancel_all()
                ctx.close(bar.symbol)
                self.state = 0


@compiled
class Summing(Strategy):
    """Loops over what has been, and calls itself by parts."""

    window: int = Parameter(5, low=1)

    def initialize(self, ctx: Context) -> None:
        self.close = ctx.line("close")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        mean = self.mean(self.close, self.window)
        rises = 0
        for back in range(2, self.window + 1):
            if math.isnan(self.close[-back]):
                break
            if self.close[-back] == bar.close:
                continue
            rises += 1 if self.close[-back] < bar.close else -1
        if rises > 1 and bar.close > mean:
            self.enter(ctx, bar, rises)
        elif rises < -1:
            ctx.close(bar.symbol)

    def mean(self, line: Line, count: int) -> float:
        total = 0.0
        for back in range(1, count + 1):
            total += line[-back]
        return total / count

    def enter(self, ctx: Context, bar: Bar, count: int) -> None:
        if not ctx.position:
            ctx.buy(bar.symbol, count)


@compiled
class Weighted(Strategy):
    """Weights and values as targets."""

    def initialize(self, ctx: Context) -> None:
        self.strength = ctx.indicator("RSI", 4)
        self.before = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if not self.strength.is_ready:
            return
        side = -1 if self.strength.value > 70 else 1 if self.strength.value < 30 else 0
        if side != self.before:
            if side < 0:
                ctx.target_value(bar.symbol, -30_000)
            else:
                ctx.target_weight(bar.symbol, 0.6 * side)
            self.before = side


@compiled
class Counting(Strategy):
    """Sizes by its own money, through floats and whole numbers."""

    share: float = Parameter(0.3, low=0.0, high=1.0)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        equity = float(ctx.account.equity)
        lots = int(equity * self.share / bar.close)
        if ctx.account.cash > 1_000 and bar.close < bar.open and lots >= 1:
            ctx.buy(bar.symbol, min(lots, 5))
        elif bar.close > bar.open:
            ctx.sell(bar.symbol)


@compiled
class Waking(Strategy):
    """Called only where it is to act."""

    def initialize(self, ctx: Context) -> None:
        self.average = ctx.indicator("SMA", 4)
        self.close = ctx.line("close")
        ctx.wake_on(crossing(self.close, self.average))

    def warm_up(self) -> int:
        return 6

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.close.value > self.average.value:
            ctx.buy(bar.symbol, 1)
        else:
            ctx.sell(bar.symbol)


@compiled
class Banded(Strategy):
    """Outputs of one indicator, and sizes by risk where the run says so."""

    def initialize(self, ctx: Context) -> None:
        self.bands = ctx.indicator("BBANDS", 12)
        self.moves = ctx.indicator("MACD", 3, 6, 3)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        is_low = bar.close < self.bands.lower.value
        is_high = bar.close > self.bands.upper.value
        if is_low and ctx.position.is_flat:
            ctx.buy(bar.symbol, stop_loss=percent(2), take_profit=percent(4))
        elif is_high and not ctx.position.is_short:
            ctx.short(bar.symbol, stop_loss=round(bar.close + 1.5, 2))
        elif crossed_above(self.moves.signal, 0) or crossed_below(self.moves.signal, 0.05):
            ctx.close(bar.symbol)


@compiled
class Reckoning(Strategy):
    """Arithmetic of every kind decides."""

    def initialize(self, ctx: Context) -> None:
        self.seed = 12_345
        self.energy = 0.0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.seed = (self.seed * 1_103 + 12_347) % 65_536
        draw = self.seed // 6_554
        span = bar.high - bar.low
        self.energy = 0.9 * self.energy + math.sqrt(span) ** 1.5 - math.log(1 + span)
        is_on = (self.energy > 0 and -3 <= math.floor(-draw / 2) < 0) or draw == 9
        if is_on and abs(draw - 5) > 1:
            ctx.target_quantity(bar.symbol, draw - 4)
        elif draw == 4:
            ctx.sell(bar.symbol)
            ctx.cover(bar.symbol)


EVERY = (
    Cross,
    Turning,
    Bracketed,
    Resting,
    Pyramid,
    States,
    Summing,
    Weighted,
    Counting,
    Waking,
    Banded,
    Reckoning,
)
