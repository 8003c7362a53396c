"""Whether an order lies on a venue's grid as the rule book describes it on a day."""

from decimal import Decimal

from quantloom.market import exactly
from quantloom.market.rulebook.topics import Grid
from quantloom.trading.orders import Refused


def review_grid(
    grid: Grid,
    *,
    quantity: Decimal,
    price: Decimal,
    is_market: bool = False,
    is_reduce_only: bool = False,
) -> Refused | None:
    """Say why a venue would turn an order down for its size or price; None if it would not.

    Args:
        quantity: above zero.
        price: of the order; of a market order the mark price, by which its money is reckoned.
        is_reduce_only: such an order may be of less money than others.
    Source:
        Binance Futures API, PRICE_FILTER, LOT_SIZE, MARKET_LOT_SIZE and MIN_NOTIONAL, error -4164:
        the least notional is not asked of reduce-only orders.
    """
    with exactly():
        return (
            _off_tick(grid, price, is_market=is_market)
            or _bad_size(grid, quantity, is_market=is_market)
            or (None if is_reduce_only else _too_little(grid, quantity, price))
        )


def _off_tick(grid: Grid, price: Decimal, *, is_market: bool) -> Refused | None:
    is_low = grid.below is not None and price < grid.below
    tick = grid.tick_below if is_low and grid.tick_below is not None else grid.tick
    if is_market or not price % tick:
        return None
    return Refused("price_off_tick", f"price {price} is not a multiple of tick {tick}")


def _bad_size(grid: Grid, quantity: Decimal, *, is_market: bool) -> Refused | None:
    least = grid.step if grid.minimum is None else grid.minimum
    most = grid.maximum
    if is_market and grid.maximum_market is not None:
        most = grid.maximum_market
    if quantity % grid.step:
        return Refused("quantity_off_step", f"{quantity} is not a multiple of step {grid.step}")
    if quantity < least:
        return Refused("quantity_too_small", f"{quantity} is below the least, {least}")
    if most is not None and quantity > most:
        return Refused("quantity_too_large", f"{quantity} is above the most, {most}")
    return None


def _too_little(grid: Grid, quantity: Decimal, price: Decimal) -> Refused | None:
    if grid.min_notional is None:
        return None
    money = quantity * grid.multiplier * (1 if grid.inverse else price)
    if money >= grid.min_notional:
        return None
    return Refused("notional_too_small", f"{money:f} is below the least, {grid.min_notional}")
