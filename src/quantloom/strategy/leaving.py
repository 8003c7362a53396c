"""Going flat in a way that can be asked for on every bar."""

from quantloom.strategy.context import Context
from quantloom.trading import OrderStatus, Side


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
    is_leaving = False
    for order in ctx.orders(symbol):
        if order.entry is not None:
            # The half of a bracket comes and goes with its entry.
            continue
        if order.ticket.side is not way_out:
            ctx.cancel(order)
        elif order.is_market and order.status is not OrderStatus.PENDING_CANCEL:
            is_leaving = True
    if not is_leaving:
        # By name, since what is still being taken back counts as done where none is given.
        send = ctx.sell if position.is_long else ctx.cover
        send(symbol, abs(position.quantity))
