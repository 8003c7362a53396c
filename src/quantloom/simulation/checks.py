"""What a venue looks at before it takes an order."""

from decimal import Decimal

from quantloom.market import EXACT, Instrument, exact
from quantloom.market.rulebook.topics import Grid
from quantloom.simulation.reasons import NOTHING_TO_CLOSE
from quantloom.trading import (
    OrderKind,
    OrderTicket,
    Refused,
    Role,
    Side,
    is_rest,
    review_size,
)


def check(
    ticket: OrderTicket,
    instrument: Instrument,
    grid: Grid | None = None,
    last_price: float | None = None,
    held: tuple[Decimal, ...] = (),
) -> Refused | None:
    """Say why an order may not be sent; None if it may.

    Args:
        grid: what sizes the venue takes, where that is known.
        last_price: by which the money of a market order is reckoned; None if there was none.
        held: what a sale could sell, with and without what orders on their way will; without a
            grid the position.
    """
    only_closes = ticket.is_reduce_only or ticket.terms.offset.only_closes
    if only_closes and not ticket.quantity and ticket.role is Role.ENTRY:
        return NOTHING_TO_CLOSE
    if ticket.may_trim and not ticket.quantity:
        return Refused(
            "insufficient_funds",
            f"the account's size for it comes to less than one lot of {instrument.lot}",
        )
    odd = EXACT.remainder(ticket.quantity, instrument.lot)
    sells_rest = _sells_rest(ticket, grid, held)
    is_rest_of = grid is None and _is_odd_of(held, odd, instrument.lot)
    if ticket.quantity <= 0 or (odd and not (sells_rest or is_rest_of)):
        return Refused(
            "off_lot",
            f"quantity {ticket.quantity} is not a positive multiple of lot {instrument.lot}",
        )
    prices = (_check_price(price, instrument) for price in (ticket.price, ticket.stop))
    refusal = next((found for found in prices if found is not None), None)
    if refusal is not None or grid is None:
        return refusal
    price = ticket.price or ticket.stop
    if price is None and last_price is not None:
        price = exact(last_price)
    return review_size(
        grid,
        quantity=ticket.quantity,
        price=price,
        is_market=ticket.kind is OrderKind.MARKET,
        is_reduce_only=only_closes if sells_rest is None else sells_rest,
    )


def _sells_rest(ticket: OrderTicket, grid: Grid | None, held: tuple[Decimal, ...]) -> bool | None:
    """Whether a sale takes all that is left under a step; None where no sale need to."""
    if grid is None or not grid.odd_lot_sells or ticket.side is Side.BUY:
        return None
    return any(is_rest(grid, ticket.quantity, part) for part in held)


def _is_odd_of(held: tuple[Decimal, ...], odd: Decimal, lot: Decimal) -> bool:
    """Whether a rest is what a corporate action has left of a position under a lot."""
    return any(EXACT.remainder(part.copy_abs(), lot) == odd for part in held)


def _check_price(price: Decimal | None, instrument: Instrument) -> Refused | None:
    if price is None:
        return None
    if EXACT.remainder(price, instrument.tick_size):
        return Refused(
            "off_tick",
            f"price {price} is not a multiple of tick {instrument.tick_size}; "
            "round it with ctx.round_down or ctx.round_up",
        )
    if price <= 0:
        return Refused("bad_price", f"price {price} is not above zero")
    return None
