"""The arithmetic of the chain: what a seal says of an entry, and what a broken one shows.

Each seal is an HMAC over the seal before it, its own number and the entry. Whoever changes,
removes, adds or moves an entry without the key leaves a seal that does not fit.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from quantloom_server.platform.trail import detail_hash

# What the first seal has before it.
GENESIS = bytes(32)
_FIELDS = (
    "id", "at", "workspace_id", "actor_id", "session_id", "key_id", "address", "request_id",
    "action", "object_kind", "object_id", "before_hash", "after_hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain."""

    seq: int
    entry_id: UUID
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold, and what was found there."""

    seq: int
    entry_id: UUID | None
    problem: str


def seal_all(
    entries: Iterable[Mapping[str, Any]], *, after: Seal | None, key: bytes
) -> Iterator[Seal]:
    """Go on with the chain, an entry at a time."""
    seq, previous = (after.seq, after.hash) if after else (0, GENESIS)
    for entry in entries:
        seq += 1
        made = Seal(seq, entry["id"], previous, link(key, seq, previous, entry))
        previous = made.hash
        yield made


def link(key: bytes, seq: int, previous: bytes, entry: Mapping[str, Any]) -> bytes:
    """The hash of one link."""
    return hmac.digest(key, previous + seq.to_bytes(8, "big") + told(entry), "sha256")


def told(entry: Mapping[str, Any]) -> bytes:
    """An entry as bytes, always the same ones."""
    return orjson.dumps([_plain(entry[field]) for field in _FIELDS])


class Verifier:
    """Walks a chain row by row and remembers where it stands."""

    def __init__(self, keys: Mapping[str, bytes], anchors: Mapping[int, bytes]) -> None:
        self._keys = keys
        self._anchors = anchors
        self.seq = 0
        self.head = GENESIS

    def check(self, row: Mapping[str, Any]) -> Iterator[Break]:
        """Say what is wrong with the next row; nothing where it fits."""
        seq, entry_id = row["seq"], row["sealed_entry"]
        for problem in self._problems(row):
            yield Break(seq, entry_id, problem)
        # Go on from what is there, so that one broken link is one finding and not all after it.
        self.seq, self.head = seq, row["hash"]

    def missing_tail(self) -> Iterator[Break]:
        """Say which anchored links are not there any more."""
        for seq in sorted(self._anchors):
            if seq > self.seq:
                yield Break(seq, None, f"the chain was anchored here and now ends at {self.seq}")

    def _problems(self, row: Mapping[str, Any]) -> Iterator[str]:
        seq = row["seq"]
        if seq != self.seq + 1:
            yield f"links {self.seq + 1} to {seq - 1} are gone"
        elif row["previous"] != self.head:
            yield "it does not follow the link before it"
        if row["id"] is None:
            yield "its entry is gone"
        else:
            yield from self._of_entry(row)
        anchored = self._anchors.get(seq)
        if anchored is not None and anchored != row["hash"]:
            yield "it is not the link that was anchored"

    def _of_entry(self, row: Mapping[str, Any]) -> Iterator[str]:
        key = self._keys.get(row["seal_key"])
        if key is None:
            yield f"its key {row['seal_key']} is not in the ring"
        elif not hmac.compare_digest(link(key, row["seq"], row["previous"], row), row["hash"]):
            yield "its entry was changed"
        if row["salt"] is None:
            return  # Erased on request, or there never was any.
        for side, kept in (("before", row["before"]), ("after", row["after_"])):
            detail = None if kept is None else orjson.loads(kept)
            if detail_hash(row["salt"], detail) != row[f"{side}_hash"]:
                yield f"what its entry says of {side} was changed"


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return None if value is None else str(value)
