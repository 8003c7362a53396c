"""What a portfolio may be: limits of each weight, of groups, of what is traded and of leverage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from quantloom.errors import Invalid
from quantloom.kit import FloatArray


class BadLimits(Invalid):
    """Limits that no portfolio can be within, whatever its instruments."""

    code = "performance.bad_limits"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"limits: {self.problem}"


@dataclass(frozen=True, slots=True)
class GroupLimit:
    """How much some instruments may come to together, such as those of one sector.

    Attributes:
        members: places of their columns.
    """

    members: Sequence[int]
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limits:
    """What a portfolio may be.

    Attributes:
        low, high: of each weight, one number for all or (m,); from 0 on nothing is sold short.
        total: what the weights add up to.
        groups: what some of them add up to.
        held: (m,) the present weights, zero where not given.
        turnover: the most that may be traded, purchases and sales together, from `held` on.
        gross: the most that the weights may come to without their signs.
    """

    low: ArrayLike = 0.0
    high: ArrayLike = 1.0
    total: float = 1.0
    groups: Sequence[GroupLimit] = ()
    held: ArrayLike = 0.0
    turnover: float | None = None
    gross: float | None = None


LONG_ONLY = Limits()
"""No weight below zero, and all of them 1 together."""


@dataclass(frozen=True, slots=True, eq=False)
class Constraints:
    """Limits as a solver takes them, over weights and what absolute values need besides.

    Attributes:
        size: number of variables; the weights come first.
        equal: (e, size) and (e,): what must be met. least: (g, size) and (g,): what is met or more.
    """

    size: int
    equal: tuple[FloatArray, FloatArray]
    least: tuple[FloatArray, FloatArray]


def constraints_of(limits: Limits, count: int) -> Constraints:
    """Write limits on so many weights as equations and inequalities.

    Raises:
        BadLimits: one does not fit the number of weights, or nothing is within it.
    """
    low, high = _each(limits.low, count, "low"), _each(limits.high, count, "high")
    held = _each(limits.held, count, "held")
    if (low > high).any():
        place = int(np.argmax(low > high))
        raise BadLimits(f"low is above high for column {place}: {low[place]} and {high[place]}")
    # Each absolute value is two variables at or above zero, of which one is taken off the other.
    absolutes = [
        (base, most)
        for base, most in ((held, limits.turnover), (np.zeros(count), limits.gross))
        if most is not None
    ]
    size = count * (1 + 2 * len(absolutes))
    rows, values = [_row(size, range(count), 1.0)], [limits.total]
    least, least_values = _of_bounds(low, high, size)
    for group in limits.groups:
        _check(group, count)
        for sign, bound in ((1.0, group.low), (-1.0, -group.high)):
            if np.isfinite(bound):
                least.append(_row(size, group.members, sign))
                least_values.append(bound)
    for place, (base, most) in enumerate(absolutes):
        start = count * (1 + 2 * place)
        parts = range(start, start + 2 * count)
        for j in range(count):
            row = _row(size, [j], 1.0)
            row[start + j], row[start + count + j] = -1.0, 1.0
            rows.append(row)
            values.append(float(base[j]))
        least += [_row(size, [part], 1.0) for part in parts]
        least_values += [0.0] * (2 * count)
        least.append(_row(size, parts, -1.0))
        least_values.append(-most)
    return Constraints(
        size,
        (np.array(rows), np.array(values)),
        (np.array(least).reshape(-1, size), np.array(least_values)),
    )


def _of_bounds(
    low: FloatArray, high: FloatArray, size: int
) -> tuple[list[FloatArray], list[float]]:
    rows, values = [], []
    for sign, bounds in ((1.0, low), (-1.0, -high)):
        for j in np.flatnonzero(np.isfinite(bounds)).tolist():
            rows.append(_row(size, [j], sign))
            values.append(float(bounds[j]))
    return rows, values


def _row(size: int, places: Sequence[int], value: float) -> FloatArray:
    row = np.zeros(size)
    row[[*places]] = value
    return row


def _each(value: ArrayLike, count: int, name: str) -> FloatArray:
    given = np.asarray(value, dtype=np.float64)
    if given.shape not in {(), (count,)} or np.isnan(given).any():
        raise BadLimits(f"{name} has shape {given.shape}; give one number, or {count} of them")
    return np.broadcast_to(given, (count,))


def _check(group: GroupLimit, count: int) -> None:
    if not len(group.members) or not all(0 <= one < count for one in group.members):
        raise BadLimits(f"group {tuple(group.members)} is not of columns 0 to {count - 1}")
    if group.low > group.high:
        raise BadLimits(f"low of group {tuple(group.members)} is above its high")
