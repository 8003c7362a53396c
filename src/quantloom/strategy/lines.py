"""Indicator values as a strategy reads them: the present one, earlier ones, never a later one."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

from quantloom.errors import Invalid
from quantloom.kit import FloatArray


class FutureValue(Invalid):
    """A strategy asked an indicator for a value that lies ahead."""

    code = "strategy.future_value"

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index

    def __str__(self) -> str:
        return f"[{self.index}] would look ahead; [-1] is the present value, [-2] the one before"


class LineIsNoNumber(Invalid):
    """A line was compared, reckoned with or cut as if it were a number or an array."""

    code = "strategy.line_is_no_number"

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label

    def __str__(self) -> str:
        return (
            f"{self.label} is a line and no number; line.value is its present value, line[-2] the "
            "one before, and ctx.history(20) has the bars as arrays"
        )


class LineNeeded(Invalid):
    """Something else stands where a line belongs."""

    code = "strategy.line_needed"

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return (
            f"{self.given} is no line, and one is needed here; "
            "ask in initialize for ctx.line('close') or ctx.indicator(...)"
        )


class Cursor:
    """Where the engine stands.

    Attributes:
        at: place of the present bar in the loaded chunk; place 0 holds the bar before the chunk.
        base: row of place 0 in the whole series; -1 in the first chunk.
    """

    __slots__ = ("at", "base")

    def __init__(self) -> None:
        self.at = 0
        self.base = -1

    @property
    def row(self) -> int:
        return self.base + self.at


class Line:
    """One output of an indicator; NaN while it warms up.

    `line.value` and `line[-1]` are the value at the present closed bar, `line[-2]` the one
    before. Further outputs are attributes by name: `macd.signal`.
    """

    __slots__ = ("_lines", "_values", "chunk", "cursor", "label")

    def __init__(
        self, label: str, values: FloatArray, cursor: Cursor, lines: Mapping[str, "Line"]
    ) -> None:
        self.label = label
        self._values = values
        self.cursor = cursor
        # Before the first bar every value is NaN, as in warm-up.
        self.chunk = [math.nan]
        self._lines = lines

    def load(self, start: int, stop: int) -> None:
        """Unpack rows start to stop, and the one before, into Python floats."""
        # A list of floats reads ten times faster than an array, but costs 32 bytes a value,
        # so the engine loads it piece by piece.
        if start:
            self.chunk = self._values[start - 1 : stop].tolist()
        else:
            self.chunk = [math.nan, *self._values[:stop].tolist()]

    @property
    def value(self) -> float:
        """The value at the present bar."""
        return self.chunk[self.cursor.at]

    @property
    def previous(self) -> float:
        """The value one bar earlier."""
        return self.chunk[self.cursor.at - 1]

    @property
    def is_ready(self) -> bool:
        """Whether the warm-up is over."""
        return not math.isnan(self.chunk[self.cursor.at])

    def __getitem__(self, index: int) -> float:
        try:
            is_ahead = index >= 0
        except TypeError:  # a slice
            raise LineIsNoNumber(self.label) from None
        if is_ahead:
            raise FutureValue(index)
        row = self.cursor.row + 1 + index
        return float(self._values[row]) if row >= 0 else math.nan

    def __getattr__(self, name: str) -> "Line":
        lines = object.__getattribute__(self, "_lines")
        if name in lines:
            found: Line = lines[name]
            return found
        raise AttributeError(f"{self.label} has no output {name!r}; it has {', '.join(lines)}")

    def __float__(self) -> float:
        return self.value

    if not TYPE_CHECKING:
        # Type checkers find such a use by themselves, as long as they see no method for it.
        def _refuse(self, _other: object) -> NoReturn:
            raise LineIsNoNumber(self.label)

        __lt__ = __le__ = __gt__ = __ge__ = _refuse
        __add__ = __sub__ = __mul__ = __truediv__ = _refuse
        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = _refuse

    def __repr__(self) -> str:
        return f"<Line {self.label} {self.value}>"


def whole(line: Line) -> FloatArray:
    """Every value of a line, those of later bars too: for engines, never for a strategy.

    Raises:
        LineNeeded: it is none.
    """
    given: object = line  # whatever its annotation says
    if not isinstance(given, Line):
        raise LineNeeded(repr(given))
    return line._values  # noqa: SLF001  strategies must not find it on the line


def replace_values(line: Line, values: FloatArray) -> None:
    """Show other values, of as many bars: for engines, where the terms of prices change."""
    line._values = values  # noqa: SLF001  as above


def crossed_above(left: Line, right: Line | float) -> bool:
    """Whether `left` came from at or below `right` on the last bar to above it on this one.

    Both must be past their warm-up on both bars.

    Raises:
        LineNeeded: `left` is no line.
    """
    try:
        at, now = left.cursor.at, left.chunk
    except AttributeError:
        raise LineNeeded(repr(left)) from None
    if isinstance(right, Line):
        other = right.chunk
        return now[at] > other[at] and now[at - 1] <= other[at - 1]
    return now[at] > right >= now[at - 1]


def crossed_below(left: Line, right: Line | float) -> bool:
    """Whether `left` came from at or above `right` on the last bar to below it on this one.

    Both must be past their warm-up on both bars.

    Raises:
        LineNeeded: `left` is no line.
    """
    try:
        at, now = left.cursor.at, left.chunk
    except AttributeError:
        raise LineNeeded(repr(left)) from None
    if isinstance(right, Line):
        other = right.chunk
        return now[at] < other[at] and now[at - 1] >= other[at - 1]
    return now[at] < right <= now[at - 1]
