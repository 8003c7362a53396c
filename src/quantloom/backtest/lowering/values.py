"""What an expression of a strategy comes to while it is lowered: numbers, and things of ours."""

from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Any


class Kind(IntEnum):
    """What Python would hold; two of them joined are the greater."""

    BOOL = 0
    INT = 1
    FLOAT = 2


@dataclass(frozen=True, slots=True)
class Number:
    """A number at run time.

    Attributes:
        code: the expression that makes it, safe to put beside any operator.
        is_exact: whether Python holds a Decimal, which does not add up with floats.
        is_rough: whether it hangs on the account, which compiled code keeps in floats: where a
            comparison would hang on rounding, the run is made by the event engine.
        constant: its value where it is written there.
    """

    code: str
    kind: Kind
    is_exact: bool = False
    is_rough: bool = False
    constant: int | float | None = None

    def joined(self, other: "Number | None") -> "Number":
        """What may be either; the code is this one's."""
        if other is None:
            return replace(self, constant=None)
        return Number(
            self.code,
            max(self.kind, other.kind),
            self.is_exact or other.is_exact,
            self.is_rough or other.is_rough,
        )

    def same_kind(self, other: "Number") -> bool:
        return (self.kind, self.is_exact, self.is_rough) == (
            other.kind,
            other.is_exact,
            other.is_rough,
        )

    def as_kind(self, kind: Kind) -> str:
        """The code of the same number held as another kind."""
        if kind is self.kind:
            return self.code
        if self.kind is Kind.BOOL:
            one, zero = ("1.0", "0.0") if kind is Kind.FLOAT else ("1", "0")
            return f"({one} if {self.code} else {zero})"
        return f"float({self.code})" if kind is Kind.FLOAT else f"int({self.code})"

    @property
    def truth(self) -> str:
        """The code of whether it is true."""
        return self.code if self.kind is Kind.BOOL else f"({self.code} != 0)"


class Role(Enum):
    """The things that a callback is handed or asks for."""

    SELF = "self"
    CTX = "ctx"
    BAR = "bar"
    POSITION = "ctx.position"
    ACCOUNT = "ctx.account"
    SYMBOL = "the symbol"
    LINE = "a line"
    METHOD = "a method of the strategy"
    ACTION = "a method of ctx"
    FIXED = "an object"


@dataclass(frozen=True, slots=True)
class Thing:
    """No number, but what numbers are read from.

    Attributes:
        held: the column of a line, the name of a method, an object that is there already.
    """

    role: Role
    held: Any = None

    def __str__(self) -> str:
        if self.role in {Role.FIXED, Role.METHOD, Role.ACTION}:
            return str(getattr(self.held, "__qualname__", None) or repr(self.held))
        return str(self.role.value)


Found = Number | Thing
