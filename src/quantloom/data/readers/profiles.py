"""A look at each column of a table's sample: how much of it is numbers, times or text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from quantloom.data.arrow import Column, bools
from quantloom.data.readers.figures import is_missing, read_figures
from quantloom.data.readers.moments import guess_written, read_moments
from quantloom.data.readers.names import Named, read_name
from quantloom.data.readers.raw import Form
from quantloom.data.readers.written import Moments, Written
from quantloom.kit import FloatArray

# The stubs of Arrow know fewer of its functions than it has.
pc: Any = pyarrow.compute

_MOSTLY = 0.9
_NAMED = 0.5
# Prices of one bar and the next differ by less than this; volumes and counts hardly ever do.
_SMOOTH = 0.04


@dataclass(frozen=True, slots=True)
class Profile:
    """One column of a sample.

    Attributes:
        numbers: (n,) float64, NaN where a cell is empty or something else.
        number_share: of the cells that are not empty.
        known: how many cells are not empty.
        read: its cells as times, by how they were taken to be written.
    """

    place: int
    name: str
    named: Named
    cells: Column
    numbers: FloatArray
    number_share: float
    known: int
    read: dict[str, Moments] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_number(self) -> bool:
        # A name that says so makes up for a cell here and there that is none.
        least = _NAMED if self.named.roles else _MOSTLY
        return self.known > 0 and self.number_share >= least

    @property
    def is_whole(self) -> bool:
        """Whether every number in it is an integer."""
        found = self.values
        return bool(len(found)) and bool((np.rint(found) == found).all())

    @property
    def values(self) -> FloatArray:
        """The numbers that are there."""
        return self.numbers[np.isfinite(self.numbers)]

    @property
    def is_pricelike(self) -> bool:
        """Whether it is above zero nearly everywhere and hardly differs from row to row."""
        found = self.values
        if not self.is_number or not len(found) or (found > 0).mean() < _MOSTLY:
            return False
        found = found[found > 0]
        if len(found) < 2 or not np.diff(found).any():
            return len(found) < 2
        return bool(np.median(np.abs(np.diff(found)) / found[:-1]) < _SMOOTH)

    @property
    def is_counter(self) -> bool:
        """Whether it only counts the rows, perhaps afresh for each part of the table."""
        found = self.values
        if not self.is_whole or len(found) < 3 or len(found) != len(self.numbers):
            return False
        steps = np.diff(found)
        is_near_start = min(found[0], found[-1]) <= 1 or len(np.unique(found)) == len(found)
        most = np.mean(np.abs(steps) <= 1)
        return bool(most > 0.9 and is_near_start)

    def texts(self) -> list[str]:
        """The different cells as text, at most some thousands, none of them empty."""
        found: Any = pc.drop_null(pc.unique(self.cells.cast(pa.string())))
        return [text.strip() for text in found.slice(0, 5_000).to_pylist() if text.strip()]

    def times(self, *, may_be_clock: bool = True) -> tuple[Written, float]:
        """How its cells write times, and which share of them that reads."""
        return guess_written(self.cells, may_be_clock=may_be_clock)

    def moments(self, written: Written | str) -> Moments:
        """Read its cells as times."""
        if written not in self.read:
            self.read[str(written)] = read_moments(self.cells, written)
        return self.read[str(written)]


def profile(columns: Sequence[str], sample: pa.Table, form: Form | None) -> list[Profile]:
    """Look at every column of a sample.

    Args:
        columns: names as the file writes them, "" where there is none.
        sample: some rows in the order of the file.
    """
    decimal = form.decimal if form else "."
    thousands = form.thousands if form else None
    return [
        _profile(place, name, sample.column(place), decimal, thousands)
        for place, name in enumerate(columns)
    ]


def _profile(place: int, name: str, cells: Column, decimal: str, thousands: str | None) -> Profile:
    numbers, wrong = read_figures(cells, decimal=decimal, thousands=thousands)
    known = len(cells) - _missing(cells)
    found = int(np.isfinite(numbers).sum())
    share = found / max(found + int(wrong.sum()), 1)
    return Profile(place, name, read_name(name), cells, numbers, share, known)


def _missing(cells: Column) -> int:
    if not pa.types.is_string(cells.type):
        return int(cells.null_count)
    lower: Any = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
    return int((bools(is_missing(lower))).sum()) + int(cells.null_count)
