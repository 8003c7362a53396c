"""What the tables of typed files have in common: columns by place, cells as they are wanted."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from quantloom.data.readers.arrays import is_text, thinned, tidy
from quantloom.data.readers.raw import Account, Form, Types

ROWS = 1 << 16
"""Rows of a batch of a typed file."""


class TypedTable:
    """A table whose cells have types already.

    Args:
        schema: names and types of the columns.
        rows: how many there are, where that is known.
        read: gives the columns at some places in batches. It is told the account, to note there
            what it could not read.
    """

    def __init__(
        self,
        path: Path,
        form: Form,
        *,
        schema: pa.Schema,
        rows: int | None,
        size_bytes: int,
        read: Callable[[Account, tuple[int, ...]], Iterator[pa.RecordBatch]],
    ) -> None:
        self.path, self.form, self.size_bytes = path, form, size_bytes
        self.columns = tuple(name.strip() for name in schema.names)
        self._kinds = [_plain(kind) for kind in schema.types]
        self._rows, self._read = rows, read
        self._account = Account()

    @property
    def torn(self) -> int:
        return self._account.torn

    @property
    def done_bytes(self) -> int:
        return self._account.done_bytes

    @property
    def damage(self) -> tuple[str, ...]:
        return tuple(self._account.damage)

    def sample(self, rows: int = 1000) -> pa.Table:
        names = [str(place) for place in range(len(self.columns))]
        schema = pa.schema(list(zip(names, self._kinds, strict=True)))
        first = next(self._read(Account(), tuple(range(len(names)))), None)
        if first is None:
            return pa.Table.from_batches([], schema)
        wanted = as_wanted(_renamed(first, names), self._kinds)
        return thinned(pa.Table.from_batches([wanted]), rows)

    def batches(
        self, types: Types | None = None, *, time_formats: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        del time_formats  # of text alone
        account = self._account = Account()
        wanted = types or self._kinds
        places = tuple(place for place, kind in enumerate(wanted) if kind is not None)
        kinds = [kind for kind in wanted if kind is not None]
        done = 0
        for batch in self._read(account, places):
            done += batch.num_rows
            if self._rows:
                account.done_bytes = self.size_bytes * min(done, self._rows) // self._rows
            if batch.num_rows:
                yield as_wanted(_renamed(batch, [str(place) for place in places]), kinds)
        account.done_bytes = self.size_bytes


def as_wanted(batch: pa.RecordBatch, kinds: Sequence[pa.DataType]) -> pa.RecordBatch:
    """Cast the columns; where a cell does not convert, give all of them as strings."""
    pairs = list(zip(batch.columns, kinds, strict=True))
    try:
        columns = [_cast(column, kind) for column, kind in pairs]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        columns = [_worded(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _cast(column: Any, kind: pa.DataType) -> Any:
    if is_text(column.type):
        column = tidy(column)
    return column if column.type == kind else column.cast(kind)


def _worded(column: Any) -> Any:
    if pa.types.is_nested(column.type):
        return column
    plain = column.cast(pa.string())
    return tidy(plain)


def _renamed(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(batch.columns, names=list(names))


def _plain(kind: pa.DataType) -> pa.DataType:
    """Give the one type for all the ways in which text or exact numbers are stored."""
    if is_text(kind):
        return pa.string()
    return pa.float64() if pa.types.is_decimal(kind) else kind
