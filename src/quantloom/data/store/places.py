"""Where datasets lie: a folder of a disk or a prefix of a bucket, seen alike.

Names are relative and use slashes. A dataset is a folder with a manifest in it; the manifest is
put in place in one step, and is all that decides which pieces belong to it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from pyarrow import fs

Write = Callable[[BinaryIO], str]
"""Writes a file, and gives what is to be known of it."""


class Change(Protocol):
    """A change of one dataset by one writer."""

    def current(self) -> bytes | None:
        """The manifest as it is before the change; None where there is none."""
        ...

    def put(self, name: str, write: Write) -> tuple[int, str]:
        """Store a piece, which is durable by `commit` and which nobody sees before.

        Returns:
            Its size, and what `write` gave.
        """
        ...

    def settle(self) -> None:
        """Make every piece stored so far one that `Place.source` finds."""
        ...

    def commit(self, manifest: bytes, kept: frozenset[str], gone: frozenset[str]) -> None:
        """Put the manifest in place; afterwards clear away pieces that it does not name.

        Args:
            kept: names of the pieces it names.
            gone: names of those that the manifest before named.
        """
        ...

    def sweep(self, kept: frozenset[str]) -> None:
        """After `commit`, clear away what dead writers left, where that is not always done."""
        ...

    def remove(self) -> None:
        """Take the whole dataset away."""
        ...


class Place(Protocol):
    """Somewhere datasets lie."""

    def where(self, name: str) -> str:
        """How a person would name a file of it."""
        ...

    def read(self, name: str) -> bytes:
        """Read a small file.

        Raises:
            FileNotFoundError: there is none.
        """
        ...

    def read_all(self, names: list[str]) -> Iterator[bytes | None]:
        """Read small files, each None where there is none any more."""
        ...

    def source(self, name: str) -> Any:
        """What pyarrow opens a piece by: its path, or an open file."""
        ...

    def path(self, name: str) -> str:
        """Where `filesystem` finds a piece."""
        ...

    def filesystem(self) -> fs.FileSystem:
        """What pyarrow finds pieces in."""
        ...

    def datasets(self, prefix: str) -> list[str]:
        """Folders under `prefix` that have a manifest, and files of schema 1, in no order."""
        ...

    def changing(self, folder: str) -> AbstractContextManager[Change]:
        """Change one dataset; other writers wait or are told.

        Raises:
            CatalogBusy: another writer did not finish in time.
            CatalogUnwritable: the disk or the bucket refuses.
        """
        ...
