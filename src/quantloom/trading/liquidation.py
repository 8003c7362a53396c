"""When a perpetual position is liquidated, at which mark price, and what that costs.

All is solved in the notional value of the position, n, in the money it is settled in. A linear
long and an inverse short gain as n rises, the two others lose; with s = 1 or -1 a position fails
where

    margin + s x (n - n at entry) <= n x ratio - deducted + what other positions need and lose

which is one linear inequality within each tier. Comparisons are made without division.

Source:
    Binance, "How to Calculate Liquidation Price of USDS-M Futures Contracts" and the same of
    COIN-M; Bybit, "Liquidation Price Calculation under Isolated Mode" for inverse contracts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from quantloom.market import exactly
from quantloom.trading.maintenance import MarginTier, MarginTiers
from quantloom.trading.perpetual import Holding
from quantloom.trading.rounding import divide_down, divide_up
from quantloom.trading.terms import ZERO

_ONE = Decimal(1)
_NOWHERE = Decimal("Infinity")


class Marked(NamedTuple):
    """A position with its tiers and the mark price at which it counts."""

    holding: Holding
    tiers: MarginTiers
    price: Decimal


class MarkBar(NamedTuple):
    """The mark price over one bar."""

    open: Decimal
    high: Decimal
    low: Decimal


@dataclass(frozen=True, slots=True)
class Backing:
    """What stands behind one position.

    Attributes:
        margin: isolated margin of the position, or the wallet less all isolated margins.
        profit: unrealised, of the other positions that share it.
        needed: their maintenance margin.
    """

    margin: Decimal
    profit: Decimal = ZERO
    needed: Decimal = ZERO

    @classmethod
    def cross(cls, wallet: Decimal, others: Iterable[Marked]) -> "Backing":
        """What a shared wallet leaves for one position beside the others that it backs.

        Args:
            others: settled in the same money, each at the mark price that it is to count at.
        """
        profit = needed = ZERO
        with exactly():
            for holding, tiers, price in others:
                profit += holding.profit(price)
                needed += tiers.maintenance(holding.notional(price))
        return cls(wallet, profit, needed)

    def balance(self, holding: Holding, price: Decimal) -> Decimal:
        """Margin and all unrealised profit with the position at a price."""
        with exactly():
            return self.margin + self.profit + holding.profit(price)


def margin_ratio(holding: Holding, tiers: MarginTiers, backing: Backing, price: Decimal) -> float:
    """Maintenance margin as a share of the margin balance, an estimate; at 1 it is over.

    Returns:
        Infinity where nothing is left.
    """
    balance = backing.balance(holding, price)
    with exactly():
        needed = tiers.maintenance(holding.notional(price)) + backing.needed
    return float(needed) / float(balance) if balance > 0 else float("inf")


def fails_at(holding: Holding, tiers: MarginTiers, backing: Backing, price: Decimal) -> bool:
    """Whether a position is liquidated at a mark price: its margin is at or under what is needed.

    With `Backing.cross` this tells of the whole account.
    """
    numerator, denominator = holding.contract.fraction(holding.quantity, price)
    with exactly():
        # The tier is told by the value times the denominator, so that nothing is divided.
        tier = next(one for one in reversed(tiers.tiers) if one.start * denominator <= numerator)
        free = _free(holding, tier, backing) * denominator
        return free + holding.direction * numerator <= tier.ratio * numerator


def liquidation_price(
    holding: Holding, tiers: MarginTiers, backing: Backing, *, tick: Decimal
) -> Decimal | None:
    """The first tick at which a position is liquidated as the mark price moves against it.

    Args:
        tick: of the mark price; the answer is exact to it. One tick nearer to the entry, margin is
            still above maintenance.
    Returns:
        None where no price above zero does it. Where every price does, zero for a short position
        and infinity for a long one.
    """
    return _price_of(holding, _failing_value(holding, tiers, backing), tick)


def bankruptcy_price(holding: Holding, backing: Backing, *, tick: Decimal) -> Decimal | None:
    """The first tick at which nothing is left of the margin; None where there is none."""
    gone = MarginTier(ZERO, ZERO, ZERO, 1)
    alone = Backing(backing.margin, backing.profit)
    with exactly():
        value = _solve(holding, gone, alone)
    return _price_of(holding, value, tick)


def liquidated_at(
    holding: Holding, tiers: MarginTiers, backing: Backing, bar: MarkBar, *, tick: Decimal
) -> Decimal | None:
    """The mark price at which a bar liquidates a position, None where it does not.

    The low of the mark price decides for a long position, the high for a short one: a bar whose
    close looks well may have ended it. Where it fails at the open already, it went at the open.
    """
    if fails_at(holding, tiers, backing, bar.open):
        return bar.open
    worst = bar.low if holding.quantity > 0 else bar.high
    if not fails_at(holding, tiers, backing, worst):
        return None
    price = liquidation_price(holding, tiers, backing, tick=tick)
    # A tick beyond the low or high of a finer mark price is not where the bar was.
    return worst if price is None else sorted((bar.open, price, worst))[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidation:
    """What a liquidation does to a position and its account.

    Attributes:
        quantity: contracts closed, without a sign.
        fee: goes to the insurance fund, never more than what was left.
        insured: what the fund pays in, so that no more is lost than the margin.
    """

    quantity: Decimal
    price: Decimal
    fee: Decimal
    insured: Decimal


def liquidate(
    marked: Marked,
    backing: Backing,
    *,
    fee_ratio: Decimal,
    step: Decimal | None = None,
    takes_rest: bool = False,
) -> Liquidation:
    """Close a failed position at a mark price.

    Args:
        fee_ratio: share of the notional value of what is closed.
        step: of quantities, to close only as much as brings the position into the highest lower
            tier that its margin maintains. None closes all of it.
        takes_rest: what is left of the margin goes to the fund, as if all was closed at the
            bankruptcy price.
    Source:
        Binance, "Liquidation Protocols": the fee is charged on the amount liquidated, and the fund
        balances a bankrupt account to zero. Bybit, "Liquidation Process": partial liquidation
        tier by tier, and settlement at the bankruptcy price.
    """
    holding, tiers, price = marked
    balance = backing.balance(holding, price)
    whole = abs(holding.quantity)
    if step is not None:
        for quantity in _reductions(marked, step):
            fee = _fee(holding, quantity, price, fee_ratio)
            left = holding.contract.notional(whole - quantity, price)
            with exactly():
                if balance - fee > tiers.maintenance(left) + backing.needed:
                    return Liquidation(quantity=quantity, price=price, fee=fee, insured=ZERO)
    rest = max(balance, ZERO)
    fee = rest if takes_rest else min(_fee(holding, whole, price, fee_ratio), rest)
    return Liquidation(quantity=whole, price=price, fee=fee, insured=max(-balance, ZERO))


def _reductions(marked: Marked, step: Decimal) -> Iterator[Decimal]:
    """How much to close to come down by one tier, by two and so on; never all."""
    holding, tiers, price = marked
    whole = abs(holding.quantity)
    unit, denominator = holding.contract.fraction(Decimal(1), price)
    with exactly():
        for _, upper in reversed(list(pairwise(tiers.tiers))):
            left = divide_down(upper.start * denominator, unit, step)
            if 0 < left < whole:
                yield whole - left


def _fee(holding: Holding, quantity: Decimal, price: Decimal, ratio: Decimal) -> Decimal:
    numerator, denominator = holding.contract.fraction(quantity, price)
    with exactly():
        due = numerator * ratio
        return divide_up(due, denominator, holding.contract.quantum) if denominator != 1 else due


class _Value(NamedTuple):
    """A notional value as a numerator above a denominator."""

    numerator: Decimal
    denominator: Decimal


_NOTHING = _Value(ZERO, _ONE)


def _free(holding: Holding, tier: MarginTier, backing: Backing) -> Decimal:
    """Balance less what is needed, without the terms in which the notional value stands."""
    others = backing.margin + backing.profit - backing.needed
    return others - holding.direction * holding.entry_notional + tier.deducted


def _solve(holding: Holding, tier: MarginTier, backing: Backing) -> _Value:
    """The notional value at which balance and need are equal, were all in one tier."""
    free = _free(holding, tier, backing)
    if holding.direction > 0:
        return _Value(-free, 1 - tier.ratio)
    return _Value(free, 1 + tier.ratio)


def _failing_value(holding: Holding, tiers: MarginTiers, backing: Backing) -> _Value:
    """The bound of failing values: the highest one where value is gain, else the lowest."""
    with exactly():
        if holding.direction > 0:
            return _highest_failing(holding, tiers, backing)
        return _lowest_failing(holding, tiers, backing)


def _highest_failing(holding: Holding, tiers: MarginTiers, backing: Backing) -> _Value:
    for tier in reversed(tiers.tiers):
        found = _solve(holding, tier, backing)
        if found.numerator >= tier.start * found.denominator:
            return found
    return _NOTHING


def _lowest_failing(holding: Holding, tiers: MarginTiers, backing: Backing) -> _Value:
    for tier, following in pairwise(tiers.tiers):
        found = _solve(holding, tier, backing)
        if found.numerator < following.start * found.denominator:
            return _from(tier, found)
    last = tiers.tiers[-1]
    return _from(last, _solve(holding, last, backing))


def _from(tier: MarginTier, value: _Value) -> _Value:
    """The same or the start of the tier, where a tier that deducts too little jumps there."""
    is_below = value.numerator < tier.start * value.denominator
    return _Value(tier.start, _ONE) if is_below else value


def _price_of(holding: Holding, value: _Value, tick: Decimal) -> Decimal | None:
    """The tick at or beyond the price at which a position has such a notional value."""
    is_long = holding.quantity > 0
    if value.numerator <= 0:
        if holding.direction > 0:
            return None
        return _NOWHERE if is_long else ZERO
    with exactly():
        face = abs(holding.quantity) * holding.contract.multiplier
        numerator, denominator = value.numerator, face * value.denominator
        if holding.contract.is_inverse:
            numerator, denominator = face * value.denominator, value.numerator
    if not is_long:
        return divide_up(numerator, denominator, tick)
    price = divide_down(numerator, denominator, tick)
    return price if price > 0 else None
