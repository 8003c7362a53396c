"""The sealer and the verifier on a real database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from quantloom.kit.clock import SystemClock
from quantloom_server.audit.sealing import Sealer, Verdict, verify
from quantloom_server.platform import migrating, trail
from quantloom_server.platform.database import NOBODY, Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.trail import Actor
from quantloom_server.platform.transaction import Transaction
from tests.server.support import IDS

RING = KeyRing([b"a key of thirty-two bytes or more, for tests alone"])


SLIP_IN = """
    ALTER TABLE audit_entries DISABLE TRIGGER ALL;
    INSERT INTO audit_entries SELECT gen_random_uuid(), at, workspace_id, actor_id, session_id,
        key_id, address, request_id, 't.invented', object_kind, object_id
    FROM audit_entries LIMIT 1
"""


class Books:
    """A database of its own with a trail, and somebody who may tamper with it."""

    def __init__(self, url: str, database: Database, intruder: asyncpg.Connection) -> None:
        self.url, self.database, self.intruder = url, database, intruder
        self.sealer = Sealer(database, RING, SystemClock())

    async def act(self, times: int = 1, workspace_id: UUID | None = None) -> None:
        for number in range(times):
            async with self.database.transaction(NOBODY) as session:
                tx = Transaction(session=session, clock=SystemClock(), ids=IDS)
                await trail.record(
                    tx,
                    action="t.done",
                    object_kind="thing",
                    object_id=number,
                    after={"n": number},
                    actor=Actor(workspace_id=workspace_id),
                )

    async def verify(self, anchors: Path) -> Verdict:
        return await verify(self.database, RING, anchors)


@pytest.fixture
async def books(postgres: PostgresServer) -> AsyncIterator[Books]:
    name = f"books_{IDS.new().hex}"
    boss = await asyncpg.connect(postgres.superuser_url("postgres"))
    await boss.execute(f"CREATE DATABASE {name} OWNER quantloom_owner")
    await migrating.upgrade(postgres.owner_url(name))
    database = await Database.open(postgres.app_url(name), connections=5)
    intruder = await asyncpg.connect(postgres.superuser_url(name))
    yield Books(name, database, intruder)
    await intruder.close()
    await database.close()
    await boss.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await boss.close()


async def test_what_is_committed_is_sealed_and_holds(books: Books, tmp_path: Path) -> None:
    await books.act(7)
    before = await books.sealer.backlog()

    sealed = await books.sealer.seal()
    again = await books.sealer.seal()
    verdict = await books.verify(tmp_path / "none")

    assert before.waiting == 7
    assert (sealed, again) == (7, 0)
    assert verdict == Verdict(sealed=7, waiting=0)
    assert verdict.holds


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entries SET action = 't.undone' WHERE object_id = '3'",
        "DELETE FROM audit_entries WHERE object_id = '3'",
        "UPDATE audit_details SET after = '{\"n\": 99}' WHERE after = '{\"n\": 3}'",
        "UPDATE audit_seals SET entry_id = gen_random_uuid() WHERE seq = 4",
        "DELETE FROM audit_seals WHERE seq = 4",
        "UPDATE audit_seals SET seq = seq + 1 WHERE seq = 7",
        SLIP_IN,
    ],
    ids=["change", "delete", "detail", "swap", "unseal", "renumber", "slip in"],
)
async def test_tampering_is_found(books: Books, tmp_path: Path, tampering: str) -> None:
    await books.act(7)
    await books.sealer.seal()

    await books.intruder.execute(tampering)

    assert not (await books.verify(tmp_path / "none")).holds


async def test_a_tail_that_was_cut_off_is_found_by_its_anchor(books: Books, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.jsonl"
    await books.act(5)
    await books.sealer.seal()
    head = await books.sealer.anchor(anchors)
    twice = await books.sealer.anchor(anchors)

    await books.intruder.execute("DELETE FROM audit_seals WHERE seq > 3")
    await books.intruder.execute("DELETE FROM audit_entries WHERE object_id > '2'")
    verdict = await books.verify(anchors)

    assert head is not None
    assert twice is None
    assert [each.seq for each in verdict.breaks] == [5]


async def test_many_writers_and_sealers_keep_one_chain(books: Books, tmp_path: Path) -> None:
    async def seal_until_done(writers: asyncio.Future[list[None]]) -> None:
        while not writers.done() or await books.sealer.seal():
            await books.sealer.seal()

    writers = asyncio.gather(*(books.act(10) for _ in range(8)))
    await asyncio.gather(seal_until_done(writers), seal_until_done(writers))
    verdict = await books.verify(tmp_path / "none")

    assert verdict == Verdict(sealed=80, waiting=0)


async def test_details_can_be_forgotten_and_the_chain_holds(books: Books, tmp_path: Path) -> None:
    actor_id = IDS.new()
    await books.act(2)
    await books.sealer.seal()
    await books.intruder.execute("UPDATE audit_details SET actor_id = $1", actor_id)

    async with books.database.direct(NOBODY) as connection:
        gone = await connection.fetchval("SELECT system.audit_forget($1)", actor_id)

    assert gone == 2
    assert (await books.verify(tmp_path / "none")).holds
