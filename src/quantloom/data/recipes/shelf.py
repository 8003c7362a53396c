"""Datasets kept in the data directory: one Parquet file of rows, one JSON file that names it.

The JSON file alone decides what is kept: it is put in place last, in one step, and the rows it
names are never written to again. `docs/reference/recipes.md` describes both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quantloom.data.arrow import column_of, floats, ints
from quantloom.data.atomic import locked, make_folder, replacing
from quantloom.data.recipes.failures import PreparedDamaged, PreparedNotFound, RecipeChanged
from quantloom.data.recipes.prepared import Dataset, Ingredient
from quantloom.data.recipes.recipe import Recipe
from quantloom.data.recipes.scaling import Scaler
from quantloom.data.recipes.table import Label
from quantloom.errors import QuantloomError
from quantloom.kit import freeze
from quantloom.market import Bars, Timeframe
from quantloom.market.bars import FIELDS

SCHEMA = 1
FOLDER = "prepared"
_FILE = "dataset.json"
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
        root: the data directory; they lie in its folder `prepared`.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root) / FOLDER

    def keep(self, dataset: Dataset, *, replace: bool = False) -> Path:
        """Write a dataset, in the place of what the same recipe made before.

        Args:
            replace: also what another recipe of this name and version made.
        Returns:
            The JSON file.
        Raises:
            RecipeChanged: what is kept was made by another recipe.
            OSError: the disk is full or refuses; what was kept is still there.
        """
        recipe, folder = dataset.recipe, self._folder(dataset.recipe.name, dataset.recipe.version)
        path = folder / _FILE
        record = _told(dataset)
        make_folder(folder)
        # Not of the folder itself, which `replacing` locks.
        with locked(folder.parent):
            if path.is_file() and not replace:
                kept = _record(path)
                if kept.recipe_digest != dataset.recipe_digest:
                    raise RecipeChanged(recipe.name, recipe.version)
            with replacing(folder / record.rows) as file:
                _write_rows(dataset, file)
            with replacing(path) as file:
                encoded = msgspec.json.encode(record, order="deterministic")
                file.write(msgspec.json.format(encoded, indent=2))
            for other in folder.glob("rows-*.parquet"):
                if other.name != record.rows:
                    other.unlink(missing_ok=True)
        return path

    def load(self, name: str, version: int | None = None) -> Dataset:
        """Read a dataset back, bit for bit.

        Args:
            version: the latest where none is given.
        Raises:
            PreparedNotFound: there is none of that name and version.
            PreparedDamaged: its files do not hold what they did.
        """
        found = version if version is not None else max(self._versions(name), default=0)
        path = self._folder(name, found) / _FILE
        if not path.is_file():
            known = tuple(f"{one} version {number}" for one, number in self.list())
            raise PreparedNotFound(name, version, known)
        record = _record(path)
        try:
            return _read(record, path)
        except FileNotFoundError:
            # Somebody has replaced it since.
            record = _record(path)
            try:
                return _read(record, path)
            except FileNotFoundError as error:
                raise PreparedDamaged(str(path), f"rows are missing: {error}") from error

    def list(self) -> tuple[tuple[str, int], ...]:
        """Name every dataset with its version."""
        if not self.root.is_dir():
            return ()
        names = sorted(folder.name for folder in self.root.iterdir() if folder.is_dir())
        return tuple((name, version) for name in names for version in self._versions(name))

    def _versions(self, name: str) -> tuple[int, ...]:
        folder = self.root / name
        if not folder.is_dir():
            return ()
        found = (one.name for one in folder.iterdir() if (one / _FILE).is_file())
        return tuple(sorted(int(one) for one in found if one.isdecimal()))

    def _folder(self, name: str, version: int) -> Path:
        return self.root / name / str(version)


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


def _write_rows(dataset: Dataset, file: Any) -> None:
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


def _record(path: Path) -> _Record:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Record)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise PreparedDamaged(str(path), str(error)) from error
    if found.schema != SCHEMA:
        raise PreparedDamaged(str(path), f"schema {found.schema} is not {SCHEMA}")
    return found


def _read(record: _Record, path: Path) -> Dataset:
    file = path.parent / record.rows
    try:
        # Given as an open file, a missing one raises what it should.
        with file.open("rb") as opened, pq.ParquetFile(opened) as parquet:
            # Not read_table, which would import pandas.
            table = parquet.read()
        dataset = _dataset(record, path, table)
    except (pa.ArrowInvalid, KeyError, QuantloomError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise PreparedDamaged(str(file), str(error)) from error
    if dataset.digest() != record.digest:
        raise PreparedDamaged(str(file), "it does not hold the rows that were written")
    return dataset


def _dataset(record: _Record, path: Path, table: Any) -> Dataset:
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
        recipe=Recipe.of(record.recipe, folder=path.parent, where=str(path)),
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
