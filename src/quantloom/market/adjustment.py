"""Corporate actions of stocks: the reference price of an ex-day, and bars adjusted for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import floor, prod

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import DayArray, FloatArray, IntArray
from quantloom.market.bars import PRICES, Bars, EmptyRange
from quantloom.market.calendar import Calendar, trading_days_of
from quantloom.market.values import EXACT, Number, exact

ZERO, ONE = Decimal(0), Decimal(1)
# Prices of a file are decimals of few digits; what a float adds to those lies behind these.
_DECIMALS = 8
_DIGITS = 12
_AMOUNTS = ("cash", "bonus", "capitalised", "split", "rights", "rights_price", "par")


class Anchor(StrEnum):
    """Which end of an adjusted series shows real prices.

    First: the oldest ones. Later prices are moved by what happened before them, so a value never
    changes as data grow: this is the series for signals. Latest: the newest ones. Every dividend,
    split or roll moves the whole past, so without `as_of` the past knows of the future.
    """

    FIRST = "first"
    LATEST = "latest"


class ActionKind(StrEnum):
    """What an action mainly is; mixed where it is several things at once."""

    DIVIDEND = "dividend"
    BONUS = "bonus"
    SPLIT = "split"
    RIGHTS = "rights"
    MIXED = "mixed"


class BadAction(Invalid):
    """A corporate action that cannot be true, or cannot be applied to these bars."""

    code = "market.bad_action"

    def __init__(self, symbol: str, ex_day: date, problem: str) -> None:
        super().__init__(symbol, ex_day, problem)
        self.symbol, self.ex_day, self.problem = symbol, ex_day, problem

    def __str__(self) -> str:
        return f"{self.symbol}: the corporate action of {self.ex_day} {self.problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a company does to a share on one ex-day; every amount is for one share held before.

    Attributes:
        symbol: canonical symbol.
        ex_day: first trading day on which a buyer gets nothing of it.
        pay_day: when cash arrives; the ex-day where not given.
        credit_day: when new shares may be sold; the ex-day where not given.
        cash: dividend before tax, in the share's currency.
        bonus: new shares out of profit (a stock dividend), 0.3 for three on ten.
        capitalised: new shares out of reserves, which Chinese law does not tax.
        split: shares after a split for one before, 7 for 7:1, 0.1 for ten into one.
        rights: shares that may be subscribed. rights_price: what each of them costs.
        par: face value, at which bonus shares are taxed.
    Raises:
        NotANumber: an amount is no finite number.
        BadAction: an amount below zero, a split of zero, rights at no price, or nothing at all.
    """

    symbol: str
    ex_day: date
    pay_day: date | None = None
    credit_day: date | None = None
    cash: Decimal = ZERO
    bonus: Decimal = ZERO
    capitalised: Decimal = ZERO
    split: Decimal = ONE
    rights: Decimal = ZERO
    rights_price: Decimal = ZERO
    par: Decimal = ONE

    def __post_init__(self) -> None:
        for name in _AMOUNTS:
            value = exact(getattr(self, name))
            object.__setattr__(self, name, value)
            if value < 0:
                raise BadAction(self.symbol, self.ex_day, f"has {name} of {value}, below zero")
        if not self.split:
            raise BadAction(self.symbol, self.ex_day, "has a split of 0; write 1 for none")
        if bool(self.rights) != bool(self.rights_price):
            raise BadAction(self.symbol, self.ex_day, "needs both rights and rights_price, or none")
        if not self._parts():
            raise BadAction(self.symbol, self.ex_day, "changes nothing; leave it out")

    @property
    def kind(self) -> ActionKind:
        parts = self._parts()
        return parts[0] if len(parts) == 1 else ActionKind.MIXED

    @property
    def new_shares(self) -> Decimal:
        """Shares that come for nothing, for one held before; those of a split not among them."""
        return EXACT.add(self.bonus, self.capitalised)

    @property
    def shares(self) -> Decimal:
        """Shares for one before, without those that are paid for."""
        return EXACT.add(self.split, self.new_shares)

    def _parts(self) -> list[ActionKind]:
        has = {
            ActionKind.DIVIDEND: bool(self.cash),
            ActionKind.BONUS: bool(self.new_shares),
            ActionKind.SPLIT: self.split != 1,
            ActionKind.RIGHTS: bool(self.rights),
        }
        return [kind for kind, is_part in has.items() if is_part]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExDay:
    """An action as it met the market.

    Attributes:
        previous_close: last real close before the ex-day.
        reference: the price that is worth as much after the action as that close was before.
        factor: reference over previous close; earlier prices times this compare with later ones.
    """

    action: Action
    previous_close: Decimal
    reference: Fraction
    factor: Fraction


