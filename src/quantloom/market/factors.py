"""Adjustment by factors: real prices are kept, joined ones are worked out when somebody reads."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from operator import mul, truediv

import numpy as np

from quantloom.errors import Invalid, NotFound
from quantloom.kit import DayArray, FloatArray, freeze
from quantloom.market.adjustment import Action, Anchor, ex_days, known_rows, scaled
from quantloom.market.bars import Bars
from quantloom.market.calendar import Calendar, trading_days_of

FACTOR = "adj_factor"
"""The extra in which real bars carry the factor in force on their day."""

VOLUME_FACTOR = "adj_volume_factor"
"""The extra in which they carry how many shares one of the beginning has become."""


class BadFactors(Invalid):
    """Factors of which one is no number above zero, or whose days do not rise."""

    code = "market.bad_factors"

    def __init__(self, symbol: str, problem: str) -> None:
        super().__init__(symbol, problem)
        self.symbol, self.problem = symbol, problem

    def __str__(self) -> str:
        return f"{self.symbol}: adjustment factors with {self.problem}; mend them at their source"


class NoFactors(NotFound):
    """Bars that carry no adjustment factors."""

    code = "market.no_factors"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return (
            f"the bars of {self.symbol} carry no adjustment factors; give its corporate actions "
            "(--actions FILE), or collect them from a provider that has factors"
        )


class OtherFactors(Invalid):
    """Factors of another symbol than the bars."""

    code = "market.other_factors"

    def __init__(self, symbol: str, factors: str) -> None:
        super().__init__(symbol, factors)
        self.symbol, self.factors = symbol, factors

    def __str__(self) -> str:
        return f"bars of {self.symbol} cannot be adjusted by the factors of {self.factors}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Factors:
    """Backward adjustment factors: price = real price x factor, and no factor ever changes later.

    Attributes:
        day: (n,) datetime64[D], first day each factor is in force, rising.
        factor: (n,) at or above the one before, unless shares were joined.
        volume_factor: (n,) the part of it that is splits and new shares, which is how many shares
            one of the beginning has become; None where unknown.
    """

    symbol: str
    day: DayArray
    factor: FloatArray
    volume_factor: FloatArray | None = None

    def __post_init__(self) -> None:
        columns = [self.factor] if self.volume_factor is None else [self.factor, self.volume_factor]
        if not len(self.day) or any(len(one) != len(self.day) for one in columns):
            raise BadFactors(self.symbol, "columns of unequal or no length")
        if not (np.diff(self.day) > np.timedelta64(0, "D")).all():
            raise BadFactors(self.symbol, "days that do not rise")
        if not all((np.isfinite(one) & (one > 0)).all() for one in columns):
            raise BadFactors(self.symbol, "a factor that is not above zero")
        for name in ("day", "factor", "volume_factor"):
            column = getattr(self, name)
            if column is not None:
                object.__setattr__(self, name, freeze(column))

    @classmethod
    def of_actions(cls, bars: Bars, actions: Iterable[Action], calendar: Calendar) -> "Factors":
        """Work factors out of corporate actions and the real prices before them.

        The first is 1 from the first bar on; an action before the second bar has nothing to be
        compared with and is left out.

        Raises:
            BadAction: as `ex_days`.
        """
        found = ex_days(bars, actions, calendar)
        first = trading_days_of(bars[:1], calendar)
        days = [np.datetime64(one.action.ex_day, "D") for one in found]
        steps = [float(one.factor) for one in found]
        shares = [float(one.action.shares) for one in found]
        return cls(
            symbol=bars.symbol,
            day=np.concatenate([first, np.array(days, dtype="datetime64[D]")]),
            factor=np.array([*accumulate(steps, truediv, initial=1.0)]),
            volume_factor=np.array([*accumulate(shares, mul, initial=1.0)]),
        )

    def until(self, day: date | None) -> "Factors":
        """What is known on a day: its own factor, and none of a later one."""
        if day is None:
            return self
        count = max(int(np.searchsorted(self.day, np.datetime64(day), side="right")), 1)
        volume = None if self.volume_factor is None else self.volume_factor[:count]
        return Factors(
            symbol=self.symbol,
            day=self.day[:count],
            factor=self.factor[:count],
            volume_factor=volume,
        )

    def __len__(self) -> int:
        return len(self.day)


def adjust_by(
    bars: Bars,
    factors: Factors,
    calendar: Calendar,
    *,
    anchor: Anchor = Anchor.FIRST,
    as_of: date | None = None,
) -> Bars:
    """Join real prices over ex-days by factors that a vendor gave or actions made.

    Args:
        bars: real prices, never adjusted ones.
        anchor: `FIRST` gives price x factor as vendors' backward adjustment does, to which no later
            day has anything to add. `LATEST` divides by the factor in force at the end, so that the
            newest prices are real and every later action moves the past.
        as_of: the last trading day that is known: later bars are cut off, later factors ignored.
    Returns:
        Bars with the extra `factor` (real price = price / factor) and, where the factors know of
        shares, `volume_factor`; volume then counts the shares of the anchor's end.
    Raises:
        OtherFactors: the factors are of another symbol.
        EmptyRange: no bar is as old as `as_of`.
    """
    if factors.symbol != bars.symbol:
        raise OtherFactors(bars.symbol, factors.symbol)
    known = bars[: known_rows(bars, trading_days_of(bars, calendar), as_of)]
    days = trading_days_of(known, calendar)
    row = np.maximum(np.searchsorted(factors.day, days, side="right") - 1, 0)

    def column(values: FloatArray) -> FloatArray:
        found = values[row]
        return found if anchor is Anchor.FIRST else found / found[-1]

    shares = factors.volume_factor
    return scaled(known, column(factors.factor), None if shares is None else 1.0 / column(shares))


def factor_columns(bars: Bars, factors: Factors, calendar: Calendar) -> dict[str, FloatArray]:
    """Tell for each bar the factors in force on its trading day.

    Returns:
        `adj_factor` and, where the factors know of shares, `adj_volume_factor`, each (n,); before
        the first day known it is the first.
    """
    row = np.searchsorted(factors.day, trading_days_of(bars, calendar), side="right") - 1
    row = np.maximum(row, 0)
    found = {FACTOR: factors.factor[row]}
    if factors.volume_factor is not None:
        found[VOLUME_FACTOR] = factors.volume_factor[row]
    return found


def with_factors(bars: Bars, factors: Factors, calendar: Calendar) -> Bars:
    """Real bars that carry factors as extras, as they are stored.

    Raises:
        OtherFactors: the factors are of another symbol.
    """
    if factors.symbol != bars.symbol:
        raise OtherFactors(bars.symbol, factors.symbol)
    return replace(bars, extras={**bars.extras, **factor_columns(bars, factors, calendar)})


def factors_in(bars: Bars, calendar: Calendar) -> Factors:
    """The factors that bars carry.

    Raises:
        NoFactors: they carry none.
        BadFactors: one is not above zero.
    """
    if FACTOR not in bars.extras:
        raise NoFactors(bars.symbol)
    names = [name for name in (FACTOR, VOLUME_FACTOR) if name in bars.extras]
    days = trading_days_of(bars, calendar)
    columns = [bars.extras[name] for name in names]
    is_new = np.logical_or.reduce([one[1:] != one[:-1] for one in columns])
    rows = np.append(0, np.flatnonzero(is_new & (days[1:] != days[:-1])) + 1)
    return Factors(
        symbol=bars.symbol,
        day=days[rows],
        factor=columns[0][rows],
        volume_factor=columns[1][rows] if len(columns) > 1 else None,
    )
