"""Two strategies that vn.py ships, ported; docs/how-to/coming-from-vnpy.md."""

from decimal import Decimal

from quantloom import Bar, Bars, Context, Parameter, Strategy
from quantloom.indicators import get_indicator

# vn.py's ArrayManager holds so many bars, and its indicators know no others.
WINDOW = 100


class DoubleMa(Strategy):
    """Long above a cross of two averages, short below; at the close's price or better, one bar."""

    fast_window: int = Parameter(10, low=2, high=100)
    slow_window: int = Parameter(20, low=2, high=100)

    def warm_up(self) -> int:
        return WINDOW - 1

    def initialize(self, ctx: Context) -> None:
        self.fast_ma = ctx.indicator("SMA", self.fast_window)
        self.slow_ma = ctx.indicator("SMA", self.slow_window)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.cancel_all()
        fast, slow, held = self.fast_ma, self.slow_ma, ctx.position.quantity
        if fast.value > slow.value and fast.previous < slow.previous:
            if held < 0:
                ctx.cover(bar.symbol, 1, price=bar.close)
            if held <= 0:
                ctx.buy(bar.symbol, 1, price=bar.close)
        elif fast.value < slow.value and fast.previous > slow.previous:
            if held > 0:
                ctx.sell(bar.symbol, 1, price=bar.close)
            if held >= 0:
                ctx.short(bar.symbol, 1, price=bar.close)


class AtrRsi(Strategy):
    """Follows a strong move out of a range that widens, behind a stop that trails in percent."""

    atr_length: int = Parameter(22, low=2, high=90)
    atr_ma_length: int = Parameter(10, low=1, high=90)
    rsi_length: int = Parameter(5, low=2, high=90)
    rsi_entry: int = Parameter(16, low=1, high=49)
    trailing_percent: float = Parameter(0.8, low=0.1, high=20.0)
    fixed_size: int = Parameter(1, low=1, high=1_000)

    def warm_up(self) -> int:
        return WINDOW - 1

    def on_start(self, ctx: Context) -> None:
        self.atr = get_indicator("ATR").bind(self.atr_length)
        self.rsi = get_indicator("RSI").bind(self.rsi_length)
        self.high = self.low = 0.0
        ctx.log(f"trails by {self.trailing_percent} %")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.cancel_all()
        held = ctx.position.quantity
        if not held:
            self.high, self.low = bar.high, bar.low
            self._enter(ctx, bar, ctx.history(WINDOW))
        elif held > 0:
            self.high, self.low = max(self.high, bar.high), bar.low
            stop = self.high * (1 - self.trailing_percent / 100)
            ctx.sell(bar.symbol, stop=_nearest(ctx, stop))
        else:
            self.low, self.high = min(self.low, bar.low), bar.high
            stop = self.low * (1 + self.trailing_percent / 100)
            ctx.cover(bar.symbol, stop=_nearest(ctx, stop))

    def _enter(self, ctx: Context, bar: Bar, seen: Bars) -> None:
        ranges = self.atr.compute(seen)["value"]
        if ranges[-1] <= ranges[-self.atr_ma_length :].mean():
            return
        strength = self.rsi.compute(seen)["value"][-1]
        if strength > 50 + self.rsi_entry:
            ctx.buy(bar.symbol, self.fixed_size, price=bar.close + 5)
        elif strength < 50 - self.rsi_entry:
            ctx.short(bar.symbol, self.fixed_size, price=bar.close - 5)


def _nearest(ctx: Context, price: float) -> Decimal:
    """The order price next to `price`, as vn.py rounds it."""
    return ctx.round_down(price + float(ctx.instrument().tick_size) / 2)
