"""Bytes of a file or of an archive's member, unpacked a piece at a time."""

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, Protocol

import pyarrow as pa

from quantloom.data.readers.raw import UnreadableFile

_PIECE = 1 << 18
_STEP = 1 << 16
_FREE_BYTES = 1 << 26
_RATIO = 250
_WHOLE_BYTES = 1 << 29
CUT_SHORT = "the compressed data ends before its end; rows up to there were read"
"""What is said of a file that was cut off."""

MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
}
"""What packed files begin with, and what packs them."""

_TRAILING = "bytes after the end of the compressed data were left alone"


class _File(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Stream:
    """A forward reader of unpacked bytes.

    Attributes:
        done_bytes: how far it came, in bytes of the file as it lies on disk.
        damage: what could not be read, once that is known.
    """

    def __init__(self, source: "Source", file: _File) -> None:
        self._source = source
        self._file = file
        self._unpacker = _unpacker(source, file)
        self._given = 0
        self.damage: str | None = None

    @property
    def done_bytes(self) -> int:
        source = self._source
        if source.unpacked_bytes is not None:
            return source.size_bytes * self._given // max(1, source.unpacked_bytes)
        return self._unpacker.taken

    def read(self, size: int) -> bytes:
        """Give at most `size` bytes more, none at the end.

        Raises:
            UnreadableFile: the bytes are damaged, or unpack to far more than they should.
        """
        if self.damage == CUT_SHORT:
            return b""
        try:
            piece = self._unpacker.read(size)
        except _CutShort:
            self.damage, piece = CUT_SHORT, b""
        except _FAULTS as fault:
            raise UnreadableFile(self._source.path, _damaged(fault)) from fault
        if self._unpacker.has_trailing:
            self.damage = _TRAILING
        self._given += len(piece)
        self._demand_sane_size()
        return piece

    def _demand_sane_size(self) -> None:
        taken = self.done_bytes
        if self._given > _FREE_BYTES and self._given > _RATIO * max(1, taken):
            reason = f"it unpacks to more than {_RATIO} times its size, as no market data does"
            raise UnreadableFile(self._source.path, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where bytes come from.

    Attributes:
        size_bytes: on disk, packed.
        unpacked_bytes: of a member of an archive, as the archive says.
        archive: which the member is of, open as long as anybody reads from it: listing thousands of
            members again for each of them would take minutes.
    """

    path: Path
    compression: str | None = None
    member: str | None = None
    size_bytes: int = 0
    unpacked_bytes: int | None = None
    archive: zipfile.ZipFile | None = field(default=None, repr=False, compare=False)

    @contextmanager
    def open(self) -> Iterator[Stream]:
        """Open the bytes from the beginning."""
        with ExitStack() as opened:
            # The guard ends before the yield: faults of whoever reads are not the file's.
            try:
                file: _File = opened.enter_context(self._open())
            except PermissionError:
                # Nothing is wrong with the file: what may not be read is told as what it is.
                raise
            except _FAULTS as fault:
                raise UnreadableFile(self.path, _damaged(fault)) from fault
            yield Stream(self, file)

    def _open(self) -> IO[bytes]:
        if self.archive is None or self.member is None:
            return self.path.open("rb")
        return self.archive.open(self.member)

    def head(self, size: int) -> bytes:
        """Give the first bytes, fewer only where there are no more.

        Raises:
            UnreadableFile: the bytes are damaged from the beginning.
        """
        with self.open() as stream:
            head = b"".join(pieces(stream, size))
            if not head and stream.damage:
                raise UnreadableFile(self.path, "it is cut short before its first row")
        return head

    def whole(self) -> bytes:
        """Give all bytes.

        Raises:
            UnreadableFile: there are too many to hold in memory, or the end is missing.
        """
        with self.open() as stream:
            content = b"".join(pieces(stream, _WHOLE_BYTES + 1))
            if stream.damage:
                raise UnreadableFile(self.path, "its end is missing; get the file again")
        if len(content) > _WHOLE_BYTES:
            reason = f"it unpacks to more than {_WHOLE_BYTES >> 20} MiB; unpack it first"
            raise UnreadableFile(self.path, reason)
        return content


def pieces(stream: Stream, size: int) -> Iterator[bytes]:
    """Give what a stream still holds, at most `size` bytes of it."""
    while size > 0 and (piece := stream.read(min(size, _PIECE))):
        size -= len(piece)
        yield piece


class _CutShort(Exception):
    """The packed bytes end in the middle."""


_FAULTS = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    UnicodeDecodeError,
    NotImplementedError,
    RuntimeError,
    pa.ArrowException,
)


def _damaged(fault: Exception) -> str:
    text = str(fault).partition("\n")[0]
    if "password" in text:
        return "its archive is locked by a password; unpack it first"
    if isinstance(fault, NotImplementedError):
        return "its archive packs in an unusual way; unpack it first"
    return f"its bytes are damaged ({text or type(fault).__name__}); get the file again"


class _Unpacker(Protocol):
    has_trailing: bool

    @property
    def taken(self) -> int: ...

    def read(self, size: int) -> bytes: ...


class _Plain:
    has_trailing = False

    def __init__(self, file: _File) -> None:
        self._file = file
        self.taken = 0

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self.taken += len(piece)
        return piece


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def feed(self, data: bytes, size: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, size)

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail


class _Block:
    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def feed(self, data: bytes, size: int) -> bytes:
        return self._inner.decompress(data, size)

    @property
    def needs_input(self) -> bool:
        return self._inner.needs_input


def _decompressor(codec: str) -> _Gzip | _Block:
    if codec == "gzip":
        return _Gzip()
    return _Block(bz2.BZ2Decompressor() if codec == "bz2" else lzma.LZMADecompressor())


class _Chained:
    """One compressed stream after another, as `cat a.gz b.gz` makes them."""

    def __init__(self, file: _File, codec: str) -> None:
        self._file, self._codec = file, codec
        self._magic = next(magic for magic, name in MAGIC.items() if name == codec)
        self._inner = _decompressor(codec)
        self._rest = b""
        self._has_ended = False
        self.taken = 0
        self.has_trailing = False

    def read(self, size: int) -> bytes:
        while not self._has_ended:
            data = self._next_input()
            piece = self._inner.feed(data, size)
            if self._inner.eof:
                self._begin_next()
            elif not data and not piece and self._inner.needs_input:
                raise _CutShort
            if piece:
                return piece
        return b""

    def _next_input(self) -> bytes:
        if not self._inner.needs_input:
            return b""
        if self._rest:
            data, self._rest = self._rest, b""
            return data
        data = self._file.read(_PIECE)
        self.taken += len(data)
        return data

    def _begin_next(self) -> None:
        rest = self._inner.unused_data
        while not rest.strip(b"\0") and (more := self._file.read(_PIECE)):
            self.taken += len(more)
            rest += more
        self._rest = rest.lstrip(b"\0")
        self._has_ended = not self._rest.startswith(self._magic)
        self.has_trailing = self._has_ended and bool(self._rest)
        if not self._has_ended:
            self._inner = _decompressor(self._codec)


class _Arrow:
    has_trailing = False

    def __init__(self, file: Any, codec: Literal["zstd", "lz4"]) -> None:
        self._file = file
        self._inner = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), codec)

    @property
    def taken(self) -> int:
        place: int = self._file.tell()
        return place

    def read(self, size: int) -> bytes:
        try:
            # Small steps: what a failing one had unpacked is lost.
            return bytes(self._inner.read(min(size, _STEP)))
        except OSError as fault:
            if "Truncated" in str(fault):
                raise _CutShort from fault
            raise


def _unpacker(source: Source, file: _File) -> _Unpacker:
    codec = source.compression
    if codec is None or codec == "zip":
        return _Plain(file)
    if codec == "zstd":
        return _Arrow(file, "zstd")
    return _Arrow(file, "lz4") if codec == "lz4" else _Chained(file, codec)
