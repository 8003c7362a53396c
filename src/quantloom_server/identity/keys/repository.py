"""Every query about API keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from quantloom_server.identity.keys.tables import KeyRow
from quantloom_server.identity.means import SIGN_IN
from quantloom_server.platform.database import Connection, Database
from quantloom_server.platform.paging import Slice, Window, read_slice

# Whoever has to change a password may have lost more than that, so their keys wait too.
STATES = """
    SELECT k.id, k.user_id, k.workspace_id, k.hint, k.secret_hmac, k.scopes, k.networks,
           k.requests_per_minute, k.expires_at, k.last_used_at,
           m.role, r.permissions, w.is_operators
    FROM api_keys k
    JOIN users u ON u.id = k.user_id AND u.is_active AND NOT u.must_change_password
    JOIN memberships m ON m.user_id = k.user_id AND m.workspace_id = k.workspace_id
    JOIN roles r ON r.name = m.role
    JOIN workspaces w ON w.id = k.workspace_id
    WHERE k.id = ANY($1) AND k.revoked_at IS NULL
"""
_USED = "UPDATE api_keys SET last_used_at = $2, last_address = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class KeyState:
    """What decides whether a key counts now, and for what."""

    id: UUID
    user_id: UUID
    workspace_id: UUID
    hint: str
    secret_hmac: bytes
    scopes: list[str]
    networks: list[str]
    requests_per_minute: int
    expires_at: datetime
    last_used_at: datetime | None
    role: str
    role_permissions: list[str] | None
    is_operators: bool


async def key_states(database: Database, ids: Sequence[UUID]) -> list[KeyState]:
    """Read many keys at once; those that do not count are left out."""
    return [KeyState(*row.values()) for row in await database.read(SIGN_IN, STATES, [ids])]


async def note_use(connection: Connection, key_id: UUID, at: datetime, address: str | None) -> None:
    await connection.execute(_USED, key_id, at, address)


async def list_page(session: AsyncSession, user_id: UUID, window: Window) -> Slice[KeyRow]:
    statement = select(KeyRow).where(KeyRow.user_id == user_id)
    return await read_slice(session, statement, key=KeyRow.id, window=window)


async def list_all(session: AsyncSession, user_id: UUID) -> Sequence[KeyRow]:
    return (await session.scalars(select(KeyRow).where(KeyRow.user_id == user_id))).all()


async def find(session: AsyncSession, user_id: UUID, key_id: UUID) -> KeyRow | None:
    return await session.scalar(
        select(KeyRow).where(KeyRow.id == key_id, KeyRow.user_id == user_id).with_for_update()
    )


async def count_open(session: AsyncSession, user_id: UUID, now: datetime) -> int:
    counted = (
        select(func.count())
        .select_from(KeyRow)
        .where(KeyRow.user_id == user_id, KeyRow.revoked_at.is_(None), KeyRow.expires_at > now)
    )
    return await session.scalar(counted) or 0


async def drop_all(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(KeyRow).where(KeyRow.user_id == user_id))
