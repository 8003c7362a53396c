"""Bars or ticks out of the rows of one instrument, with what was left out of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from quantloom.data.arrow import Column, column_of
from quantloom.data.cleaning import clean
from quantloom.data.readers.accounting import (
    NO_NUMBER,
    NO_TIME,
    ONE_SIDED,
    TORN_ROW,
    FileBars,
    FileTicks,
    NoUsableRows,
    OnBad,
    count_unusable,
    late_rows,
)
from quantloom.data.readers.events import (
    book_of,
    book_of_lists,
    impossible_rows,
    rows_before_book,
    ticks_of,
)
from quantloom.data.readers.mapping import Mapping, Role
from quantloom.data.readers.parts import Part
from quantloom.data.readers.rows import Block, mid_bars, pick
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars, NoTicks, Ticks, Timeframe
from quantloom.market.bars import FIELDS


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes bars or ticks of the rows of one instrument."""

    part: Part
    symbol: str
    on_bad: OnBad
    torn: int

    def read(self, whole: Block, rows: IntArray) -> FileBars | FileTicks:
        is_all = len(rows) == len(whole)
        block = whole if is_all else pick(whole, rows)
        texts = {
            role: cells if is_all else cells.take(_indices(rows))
            for role, cells in whole.texts.items()
        }
        masks = {NO_TIME: block.unreadable, NO_NUMBER: _any_wrong(block)}
        counts, usable = count_unusable(masks)
        dropped = [(problem, count) for problem, count in counts if count]
        if self.torn:
            dropped.insert(0, (TORN_ROW, self.torn))
        if not usable.all():
            kept = np.flatnonzero(usable)
            block = pick(block, kept)
            texts = {role: cells.take(_indices(kept)) for role, cells in texts.items()}
        count = len(rows) + self.torn
        if self.part.mapping.kind.value == "bars":
            return self._bars(block, dropped, count)
        return self._ticks(block, texts, dropped, count)

    @property
    def _path(self) -> Path:
        return self.part.table.path

    @property
    def _mapping(self) -> Mapping:
        return self.part.mapping

    def _bars(self, block: Block, dropped: list[tuple[str, int]], count: int) -> FileBars:
        columns = dict(block.columns)
        ts, notes = block.ts, list(self._notes())
        if "bid_open" in columns and "ask_open" in columns:
            ts, columns, one_sided = _two_sided(ts, mid_bars(columns))
            dropped = [*dropped, (ONE_SIDED, one_sided)] if one_sided else dropped
        columns.setdefault("volume", np.full(len(ts), np.nan))
        is_backwards = len(ts) > 1 and bool((np.diff(ts) <= 0).all()) and bool(ts[0] > ts[-1])
        if is_backwards:
            ts = ts[::-1]
            columns = {name: column[::-1] for name, column in columns.items()}
            notes.append("Rows ran from the newest to the oldest and were turned.")
        unsorted = late_rows(ts)
        if self.on_bad == "drop":
            cleaned = clean(ts, columns)
            dropped = [*dropped, *cleaned.dropped]
            ts, columns = cleaned.ts, dict(cleaned.columns)
            if not cleaned.was_sorted:
                notes.append("Rows were not in order of time and were sorted.")
        if not len(ts):
            raise self._unusable(tuple(dropped))
        bars = _make_bars(self.symbol, self._mapping.timeframe.value, ts, columns)
        return FileBars(
            bars,
            tuple(dropped),
            tuple(notes),
            mapping=self._mapping,
            read=count,
            unsorted=unsorted,
        )

    def _ticks(
        self,
        block: Block,
        texts: "dict[Role, Column]",
        dropped: list[tuple[str, int]],
        count: int,
    ) -> FileTicks:
        notes = list(self._notes())
        if self.on_bad == "drop":
            block, texts, counts = _possible(block, texts, self._mapping.kind.value)
            dropped = [*dropped, *counts]
        if not len(block):
            raise self._unusable(tuple(dropped))
        unsorted = 0 if (np.diff(block.ts) <= 0).all() else late_rows(block.ts)
        order = np.argsort(block.ts, kind="stable")
        if (np.diff(block.ts) < 0).any():
            notes.append("Rows were not in order of time and were sorted.")
            block = pick(block, order)
            texts = {role: cells.take(_indices(order)) for role, cells in texts.items()}
        if early := self._early(block, texts):
            notes.append(
                f"{early:,} rows before the first snapshot of the book were left out: they tell "
                "only some of its levels."
            )
            rest = np.arange(early, len(block))
            block = pick(block, rest)
            texts = {role: cells.slice(early) for role, cells in texts.items()}
        try:
            ticks = self._made(block, texts)
        except NoTicks:
            problem = "a book that never has bids below asks"
            raise self._unusable((*dropped, (problem, len(block)))) from None
        is_snapshots = self._mapping.kind.value == "ticks"
        return FileTicks(
            ticks,
            tuple(dropped),
            tuple(notes),
            mapping=self._mapping,
            read=count,
            unsorted=unsorted,
            total=block.columns["total"] if is_snapshots else None,
        )

    def _early(self, block: Block, texts: "dict[Role, Column]") -> int:
        if self._mapping.kind.value != "book" or Role.BIDS in texts:
            return 0
        return rows_before_book(block, texts[Role.SIDE], texts.get(Role.UPDATE))

    def _made(self, block: Block, texts: "dict[Role, Column]") -> Ticks:
        if Role.BIDS in texts:
            return book_of_lists(self.symbol, block, texts)
        if self._mapping.kind.value == "book":
            return book_of(self.symbol, block, texts[Role.SIDE], texts.get(Role.UPDATE))
        return ticks_of(self.symbol, block, self._mapping, texts.get(Role.SIDE))

    def _unusable(self, dropped: tuple[tuple[str, int], ...]) -> NoUsableRows:
        return NoUsableRows(self._path, dropped, self.part.table.form.member)

    def _notes(self) -> Iterator[str]:
        mapping = self._mapping
        yield from mapping.notes
        yield from self.part.table.damage
        is_of_column = mapping.place(Role.SYMBOL) is not None
        if self.symbol.endswith(".LOCAL") and mapping.symbol.confidence < 1 and not is_of_column:
            yield f"Called {self.symbol} after the file; --symbol or symbol= calls it otherwise."
        elif mapping.symbol.reasons and mapping.symbol.confidence < 1:
            yield f"It is {self.symbol}: {mapping.symbol.reasons[0]}."
        yield from self._time_notes()
        for name in ("volume_lot", "turnover_scale", "price_scale"):
            found = getattr(mapping, name)
            if found.value != 1 or found.confidence < 0.7:
                yield f"{name} {found.value:g}: {'; '.join(found.reasons)}."
        if mapping.adjustment.value != "none":
            why = "; ".join(mapping.adjustment.reasons)
            yield f"Prices are adjusted ({mapping.adjustment.value}): {why}."

    def _time_notes(self) -> Iterator[str]:
        mapping = self._mapping
        length = mapping.timeframe.value
        if length and not Timeframe.parse(length).is_intraday:
            return
        if mapping.zone.confidence < 1:
            why = "; ".join(mapping.zone.reasons)
            yield f"Times carry no zone and were read as {mapping.zone.value}: {why}."
        if length and mapping.label.value == "close":
            why = "; ".join(mapping.label.reasons)
            yield f"Bars are named by their close and were moved to their open: {why}."


