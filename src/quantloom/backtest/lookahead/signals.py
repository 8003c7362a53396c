"""The audit of signals that are made from whole arrays: they are made again from other futures."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quantloom.backtest.leaks import Leak, LeakKind, Note
from quantloom.backtest.lookahead.budget import ROW_S, Budget
from quantloom.backtest.lookahead.cuts import Places, plan_cuts
from quantloom.backtest.lookahead.decisions import first_different_row, guess
from quantloom.backtest.lookahead.findings import Findings
from quantloom.backtest.lookahead.foresight import Decided, foresees, telling_columns
from quantloom.backtest.lookahead.futures import Futures, Kind, known_at, moved_by_later
from quantloom.backtest.lookahead.quiet import Chance
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars

Columns = Mapping[str, FloatArray]
"""(n,) signals by name; NaN where one says nothing."""
Make = Callable[[Bars], Columns]
"""Makes the signals of bars."""

_KINDS: tuple[Kind, ...] = ("mirrored", "wild", "mirrored", "shuffled")
_TRUNCATED_EVERY = 4
_WINDOW = 512
_FEWEST_ALIKE = 8
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
        days: (n,) trading day of each bar.
    """

    make: Make
    futures: Futures
    days: IntArray
    budget: Budget
    findings: Findings
    rng: np.random.Generator
    chance: Chance
    cuts: int
    what: str = "signal"
    _columns: Columns = field(default_factory=dict)
    _left: float = 0.0

    def run(self) -> None:
        """Make the signals once more as they were, then from as many futures as can be afforded."""
        before = self.budget.took_s
        columns = self._made(self.bars)
        if columns is None or len(self.bars) < 3:
            return
        self._columns, count = columns, len(self.bars)
        pace_s = (self.budget.took_s - before) / count
        self._left = self.budget.units(pace_s, count, fastest_s=ROW_S)
        decided = self._decided_rows(columns)
        self.findings.in_all += len(decided)
        self._try_alien(decided)
        self._try_known()
        for turn, cut in enumerate(self._plan(decided)):
            if self.findings.is_enough:
                return
            stop = self._stop(cut, turn)
            if stop <= self._left and self.budget.left_s > 0:
                self._try(cut, stop, _KINDS[turn % len(_KINDS)], decided)

    @property
    def bars(self) -> Bars:
        """The bars that the signals were made from."""
        return self.futures.bars

    def _made(self, bars: Bars) -> Columns | None:
        self.chance.restore()
        self._left -= len(bars)
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

    def _plan(self, decided: IntArray) -> Iterator[int]:
        starts = np.flatnonzero(np.diff(self.days)) + 1
        last = len(self.bars) - 2
        places = Places(0, last, decided, starts, np.empty(0, dtype=np.int64))
        limit = last
        if len(self.bars) * self.cuts > self._left:
            # A few anywhere, the rest where less than everything need be made again.
            limit = int(min(last, max(self._left, 0.0) / (4 * self.cuts)))
        far = plan_cuts(places, max(self.cuts // 4, 1), self.rng, limit=last)
        early = plan_cuts(places, self.cuts, self.rng, limit=max(limit, min(last, _WINDOW)))
        for cut in early:
            yield cut
            if far and limit < last:
                yield far.pop()

    def _stop(self, cut: int, turn: int) -> int:
        if turn % _TRUNCATED_EVERY == _TRUNCATED_EVERY - 1:
            return cut + 2
        return min(len(self.bars), 2 * cut + _WINDOW)

    def _try(self, cut: int, stop: int, kind: Kind, decided: IntArray) -> None:
        made = self._made(self.futures.after(cut, stop, kind, self.rng))
        if made is None:
            return
        found = [*self._different(made, cut)]
        if found and not self._is_repeatable(cut):
            self.findings.is_unrepeatable = True
            return
        compared = int(np.searchsorted(decided, cut, side="right"))
        self.findings.count(compared, reach=(cut + 1) / len(self.bars))
        self.findings.add(found)

    def _different(
        self, made: Columns, cut: int, *, kind: LeakKind | None = None
    ) -> Iterator[Leak]:
        for name, was in self._columns.items():
            became = made.get(name, np.full(len(self.bars), np.nan))
            rows = first_different_row(was[: cut + 1], became[: cut + 1])
            if len(rows):
                row = int(rows[0])
                same_day = self.days[: cut + 1] == self.days[cut]
                whole_day = bool(same_day.sum() > 1 and same_day[row:].all())
                yield Leak(
                    kind=kind or guess(row, cut, self.days, first=0, whole_day=whole_day),
                    what="weight" if self.what == "weight" or name == "weights" else "signal",
                    name=name,
                    symbol=self.bars.symbol,
                    at_ns=int(self.bars.ts[row]),
                    cut_ns=int(self.bars.ts[cut]),
                    was=f"{was[row]:g}",
                    became=f"{became[row]:g}",
                )

    def _is_repeatable(self, cut: int) -> bool:
        for _ in range(2):
            again = self._made(self.bars)
            if again is None or next(self._different(again, cut), None) is not None:
                return False
        return True

    def _try_alien(self, decided: IntArray) -> None:
        """Show bars of which nothing is real, and see whether signals go by the real ones."""
        stop = int(min(len(self.bars), max(self._left / 4, _WINDOW)))
        made = self._made(self.futures.after(0, stop, "drawn", self.rng))
        if made is None:
            return
        if foresees({self.bars.symbol: _decided(made)}, {self.bars.symbol: self.bars}):
            rows = self._decided_rows(made)
            leak = self._told(int(rows[0]), "elsewhere")
            self.findings.add([leak])
            return
        before = decided[decided < stop - _FEWEST_ALIKE]
        if len(before) >= _FEWEST_ALIKE and next(self._different(made, stop - 1), None) is None:
            self.findings.notes.append(Note(kind="deaf", facts={}))
        self._try_columns()

    def _told(self, row: int, kind: LeakKind) -> Leak:
        moment = int(self.bars.ts[row])
        return Leak(
            kind=kind,
            what="weight" if self.what == "weight" else "signal",
            name=", ".join(self._columns),
            symbol=self.bars.symbol,
            at_ns=moment,
            cut_ns=moment,
            was="its own",
            became="that of other bars",
        )

    def _try_columns(self) -> None:
        for told in telling_columns(self.bars, [*self.bars.extras]):
            self.findings.notes.append(Note(kind="column", facts=told.facts))
            mixed = self.rng.permutation(self.bars.extras[told.name])
            made = self._made(with_column(self.bars, told.name, mixed))
            if made is not None:
                self.findings.add([*self._different(made, len(self.bars) - 1, kind="column")][:1])

    def _try_known(self) -> None:
        """Tell prices as they were told at a cut, where later actions have moved them since."""
        rows = moved_by_later(self.bars)
        if len(rows):
            self.findings.adjusted.append(self.bars.symbol)
        for row in rows[-1:].tolist() + rows[:-1][:2].tolist():
            known = known_at(self.bars, row)
            made = None if known is None else self._made(known[: row + 1])
            if made is not None:
                self.findings.add([*self._different(made, row, kind="adjusted")])


def with_column(bars: Bars, name: str, values: FloatArray) -> Bars:
    """The bars with another column in place of one of their extras."""
    return Bars.of(
        bars.symbol,
        bars.timeframe,
        ts=bars.ts,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        extras=dict(bars.extras) | {name: values},
    )


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
