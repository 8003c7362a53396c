"""What reading a file came to, row by row, and the errors of rows that cannot be used."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from quantloom.data.readers.mapping import Mapping, Role
from quantloom.data.readers.rows import Block, column_name
from quantloom.errors import Invalid
from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.market import Bars, Ticks

OnBad = Literal["error", "drop"]
TORN_ROW = "a row with too many or too few cells"
"""Problem of a row that has not as many cells as there are columns."""

NO_TIME = "a time that cannot be read"
"""Problem of a row whose time is empty or none."""

NO_NUMBER = "text where a number belongs"
"""Problem of a row with a price, volume or the like that is no number."""


ONE_SIDED = "no quote on one side, so no price between the two"
"""Problem of a bar of quotes in which nobody bid, or nobody asked."""


class BadPolicy(Invalid):
    """An `on_bad` that is neither `error` nor `drop`."""

    code = "data.bad_policy"

    def __init__(self, on_bad: str) -> None:
        super().__init__(on_bad)
        self.on_bad = on_bad

    def __str__(self) -> str:
        return f"impossible rows cannot be treated by {self.on_bad!r}; say 'error' or 'drop'"


class BadCells(Invalid):
    """Cells of a file that do not hold what their column is for."""

    code = "data.bad_cells"

    def __init__(self, path: Path, problem: str, column: str, count: int, sample: str) -> None:
        super().__init__(path, problem, column, count, sample)
        self.path, self.problem, self.column = path, problem, column
        self.count, self.sample = count, sample

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.problem} in {self.count} row(s) of column {self.column!r}, "
            f"first {self.sample}; mend the file, or import it with --on-bad drop to leave "
            "those rows out"
        )


class TornRows(Invalid):
    """Rows of a file that have more or fewer cells than it has columns."""

    code = "data.torn_rows"

    def __init__(self, path: Path, count: int) -> None:
        super().__init__(path, count)
        self.path, self.count = path, count

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.count} row(s) have too many or too few cells; mend the file, or "
            "import it with --on-bad drop to leave those rows out"
        )


class DamagedFile(Invalid):
    """A file of which a part could not be read."""

    code = "data.damaged_file"

    def __init__(self, path: Path, damage: tuple[str, ...]) -> None:
        super().__init__(path, damage)
        self.path, self.damage = path, damage

    def __str__(self) -> str:
        return (
            f"{self.path} is damaged: {'; '.join(self.damage)}; get the file again, or import "
            "what is left of it with --on-bad drop"
        )


class NoUsableRows(Invalid):
    """A file of which nothing is left once impossible rows are dropped."""

    code = "data.no_usable_rows"

    def __init__(
        self, path: Path, dropped: tuple[tuple[str, int], ...], member: str | None = None
    ) -> None:
        super().__init__(path, dropped, member)
        self.path, self.dropped, self.member = path, dropped, member
        self.place = f"{path} ({member})" if member else str(path)

    def __str__(self) -> str:
        why = ", ".join(f"{problem}: {count}" for problem, count in self.dropped)
        return f"no row of {self.place} can be used ({why}); check what its columns hold"


@dataclass(frozen=True, slots=True)
class FileBars:
    """Bars read from a file, and what reading them took.

    Attributes:
        dropped: problem and number of rows left out for it; empty where nothing was.
        notes: what was assumed or left alone, one sentence each.
        mapping: what the file's columns were taken for.
        read: rows of the file that are of this symbol, those left out among them.
        unsorted: rows that stood before rows of an earlier time; 0 too where the whole file runs
            backwards.
    """

    bars: Bars
    dropped: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    mapping: Mapping | None = None
    read: int = 0
    unsorted: int = 0

    @property
    def dropped_rows(self) -> int:
        return sum(count for _, count in self.dropped)

    @property
    def symbol(self) -> str:
        return self.bars.symbol

    @property
    def kept(self) -> int:
        """Rows that became bars."""
        return len(self.bars)


@dataclass(frozen=True, slots=True)
class FileTicks:
    """Ticks read from a file, and what reading them took; fields as those of `FileBars`.

    Attributes:
        total: (n,) the volume of the trading day so far; None where they are no snapshots.
    """

    ticks: Ticks
    dropped: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    mapping: Mapping | None = None
    read: int = 0
    unsorted: int = 0
    total: FloatArray | None = None

    @property
    def dropped_rows(self) -> int:
        return sum(count for _, count in self.dropped)

    @property
    def symbol(self) -> str:
        return self.ticks.symbol

    @property
    def kept(self) -> int:
        """Rows that became ticks; snapshots of a book become one each."""
        return len(self.ticks)


@dataclass(slots=True)
class Faults:
    """The first bad cell of each column, found while batches go by.

    Attributes:
        counts: bad cells by problem and column.
        samples: the first of them, with its row.
    """

    path: Path
    mapping: Mapping
    rows: int = 0
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    samples: dict[tuple[str, int], str] = field(default_factory=dict)

    def note(self, batch: pa.RecordBatch, block: Block) -> None:
        """Look at one batch."""
        time = self._time_place()
        self._count(batch, block.unreadable, NO_TIME, time)
        for place, one in enumerate(self.mapping.columns):
            mask = block.wrong.get(column_name(one))
            if mask is not None and one.role is not Role.EXTRA:
                self._count(batch, mask, NO_NUMBER, place)
        self.rows += len(block)

    def demand_none(self) -> None:
        """Refuse a file with bad cells.

        Raises:
            BadCells: there are some.
        """
        for (problem, place), count in self.counts.items():
            name = self.mapping.columns[place].name or f"#{place}"
            raise BadCells(self.path, problem, name, count, self.samples[problem, place])

    def _time_place(self) -> int:
        for role in (Role.CLOCK, Role.TIME, Role.DATE):
            place = self.mapping.place(role)
            if place is not None:
                return place
        return 0

    def _count(self, batch: pa.RecordBatch, mask: BoolArray, problem: str, place: int) -> None:
        if not mask.any():
            return
        key = (problem, place)
        if key not in self.counts:
            row = int(np.argmax(mask))
            cell: Any = batch.column(batch.schema.get_field_index(str(place)))[row]
            self.samples[key] = f"{_shown(cell)} in row {self.rows + row}"
        self.counts[key] = self.counts.get(key, 0) + int(mask.sum())


def _shown(cell: Any) -> str:
    """A cell as a person reads it; a moment beyond any calendar as the number that it is."""
    try:
        return repr(cell.as_py())
    except (OverflowError, ValueError):
        return str(cell.value)


def count_unusable(masks: Dict[str, BoolArray]) -> tuple[list[tuple[str, int]], BoolArray]:
    """Count each row once, under its first problem; give the rows that have none."""
    usable: BoolArray = np.ones_like(next(iter(masks.values())))
    counts = []
    for problem, mask in masks.items():
        counts.append((problem, int((mask & usable).sum())))
        usable = usable & ~mask
    return counts, usable


def late_rows(ts: IntArray) -> int:
    """How many rows stand behind a row of a later time."""
    if len(ts) < 2:
        return 0
    return int((ts < np.maximum.accumulate(ts)).sum())
