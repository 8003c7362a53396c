"""How far beyond the last price a limit order may lie while trading is continuous."""

from decimal import Decimal

from quantloom.market import EXACT, exactly
from quantloom.market.rulebook.topics import Cage
from quantloom.trading.orders import Refused, Side
from quantloom.trading.ruled import to_tick

_WHOLE = Decimal(1)


def review_cage(
    cage: Cage, side: Side, *, price: Decimal, reference: Decimal, tick: Decimal
) -> Refused | None:
    """Say why a venue would turn a limit order down for its price; None if it would not.

    A buy may lie as far below as it likes, a sale as far above.

    Args:
        reference: the best price of the other side, or what stands for it: the last price.
    Source:
        SSE and SZSE Trading Rules (2023), 3.3: buys at most at 102 % of the reference or ten ticks
        above it, whichever is higher, sales likewise below, rounded to the tick; only in
        continuous trading. BSE: 5 %.
    """
    ratio = cage.ratio if side is Side.BUY else -cage.ratio
    with exactly():
        by_ratio = to_tick(EXACT.multiply(reference, _WHOLE + ratio), tick)
        by_ticks = reference + side.sign * cage.ticks * tick
        if side is Side.BUY:
            bound = max(by_ratio, by_ticks)
            if price <= bound:
                return None
        else:
            bound = min(by_ratio, by_ticks)
            if price >= bound:
                return None
    where = "above" if side is Side.BUY else "below"
    return Refused(
        "beyond_cage",
        f"price {price} is {where} {bound:f}, as far as the price cage reaches from {reference}",
    )
