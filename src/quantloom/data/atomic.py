"""Replace a file so that readers, and a crash at any moment, see the old one whole or the new one.

The writer holds a lock on the folder, writes a hidden draft beside the target, makes it durable and
renames it. The kernel drops the lock of a dead writer, so any draft seen under the lock is litter.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a draft for writing and put it in the place of `path` when the block ends well.

    Raises:
        OSError: the disk is full, read-only or gone; `path` is then as it was.
    """
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.tmp")
    with locked(path.parent) as folder:
        for litter in path.parent.glob(".*.tmp"):
            litter.unlink()
        try:
            with draft.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        # Without this the rename itself may be lost with the power.
        os.fsync(folder)


def remove(path: Path) -> None:
    """Delete a file for good.

    Raises:
        FileNotFoundError: there is none.
    """
    with locked(path.parent) as folder:
        path.unlink()
        os.fsync(folder)


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Keep other writers out of a folder, waiting for them first; gives its descriptor."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for good."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
    # Made first and synced then: a file system with a journal writes them all in one step.
    for one in reversed(missing):
        _sync_folder(one.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
