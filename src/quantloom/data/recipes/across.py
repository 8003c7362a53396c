"""Steps that compare symbols at one time."""

from collections.abc import Callable

import numpy as np

from quantloom.data.recipes.failures import DifferentCloses
from quantloom.data.recipes.settings import Setting, Values
from quantloom.data.recipes.table import Site, Table
from quantloom.kit import FloatArray, IntArray

Compare = Callable[[FloatArray, IntArray, int], FloatArray]

ACROSS = (
    Setting(name="of", kind="texts", meaning="columns to compare"),
    Setting(
        name="least",
        kind="whole",
        default=2,
        low=2,
        meaning="symbols with a value that there must be at a time; NaN where there are fewer",
    ),
)


def rank_names(values: Values) -> tuple[str, ...]:
    return tuple(f"{name}_rank" for name in values["of"])


def zscore_names(values: Values) -> tuple[str, ...]:
    return tuple(f"{name}_cross_zscore" for name in values["of"])


def take_ranks(table: Table, values: Values, site: Site) -> Table:
    """Place of each symbol among those of its time, from 0 for the lowest to 1 for the highest."""
    _demand_one_close("rank", table, site)
    for name, of in zip(rank_names(values), values["of"], strict=True):
        table.features[name] = _by_time(table, of, values["least"], ranks)
    return table


def take_zscores(table: Table, values: Values, site: Site) -> Table:
    """Standard deviations from the mean of the symbols of a time; 0 where all are equal."""
    _demand_one_close("cross_zscore", table, site)
    for name, of in zip(zscore_names(values), values["of"], strict=True):
        table.features[name] = _by_time(table, of, values["least"], zscores)
    return table


def ranks(values: FloatArray, group: IntArray, size: int) -> FloatArray:
    """Rank values within their groups, equal ones sharing the mean of their places.

    Args:
        values: (n,) finite. group: (n,) from 0 to below `size`.
    Returns:
        (n,) 0 to 1; 0.5 for a value alone in its group.
    """
    order = np.lexsort((values, group))
    ordered, groups = values[order], group[order]
    counts = np.bincount(group, minlength=size)
    begins = (np.cumsum(counts) - counts)[groups]
    rows = np.arange(len(values))
    is_new = np.append(True, (ordered[1:] != ordered[:-1]) | (groups[1:] != groups[:-1]))
    first = np.maximum.accumulate(np.where(is_new, rows, 0))
    heads = np.flatnonzero(is_new)
    lengths = np.diff(np.append(heads, len(values)))
    place = first - begins + (np.repeat(lengths, lengths) - 1) / 2.0
    others = counts[groups] - 1
    found = np.empty(len(values))
    found[order] = np.where(others > 0, place / np.maximum(others, 1), 0.5)
    return found


def zscores(values: FloatArray, group: IntArray, size: int) -> FloatArray:
    """Standardise values within their groups, by the deviation of the group as a whole.

    Args:
        values: (n,) finite. group: (n,) from 0 to below `size`.
    """
    counts = np.maximum(np.bincount(group, minlength=size), 1)
    means = np.bincount(group, values, size) / counts
    gaps = values - means[group]
    spread = np.sqrt(np.bincount(group, gaps * gaps, size) / counts)[group]
    # What is left of equal values is rounding.
    is_spread = spread > 1e-12 * np.abs(means[group])
    return np.where(is_spread, gaps / np.where(is_spread, spread, 1.0), 0.0)


def _by_time(table: Table, of: str, least: int, compare: Compare) -> FloatArray:
    column, size = table.column(of), len(table.moments)
    found = np.full(len(table), np.nan)
    rows = np.flatnonzero(np.isfinite(column))
    counts = np.bincount(table.moment_rows[rows], minlength=size)
    rows = rows[counts[table.moment_rows[rows]] >= least]
    if len(rows):
        found[rows] = compare(column[rows], table.moment_rows[rows], size)
    return found


def _demand_one_close(where: str, table: Table, site: Site) -> None:
    """Days that carry one date do not end at one time in Shanghai and New York."""
    if table.timeframe.is_intraday:
        return
    zones = tuple(sorted({site.markets[symbol].zone for symbol in table.symbols}))
    if len(zones) > 1:
        raise DifferentCloses(where, zones)
