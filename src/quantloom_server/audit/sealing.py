"""Sealing what the trail holds, and checking that all of it is as it was sealed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from quantloom.kit.clock import Clock
from quantloom_server.audit.anchors import add_anchor, read_anchors
from quantloom_server.audit.chain import Break, Seal, Verifier, seal_all
from quantloom_server.platform.database import NOBODY, Connection, Database
from quantloom_server.platform.keyring import KeyRing

PURPOSE = "audit-chain"
_BATCH = 1_000
_PAGE = 5_000
_MOST_BREAKS = 1_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be sealed, and since when."""

    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk over the whole chain found."""

    sealed: int
    waiting: int
    breaks: tuple[Break, ...] = field(default=())

    @property
    def holds(self) -> bool:
        return not self.breaks


class Sealer:
    """Chains committed entries. Any number may run; the database lets one at a time."""

    def __init__(self, database: Database, ring: KeyRing, clock: Clock) -> None:
        self._database = database
        self._ring = ring
        self._clock = clock

    async def seal(self) -> int:
        """Seal what waits, up to a batch; tell how much that was. Call again while it is not 0."""
        key_id, key = self._ring.current(PURPOSE)
        async with self._database.direct(NOBODY) as connection:
            entries = await connection.fetch("SELECT * FROM system.audit_unsealed($1)", _BATCH)
            seals = tuple(seal_all(map(dict, entries), after=await _head(connection), key=key))
            if seals:
                await connection.execute(
                    "SELECT system.audit_seal($1, $2, $3, $4, $5)",
                    [seal.seq for seal in seals],
                    [seal.entry_id for seal in seals],
                    [seal.previous for seal in seals],
                    [seal.hash for seal in seals],
                    key_id,
                )
        return len(seals)

    async def anchor(self, path: Path) -> Seal | None:
        """Write the head down; None where nothing was sealed yet, or nothing since."""
        async with self._database.direct(NOBODY) as connection:
            head = await _head(connection)
        if head is None or head.seq in read_anchors(path):
            return None
        add_anchor(path, head, self._clock.now())
        return head

    async def backlog(self) -> Backlog:
        async with self._database.direct(NOBODY) as connection:
            row = await connection.fetchrow("SELECT * FROM system.audit_waiting()")
        return Backlog(row["waiting"], row["oldest"]) if row else Backlog(0, None)


async def verify(database: Database, ring: KeyRing, anchors: Path) -> Verdict:
    """Walk the whole chain, a page at a time, and say every place where it does not hold."""
    verifier = Verifier(ring.keys(PURPOSE), read_anchors(anchors))
    breaks: list[Break] = []
    async for row in _links(database):
        if len(breaks) < _MOST_BREAKS:
            breaks.extend(verifier.check(row))
    breaks.extend(verifier.missing_tail())
    async with database.direct(NOBODY) as connection:
        strays = await connection.fetch("SELECT system.audit_strays() AS id")
        waiting = await connection.fetchval("SELECT waiting FROM system.audit_waiting()")
    breaks.extend(_stray(row["id"]) for row in strays)
    return Verdict(verifier.seq, waiting, tuple(breaks))


def _stray(entry_id: UUID) -> Break:
    return Break(0, entry_id, "it was never sealed and does not wait for it: it was slipped in")


async def _links(database: Database) -> AsyncIterator[dict[str, object]]:
    after = 0
    while True:
        async with database.direct(NOBODY) as connection:
            page = await connection.fetch("SELECT * FROM system.audit_chain($1, $2)", after, _PAGE)
        for row in page:
            yield dict(row)
        if len(page) < _PAGE:
            return
        after = page[-1]["seq"]


async def _head(connection: Connection) -> Seal | None:
    row = await connection.fetchrow("SELECT * FROM system.audit_head()")
    return Seal(row["seq"], row["entry_id"], row["previous"], row["hash"]) if row else None
