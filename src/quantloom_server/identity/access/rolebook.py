"""Roles: which there are, and what each permits."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel

from quantloom_server.identity.access import repository
from quantloom_server.identity.access.errors import (
    NoSuchRole,
    RoleFixed,
    RoleInUse,
    RoleThere,
)
from quantloom_server.identity.access.rules import needs_second_person, refuse_beyond
from quantloom_server.identity.approvals import service as approvals
from quantloom_server.identity.approvals.kinds import approvable
from quantloom_server.identity.roles import ADMIN, SHIPPED, Permissions, is_raise, meant
from quantloom_server.identity.tables import RoleRow
from quantloom_server.platform import trail
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.transaction import Transaction
from quantloom_server.settings import FourEyes

KIND = "access.role_permissions"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """What a role is to be; without permissions it has those that it comes with."""

    description: str
    permissions: Permissions | None


class RolePermissions(BaseModel):
    """What is to be approved about a role."""

    name: str
    description: str
    permissions: list[Permission] | None


async def list_roles(tx: Transaction) -> list[RoleRow]:
    """All roles, by name."""
    return [*await repository.list_roles(tx.session)]


async def get_role(tx: Transaction, name: str, *, lock: bool = False) -> RoleRow:
    """Read a role.

    Raises:
        NoSuchRole: there is none by that name.
    """
    row = await repository.find_role(tx.session, name, lock=lock)
    if row is None:
        raise NoSuchRole(name)
    return row


async def add_role(tx: Transaction, name: str, change: RoleChange) -> RoleRow:
    """Make a role; nobody is in it yet.

    Raises:
        RoleThere: there is one by that name.
        BeyondOwn: it would permit more than its maker may do.
    """
    permissions = change.permissions or frozenset()
    refuse_beyond(tx, permissions)
    if await repository.find_role(tx.session, name) is not None:
        raise RoleThere(name)
    row = RoleRow(name=name, description=change.description, permissions=sorted(permissions))
    tx.session.add(row)
    await tx.session.flush()
    await _tell(tx, "role_added", name, before=None, after=_told(row))
    return row


async def change_role(
    tx: Transaction, name: str, change: RoleChange, policy: FourEyes
) -> tuple[RoleRow, UUID | None]:
    """Change what a role permits; where that gives its members weighty rights, it waits.

    Raises:
        NoSuchRole: there is none by that name.
        RoleFixed: it is `admin`.
        BeyondOwn: it permits more than the caller may do, or would.
    """
    row = await get_role(tx, name, lock=True)
    before, after = _refuse_change(tx, row, change.permissions)
    if is_raise(before, after) and await _waits(tx, name, policy):
        payload = RolePermissions(
            name=name,
            description=change.description,
            permissions=None if change.permissions is None else sorted(change.permissions),
        )
        proposed = await approvals.propose(tx, kind=KIND, subject=f"role {name}", payload=payload)
        return row, proposed
    await _apply(tx, row, change)
    return row, None


async def drop_role(tx: Transaction, name: str) -> None:
    """Remove a role that nobody is in.

    Raises:
        NoSuchRole: there is none by that name.
        RoleFixed: it came with the platform.
        RoleInUse: somebody is in it.
        BeyondOwn: it permits more than the caller may do.
    """
    row = await get_role(tx, name, lock=True)
    if name in SHIPPED:
        raise RoleFixed(name)
    refuse_beyond(tx, meant(name, row.permissions))
    members = await repository.count_in_role(tx.session, name)
    if members:
        raise RoleInUse(name, members)
    await _tell(tx, "role_removed", name, before=_told(row), after=None)
    await tx.session.delete(row)
    await tx.session.flush()


@approvable(KIND, payload=RolePermissions, needs=Permission.ROLES_WRITE)
async def do_change(tx: Transaction, agreed: RolePermissions) -> None:
    row = await get_role(tx, agreed.name, lock=True)
    permissions = None if agreed.permissions is None else frozenset(agreed.permissions)
    _refuse_change(tx, row, permissions)
    change = RoleChange(description=agreed.description, permissions=permissions)
    await _apply(tx, row, change)


def _refuse_change(
    tx: Transaction, row: RoleRow, permissions: Permissions | None
) -> tuple[Permissions, Permissions]:
    if row.name == ADMIN:
        raise RoleFixed(row.name)
    before, after = meant(row.name, row.permissions), meant(row.name, permissions)
    refuse_beyond(tx, before | after)
    return before, after


async def _waits(tx: Transaction, name: str, policy: FourEyes) -> bool:
    if not await repository.count_in_role(tx.session, name):
        return False
    return await needs_second_person(tx, policy, Permission.ROLES_WRITE)


async def _apply(tx: Transaction, row: RoleRow, change: RoleChange) -> None:
    before = _told(row)
    row.description = change.description
    # A role of one's own comes with nothing, so nothing is stored as an empty list.
    stored = change.permissions if row.name in SHIPPED else change.permissions or frozenset()
    row.permissions = None if stored is None else sorted(stored)
    await tx.session.flush()
    await _tell(tx, "role_changed", row.name, before=before, after=_told(row))


def _told(row: RoleRow) -> dict[str, object]:
    return {"description": row.description, "permissions": row.permissions}


async def _tell(
    tx: Transaction,
    done: str,
    name: str,
    *,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    await trail.record(
        tx,
        action=f"access.{done}",
        object_kind="role",
        object_id=name,
        before=before,
        after=after,
    )
