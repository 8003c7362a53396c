"""The first administrator: without one nobody could let anyone else in."""

from dataclasses import dataclass

from sqlalchemy import text

from quantloom_server.identity import repository as known
from quantloom_server.identity.access import repository
from quantloom_server.identity.access.accounts import (
    NewUser,
    one_time_password,
    tell,
    write_account,
)
from quantloom_server.identity.means import Means
from quantloom_server.identity.roles import ADMIN
from quantloom_server.identity.tables import MembershipRow, WorkspaceRow
from quantloom_server.platform.database import Scope
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.transaction import Transaction

ADMINISTER = Scope(purpose="administer")
"""Of commands on the machine itself, where nobody signs in."""

_LOCK = text("SELECT pg_advisory_xact_lock(7205759405)")
_NAME = "Operators"


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Who was let in, and by what, this once: it must be changed at the first sign-in."""

    username: str
    password: str


async def make_first_admin(
    parts: Parts, means: Means, *, username: str = ADMIN, email: str = "admin@localhost"
) -> FirstAdmin | None:
    """Make the first administrator; None where there is one. Many may ask at once.

    Raises:
        NameTaken: somebody who is no administrator has the username or the e-mail address.
    """
    async with parts.transaction(scope=ADMINISTER) as tx:
        if await _has_admin(tx):
            return None
    password = one_time_password()
    hashed = await means.hasher.hash(password)
    async with parts.transaction(scope=ADMINISTER) as tx:
        await tx.session.execute(_LOCK)
        if await _has_admin(tx):
            return None
        workspace = await operators(tx)
        row = await write_account(tx, NewUser(username=username, email=email), password_hash=hashed)
        await known.add_rows(
            tx.session, MembershipRow(workspace_id=workspace.id, user_id=row.id, role=ADMIN)
        )
        await tell(tx, "first_admin_added", row.id)
    return FirstAdmin(username, password)


async def operators(tx: Transaction) -> WorkspaceRow:
    """The operators' workspace, made where there is none."""
    found = await repository.find_operators(tx.session)
    if found is not None:
        return found
    made = WorkspaceRow(id=tx.new_id(), name=_NAME, is_operators=True)
    await known.add_rows(tx.session, made)
    return made


async def _has_admin(tx: Transaction) -> bool:
    workspace = await repository.find_operators(tx.session)
    if workspace is None:
        return False
    members = await repository.list_members(tx.session, workspace.id)
    return any(member.role == ADMIN and member.is_active for member in members)
