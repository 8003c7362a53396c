"""The audit of signals that are made from whole arrays: they are made again from other futures."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantloom.backtest.leaks import Leak, LeakKind, Note
from quantloom.backtest.lookahead.budget import ROWS, Budget
from quantloom.backtest.lookahead.cuts import Places, plan_cuts
from quantloom.backtest.lookahead.decisions import first_different_row, guess
from quantloom.backtest.lookahead.findings import Findings
from quantloom.backtest.lookahead.foresight import (
    Decided,
    foresees,
    telling_columns,
    with_column,
)
from quantloom.backtest.lookahead.futures import IN_TURNS, Futures, Kind, known_at, moved_by_later
from quantloom.backtest.lookahead.quiet import Chance
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars

Columns = Mapping[str, FloatArray]
"""(n,) signals by name; NaN where one says nothing."""
Make = Callable[[Bars], Columns]
"""Makes the signals of bars."""

_TRUNCATED_EVERY = 4
_WINDOW = 512
# A row that is only looked at costs a part of one for which another future is made.
_KEPT = 0.25
# Of runs too long to be made again to their end, stretches are, each with two cuts.
_STRETCHES, _WIDTH = 8, 2_048
_FEWEST_ALIKE, _FEWEST_BARS = 8, 3
_SIGNS = {"entries": 1.0, "exits": -1.0, "short_entries": -1.0, "short_exits": 1.0}


def columns_of(signals: Any) -> Columns:
    """The columns that signals hold, as numbers."""
    names = (*_SIGNS, "weights")
    held = {name: getattr(signals, name, None) for name in names}
    return {name: np.asarray(one, dtype=float) for name, one in held.items() if one is not None}


@dataclass(slots=True)
class SignalAudit:
    """Audits the signals of one instrument.

    Attributes:
        columns: what the run follows.
        days: (n,) trading day of each bar.
        pace_s: seconds that the run took for each bar.
    """

    make: Make
    columns: Columns
    futures: Futures
    days: IntArray
    budget: Budget
    findings: Findings
    rng: np.random.Generator
    chance: Chance
    cuts: int
    pace_s: float = 1e-6
    instruments: int = 1
    _left: float = 0.0

    def run(self) -> None:
        """Make signals from as many futures as can be afforded."""
        count = len(self.bars)
        if count < _FEWEST_BARS:
            return
        self._left = self.budget.units(
            ROWS, count, pace_s=self.pace_s, instruments=self.instruments
        )
        decided = self._decided_rows(self.columns)
        self.findings.in_all += len(decided)
        self._try_late(decided)
        self._try_alien(decided)
        self._try_known()
        for turn, cut in enumerate(self._plan(decided)):
            if self.findings.is_enough:
                return
            stop = self._stop(cut, turn)
            if self._can_afford(cut + 1, stop):
                self._try(cut, stop, IN_TURNS[turn % len(IN_TURNS)], decided)
        self._try_stretches(decided)

    def _can_afford(self, kept: int, stop: int) -> bool:
        return _KEPT * kept + (stop - kept) <= self._left and not self.budget.is_over

    @property
    def bars(self) -> Bars:
        """The bars that the signals were made from."""
        return self.futures.bars

    def _made(self, bars: Bars, *, others: int = 0) -> Columns | None:
        """The signals of bars, of which some have been made."""
        self.chance.restore()
        self._left -= others + _KEPT * (len(bars) - others)
        try:
            columns = self.make(bars)
        except Exception:  # noqa: BLE001  user code fails as it likes, and over too few bars it may
            return None
        is_whole = all(len(column) == len(bars) for column in columns.values())
        return columns if is_whole else None

    def _decided_rows(self, columns: Columns) -> IntArray:
        """The rows at which something is signalled anew."""
        rows = [np.flatnonzero(_is_said(name, one)) for name, one in columns.items()]
        return np.unique(np.concatenate([*rows, np.empty(0, dtype=np.int64)]))

    def _plan(self, decided: IntArray) -> list[int]:
        """Cuts anywhere, as long as everything can be made again so often; else early ones."""
        starts = np.flatnonzero(np.diff(self.days)) + 1
        last = len(self.bars) - 2
        places = Places(0, last, decided, starts, np.empty(0, dtype=np.int64))
        limit = int(min(last, max(self._left, 0.0) / (4 * _KEPT * self.cuts)))
        return plan_cuts(places, self.cuts, self.rng, limit=max(limit, min(last, _WINDOW)))

    def _stop(self, cut: int, turn: int) -> int:
        if turn % _TRUNCATED_EVERY == _TRUNCATED_EVERY - 1:
            return cut + 2
        return min(len(self.bars), cut + 1 + _WINDOW)

    def _try_late(self, decided: IntArray) -> None:
        """Cut all off near the end, which judges every signal before."""
        last = len(self.bars) - 2
        late = decided[(decided >= last - last // 10) & (decided <= last)]
        cut = int(self.rng.choice(late)) if len(late) else last - last // 20
        if self._can_afford(cut + 2, cut + 2):
            self._try(cut, cut + 2, "mirrored", decided)

    def _try(self, cut: int, stop: int, kind: Kind, decided: IntArray) -> None:
        made = self._made(self.futures.after(cut, stop, kind, self.rng), others=stop - cut - 1)
        if made is None:
            return
        found = [*self._different(self.columns, made, cut)]
        if found and not self._is_repeatable(self.bars, self.columns, cut):
            self.findings.is_unrepeatable = True
            return
        compared = int(np.searchsorted(decided, cut, side="right"))
        self.findings.count(compared, reach=(cut + 1) / len(self.bars))
        self.findings.see(0, cut + 1, len(self.bars), self.bars.symbol)
        self.findings.add(found)

    def _try_stretches(self, decided: IntArray) -> None:
        """Make signals of stretches on their own, twice, and compare these two where they part."""
        count, width = len(self.bars), 2 * _WIDTH
        if count < _STRETCHES * width:
            return
        for part in range(1, _STRETCHES + 1):
            low, high = (count * place // _STRETCHES for place in (part - 1, part))
            cuts = decided[(decided >= low + _WIDTH) & (decided < high - _WIDTH)]
            cut = int(self.rng.choice(cuts)) if len(cuts) else (low + high) // 2
            if self.findings.is_enough or not self._can_afford(4 * width, 6 * width):
                return
            self._try_stretch(cut - _WIDTH, cut)

    def _try_stretch(self, first: int, cut: int) -> None:
        stop = cut + 1 + _WIDTH
        real = self.bars[first:stop]
        was = self._made(real)
        if was is None:
            return
        for at, kind in ((cut, IN_TURNS[0]), (cut - 1, IN_TURNS[1])):
            bars = Futures(real, self.futures.tick).after(at - first, len(real), kind, self.rng)
            made = self._made(bars, others=stop - at - 1)
            if made is None:
                return
            found = [*self._different(was, made, at, first=first)]
            if found and not self._is_repeatable(real, was, at - first):
                self.findings.is_unrepeatable = True
                return
            self.findings.count(0, reach=(at + 1) / len(self.bars))
            self.findings.see(first, at + 1, len(self.bars), self.bars.symbol)
            self.findings.add(found)

    def _different(
        self,
        columns: Columns,
        made: Columns,
        cut: int,
        *,
        first: int = 0,
        kind: LeakKind | None = None,
    ) -> Iterator[Leak]:
        """What differs up to a cut, in columns whose first row is `first`."""
        count = cut + 1 - first
        for name, was in columns.items():
            became = made.get(name, np.full(len(was), np.nan))
            rows = first_different_row(was[:count], became[:count])
            if len(rows):
                place = int(rows[0])
                row, same_day = first + place, self.days[first : cut + 1] == self.days[cut]
                whole_day = bool(same_day.sum() > 1 and same_day[place:].all())
                yield Leak(
                    kind=kind or guess(row, cut, self.days, first=first, whole_day=whole_day),
                    what="weight" if name == "weights" else "signal",
                    name=name,
                    symbol=self.bars.symbol,
                    at_ns=int(self.bars.ts[row]),
                    cut_ns=int(self.bars.ts[cut]),
                    was=f"{was[place]:g}",
                    became=f"{became[place]:g}",
                )

    def _is_repeatable(self, bars: Bars, columns: Columns, last: int) -> bool:
        for _ in range(2):
            again = self._made(bars)
            if again is None or any(self._different(columns, again, last)):
                return False
        return True

    def _try_alien(self, decided: IntArray) -> None:
        """Show bars of which nothing is real, and see whether signals go by the real ones."""
        stop = int(min(len(self.bars), max(self._left / 4, _WINDOW)))
        made = self._made(self.futures.after(0, stop, "drawn", self.rng), others=stop)
        if made is None:
            return
        if foresees({self.bars.symbol: _decided(made)}, {self.bars.symbol: self.bars}):
            rows = self._decided_rows(made)
            leak = self._told(int(rows[0]), "elsewhere")
            self.findings.add([leak])
            return
        before = decided[decided < stop - _FEWEST_ALIKE]
        if len(before) >= _FEWEST_ALIKE and not any(self._different(self.columns, made, stop - 1)):
            self.findings.notes.append(Note(kind="deaf", facts={}))
        self._try_columns()

    def _told(self, row: int, kind: LeakKind) -> Leak:
        moment = int(self.bars.ts[row])
        return Leak(
            kind=kind,
            what="weight" if "weights" in self.columns else "signal",
            name=", ".join(self.columns),
            symbol=self.bars.symbol,
            at_ns=moment,
            cut_ns=moment,
            was="its own",
            became="that of other bars",
        )

    def _try_columns(self) -> None:
        last = len(self.bars) - 1
        for told in telling_columns(self.bars, [*self.bars.extras]):
            self.findings.notes.append(Note(kind="column", facts=told.facts))
            mixed = self.rng.permutation(self.bars.extras[told.name])
            made = self._made(with_column(self.bars, told.name, mixed))
            if made is not None:
                self.findings.add([*self._different(self.columns, made, last, kind="column")][:1])

    def _try_known(self) -> None:
        """Tell prices as they were told at a cut, where later actions have moved them since."""
        rows = moved_by_later(self.bars)
        if len(rows):
            self.findings.adjusted.append(self.bars.symbol)
        for row in rows[-1:].tolist() + rows[:-1][:2].tolist():
            known = known_at(self.bars, row)
            made = None if known is None else self._made(known[: row + 1])
            if made is not None:
                self.findings.add([*self._different(self.columns, made, row, kind="adjusted")])


def _is_said(name: str, column: FloatArray) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    if name not in _SIGNS:
        return ~np.isnan(column)
    rises = column > 0
    rises[1:] &= ~(column[:-1] > 0)
    return rises


def _decided(columns: Columns) -> Decided:
    """What signals say of the next bars: up or down."""
    signs: FloatArray = np.zeros(len(next(iter(columns.values()))))
    for name, column in columns.items():
        if name in _SIGNS:
            signs += _SIGNS[name] * _is_said(name, column)
        else:
            signs += np.where(np.isnan(column), 0.0, np.sign(_steps(column)))
    rows = np.flatnonzero(signs)
    return Decided(rows, np.sign(signs[rows]))


def _steps(column: FloatArray) -> FloatArray:
    """By how much each weight differs from the one said before."""
    said = np.flatnonzero(~np.isnan(column))
    steps = np.zeros(len(column))
    steps[said] = np.diff(column[said], prepend=0.0)
    return steps
