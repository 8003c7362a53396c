"""Ticks and updates of the book as they are stored: by symbol and stream, a piece a day."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from quantloom.data.bar_rows import told_anew
from quantloom.data.described import CompactedTicks, TicksInfo, ticks_info
from quantloom.data.names import TICKS, InstrumentMissing, folder_of, matches
from quantloom.data.store import (
    Columns,
    CorruptDataset,
    Dataset,
    Manifest,
    Place,
    Plan,
    Revision,
    SchemaTooNew,
    Subject,
    Wanted,
)
from quantloom.errors import Conflict, Invalid, NotFound
from quantloom.kit import freeze, from_ns, to_ns
from quantloom.market import QUOTE, TRADE, Instrument, NoTicks, Ticks, merge_ticks

TRADES, QUOTES, MIXED = "trades", "quotes", "mixed"
STREAMS = (TRADES, QUOTES, MIXED)
_BOOK = re.compile(r"(bid|bid_size|ask|ask_size)(\d+)")


class UnknownStream(Invalid):
    """A stream of ticks by a name that is none."""

    code = "data.unknown_stream"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.stream = stream

    def __str__(self) -> str:
        return f"{self.stream!r} is no stream of ticks; write {', '.join(STREAMS)}"


class StreamNeeded(Invalid):
    """Ticks asked for without a stream where there are several that do not go together."""

    code = "data.stream_needed"

    def __init__(self, symbol: str, streams: tuple[str, ...]) -> None:
        super().__init__(symbol, streams)
        self.symbol, self.streams = symbol, streams

    def __str__(self) -> str:
        return f"{self.symbol} has ticks of {', '.join(self.streams)}; say which"


class TicksNotFound(NotFound):
    """Ticks that the catalog does not hold."""

    code = "data.ticks_not_found"

    def __init__(self, symbol: str, stream: str | None, streams: tuple[str, ...]) -> None:
        super().__init__(symbol, stream, streams)
        self.symbol, self.stream, self.streams = symbol, stream, streams

    def __str__(self) -> str:
        what = f"{self.stream} of {self.symbol}" if self.stream else f"ticks of {self.symbol}"
        there = f"; there are {', '.join(self.streams)}" if self.streams else " in the catalog"
        return f"no {what}{there}; `quantloom data list --ticks` shows what there is"


class TicksNotLater(Conflict):
    """Ticks to be added at the end that do not begin after it."""

    code = "data.ticks_not_later"

    def __init__(self, symbol: str, last: datetime, first: datetime) -> None:
        super().__init__(symbol, last, first)
        self.symbol, self.last, self.first = symbol, last, first

    def __str__(self) -> str:
        return (
            f"the ticks of {self.symbol} end at {self.last}; those from {self.first} on are not "
            "all later: use upsert_ticks to replace a span"
        )


class ReceiptMissing(Conflict):
    """Ticks with and without times of receipt, which cannot be one stream."""

    code = "data.receipt_missing"

    def __init__(self, symbol: str, stream: str) -> None:
        super().__init__(symbol, stream)
        self.symbol, self.stream = symbol, stream

    def __str__(self) -> str:
        return (
            f"either the stored {self.stream} of {self.symbol} or the new ones tell when they were "
            "received, not both; write the stream anew"
        )


class TickShelf:
    """The ticks of a place."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def write(
        self, ticks: Ticks, instrument: Instrument, stream: str | None, told: Mapping[str, Any]
    ) -> TicksInfo:
        """Store ticks in the place of their stream."""
        dataset = self._dataset(ticks.symbol, stream or stream_of(ticks))
        with dataset.changing() as revision:
            manifest = _begun(revision, ticks, instrument, told)
        return ticks_info(manifest, dataset.where)

    def grow(
        self,
        ticks: Ticks,
        instrument: Instrument | None,
        stream: str | None,
        told: Mapping[str, Any],
        *,
        is_later: bool,
    ) -> TicksInfo:
        """Store ticks after those of their stream, or in the place of their span."""
        dataset = self._dataset(ticks.symbol, stream or stream_of(ticks))
        with dataset.changing() as revision:
            before = revision.before()
            if before is None:
                manifest = _begun(revision, ticks, instrument, told)
            else:
                if is_later and int(ticks.ts[0]) <= before.end_ns:
                    raise TicksNotLater(ticks.symbol, from_ns(before.end_ns), ticks.start)
                fields = _joined(revision, before, ticks) | told_anew(before, told)
                fields["instrument"] = instrument or before.instrument
                manifest = revision.change(before, fields)
        return ticks_info(manifest, dataset.where)

    def read(
        self, symbol: str, stream: str | None, *, start: datetime | None, end: datetime | None
    ) -> Ticks:
        """Read a stream, or trades and quotes merged."""
        wanted = Wanted(
            start_ns=None if start is None else to_ns(start),
            end_ns=None if end is None else to_ns(end),
        )
        names = (stream,) if stream else self._together(symbol)
        parts = [part for name in names if len(part := self._read(symbol, name, wanted))]
        if not parts:
            raise NoTicks(symbol, start, end)
        return merge_ticks(*parts) if len(parts) > 1 else parts[0]

    def list(self, match: str) -> tuple[TicksInfo, ...]:
        """Describe every readable stream."""
        found = []
        for dataset in self._datasets():
            if not matches(dataset.subject.symbol, match):
                continue
            try:
                found.append(ticks_info(dataset.manifest(), dataset.where))
            except (CorruptDataset, SchemaTooNew, FileNotFoundError):
                continue
        return tuple(sorted(found, key=lambda info: (info.symbol, info.stream)))

    def streams(self, symbol: str) -> tuple[str, ...]:
        """Name the streams of a symbol, readable or not."""
        folder = folder_of(TICKS, symbol)
        there = {name.rpartition("/")[2] for name in self._place.datasets(folder)}
        return tuple(stream for stream in STREAMS if stream in there)

    def damaged(self) -> tuple[CorruptDataset | SchemaTooNew, ...]:
        """Say of each stream that cannot be read why."""
        found: list[CorruptDataset | SchemaTooNew] = []
        for dataset in self._datasets():
            try:
                dataset.manifest()
            except (CorruptDataset, SchemaTooNew) as error:
                found.append(error)
            except FileNotFoundError:
                continue
        return tuple(found)

    def delete(self, symbol: str, stream: str) -> None:
        """Remove a stream."""
        try:
            with self._dataset(symbol, stream).changing() as revision:
                revision.remove()
        except FileNotFoundError:
            raise self._not_found(symbol, stream) from None

    def info(self, symbol: str, stream: str) -> TicksInfo:
        """Describe a stream."""
        dataset = self._dataset(symbol, stream)
        try:
            return ticks_info(dataset.manifest(), dataset.where)
        except FileNotFoundError:
            raise self._not_found(symbol, stream) from None

    def grade(self, symbol: str, stream: str, digest: str, quality: dict[str, Any]) -> None:
        """Keep what a check of stored ticks found, unless others have come meanwhile."""
        with self._dataset(symbol, stream).changing() as revision:
            before = revision.before()
            if before is None:
                raise self._not_found(symbol, stream)
            if before.digest == digest:
                revision.change(before, {"quality": quality})

    def compact(self, symbol: str, stream: str) -> CompactedTicks:
        """Join the pieces of each day into one."""
        dataset = self._dataset(symbol, stream)
        with dataset.changing() as revision:
            before = revision.before()
            if before is None:
                raise self._not_found(symbol, stream)
            manifest = revision.compact(before, _plan(symbol, before.columns))
        return CompactedTicks(
            info=ticks_info(manifest, dataset.where),
            pieces_before=len(before.pieces),
            bytes_before=before.bytes,
        )

    def _read(self, symbol: str, stream: str, wanted: Wanted) -> Ticks:
        try:
            _, columns = self._dataset(symbol, stream).read(wanted)
        except FileNotFoundError:
            raise self._not_found(symbol, stream) from None
        return ticks_of(symbol, columns)

    def _together(self, symbol: str) -> tuple[str, ...]:
        streams = self.streams(symbol)
        if not streams:
            raise self._not_found(symbol, None)
        if MIXED in streams and len(streams) > 1:
            raise StreamNeeded(symbol, streams)
        return streams

    def _not_found(self, symbol: str, stream: str | None) -> TicksNotFound:
        return TicksNotFound(symbol, stream, self.streams(symbol))

    def _dataset(self, symbol: str, stream: str) -> Dataset:
        if stream not in STREAMS:
            raise UnknownStream(stream)
        subject = Subject(kind=TICKS, symbol=symbol, part=stream)
        return Dataset(self._place, f"{folder_of(TICKS, symbol)}/{stream}", subject)

    def _datasets(self) -> Sequence[Dataset]:
        found = []
        for name in self._place.datasets(TICKS):
            _, venue, code, stream = name.split("/")
            if stream in STREAMS:
                found.append(self._dataset(f"{unquote(code)}.{unquote(venue)}", stream))
        return found


