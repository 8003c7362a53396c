"""The delivery of what the outbox holds: a loop of the process `beat`.

Any number of relays may run; each message is taken by one of them for a while, and comes back if
that one dies. A message that keeps failing is set aside as dead, with the reason.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

import orjson
import structlog

from quantloom_server.platform.backoff import backoff_s
from quantloom_server.platform.database import NOBODY, Connection, Database

MOST_ATTEMPTS = 10
# A handler has half of the time for which its message is hidden from others.
_HIDDEN_S = 60.0
_HANDLER_S = _HIDDEN_S / 2
_MOST_AT_ONCE = 20

log = structlog.get_logger("app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a handler gets. `id` is the same at every delivery of one message."""

    id: UUID
    topic: str
    payload: Mapping[str, Any]
    attempt: int
    request_id: str


Handler: TypeAlias = Callable[[Message], Awaitable[None]]


class Relay:
    """Delivers what is due to the handlers of their topics."""

    def __init__(self, database: Database, handlers: Mapping[str, Handler], dice: Random) -> None:
        self._database = database
        self._handlers = handlers
        self._dice = dice

    async def deliver(self) -> int:
        """Deliver what is due now, and tell how much that was; call again while it is not 0."""
        messages = await self._take()
        await asyncio.gather(*(self._deliver_one(message) for message in messages))
        return len(messages)

    async def _take(self) -> list[Message]:
        async with self._database.direct(NOBODY) as connection:
            rows = await connection.fetch(
                "SELECT id, topic, payload, attempt, request_id "
                "FROM system.take_messages($1, $2, $3)",
                list(self._handlers),
                _MOST_AT_ONCE,
                _HIDDEN_S,
            )
        return [Message(**{**row, "payload": orjson.loads(row["payload"])}) for row in rows]

    async def _deliver_one(self, message: Message) -> None:
        try:
            async with asyncio.timeout(_HANDLER_S):
                await self._handlers[message.topic](message)
        except Exception as error:  # noqa: BLE001  whatever a handler raises is told and tried again
            await self._refuse(message, error)
            return
        async with self._database.direct(NOBODY) as connection:
            await connection.execute(
                "SELECT system.settle_message($1, $2)", message.id, message.attempt
            )

    async def _refuse(self, message: Message, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"[:500]
        async with self._database.direct(NOBODY) as connection:
            is_dead = await _refused(
                connection, message, reason, backoff_s(message.attempt, self._dice)
            )
        facts = {"message_id": str(message.id), "topic": message.topic, "attempt": message.attempt}
        if is_dead:
            log.error("outbox.dead", **facts, reason=reason)
        else:
            log.warning("outbox.refused", **facts, reason=reason)


async def _refused(
    connection: Connection, message: Message, reason: str, again_s: float
) -> bool | None:
    is_dead: bool | None = await connection.fetchval(
        "SELECT system.refuse_message($1, $2, $3, $4, $5)",
        message.id,
        message.attempt,
        reason,
        again_s,
        MOST_ATTEMPTS,
    )
    return is_dead
