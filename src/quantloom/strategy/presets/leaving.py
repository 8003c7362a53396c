"""Going flat in a way that can be asked for on every bar."""

from quantloom.strategy.context import Context
from quantloom.trading import Side


def leave(ctx: Context, symbol: str) -> None:
    """Take back what would add to a position and close it, by one order however often called.

    The order only closes, so it never goes past flat; stops and targets stay until it has filled.
    While nothing is open, everything that waits is taken back.
    """
    position = ctx.position_of(symbol)
    if position.is_flat:
        ctx.cancel_all(symbol)
        return
    way_out = Side.SELL if position.is_long else Side.BUY
    waiting = ctx.orders(symbol)
    for order in waiting:
        if order.ticket.side is not way_out:
            ctx.cancel(order)
    if any(order.is_market and order.ticket.side is way_out for order in waiting):
        return
    if position.is_long:
        ctx.sell(symbol)
    else:
        ctx.cover(symbol)
