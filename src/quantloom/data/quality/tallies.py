"""Cases counted block by block, of which only the first few are kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from quantloom.data.quality.report import Example, Fact, Finding
from quantloom.data.quality.view import EXAMPLES, View
from quantloom.kit import BoolArray, IntArray, from_ns


@dataclass(slots=True)
class Cases:
    """Rows that one check has found.

    Attributes:
        first, last: their places among all bars; -1 while there are none.
    """

    check: str
    names: tuple[str, ...] = ()
    count: int = 0
    first: int = -1
    last: int = -1
    examples: list[Example] = field(default_factory=list)

    def add(self, view: View, rows: IntArray, offset: int) -> None:
        """Take rows of a block whose first row has that place."""
        if not len(rows):
            return
        if not self.count:
            self.first = offset + int(rows[0])
        self.last = offset + int(rows[-1])
        self.count += len(rows)
        missing = EXAMPLES - len(self.examples)
        if missing > 0:
            self.examples += view.examples(rows[:missing], *self.names)

    def finding(self, of: int, **facts: Fact) -> Iterator[Finding]:
        """What is said of them; nothing where there are none."""
        if self.count:
            yield Finding(
                check=self.check,
                count=self.count,
                of=of,
                facts=facts,
                examples=tuple(self.examples),
            )


@dataclass(slots=True)
class Holes:
    """Spans without bars.

    Attributes:
        missing: bars missing in all of them.
        longest: the longest few, bars missing and since when; the earlier of equals first.
    """

    spans: int = 0
    missing: int = 0
    longest: list[tuple[int, int]] = field(default_factory=list)

    def add(self, starts: IntArray, counts: IntArray) -> None:
        """Take spans that follow those before."""
        self.spans += len(starts)
        self.missing += int(counts.sum())
        rows = np.sort(np.argsort(-counts, kind="stable")[:EXAMPLES])
        self.keep(zip(counts[rows].tolist(), starts[rows].tolist(), strict=True))

    def keep(self, longest: Iterable[tuple[int, int]]) -> None:
        """Keep the longest of these and those before."""
        both = sorted([*self.longest, *longest], key=lambda one: (-one[0], one[1]))
        self.longest = both[:EXAMPLES]

    def join(self, other: "Holes") -> None:
        """Take the spans of another one."""
        self.spans += other.spans
        self.missing += other.missing
        self.keep(other.longest)

    def finding(self, present: int) -> Iterator[Finding]:
        """What is said of them, beside so many bars that are there."""
        if self.spans:
            yield Finding(
                check="gaps",
                count=self.missing,
                of=present + self.missing,
                facts={"spans": self.spans, "longest": self.longest[0][0]},
                examples=tuple(
                    Example(time=from_ns(start), values={"missing": float(count)})
                    for count, start in sorted(self.longest, key=lambda one: one[1])
                ),
            )


@dataclass(slots=True)
class Repeats:
    """Runs of bars that repeat the bar before, also over the borders of blocks."""

    least: int
    count: int = 0
    longest: int = 0
    examples: list[Example] = field(default_factory=list)
    _open: int = 0
    _open_examples: list[Example] = field(default_factory=list)

    def add(self, view: View, same: BoolArray, rows: IntArray) -> None:
        """Take steps.

        Args:
            same: (k,) True where a step leads onto the same bar again. rows: (k,) of the view, onto
                which they lead.
        """
        edges = np.flatnonzero(np.diff(np.concatenate([[0], same, [0]]).astype(np.int8)))
        begins, ends = edges[::2], edges[1::2]
        if not len(begins) or begins[0]:
            self.close()
        is_long = (ends - begins >= self.least) | (begins == 0) | (ends == len(same))
        for begin, end in zip(begins[is_long].tolist(), ends[is_long].tolist(), strict=True):
            self._grow(view, rows[begin:end])
            if end < len(same):
                self.close()

    def _grow(self, view: View, rows: IntArray) -> None:
        self._open += len(rows)
        missing = EXAMPLES - len(self._open_examples)
        if missing > 0 and len(self.examples) < EXAMPLES:
            self._open_examples += view.examples(rows[:missing])

    def close(self) -> None:
        """End the run that is going on."""
        if self._open >= self.least:
            self.count += self._open
            self.longest = max(self.longest, self._open + 1)
            self.examples += self._open_examples[: EXAMPLES - len(self.examples)]
        self._open, self._open_examples = 0, []

    def finding(self, of: int) -> Iterator[Finding]:
        """What is said of the long ones; nothing where there are none."""
        self.close()
        if self.count:
            yield Finding(
                check="stale",
                count=self.count,
                of=of,
                facts={"longest": self.longest},
                examples=tuple(self.examples),
            )
