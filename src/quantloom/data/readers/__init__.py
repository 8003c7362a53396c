"""Files of market data: bytes to tables, tables to bars and ticks."""

from quantloom.data.readers.accounting import (
    BadCells,
    BadPolicy,
    DamagedFile,
    FileBars,
    FileTicks,
    NoUsableRows,
    OnBad,
    TornRows,
)
from quantloom.data.readers.day_orders import WrongDates
from quantloom.data.readers.detection import detect
from quantloom.data.readers.examples import example_rows
from quantloom.data.readers.extras import PackageMissing
from quantloom.data.readers.given import ColumnsMissing, ColumnTwice
from quantloom.data.readers.lengths import OnlyDates, WrongLength
from quantloom.data.readers.mapping import (
    FINDINGS,
    BadMapping,
    ColumnRole,
    Finding,
    Hints,
    Mapping,
    Question,
    Role,
    explained,
    read_mapping,
)
from quantloom.data.readers.memory import recall, remember, remembered_at, signature
from quantloom.data.readers.opening import open_tables
from quantloom.data.readers.parts import Part, map_file
from quantloom.data.readers.raw import (
    RUNS_OF_SPACE,
    FileNotThere,
    Form,
    NoTable,
    RawTable,
    UnreadableFile,
)
from quantloom.data.readers.reading import (
    BarsNotTicks,
    DatesNeeded,
    DayNeeded,
    FileRead,
    SeveralSymbols,
    TicksNotBars,
    read_bars,
    read_file,
    read_ticks,
)
from quantloom.data.readers.strangers import NotMarketData

__all__ = [
    "FINDINGS",
    "RUNS_OF_SPACE",
    "BadCells",
    "BadMapping",
    "BadPolicy",
    "BarsNotTicks",
    "ColumnRole",
    "ColumnTwice",
    "ColumnsMissing",
    "DamagedFile",
    "DatesNeeded",
    "DayNeeded",
    "FileBars",
    "FileNotThere",
    "FileRead",
    "FileTicks",
    "Finding",
    "Form",
    "Hints",
    "Mapping",
    "NoTable",
    "NoUsableRows",
    "NotMarketData",
    "OnBad",
    "OnlyDates",
    "PackageMissing",
    "Part",
    "Question",
    "RawTable",
    "Role",
    "SeveralSymbols",
    "TicksNotBars",
    "TornRows",
    "UnreadableFile",
    "WrongDates",
    "WrongLength",
    "detect",
    "example_rows",
    "explained",
    "map_file",
    "open_tables",
    "read_bars",
    "read_file",
    "read_mapping",
    "read_ticks",
    "recall",
    "remember",
    "remembered_at",
    "signature",
]
