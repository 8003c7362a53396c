"""Columns of equal length: how a result keeps its fills, orders, round trips and equity."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from html import escape
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import FloatArray, freeze, from_ns
from quantloom.market.frames import plain_frame

if TYPE_CHECKING:
    from pandas import DataFrame

_SHOWN_ROWS = 10


class Table:
    """Named columns of one length, read-only; like a frame, it is as long as it has rows.

    Times are int64 UTC nanoseconds; exact prices, quantities and money are object columns of
    Decimal; the rest is float64, int64 or text.
    """

    __slots__ = ("_columns",)

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        self._columns = {name: freeze(column) for name, column in columns.items()}

    @classmethod
    def of_rows(cls, rows: Iterable[Any], **columns: str) -> "Table":
        """Make columns of objects' attributes; `price="ticket.price"` reads through dots."""
        listed = list(rows)
        return cls(
            {name: _column([*map(attrgetter(path), listed)]) for name, path in columns.items()}
        )

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def keys(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(self._columns)

    def items(self) -> Iterator[tuple[str, NDArray[Any]]]:
        """Each column with its name."""
        yield from self._columns.items()

    def __len__(self) -> int:
        """How many rows."""
        return len(next(iter(self._columns.values()), ()))

    def __bool__(self) -> bool:
        return len(self) > 0

    def floats(self, name: str) -> FloatArray:
        """A column as float64, exact numbers rounded to the nearest."""
        return self._columns[name].astype(np.float64)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row as a dict of Python values."""
        lists = [column.tolist() for column in self._columns.values()]
        for values in zip(*lists, strict=True):
            yield dict(zip(self._columns, values, strict=True))

    def to_frame(self) -> "DataFrame":
        """A pandas frame; exact columns become float64, times become UTC timestamps."""
        return plain_frame(
            {name: self._plain(name, column) for name, column in self._columns.items()}
        )

    def _plain(self, name: str, column: NDArray[Any]) -> NDArray[Any]:
        if name.endswith("_ns"):
            return column.astype("datetime64[ns]")
        if column.dtype == object and all(one is None or type(one) is Decimal for one in column):
            return self.floats(name)
        return column

    def _repr_html_(self) -> str:
        """The first and last rows, for a notebook."""
        heads = "".join(f"<th>{escape(name)}</th>" for name in self)
        return (
            f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(self._html_rows())}</tbody>"
            f"</table><p>{len(self):,} rows, {len(self._columns)} columns</p>"
        )

    def _html_rows(self) -> Iterator[str]:
        for cells in self._shown_rows():
            yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"

    def _shown_rows(self) -> Iterator[list[str]]:
        """The first and last rows as text, a row of dots between where some are left out."""
        is_long = len(self) > _SHOWN_ROWS
        shown = [*range(_SHOWN_ROWS // 2), *range(len(self) - _SHOWN_ROWS // 2, len(self))]
        for place, row in enumerate(shown if is_long else range(len(self))):
            if is_long and place == _SHOWN_ROWS // 2:
                yield ["\N{HORIZONTAL ELLIPSIS}"] * len(self._columns)
            yield [_told(name, column[row]) for name, column in self.items()]

    def __str__(self) -> str:
        """The first and last rows, aligned, for a prompt."""
        rows = [[*self._columns], *self._shown_rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = (
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        )
        return "\n".join((*lines, f"{len(self):,} row{'s' * (len(self) != 1)}"))

    def __repr__(self) -> str:
        return f"<Table of {len(self)} rows: {', '.join(self._columns)}>"


def _told(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_ns"):
        return f"{from_ns(int(value)):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _column(values: list[Any]) -> NDArray[Any]:
    if values and isinstance(values[0], int | float):
        return np.array(values)
    column = np.empty(len(values), dtype=object)
    # The plain text of an enum's member, so that a column of them prints and compares as text.
    column[:] = [*map(str, values)] if values and isinstance(values[0], str) else values
    return column
