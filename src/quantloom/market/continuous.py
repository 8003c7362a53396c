"""Continuous futures: bars of real contracts one after the other, raw or adjusted at the rolls."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import DayArray, FloatArray, IntArray, freeze
from quantloom.market.adjustment import Anchor, chained, known_rows, scaled, to_decimals
from quantloom.market.bars import FIELDS, PRICES, Bars
from quantloom.market.calendar import Calendar, trading_days_of
from quantloom.market.rolls import Leg, day_ends, delivery_month
from quantloom.market.values import EXACT, exact

Basis = Literal["close", "settlement"]
Method = Literal["difference", "ratio"]


class CannotSplice(Invalid):
    """Contracts and a roll calendar that do not make one series."""

    code = "market.cannot_splice"

    def __init__(self, symbol: str, problem: str) -> None:
        super().__init__(symbol, problem)
        self.symbol, self.problem = symbol, problem

    def __str__(self) -> str:
        return f"{self.symbol} cannot be spliced: {self.problem}"


class AdjustedBelowZero(Invalid):
    """Differences so large that an adjusted price is zero or less, where no ratio has a meaning."""

    code = "market.adjusted_below_zero"

    def __init__(self, symbol: str, day: date, price: float) -> None:
        super().__init__(symbol, day, price)
        self.symbol, self.day, self.price = symbol, day, price

    def __str__(self) -> str:
        return (
            f"{self.symbol}: adjusted by difference, the low of {self.day} is {self.price}; "
            "adjust by ratio, hold the other end (anchor), or take a shorter span"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """One change of contract.

    Attributes:
        day: first trading day of the new contract.
        old, new: the contracts.
        priced: the day of the prices below: the last one before `day` on which both traded.
        old_close, new_close: of that day.
        old_settlement, new_settlement: likewise, None where the bars have none.
        gap: new less old, by the basis of the series.
        factor: new over old, likewise.
    """

    day: date
    old: str
    new: str
    priced: date
    old_close: Decimal
    new_close: Decimal
    old_settlement: Decimal | None
    new_settlement: Decimal | None
    gap: Decimal
    factor: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Continuous:
    """A chain of contracts as one series; make it with `splice`.

    Attributes:
        bars: real prices, contract after contract, with jumps where it rolls. Their `delivery`
            extra tells the contract of each bar as year and month, 202410.
        legs: the roll calendar.
        rolls: every change of contract up to the last day; one that is decided and comes into
            force after it, too.
        leg: (n,) row of `legs` for each bar.
        days: (n,) datetime64[D] trading day of each bar.
        contracts: all bars of each contract of the legs, those outside of its leg too.
        method: how a run moves prices of before a roll, when a strategy looks back over it.
    """

    bars: Bars
    legs: tuple[Leg, ...]
    rolls: tuple[Roll, ...]
    leg: IntArray
    days: DayArray
    contracts: Mapping[str, Bars]
    method: Method = "ratio"

    def contract_of(self, row: int) -> str:
        """The contract of a bar: what an order of that time trades."""
        return self.legs[int(self.leg[row])].contract

    def contract_on(self, day: date) -> str | None:
        """The contract that is held on a trading day; None before the first leg."""
        held = [leg.contract for leg in self.legs if leg.since <= day]
        return held[-1] if held else None

    def digest(self) -> str:
        """SHA-256 over contracts, legs and what the rolls are priced by."""
        told = [self.bars.symbol, self.method, *map(repr, self.legs), *map(repr, self.rolls)]
        told += [bars.digest() for _, bars in sorted(self.contracts.items())]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def __repr__(self) -> str:
        return f"<Continuous {self.bars!r} of {len(self.legs)} legs>"

    def adjusted(
        self, method: Method, *, anchor: Anchor = Anchor.FIRST, as_of: date | None = None
    ) -> Bars:
        """Take the jumps at the rolls out.

        By difference, price changes are those of the contract held; by ratio, returns are. Volume
        and open interest stay those of the contract.

        Args:
            anchor: `first` keeps the oldest contract's prices; a value never changes as data
                grow, so signals may read it. `latest` keeps the newest one's: later rolls move
                the past, so levels know of the future, while differences (or returns) do not.
            as_of: the last trading day that is known; bars and rolls after it are left out. With
                it, `latest` is what somebody saw on that day.
        Returns:
            Bars with the extra `offset` (real price = price - offset) or `factor` (real price =
            price / factor).
        Raises:
            EmptyRange: no bar is as old as `as_of`.
            AdjustedBelowZero: differences that take a price to zero or below.
        """
        count = known_rows(self.bars, self.days, as_of)
        known, leg = self.bars[:count], self.leg[:count]
        done = self.rolls[: int(leg[-1])]
        if method == "ratio":
            return scaled(known, chained([roll.factor for roll in done], leg, anchor=anchor))
        return _shifted(known, _summed([roll.gap for roll in done], anchor)[leg], self.days)


def splice(
    contracts: Mapping[str, Bars],
    legs: Sequence[Leg],
    calendar: Calendar,
    *,
    symbol: str,
    basis: Basis = "close",
    method: Method = "ratio",
) -> Continuous:
    """Put the bars of real contracts one after the other, by a roll calendar.

    Args:
        contracts: bars of one length by canonical symbol.
        legs: as the functions of `rolls` give them, or your own.
        symbol: of the series, such as rb-MAIN.SHFE.
        basis: which prices tell the gap; `settlement` needs an extra of that name.
        method: how a run moves prices over a roll.
    Raises:
        CannotSplice: no legs or unordered ones, a contract or its prices missing, bars of unequal
            lengths.
        NoDeliveryMonth: a contract whose symbol does not tell its month.
    """
    _check(contracts, legs, symbol)
    ends = {leg.contract: day_ends(contracts[leg.contract], calendar) for leg in legs}
    parts = _parts(contracts, legs, calendar, symbol=symbol)
    bars = _joined(symbol, parts)
    return Continuous(
        bars=bars,
        legs=tuple(legs),
        rolls=tuple(
            _roll(old, new, contracts, ends, symbol=symbol, basis=basis)
            for old, new in pairwise(legs)
        ),
        leg=freeze(np.repeat(np.arange(len(parts)), [len(part) for part in parts])),
        days=freeze(trading_days_of(bars, calendar)),
        contracts={leg.contract: contracts[leg.contract] for leg in legs},
        method=method,
    )


def _check(contracts: Mapping[str, Bars], legs: Sequence[Leg], symbol: str) -> None:
    if not legs:
        raise CannotSplice(symbol, "there are no legs; make them with roll_by_volume")
    for before, after in pairwise(legs):
        if after.since <= before.since:
            problem = f"the leg of {after.contract} does not begin after that of {before.contract}"
            raise CannotSplice(symbol, problem)
    absent = sorted({leg.contract for leg in legs} - set(contracts))
    if absent:
        raise CannotSplice(symbol, f"bars of {', '.join(absent)} are missing; import them")
    lengths = {str(contracts[leg.contract].timeframe) for leg in legs}
    if len(lengths) > 1:
        raise CannotSplice(symbol, f"bars of {' and '.join(sorted(lengths))}; give one length")


def _parts(
    contracts: Mapping[str, Bars], legs: Sequence[Leg], calendar: Calendar, *, symbol: str
) -> list[Bars]:
    """The bars of each leg that has begun; only the last ones may still lie ahead."""
    days = {leg.contract: trading_days_of(contracts[leg.contract], calendar) for leg in legs}
    last = max(own[-1] for own in days.values())
    begun = [leg for leg in legs if np.datetime64(leg.since) <= last]
    if not begun:
        raise CannotSplice(symbol, f"its first leg begins on {legs[0].since}, after the last bar")
    ends = [np.datetime64(leg.since) for leg in begun[1:]] + [last + 1]
    parts = []
    for leg, end in zip(begun, ends, strict=True):
        own = days[leg.contract]
        first, after = np.searchsorted(own, [np.datetime64(leg.since), end])
        if first == after:
            problem = f"{leg.contract} has no bar in its leg from {leg.since}; import more of it"
            raise CannotSplice(symbol, problem)
        parts.append(contracts[leg.contract][first:after])
    return parts


def _joined(symbol: str, parts: Sequence[Bars]) -> Bars:
    columns = {name: np.concatenate([getattr(one, name) for one in parts]) for name in FIELDS}
    names = sorted({name for one in parts for name in one.extras})
    extras = {name: np.concatenate([_extra(one, name) for one in parts]) for name in names}
    extras["delivery"] = np.concatenate([np.full(len(one), _year_month(one)) for one in parts])
    ts = np.concatenate([one.ts for one in parts])
    return Bars.of(symbol, parts[0].timeframe, ts=ts, **columns, extras=extras)


def _extra(bars: Bars, name: str) -> FloatArray:
    return bars.extras[name] if name in bars.extras else np.full(len(bars), np.nan)


def _year_month(bars: Bars) -> float:
    month = delivery_month(bars.symbol)
    return float(month.year * 100 + month.month)


def _roll(
    old: Leg,
    new: Leg,
    contracts: Mapping[str, Bars],
    ends: Mapping[str, tuple[DayArray, IntArray]],
    *,
    symbol: str,
    basis: Basis,
) -> Roll:
    common = np.intersect1d(ends[old.contract][0], ends[new.contract][0])
    common = common[common < np.datetime64(new.since)]
    if not len(common):
        problem = (
            f"{old.contract} and {new.contract} share no day before {new.since}, so their gap is "
            "not known; import earlier bars of the new one"
        )
        raise CannotSplice(symbol, problem)
    priced = common[-1]
    rows = {leg.contract: _row_on(priced, ends[leg.contract]) for leg in (old, new)}
    closes = [exact(float(contracts[name].close[row])) for name, row in rows.items()]
    settled = [_settlement(contracts[name], row) for name, row in rows.items()]
    first, second = closes if basis == "close" else settled
    if first is None or second is None:
        problem = f"no settlement of {old.contract} and {new.contract} on {priced}; use basis close"
        raise CannotSplice(symbol, problem)
    return Roll(
        day=new.since,
        old=old.contract,
        new=new.contract,
        priced=priced.item(),
        old_close=closes[0],
        new_close=closes[1],
        old_settlement=settled[0],
        new_settlement=settled[1],
        gap=EXACT.subtract(second, first),
        factor=Fraction(second) / Fraction(first),
    )


def _row_on(day: np.datetime64, ends: tuple[DayArray, IntArray]) -> int:
    days, rows = ends
    return int(rows[np.searchsorted(days, day)])


def _settlement(bars: Bars, row: int) -> Decimal | None:
    value = float(_extra(bars, "settlement")[row])
    return exact(value) if np.isfinite(value) and value > 0 else None


def _summed(gaps: Sequence[Decimal], anchor: Anchor) -> FloatArray:
    """The offset of each leg: the gaps between it and the end that stays real."""
    if anchor is Anchor.LATEST:
        offsets = [sum(gaps[count:], Decimal(0)) for count in range(len(gaps) + 1)]
    else:
        offsets = [-sum(gaps[:count], Decimal(0)) for count in range(len(gaps) + 1)]
    return np.array([float(offset) for offset in offsets])


def _shifted(bars: Bars, offset: FloatArray, days: DayArray) -> Bars:
    prices = {name: to_decimals(getattr(bars, name) + offset) for name in PRICES}
    if prices["low"].min() <= 0:
        row = int(prices["low"].argmin())
        raise AdjustedBelowZero(bars.symbol, days[row].item(), float(prices["low"][row]))
    extras = dict(bars.extras) | {"offset": offset}
    return Bars.of(
        bars.symbol, bars.timeframe, ts=bars.ts, **prices, volume=bars.volume, extras=extras
    )
