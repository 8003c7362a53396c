"""What a provider says now against what it said before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from quantloom.kit import BoolArray, FloatArray, IntArray, from_ns, to_ns
from quantloom.market import Bars
from quantloom.market.bars import FIELDS

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How an answer differs from what is stored, where both should have bars.

    Attributes:
        added: bars that were not stored. changed: bars with other values.
        withdrawn: stored bars of the span that did not come.
        examples: the first few of the last two, in words.
    """

    added: int
    changed: int = 0
    withdrawn: int = 0
    examples: tuple[str, ...] = ()


def compare(held: Bars, came: Bars, span: tuple[datetime, datetime]) -> Difference:
    """Compare stored bars with those that came for a span, both by open time."""
    start, end = to_ns(span[0]), to_ns(span[1])
    common, before, after = np.intersect1d(held.ts, came.ts, return_indices=True)
    differs = {name: ~_equal(old[before], new[after]) for name, old, new in _columns(held, came)}
    changed: BoolArray = np.logical_or.reduce([np.zeros(len(common), np.bool_), *differs.values()])
    # Before its first bar and behind its last one a provider may have nothing, as of old minutes.
    within = (held.ts >= max(start, int(came.ts[0]))) & (held.ts < min(end, int(came.ts[-1])))
    gone = np.setdiff1d(held.ts[within], came.ts)
    told = [*_changes(held, came, common, differs), *_withdrawals(gone)]
    return Difference(
        added=len(came) - len(common),
        changed=int(changed.sum()),
        withdrawn=len(gone),
        examples=tuple(told[:_SHOWN]),
    )


def _columns(held: Bars, came: Bars) -> Iterator[tuple[str, FloatArray, FloatArray]]:
    for name in FIELDS:
        yield name, getattr(held, name), getattr(came, name)
    for name in came.extras:
        if name in held.extras:
            yield name, held.extras[name], came.extras[name]


def _equal(old: FloatArray, new: FloatArray) -> BoolArray:
    same: BoolArray = (old == new) | (np.isnan(old) & np.isnan(new))
    return same


def _changes(
    held: Bars, came: Bars, common: IntArray, differs: dict[str, BoolArray]
) -> Iterator[str]:
    for name, old, new in _columns(held, came):
        for row in np.flatnonzero(differs[name])[:_SHOWN]:
            ts = common[row]
            was = old[np.searchsorted(held.ts, ts)]
            now = new[np.searchsorted(came.ts, ts)]
            yield f"{name} of {from_ns(int(ts)):%Y-%m-%d %H:%M} was {was:g} and is {now:g}"


def _withdrawals(gone: IntArray) -> Iterator[str]:
    for ts in gone[:_SHOWN]:
        yield f"the bar of {from_ns(int(ts)):%Y-%m-%d %H:%M} does not come any more and was kept"
