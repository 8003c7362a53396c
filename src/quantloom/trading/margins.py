"""What a position ties up: by the present price, or lot by lot as Chinese futures brokers do."""

from decimal import Decimal

from quantloom.trading.dayterms import DayTerms
from quantloom.trading.positions import Position


def margin_of(position: Position, price: Decimal, terms: DayTerms) -> Decimal:
    """Margin of a position.

    Source:
        CTP's usual setting: older lots at the previous settlement, today's at their open price.
        Both are what a lot's profit is paid up to, so the position's cost has them summed.
    """
    if not terms.margins_basis:
        return terms.margin.required(position.quantity, price * position.multiplier)
    return abs(position.cost) * position.multiplier * _ratio(position.quantity, terms)


def margin_after(position: Position, after: Decimal, price: Decimal, terms: DayTerms) -> Decimal:
    """Margin of what a fill leaves that adds to a position, or turns it to the other side.

    Args:
        after: signed quantity that it leaves.
        price: of the fill.
    """
    if not terms.margins_basis:
        return terms.margin.required(after, price * position.multiplier)
    cost = after * price
    if position.quantity * after > 0:
        cost = position.cost + (after - position.quantity) * price
    return abs(cost) * position.multiplier * _ratio(after, terms)


def _ratio(quantity: Decimal, terms: DayTerms) -> Decimal:
    return terms.margin.long if quantity > 0 else terms.margin.short
