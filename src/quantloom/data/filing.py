"""From what a file held to what the catalog holds: graded, with its origin kept beside it."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from quantloom.data.catalog import Catalog
from quantloom.data.described import DatasetInfo, TicksInfo
from quantloom.data.origin import Origin
from quantloom.data.quality import QualityReport, RowAccount, check, check_ticks
from quantloom.data.readers import FileBars, FileTicks, Mapping
from quantloom.kit import FloatArray
from quantloom.market import Instrument, Ticks, assume_instrument, default_instrument

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A dataset that was stored; `report` is the quality of all that is stored now."""

    info: DatasetInfo | TicksInfo
    report: QualityReport


def instrument_of(read: FileBars | FileTicks) -> Instrument:
    """Assume the instrument of what was read, its tick by the prices."""
    if isinstance(read, FileBars):
        return assume_instrument(read.bars)
    return default_instrument(read.symbol, _prices(read.ticks))


def store(
    catalog: Catalog,
    read: FileBars | FileTicks,
    instrument: Instrument,
    *,
    source: Path,
    licence: str = "",
    digest: str = "",
    is_added: bool = False,
    is_graded: bool = True,
) -> Stored:
    """Store what was read from a file.

    Args:
        source: the file.
        digest: SHA-256 of its bytes, by `file_digest`.
        is_added: joins the rows to those stored, where both have a time the file's stay;
            otherwise they replace what is stored of the symbol and timeframe.
        is_graded: grades what rows were joined to with them; where not, the report is that of the
            file alone, and none is kept until somebody grades it.
    Raises:
        BadSymbol, InstrumentMismatch, ReservedColumn, ReadOnlyCatalog, CatalogUnwritable: as for
            `Catalog.write`.
    """
    origin = origin_of(read.mapping, digest)
    if isinstance(read, FileTicks):
        raw = RowAccount(read=read.read, dropped=read.dropped, unsorted=read.unsorted)
        report = check_ticks(read.ticks, instrument=instrument, raw=raw, total=read.total)
        put = catalog.upsert_ticks if is_added else catalog.write_ticks
        told = put(
            read.ticks,
            instrument,
            source=str(source),
            licence=licence,
            dropped_rows=read.dropped_rows,
            origin=origin,
            quality=None if is_added else report.short(),
        )
        if is_added and is_graded:
            report = catalog.check_ticks(told.symbol, told.stream, raw=raw)
        return Stored(told, report)
    raw = RowAccount(read=read.read, dropped=read.dropped, unsorted=read.unsorted)
    if is_added:
        added = catalog.upsert(
            read.bars,
            instrument,
            source=str(source),
            licence=licence,
            dropped_rows=read.dropped_rows,
            origin=origin,
        )
        if is_graded:
            report = catalog.check(read.symbol, read.bars.timeframe, raw=raw)
        else:
            report = check(read.bars, instrument=instrument, raw=raw)
        return Stored(added.info, report)
    report = check(read.bars, instrument=instrument, raw=raw)
    info = catalog.write(
        read.bars,
        instrument,
        source=str(source),
        licence=licence,
        dropped_rows=read.dropped_rows,
        origin=origin,
        quality=report.short(),
    )
    return Stored(info, report)


def origin_of(mapping: Mapping | None, digest: str = "") -> Origin | None:
    """Tell how a file was read, in the words that the catalog keeps."""
    if mapping is None:
        return None
    units = {
        name: getattr(mapping, name).value
        for name in ("volume_lot", "turnover_scale", "price_scale")
        if getattr(mapping, name).value != 1
    }
    return Origin(
        label="close" if mapping.label.value == "close" else "open",
        zone=mapping.zone.value,
        adjustment=mapping.adjustment.value,
        units=units,
        mapping=mapping.to_toml(),
        sha256=digest,
    )


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    hashing = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hashing.update(block)
    return hashing.hexdigest()


def _prices(ticks: Ticks) -> FloatArray:
    found: FloatArray = np.concatenate([ticks.price, ticks.bid[:, 0], ticks.ask[:, 0]])
    return found
