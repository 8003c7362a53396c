"""What nobody may do to others' rights: go beyond their own, or leave nobody in charge."""

from uuid import UUID

from quantloom_server.identity.access import repository
from quantloom_server.identity.access.errors import BeyondOwn, LastAdmin, NoSuchRole
from quantloom_server.identity.roles import ADMIN, Permissions, granted
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.transaction import Transaction
from quantloom_server.settings import FourEyes


def refuse_beyond(tx: Transaction, permissions: Permissions) -> None:
    """Refuse an act about permissions that the caller does not hold.

    Raises:
        BeyondOwn: there are such.
    """
    beyond = permissions - tx.asked_by().permissions
    if beyond:
        raise BeyondOwn(", ".join(sorted(beyond)))


async def refuse_higher(tx: Transaction, user_id: UUID) -> None:
    """Refuse an act on the account of somebody who may do more than the caller, anywhere.

    Whoever can set another's password could act as them.

    Raises:
        BeyondOwn: they may.
    """
    for belonging in await repository.list_belongings(tx.session, user_id):
        refuse_beyond(tx, belonging.permissions)


async def permissions_of(tx: Transaction, role: str, *, is_operators: bool) -> Permissions:
    """What a role permits in a workspace.

    Raises:
        NoSuchRole: there is none by that name.
    """
    row = await repository.find_role(tx.session, role)
    if row is None:
        raise NoSuchRole(role)
    return granted(role, row.permissions, is_operators=is_operators)


async def refuse_last_admin(tx: Transaction, workspace_id: UUID, user_id: UUID) -> None:
    """Refuse to take a workspace's last administrator away; two at once wait for each other.

    Raises:
        LastAdmin: this is the one.
    """
    await repository.find_workspace(tx.session, workspace_id, lock=True)
    members = await repository.list_members(tx.session, workspace_id, user_id)
    is_admin = any(member.role == ADMIN for member in members)
    if is_admin and not await repository.has_other_admin(tx.session, workspace_id, user_id):
        raise LastAdmin


async def needs_second_person(tx: Transaction, policy: FourEyes, needs: Permission) -> bool:
    """Whether an act has to wait: somebody else could decide about it, or nobody acts alone."""
    if policy is FourEyes.ALWAYS:
        return True
    caller = tx.asked_by()
    both = {needs, Permission.APPROVALS_DECIDE}
    return any(
        member.is_active and member.user_id != caller.user_id and both <= member.permissions
        for member in await repository.list_members(tx.session, caller.workspace_id)
    )
