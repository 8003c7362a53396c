"""What holds for an instrument on one trading day: costs, margin, limits, what may be sold."""

import math
from dataclasses import dataclass

from quantloom.market.rulebook.topics import Grid
from quantloom.trading.costs import Commission, Margin


@dataclass(frozen=True, slots=True)
class DayTerms:
    """The rules of one instrument and one trading day, as an account and a venue need them.

    Attributes:
        up, down: the highest and lowest price of the day; infinite where there is none.
        holds_today: what was bought today may not be sold today.
        takes_today_first: a plain close takes the lots of the day before older ones.
        grid: what sizes the venue takes; None for any.
        is_settled: profit and loss are paid in cash at the end of the day.
    """

    commission: Commission
    margin: Margin
    up: float = math.inf
    down: float = -math.inf
    holds_today: bool = False
    takes_today_first: bool = False
    grid: Grid | None = None
    is_settled: bool = False
