"""One dataset: read, replaced, grown, compacted. Knows columns only, not what they mean.

The rows lie in pieces that do not overlap. Rows that are added become a piece of their own, and
take along the pieces before them that are not much larger: however often a few rows are added,
each row is rewritten a handful of times, and there are a handful of pieces a period.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.data.store.failures import CorruptDataset, SchemaTooNew
from quantloom.data.store.manifest import MANIFEST, Manifest, Piece, decode, encode
from quantloom.data.store.pieces import (
    EVERYTHING,
    ROWS_PER_GROUP,
    Columns,
    Subject,
    Wanted,
    read_piece,
    write_piece,
)
from quantloom.data.store.places import Change, Place
from quantloom.market import Instrument
from quantloom.market.spans import BlockDigests, Span, Unit, bounds, cut, joined_digest

_MOST_BYTES = 128 * 2**20
_MOST_ROWS = 2**20
_SWALLOWED = 4
_ATTEMPTS = 5
_WRITERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a kind of rows is laid out.

    Attributes:
        block, period: calendar units of the digest's blocks and of the pieces.
        head: what the digest says beside the columns.
    """

    block: Unit
    period: Unit
    head: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset at its place, there or not."""

    place: Place
    folder: str
    subject: Subject

    @property
    def where(self) -> str:
        return self.place.where(self.folder)

    def manifest(self) -> Manifest:
        """What the dataset says of itself.

        Raises:
            FileNotFoundError: there is none.
            CorruptDataset, SchemaTooNew: it cannot be read.
        """
        return self.decoded(self.place.read(f"{self.folder}/{MANIFEST}"))

    def is_there(self) -> bool:
        """Whether there is one, readable or not."""
        try:
            self.place.read(f"{self.folder}/{MANIFEST}")
        except FileNotFoundError:
            return False
        return True

    def read(self, wanted: Wanted = EVERYTHING) -> tuple[Manifest, dict[str, NDArray[Any]]]:
        """Read the rows wanted; columns without rows where there are none.

        Raises:
            FileNotFoundError, CorruptDataset, SchemaTooNew: as for `manifest`.
        """
        manifest = self.manifest()
        for _ in range(_ATTEMPTS):
            try:
                return manifest, self.rows(manifest, wanted)
            except FileNotFoundError as problem:
                # A writer has replaced the pieces since the manifest was read.
                again = self.manifest()
                if again.pieces == manifest.pieces:
                    raise CorruptDataset(self.where, f"a piece is missing: {problem}") from problem
                manifest = again
        raise CorruptDataset(self.where, "its pieces change faster than they can be read")

    def rows(self, manifest: Manifest, wanted: Wanted) -> dict[str, NDArray[Any]]:
        """Read the rows wanted of the dataset as a manifest describes it."""
        parts = [self.piece(piece, one) for piece, one in _choose(manifest.pieces, wanted)]
        names = [name for name in manifest.columns if wanted.names is None or name in wanted.names]
        if not parts:
            first = manifest.pieces[0]
            parts = [self.piece(first, replace(wanted, end_ns=first.start_ns, start_ns=None))]
        if len(parts) == 1:
            return {name: parts[0][name] for name in names}
        return {name: np.concatenate([part[name] for part in parts]) for name in names}

    def piece(self, piece: Piece, wanted: Wanted) -> dict[str, NDArray[Any]]:
        """Read the rows wanted of one piece; errors are those of `read_piece`."""
        name = f"{self.folder}/{piece.name}"
        where = self.place.where(name)
        return read_piece(self.place.source(name), where, self.subject, wanted, rows=piece.rows)

    @contextmanager
    def changing(self) -> Iterator["Revision"]:
        """Change the dataset; `Place.changing` says what may go wrong."""
        with self.place.changing(self.folder) as change:
            yield Revision(self, change)

    def decoded(self, text: bytes) -> Manifest:
        """Read a manifest, which must be of this dataset; errors are those of `manifest`."""
        where = self.place.where(f"{self.folder}/{MANIFEST}")
        manifest = decode(text, where)
        if (manifest.kind, manifest.symbol, manifest.part) != (
            self.subject.kind,
            self.subject.symbol,
            self.subject.part,
        ):
            told = f"it holds {manifest.part} {manifest.kind} of {manifest.symbol}"
            raise CorruptDataset(where, told)
        return manifest


class Revision:
    """A change of a dataset by one writer, who has it to himself."""

    def __init__(self, dataset: Dataset, change: Change) -> None:
        self._dataset, self._change = dataset, change
        self._text = change.current()

    def before(self) -> Manifest | None:
        """The dataset as it is; None where there is none.

        Raises:
            CorruptDataset, SchemaTooNew: it cannot be read.
        """
        return None if self._text is None else self._dataset.decoded(self._text)

    @property
    def generation(self) -> int:
        """The number this change makes, above that of a dataset that can be read."""
        try:
            before = self.before()
        except (CorruptDataset, SchemaTooNew):
            before = None
        return 1 if before is None else before.generation + 1

    def builder(self, plan: Plan) -> "Builder":
        """Build the dataset anew."""
        return Builder(self._dataset.subject, self._change, plan, self.generation)

    def create(
        self, builder: "Builder", instrument: Instrument, told: Mapping[str, Any]
    ) -> Manifest:
        """Make what was built the dataset, in the place of what there was."""
        subject = self._dataset.subject
        manifest = Manifest(
            kind=subject.kind,
            symbol=subject.symbol,
            part=subject.part,
            columns=builder.columns,
            instrument=instrument,
            **builder.finish(),
            **told,
        )
        return self.commit(manifest)

    def change(self, before: Manifest, fields: Mapping[str, Any]) -> Manifest:
        """Make the dataset what it was, but for some fields."""
        return self.commit(replace(before, **fields))

    def commit(self, manifest: Manifest) -> Manifest:
        """Make the change."""
        self._change.commit(encode(manifest), _names(manifest), self._names_before())
        return manifest

    def _names_before(self) -> frozenset[str]:
        try:
            before = self.before()
        except (CorruptDataset, SchemaTooNew):
            before = None
        return frozenset() if before is None else _names(before)

    def sweep(self, manifest: Manifest) -> None:
        """Clear away what dead writers left, once the manifest is committed."""
        self._change.sweep(_names(manifest))

    def remove(self) -> None:
        """Take the dataset away.

        Raises:
            FileNotFoundError: there is none.
        """
        if self._text is None:
            raise FileNotFoundError(self._dataset.folder)
        self._change.remove()

    def rows(self, manifest: Manifest) -> Columns:
        """Every row of the dataset as it is."""
        return self._dataset.rows(manifest, EVERYTHING)

    def parts(self, pieces: Sequence[Piece]) -> Iterator[Columns]:
        """The rows of some pieces, one piece after the other."""
        return (self._dataset.piece(piece, EVERYTHING) for piece in pieces)

    def rebuild(self, columns: Columns, plan: Plan) -> dict[str, Any]:
        """Lay all rows out anew; give the fields of the manifest that become others."""
        builder = self.builder(plan)
        builder.add(columns)
        return builder.finish()

    def compact(self, before: Manifest, plan: Plan) -> Manifest:
        """Join the pieces of each period into one, and clear away what is no part of the dataset.

        Raises:
            CorruptDataset: the rows are not those that the digests were taken of.
        """
        pieces: list[Piece] = []
        for _, group in groupby(before.pieces, key=lambda piece: piece.period):
            pieces += self._compacted(before, list(group), plan)
        changed = replace(before, pieces=tuple(pieces), generation=self.generation)
        self.sweep(self.commit(changed))
        return changed

    def _compacted(self, before: Manifest, group: list[Piece], plan: Plan) -> Sequence[Piece]:
        if len(group) == 1 or sum(piece.rows for piece in group) > _MOST_ROWS:
            return group
        parts = [self._dataset.piece(piece, EVERYTHING) for piece in group]
        made = self.rebuild(join_blocks(parts), plan)
        for name, digest in made["blocks"].items():
            if before.blocks.get(name) != digest:
                raise CorruptDataset(self._dataset.where, f"its rows of {name} have changed")
        joined: tuple[Piece, ...] = made["pieces"]
        return joined

    def splice(
        self, before: Manifest, columns: Columns, plan: Plan, join: "Join"
    ) -> dict[str, Any]:
        """Put rows among those of a dataset with the same columns.

        Args:
            join: gives the rows that stand in the end, of those there and those given.
        Returns:
            The fields of the manifest that become others.
        """
        first_ns, last_ns = int(columns["ts"][0]), int(columns["ts"][-1])
        pieces = list(before.pieces)
        low, high = _swallowed(pieces, first_ns, last_ns, len(columns["ts"]), plan.period)
        start_ns = min([first_ns, *(piece.start_ns for piece in pieces[low:high])])
        end_ns = max([last_ns, *(piece.end_ns for piece in pieces[low:high])])
        # The digest needs whole blocks, the pieces only their own rows.
        begin_ns, stop_ns = _widened(first_ns, last_ns, plan.block)
        around = Wanted(
            start_ns=None if begin_ns is None else min(begin_ns, start_ns),
            end_ns=None if stop_ns is None else max(stop_ns, end_ns + 1),
        )
        joined = join(self._dataset.rows(before, around), columns)
        builder = self.builder(plan)
        builder.add(_slice(joined, start_ns, end_ns + 1))
        made = builder.finish()
        changed = BlockDigests(plan.block)
        changed.add(list(_slice(joined, begin_ns, stop_ns).values()))
        blocks = _spliced(before.blocks, changed.finish())
        return made | {
            "pieces": (*pieces[:low], *made["pieces"], *pieces[high:]),
            "blocks": blocks,
            "digest": joined_digest(plan.head, blocks.values()),
            "rows": before.rows + made["rows"] - sum(piece.rows for piece in pieces[low:high]),
        }


Join = Callable[[Columns, Columns], Columns]


class Builder:
    """Takes ascending columns block by block and lays them out in pieces, in bounded memory."""

    def __init__(self, subject: Subject, change: Change, plan: Plan, generation: int) -> None:
        self.generation = generation
        self._subject, self._change, self._plan = subject, change, plan
        self._digests = BlockDigests(plan.block)
        self._held: list[Columns] = []
        self._held_rows = 0
        self._pieces: list[Piece] = []
        self.rows = 0
        self.columns: tuple[str, ...] = ()

    def add(self, columns: Columns) -> None:
        """Take rows that follow those before."""
        self.columns = tuple(columns)
        self._held.append(columns)
        self._held_rows += len(columns["ts"])
        self.rows += len(columns["ts"])
        if self._held_rows >= _most_rows(columns):
            self._store(is_last=False)

    def store_all(self) -> Sequence[Piece]:
        """Store what is left of the last rows; give every piece, to be read."""
        if self._held_rows:
            self._store(is_last=True)
        self._change.settle()
        return self._pieces

    def finish(self) -> dict[str, Any]:
        """Store what is left; give what the manifest says of the rows."""
        if self._held_rows:
            self._store(is_last=True)
        blocks = self._digests.finish()
        return {
            "generation": self.generation,
            "pieces": tuple(self._pieces),
            "blocks": blocks,
            "digest": joined_digest(self._plan.head, blocks.values()),
            "rows": self.rows,
        }

    def _store(self, *, is_last: bool) -> None:
        whole = join_blocks(self._held)
        spans = list(cut(whole["ts"], self._plan.period))
        # The last period may go on; alone, it is as large as a piece may be.
        ready = spans if is_last or len(spans) == 1 else spans[:-1]
        self._put_all(list(_parts(whole, ready)))
        kept = {name: values[ready[-1].stop :] for name, values in whole.items()}
        self._held, self._held_rows = [kept], len(kept["ts"])
        if not self._held_rows:
            self._held = []

    def _put_all(self, parts: Sequence[tuple[str, Columns]]) -> None:
        if len(parts) == 1:
            self._pieces.append(self._put(self._name(*parts[0]), *parts[0]))
            return
        # The digest goes from row to row; what is encoded and waits for the disk stands beside it.
        with ThreadPoolExecutor(_WRITERS) as writers:
            first = len(self._pieces)
            waiting = [
                writers.submit(self._put, self._name(*part, first + number), *part)
                for number, part in enumerate(parts)
            ]
            self._pieces += [one.result() for one in waiting]

    def _name(self, period: str, columns: Columns, number: int | None = None) -> str:
        """Take the digest so far, and name the piece by it.

        A reader may still hold the manifest of a dataset deleted since: without the digest, one
        written anew could have pieces of the same names.
        """
        self._digests.add(list(columns.values()))
        place = len(self._pieces) if number is None else number
        return f"{period}.{self.generation}-{place}.{self._digests.so_far()[:8]}.parquet"

    def _put(self, name: str, period: str, columns: Columns) -> Piece:
        ts = columns["ts"]
        size, forms = self._change.put(name, lambda file: write_piece(file, self._subject, columns))
        return Piece(
            name=name,
            period=period,
            rows=len(ts),
            start_ns=int(ts[0]),
            end_ns=int(ts[-1]),
            bytes=size,
            forms=forms,
        )


def _parts(whole: Columns, spans: Sequence[Span]) -> Iterator[tuple[str, Columns]]:
    """The rows of each period, of long ones in several parts."""
    most = _most_rows(whole)
    for span in spans:
        for start in range(span.start, span.stop, most):
            stop = min(start + most, span.stop)
            yield span.name, {name: values[start:stop] for name, values in whole.items()}


def _names(manifest: Manifest) -> frozenset[str]:
    return frozenset(piece.name for piece in manifest.pieces)


def join_blocks(blocks: Sequence[Columns]) -> Columns:
    """Blocks of the same columns, one after the other."""
    if len(blocks) == 1:
        return blocks[0]
    return {name: np.concatenate([one[name] for one in blocks]) for name in blocks[0]}


def _most_rows(columns: Columns) -> int:
    row_bytes = sum(values.itemsize for values in columns.values())
    return max(ROWS_PER_GROUP, min(_MOST_ROWS, _MOST_BYTES // row_bytes))


def _choose(pieces: Sequence[Piece], wanted: Wanted) -> Iterable[tuple[Piece, Wanted]]:
    """Pieces that hold rows wanted, with what is wanted of each."""
    inside = [
        piece
        for piece in pieces
        if (wanted.start_ns is None or piece.end_ns >= wanted.start_ns)
        and (wanted.end_ns is None or piece.start_ns < wanted.end_ns)
    ]
    if wanted.last is None:
        return [(piece, wanted) for piece in inside]
    chosen: list[tuple[Piece, Wanted]] = []
    missing = wanted.last
    for piece in reversed(inside):
        if missing <= 0:
            break
        chosen.append((piece, replace(wanted, last=missing)))
        is_cut = wanted.end_ns is not None and piece.end_ns >= wanted.end_ns
        missing -= 0 if is_cut else piece.rows
    return chosen[::-1]


def _swallowed(
    pieces: Sequence[Piece], first_ns: int, last_ns: int, rows: int, period: Unit
) -> tuple[int, int]:
    """Say which pieces are rewritten with the rows from first to last: pieces low to high."""
    low = sum(piece.end_ns < first_ns for piece in pieces)
    high = sum(piece.start_ns <= last_ns for piece in pieces)
    rows += sum(piece.rows for piece in pieces[low:high])
    begin_ns, _ = bounds(first_ns, period)
    while low and pieces[low - 1].rows <= _SWALLOWED * rows:
        before = pieces[low - 1]
        if (begin_ns is not None and before.start_ns < begin_ns) or rows > _MOST_ROWS:
            break
        rows += before.rows
        low -= 1
    return low, high


def _widened(first_ns: int, last_ns: int, block: Unit) -> tuple[int | None, int | None]:
    return bounds(first_ns, block)[0], bounds(last_ns, block)[1]


def _slice(columns: Columns, start_ns: int | None, end_ns: int | None) -> Columns:
    ts = columns["ts"]
    first = 0 if start_ns is None else int(np.searchsorted(ts, start_ns))
    stop = len(ts) if end_ns is None else int(np.searchsorted(ts, end_ns))
    return {name: values[first:stop] for name, values in columns.items()}


def _spliced(before: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    """Blocks with those that changed in their places; the names of blocks sort by time."""
    both = {**before, **changed}
    return {name: both[name] for name in sorted(both)}
