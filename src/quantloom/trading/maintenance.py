"""Margin of perpetual contracts: initial by leverage, maintenance by the size of the position."""

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple, Self

from quantloom.errors import Invalid
from quantloom.market import exactly
from quantloom.market.rulebook.topics import Maintenance
from quantloom.trading.orders import Refused
from quantloom.trading.perpetual import COIN_QUANTUM
from quantloom.trading.rounding import divide_up


class BadTiers(Invalid):
    """Tiers of margin that leave a position without a maintenance margin, or with a wrong one."""

    code = "margin.bad_tiers"

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(row, problem)
        self.row, self.problem = row, problem

    def __str__(self) -> str:
        return (
            f"margin tier {self.row}: {self.problem}; a row is the value from which it holds, its "
            "ratio, the amount to deduct and the most leverage, and the first one begins at 0"
        )


class MarginTier(NamedTuple):
    """What holds for positions from a size on.

    Attributes:
        start: least notional value of the position. ratio: of all of it.
        deducted: taken off, so that lower tiers keep their lower ratios.
        leverage: the most.
    """

    start: Decimal
    ratio: Decimal
    deducted: Decimal
    leverage: int


@dataclass(frozen=True, slots=True)
class MarginTiers:
    """The tiers of one contract, the smallest first.

    Raises:
        BadTiers: they do not ascend from zero, or one asks for nothing or for all.
    Source:
        Binance, "Leverage and Margin of USDS-M Futures": maintenance margin is notional value
        x ratio less the maintenance amount.
    """

    tiers: tuple[MarginTier, ...]

    def __post_init__(self) -> None:
        if not self.tiers or self.tiers[0].start != 0:
            raise BadTiers(1, "it does not begin at 0")
        for row, (lower, upper) in enumerate(pairwise(self.tiers), start=2):
            if upper.start <= lower.start:
                raise BadTiers(row, f"{upper.start} is not above {lower.start}")
        for row, tier in enumerate(self.tiers, start=1):
            _check(row, tier)

    @classmethod
    def of(cls, rule: Maintenance) -> Self:
        """The tiers that a rule describes."""
        return cls(tuple(MarginTier(*row) for row in rule.tiers))

    def at(self, notional: Decimal) -> MarginTier:
        """The tier of a position of some notional value."""
        return self.tiers[bisect_right(self.tiers, notional, key=_start) - 1]

    def maintenance(self, notional: Decimal) -> Decimal:
        """The margin under which a position of some notional value is liquidated."""
        tier = self.at(notional)
        with exactly():
            return notional * tier.ratio - tier.deducted

    def review(self, notional: Decimal, leverage: Decimal) -> Refused | None:
        """Say why a position may not be opened or grow to some notional value; None if it may."""
        most = self.at(notional).leverage
        if 0 < leverage <= most:
            return None
        return Refused(
            "leverage_too_high",
            f"{leverage} times leverage is not open to a position of {notional:f}; "
            f"the most is {most}",
        )


def initial_margin(
    notional: Decimal, leverage: Decimal, *, quantum: Decimal = COIN_QUANTUM
) -> Decimal:
    """The margin that opens a position of some notional value, cut up to a quantum.

    Args:
        leverage: above zero; 10 asks for a tenth.
    """
    return divide_up(notional, leverage, quantum)


def _check(row: int, tier: MarginTier) -> None:
    if not 0 < tier.ratio < 1:
        raise BadTiers(row, f"its ratio {tier.ratio} is no share above 0 and below 1")
    if tier.leverage < 1:
        raise BadTiers(row, f"its leverage {tier.leverage} is below 1")
    with exactly():
        if not 0 <= tier.deducted <= tier.start * tier.ratio:
            raise BadTiers(row, f"{tier.deducted} cannot be deducted from {tier.start} on")


def _start(tier: MarginTier) -> Decimal:
    return tier.start
