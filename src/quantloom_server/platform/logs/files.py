"""Files of log lines, shared by all processes of one machine and turned over when they are full."""

import fcntl
import os
from pathlib import Path

_LOOK_EVERY = 64


class LogFile:
    """Lines appended to `path`; a full file becomes `path.1`, that one `path.2`, and so on.

    Any number of processes may write one. Whoever finds it full renames it under a lock; the others
    notice at one of their next lines. A disk that is full loses lines, never a request.
    """

    def __init__(self, path: Path, *, most_bytes: int, kept: int) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._kept = kept
        self._fd = -1
        self._until_look = 0
        self._is_torn = False
        self.lost = 0

    def write(self, line: bytes) -> None:
        """Append one line, its end included."""
        try:
            if self._until_look <= 0:
                self._look()
            self._until_look -= 1
            self._append(line)
        except OSError:
            self.lost += 1
            self.close()

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._until_look = -1, 0

    def _append(self, line: bytes) -> None:
        # After one that a full disk cut short, it begins a line of its own.
        whole = b"\n" + line if self._is_torn else line
        self._is_torn = os.write(self._fd, whole) < len(whole)
        self.lost += self._is_torn

    def _look(self) -> None:
        """See whether the file is still the one of that name, and not full."""
        if self._fd < 0 or not self._is_the_named_one():
            self._open()
        if os.fstat(self._fd).st_size >= self._most_bytes:
            self._turn_over()
        left = self._most_bytes - os.fstat(self._fd).st_size
        # A line is rarely longer than a kilobyte, so a file grows little past its size.
        self._until_look = max(1, min(_LOOK_EVERY, left // 1024))

    def _is_the_named_one(self) -> bool:
        try:
            named = self._path.stat()
        except FileNotFoundError:
            return False
        return (named.st_ino, named.st_dev) == _identity(self._fd)

    def _open(self) -> None:
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._fd = os.open(self._path, flags, 0o640)

    def _turn_over(self) -> None:
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Somebody else may have done it while this process waited.
            if self._is_the_named_one():
                for number in range(self._kept, 0, -1):
                    older = self._numbered(number - 1)
                    if older.exists():
                        older.replace(self._numbered(number))
            self._open()

    def _numbered(self, number: int) -> Path:
        return self._path if number == 0 else self._path.with_name(f"{self._path.name}.{number}")


def _identity(fd: int) -> tuple[int, int]:
    found = os.fstat(fd)
    return found.st_ino, found.st_dev
