"""Bars as the columns that are stored, and how bars join those that are there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.data.store import Columns, Plan, ReservedColumn
from quantloom.errors import Conflict
from quantloom.kit import freeze, from_ns
from quantloom.market import Bars, Timeframe
from quantloom.market.bars import FIELDS
from quantloom.market.spans import Unit, bars_head, block_unit

COLUMNS = ("ts", *FIELDS)
_TEN_SECONDS, _MINUTE, _HOUR = 10, 60, 3_600


class NotLater(Conflict):
    """Bars to be added at the end that do not begin after it."""

    code = "data.not_later"

    def __init__(self, symbol: str, timeframe: Timeframe, last: datetime, first: datetime) -> None:
        super().__init__(symbol, timeframe, last, first)
        self.symbol, self.timeframe, self.last, self.first = symbol, timeframe, last, first

    def __str__(self) -> str:
        return (
            f"{self.symbol} {self.timeframe} ends with the bar of {self.last}; bars from "
            f"{self.first} on are not all later: sort them, or use upsert to replace bars"
        )


def plan_of(symbol: str, timeframe: Timeframe, extras: Sequence[str]) -> Plan:
    """How bars are laid out: pieces of a year of minutes, of a day of seconds."""
    return Plan(
        block=block_unit(timeframe),
        period=_period(timeframe),
        head=bars_head(symbol, timeframe, extras),
    )


def _period(timeframe: Timeframe) -> Unit:
    if timeframe.seconds >= _HOUR:
        return "all"
    if timeframe.seconds >= _MINUTE:
        return "Y"
    return "M" if timeframe.seconds >= _TEN_SECONDS else "D"


def columns_of(bars: Bars) -> dict[str, NDArray[Any]]:
    """Every column by name, the extras in the order of their names.

    Raises:
        ReservedColumn: an extra is named like a column of every bar.
    """
    for name in bars.extras:
        if name in COLUMNS:
            raise ReservedColumn(bars.symbol, name)
    base = dict(zip(COLUMNS, bars.columns(), strict=True))
    return base | {name: bars.extras[name] for name in sorted(bars.extras)}


def bars_of(symbol: str, timeframe: Timeframe, columns: Columns) -> Bars:
    """Make bars of columns that were checked before they were stored."""
    found = {name: freeze(values) for name, values in columns.items()}
    base: dict[str, Any] = {name: found.pop(name) for name in COLUMNS}
    return Bars(symbol, timeframe, **base, extras=found)


def fitted(columns: Columns, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The columns named, NaN throughout where there is none."""
    missing = np.full(len(columns["ts"]), np.nan)
    return {name: columns.get(name, missing) for name in names}


class Joining:
    """Joins bars to those there, of two at one time the new one, and counts what that does."""

    def __init__(self) -> None:
        self.changed = self.unchanged = 0

    def __call__(self, held: Columns, new: Columns) -> Columns:
        _, before, after = np.intersect1d(
            held["ts"], new["ts"], assume_unique=True, return_indices=True
        )
        equal = np.ones(len(before), dtype=np.bool_)
        for name in held:
            equal &= held[name][before].view(np.int64) == new[name][after].view(np.int64)
        self.unchanged, self.changed = int(equal.sum()), int((~equal).sum())
        return _merged(held, new, before)


class Following(Joining):
    """Joins bars that must all be later than those there."""

    def __init__(self, bars: Bars, last_ns: int) -> None:
        super().__init__()
        if int(bars.ts[0]) <= last_ns:
            raise NotLater(bars.symbol, bars.timeframe, from_ns(last_ns), bars.start)

    def __call__(self, held: Columns, new: Columns) -> Columns:
        return {name: np.concatenate([held[name], new[name]]) for name in held}


def _merged(held: Columns, new: Columns, replaced: NDArray[np.intp]) -> Columns:
    kept = np.ones(len(held["ts"]), dtype=np.bool_)
    kept[replaced] = False
    ts = np.concatenate([held["ts"][kept], new["ts"]])
    order = np.argsort(ts, kind="stable")
    return {name: np.concatenate([held[name][kept], new[name]])[order] for name in held}


def told_anew(before: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a dataset once rows have joined it.

    A check of the rows before says nothing of the new ones: without a new one, none is kept.
    """
    return {
        "source": told.get("source") or before.source,
        "licence": told.get("licence") or before.licence,
        "dropped_rows": told.get("dropped_rows", 0) + before.dropped_rows,
        "origin": told.get("origin") or before.origin,
        "quality": told.get("quality"),
    }
