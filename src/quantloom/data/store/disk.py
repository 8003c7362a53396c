"""Datasets in a folder of a local disk.

A writer locks the dataset's folder; the kernel drops the lock of a dead one. Pieces are written
under hidden names, made durable and renamed, the manifest last: a crash at any moment leaves the
dataset that was there before, or the new one.
"""

import fcntl
import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from pyarrow import fs

from quantloom.data.atomic import make_folder
from quantloom.data.store.failures import CatalogBusy, CatalogUnwritable, CorruptDataset
from quantloom.data.store.manifest import MANIFEST
from quantloom.data.store.places import Write

_POLL_S = 0.02
_MOST_OPEN = 32
_DEPTH = 4  # kind, venue, code, part
LEGACY = ".parquet"
"""How files of schema 1 end, which are a dataset each."""


class Disk:
    """A folder of a local disk."""

    def __init__(self, root: Path, *, wait_s: float = 60.0) -> None:
        self.root, self.wait_s = root, wait_s

    def where(self, name: str) -> str:
        return str(self.root / name)

    def read(self, name: str) -> bytes:
        return _read(self.root / name)

    def read_all(self, names: list[str]) -> Iterator[bytes | None]:
        for name in names:
            try:
                yield self.read(name)
            except FileNotFoundError:
                yield None

    def source(self, name: str) -> str:
        return str(self.root / name)

    def path(self, name: str) -> str:
        return self.source(name)

    def filesystem(self) -> fs.FileSystem:
        return fs.LocalFileSystem()

    def datasets(self, prefix: str) -> list[str]:
        found: list[str] = []
        _find(str(self.root / prefix), prefix, found)
        return found

    @contextmanager
    def changing(self, folder: str) -> Iterator["DiskChange"]:
        path = self.root / folder
        with _refusals(path):
            descriptor = self._lock(path)
        change = DiskChange(path, descriptor)
        try:
            yield change
        finally:
            change.abandon()
            _leave(path)
            os.close(descriptor)

    def _lock(self, path: Path) -> int:
        deadline = time.monotonic() + self.wait_s
        while True:
            make_folder(path)
            with suppress(FileNotFoundError):  # somebody deletes the dataset
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
                if _is_locked(descriptor, path):
                    return descriptor
                os.close(descriptor)
            if time.monotonic() >= deadline:
                raise CatalogBusy(path, self.wait_s)
            time.sleep(_POLL_S)


class DiskChange:
    """A change of one dataset, whose folder this process has locked."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.folder, self._descriptor = folder, descriptor
        self._drafts = _Drafts()
        self._uncommitted: list[str] = []

    def current(self) -> bytes | None:
        try:
            return _read(self.folder / MANIFEST)
        except FileNotFoundError:
            return None

    def put(self, name: str, write: Write) -> tuple[int, str]:
        draft = _Draft(self.folder, name)
        self._uncommitted.append(name)
        size, told = draft.write(write)
        self._drafts.add(draft)
        return size, told

    def settle(self) -> None:
        with _refusals(self.folder):
            self._drafts.finish()

    def commit(self, manifest: bytes, kept: frozenset[str], gone: frozenset[str]) -> None:  # noqa: ARG002  all else goes
        with _refusals(self.folder):
            self._drafts.finish()
            draft = _Draft(self.folder, MANIFEST)
            draft.write(lambda file: _write(file, manifest))
            # From here on a manifest may name them, also where a later step fails.
            self._uncommitted = []
            # The names of the pieces must be on the disk before the manifest that names them is.
            draft.settle(self._descriptor)
            os.fsync(self._descriptor)
        self._clear(frozenset({MANIFEST, *kept}))

    def abandon(self) -> None:
        """Let go of pieces that were not committed; of a long import they may be large."""
        self._drafts.abandon()
        for name in self._uncommitted:
            with suppress(OSError):
                (self.folder / name).unlink(missing_ok=True)

    def sweep(self, kept: frozenset[str]) -> None:
        self._clear(frozenset({MANIFEST, *kept}))

    def remove(self) -> None:
        with _refusals(self.folder):
            os.unlink(self.folder / MANIFEST)  # noqa: PTH108  the step that tests make fail
            os.fsync(self._descriptor)
        self._clear(frozenset())

    def _clear(self, kept: frozenset[str]) -> None:
        # The change is made; what cannot be cleared away now is by the next writer.
        with suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name not in kept and entry.is_file(follow_symlinks=False):
                    os.unlink(entry.path)  # noqa: PTH108


class _Draft:
    """A file under a hidden name until it is durable."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path, self._draft = folder / name, folder / f".{name}.tmp"
        with _refusals(self._path):
            self._file = self._draft.open("wb")

    def write(self, write: Write) -> tuple[int, str]:
        with _refusals(self._path):
            try:
                told = write(self._file)
                self._file.flush()
                return self._file.tell(), told
            except BaseException:
                self.drop()
                raise

    def settle(self, folder: int | None = None) -> None:
        """Make it durable, with what was renamed before in a folder, and give it its name."""
        with _refusals(self._path):
            try:
                os.fsync(self._file.fileno())
                self._file.close()
                if folder is not None:
                    os.fsync(folder)
                os.replace(self._draft, self._path)  # noqa: PTH105  the step that tests make fail
            except BaseException:
                self.drop()
                raise

    def drop(self) -> None:
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._draft.unlink(missing_ok=True)