def fair_reference(previous_close: Number, action: Action) -> Fraction:
    """Work out, without rounding, the price at which an action changes nobody's wealth.

    Raises:
        BadAction: the share gives away all that it is worth.
    Source:
        Trading rules of SSE and SZSE, ex-rights and ex-dividend reference price: (previous close -
        cash + rights price x rights) / (1 + new shares + rights).
    """
    close, rights = Fraction(exact(previous_close)), Fraction(action.rights)
    value = close - Fraction(action.cash) + rights * Fraction(action.rights_price)
    if value <= 0:
        problem = f"pays {action.cash} on a close of {previous_close}; check the unit of its cash"
        raise BadAction(action.symbol, action.ex_day, problem)
    return value / (Fraction(action.shares) + rights)


def ex_reference(previous_close: Number, action: Action, tick_size: Number) -> Decimal:
    """Work out the reference price as the exchange states it, rounded half up to the tick.

    On an ex-day this takes the place of the previous close: A-share price limits are drawn from
    it, and the day's change is told from it.

    Raises:
        BadAction: the share gives away all that it is worth.
    Source:
        As `fair_reference`.
    """
    tick = exact(tick_size)
    ticks = floor(fair_reference(previous_close, action) / Fraction(tick) + Fraction(1, 2))
    return EXACT.multiply(Decimal(ticks), tick)


def rights_value(previous_close: Number, action: Action) -> Fraction:
    """What the right to one new share is worth at the reference price; 0 where it is worth none."""
    return max(fair_reference(previous_close, action) - Fraction(action.rights_price), Fraction(0))


def ex_days(
    bars: Bars, actions: Iterable[Action], calendar: Calendar, *, tick_size: Number | None = None
) -> tuple[ExDay, ...]:
    """Find what each action did to the price, earliest first.

    Actions before the second trading day of the bars or after their last one have nothing to
    compare and are left out.

    Args:
        bars: real prices, never adjusted ones.
        tick_size: where given, references are rounded to it, as data vendors of A-shares do.
    Raises:
        BadAction: of another symbol, two on one day, or more cash than the share is worth.
    """
    days = trading_days_of(bars, calendar)
    ordered = sorted(actions, key=lambda action: action.ex_day)
    _check(ordered, bars.symbol)
    found = (_meet(bars, days, action, tick_size) for action in ordered)
    return tuple(one for one in found if one is not None)


def adjust(
    bars: Bars,
    actions: Iterable[Action],
    calendar: Calendar,
    *,
    anchor: Anchor = Anchor.FIRST,
    as_of: date | None = None,
    tick_size: Number | None = None,
) -> Bars:
    """Join prices over ex-days, so that returns are those of a holder who put dividends back.

    Each dividend buys shares at the reference price of its ex-day, and so are rights paid for by
    selling some. Volume counts today's shares: it follows splits and new shares, not cash and
    rights. Extras stay as they are, also those that are prices.

    Args:
        bars: real prices, never adjusted ones.
        actions: of this symbol, any order.
        anchor: which end stays real; see `Anchor` for what each knows of the future.
        as_of: the last trading day that is known: later bars are cut off, later actions ignored.
        tick_size: as `ex_days`.
    Returns:
        Bars with the extras `factor` (real price = price / factor) and `volume_factor` (real
        volume = volume / volume_factor).
    Raises:
        BadAction: as `ex_days`.
        EmptyRange: no bar is as old as `as_of`.
    """
    known = bars[: known_rows(bars, trading_days_of(bars, calendar), as_of)]
    days = trading_days_of(known, calendar)
    found = ex_days(known, actions, calendar, tick_size=tick_size)
    starts = np.array([one.action.ex_day for one in found], dtype="datetime64[D]")
    leg = np.searchsorted(starts, days, side="right")
    price = chained([one.factor for one in found], leg, anchor=anchor)
    volume = chained([Fraction(one.action.shares) for one in found], leg, anchor=anchor)
    return scaled(known, price, volume)


