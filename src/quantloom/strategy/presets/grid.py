"""Grid: buy at each level that the price falls to, sell each purchase one level higher."""

from decimal import Decimal

from quantloom.market import Bar
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.needs import need_short
from quantloom.trading import Order, OrderStatus


class Grid(Strategy):
    """Buys at even levels below the price and sells each purchase one level higher.

    Each level is a bracket: a limit order, its target one level up, and a stop one level below
    the lowest, the same for all. Once its target has filled the level waits anew, so that the
    position is never more than one unit a level. The grid starts anew around the last close when
    nothing is held and the price is a level above the middle, or past the stop. With `both_sides`
    it sells short at levels above as well, mirrored. The run's sizing is that of all levels of a
    side together.

    Source:
        the grid of exchange bots; it earns while prices swing and loses where they trend.
    """

    levels: int = Parameter(5, low=1, high=50, description="levels on a side")
    step: float = Parameter(2.0, low=0.01, high=20.0, description="percent between two levels")
    both_sides: bool = Parameter(default=False, description="also sell short above the middle")

    def initialize(self, ctx: Context) -> None:
        if (self.levels + 1) * self.step >= 100:
            problem = f"is {self.step} percent; with levels={self.levels} the stop is below zero"
            raise self.refuse("step", problem)
        if self.both_sides:
            need_short(self, ctx)
        self.middle = self.gap = self.reach = self.unit = Decimal(0)
        self.orders: dict[int, Order] = {}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        now = ctx.price()
        if ctx.position.is_flat and self.has_left(now):
            ctx.cancel_all(bar.symbol)
            # A cancel may be under way for some bars; two grids at once would buy twice.
            if not ctx.orders(bar.symbol):
                self.start_anew(ctx, now)
        if self.unit and abs(now - self.middle) < self.reach:
            for level in range(1, self.levels + 1):
                self.keep(ctx, bar.symbol, level)
                if self.both_sides:
                    self.keep(ctx, bar.symbol, -level)

    def has_left(self, now: Decimal) -> bool:
        """Whether a grid around the price would be another one."""
        above = self.reach if self.both_sides else self.gap
        return not self.middle or now >= self.middle + above or now <= self.middle - self.reach

    def start_anew(self, ctx: Context, now: Decimal) -> None:
        self.orders.clear()
        self.middle = ctx.round_down(now)
        self.gap = ctx.round_up(self.middle * Decimal(str(self.step)) / 100)
        self.reach = self.gap * (self.levels + 1)
        lowest = self.middle - self.reach
        whole = ctx.size(price=self.middle, stop_loss=lowest)
        self.unit = ctx.instrument().whole_lots(whole / self.levels if lowest > 0 else 0)
        if not self.unit:
            ctx.log(f"no grid around {now}: {self.levels} levels come to less than a lot each")

    def keep(self, ctx: Context, symbol: str, level: int) -> None:
        """Send the bracket of a level, above the middle if below zero, unless it has one."""
        present = self.orders.get(level)
        # What the account could not pay for is left out until the grid starts anew.
        if present is not None and not self.has_come_round(present):
            return
        price = self.middle - level * self.gap
        if level > 0:
            stop, target = self.middle - self.reach, price + self.gap
            order = ctx.buy(symbol, self.unit, price=price, stop_loss=stop, take_profit=target)
        else:
            stop, target = self.middle + self.reach, price - self.gap
            order = ctx.short(symbol, self.unit, price=price, stop_loss=stop, take_profit=target)
        self.orders[level] = order

    def has_come_round(self, order: Order) -> bool:
        """Whether a level has bought and sold, and may wait anew."""
        is_over = all(one.is_ended for one in (order, *order.children))
        return is_over and order.status is not OrderStatus.REJECTED
