"""Files of market data: bytes to tables, tables to bars and ticks."""

from quantloom.data.readers.opening import open_tables
from quantloom.data.readers.raw import (
    RUNS_OF_SPACE,
    FileNotThere,
    Form,
    RawTable,
    UnreadableFile,
)

__all__ = ["RUNS_OF_SPACE", "FileNotThere", "Form", "RawTable", "UnreadableFile", "open_tables"]
