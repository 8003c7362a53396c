"""When a strategy wants to be called: conditions on whole lines, worked out before the first bar.

A strategy that acts on one bar in a hundred need not be called on the other ninety-nine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import BoolArray, FloatArray
from quantloom.strategy.lines import Line, whole

Level = Line | float
"""What a line is compared with: another line, or a number."""


class NotACondition(Invalid):
    """A trigger was asked for a yes or a no, by `if`, `and`, `or` or `not`."""

    code = "strategy.not_a_condition"

    def __str__(self) -> str:
        return (
            "a trigger is about every bar and has no yes or no; join triggers by |, & and ~, "
            "and ask crossed_above(...) or line.value in on_bar"
        )


class UnevenLines(Invalid):
    """A trigger on a line of an instrument that has no bar at some of the run's steps."""

    code = "strategy.uneven_lines"

    def __init__(self, label: str, rows: int, wanted: int) -> None:
        super().__init__(label, rows, wanted)
        self.label, self.rows, self.wanted = label, rows, wanted

    def __str__(self) -> str:
        return (
            f"{self.label} has {self.rows} values and the run {self.wanted} bars; "
            "wake on lines of an instrument that has each of them"
        )


class BadInterval(Invalid):
    """A number of bars below one."""

    code = "strategy.bad_interval"

    def __init__(self, bars: int) -> None:
        super().__init__(bars)
        self.bars = bars

    def __str__(self) -> str:
        return f"every({self.bars}) names no bar; it takes a whole number of bars, 1 or more"


@dataclass(frozen=True, slots=True)
class Trigger:
    """The bars on which a strategy wants to be called; `|`, `&` and `~` join and reverse.

    Made by `crossing`, `crossing_above`, `crossing_below`, `over`, `under` and `every`. All but
    `every` are false while a line that they read warms up, so what `~` reverses is true there.

    Attributes:
        lines: the lines that it reads.
    """

    lines: tuple[Line, ...]
    _mask: Callable[[int], BoolArray]

    def mask(self, rows: int) -> BoolArray:
        """Tell on which of the run's bars the trigger holds.

        Args:
            rows: bars of the run.
        Returns:
            (rows,) bool, oldest first; each row follows from the bars up to it alone.
        Raises:
            UnevenLines: a line with more or fewer values than the run has bars.
        """
        for line in self.lines:
            if len(whole(line)) != rows:
                raise UnevenLines(line.label, len(whole(line)), rows)
        return self._mask(rows)

    def __or__(self, other: "Trigger") -> "Trigger":
        return _joined(self, other, lambda rows: self.mask(rows) | other.mask(rows))

    def __and__(self, other: "Trigger") -> "Trigger":
        return _joined(self, other, lambda rows: self.mask(rows) & other.mask(rows))

    def __invert__(self) -> "Trigger":
        return Trigger(self.lines, lambda rows: ~self.mask(rows))

    def __bool__(self) -> NoReturn:
        raise NotACondition


def crossing(left: Line, right: Level) -> Trigger:
    """Where `left` crosses `right` from either side."""
    return crossing_above(left, right) | crossing_below(left, right)


def crossing_above(left: Line, right: Level) -> Trigger:
    """Where `crossed_above(left, right)` is true."""

    def mask(_: int) -> BoolArray:
        now, level = whole(left), _values(right)
        return _after_first((now > level)[1:] & (_before(now) <= _before(level)))

    return Trigger(_lines(left, right), mask)


def crossing_below(left: Line, right: Level) -> Trigger:
    """Where `crossed_below(left, right)` is true."""

    def mask(_: int) -> BoolArray:
        now, level = whole(left), _values(right)
        return _after_first((now < level)[1:] & (_before(now) >= _before(level)))

    return Trigger(_lines(left, right), mask)


def over(line: Line, level: Level) -> Trigger:
    """Where a line is above a number or another line."""
    return Trigger(_lines(line, level), lambda _: whole(line) > _values(level))


def under(line: Line, level: Level) -> Trigger:
    """Where a line is below a number or another line."""
    return Trigger(_lines(line, level), lambda _: whole(line) < _values(level))


def every(bars: int) -> Trigger:
    """Each `bars`-th bar of the run: with 5 the fifth, the tenth and so on.

    Raises:
        BadInterval: less than one bar.
    """
    if bars < 1:
        raise BadInterval(bars)
    return Trigger((), lambda rows: np.arange(1, rows + 1) % bars == 0)


def _joined(left: Trigger, right: Trigger, mask: Callable[[int], BoolArray]) -> Trigger:
    return Trigger(tuple(dict.fromkeys((*left.lines, *right.lines))), mask)


def _lines(left: Line, right: Level) -> tuple[Line, ...]:
    return (left, right) if isinstance(right, Line) else (left,)


def _values(level: Level) -> FloatArray | float:
    return whole(level) if isinstance(level, Line) else level


def _before(level: FloatArray | float) -> FloatArray | float:
    return level[:-1] if isinstance(level, np.ndarray) else level


def _after_first(rest: BoolArray) -> BoolArray:
    """Nothing crosses on the first bar: there is none before it."""
    return np.concatenate((np.zeros(1, dtype=np.bool_), rest))
