"""SQL over everything the catalog holds, by DuckDB; it sees the catalog and nothing else.

DuckDB has no access to files or the network: it is given the pieces as Arrow datasets, which open
a file only where the query does not rule it out by symbol and timeframe.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from quantloom.data.catalog import Catalog
from quantloom.data.layers import Catalogs
from quantloom.data.legacy_bars import LegacyBars
from quantloom.data.names import BARS, TICKS
from quantloom.data.store import CorruptDataset, Manifest, Place, SchemaTooNew
from quantloom.data.store.disk import LEGACY
from quantloom.data.store.manifest import MANIFEST, decode
from quantloom.data.store.pieces import arrow_type
from quantloom.errors import Invalid, Unavailable
from quantloom.market.bars import FIELDS

VIEWS = ("bars", "ticks", "datasets")
"""What a query may select from."""

_CLOSED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}
_REFUSED = (
    duckdb.ProgrammingError,
    duckdb.DataError,
    duckdb.NotSupportedError,
    duckdb.PermissionException,
)
_FILE_FAILED = "reading the stream registered"
_PART = {BARS: "timeframe", TICKS: "stream"}
_DATASETS: dict[str, pa.DataType] = {
    "symbol": pa.string(),
    "kind": pa.string(),
    "part": pa.string(),
    "rows": pa.int64(),
    "start": pa.timestamp("ns"),
    "end": pa.timestamp("ns"),
    "bytes": pa.int64(),
    "pieces": pa.int64(),
    "grade": pa.string(),
    "source": pa.string(),
    "licence": pa.string(),
    "dropped_rows": pa.int64(),
    "digest": pa.string(),
    "asset": pa.string(),
    "currency": pa.string(),
    "tick_size": pa.float64(),
    "lot": pa.float64(),
    "multiplier": pa.float64(),
    "calendar": pa.string(),
}
_TICK_COLUMNS = ("ts", "kind", "price", "size", "side", "bid1", "bid_size1", "ask1", "ask_size1")


class BadQuery(Invalid):
    """SQL that DuckDB refuses, or that is more than a question."""

    code = "data.bad_query"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason}\nselect from {', '.join(VIEWS)}; docs/reference/sql.md shows columns"


class QueryFailed(Unavailable):
    """A query that could not be carried out."""

    code = "data.query_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the query failed: {self.reason}; ask for less, or again if an import is under way"


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns and their types as a piece has them; pieces of one shape are read as one table."""

    columns: tuple[str, ...]
    forms: str

    def schema(self) -> pa.Schema:
        """The shape with the columns that say whose rows they are."""
        forms = self.forms.split()
        types = [pa.string(), pa.string(), *map(arrow_type, forms)]
        names = ("symbol", "part", *self.columns)
        return pa.schema([pa.field(*one) for one in zip(names, types, strict=True)])


@contextmanager
def answering(catalog: Catalog | Catalogs, sql: str) -> Iterator[duckdb.DuckDBPyRelation]:
    """Ask the catalog, and read the answer as long as the block lasts.

    Args:
        sql: one SELECT over the views `bars`, `ticks` and `datasets`; times are UTC.
    Returns:
        A relation of DuckDB, which computes rows as they are fetched.
    Raises:
        BadQuery: it cannot be understood, is more than one statement or no SELECT, or asks for
            files, settings or anything else outside the catalog.
        QueryFailed: memory ran out, or a file changed under it.
    """
    with _explained(), duckdb.connect(config=dict(_CLOSED)) as session:
        _demand_question(session, sql)
        _offer(session, catalog)
        session.execute("SET TimeZone = 'UTC'")
        session.execute("SET lock_configuration = true")
        yield _related(session, sql)


def ask(catalog: Catalog | Catalogs, sql: str, *, limit: int | None = None) -> "pa.Table":
    """Ask the catalog; `answering` describes the rest.

    Args:
        limit: at most so many rows.
    """
    with answering(catalog, sql) as relation:
        found = relation if limit is None else relation.limit(limit)
        table: pa.Table = found.to_arrow_table()
    return table


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as problem:
        # DuckDB calls a damaged file a wrong input too.
        if isinstance(problem, _REFUSED) and _FILE_FAILED not in str(problem):
            raise BadQuery(str(problem)) from problem
        raise QueryFailed(str(problem).partition("\n")[0]) from problem


