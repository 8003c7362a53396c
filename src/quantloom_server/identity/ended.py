"""Ends of sessions and keys, told on the bus to whoever keeps connections open.

A request needs none of it: `watching.Watch` reads PostgreSQL, at most 0.8 s late, and its word is
final. But an open connection asks nothing. Whoever keeps one listens here: within a second of the
commit, `CHANNEL` carries whose session or key may not count any more. It asks the `Watch` of that
one with `fresh=True`, and closes the connection where the answer is None, does not count, or is of
another workspace; a session that was begun anew counts. A message may be lost with Valkey: after
`BusDown`, ask for all of them, and ask for each now and then anyway.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import orjson

from quantloom_server.platform import outbox
from quantloom_server.platform.bus import Bus, Heard
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Handler, Message
from quantloom_server.platform.transaction import Transaction

CHANNEL = "identity.ended"
"""The channel of the bus. A message is JSON: `user_id`, and `session_id` or `key_id`, or null."""

TOPIC = "identity.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What does not count any more: a session, a key, or with neither all sessions of a user."""

    user_id: UUID
    session_id: UUID | None = None
    key_id: UUID | None = None


async def announce(tx: Transaction, ended: Ended) -> None:
    """Have an end told once the transaction that brings it is committed."""
    payload = {
        "user_id": str(ended.user_id),
        "session_id": _text(ended.session_id),
        "key_id": _text(ended.key_id),
    }
    await outbox.add(tx, topic=TOPIC, payload=payload)


def announcer(parts: Parts) -> Handler:
    """What puts the messages of the outbox on the bus."""

    async def tell(message: Message) -> None:
        await parts.bus.publish(CHANNEL, orjson.dumps(dict(message.payload)))

    return tell


@asynccontextmanager
async def hear_ended(bus: Bus) -> AsyncIterator[AsyncIterator[Ended]]:
    """Hear of every end from now on.

    Raises:
        BusDown: the connection was lost, so that some may have been missed.
    """
    async with bus.listen(CHANNEL) as heard:
        yield _read(heard)


async def _read(heard: AsyncIterator[Heard]) -> AsyncIterator[Ended]:
    async for each in heard:
        told = orjson.loads(each.message)
        yield Ended(
            user_id=UUID(told["user_id"]),
            session_id=_id(told["session_id"]),
            key_id=_id(told["key_id"]),
        )


def _text(each_id: UUID | None) -> str | None:
    return str(each_id) if each_id else None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
