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


def is_rest(grid: Grid, quantity: Decimal, held: Decimal) -> bool:
    """Whether a sale takes along all that is left under a step, or under the least quantity.

    Such a rest is sold at one go: of 1,030 shares held in steps of 100 these are 30, 130 and so on
    up to all, and never 50; of 150 shares where 200 are the least these are 150 alone.

    Args:
        held: what could be sold.
    Source:
        SSE and SZSE Trading Rules, 3.3; BSE Trading Rules: the balance under 100 shares (STAR: 200)
        is sold in one order.
    """
    if not grid.odd_lot_sells or quantity > held:
        return False
    least = grid.step if grid.minimum is None else grid.minimum
    if held < least:
        return quantity == held
    with exactly():
        rest = held % grid.step
        return rest > 0 and quantity % grid.step == rest and (quantity >= least or quantity == rest)


def _too_little(grid: Grid, quantity: Decimal, price: Decimal) -> Refused | None:
    if grid.min_notional is None:
        return None
    money = quantity * grid.multiplier * (1 if grid.inverse else price)
    if money >= grid.min_notional:
        return None
    return Refused(
        "below_notional", f"{money:f} of money is below the venue's least of {grid.min_notional}"
    )
