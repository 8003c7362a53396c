"""What is left in the outbox is delivered after the commit: at least once, or set aside as dead."""

from random import Random

import pytest

from quantloom.kit.clock import SystemClock
from quantloom_server.platform import outbox, relay
from quantloom_server.platform.database import NOBODY, Database
from quantloom_server.platform.relay import Handler, Message, Relay
from quantloom_server.platform.transaction import Transaction
from tests.server.support import IDS, MakeTransaction


async def leave(database: Database, topic: str) -> None:
    async with database.transaction(NOBODY) as session:
        tx = Transaction(session=session, clock=SystemClock(), ids=IDS, request_id="r-1")
        await outbox.add(tx, topic=topic, payload={"to": "a@b.example"})


class Inbox:
    """A handler that keeps what it got, and refuses the first few times."""

    def __init__(self, refuse: int = 0) -> None:
        self.messages: list[Message] = []
        self._refuse = refuse

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)
        if len(self.messages) <= self._refuse:
            raise ConnectionError("no answer")


def make_relay(database: Database, topic: str, handler: Handler) -> Relay:
    return Relay(database, {topic: handler}, Random(7))


async def test_a_committed_message_is_delivered_once(database: Database) -> None:
    inbox = Inbox()
    await leave(database, "test.once")
    relaying = make_relay(database, "test.once", inbox)

    delivered = [await relaying.deliver(), await relaying.deliver()]

    assert delivered == [1, 0]
    assert [(each.payload, each.request_id) for each in inbox.messages] == [
        ({"to": "a@b.example"}, "r-1")
    ]


async def test_a_message_of_an_undone_transaction_is_never_sent(
    database: Database, make_transaction: MakeTransaction
) -> None:
    await outbox.add(await make_transaction(), topic="test.undone", payload={})

    assert await make_relay(database, "test.undone", Inbox()).deliver() == 0


async def test_a_refused_message_waits_before_it_comes_again(database: Database) -> None:
    await leave(database, "test.patient")
    relaying = make_relay(database, "test.patient", Inbox(refuse=1))

    assert [await relaying.deliver(), await relaying.deliver()] == [1, 0]


async def test_a_refused_message_comes_again_with_the_same_id(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "backoff_s", lambda *_: 0.0)
    inbox = Inbox(refuse=2)
    await leave(database, "test.again")
    relaying = make_relay(database, "test.again", inbox)

    delivered = [await relaying.deliver() for _ in range(4)]

    assert delivered == [1, 1, 1, 0]
    assert len({message.id for message in inbox.messages}) == 1
    assert [message.attempt for message in inbox.messages] == [1, 2, 3]


async def test_two_relays_share_the_messages(database: Database) -> None:
    inboxes = Inbox(), Inbox()
    for _ in range(30):
        await leave(database, "test.shared")

    relays = [make_relay(database, "test.shared", inbox) for inbox in inboxes]
    while sum([await each.deliver() for each in relays]):
        pass

    ids = [message.id for inbox in inboxes for message in inbox.messages]
    assert len(ids) == len(set(ids)) == 30


async def test_a_message_that_is_refused_each_time_is_set_aside(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MOST_ATTEMPTS", 1)
    inbox = Inbox(refuse=99)
    await leave(database, "test.poison")
    relaying = make_relay(database, "test.poison", inbox)

    await relaying.deliver()

    async with database.direct(NOBODY) as connection:
        counted = await connection.fetch(
            "SELECT condition, amount FROM system.count_work() WHERE line = 'test.poison'"
        )
    assert [tuple(row) for row in counted] == [("dead", 1)]
    assert await relaying.deliver() == 0


async def test_nobody_reads_the_outbox(database: Database) -> None:
    async with database.direct(NOBODY) as connection:
        may_read = await connection.fetchval(
            "SELECT has_table_privilege('quantloom_app', 'outbox', 'SELECT')"
        )

    assert may_read is False
