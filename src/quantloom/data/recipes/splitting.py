"""The split into train, valid and test: by time, alike for all symbols, with nothing in common."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.data.recipes.failures import BadSetting, EmptyPart
from quantloom.data.recipes.settings import Setting, Values
from quantloom.data.recipes.table import Table
from quantloom.kit import BoolArray, IntArray, from_ns, to_ns

PARTS = ("train", "valid", "test")
"""Parts in order of time; a row of none is left out."""
LEFT_OUT = -1
_SUM = 1e-9

SPLIT = (
    Setting(name="train", kind="number", default=0.0, low=0.0, high=1.0, meaning="share of times"),
    Setting(name="valid", kind="number", default=0.0, low=0.0, high=1.0, meaning="share of times"),
    Setting(name="test", kind="number", default=0.0, low=0.0, high=1.0, meaning="share of times"),
    Setting(name="valid_from", kind="moment", default=None, meaning="first time of the valid part"),
    Setting(name="test_from", kind="moment", default=None, meaning="first time of the test part"),
    Setting(
        name="purge",
        kind="flag",
        default=True,
        meaning="leave out rows whose label is known only in a later part",
    ),
    Setting(
        name="embargo",
        kind="whole",
        default=0,
        low=0,
        meaning="times at the beginning of each later part that belong to none",
    ),
    Setting(
        name="incomplete",
        kind="text",
        default="drop",
        choices=("drop", "keep"),
        meaning="rows of which a feature or a label is missing",
    ),
)


@dataclass(frozen=True, slots=True)
class Split:
    """Which rows belong to which part.

    Attributes:
        part: (n,) int8, place in `PARTS`, or -1 for a row left out.
        begins: first time of each part, UTC nanoseconds, by its name.
        left_out: number of rows by reason: incomplete, purged, embargo.
    """

    part: NDArray[np.int8]
    begins: Mapping[str, int]
    left_out: Mapping[str, int]


def split_rows(table: Table, values: Values) -> Split:
    """Cut time into parts, and leave out what would know of two of them.

    Raises:
        BadSetting: neither shares that make 1 nor times in order.
        EmptyPart: no row is left in a part.
    """
    begins = _begins(table, values)
    bounds = np.array([*begins.values()], dtype=np.int64)
    places = np.array([PARTS.index(name) for name in begins], dtype=np.int8)
    row = np.searchsorted(bounds, table.ts, side="right") - 1
    part = places[np.maximum(row, 0)]
    left_out: dict[str, int] = {}
    for reason, is_out in _reasons(table, values, bounds, row):
        left_out[reason] = int((is_out & (part >= 0)).sum())
        part = np.where(is_out, np.int8(LEFT_OUT), part)
    for name in begins:
        if not (part == PARTS.index(name)).any():
            told = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
            raise EmptyPart(name, told)
    return Split(part.astype(np.int8), MappingProxyType(begins), MappingProxyType(left_out))


def one_part(table: Table) -> Split:
    """Without a split every row is to train on."""
    part = np.zeros(len(table), dtype=np.int8)
    return Split(part, {PARTS[0]: int(table.moments[0])}, {})


def check_split(values: Values) -> None:
    """Say what is wrong with a split that no data can mend.

    Raises:
        BadSetting: both shares and times, neither, or such that make no split.
    """
    shares = [values[name] for name in PARTS]
    moments = [values[f"{name}_from"] for name in PARTS[1:]]
    if any(moments) and any(shares):
        raise BadSetting("split", "train", "is given beside times; give shares or times")
    if any(moments):
        if all(moments) and moments[0] >= moments[1]:
            raise BadSetting("split", "test_from", f"{moments[1]} is not after {moments[0]}")
        return
    if abs(sum(shares) - 1.0) > _SUM:
        raise BadSetting("split", "train", f"valid and test make {sum(shares):g} together, not 1")
    if not shares[0]:
        raise BadSetting("split", "train", "is 0: nothing to fit or to learn from")


def _begins(table: Table, values: Values) -> dict[str, int]:
    moments, first = table.moments, int(table.moments[0])
    cuts: dict[str, Any] = {name: values[f"{name}_from"] for name in PARTS[1:]}
    if any(cuts.values()):
        told = {name: to_ns(moment) for name, moment in cuts.items() if moment is not None}
        for name, begin in told.items():
            if not first < begin <= int(moments[-1]):
                raise BadSetting("split", f"{name}_from", _beyond(cuts[name], moments))
        return {PARTS[0]: first} | told
    found, share = {PARTS[0]: first}, 0.0
    for before, name in pairwise(PARTS):
        share += values[before]
        if values[name]:
            place = min(round(share * len(moments)), len(moments) - 1)
            found[name] = int(moments[place])
    return found


def _beyond(moment: datetime, moments: IntArray) -> str:
    first, last = from_ns(int(moments[0])), from_ns(int(moments[-1]))
    return f"{moment:%Y-%m-%d %H:%M} does not lie between {first} and {last}, where bars are"


def _reasons(
    table: Table, values: Values, bounds: IntArray, row: IntArray
) -> Iterator[tuple[str, BoolArray]]:
    """Why rows are left out, one reason after the other."""
    if values["incomplete"] == "drop":
        missing = np.zeros(len(table), dtype=np.bool_)
        for column in table.features.values():
            missing |= np.isnan(column)
        for label in table.labels.values():
            missing |= np.isnan(label.values)
        yield "incomplete", missing
    if values["purge"]:
        ends = np.append(bounds[1:], np.iinfo(np.int64).max)[np.maximum(row, 0)]
        overlaps = np.zeros(len(table), dtype=np.bool_)
        for label in table.labels.values():
            overlaps |= (label.known >= 0) & (table.ts[label.known] >= ends)
        yield "purged", overlaps
    if values["embargo"]:
        since = table.moment_rows - np.searchsorted(table.moments, bounds)[np.maximum(row, 0)]
        yield "embargo", (row > 0) & (since < values["embargo"])
