"""What a dataset says of itself: one small file, which alone decides what the dataset is.

The pieces it names hold the rows. Whatever else lies in the folder is no part of the dataset.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import msgspec

from quantloom.data.origin import Origin
from quantloom.data.store.failures import CorruptDataset, SchemaTooNew
from quantloom.market import Instrument

SCHEMA = 2
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One Parquet file of a dataset.

    Attributes:
        name: of the file in the dataset's folder.
        period: calendar unit in which its rows lie, such as 2024; `all` where there is one only.
        start_ns, end_ns: first and last time in it, UTC nanoseconds.
        forms: how each column is stored, a word each: `time`, `small`, `float`, or the number of
            decimal places.
    """

    name: str
    period: str
    rows: int
    start_ns: int
    end_ns: int
    bytes: int
    forms: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A dataset as it is.

    Attributes:
        kind: `bars` or `ticks`.
        part: timeframe of bars; `trades`, `quotes` or `mixed` of ticks.
        generation: counts the changes; pieces carry that of their making in their names.
        columns: names of every column, in order.
        blocks: digests of the rows of each calendar block, by block; `digest` is over them.
        pieces: by time.
    """

    schema: int = SCHEMA
    kind: str
    symbol: str
    part: str
    generation: int
    rows: int
    columns: tuple[str, ...]
    digest: str
    blocks: Mapping[str, str]
    pieces: tuple[Piece, ...]
    instrument: Instrument
    source: str = ""
    licence: str = ""
    dropped_rows: int = 0
    origin: Origin | None = None
    quality: Mapping[str, Any] | None = field(default=None)

    @property
    def start_ns(self) -> int:
        return self.pieces[0].start_ns

    @property
    def end_ns(self) -> int:
        return self.pieces[-1].end_ns

    @property
    def bytes(self) -> int:
        """Size of its pieces."""
        return sum(piece.bytes for piece in self.pieces)


class _Sealed(msgspec.Struct):
    crc32: int
    dataset: msgspec.Raw


class _SchemaOnly(msgspec.Struct):
    schema: int


_SEALED = msgspec.json.Decoder(_Sealed)
_SCHEMA = msgspec.json.Decoder(_SchemaOnly)
_MANIFEST = msgspec.json.Decoder(Manifest)


def encode(manifest: Manifest) -> bytes:
    """Write a manifest with its checksum."""
    text = msgspec.json.encode(manifest)
    return msgspec.json.encode(_Sealed(crc32(text), msgspec.Raw(text)))


def decode(text: bytes, where: str) -> Manifest:
    """Read a manifest.

    Args:
        where: its file, for the errors.
    Raises:
        CorruptDataset: it is not what was written.
        SchemaTooNew: a later version wrote it.
    """
    try:
        sealed = _SEALED.decode(text)
        if crc32(sealed.dataset) != sealed.crc32:
            raise CorruptDataset(where, "it fails its checksum")
        schema = _SCHEMA.decode(sealed.dataset).schema
        if schema > SCHEMA:
            raise SchemaTooNew(where, schema, SCHEMA)
        manifest = _MANIFEST.decode(sealed.dataset)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise CorruptDataset(where, str(problem)) from problem
    if not manifest.pieces:
        raise CorruptDataset(where, "it names no pieces")
    return manifest
