"""Perpetual contracts in the money they are settled in: notional value and profit."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from quantloom.market import Number, exact, exactly
from quantloom.market.rulebook.topics import Grid
from quantloom.trading.rounding import divide_down, divide_up
from quantloom.trading.terms import ZERO

COIN_QUANTUM = Decimal("0.00000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetual:
    """How a contract's quantity and price become money.

    The notional value of linear contracts is multiplier x quantity x price in the quote; of inverse
    ones it is multiplier x quantity / price in coin, as are their margin, profit, fees and funding.
    A quotient is cut to `quantum` against the trader, so a round trip of an inverse contract may
    cost up to two quanta too much and never brings one too many. Linear money is not cut.

    Attributes:
        multiplier: units of the coin in one contract; of an inverse one, money of the quote.
        quantum: least amount of the money it is settled in that a division may leave.
    """

    multiplier: Decimal = Decimal(1)
    is_inverse: bool = False
    quantum: Decimal = COIN_QUANTUM

    @classmethod
    def of(cls, grid: Grid) -> Self:
        """The contract that a rule describes."""
        return cls(multiplier=grid.multiplier, is_inverse=grid.inverse)

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Notional value of a quantity of either sign, cut up; the base of margin and fees."""
        numerator, denominator = self.fraction(quantity, price)
        if self.is_inverse:
            return divide_up(numerator, denominator, self.quantum)
        return numerator

    def traded(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Notional value of contracts as they are bought (above zero) or sold (below), unsigned.

        Inverse contracts bought are coin sold, which brings less by the cut; sold ones cost more.
        """
        numerator, denominator = self.fraction(quantity, price)
        if not self.is_inverse:
            return numerator
        cut = divide_down if quantity > 0 else divide_up
        return cut(numerator, denominator, self.quantum)

    def profit(self, quantity: Decimal, entry: Number, exit_: Number) -> Decimal:
        """What a position of a signed quantity gains between two prices, before fees."""
        entered, left = self.traded(quantity, exact(entry)), self.traded(-quantity, exact(exit_))
        with exactly():
            return (left - entered) * self.direction(quantity)

    def direction(self, quantity: Decimal) -> int:
        """1 where a position gains as its notional value rises, -1 where it loses.

        That of an inverse contract falls as its price rises.
        """
        return 1 if (quantity > 0) != self.is_inverse else -1

    def fraction(self, quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """Notional value of a quantity of either sign, as an exact numerator and denominator."""
        with exactly():
            face = abs(quantity) * self.multiplier
            return (face, price) if self.is_inverse else (face * price, Decimal(1))


@dataclass(frozen=True, slots=True)
class Holding:
    """An open position with its notional value when it was opened.

    Attributes:
        quantity: signed; never zero.
        entry_notional: of all its lots, each at its own price.
    """

    contract: Perpetual
    quantity: Decimal
    entry_notional: Decimal

    @classmethod
    def of(cls, contract: Perpetual, lots: Iterable[tuple[Decimal, Decimal]]) -> Self:
        """A position from the signed quantity and price of its lots, all on one side."""
        quantity = notional = ZERO
        with exactly():
            for part, price in lots:
                quantity += part
                notional += contract.traded(part, price)
        return cls(contract, quantity, notional)

    def notional(self, price: Decimal) -> Decimal:
        """Notional value at a price, the base of its margin."""
        return self.contract.notional(self.quantity, price)

    def profit(self, price: Decimal) -> Decimal:
        """What it would gain if it were closed at a price, before fees."""
        left = self.contract.traded(-self.quantity, price)
        with exactly():
            return (left - self.entry_notional) * self.direction

    @property
    def direction(self) -> int:
        """1 where it gains as its notional value rises, -1 where it loses."""
        return self.contract.direction(self.quantity)
