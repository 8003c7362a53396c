"""Whether an order is as large as a venue takes them, as the rule book describes it on a day.

Ticks and lots are the instrument's; `simulation.checks` looks at them.
"""

from decimal import Decimal

from quantloom.market import exactly
from quantloom.market.rulebook.topics import Grid
from quantloom.trading.orders import Refused


def review_size(
    grid: Grid,
    *,
    quantity: Decimal,
    price: Decimal | None,
    is_market: bool = False,
    is_reduce_only: bool = False,
) -> Refused | None:
    """Say why a venue would turn an order down for its size; None if it would not.

    Args:
        quantity: above zero.
        price: of the order; of a market order the last or mark price, by which its money is
            reckoned; None where it is not known, which then is no reason.
        is_reduce_only: such an order may be smaller, and of less money, than others.
    Source:
        Binance Futures API, LOT_SIZE, MARKET_LOT_SIZE and MIN_NOTIONAL, error -4164: the least
        notional is not asked of reduce-only orders. SSE Trading Rules: what is left under the
        least quantity is sold at one go.
    """
    with exactly():
        most = grid.maximum
        if is_market and grid.maximum_market is not None:
            most = grid.maximum_market
        if most is not None and quantity > most:
            return Refused(
                "above_maximum", f"{quantity} is above the venue's most of {most}; send it in parts"
            )
        if is_reduce_only:
            return None
        if grid.minimum is not None and quantity < grid.minimum:
            return Refused(
                "below_minimum", f"{quantity} is below the venue's least of {grid.minimum}"
            )
        return None if price is None else _too_little(grid, quantity, price)


def _too_little(grid: Grid, quantity: Decimal, price: Decimal) -> Refused | None:
    if grid.min_notional is None:
        return None
    money = quantity * grid.multiplier * (1 if grid.inverse else price)
    if money >= grid.min_notional:
        return None
    return Refused(
        "below_notional", f"{money:f} of money is below the venue's least of {grid.min_notional}"
    )