def stream_of(ticks: Ticks) -> str:
    """The stream that ticks belong to by what their rows bring."""
    kinds = set(np.unique(ticks.kind).tolist())
    if kinds == {TRADE}:
        return TRADES
    return QUOTES if kinds == {QUOTE} else MIXED


def ticks_of(symbol: str, columns: Columns) -> Ticks:
    """Make ticks of columns that were checked before they were stored."""
    levels = sum(name.startswith("bid_size") for name in columns)
    received = columns.get("received")
    book = {
        side: freeze(np.column_stack([columns[f"{side}{level + 1}"] for level in range(levels)]))
        for side in ("bid", "bid_size", "ask", "ask_size")
    }
    return Ticks(
        symbol=symbol,
        ts=freeze(columns["ts"]),
        received=None if received is None else freeze(received),
        kind=freeze(columns["kind"]),
        **book,
        price=freeze(columns["price"]),
        size=freeze(columns["size"]),
        side=freeze(columns["side"]),
    )


def _plan(symbol: str, names: Sequence[str]) -> Plan:
    return Plan(block="D", period="D", head="|".join((symbol, *names)))


def _begun(
    revision: Revision, ticks: Ticks, instrument: Instrument | None, told: Mapping[str, Any]
) -> Manifest:
    if instrument is None:
        raise InstrumentMissing(ticks.symbol)
    columns = ticks.columns()
    builder = revision.builder(_plan(ticks.symbol, tuple(columns)))
    builder.add(columns)
    return revision.create(builder, instrument, told)


