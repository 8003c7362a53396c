"""Tell prices apart by what they do: a high is the highest, an open follows the close before."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from quantloom.data.readers.profiles import Profile
from quantloom.kit import BoolArray, FloatArray

_ALIKE = 0.35
_LEAST = 0.97
_ROWS = 2_000
_TOO_FEW = 30
# More columns of like size than this are no bars, and trying them all would take long.
_MOST = 9

Quad = tuple[int, int, int, int]


def find_quads(
    columns: Sequence[Profile], *, is_descending: bool = False
) -> list[tuple[Quad, float]]:
    """Find open, high, low and close among columns of prices.

    Args:
        columns: of numbers, in the file's order.
        is_descending: the newest row stands first.
    Returns:
        Places of open, high, low and close with the share of rows that agree; two such where
        bars of bids and of asks stand side by side; none where no four columns are a bar.
    """
    if len(columns) >= 4 and all(len(one.numbers) < _TOO_FEW for one in columns):
        return _by_place(columns)
    groups = [group[:_MOST] for group in _groups([one for one in columns if one.is_pricelike])]
    group = max(groups, key=len, default=[])
    if len(group) >= 8:
        halves = [_quad(one, is_descending=is_descending) for one in (group[:4], group[4:8])]
        if all(half is not None for half in halves):
            return [half for half in halves if half is not None]
    best: tuple[Quad, float] | None = None
    for four in combinations(group, 4):
        found = _quad(four, is_descending=is_descending)
        if found and (best is None or found[1] > best[1] + 0.01):
            best = found
    return [best] if best else []


def _by_place(columns: Sequence[Profile]) -> list[tuple[Quad, float]]:
    """Where rows are too few to tell by: four columns in a row that could be bars as they stand."""
    found: list[tuple[Quad, float]] = []
    places = [one.place for one in columns]
    start = 0
    while start + 4 <= len(columns):
        four = columns[start : start + 4]
        share = agrees(*(one.numbers for one in four))
        is_run = places[start + 3] - places[start] == 3
        if is_run and share >= _LEAST and _are_alike(four):
            one, two, three, last = (one.place for one in four)
            found.append(((one, two, three, last), share * 0.8))
            start += 4
        else:
            start += 1
    return found[:2]


def _are_alike(four: Sequence[Profile]) -> bool:
    sizes = [float(np.median(one.values)) for one in four if len(one.values)]
    return len(sizes) == 4 and min(sizes) > 0 and max(sizes) / min(sizes) < 20


def find_sides(columns: Sequence[Profile]) -> tuple[int, int] | None:
    """Find bid and ask: two prices of which one is never above the other."""
    for group in _groups([one for one in columns if one.is_pricelike]):
        if len(group) == 2:
            first, second = (one.numbers[:_ROWS] for one in group)
            if (first <= second).all() and (first < second).any():
                return group[0].place, group[1].place
            if (second <= first).all() and (second < first).any():
                return group[1].place, group[0].place
    return None


def agrees(open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> float:
    """Which share of the rows could be bars: nothing above the high or below the low."""
    known = np.isfinite(open_) & np.isfinite(high) & np.isfinite(low) & np.isfinite(close)
    if not known.any():
        return 0.0
    prices = np.stack([open_[known], close[known]])
    # Sources that round adjusted prices leave a close a little above its high.
    slack = 1e-6 * np.abs(high[known])
    good: BoolArray = (prices.max(axis=0) <= high[known] + slack) & (
        prices.min(axis=0) >= low[known] - slack
    )
    return float((good & (high[known] >= low[known] - slack)).mean())


def follows(first: FloatArray, second: FloatArray) -> float:
    """How near the second stands to the first of the row before, in parts of the price."""
    steps = np.abs(second[1:] - first[:-1]) / np.abs(first[:-1])
    known = steps[np.isfinite(steps)]
    return float(np.median(known)) + float(np.mean(np.minimum(known, 1.0))) if len(known) else 0.0


def _groups(columns: Sequence[Profile]) -> list[list[Profile]]:
    """Columns whose numbers are of like size."""
    groups: list[list[Profile]] = []
    for one in columns:
        size = float(np.log(np.median(one.values)))
        for group in groups:
            if abs(size - float(np.log(np.median(group[0].values)))) < _ALIKE:
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _quad(four: Sequence[Profile], *, is_descending: bool) -> tuple[Quad, float] | None:
    columns = [one.numbers[:_ROWS] for one in four]
    table = np.stack(columns)
    tops = [(column >= table.max(axis=0) - 1e-9 * np.abs(column)).mean() for column in columns]
    high = _first_best(tops, (1, 0, 2, 3))
    bottoms = [(column <= table.min(axis=0) + 1e-9 * np.abs(column)).mean() for column in columns]
    bottoms[high] = -1.0
    low = _first_best(bottoms, (2, 1, 3, 0))
    first, second = (place for place in range(4) if place not in (high, low))
    share = agrees(columns[first], columns[high], columns[low], columns[second])
    if share < _LEAST:
        return None
    one, other = columns[first], columns[second]
    forth, back = follows(other, one), follows(one, other)
    if is_descending:
        forth, back = back, forth
    open_, close = (first, second) if forth <= back * 1.05 else (second, first)
    places = four[open_].place, four[high].place, four[low].place, four[close].place
    return places, share


def _first_best(shares: Sequence[float], order: Sequence[int]) -> int:
    """The largest share; among equals the place where it usually stands."""
    most = max(shares)
    return next(place for place in order if shares[place] >= most - 1e-12)
