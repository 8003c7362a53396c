"""When a share came to its market, when it left it, and when it stood under special treatment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from quantloom.errors import Invalid
from quantloom.market.calendar import Calendar
from quantloom.market.values import exact

_ONE_DAY = timedelta(days=1)
# The longest closing of any market in `calendars` is shorter.
_A_MONTH = timedelta(days=31)


class BadListing(Invalid):
    """What is told of a listing cannot be true, or does not fit the bars."""

    code = "market.bad_listing"

    def __init__(self, symbol: str, problem: str) -> None:
        super().__init__(symbol, problem)
        self.symbol, self.problem = symbol, problem

    def __str__(self) -> str:
        return f"the listing of {self.symbol} {self.problem}; correct it, or leave it out"


class DaySpan(NamedTuple):
    """Days from the first to the last one, both included; without a last one it goes on."""

    first: date
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An instrument's life on its market, as far as its rules depend on it.

    Attributes:
        symbol: canonical symbol.
        listed: first trading day. delisted: first day on which it is not listed any more.
        issue_price: what the first buyers paid; limits of a first day are reckoned from it.
        final_price: what a holder gets for one at delisting; the last close where not given.
        special_treatment: days under ST or *ST, in order.
    Raises:
        BadListing: it ends before it begins, a price that is none, spans that overlap.
    """

    symbol: str
    listed: date | None = None
    delisted: date | None = None
    issue_price: Decimal | None = None
    final_price: Decimal | None = None
    special_treatment: Sequence[DaySpan | tuple[date, date | None]] = ()

    def __post_init__(self) -> None:
        for name in ("issue_price", "final_price"):
            given = getattr(self, name)
            object.__setattr__(self, name, None if given is None else exact(given))
        spans = tuple(DaySpan(*span) for span in self.special_treatment)
        object.__setattr__(self, "special_treatment", spans)
        problem = self._misfit() or _misfit_of(spans)
        if problem:
            raise BadListing(self.symbol, problem)

    def is_special(self, day: date) -> bool:
        """Whether it stood under special treatment on a day."""
        return any(
            first <= day and (last is None or day <= last) for first, last in self.special_treatment
        )

    def age(self, day: date, calendar: Calendar) -> int | None:
        """Which trading day since its listing a day is, the first one being 1.

        Returns:
            None where the first day is not known; 0 before it.
        """
        return None if self.listed is None else len(calendar.trading_days(self.listed, day))

    def last_day(self, calendar: Calendar) -> date | None:
        """The last trading day before its delisting; None where it is not known to end."""
        if self.delisted is None:
            return None
        days = calendar.trading_days(self.delisted - _A_MONTH, self.delisted - _ONE_DAY)
        return days[-1]

    def check_days(self, first: date, last: date) -> None:
        """Look whether bars of these days can be its own.

        Raises:
            BadListing: they reach beyond its life.
        """
        if self.listed is not None and first < self.listed:
            problem = f"begins on {self.listed}, and there are bars of {first}"
            raise BadListing(self.symbol, problem)
        if self.delisted is not None and last >= self.delisted:
            problem = f"is over on {self.delisted}, and there are bars of {last}"
            raise BadListing(self.symbol, problem)

    def _misfit(self) -> str:
        if self.listed is not None and self.delisted is not None and self.delisted <= self.listed:
            return f"is over on {self.delisted}, before it begins on {self.listed}"
        if self.issue_price is not None and self.issue_price <= 0:
            return f"has an issue price of {self.issue_price}, which is not above zero"
        if self.final_price is not None and self.final_price < 0:
            return f"has a final price of {self.final_price}, below zero"
        return ""


def _misfit_of(spans: tuple[DaySpan, ...]) -> str:
    for first, last in spans:
        if last is not None and last < first:
            return f"has a special treatment that ends on {last}, before it begins on {first}"
    for one, following in pairwise(spans):
        if one.last is None or one.last >= following.first:
            return f"has special treatments that overlap or are out of order at {following.first}"
    return ""
