"""Who is in a workspace, and as what."""

from uuid import UUID

from pydantic import BaseModel

from quantloom_server.identity import repository as accounts
from quantloom_server.identity.access import repository
from quantloom_server.identity.access.errors import AlreadyMember, NoSuchWorkspace
from quantloom_server.identity.access.repository import Member
from quantloom_server.identity.access.rules import (
    needs_second_person,
    permissions_of,
    refuse_beyond,
    refuse_last_admin,
)
from quantloom_server.identity.approvals import service as approvals
from quantloom_server.identity.approvals.kinds import approvable
from quantloom_server.identity.errors import NoSuchUser
from quantloom_server.identity.roles import ADMIN, VIEWER, Permissions, is_raise
from quantloom_server.identity.service import end_sessions
from quantloom_server.identity.tables import MembershipRow, UserRow
from quantloom_server.platform import trail
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.transaction import Transaction
from quantloom_server.settings import FourEyes

KIND = "access.member_role"


class MemberRole(BaseModel):
    """What is to be approved about a member."""

    user_id: UUID
    role: str


async def list_members(tx: Transaction) -> list[Member]:
    """Those in the caller's workspace, by name."""
    return await repository.list_members(tx.session, tx.asked_by().workspace_id)


async def get_member(tx: Transaction, user_id: UUID, *, lock: bool = False) -> Member:
    """One of those in the caller's workspace.

    Raises:
        NoSuchUser: nobody there has that id.
    """
    workspace_id = tx.asked_by().workspace_id
    if lock:
        # As every change of its members does.
        await repository.find_workspace(tx.session, workspace_id, lock=True)
    found = await repository.list_members(tx.session, workspace_id, user_id)
    if not found:
        raise NoSuchUser
    return found[0]


async def add_by_name(
    tx: Transaction, login: str, role: str, policy: FourEyes
) -> tuple[Member, UUID | None]:
    """Take somebody who has an account into the caller's workspace.

    Raises:
        NoSuchUser: nobody has that username or e-mail address.
        AlreadyMember: they are in it.
        NoSuchRole: there is no such role.
        BeyondOwn: it permits more than the caller may do.
    """
    user = await accounts.find_user(tx.session, login)
    if user is None or not user.is_active:
        raise NoSuchUser
    return await add_member(tx, user, role, policy)


async def add_member(
    tx: Transaction, user: UserRow, role: str, policy: FourEyes
) -> tuple[Member, UUID | None]:
    """Take an account into the caller's workspace; a weighty role waits, and begins as a viewer.

    Raises:
        AlreadyMember: they are in it.
        NoSuchRole: there is no such role.
        BeyondOwn: it permits more than the caller may do.
    """
    workspace_id = tx.asked_by().workspace_id
    after = await _permissions_here(tx, role)
    refuse_beyond(tx, after)
    if await accounts.find_membership(tx.session, user.id, workspace_id) is not None:
        raise AlreadyMember
    waits = await _waits(tx, frozenset(), after, policy)
    begins_as = VIEWER if waits else role
    row = MembershipRow(workspace_id=workspace_id, user_id=user.id, role=begins_as)
    await accounts.add_rows(tx.session, row)
    await _tell(tx, "member_added", user.id, before=None, after=begins_as)
    proposed = await _propose(tx, user.id, role) if waits else None
    return await get_member(tx, user.id), proposed


async def change_role(
    tx: Transaction, user_id: UUID, role: str, policy: FourEyes
) -> tuple[Member, UUID | None]:
    """Give a member another role; where that gives them weighty rights, it waits.

    All sessions of the member end: what they may do has changed.

    Raises:
        NoSuchUser: nobody in the caller's workspace has that id.
        NoSuchRole: there is no such role.
        BeyondOwn: the member may do more than the caller, or would.
        LastAdmin: nobody would be left to administer the workspace.
    """
    member, after = await _refuse_change(tx, user_id, role)
    if member.role == role:
        return member, None
    if await _waits(tx, member.permissions, after, policy):
        return member, await _propose(tx, user_id, role)
    await _apply(tx, member, role)
    return await get_member(tx, user_id), None


async def remove_member(tx: Transaction, user_id: UUID) -> None:
    """Take somebody out of the caller's workspace; what they made there stays.

    Raises:
        NoSuchUser: nobody there has that id.
        BeyondOwn: they may do more than the caller.
        LastAdmin: nobody would be left to administer the workspace.
    """
    member = await get_member(tx, user_id)
    refuse_beyond(tx, member.permissions)
    workspace_id = tx.asked_by().workspace_id
    await refuse_last_admin(tx, workspace_id, user_id)
    row = await _get_membership(tx, user_id)
    await tx.session.delete(row)
    await tx.session.flush()
    await end_sessions(tx, user_id)
    await _tell(tx, "member_removed", user_id, before=member.role, after=None)


@approvable(KIND, payload=MemberRole, needs=Permission.MEMBERS_WRITE)
async def do_change(tx: Transaction, agreed: MemberRole) -> None:
    member, _ = await _refuse_change(tx, agreed.user_id, agreed.role)
    if member.role != agreed.role:
        await _apply(tx, member, agreed.role)


async def _refuse_change(tx: Transaction, user_id: UUID, role: str) -> tuple[Member, Permissions]:
    member = await get_member(tx, user_id)
    after = await _permissions_here(tx, role)
    refuse_beyond(tx, member.permissions | after)
    if role != ADMIN:
        await refuse_last_admin(tx, tx.asked_by().workspace_id, user_id)
    return member, after


async def _permissions_here(tx: Transaction, role: str) -> Permissions:
    workspace = await repository.find_workspace(tx.session, tx.asked_by().workspace_id)
    if workspace is None:
        raise NoSuchWorkspace
    return await permissions_of(tx, role, is_operators=workspace.is_operators)


async def _waits(
    tx: Transaction, before: Permissions, after: Permissions, policy: FourEyes
) -> bool:
    if not is_raise(before, after):
        return False
    return await needs_second_person(tx, policy, Permission.MEMBERS_WRITE)


async def _propose(tx: Transaction, user_id: UUID, role: str) -> UUID:
    payload = MemberRole(user_id=user_id, role=role)
    return await approvals.propose(tx, kind=KIND, subject=f"member {user_id}", payload=payload)


async def _apply(tx: Transaction, member: Member, role: str) -> None:
    row = await _get_membership(tx, member.user_id)
    row.role = role
    await tx.session.flush()
    await end_sessions(tx, member.user_id)
    await _tell(tx, "member_role_changed", member.user_id, before=member.role, after=role)


async def _get_membership(tx: Transaction, user_id: UUID) -> MembershipRow:
    workspace_id = tx.asked_by().workspace_id
    row = await accounts.find_membership(tx.session, user_id, workspace_id)
    if row is None:
        raise NoSuchUser
    return row


async def _tell(
    tx: Transaction, done: str, user_id: UUID, *, before: str | None, after: str | None
) -> None:
    await trail.record(
        tx,
        action=f"access.{done}",
        object_kind="member",
        object_id=user_id,
        before=None if before is None else {"role": before},
        after=None if after is None else {"role": after},
    )
