"""The tables of a file, each with what its columns mean."""

from dataclasses import dataclass, replace
from pathlib import Path

from quantloom.data.readers.day_orders import WrongDates
from quantloom.data.readers.detection import detect
from quantloom.data.readers.given import ColumnsMissing
from quantloom.data.readers.lengths import OnlyDates, WrongLength
from quantloom.data.readers.mapping import Hints, Mapping, explained
from quantloom.data.readers.opening import open_tables
from quantloom.data.readers.raw import RawTable, UnreadableFile
from quantloom.data.readers.strangers import NotMarketData


@dataclass(frozen=True, slots=True)
class Part:
    """A table of a file with what its columns mean."""

    table: RawTable
    mapping: Mapping


def map_file(path: Path | str, *, hints: Hints | None = None) -> tuple[Part, ...]:
    """Work out what every table of a file means, before any of it is read whole.

    Tables of an archive that are laid out alike are told by the largest of them.

    Raises:
        FileNotThere, UnreadableFile: there is no file, or no table in it.
        ColumnsMissing, ColumnTwice, NotMarketData: no table of it makes bars or ticks.
        BadMapping: a hint that does not fit.
    """
    parts, _ = map_all(Path(path), hints or Hints())
    return parts


def map_all(path: Path, hints: Hints) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Map every table of a file; of those that are neither bars nor ticks, tell why."""
    tables = open_tables(path)
    order = sorted(range(len(tables)), key=lambda place: -tables[place].size_bytes)
    found: dict[int, Mapping] = {}
    like: dict[tuple[str, ...], Mapping] = {}
    failures: dict[int, Exception] = {}
    for place in order:
        table = tables[place]
        try:
            found[place] = _like_the_others(table, hints, like.get(table.columns))
        except (NotMarketData, ColumnsMissing, UnreadableFile) as error:
            failures[place] = error
            continue
        like.setdefault(table.columns, found[place])
    if not found:
        raise failures[order[0]]
    parts = tuple(Part(tables[place], found[place]) for place in sorted(found))
    return parts, tuple(str(failures[place]) for place in sorted(failures))


def _like_the_others(table: RawTable, hints: Hints, model: Mapping | None) -> Mapping:
    """Read a table of an archive as the greatest one laid out alike, where it can be read so."""
    if model is None:
        return detect(table, hints=hints)
    try:
        found = detect(table, hints=hints.over(_laid_out_like(model)))
    except (OnlyDates, WrongLength, WrongDates):
        return detect(table, hints=hints)
    return explained(found, hints, "as in the greatest table of the file, which is laid out so")


def _laid_out_like(model: Mapping) -> Hints:
    """What a table of an archive has in common with the one it is laid out like."""
    told = model.hints()
    return replace(told, symbol=None, day=None, adjustment=None)
