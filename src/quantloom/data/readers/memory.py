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
    path = remembered_at(root, columns)
    return read_mapping(path) if _have_names(columns) and path.is_file() else Hints()


def remember(root: Path, columns: Sequence[str], hints: Hints) -> Path | None:
    """Keep what a human said of such columns, on top of what was said before.

    Symbol, day and timeframe are those of one file and are not kept. Nor is anything of columns
    without names, which files of every source have.

    Returns:
        Where it is kept; None where nothing was said that another file could use.
    """
    kept = replace(hints, symbol=None, day=None, timeframe=None)
    if kept == Hints() or not _have_names(columns):
        return None
    path = remembered_at(root, columns)
    whole = kept.over(recall(root, columns))
    with replacing(path) as file:
        file.write(whole.to_toml().encode())
    return path


def remembered_at(root: Path, columns: Sequence[str]) -> Path:
    """Where it is kept what was said of such columns, if anything was."""
    return root / _FOLDER / f"{signature(columns)}.toml"


def _have_names(columns: Sequence[str]) -> bool:
    return any(name.strip() for name in columns)
