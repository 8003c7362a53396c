"""What is read of the trail by those who may see it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from quantloom_server.platform.callers import Caller
from quantloom_server.platform.paging import Slice, Window, read_slice
from quantloom_server.platform.trail import AuditDetailRow, AuditEntryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which entries are asked for; all that is given must hold."""

    actor_id: UUID | None = None
    action: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_entries(
    session: AsyncSession, caller: Caller, sought: Sought, window: Window
) -> Slice[AuditEntryRow]:
    return await read_slice(session, _found(caller, sought), key=AuditEntryRow.id, window=window)


async def find_entry(
    session: AsyncSession, caller: Caller, entry_id: UUID
) -> tuple[AuditEntryRow, AuditDetailRow | None] | None:
    statement = (
        select(AuditEntryRow, AuditDetailRow)
        .outerjoin(AuditDetailRow, AuditDetailRow.entry_id == AuditEntryRow.id)
        .where(AuditEntryRow.id == entry_id, _of(caller))
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row[0], row[1])


async def stream_entries(
    session: AsyncSession, caller: Caller, sought: Sought
) -> AsyncIterator[AuditEntryRow]:
    statement = _found(caller, sought).order_by(AuditEntryRow.id)
    rows = await session.stream_scalars(statement.execution_options(yield_per=500))
    async for row in rows:
        yield row


def _of(caller: Caller) -> ColumnElement[bool]:
    return or_(
        AuditEntryRow.workspace_id == caller.workspace_id, AuditEntryRow.actor_id == caller.user_id
    )


def _found(caller: Caller, sought: Sought) -> Select[AuditEntryRow]:
    statement = select(AuditEntryRow).where(_of(caller))
    for column in ("actor_id", "object_kind", "object_id"):
        value = getattr(sought, column)
        if value is not None:
            statement = statement.where(getattr(AuditEntryRow, column) == value)
    if sought.action is not None:
        # `identity.` finds all acts of a domain.
        statement = statement.where(AuditEntryRow.action.startswith(sought.action, autoescape=True))
    if sought.since is not None:
        statement = statement.where(AuditEntryRow.at >= sought.since)
    if sought.until is not None:
        statement = statement.where(AuditEntryRow.at < sought.until)
    return statement
