"""Rows set aside on disk while a file is read, to be given back in order of time."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import numpy as np

from quantloom.kit import FloatArray, IntArray

Rows: TypeAlias = tuple[IntArray, dict[str, FloatArray]]
"""Times, and the columns beside them."""


@dataclass(frozen=True, slots=True)
class _Piece:
    offset: int
    rows: int
    first_ns: int
    last_ns: int


class Spool:
    """Holds rows by name in a file that has no name itself, so that no crash leaves it behind.

    Args:
        folder: where the file lies, on the disk that the rows are going to; None for the place
            that the system has for such files.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by __exit__
        self._pieces: dict[str, list[_Piece]] = {}
        self._columns: dict[str, tuple[str, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Names that rows were added under, in the order of their first."""
        return tuple(self._pieces)

    def add(self, name: str, ts: IntArray, columns: Mapping[str, FloatArray]) -> None:
        """Set rows aside, sorted by time; of one time the first stays the first."""
        if not len(ts):
            return
        order: IntArray | slice = slice(None)
        if (np.diff(ts) < 0).any():
            order = np.argsort(ts, kind="stable")
        ts = ts[order]
        self._columns.setdefault(name, tuple(columns))
        place = self._file.seek(0, 2)
        self._file.write(np.ascontiguousarray(ts, dtype=np.int64).data)
        for column in self._columns[name]:
            values = columns[column][order]
            self._file.write(np.ascontiguousarray(values, dtype=np.float64).data)
        piece = _Piece(place, len(ts), int(ts[0]), int(ts[-1]))
        self._pieces.setdefault(name, []).append(piece)

    def blocks(self, name: str) -> Iterator[Rows]:
        """Give the rows of a name in blocks, ascending; rows of one time are in one block.

        A block is as large as pieces that overlap in time make it, and no larger than need be.
        """
        cluster: list[_Piece] = []
        # Stable: of pieces that begin at one time, the first in the file stays the first.
        for piece in sorted(self._pieces[name], key=lambda piece: piece.first_ns):
            if cluster and piece.first_ns > max(one.last_ns for one in cluster):
                yield self._joined(name, cluster)
                cluster = []
            cluster.append(piece)
        yield self._joined(name, cluster)

    def _joined(self, name: str, cluster: Sequence[_Piece]) -> Rows:
        in_file = sorted(cluster, key=lambda piece: piece.offset)
        parts = [self._read(name, piece) for piece in in_file]
        if len(parts) == 1:
            return parts[0]
        ts = np.concatenate([part[0] for part in parts])
        order = np.argsort(ts, kind="stable")
        columns = {
            column: np.concatenate([part[1][column] for part in parts])[order]
            for column in self._columns[name]
        }
        return ts[order], columns

    def _read(self, name: str, piece: _Piece) -> Rows:
        self._file.seek(piece.offset)
        ts = np.frombuffer(self._file.read(piece.rows * 8), dtype=np.int64)
        columns = {
            column: np.frombuffer(self._file.read(piece.rows * 8), dtype=np.float64)
            for column in self._columns[name]
        }
        return ts, columns
