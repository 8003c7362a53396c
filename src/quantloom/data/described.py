"""What is known of a dataset without reading its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quantloom.data.origin import Origin
from quantloom.data.store import Manifest
from quantloom.kit import from_ns
from quantloom.market import Instrument, Timeframe
from quantloom.market.bars import FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInfo:
    """What is known of bars without reading them.

    Attributes:
        start, end: open times of the first and the last bar.
        bytes: size of its files.
        dropped_rows: rows its imports left out as impossible.
        extras: names of its columns beyond those every bar has.
        digest: `Bars.digest` of the whole dataset; empty for one of schema 1, whose digest was
            another.
        location: its folder, or its file where it is of schema 1.
        pieces: how many files hold its bars.
        origin: what was done to the source's rows; None where nobody said.
        quality: what a check of the bars found, in short; None where nobody checked.
    """

    symbol: str
    timeframe: Timeframe
    rows: int
    start: datetime
    end: datetime
    bytes: int
    source: str
    licence: str
    dropped_rows: int
    extras: tuple[str, ...]
    digest: str
    instrument: Instrument
    location: str
    pieces: int = 1
    origin: Origin | None = None
    quality: Mapping[str, Any] | None = None

    @property
    def grade(self) -> str | None:
        """Grade of the bars, A to F; None where nobody checked."""
        return _grade(self.quality)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicksInfo:
    """What is known of a stream of ticks without reading it.

    Attributes:
        stream: `trades`, `quotes`, or `mixed` where rows bring either or both.
        start, end: exchange times of the first and the last tick, to the microsecond.
        levels: how many prices of each side are known at most.
        days: calendar days in UTC that have ticks.
        digest: `Ticks.digest` of the whole stream.
        pieces: how many files hold its ticks.
    """

    symbol: str
    stream: str
    rows: int
    start: datetime
    end: datetime
    levels: int
    days: tuple[str, ...]
    bytes: int
    source: str
    licence: str
    dropped_rows: int
    digest: str
    instrument: Instrument
    location: str
    pieces: int = 1
    origin: Origin | None = None
    quality: Mapping[str, Any] | None = None

    @property
    def grade(self) -> str | None:
        """Grade of the ticks, A to F; None where nobody checked."""
        return _grade(self.quality)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What an upsert came to.

    Attributes:
        info: the dataset as it is now.
        added: rows at times that had none.
        changed: rows that took the place of others that differed.
        unchanged: rows that were there already, to the bit.
    """

    info: DatasetInfo
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What compacting a dataset came to, by number and size of its files."""

    info: DatasetInfo
    pieces_before: int
    bytes_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactedTicks:
    """What compacting a stream of ticks came to, by number and size of its files."""

    info: TicksInfo
    pieces_before: int
    bytes_before: int


def bars_info(manifest: Manifest, location: str) -> DatasetInfo:
    """Describe bars by their manifest; of schema 1, that is made of their file."""
    return DatasetInfo(
        symbol=manifest.symbol,
        timeframe=Timeframe.parse(manifest.part),
        rows=manifest.rows,
        start=from_ns(manifest.start_ns),
        end=from_ns(manifest.end_ns),
        bytes=manifest.bytes,
        source=manifest.source,
        licence=manifest.licence,
        dropped_rows=manifest.dropped_rows,
        extras=manifest.columns[1 + len(FIELDS) :],
        digest=manifest.digest,
        instrument=manifest.instrument,
        location=location,
        pieces=len(manifest.pieces),
        origin=manifest.origin,
        quality=manifest.quality,
    )


def ticks_info(manifest: Manifest, location: str) -> TicksInfo:
    """Describe a stream of ticks by its manifest."""
    return TicksInfo(
        symbol=manifest.symbol,
        stream=manifest.part,
        rows=manifest.rows,
        start=from_ns(manifest.start_ns),
        end=from_ns(manifest.end_ns),
        levels=sum(name.startswith("bid_size") for name in manifest.columns),
        days=tuple(manifest.blocks),
        bytes=manifest.bytes,
        source=manifest.source,
        licence=manifest.licence,
        dropped_rows=manifest.dropped_rows,
        digest=manifest.digest,
        instrument=manifest.instrument,
        location=location,
        pieces=len(manifest.pieces),
        origin=manifest.origin,
        quality=manifest.quality,
    )


def _grade(quality: Mapping[str, Any] | None) -> str | None:
    return None if quality is None else str(quality.get("grade", "")) or None
