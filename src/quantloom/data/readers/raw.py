"""What every kind of file is read as: a table of cells that nobody has given a meaning yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import pyarrow as pa

from quantloom.errors import Invalid, NotFound

Kind = Literal["text", "parquet", "feather", "excel", "hdf5", "json", "wondertrader"]
Types: TypeAlias = Sequence[pa.DataType | None]

RUNS_OF_SPACE = r"\s+"
"""The separator of text whose columns are set apart by any number of spaces or tabs."""


class FileNotThere(NotFound):
    """A path that leads to no file."""

    code = "data.file_not_there"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        is_symbol = len(self.path.parts) == 1 and self.path.suffix.isupper()
        if is_symbol:
            return (
                f"there is no file {self.path}; a symbol of the catalog goes by --symbol, and in "
                f'Python by open_catalog().read("{self.path}", "1d")'
            )
        return f"there is no file {self.path}; check the path"


class UnreadableFile(Invalid):
    """A file that is no table, or one that is damaged."""

    code = "data.unreadable_file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return (
            f"cannot read {self.path}: {self.reason}; it must be a table: delimited text, Parquet, "
            "Feather, Excel, HDF5, JSON or WonderTrader's .dsb, plain or compressed"
        )


class NoTable(UnreadableFile):
    """Text that makes no table; a member of an archive that is like this is passed over."""

    code = "data.no_table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the bytes of a file make a table.

    Attributes:
        compression: gzip, bz2, zstd or zip; None for a plain file.
        member: name inside an archive, of a sheet, or of a key.
        encoding: codec of the text; None where the file is not text.
        separator: between cells of text, `RUNS_OF_SPACE` included.
        quote: what cells with separators in them are set in.
        has_header: a row of column names stands above the data.
        skipped_lines: lines before the header, or before the data where there is none.
        decimal: the decimal mark.
        thousands: what groups of three digits are set apart by.
    """

    kind: Kind
    compression: str | None = None
    member: str | None = None
    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    has_header: bool = True
    skipped_lines: int = 0
    decimal: str = "."
    thousands: str | None = None


@dataclass(slots=True)
class Account:
    """What a reading has come to so far."""

    torn: int = 0
    done_bytes: int = 0
    damage: list[str] = field(default_factory=list)


class RawTable(Protocol):
    """One table of a file, read a piece at a time.

    Attributes:
        columns: names as written, stripped; "" where a column has none.
        size_bytes: of the part of the file that holds this table.
        done_bytes: how much of that the last `batches` has read.
        torn: rows the last `batches` left out, because they had too many or too few cells.
        damage: what of the file could not be read, one sentence each; filled by `batches`.
    """

    @property
    def path(self) -> Path: ...
    @property
    def form(self) -> Form: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def done_bytes(self) -> int: ...
    @property
    def torn(self) -> int: ...
    @property
    def damage(self) -> tuple[str, ...]: ...

    def sample(self, rows: int = 1000) -> pa.Table:
        """Give some rows in the order of the file: the first, and where cheap also later ones.

        Returns:
            Columns named "0", "1" and so on. Cells of text are strings, trimmed, null where empty;
            those of typed files have their type.
        Raises:
            UnreadableFile: the file is damaged.
        """

    def batches(
        self, types: Types | None = None, *, time_formats: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Read the whole table in bounded memory.

        Args:
            types: what each column is wanted as; None leaves that column out. Without any, text
                comes as strings and typed files as they are.
            time_formats: of strptime, tried before ISO 8601 where text is wanted as a timestamp.
        Yields:
            Columns named "0", "1" and so on, by place in the file. A batch with a cell that does
            not convert comes back as strings, all of it. Empty cells are null.
        Raises:
            UnreadableFile: the file is damaged beyond what `damage` could tell.
        """