def _related(session: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation:
    try:
        return session.sql(sql)
    except duckdb.Error:
        session.execute(sql)  # fails likewise, and shows where
        raise


def _demand_question(session: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = session.extract_statements(sql)
    if len(statements) != 1:
        raise BadQuery(f"there are {len(statements)} statements; ask one question at a time")
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = str(statements[0].type).rpartition(".")[2]
        raise BadQuery(f"{kind} is no question; the catalog is only read by SQL")


@dataclass(frozen=True, slots=True)
class _Held:
    """A dataset and where it lies."""

    place: Place
    folder: str
    manifest: Manifest


def _offer(session: duckdb.DuckDBPyConnection, catalog: Catalog | Catalogs) -> None:
    held = _held(catalog)
    session.register("datasets", _datasets(held))
    for kind in (BARS, TICKS):
        shapes: dict[Shape, list[tuple[_Held, str]]] = {}
        for one in held:
            if one.manifest.kind == kind:
                for piece in one.manifest.pieces:
                    shape = Shape(one.manifest.columns, piece.forms)
                    shapes.setdefault(shape, []).append((one, piece.name))
        selects = [_no_rows(kind)]
        for number, (shape, pieces) in enumerate(shapes.items()):
            name = f"_{kind}_{number}"
            session.register(name, _table(shape, pieces))
            selects.append(_select(name, shape, kind))
        session.execute(f"CREATE VIEW {kind} AS {' UNION ALL BY NAME '.join(selects)}")


def _held(catalog: Catalog | Catalogs) -> list[_Held]:
    """Every dataset that can be read, once."""
    layers = catalog.layers if isinstance(catalog, Catalogs) else (catalog,)
    found: dict[tuple[str, str, str], _Held] = {}
    for layer in layers:
        for held in (*_of_today(layer.place), *_of_schema_1(layer)):
            manifest = held.manifest
            found.setdefault((manifest.symbol, manifest.kind, manifest.part), held)
    return [found[key] for key in sorted(found)]


def _of_today(place: Place) -> Iterator[_Held]:
    names = [name for kind in (BARS, TICKS) for name in place.datasets(kind)]
    folders = [name for name in names if not name.endswith(LEGACY)]
    files = [f"{folder}/{MANIFEST}" for folder in folders]
    for folder, file, text in zip(folders, files, place.read_all(files), strict=True):
        if text is None:
            continue
        with suppress(CorruptDataset, SchemaTooNew):
            yield _Held(place, folder, decode(text, place.where(file)))


def _of_schema_1(layer: Catalog) -> Iterator[_Held]:
    legacy = LegacyBars(layer.place)
    for one in layer.there():
        if not one.is_legacy:
            continue
        with suppress(CorruptDataset, SchemaTooNew):
            manifest = legacy.find(one.symbol, one.timeframe)
            if manifest is not None:
                yield _Held(layer.place, one.name.rpartition("/")[0], manifest)


def _table(shape: Shape, pieces: Sequence[tuple[_Held, str]]) -> ds.Dataset:
    format_ = _format()
    filesystems = {id(one.place): one.place.filesystem() for one, _ in pieces}
    fragments = []
    for one, name in pieces:
        whose = (pc.field("symbol") == one.manifest.symbol) & (
            pc.field("part") == one.manifest.part
        )
        path = one.place.path(f"{one.folder}/{name}")
        fragments.append(format_.make_fragment(path, filesystems[id(one.place)], whose))
    return ds.FileSystemDataset(fragments, shape.schema(), format_)


@cache
def _format() -> ds.ParquetFileFormat:
    options = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    return ds.ParquetFileFormat(default_fragment_scan_options=options)


def _select(table: str, shape: Shape, kind: str) -> str:
    told = [f"symbol, part AS {_PART[kind]}"]
    for name, form in zip(shape.columns, shape.forms.split(), strict=True):
        quoted = '"' + name.replace('"', '""') + '"'
        if form in {"time", "small"}:
            told.append(quoted)
        elif form == "float":
            told.append(f"nullif({quoted}, 'nan'::DOUBLE) AS {quoted}")
        else:
            told.append(f"{quoted}::DOUBLE AS {quoted}")
    return f"SELECT {', '.join(told)} FROM {table}"  # noqa: S608


def _no_rows(kind: str) -> str:
    """The columns there always are, without rows: what there is of an empty catalog."""
    types = {"ts": "TIMESTAMP_NS", "kind": "TINYINT", "side": "TINYINT"}
    names = ("ts", *FIELDS) if kind == BARS else _TICK_COLUMNS
    nulls = [f"NULL::{types.get(name, 'DOUBLE')} AS {name}" for name in names]
    head = f"NULL::VARCHAR AS symbol, NULL::VARCHAR AS {_PART[kind]}"
    return f"SELECT {', '.join((head, *nulls))} WHERE false"


def _datasets(held: Sequence[_Held]) -> "pa.Table":
    columns: dict[str, tuple[pa.DataType, list[Any]]] = {
        name: (kind, []) for name, kind in _DATASETS.items()
    }
    for one in held:
        manifest, instrument = one.manifest, one.manifest.instrument
        row = {
            "symbol": manifest.symbol,
            "kind": manifest.kind,
            "part": manifest.part,
            "rows": manifest.rows,
            "start": manifest.start_ns,
            "end": manifest.end_ns,
            "bytes": manifest.bytes,
            "pieces": len(manifest.pieces),
            "grade": (manifest.quality or {}).get("grade"),
            "source": manifest.source,
            "licence": manifest.licence,
            "dropped_rows": manifest.dropped_rows,
            "digest": manifest.digest,
            "asset": str(instrument.kind),
            "currency": instrument.currency,
            "tick_size": float(instrument.tick_size),
            "lot": float(instrument.lot),
            "multiplier": float(instrument.multiplier),
            "calendar": instrument.calendar,
        }
        for name, value in row.items():
            columns[name][1].append(value)
    arrays = [pa.array(values, kind, from_pandas=False) for kind, values in columns.values()]
    return pa.table(dict(zip(columns, arrays, strict=True)))
