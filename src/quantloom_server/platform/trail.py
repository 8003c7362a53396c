"""The audit trail: who did what to which thing, written in the transaction of the act itself.

An entry that cannot be written undoes its act. The application may add entries and read them; no
role of the service may change or remove one. `audit` seals them into a chain afterwards, so that
somebody with other means cannot either, unseen.

What a thing looked like before and after is kept apart, under a salted hash that the entry holds:
it can be erased on request, and the chain still holds.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, insert
from sqlalchemy.orm import Mapped, mapped_column

from quantloom_server.platform.rows import Row
from quantloom_server.platform.transaction import Transaction

_SALT_BYTES = 16


class AuditEntryRow(Row):
    """One act. Never updated, never deleted."""

    __tablename__ = "audit_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    workspace_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    key_id: Mapped[UUID | None]
    address: Mapped[str | None]
    request_id: Mapped[str]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    before_hash: Mapped[bytes | None]
    after_hash: Mapped[bytes | None]


class AuditDetailRow(Row):
    """What the thing was before and after the act; may be erased, the entry stays."""

    __tablename__ = "audit_details"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    salt: Mapped[bytes]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted, where the transaction has no caller that would tell: a sign-in, a command."""

    user_id: UUID | None = None
    workspace_id: UUID | None = None
    address: str | None = None


async def record(
    tx: Transaction,
    *,
    action: str,
    object_kind: str,
    object_id: object,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    actor: Actor | None = None,
) -> UUID:
    """Write an act into the trail of its own transaction.

    Args:
        tx: the transaction that does the act.
        action: what was done, such as `identity.password_changed`.
        object_kind: what it was done to, such as `user`.
        object_id: which one.
        before: plain JSON of the thing before the act; never a secret, nor the hash of one.
        after: the same after the act.
        actor: who did it, where nobody is signed in.
    """
    entry_id = tx.new_id()
    who = _who(tx, actor)
    salt = secrets.token_bytes(_SALT_BYTES)
    has_details = before is not None or after is not None
    # Not by the session: the application may add here, and not read back what is another's.
    await tx.session.execute(
        insert(AuditEntryRow)
        .inline()
        .values(
            id=entry_id,
            at=tx.now(),
            request_id=tx.request_id,
            action=action,
            object_kind=object_kind,
            object_id=str(object_id),
            before_hash=detail_hash(salt, before),
            after_hash=detail_hash(salt, after),
            **who,
        )
    )
    if has_details:
        await tx.session.execute(
            insert(AuditDetailRow)
            .inline()
            .values(
                entry_id=entry_id,
                workspace_id=who["workspace_id"],
                actor_id=who["actor_id"],
                salt=salt,
                before=before,
                after=after,
            )
        )
    return entry_id


def detail_hash(salt: bytes, detail: Mapping[str, Any] | None) -> bytes | None:
    """What an entry holds of a detail. The salt goes with the detail, so what is erased is gone."""
    if detail is None:
        return None
    told = orjson.dumps(detail, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(salt + told).digest()


def _who(tx: Transaction, actor: Actor | None) -> dict[str, Any]:
    if actor is not None:
        return {
            "workspace_id": actor.workspace_id,
            "actor_id": actor.user_id,
            "address": actor.address,
        }
    caller = tx.caller
    if caller is None:
        return {"workspace_id": None, "actor_id": None}
    return {
        "workspace_id": caller.workspace_id,
        "actor_id": caller.user_id,
        "session_id": caller.session_id,
        "key_id": caller.key_id,
        "address": caller.address,
    }
