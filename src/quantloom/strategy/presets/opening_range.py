"""Opening range: go with the first break of the day's first minutes, be flat by its close."""

from datetime import datetime, timedelta

from quantloom.market import Bar
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.leaving import leave
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.needs import need_short
from quantloom.trading import Order


class OpeningRange(Strategy):
    """Buys when the price leaves the range of the day's first minutes upwards, for the day only.

    Once the trading day is `minutes` old a stop order waits a tick above the range, with its own
    stop a tick below it. With `both_sides` one waits below as well, mirrored, and the first to
    fill cancels the other; so there is one entry a day. Orders that have not filled when the day
    is `latest` minutes old are taken back, and what is open is sold at the day's close. For bars
    shorter than a day.

    Source:
        Crabel, Day Trading with Short Term Price Patterns and Opening Range Breakout (1990). His
        distance from the open is here the range itself.
    """

    minutes: int = Parameter(30, low=1, high=600, description="length of the range")
    latest: int = Parameter(150, low=2, high=1400, description="age of the day without new entries")
    both_sides: bool = Parameter(default=False, description="also trade short")

    def initialize(self, ctx: Context) -> None:
        if self.minutes >= self.latest:
            problem = f"is {self.minutes}; it must be below latest, {self.latest}"
            raise self.refuse("minutes", problem)
        if not ctx.history(1).timeframe.is_intraday:
            raise self.refuse("minutes", "is about the course of a day; give shorter bars than 1d")
        if self.both_sides:
            need_short(self, ctx)
        self.opened: datetime | None = None
        self.is_done = False
        self.high = self.low = 0.0
        self.entries: list[Order] = []
        self.exit: Order | None = None

    def before_trading(self, ctx: Context) -> None:
        self.opened, self.is_done, self.exit = None, False, None
        # Left over where yesterday's close had too little volume, or no bar came after the entry.
        ctx.cancel_all()
        leave(ctx, ctx.instrument().symbol)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if not ctx.position.is_flat:
            self.sell_at_close(ctx, bar.symbol)
        if self.is_done:
            return
        if self.opened is None:
            self.opened, self.high, self.low = bar.time, bar.high, bar.low
        self.high, self.low = max(self.high, bar.high), min(self.low, bar.low)
        if ctx.now - self.opened >= timedelta(minutes=self.minutes):
            self.is_done = True
            self.wait_for_break(ctx, bar.symbol, self.opened + timedelta(minutes=self.latest))

    def wait_for_break(self, ctx: Context, symbol: str, until: datetime) -> None:
        tick = ctx.instrument().tick_size
        above, below = ctx.round_up(self.high) + tick, ctx.round_down(self.low) - tick
        self.entries = [ctx.buy(symbol, stop=above, stop_loss=below, until=until)]
        if self.both_sides:
            self.entries += [ctx.short(symbol, stop=below, stop_loss=above, until=until)]
            ctx.oco(*self.entries)

    def sell_at_close(self, ctx: Context, symbol: str) -> None:
        """Keep an order on the day's close for all that is open."""
        quantity, old = abs(ctx.position.quantity), self.exit
        if old is not None and not old.is_ended:
            if old.ticket.quantity == quantity:
                return
            ctx.cancel(old)
        send = ctx.sell if ctx.position.is_long else ctx.cover
        self.exit = send(symbol, quantity, tif="CLOSE")
        for entry in self.entries:
            if entry.filled:
                ctx.oco(self.exit, *entry.children)
