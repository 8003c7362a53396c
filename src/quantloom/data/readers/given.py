"""Roles under way: what each column of a table has been found to be so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quantloom.data.readers.mapping import ColumnRole, Role
from quantloom.data.readers.profiles import Profile
from quantloom.errors import Invalid

PRICES = (Role.OPEN, Role.HIGH, Role.LOW, Role.CLOSE)
"""The four prices of a bar."""

BIDS = (Role.BID_OPEN, Role.BID_HIGH, Role.BID_LOW, Role.BID_CLOSE)
"""Those of a bar of bids."""

ASKS = (Role.ASK_OPEN, Role.ASK_HIGH, Role.ASK_LOW, Role.ASK_CLOSE)
"""Those of a bar of asks."""

TIMES = (Role.TIME, Role.DATE, Role.CLOCK, Role.RECEIVED)
"""Roles of columns of times."""

_NAMED = 12

BOOK = (Role.BID, Role.ASK, Role.BID_SIZE, Role.ASK_SIZE)
"""Prices and sizes of the levels of a book."""

DISTANCES = (Role.BID_DISTANCE, Role.ASK_DISTANCE, Role.BID_NOTIONAL, Role.ASK_NOTIONAL)
"""The same as parts of the middle price, and as money."""

OF_LEVELS = (*BOOK, *DISTANCES)
"""Roles that a table may hold several of, one for each level of the book."""


class ColumnsMissing(Invalid):
    """A table without the columns that bars or ticks need."""

    code = "data.columns_missing"

    def __init__(self, path: Path, missing: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(path, missing, found)
        self.path, self.missing, self.found = path, missing, found
        self.names = _named(found)

    def __str__(self) -> str:
        return (
            f"{self.path} has no column for {', '.join(self.missing)}; found {self.names}. Say "
            "which is which by --column NAME=ROLE, or `#0=time` by place where they have no names"
        )


def _named(found: tuple[str, ...]) -> str:
    names = ", ".join(map(repr, found[:_NAMED])) or "none"
    return f"{names} and {len(found) - _NAMED} more" if len(found) > _NAMED else names


class ColumnTwice(Invalid):
    """Two columns of a file that bear the name of one role."""

    code = "data.column_twice"

    def __init__(self, path: Path, column: str) -> None:
        super().__init__(path, column)
        self.path, self.column = path, column

    def __str__(self) -> str:
        return (
            f"{self.path} has two columns named {self.column!r}; rename one of them, or say by "
            "--column #3=ignored, by its place, which is not to be read"
        )


@dataclass(slots=True)
class Roles:
    """Roles under way: what has been found for each column so far."""

    path: Path
    profiles: Sequence[Profile]
    found: dict[int, ColumnRole] = field(default_factory=dict)

    def give(
        self,
        place: int,
        role: Role,
        *,
        confidence: float = 1.0,
        reason: str = "",
        written: str = "",
    ) -> None:
        """Give a column its role; what it was given before is gone."""
        one = self.profiles[place]
        level = one.named.level if role in OF_LEVELS else 0
        self.found[place] = ColumnRole(
            name=one.name,
            role=role,
            level=level,
            written=written,
            confidence=confidence,
            reason=reason,
        )

    def of(self, role: Role) -> Profile | None:
        """The first column of a role."""
        place = next((place for place, one in self.found.items() if one.role is role), None)
        return None if place is None else self.profiles[place]

    def has(self, *roles: Role) -> bool:
        return all(self.of(role) is not None for role in roles)

    def free(self) -> list[Profile]:
        """Columns without a role yet."""
        return [one for one in self.profiles if one.place not in self.found]

    def done(self) -> tuple[ColumnRole, ...]:
        return tuple(self.found[one.place] for one in self.profiles)
