"""Every query about approvals."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from quantloom_server.identity.approvals.tables import ApprovalRow
from quantloom_server.platform.paging import Slice, Window, read_slice

OPEN = "open"


async def find(
    session: AsyncSession, workspace_id: UUID, approval_id: UUID, *, lock: bool = False
) -> ApprovalRow | None:
    statement = select(ApprovalRow).where(
        ApprovalRow.id == approval_id, ApprovalRow.workspace_id == workspace_id
    )
    return await session.scalar(statement.with_for_update() if lock else statement)


async def list_page(
    session: AsyncSession, workspace_id: UUID, state: str | None, window: Window
) -> Slice[ApprovalRow]:
    statement = select(ApprovalRow).where(ApprovalRow.workspace_id == workspace_id)
    if state is not None:
        statement = statement.where(ApprovalRow.state == state)
    return await read_slice(session, statement, key=ApprovalRow.id, window=window)


async def find_open(
    session: AsyncSession, workspace_id: UUID, kind: str, subject: str
) -> ApprovalRow | None:
    """The proposal of the same act about the same thing that waits."""
    return await session.scalar(
        select(ApprovalRow)
        .where(
            ApprovalRow.workspace_id == workspace_id,
            ApprovalRow.kind == kind,
            ApprovalRow.subject == subject,
            ApprovalRow.state == OPEN,
        )
        .with_for_update()
    )
