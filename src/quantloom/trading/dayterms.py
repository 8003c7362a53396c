"""What holds for an instrument on one trading day: costs, margin, limits, what may be sold."""

import math
from decimal import Decimal
from typing import NamedTuple

from quantloom.market.rulebook.topics import Closing, Grid
from quantloom.trading.costs import Commission, Margin
from quantloom.trading.maintenance import MarginTiers
from quantloom.trading.terms import ZERO


class DayTerms(NamedTuple):
    """The rules of one instrument and one trading day, as an account and a venue need them.

    Attributes:
        up, down: the highest and lowest price of the day; infinite where there is none.
        holds_today: what was bought today may not be sold today.
        closing: which lots a close takes and which fee it pays; None where lots are alike.
        grid: what sizes the venue takes; None for any.
        is_settled: profit and loss are paid in cash at the end of the day.
        margins_basis: margin is of what lots were settled at, or opened at if of today; elsewhere
            it is of the present price.
        larger_side: where both sides are held, only the larger one's margin is charged.
        only_closes: nothing may be opened any more.
        maintenance: under which margin a swap is liquidated, liquidation_fee: for which share of
            what is closed; None where nothing is.
    """

    commission: Commission
    margin: Margin
    up: float = math.inf
    down: float = -math.inf
    holds_today: bool = False
    closing: Closing | None = None
    grid: Grid | None = None
    is_settled: bool = False
    margins_basis: bool = False
    larger_side: bool = False
    only_closes: bool = False
    maintenance: MarginTiers | None = None
    liquidation_fee: Decimal = ZERO
