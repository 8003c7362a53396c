"""Measures the audit trail: `python -m benchmarks.trail`, on a PostgreSQL of its own.

Eight writers act as fast as they can, each act a transaction with its entry. A sealer beside them
chains what they have committed, as `quantloom beat` does; then the same acts lock the head of the
chain and write their own link before they commit, which needs no sealer.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from quantloom.kit.clock import SystemClock
from quantloom.kit.ids import IdMaker
from quantloom_server.audit.chain import Seal, seal_all
from quantloom_server.audit.sealing import PURPOSE, Sealer, verify
from quantloom_server.platform import migrating, trail
from quantloom_server.platform.database import NOBODY, Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.transaction import Transaction

WRITERS = 8
EVERY_S = 0.5
"""How long the sealer of `beat` rests when nothing waits."""

RING = KeyRing([b"a key of thirty-two bytes or more, for benchmarks alone"])
CLOCK = SystemClock()
IDS = IdMaker(CLOCK)
LINK = text(
    "SELECT system.audit_seal(CAST(:seqs AS bigint[]), CAST(:entries AS uuid[]), "
    "CAST(:previous AS bytea[]), CAST(:hashes AS bytea[]), :key)"
)

Finish = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load came to; the lag is from an act's commit to its link's."""

    row: str
    acts: int
    per_second: int
    p50_ms: float
    p99_ms: float
    lag_p50_ms: float = 0.0
    lag_p99_ms: float = 0.0
    lag_most_ms: float = 0.0


class Load:
    """Acts by eight writers, and when each was committed."""

    def __init__(self, database: Database, finish: Finish) -> None:
        self._database = database
        self._finish = finish
        self.took: list[float] = []
        self.committed: dict[UUID, float] = {}

    async def run(self, seconds: float) -> None:
        ends = time.perf_counter() + seconds
        await asyncio.gather(*(self._write(ends) for _ in range(WRITERS)))

    async def _write(self, ends: float) -> None:
        while (began := time.perf_counter()) < ends:
            async with self._database.transaction(NOBODY) as session:
                tx = Transaction(session=session, clock=CLOCK, ids=IDS)
                entry_id = await trail.record(
                    tx, action="bench.done", object_kind="thing", object_id=1, after={"n": 1}
                )
                await self._finish(tx)
            now = time.perf_counter()
            self.took.append(now - began)
            self.committed[entry_id] = now


async def nothing(tx: Transaction) -> None:
    """What an act does for the chain where a sealer follows."""


async def link(tx: Transaction) -> None:
    """Lock the head of the chain until the commit, and hang the act's own entry behind it."""
    key_id, key = RING.current(PURPOSE)
    entries = await _rows(tx, "SELECT * FROM system.audit_unsealed(1000)")
    heads = await _rows(tx, "SELECT * FROM system.audit_head()")
    head = [Seal(one["seq"], one["entry_id"], one["previous"], one["hash"]) for one in heads]
    seals = list(seal_all(entries, after=head[0] if head else None, key=key))
    given = {
        "seqs": [seal.seq for seal in seals],
        "entries": [seal.entry_id for seal in seals],
        "previous": [seal.previous for seal in seals],
        "hashes": [seal.hash for seal in seals],
        "key": key_id,
    }
    await tx.session.execute(LINK, given)


async def _rows(tx: Transaction, query: str) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in (await tx.session.execute(text(query))).mappings()]


async def seal_as_beat_does(sealer: Sealer, rounds: list[tuple[int, float]]) -> None:
    """Seal until cancelled; notes how many each round sealed, and when that was committed."""
    while True:
        count = await sealer.seal()
        rounds.append((count, time.perf_counter()))
        if not count:
            await asyncio.sleep(EVERY_S)


async def followed(database: Database, seconds: float) -> Outcome:
    """Acts with a sealer beside them."""
    load, sealer = Load(database, nothing), Sealer(database, RING, CLOCK)
    rounds: list[tuple[int, float]] = []
    sealing = asyncio.create_task(seal_as_beat_does(sealer, rounds))
    await load.run(seconds)
    while sum(count for count, _ in rounds) < len(load.committed):  # noqa: ASYNC110  a list tells nobody
        await asyncio.sleep(0.05)
    sealing.cancel()
    await asyncio.gather(sealing, return_exceptions=True)
    lags = await lags_of(database, load, rounds)
    return summed("a sealer follows", load, seconds, lags)


async def lags_of(
    database: Database, load: Load, rounds: Sequence[tuple[int, float]]
) -> list[float]:
    """How long after its commit each act was sealed: links are in the order of the rounds."""
    async with database.direct(NOBODY) as connection:
        rows = await connection.fetch("SELECT sealed_entry FROM system.audit_chain(0, 10000000)")
    links = (row["sealed_entry"] for row in rows)
    return [
        # A round may have seen an act before its writer was told that it is committed.
        max(0.0, sealed_at - load.committed[entry])
        for count, sealed_at in rounds
        for entry in islice(links, count)
    ]


async def locked(database: Database, seconds: float) -> Outcome:
    """Acts that each write their own link under the lock of the head."""
    load = Load(database, link)
    await load.run(seconds)
    return summed("each act locks the head", load, seconds, [])


def summed(row: str, load: Load, seconds: float, lags: Sequence[float]) -> Outcome:
    return Outcome(
        row,
        len(load.took),
        round(len(load.took) / seconds),
        *(at(load.took, share) for share in (0.5, 0.99)),
        *(at(lags, share) for share in (0.5, 0.99, 1.0)),
    )


def at(seconds: Sequence[float], share: float) -> float:
    """A quantile in milliseconds; 0 of nothing."""
    ordered = sorted(seconds)
    place = min(len(ordered) - 1, int(len(ordered) * share))
    return round(ordered[place] * 1000, 1) if ordered else 0.0


async def measure(postgres: PostgresServer, folder: Path, seconds: float) -> list[Outcome]:
    found = []
    for load in (followed, locked):
        # Emptied before each, so that both begin with tables of the same size.
        await migrating.downgrade(postgres.owner_url(), "base")
        await migrating.upgrade(postgres.owner_url())
        database = await Database.open(postgres.app_url(), connections=WRITERS + 2)
        try:
            found.append(await load(database, seconds))
            verdict = await verify(database, RING, folder / "none")
        finally:
            await database.close()
        if not (verdict.holds and verdict.sealed == found[-1].acts and not verdict.waiting):
            raise SystemExit(f"the chain does not hold: {verdict}")
    return found


def run(seconds: float) -> list[Outcome]:
    """Measure both ways on a server that waits for the disk, as it must where money is."""
    folder = Path(tempfile.mkdtemp(prefix="ql-trail-"))
    folder.chmod(0o711)
    postgres = PostgresServer(folder / "p")
    try:
        postgres.start()
        return asyncio.run(measure(postgres, folder, seconds))
    finally:
        postgres.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load")
    for outcome in run(parser.parse_args().seconds):
        print(json.dumps(asdict(outcome)))
