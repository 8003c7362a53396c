"""Bytes for a child: in memory that nobody can change any more, and no file."""

import fcntl
import os
from types import TracebackType
from typing import Self

# Of linux/fcntl.h and linux/memfd.h; Python names them on some builds alone.
_ADD_SEALS, _ALL_SEALS = 1033, 0x1 | 0x2 | 0x4 | 0x8
_CLOSE_ON_EXEC, _ALLOW_SEALING, _NO_EXEC = 0x1, 0x2, 0x8


class Payload:
    """Sealed bytes that any number of jobs may read, at once or one after another.

    Attributes:
        size: how many bytes. descriptor: for reading alone.
    """

    def __init__(self, *parts: bytes | bytearray | memoryview) -> None:
        """Copy parts into sealed memory, one behind the other.

        Raises:
            OSError: there is no memory, or the kernel has no such.
        """
        written = _make()
        try:
            for part in parts:
                _write_all(written, memoryview(part).cast("B"))
            fcntl.fcntl(written, _ADD_SEALS, _ALL_SEALS)
            self.size = os.fstat(written).st_size
            self.descriptor = os.open(f"/proc/self/fd/{written}", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            os.close(written)

    def close(self) -> None:
        """Let go of the memory, once no job reads it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _make() -> int:
    flags = _CLOSE_ON_EXEC | _ALLOW_SEALING
    try:
        return os.memfd_create("payload", flags | _NO_EXEC)
    except OSError:  # an older kernel
        return os.memfd_create("payload", flags)


def _write_all(descriptor: int, rest: memoryview) -> None:
    while rest:
        rest = rest[os.write(descriptor, rest) :]
