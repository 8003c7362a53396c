"""Datasets kept where the catalog lies: one Parquet file of rows, one JSON file that names it.

The JSON file alone decides what is kept: it is put in place last, in one step, and the rows it
names are never written to again. `docs/reference/recipes.md` describes both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quantloom.data.arrow import column_of, floats, ints
from quantloom.data.catalog import Catalog
from quantloom.data.recipes.failures import PreparedDamaged, PreparedNotFound, RecipeChanged
from quantloom.data.recipes.prepared import Dataset, Ingredient
from quantloom.data.recipes.recipe import Recipe
from quantloom.data.recipes.scaling import Scaler
from quantloom.data.recipes.table import Label
from quantloom.data.store.manifest import MANIFEST
from quantloom.errors import QuantloomError
from quantloom.kit import freeze
from quantloom.market import Bars, Timeframe
from quantloom.market.bars import FIELDS

SCHEMA = 1
FOLDER = "prepared"
_ROW_GROUP = 1 << 17


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What the JSON file says; order of columns is that of making."""

    schema: int
    digest: str
    rows: str
    recipe: dict[str, Any]
    recipe_digest: str
    timeframe: str
    symbols: tuple[tuple[str, int, tuple[str, ...]], ...]
    features: tuple[str, ...]
    labels: tuple[str, ...]
    begins: dict[str, int]
    counts: dict[str, int]
    left_out: dict[str, int]
    scalers: tuple[Scaler, ...]
    inputs: tuple[Ingredient, ...]


class Shelf:
    """Datasets that recipes made, by name and version.

    Args:
        root: the data directory, in whose folder `prepared` they lie; `s3://bucket/prefix`; or a
            catalog, whose place they share.
        s3: keys of a bucket, as `Catalog` takes them.
    """

    def __init__(self, root: Path | str | Catalog, *, s3: Mapping[str, str] | None = None) -> None:
        self.place = (root if isinstance(root, Catalog) else Catalog(root, s3=s3)).place

    def keep(self, dataset: Dataset, *, replace: bool = False) -> str:
        """Write a dataset, in the place of what the same recipe made before.

        Args:
            replace: also what another recipe of this name and version made.
        Returns:
            Where the JSON file lies.
        Raises:
            RecipeChanged: what is kept was made by another recipe.
            CatalogUnwritable, BucketRefuses: the disk is full, or the place refuses; what was kept
                is still there.
            CatalogBusy, ChangedMeanwhile: another process keeps the same dataset.
        """
        recipe, folder = dataset.recipe, _folder(dataset.recipe.name, dataset.recipe.version)
        path, record = self.place.where(f"{folder}/{MANIFEST}"), _told(dataset)
        with self.place.changing(folder) as change:
            before = change.current()
            gone = frozenset[str]()
            if before is not None and not replace:
                kept = _record(before, path)
                if kept.recipe_digest != dataset.recipe_digest:
                    raise RecipeChanged(recipe.name, recipe.version)
                gone = frozenset({kept.rows}) - {record.rows}
            change.put(record.rows, lambda file: _write_rows(dataset, file))
            encoded = msgspec.json.encode(record, order="deterministic")
            names = frozenset({record.rows})
            change.commit(msgspec.json.format(encoded, indent=2), names, gone)
            if replace:
                change.sweep(names)
        return path

    def load(self, name: str, version: int | None = None) -> Dataset:
        """Read a dataset back, bit for bit.

        Args:
            version: the latest where none is given.
        Raises:
            PreparedNotFound: there is none of that name and version.
            PreparedDamaged: its files do not hold what they did.
        """
        known = self.list()
        latest = max((number for one, number in known if one == name), default=0)
        folder = _folder(name, version if version is not None else latest)
        try:
            return self._load(folder)
        except FileNotFoundError:
            # It is not there, or somebody has replaced it since.
            if folder not in (_folder(*one) for one in known):
                told = tuple(f"{one} version {number}" for one, number in known)
                raise PreparedNotFound(name, version, told) from None
        try:
            return self._load(folder)
        except FileNotFoundError as error:
            where = self.place.where(f"{folder}/{MANIFEST}")
            raise PreparedDamaged(where, f"rows are missing: {error}") from error

    def list(self) -> tuple[tuple[str, int], ...]:
        """Name every dataset with its version."""
        found = (one.split("/")[1:] for one in self.place.datasets(FOLDER))
        return tuple(
            sorted((one[0], int(one[1])) for one in found if len(one) == 2 and one[1].isdecimal())
        )

    def _load(self, folder: str) -> Dataset:
        path = self.place.where(f"{folder}/{MANIFEST}")
        record = _record(self.place.read(f"{folder}/{MANIFEST}"), path)
        return _read(record, self.place.read(f"{folder}/{record.rows}"), path)


