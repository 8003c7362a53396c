"""What a human once said of a file's columns, kept for the next file that has the same ones."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from quantloom.data.atomic import replacing
from quantloom.data.readers.mapping import Hints, read_mapping

_FOLDER = "mappings"


def signature(columns: Sequence[str]) -> str:
    """Name a set of columns; tables with columns of equal names in equal order share it."""
    text = "\x1f".join(name.strip().lower() for name in columns)
    return sha256(f"{len(columns)}\x1e{text}".encode()).hexdigest()[:16]


def recall(root: Path, columns: Sequence[str]) -> Hints:
    """Give what was said of such columns before; nothing where nobody did.

    Args:
        root: the data directory.
    Raises:
        BadMapping: what is kept there cannot be read.
    """
    path = _place(root, columns)
    return read_mapping(path) if path.is_file() else Hints()


def remember(root: Path, columns: Sequence[str], hints: Hints) -> Path | None:
    """Keep what a human said of such columns, on top of what was said before.

    Symbol and day are those of one file and are not kept.

    Returns:
        Where it is kept; None where nothing was said that another file could use.
    """
    kept = replace(hints, symbol=None, day=None)
    if kept == Hints():
        return None
    path = _place(root, columns)
    whole = kept.over(recall(root, columns))
    with replacing(path) as file:
        file.write(whole.to_toml().encode())
    return path


def _place(root: Path, columns: Sequence[str]) -> Path:
    return root / _FOLDER / f"{signature(columns)}.toml"
