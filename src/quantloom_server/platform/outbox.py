"""Messages that leave the database only after the transaction that wrote them has been kept.

A message is delivered at least once, so its handler must be idempotent: the id stays the same each
time. Messages are not ordered among each other. `relay` delivers them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert
from sqlalchemy.orm import Mapped, mapped_column

from quantloom_server.platform.rows import Row
from quantloom_server.platform.transaction import Transaction


class OutboxRow(Row):
    """A message that waits for its delivery, or that could not be delivered."""

    __tablename__ = "outbox"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    request_id: Mapped[str] = mapped_column(server_default="")
    attempt: Mapped[int] = mapped_column(server_default="0")
    available_at: Mapped[datetime] = mapped_column(server_default=func.now())
    died_at: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def add(tx: Transaction, *, topic: str, payload: Mapping[str, Any]) -> UUID:
    """Have a message delivered once the transaction is committed.

    Args:
        tx: the transaction that the message belongs to; undone, nothing is sent.
        topic: which handler of `beat.HANDLERS` gets it.
        payload: plain JSON. It lies in the database until it is delivered.
    """
    message_id = tx.new_id()
    # Not by the session: it would read the row back, and the application may only write here.
    await tx.session.execute(
        insert(OutboxRow)
        .inline()
        .values(id=message_id, topic=topic, payload=dict(payload), request_id=tx.request_id)
    )
    return message_id