def _folder(name: str, version: int) -> str:
    return f"{FOLDER}/{name}/{version}"


def _told(dataset: Dataset) -> _Record:
    digest = dataset.digest()
    return _Record(
        schema=SCHEMA,
        digest=digest,
        rows=f"rows-{digest[:16]}.parquet",
        recipe=dataset.recipe.plain(),
        recipe_digest=dataset.recipe_digest,
        timeframe=str(dataset.timeframe),
        symbols=tuple((one.symbol, len(one), tuple(one.extras)) for one in dataset.all_bars),
        features=tuple(dataset.features),
        labels=tuple(dataset.labels),
        begins=dict(dataset.begins),
        counts=dataset.counts(),
        left_out=dict(dataset.left_out),
        scalers=dataset.scalers,
        inputs=dataset.inputs,
    )


def _columns(dataset: Dataset) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every column by the name it has in the file, in order."""
    bars = dataset.all_bars
    lengths = [len(one) for one in bars]
    yield "symbol", np.repeat(np.arange(len(bars), dtype=np.int64), lengths)
    for name in ("ts", *FIELDS):
        yield name, np.concatenate([getattr(one, name) for one in bars])
    for name in sorted({name for one in bars for name in one.extras}):
        missing = [np.full(count, np.nan) for count in lengths]
        own = [one.extras.get(name, gap) for one, gap in zip(bars, missing, strict=True)]
        yield f"bar.{name}", np.concatenate(own)
    for name, column in dataset.features.items():
        yield f"feature.{name}", column
    for name, label in dataset.labels.items():
        yield f"label.{name}", label.values
        yield f"known.{name}", label.known
    yield "part", dataset.part.astype(np.int64)


def _write_rows(dataset: Dataset, file: BinaryIO) -> str:
    columns = dict(_columns(dataset))
    table: Any = pa.Table.from_arrays(
        [column_of(column) for column in columns.values()], names=[*columns]
    )
    numbers: Any = [name for name, column in columns.items() if column.dtype.kind == "f"]
    pq.write_table(
        table,
        file,
        compression="zstd",
        use_dictionary=False,
        use_byte_stream_split=numbers,
        column_encoding={name: "DELTA_BINARY_PACKED" for name in columns if name not in {*numbers}},
        row_group_size=_ROW_GROUP,
    )
    return ""


def _record(text: bytes, path: str) -> _Record:
    try:
        found = msgspec.json.decode(text, type=_Record)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise PreparedDamaged(path, str(error)) from error
    if found.schema != SCHEMA:
        raise PreparedDamaged(path, f"schema {found.schema} is not {SCHEMA}")
    return found


def _read(record: _Record, rows: bytes, path: str) -> Dataset:
    file = path.replace(MANIFEST, record.rows)
    try:
        # Not read_table, which would import pandas.
        with pq.ParquetFile(pa.BufferReader(rows)) as parquet:
            table = parquet.read()
        dataset = _dataset(record, path, table)
    except (pa.ArrowInvalid, KeyError, QuantloomError, OSError) as error:
        raise PreparedDamaged(file, str(error)) from error
    if dataset.digest() != record.digest:
        raise PreparedDamaged(file, "it does not hold the rows that were written")
    return dataset


def _dataset(record: _Record, path: str, table: Any) -> Dataset:
    def numbers(name: str) -> NDArray[np.float64]:
        return freeze(floats(table.column(name)))

    all_bars, start = [], 0
    ts = freeze(ints(table.column("ts")))
    columns: dict[str, Any] = {name: numbers(name) for name in FIELDS}
    for symbol, count, extras in record.symbols:
        rows = slice(start, start + count)
        all_bars.append(
            Bars(
                symbol,
                Timeframe.parse(record.timeframe),
                ts[rows],
                **{name: column[rows] for name, column in columns.items()},
                extras={name: numbers(f"bar.{name}")[rows] for name in extras},
            )
        )
        start += count
    labels = {
        name: Label(numbers(f"label.{name}"), freeze(ints(table.column(f"known.{name}"))))
        for name in record.labels
    }
    return Dataset(
        recipe=Recipe.of(record.recipe, folder=Path(path).parent, where=path),
        recipe_digest=record.recipe_digest,
        all_bars=tuple(all_bars),
        features={name: numbers(f"feature.{name}") for name in record.features},
        labels=labels,
        part=freeze(ints(table.column("part")).astype(np.int8)),
        begins=record.begins,
        left_out=record.left_out,
        scalers=record.scalers,
        inputs=record.inputs,
    )
