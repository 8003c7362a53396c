"""Exact values of orders, fills and cash: whole ticks, whole lots, decimal money.

Market data and statistics are float64; what money is made of is not. A float enters here only by
its shortest decimal spelling (`exact`), which is the number the data vendor wrote.
"""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import Self

from quantloom.errors import Invalid

# Wide enough for any float on any grid, and for what is multiplied of those; rounding would raise.
# Arithmetic costs what its digits cost, not what the context allows.
EXACT = Context(prec=1_000, traps=[Inexact, InvalidOperation, Overflow, DivisionByZero])

# Beyond every float; a longer number is a slip or an attack, and slow to reckon with.
_MAX_DIGITS = 400
_SHOWN = 40

Number = Decimal | int | float | str

_INFINITY = float("inf")


class NotANumber(Invalid):
    """Text or a value that is no finite number of at most 400 digits stands for an exact one."""

    code = "value.not_a_number"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{self.text!r} is not a finite number; write it like 1234.5"


class PriceOffTick(Invalid):
    """An order price between two ticks; the sender must round it and send again."""

    code = "order.price_off_tick"

    def __init__(self, price: Decimal, tick_size: Decimal) -> None:
        super().__init__(price, tick_size)
        self.price, self.tick_size = price, tick_size

    def __str__(self) -> str:
        return (
            f"price {self.price} is not a multiple of tick {self.tick_size}; "
            "round it with instrument.round_down or instrument.round_up and send again"
        )


class QuantityOffLot(Invalid):
    """An order quantity that is not a whole number of lots above zero."""

    code = "order.quantity_off_lot"

    def __init__(self, quantity: Decimal, lot: Decimal) -> None:
        super().__init__(quantity, lot)
        self.quantity, self.lot = quantity, lot

    def __str__(self) -> str:
        return f"quantity {self.quantity} is not a positive multiple of lot {self.lot}"


class CurrencyMismatch(Invalid):
    """Two amounts of different currencies were added or compared."""

    code = "value.currency_mismatch"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(left, right)
        self.left, self.right = left, right

    def __str__(self) -> str:
        return f"{self.left} and {self.right} do not mix; convert one of them first"


def exact(value: Number) -> Decimal:
    """Read a number as the decimal it is written as; 0.1 becomes exactly 1/10.

    Raises:
        NotANumber: the value is no number, not a finite one, or longer than any float.
    """
    if type(value) is float and -_INFINITY < value < _INFINITY:
        return Decimal(repr(value))  # the engine asks this several times a fill
    number = value if isinstance(value, Decimal) else _read(_spelling(value))
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DIGITS:
        raise NotANumber(str(value))
    return number


def _read(text: str) -> Decimal:
    if len(text) > _MAX_DIGITS:
        raise NotANumber(text[:_SHOWN])
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NotANumber(text) from None


def _spelling(value: float | str) -> str:
    # float() first: the repr of a NumPy scalar carries its type, and bool is no quantity.
    if isinstance(value, bool):
        return "bool"
    return repr(float(value)) if isinstance(value, float) else str(value)


def exactly() -> AbstractContextManager[Context]:
    """A decimal context in which a result that would need rounding raises instead."""
    return localcontext(EXACT)


class _OnGrid(ABC):
    """Compares by value, since a count of ticks means nothing on another grid."""

    __slots__ = ()

    @property
    @abstractmethod
    def value(self) -> Decimal: ...

    def __lt__(self, other: Self) -> bool:
        return self.value < other.value

    def __le__(self, other: Self) -> bool:
        return self.value <= other.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Price(_OnGrid):
    """An order price, held as a whole number of ticks."""

    ticks: int
    tick_size: Decimal

    @classmethod
    def parse(cls, value: Number, tick_size: Decimal) -> Self:
        """Read a price that must lie on the tick grid.

        Raises:
            NotANumber: not a finite number.
            PriceOffTick: between two ticks.
        """
        number = exact(value)
        with exactly():
            ticks, remainder = divmod(number, tick_size)
        if remainder:
            raise PriceOffTick(number, tick_size)
        return cls(int(ticks), tick_size)

    @property
    def value(self) -> Decimal:
        return EXACT.multiply(self.ticks, self.tick_size)

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Quantity(_OnGrid):
    """How much is traded, held as a whole number of lots."""

    lots: int
    lot: Decimal

    @classmethod
    def parse(cls, value: Number, lot: Decimal) -> Self:
        """Read a quantity that must be a positive whole number of lots.

        Raises:
            NotANumber: not a finite number.
            QuantityOffLot: zero, negative or between two lots.
        """
        number = exact(value)
        with exactly():
            lots, remainder = divmod(number, lot)
        if remainder or lots <= 0:
            raise QuantityOffLot(number, lot)
        return cls(int(lots), lot)

    @property
    def value(self) -> Decimal:
        return EXACT.multiply(self.lots, self.lot)

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency. Adding two currencies raises."""

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, value: Number, currency: str) -> Self:
        return cls(exact(value), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
