"""Bars of many symbols on one scale of time, none of them known before it was over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray, freeze
from quantloom.market.bars import FIELDS, Bars, EmptyRange
from quantloom.market.timeframes import Timeframe, closes_of

Join = Literal["outer", "inner"]
"""Which times count: those of any symbol, or those that all of them have."""


class BarsDoNotJoin(Invalid):
    """Bars of several timeframes, or two of one symbol, offered as rows of one table."""

    code = "market.bars_do_not_join"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"bars do not join: {self.problem}; give each symbol once and one timeframe, "
            "and look up bars of another by rows_known_at"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Bars of m symbols at n times, one row for each time at which bars open.

    Attributes:
        ts: (n,) int64 UTC nanoseconds, rising. symbols: of the columns.
        columns: (n, m) open, high, low, close, volume and every extra that some symbol has, by
            name; NaN where a symbol has no bar.
        last: (n, m) close of the last bar up to each row, NaN before the first.
        age: (n, m) how many rows ago that was; -1 before the first, 0 where there is a bar.
    """

    ts: IntArray
    symbols: tuple[str, ...]
    timeframe: Timeframe
    columns: Mapping[str, FloatArray]
    last: FloatArray
    age: IntArray

    def __len__(self) -> int:
        return len(self.ts)

    def __getitem__(self, name: str) -> FloatArray:
        return self.columns[name]


def join_bars(bars: Sequence[Bars], how: Join = "outer") -> Joined:
    """Put bars of many symbols side by side; nothing is filled in.

    A gap stays a gap: `last` and `age` tell what was known there, and `fill_missing` makes bars
    for those who want some.

    Args:
        bars: of different symbols and one timeframe.
        how: `outer` keeps each time at which any symbol has a bar, `inner` those of all.
    Raises:
        BarsDoNotJoin: a symbol comes twice, or timeframes differ; or there are no bars.
        EmptyRange: no time is common to all, under `inner`.
    """
    _check(bars)
    meet = np.union1d if how == "outer" else np.intersect1d
    ts: IntArray = reduce(meet, [one.ts for one in bars])
    if not len(ts):
        raise EmptyRange(", ".join(one.symbol for one in bars), None, None)
    names = [*FIELDS, *dict.fromkeys(name for one in bars for name in one.extras)]
    columns = {name: np.full((len(ts), len(bars)), np.nan) for name in names}
    last, age = np.full((len(ts), len(bars)), np.nan), np.full((len(ts), len(bars)), -1)
    for place, one in enumerate(bars):
        own = np.searchsorted(one.ts, ts, side="right") - 1
        is_there = (own >= 0) & (one.ts[np.maximum(own, 0)] == ts)
        for name in (*FIELDS, *one.extras):
            column = one.extras[name] if name in one.extras else getattr(one, name)
            columns[name][is_there, place] = column[own[is_there]]
        is_known = own >= 0
        last[is_known, place] = one.close[own[is_known]]
        met = np.maximum.accumulate(np.where(is_there, np.arange(len(ts)), -1))
        age[:, place] = np.where(met < 0, -1, np.arange(len(ts)) - met)
    return Joined(
        ts=freeze(ts),
        symbols=tuple(one.symbol for one in bars),
        timeframe=bars[0].timeframe,
        columns={name: freeze(column) for name, column in columns.items()},
        last=freeze(last),
        age=freeze(age),
    )


def rows_known_at(moments: IntArray, bars: Bars) -> IntArray:
    """Tell which bar was the last one over at each moment.

    A bar of a day is over when its date is in UTC, a bar of events when the next one begins: late
    rather than early. `last_closed` knows the sessions of one market better.

    Args:
        moments: (n,) int64 UTC nanoseconds in any order, such as the closes of other bars.
    Returns:
        (n,) int64 rows of `bars`, -1 before the first is over.
    """
    ends = closes_of(bars.ts, bars.timeframe)
    rows: IntArray = np.searchsorted(ends, moments, side="right") - 1
    return rows


def _check(bars: Sequence[Bars]) -> None:
    if not bars:
        raise BarsDoNotJoin("there are none")
    symbols = [one.symbol for one in bars]
    if len({*symbols}) < len(symbols):
        raise BarsDoNotJoin(f"{next(one for one in symbols if symbols.count(one) > 1)} twice")
    timeframes = {str(one.timeframe) for one in bars}
    if len(timeframes) > 1:
        raise BarsDoNotJoin(f"timeframes {', '.join(sorted(timeframes))}")
