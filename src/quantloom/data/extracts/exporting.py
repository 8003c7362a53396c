"""Rows as files that other programs read: CSV, Parquet, Feather, JSON and workbooks."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv, feather

from quantloom.data.atomic import replacing
from quantloom.data.bar_rows import COLUMNS
from quantloom.errors import Invalid, Unavailable
from quantloom.market import Bars
from quantloom.market.timeframes import ends_of

_MOST_SHEET_ROWS = 1_048_575
_UNITS: tuple[Literal["s", "ms", "us", "ns"], ...] = ("s", "ms", "us", "ns")
Batches = Iterable["pa.RecordBatch"]


class UnknownSuffix(Invalid):
    """A file to be written whose name does not say as what."""

    code = "data.unknown_suffix"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: name it with one of {', '.join(_WRITERS)}"


class UnknownColumns(Invalid):
    """Columns asked for that the bars do not have."""

    code = "data.unknown_columns"

    def __init__(self, symbol: str, missing: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(symbol, missing, found)
        self.symbol, self.missing, self.found = symbol, missing, found

    def __str__(self) -> str:
        return f"{self.symbol} has no {', '.join(self.missing)}; it has {', '.join(self.found)}"


class TooManyRows(Invalid):
    """More rows than a sheet of a workbook holds."""

    code = "data.too_many_rows"

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(path, most)
        self.path, self.most = path, most

    def __str__(self) -> str:
        return f"{self.path}: a sheet holds {self.most:,} rows; write a .csv or .parquet instead"


class WorkbookExtraMissing(Unavailable):
    """The package that writes workbooks is not installed."""

    code = "data.workbook_extra_missing"

    def __str__(self) -> str:
        return "workbooks need xlsxwriter; install it: pip install 'quantloom[xlsx]'"


def bars_table(
    bars: Bars,
    *,
    columns: tuple[str, ...] = (),
    zone: ZoneInfo | None = None,
    label: str = "open",
) -> "pa.Table":
    """Bars as a table: `time`, then the columns asked for.

    Args:
        columns: names of prices, volume and extras; all where none are given.
        zone: in which the times stand; UTC where not given. Bars of a day or longer carry their
            session date in any zone.
        label: `open` or `close`: which end of a bar its time is. A close is a timeframe after the
            open.
    Raises:
        UnknownColumns: the bars do not have one of them.
    """
    found = dict(zip(COLUMNS[1:], list(bars.columns())[1:], strict=True)) | dict(bars.extras)
    missing = tuple(name for name in columns if name not in found)
    if missing:
        raise UnknownColumns(bars.symbol, missing, tuple(found))
    times = ends_of(bars.ts, bars.timeframe) if label == "close" and _has_clock(bars) else bars.ts
    moments: Any = pa.array(times, pa.timestamp("ns", "UTC"), from_pandas=False)
    if not _has_clock(bars):
        moments = moments.cast(pa.timestamp("ns")).cast(pa.date32())
    elif zone is not None:
        moments = moments.cast(pa.timestamp("ns", str(zone)))
    arrays = {name: pa.array(found[name], from_pandas=True) for name in columns or found}
    return pa.table({"time": moments, **arrays})


def write_rows(path: Path, schema: pa.Schema, batches: Batches) -> int:
    """Write rows as the file's suffix says; give their number.

    Raises:
        UnknownSuffix: it says nothing known.
        TooManyRows: a sheet of a workbook does not hold so many.
        WorkbookExtraMissing: xlsxwriter is not installed.
        OSError: the disk is full or refuses; a file that was there is left alone.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise UnknownSuffix(path)
    counted = _Counted(batches)
    with replacing(path) as file:
        write(path, file, schema, counted)
    return counted.rows


class _Counted:
    def __init__(self, batches: Batches) -> None:
        self._batches, self.rows = batches, 0

    def __iter__(self) -> Iterator["pa.RecordBatch"]:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch


def plain_rows(batch: "pa.RecordBatch") -> list[dict[str, Any]]:
    """Rows with their times as text, to be shown or written as JSON."""
    found: list[dict[str, Any]] = _with_texts(batch).to_pylist()
    return found


def _with_texts(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    arrays = [
        _text(array) if pa.types.is_timestamp(array.type) else array for array in batch.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _text(times: Any) -> Any:
    """Times as text, with as many digits of the second as they need, and their offset if any."""
    offset = "%z" if times.type.tz else ""
    for unit in _UNITS:
        try:
            shorter = times.cast(pa.timestamp(unit, times.type.tz))
        except pa.ArrowInvalid:
            continue
        return pc.strftime(shorter, format=f"%Y-%m-%d %H:%M:%S{offset}")
    return times.cast(pa.string())


def _write_csv(_: Path, file: BinaryIO, schema: pa.Schema, batches: Batches) -> None:
    texts = [
        pa.field(one.name, pa.string()) if pa.types.is_timestamp(one.type) else one
        for one in schema
    ]
    options = csv.WriteOptions(quoting_style="needed")
    with csv.CSVWriter(file, pa.schema(texts), write_options=options) as writer:
        for batch in batches:
            writer.write_batch(_with_texts(batch))


def _write_parquet(_: Path, file: BinaryIO, schema: pa.Schema, batches: Batches) -> None:
    with pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _write_feather(_: Path, file: BinaryIO, schema: pa.Schema, batches: Batches) -> None:
    feather.write_feather(pa.Table.from_batches(list(batches), schema), file, compression="zstd")


def _write_json(_: Path, file: BinaryIO, __: pa.Schema, batches: Batches) -> None:
    encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
    before = b"[\n"
    for batch in batches:
        for row in plain_rows(batch):
            file.write(before + encoder.encode(row))
            before = b",\n"
    file.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def _write_workbook(path: Path, file: BinaryIO, schema: pa.Schema, batches: Batches) -> None:
    try:
        import xlsxwriter  # noqa: PLC0415  optional, and only workbooks need it
    except ImportError as missing:
        raise WorkbookExtraMissing from missing
    options = {"constant_memory": True, "nan_inf_to_errors": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("rows")
        sheet.write_row(0, 0, schema.names, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        place = 0
        for batch in batches:
            for row in plain_rows(batch):
                place += 1
                if place > _MOST_SHEET_ROWS:
                    raise TooManyRows(path, _MOST_SHEET_ROWS)
                sheet.write_row(place, 0, [_cell(value) for value in row.values()])


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float | str | None) else str(value)


def _has_clock(bars: Bars) -> bool:
    return bars.timeframe.is_intraday


_WRITERS: dict[str, Callable[[Path, BinaryIO, pa.Schema, Batches], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".feather": _write_feather,
    ".json": _write_json,
    ".xlsx": _write_workbook,
}
