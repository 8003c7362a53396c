"""Every query about who may do what, across accounts and workspaces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from quantloom_server.identity.roles import ADMIN, Permissions, granted
from quantloom_server.identity.tables import (
    EmailConfirmationRow,
    MembershipRow,
    PasswordResetRow,
    RecoveryCodeRow,
    RoleRow,
    SecondFactorRow,
    SessionRow,
    TradingPasswordRow,
    UserRow,
    WorkspaceRow,
)
from quantloom_server.platform.paging import Slice, Window, read_slice

_FORGET = text("SELECT system.audit_forget(:user_id)")
_SECRETS = (
    SessionRow,
    SecondFactorRow,
    RecoveryCodeRow,
    TradingPasswordRow,
    PasswordResetRow,
    EmailConfirmationRow,
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a workspace, and what they may do there."""

    user_id: UUID
    username: str
    full_name: str
    email: str
    is_active: bool
    role: str
    since: datetime
    permissions: Permissions


@dataclass(frozen=True, slots=True)
class Belonging:
    """A workspace that somebody is in, and as what."""

    id: UUID
    name: str
    is_operators: bool
    role: str
    since: datetime
    permissions: Permissions


async def list_roles(session: AsyncSession) -> Sequence[RoleRow]:
    return (await session.scalars(select(RoleRow).order_by(RoleRow.name))).all()


async def find_role(session: AsyncSession, name: str, *, lock: bool = False) -> RoleRow | None:
    return await session.get(RoleRow, name, with_for_update=lock)


async def count_in_role(session: AsyncSession, name: str) -> int:
    counted = select(func.count()).select_from(MembershipRow).where(MembershipRow.role == name)
    return await session.scalar(counted) or 0


async def find_workspace(
    session: AsyncSession, workspace_id: UUID, *, lock: bool = False
) -> WorkspaceRow | None:
    return await session.get(WorkspaceRow, workspace_id, with_for_update=lock)


async def find_operators(session: AsyncSession) -> WorkspaceRow | None:
    return await session.scalar(select(WorkspaceRow).where(WorkspaceRow.is_operators))


async def list_members(
    session: AsyncSession, workspace_id: UUID, user_id: UUID | None = None
) -> list[Member]:
    """Those in a workspace, by name; or the one of them asked for."""
    statement = (
        select(UserRow, MembershipRow, RoleRow, WorkspaceRow.is_operators)
        .join(MembershipRow, MembershipRow.user_id == UserRow.id)
        .join(RoleRow, RoleRow.name == MembershipRow.role)
        .join(WorkspaceRow, WorkspaceRow.id == MembershipRow.workspace_id)
        .where(MembershipRow.workspace_id == workspace_id)
        .order_by(UserRow.username)
        .execution_options(populate_existing=True)
    )
    if user_id is not None:
        statement = statement.where(UserRow.id == user_id)
    return [
        Member(
            user_id=user.id,
            username=user.username,
            full_name=user.full_name,
            email=user.email,
            is_active=user.is_active,
            role=role.name,
            since=membership.created_at,
            permissions=granted(role.name, role.permissions, is_operators=is_operators),
        )
        for user, membership, role, is_operators in await session.execute(statement)
    ]


async def list_belongings(session: AsyncSession, user_id: UUID) -> list[Belonging]:
    """The workspaces of a user, the one they have been in for longest first."""
    statement = (
        select(WorkspaceRow, MembershipRow, RoleRow)
        .join(MembershipRow, MembershipRow.workspace_id == WorkspaceRow.id)
        .join(RoleRow, RoleRow.name == MembershipRow.role)
        .where(MembershipRow.user_id == user_id)
        .order_by(MembershipRow.created_at, WorkspaceRow.id)
        .execution_options(populate_existing=True)
    )
    return [
        Belonging(
            id=workspace.id,
            name=workspace.name,
            is_operators=workspace.is_operators,
            role=role.name,
            since=membership.created_at,
            permissions=granted(role.name, role.permissions, is_operators=workspace.is_operators),
        )
        for workspace, membership, role in await session.execute(statement)
    ]


async def list_accounts(
    session: AsyncSession, *, named: str | None, is_active: bool | None, window: Window
) -> Slice[UserRow]:
    """Accounts, the newest first; those that were deleted are left out."""
    statement = select(UserRow).where(UserRow.deleted_at.is_(None))
    if named:
        parts = (UserRow.username, UserRow.email, UserRow.full_name)
        statement = statement.where(
            or_(*(part.icontains(named, autoescape=True) for part in parts))
        )
    if is_active is not None:
        statement = statement.where(UserRow.is_active == is_active)
    return await read_slice(session, statement, key=UserRow.id, window=window)


async def roles_in(
    session: AsyncSession, workspace_id: UUID, user_ids: Sequence[UUID]
) -> dict[UUID, str]:
    """What some users are in a workspace, of those who are in it."""
    found = await session.execute(
        select(MembershipRow.user_id, MembershipRow.role).where(
            MembershipRow.workspace_id == workspace_id, MembershipRow.user_id.in_(user_ids)
        )
    )
    return {user_id: role for user_id, role in found}  # noqa: C416  rows, not pairs


async def has_other_admin(session: AsyncSession, workspace_id: UUID, user_id: UUID) -> bool:
    other = await session.scalar(
        select(MembershipRow.user_id)
        .join(UserRow, UserRow.id == MembershipRow.user_id)
        .where(
            MembershipRow.workspace_id == workspace_id,
            MembershipRow.role == ADMIN,
            MembershipRow.user_id != user_id,
            UserRow.is_active,
        )
        .limit(1)
    )
    return other is not None


async def has_other_member(session: AsyncSession, workspace_id: UUID, user_id: UUID) -> bool:
    other = await session.scalar(
        select(MembershipRow.user_id)
        .where(MembershipRow.workspace_id == workspace_id, MembershipRow.user_id != user_id)
        .limit(1)
    )
    return other is not None


async def drop_memberships(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(MembershipRow).where(MembershipRow.user_id == user_id))


async def drop_secrets(session: AsyncSession, user_id: UUID) -> None:
    """Remove what proved who somebody was."""
    for table in _SECRETS:
        await session.execute(delete(table).where(table.user_id == user_id))


async def forget_details(session: AsyncSession, user_id: UUID) -> None:
    """Erase what the audit trail holds of a user's acts; that they happened stays."""
    await session.execute(_FORGET, {"user_id": user_id})
