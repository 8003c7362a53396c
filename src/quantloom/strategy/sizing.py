"""How large an order is when the strategy leaves it to the run."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from quantloom.errors import Invalid
from quantloom.market import Instrument, Number, exact


@dataclass(frozen=True, slots=True)
class Account:
    """The account at the last close.

    Attributes:
        cash, equity: exact, in the account's currency.
    """

    cash: Decimal
    equity: Decimal


class BadSizing(Invalid):
    """A size or a weight that is not above zero."""

    code = "strategy.bad_sizing"

    def __init__(self, field: str, value: Decimal) -> None:
        super().__init__(field, value)
        self.field, self.value = field, value

    def __str__(self) -> str:
        return f"{self.field} is {self.value}; it must be above zero"


class Book(Protocol):
    """What a sizing may look at; computed only if it does."""

    @property
    def account(self) -> Account:
        """Cash and equity at the last close."""
        ...

    def price(self, symbol: str) -> Decimal:
        """The last close of an instrument, exact."""
        ...


class Sizing(Protocol):
    """Turns an account and a price into an order quantity.

    Attributes:
        may_trim: whether a fill short of cash takes what the account affords.
    """

    @property
    def may_trim(self) -> bool: ...

    def quantity(self, instrument: Instrument, book: Book) -> Decimal:
        """Whole lots at or above zero."""
        ...


@dataclass(frozen=True, slots=True)
class FixedSize:
    """The same quantity each time; refused, not trimmed, when the account cannot pay for it."""

    size: Decimal

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", exact(self.size))
        if not self.size > 0:
            raise BadSizing("size", self.size)

    @classmethod
    def of(cls, size: Number) -> "FixedSize":
        return cls(exact(size))

    @property
    def may_trim(self) -> bool:
        return False

    def quantity(self, instrument: Instrument, book: Book) -> Decimal:  # noqa: ARG002  the protocol's
        return self.size


@dataclass(frozen=True, slots=True)
class EquityShare:
    """A share of equity as notional value; 1 puts all of it in, 2 is twice leverage."""

    weight: Decimal = Decimal("0.95")

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", exact(self.weight))
        if not self.weight > 0:
            raise BadSizing("weight", self.weight)

    @classmethod
    def of(cls, weight: Number) -> "EquityShare":
        return cls(exact(weight))

    @property
    def may_trim(self) -> bool:
        return True

    def quantity(self, instrument: Instrument, book: Book) -> Decimal:
        unit = book.price(instrument.symbol) * instrument.multiplier
        return instrument.whole_lots(book.account.equity * self.weight / unit)
