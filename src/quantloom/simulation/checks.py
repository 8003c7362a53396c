"""What a venue looks at before it takes an order."""

from decimal import Decimal

from quantloom.market import Instrument
from quantloom.market.values import EXACT
from quantloom.trading import OrderTicket, Refused, Role, Side

NOTHING_TO_CLOSE = Refused("nothing_to_close", "there was no open position left to close")


def check(ticket: OrderTicket, instrument: Instrument, least: int = 0) -> Refused | None:
    """Say why an order may not be sent; None if it may.

    Args:
        least: lots that an order must have where it opens a position.
    """
    only_closes = ticket.is_reduce_only or ticket.terms.offset.only_closes
    if only_closes and not ticket.quantity and ticket.role is Role.ENTRY:
        return NOTHING_TO_CLOSE
    if ticket.may_trim and not ticket.quantity:
        return Refused(
            "insufficient_funds",
            f"the account's size for it comes to less than one lot of {instrument.lot}",
        )
    if ticket.quantity <= 0 or EXACT.remainder(ticket.quantity, instrument.lot):
        return Refused(
            "off_lot",
            f"quantity {ticket.quantity} is not a positive multiple of lot {instrument.lot}",
        )
    opens = not only_closes and (ticket.side is Side.BUY or instrument.can_short)
    if opens and ticket.quantity < least * instrument.lot:
        return Refused(
            "below_minimum",
            f"quantity {ticket.quantity} is less than the {least * instrument.lot} of the venue",
        )
    prices = (_check_price(price, instrument) for price in (ticket.price, ticket.stop))
    return next((found for found in prices if found is not None), None)


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
