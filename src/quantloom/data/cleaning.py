"""Leave out rows that cannot be true, and count every one of them by its problem."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.market import Bars, Timeframe, bar_problems
from quantloom.market.bars import FIELDS

REPEATED = "the same bar again"
CONFLICTING = "another bar of the same time; the first was kept"
_ABOUT_ORDER = 2


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a file's columns.

    Attributes:
        dropped: problem and number of rows left out for it, in the order they were looked for.
        was_sorted: whether the rows already stood in order of time.
    """

    ts: IntArray
    columns: Mapping[str, FloatArray]
    dropped: tuple[tuple[str, int], ...]
    was_sorted: bool


def clean(ts: IntArray, columns: Mapping[str, FloatArray]) -> Cleaned:
    """Sort rows by time and drop those no market can have printed.

    A row is counted once, under the first problem found. Of several rows of one time the first in
    the file stays, after impossible rows are gone.

    Args:
        ts: (n,) UTC nanoseconds in any order.
        columns: (n,) open, high, low, close, volume and extras.
    """
    impossible, counts = _impossible(ts, columns)
    ts, columns = ts[~impossible], _pick(columns, ~impossible)
    was_sorted = bool((np.diff(ts) >= 0).all())
    if not was_sorted:
        order = np.argsort(ts, kind="stable")
        ts, columns = ts[order], _pick(columns, order)
    extra = np.diff(ts, prepend=ts[:1] - 1) == 0
    if extra.any():
        same = extra & _equal_to_first(ts, columns)
        counts += [(REPEATED, int(same.sum())), (CONFLICTING, int((extra & ~same).sum()))]
        ts, columns = ts[~extra], _pick(columns, ~extra)
    dropped = tuple((problem, count) for problem, count in counts if count)
    return Cleaned(ts, columns, dropped, was_sorted)


def _impossible(
    ts: IntArray, columns: Mapping[str, FloatArray]
) -> tuple[BoolArray, list[tuple[str, int]]]:
    base: dict[str, Any] = {name: columns[name] for name in FIELDS}
    unchecked = Bars("", Timeframe(1, "d"), ts, **base, extras={})
    found: BoolArray = np.zeros(len(ts), dtype=np.bool_)
    counts: list[tuple[str, int]] = []
    if not len(ts):
        return found, counts
    for problem, bad in list(bar_problems(unchecked))[_ABOUT_ORDER:]:
        counts.append((problem, int((bad & ~found).sum())))
        found = found | bad
    return found, counts


def _equal_to_first(ts: IntArray, columns: Mapping[str, FloatArray]) -> BoolArray:
    # Sorted times: searching finds the first row of each.
    first = np.searchsorted(ts, ts)
    equal: BoolArray = np.ones(len(ts), dtype=np.bool_)
    for column in columns.values():
        mine, its = column, column[first]
        equal &= (mine == its) | (np.isnan(mine) & np.isnan(its))
    return equal


def _pick(columns: Mapping[str, FloatArray], rows: BoolArray | IntArray) -> dict[str, FloatArray]:
    return {name: column[rows] for name, column in columns.items()}
