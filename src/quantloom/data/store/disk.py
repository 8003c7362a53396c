"""Datasets in a folder of a local disk.

A writer locks the dataset's folder; the kernel drops the lock of a dead one. Pieces are written
under hidden names, made durable and renamed, the manifest last: a crash at any moment leaves the
dataset that was there before, or the new one.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pyarrow import fs

from quantloom.data.atomic import make_folder
from quantloom.data.store.failures import CatalogBusy, CatalogUnwritable, CorruptDataset
from quantloom.data.store.manifest import MANIFEST
from quantloom.data.store.places import Write

_POLL_S = 0.02
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
        try:
            yield DiskChange(path, descriptor)
        finally:
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

    def current(self) -> bytes | None:
        try:
            return _read(self.folder / MANIFEST)
        except FileNotFoundError:
            return None

    def put(self, name: str, write: Write) -> tuple[int, str]:
        draft, path = self.folder / f".{name}.tmp", self.folder / name
        with _refusals(path):
            try:
                with draft.open("wb") as file:
                    told = write(file)
                    file.flush()
                    os.fsync(file.fileno())
                    size = file.tell()
                os.replace(draft, path)  # noqa: PTH105  the step that tests make fail
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
        return size, told

    def commit(self, manifest: bytes, kept: frozenset[str], gone: frozenset[str]) -> None:  # noqa: ARG002  all else goes
        # The names of the pieces must be on the disk before the manifest that names them is.
        with _refusals(self.folder):
            os.fsync(self._descriptor)
            self.put(MANIFEST, lambda file: _write(file, manifest))
            os.fsync(self._descriptor)
        self._clear(frozenset({MANIFEST, *kept}))

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