class _Drafts:
    """Pieces on their way to the disk: all but the newest while the next one is made."""

    def __init__(self) -> None:
        self._newest: _Draft | None = None
        self._lock = Lock()
        self._settling: deque[Future[None]] = deque()
        self._thread: ThreadPoolExecutor | None = None

    def add(self, draft: _Draft) -> None:
        with self._lock:
            before, self._newest = self._newest, draft
            if before is not None:
                # A change of one piece, as most are, needs no thread.
                self._thread = self._thread or ThreadPoolExecutor(1)
                self._settling.append(self._thread.submit(before.settle))
            late = self._settling.popleft() if len(self._settling) > _MOST_OPEN else None
        if late is not None:
            late.result()

    def finish(self) -> None:
        newest, self._newest = self._newest, None
        if newest is not None:
            newest.settle()
        while self._settling:
            self._settling.popleft().result()

    def abandon(self) -> None:
        if self._thread is not None:
            self._thread.shutdown()
        if self._newest is not None:
            self._newest.drop()


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise CatalogUnwritable(path, problem.strerror or str(problem)) from problem


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except NotADirectoryError:
        raise FileNotFoundError(path) from None
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise CorruptDataset(path, problem.strerror or str(problem)) from problem


def _write(file: BinaryIO, text: bytes) -> str:
    file.write(text)
    return ""


def _is_locked(descriptor: int, path: Path) -> bool:
    """Lock a folder if it is free and still the one at its path."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _leave(path: Path) -> None:
    """Take away a folder in which no dataset came to be, or is any more."""
    with suppress(OSError):
        if not (path / MANIFEST).exists():
            for litter in path.iterdir():
                litter.unlink()
            path.rmdir()


def _find(path: str, name: str, found: list[str]) -> None:
    """Gather folders with a manifest. Not by glob, which takes ten times as long."""
    try:
        entries = list(os.scandir(path))
    except (FileNotFoundError, NotADirectoryError):
        return
    names = {entry.name for entry in entries}
    if MANIFEST in names:
        found.append(name)
    elif name.count("/") < _DEPTH - 1:
        for entry in entries:
            if entry.is_dir() and not entry.name.startswith("."):
                _find(entry.path, f"{name}/{entry.name}", found)
            elif name.count("/") == _DEPTH - 2 and _is_legacy(entry.name):
                found.append(f"{name}/{entry.name}")


def _is_legacy(name: str) -> bool:
    return name.endswith(LEGACY) and not name.startswith(".")
