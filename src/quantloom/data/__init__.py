"""Bars on disk: the catalog, readers of files, the packaged demonstration set, made-up bars."""

from quantloom.data.actions import BadActionFile, read_actions
from quantloom.data.bar_rows import NotLater
from quantloom.data.bar_writer import BarWriter, ColumnsChanged
from quantloom.data.catalog import Catalog, ReadOnlyCatalog
from quantloom.data.described import Compacted, DatasetInfo, TicksInfo, Upserted
from quantloom.data.factor_files import BadFactorFile, read_factors
from quantloom.data.funding import read_funding
from quantloom.data.graded import DataGrade, ToldFinding, inherit_grade
from quantloom.data.importing import Streamed, StreamedFile, stream_bars
from quantloom.data.layers import Catalogs, default_folder, demo_catalog, open_catalog
from quantloom.data.listings import BadListingsFile, read_listings
from quantloom.data.lookup import look_up
from quantloom.data.names import (
    BadSymbol,
    DatasetNotFound,
    InstrumentMismatch,
    InstrumentMissing,
    TimeframeNeeded,
)
from quantloom.data.origin import Origin
from quantloom.data.readers import (
    BadCells,
    BadMapping,
    BadPolicy,
    BarsNotTicks,
    ColumnsMissing,
    ColumnTwice,
    DamagedFile,
    DayNeeded,
    FileBars,
    FileNotThere,
    FileRead,
    FileTicks,
    Hints,
    NotMarketData,
    NoUsableRows,
    OnBad,
    SeveralSymbols,
    TicksNotBars,
    TornRows,
    UnreadableFile,
    map_file,
    read_bars,
    read_file,
    read_mapping,
    read_ticks,
)
from quantloom.data.store import (
    CatalogBusy,
    CatalogUnwritable,
    ChangedMeanwhile,
    CorruptDataset,
    ReservedColumn,
    SchemaTooNew,
)
from quantloom.data.synthetic import BadWalk, random_walk
from quantloom.data.tick_shelf import (
    ReceiptMissing,
    StreamNeeded,
    TicksNotFound,
    TicksNotLater,
    UnknownStream,
)

__all__ = [
    "BadActionFile",
    "BadCells",
    "BadFactorFile",
    "BadListingsFile",
    "BadMapping",
    "BadPolicy",
    "BadSymbol",
    "BadWalk",
    "BarWriter",
    "BarsNotTicks",
    "Catalog",
    "CatalogBusy",
    "CatalogUnwritable",
    "Catalogs",
    "ChangedMeanwhile",
    "ColumnTwice",
    "ColumnsChanged",
    "ColumnsMissing",
    "Compacted",
    "CorruptDataset",
    "DamagedFile",
    "DataGrade",
    "DatasetInfo",
    "DatasetNotFound",
    "DayNeeded",
    "FileBars",
    "FileNotThere",
    "FileRead",
    "FileTicks",
    "Hints",
    "InstrumentMismatch",
    "InstrumentMissing",
    "NoUsableRows",
    "NotLater",
    "NotMarketData",
    "OnBad",
    "Origin",
    "ReadOnlyCatalog",
    "ReceiptMissing",
    "ReservedColumn",
    "SchemaTooNew",
    "SeveralSymbols",
    "StreamNeeded",
    "Streamed",
    "StreamedFile",
    "TicksInfo",
    "TicksNotBars",
    "TicksNotFound",
    "TicksNotLater",
    "TimeframeNeeded",
    "ToldFinding",
    "TornRows",
    "UnknownStream",
    "UnreadableFile",
    "Upserted",
    "default_folder",
    "demo_catalog",
    "inherit_grade",
    "look_up",
    "map_file",
    "open_catalog",
    "random_walk",
    "read_actions",
    "read_bars",
    "read_factors",
    "read_file",
    "read_funding",
    "read_listings",
    "read_mapping",
    "read_ticks",
    "stream_bars",
]
