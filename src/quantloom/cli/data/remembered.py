"""A file mapped with what was said before of columns like its own, which is shown as such."""

from dataclasses import replace
from pathlib import Path

from quantloom.data import Hints
from quantloom.data.readers import (
    FINDINGS,
    Part,
    explained,
    map_file,
    open_tables,
    recall,
    remembered_at,
)


def map_as_before(root: Path, path: Path, said: Hints) -> tuple[tuple[Part, ...], Hints, str]:
    """Map a file under what is said now, over what was said of such columns before.

    Args:
        root: the data directory.
    Returns:
        Its tables, everything that was said, and a sentence about what was said before; "" where
        nothing was, or all of it is said anew.
    """
    columns = open_tables(path)[0].columns
    kept = recall(root, columns)
    kept = _of_use(path, said, kept)
    whole = said.over(kept)
    parts = map_file(path, hints=whole)
    told = _told(said, kept)
    if not told:
        return parts, whole, ""
    reason = "as was said of such columns before"
    marked = tuple(replace(part, mapping=explained(part.mapping, said, reason)) for part in parts)
    place = remembered_at(root, columns)
    return marked, whole, f"{told}: {reason}; delete {place} to forget it"


def _of_use(path: Path, said: Hints, kept: Hints) -> Hints:
    """Leave out the order of dates where the file itself leaves no doubt: another one wrote it."""
    if kept.dates is None or said.dates is not None:
        return kept
    rest = replace(kept, dates=None)
    is_certain = map_file(path, hints=said.over(rest))[0].mapping.dates.confidence == 1
    return rest if is_certain else kept


def _told(said: Hints, kept: Hints) -> str:
    names = [name for name in FINDINGS if getattr(said, name) is None]
    told = {name: getattr(kept, name) for name in names}
    columns = {name: role for name, role in kept.columns.items() if name not in said.columns}
    entries = [f"{name} {value}" for name, value in told.items() if value is not None]
    return ", ".join([*entries, *(f"{name} {role}" for name, role in columns.items())])