def _joined(revision: Revision, before: Manifest, ticks: Ticks) -> dict[str, Any]:
    """Put ticks in the place of their span; give the fields of the manifest that change."""
    new = ticks.columns()
    if ("received" in new) != ("received" in before.columns):
        raise ReceiptMissing(ticks.symbol, before.part)
    # Of the same kind, the longer one has more levels and every name of the shorter one.
    names = max(before.columns, tuple(new), key=len)
    plan = _plan(ticks.symbol, names)
    if names == before.columns:
        return revision.splice(before, _fitted(new, names), plan, _in_their_span)
    held = _fitted(revision.rows(before), names)
    joined = _in_their_span(held, _fitted(new, names))
    return {"columns": names} | revision.rebuild(joined, plan)


def _in_their_span(held: Columns, new: Columns) -> Columns:
    first = int(np.searchsorted(held["ts"], new["ts"][0], side="left"))
    stop = int(np.searchsorted(held["ts"], new["ts"][-1], side="right"))
    return {
        name: np.concatenate([held[name][:first], new[name], held[name][stop:]]) for name in held
    }


def _fitted(columns: Columns, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The columns named; further levels of the book are empty."""
    found: dict[str, NDArray[Any]] = {}
    for name in names:
        level = _BOOK.fullmatch(name)
        empty = 0.0 if level and level[1].endswith("size") else np.nan
        held = columns.get(name)
        found[name] = np.full(len(columns["ts"]), empty) if held is None else held
    return found
