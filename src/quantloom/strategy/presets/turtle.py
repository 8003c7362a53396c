"""Turtle: buy new highs, add as they run, risk the same on each unit."""

from decimal import Decimal

from quantloom.market import Bar, Shift, exact
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.leaving import leave
from quantloom.strategy.parameters import Parameter
from quantloom.strategy.presets.needs import need_short
from quantloom.strategy.sizing import EquityShare, RiskPerTrade
from quantloom.trading import Fill, Order, OrderStatus, points


class Turtle(Strategy):
    """Buys a new high by a stop order, adds as it runs, leaves at a new low of fewer bars.

    N is the average true range when the first unit is ordered. A unit is as large as loses `risk`
    percent of equity at its stop. One is added each `add` N above the last unit, up to `units`;
    the stop of all lies `stop` N below the last unit, or a tick under the low of the last `leave`
    bars where that is higher. After a trade that won, the next waits for the high of `failsafe`
    bars. The first system of the rules is entry 20, failsafe 55 and leave 10, the second, which
    takes every breakout, 55, 55 and 20. With `both_sides` it also sells short new lows, mirrored.

    Source:
        Faith, The Original Turtle Trading Rules (2003), chapters 3 to 6. There a breakout counts
        as won whether it was traded or not; here only what was traded counts.
    """

    entry: int = Parameter(20, low=2, high=400, description="bars whose high is a breakout")
    failsafe: int = Parameter(55, low=2, high=400, description="the same after a trade that won")
    leave: int = Parameter(10, low=2, high=400, description="bars whose low is the way out")
    period: int = Parameter(20, low=2, high=400, description="bars of the average true range, N")
    units: int = Parameter(4, low=1, high=20, description="units at most")
    add: float = Parameter(0.5, low=0.05, high=10.0, description="N from a unit to the next")
    stop: float = Parameter(2.0, low=0.1, high=20.0, description="N from the last unit to the stop")
    risk: float = Parameter(2.0, low=0.01, high=20.0, description="percent of equity a unit risks")
    exposure: float = Parameter(
        0.9, low=0.05, high=20.0, description="notional of all units over equity, at most"
    )
    both_sides: bool = Parameter(default=False, description="also trade short")

    def initialize(self, ctx: Context) -> None:
        if self.leave >= self.entry:
            raise self.refuse("leave", f"is {self.leave}; it must be below entry, {self.entry}")
        if self.failsafe < self.entry:
            problem = f"is {self.failsafe}; it must be entry, {self.entry}, or more"
            raise self.refuse("failsafe", problem)
        if self.both_sides:
            need_short(self, ctx)
        self.range = ctx.indicator("ATR", self.period)
        self.near = ctx.indicator("DONCHIAN", self.entry)
        self.far = ctx.indicator("DONCHIAN", self.failsafe)
        self.back = ctx.indicator("DONCHIAN", self.leave)
        self.has_won, self.realised = False, Decimal(0)
        self.n = self.unit = Decimal(0)
        self.entries: list[Order] = []
        self.bought: dict[int, Decimal] = {}
        self.protection: Order | None = None
        self.is_leaving = False

    def on_fill(self, ctx: Context, fill: Fill) -> None:  # noqa: ARG002  the base's
        if any(order.id == fill.order_id for order in self.entries):
            self.bought.setdefault(fill.order_id, fill.price)
        else:
            self.is_leaving = True

    def on_shift(self, ctx: Context, symbol: str, shift: Shift) -> None:
        tick = ctx.instrument(symbol).tick_size
        self.bought = {order: shift.nearest(price, tick) for order, price in self.bought.items()}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.position.is_flat:
            self.seek(ctx, bar.symbol)
        elif self.is_leaving:
            # One unit's own stop may have filled alone, or a unit after the stop of all.
            leave(ctx, bar.symbol)
        else:
            self.protect(ctx, bar.symbol)
            self.grow(ctx, bar.symbol)

    def seek(self, ctx: Context, symbol: str) -> None:
        """Keep a stop order at each breakout, anew where one has moved."""
        if ctx.position.realised != self.realised:
            self.has_won = ctx.position.realised > self.realised
            self.realised = ctx.position.realised
        channel = self.far if self.has_won else self.near
        if not (channel.is_ready and self.range.value > 0):
            return
        tick = ctx.instrument().tick_size
        levels = {True: ctx.round_up(channel.upper.value) + tick}
        if self.both_sides:
            levels[False] = ctx.round_down(channel.lower.value) - tick
        waiting = [order.stop for order in self.entries if not order.is_ended]
        if waiting != list(levels.values()) or self.bought:
            ctx.cancel_all(symbol)
            self.start_anew(ctx, symbol, levels)

    def start_anew(self, ctx: Context, symbol: str, levels: dict[bool, Decimal]) -> None:
        self.bought, self.protection, self.is_leaving = {}, None, False
        self.n = exact(self.range.value)
        at_risk = RiskPerTrade.of(self.risk / 100)
        most = ctx.size(sizing=EquityShare.of(self.exposure / self.units))
        price = ctx.price()
        self.unit = min(most, ctx.size(sizing=at_risk, stop_loss=price - self.away(self.stop)))
        self.entries = [
            self.order_unit(ctx, symbol, level, is_long=is_long)
            for is_long, level in levels.items()
            if self.unit
        ]
        if len(self.entries) > 1:
            ctx.oco(*self.entries)

    def protect(self, ctx: Context, symbol: str) -> None:
        """Keep one stop for all units, anew where its price or the position has changed."""
        price, quantity = self.stop_price(ctx), abs(ctx.position.quantity)
        old = self.protection
        if old is not None and old.stop == price and old.ticket.quantity == quantity:
            return
        if old is not None:
            ctx.cancel(old)
        send = ctx.sell if ctx.position.is_long else ctx.cover
        self.protection = send(symbol, quantity, stop=price)
        # The stops that the units came with have done their duty: they covered the bar of the fill.
        for unit in self.entries:
            for half in unit.children if unit.is_ended else ():
                ctx.cancel(half)

    def stop_price(self, ctx: Context) -> Decimal:
        last, away, tick = self.last(), self.away(self.stop), ctx.instrument().tick_size
        if ctx.position.is_long:
            return max(ctx.round_up(last - away), ctx.round_down(self.back.lower.value) - tick)
        return min(ctx.round_down(last + away), ctx.round_up(self.back.upper.value) + tick)

    def grow(self, ctx: Context, symbol: str) -> None:
        """Have a stop order wait where the next unit is due."""
        is_waiting = any(not order.is_ended for order in self.entries)
        # What the account could not pay for once is not asked for again.
        was_refused = any(order.status is OrderStatus.REJECTED for order in self.entries)
        if is_waiting or was_refused or len(self.bought) >= self.units:
            return
        is_long, step = ctx.position.is_long, self.away(self.add)
        level = ctx.round_up(self.last() + step) if is_long else ctx.round_down(self.last() - step)
        self.entries.append(self.order_unit(ctx, symbol, level, is_long=is_long))

    def order_unit(self, ctx: Context, symbol: str, level: Decimal, *, is_long: bool) -> Order:
        send = ctx.buy if is_long else ctx.short
        return send(symbol, self.unit, stop=level, stop_loss=points(self.away(self.stop)))

    def last(self) -> Decimal:
        """The price of the unit bought last."""
        return list(self.bought.values())[-1]

    def away(self, multiple: float) -> Decimal:
        return exact(multiple) * self.n
