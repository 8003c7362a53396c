"""What a child tells its parent: short heads, and contents whose length the parent bounds.

The child is not trusted. Nothing it sends is unpickled, and no length it claims is allocated.
"""

import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

_HEAD = struct.Struct("<4sBxxxI")
_MARK = b"QLSB"
SMALL = 64 * 1024
"""Bytes of a frame that is neither an answer nor progress; also of one of progress."""


class Kind(IntEnum):
    """What a frame holds."""

    READY = 1
    PROGRESS = 2
    VALUE = 3
    RAISED = 4
    BROKEN = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of a child."""

    kind: Kind
    content: bytes


class BrokenProtocol(Exception):
    """Bytes that no honest child sends."""


class TooLong(Exception):
    """A frame longer than its kind may be."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind


def write(descriptor: int, kind: Kind, content: bytes | bytearray | memoryview) -> None:
    """Send a frame whole.

    Raises:
        OSError: nobody reads any more.
    """
    head = _HEAD.pack(_MARK, kind, len(content))
    if len(content) <= SMALL:
        _write_all(descriptor, memoryview(head + bytes(content)))
        return
    _write_all(descriptor, memoryview(head))
    _write_all(descriptor, memoryview(content))


def _write_all(descriptor: int, rest: memoryview) -> None:
    while rest:
        rest = rest[os.write(descriptor, rest) :]


class Reader:
    """Cuts what arrives into frames."""

    def __init__(self, longest: Mapping[Kind, int]) -> None:
        self._longest, self._held = longest, bytearray()
        self._head: tuple[Kind, int] | None = None

    def feed(self, arrived: bytes) -> Iterator[Frame]:
        """Take bytes; give the frames that they complete.

        Raises:
            BrokenProtocol: they are no frames.
            TooLong: one says that it is longer than it may be.
        """
        self._held += arrived
        while (frame := self._take()) is not None:
            yield frame

    def _take(self) -> Frame | None:
        if self._head is None:
            if len(self._held) < _HEAD.size:
                # Whoever writes something else is found out at the first wrong byte.
                if not _MARK.startswith(self._held[:4]):
                    raise BrokenProtocol
                return None
            self._head = self._read_head()
        kind, length = self._head
        if len(self._held) < length:
            return None
        content, self._head = bytes(memoryview(self._held)[:length]), None
        del self._held[:length]
        return Frame(kind, content)

    def _read_head(self) -> tuple[Kind, int]:
        mark, number, length = _HEAD.unpack_from(self._held)
        del self._held[: _HEAD.size]
        if mark != _MARK or number not in Kind.__members__.values():
            raise BrokenProtocol
        kind = Kind(number)
        if length > self._longest.get(kind, SMALL):
            raise TooLong(kind)
        return kind, length
