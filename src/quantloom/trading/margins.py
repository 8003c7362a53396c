"""What a position ties up: by the present price, or lot by lot as Chinese futures brokers do."""

from decimal import Decimal

from quantloom.trading.dayterms import DayTerms
from quantloom.trading.orders import Side
from quantloom.trading.positions import Position
from quantloom.trading.routing import Split
from quantloom.trading.terms import ZERO


def margin_now(position: Position, price: Decimal, terms: DayTerms) -> Decimal:
    """Margin of a position.

    Source:
        CTP's usual setting: older lots at the previous settlement, today's at their open price.
        Both are what a lot's profit is paid up to, so the position's cost has them summed.
    """
    if position.locked:
        return _of_both(position, price, terms)
    if not terms.margins_basis:
        return position.margin(position.quantity, price, terms.margin)
    return abs(position.cost) * position.multiplier * terms.margin.ratio_of(position.quantity)


def margin_after(position: Position, after: Decimal, price: Decimal, terms: DayTerms) -> Decimal:
    """Margin of what a fill leaves that adds to a position, or turns it to the other side.

    Args:
        after: signed quantity that it leaves.
        price: of the fill.
    """
    if not terms.margins_basis:
        return position.margin(after, price, terms.margin)
    cost = after * price
    if position.quantity * after > 0:
        cost = position.cost + (after - position.quantity) * price
    return abs(cost) * position.multiplier * terms.margin.ratio_of(after)


def margin_after_split(
    position: Position, side: Side, split: Split, *, price: Decimal, day: int, terms: DayTerms
) -> Decimal:
    """Margin of what a fill leaves that a router has split.

    Args:
        side, price, day: of the fill.
    """
    costs = {one: _cost(position, one, price, terms) for one in Side}
    for lot, part in position.chosen(side, split, day):
        costs[side.opposite] -= part * (lot.basis if terms.margins_basis else price)
    costs[side] += split.opened * price
    return margin_of_sides(costs[Side.BUY], costs[Side.SELL], terms) * position.multiplier


def margin_of_sides(long: Decimal, short: Decimal, terms: DayTerms) -> Decimal:
    """Margin of two sides by what their lots count at: the larger one, where only it is charged."""
    return terms.margin.of_sides(long, short, larger_side=terms.larger_side)


def _of_both(position: Position, price: Decimal, terms: DayTerms) -> Decimal:
    long, short = (_cost(position, side, price, terms) for side in (Side.BUY, Side.SELL))
    return margin_of_sides(long, short, terms) * position.multiplier


def _cost(position: Position, side: Side, price: Decimal, terms: DayTerms) -> Decimal:
    if terms.margins_basis:
        return position.cost_of(side)
    return dict(position.sides).get(side, ZERO) * price