def unadjust(bars: Bars) -> Bars:
    """Give back the real bars of adjusted ones, by the extras that their adjustment left.

    Prices come back to twelve digits, which is every digit of a price as exchanges write them.

    Args:
        bars: made by `adjust` or by `Continuous.adjusted`.
    """
    extras = dict(bars.extras)
    factor, offset = extras.pop("factor", None), extras.pop("offset", None)
    volume_factor = extras.pop("volume_factor", None)
    prices = {name: getattr(bars, name) for name in PRICES}
    if factor is not None:
        prices = {name: _to_digits(values / factor) for name, values in prices.items()}
    if offset is not None:
        prices = {name: to_decimals(values - offset) for name, values in prices.items()}
    volume = bars.volume if volume_factor is None else _to_digits(bars.volume / volume_factor)
    return Bars.of(bars.symbol, bars.timeframe, ts=bars.ts, **prices, volume=volume, extras=extras)


def known_rows(bars: Bars, days: DayArray, as_of: date | None) -> int:
    """How many bars a day knows, its own among them."""
    if as_of is None:
        return len(bars)
    count = int(np.searchsorted(days, np.datetime64(as_of), side="right"))
    if not count:
        raise EmptyRange(bars.symbol, None, bars.start)
    return count


def chained(steps: Sequence[Fraction], leg: IntArray, *, anchor: Anchor) -> FloatArray:
    """Multiply the factors between each row and the end that stays real.

    Args:
        steps: what joins leg k to leg k + 1.
        leg: (n,) which leg each row is in, never falling.
    Returns:
        (n,) what to multiply each row by.
    """
    if anchor is Anchor.LATEST:
        factors = [prod(steps[count:], start=Fraction(1)) for count in range(len(steps) + 1)]
    else:
        factors = [1 / prod(steps[:count], start=Fraction(1)) for count in range(len(steps) + 1)]
    return np.array([float(factor) for factor in factors])[leg]


def scaled(bars: Bars, factor: FloatArray, volume_factor: FloatArray | None = None) -> Bars:
    """Multiply prices, and volume where it has a factor of its own."""
    extras = dict(bars.extras) | {"factor": factor}
    volume = bars.volume
    if volume_factor is not None:
        extras["volume_factor"] = volume_factor
        volume = bars.volume * volume_factor
    prices = {name: getattr(bars, name) * factor for name in PRICES}
    return Bars.of(bars.symbol, bars.timeframe, ts=bars.ts, **prices, volume=volume, extras=extras)


def to_decimals(prices: FloatArray) -> FloatArray:
    """Take off what adding floats put behind the last digit that a price can have."""
    return np.round(prices, _DECIMALS)


def _to_digits(values: FloatArray) -> FloatArray:
    size = np.floor(np.log10(np.where(values > 0, values, 1.0)))
    # Dividing by a whole power of ten is exact to the last bit, multiplying by its inverse is not.
    up, down = 10.0 ** np.maximum(_DIGITS - 1 - size, 0), 10.0 ** np.maximum(size - _DIGITS + 1, 0)
    digits: FloatArray = np.rint(values * up / down) * down / up
    return digits


def _check(ordered: Sequence[Action], symbol: str) -> None:
    for action in ordered:
        if action.symbol != symbol:
            problem = f"belongs to another symbol than the bars of {symbol}"
            raise BadAction(action.symbol, action.ex_day, problem)
    for before, after in pairwise(ordered):
        if before.ex_day == after.ex_day:
            raise BadAction(symbol, after.ex_day, "is one of two on that day; join them in one")


def _meet(bars: Bars, days: DayArray, action: Action, tick_size: Number | None) -> ExDay | None:
    row = int(np.searchsorted(days, np.datetime64(action.ex_day)))
    if row in (0, len(bars)):
        return None
    close = exact(float(bars.close[row - 1]))
    if tick_size is None:
        reference = fair_reference(close, action)
    else:
        reference = Fraction(ex_reference(close, action, tick_size))
    return ExDay(
        action=action,
        previous_close=close,
        reference=reference,
        factor=reference / Fraction(close),
    )
