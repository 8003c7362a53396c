"""Why the venue ends orders: what rules say that mean the same each time."""

from decimal import Decimal

from quantloom.trading import Refused

NOTHING_TO_CLOSE = Refused("nothing_to_close", "there was no open position left to close")
BOUGHT_TODAY = Refused(
    "bought_today", "what was bought today may be sold from the next trading day on"
)
ENTRY_GONE = Refused("entry_gone", "its entry ended without a fill")
BRACKET_CLOSED = Refused("bracket_closed", "one of its two ways out has filled")
OCO = Refused("oco", "an order linked with it has filled")
POSITION_CLOSED = Refused("position_closed", "the position that it was to close is gone")
CANCELLED = Refused("cancelled_by_strategy", "the strategy cancelled it")
END_OF_DATA = Refused("end_of_data", "the data ended before it filled")


def trimmed(filled: Decimal) -> Refused:
    """What cancels the rest of an order that the account could not hold all of."""
    return Refused("trimmed", f"the account could hold {filled} of it and no more")


def all_closed(filled: Decimal) -> Refused:
    """What cancels the rest of an order that has left nothing open."""
    return Refused("nothing_to_close", f"{filled} closed all there was to close")