def _possible(
    block: Block, texts: "dict[Role, Column]", kind: str
) -> "tuple[Block, dict[Role, Column], list[tuple[str, int]]]":
    """Leave out ticks that no market can have printed, and count them."""
    masks = impossible_rows(block, kind, texts.get(Role.SIDE))
    if not masks:
        return block, texts, []
    counts, usable = count_unusable(masks)
    if usable.all():
        return block, texts, []
    kept = np.flatnonzero(usable)
    picked = {role: cells.take(_indices(kept)) for role, cells in texts.items()}
    return pick(block, kept), picked, [(problem, count) for problem, count in counts if count]


def _two_sided(
    ts: IntArray, columns: dict[str, FloatArray]
) -> tuple[IntArray, dict[str, FloatArray], int]:
    """Leave out bars of quotes that have no middle; that nobody bid is no fault of the file."""
    known = np.isfinite(columns["close"]) & (columns["bid_close"] > 0)
    kept = {name: column[known] for name, column in columns.items()}
    return ts[known], kept, int((~known).sum())


def _indices(rows: IntArray) -> Any:
    return column_of(rows.astype(np.int64))


def _any_wrong(block: Block) -> Any:
    masks = [*block.wrong.values()]
    return np.logical_or.reduce(masks) if masks else np.zeros(len(block), dtype=np.bool_)


def _make_bars(symbol: str, timeframe: str, ts: IntArray, columns: dict[str, FloatArray]) -> Bars:
    extras = {name: column for name, column in columns.items() if name not in FIELDS}
    base = {name: columns[name] for name in FIELDS}
    return Bars.of(symbol, timeframe, ts=ts, **base, extras=extras)
