"""Rows out of the catalog: answers to SQL, and files for other programs.

Apart from `quantloom.data`, which runs load: DuckDB is only loaded where it is asked.
"""

from quantloom.data.extracts.exporting import (
    TooManyRows,
    UnknownColumns,
    UnknownSuffix,
    WorkbookExtraMissing,
    bars_table,
    plain_rows,
    write_rows,
)
from quantloom.data.extracts.querying import VIEWS, BadQuery, QueryFailed, answering, ask

__all__ = [
    "VIEWS",
    "BadQuery",
    "QueryFailed",
    "TooManyRows",
    "UnknownColumns",
    "UnknownSuffix",
    "WorkbookExtraMissing",
    "answering",
    "ask",
    "bars_table",
    "plain_rows",
    "write_rows",
]
