"""The lots that closing orders freeze, where the rules say that orders name them."""

from collections.abc import Iterable
from decimal import Decimal

from quantloom.simulation.resting import Resting
from quantloom.trading import ZERO, Offset, Position, Refused, Role

_AGE = {Offset.CLOSE_TODAY: " of today", Offset.CLOSE_YESTERDAY: " of yesterday"}


def claim(one: Resting, resting: Iterable[Resting], position: Position, day: int) -> Refused | None:
    """Freeze the lots that an order names, or say that too few of them are free.

    An order without a quantity of its own takes what is free.

    Args:
        resting: every order on the instrument.
        day: the trading day that is today.
    Source:
        CTP client API: a close beyond the lots that are free is an error, never a smaller close.
    """
    ticket = one.order.ticket
    offset = ticket.terms.offset
    if not offset.only_closes or ticket.role is not Role.ENTRY:
        return None
    frozen = (_frozen(other, one, position) for other in resting)
    free = max(position.closable(ticket.side, offset, day) - sum(frozen, ZERO), ZERO)
    wanted = min(ticket.quantity, free) if ticket.may_trim else ticket.quantity
    if wanted and wanted <= free:
        one.claimed = wanted
        return None
    kind = "short" if one.is_buy else "long"
    age = _AGE.get(position.scope(offset), "")
    return Refused(
        "not_enough_to_close",
        f"{ticket.symbol}: {ticket.quantity} {kind} lots{age} to close, {free} free",
    )


def _frozen(other: Resting, one: Resting, position: Position) -> Decimal:
    """What another order still has of the lots that this one names."""
    scopes = {position.scope(each.order.ticket.terms.offset) for each in (one, other)}
    if other.order.is_ended or other.is_buy is not one.is_buy or len(scopes) > 1:
        return ZERO
    return max(other.claimed - other.order.filled, ZERO)
