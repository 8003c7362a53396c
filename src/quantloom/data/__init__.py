"""Bars on disk: the catalog, readers of files, the packaged demonstration set, made-up bars."""

from quantloom.data.actions import BadActionFile, read_actions
from quantloom.data.bar_rows import NotLater
from quantloom.data.bar_writer import BarWriter, ColumnsChanged
from quantloom.data.catalog import Catalog, ReadOnlyCatalog
from quantloom.data.columns import ColumnsMissing, ColumnTwice, SeveralSymbols, TicksNotBars
from quantloom.data.described import Compacted, DatasetInfo, TicksInfo, Upserted
from quantloom.data.files import (
    BadCells,
    BadPolicy,
    FileBars,
    NoUsableRows,
    OnBad,
    read_bars,
)
from quantloom.data.funding import read_funding
from quantloom.data.graded import DataGrade, ToldFinding, inherit_grade
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
from quantloom.data.readers import FileNotThere, UnreadableFile
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
from quantloom.data.ticks import UnknownTicks, read_ticks

__all__ = [
    "BadActionFile",
    "BadCells",
    "BadListingsFile",
    "BadPolicy",
    "BadSymbol",
    "BadWalk",
    "BarWriter",
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
    "DataGrade",
    "DatasetInfo",
    "DatasetNotFound",
    "FileBars",
    "FileNotThere",
    "InstrumentMismatch",
    "InstrumentMissing",
    "NoUsableRows",
    "NotLater",
    "OnBad",
    "Origin",
    "ReadOnlyCatalog",
    "ReceiptMissing",
    "ReservedColumn",
    "SchemaTooNew",
    "SeveralSymbols",
    "StreamNeeded",
    "TicksInfo",
    "TicksNotBars",
    "TicksNotFound",
    "TicksNotLater",
    "TimeframeNeeded",
    "ToldFinding",
    "UnknownStream",
    "UnknownTicks",
    "UnreadableFile",
    "Upserted",
    "default_folder",
    "demo_catalog",
    "inherit_grade",
    "look_up",
    "open_catalog",
    "random_walk",
    "read_actions",
    "read_bars",
    "read_funding",
    "read_listings",
    "read_ticks",
]
