"""What operators do at the machine itself, where nobody has signed in."""

from dataclasses import dataclass
from uuid import UUID

from quantloom_server.identity import repository as known
from quantloom_server.identity import trying
from quantloom_server.identity.access import repository
from quantloom_server.identity.access.accounts import (
    NewUser,
    drop_factor,
    get_row,
    one_time_password,
    tell,
    write_account,
    write_password,
)
from quantloom_server.identity.access.beginning import ADMINISTER, operators
from quantloom_server.identity.access.rules import permissions_of, refuse_last_admin
from quantloom_server.identity.errors import NoSuchUser
from quantloom_server.identity.means import Means, Visit
from quantloom_server.identity.roles import ADMIN
from quantloom_server.identity.service import end_sessions
from quantloom_server.identity.tables import MembershipRow, UserRow
from quantloom_server.platform.paging import MOST, Window
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.transaction import Transaction

_HERE = Visit(address=None, user_agent="", is_chinese=None)


@dataclass(frozen=True, slots=True)
class Listed:
    """An account in a list for operators; `role` is what it is among them."""

    username: str
    email: str
    role: str | None
    is_active: bool
    created: str


async def create_user(parts: Parts, means: Means, new: NewUser, *, role: str) -> str:
    """Add an account to the operators' workspace; the password for its first sign-in.

    Raises:
        NameTaken: another account has the username or the e-mail address.
        NoSuchRole: there is no such role.
    """
    password = one_time_password()
    hashed = await means.hasher.hash(password)
    async with parts.transaction(scope=ADMINISTER) as tx:
        workspace = await operators(tx)
        await permissions_of(tx, role, is_operators=True)
        row = await write_account(tx, new, password_hash=hashed)
        await _enter(tx, workspace.id, row, role)
        await tell(tx, "user_added", row.id, after={"role": role})
    return password


async def give_role(parts: Parts, login: str, *, role: str) -> None:
    """Give an account a role in the operators' workspace; its sessions end.

    Raises:
        NoSuchUser: nobody has that username or e-mail address.
        NoSuchRole: there is no such role.
        LastAdmin: there would be no administrator.
    """
    async with parts.transaction(scope=ADMINISTER) as tx:
        workspace, row = await operators(tx), await _find(tx, login)
        await permissions_of(tx, role, is_operators=True)
        if role != ADMIN:
            await refuse_last_admin(tx, workspace.id, row.id)
        membership = await known.find_membership(tx.session, row.id, workspace.id)
        before: dict[str, object] = {"role": membership and membership.role}
        if membership is None:
            await _enter(tx, workspace.id, row, role)
        else:
            membership.role = role
            await tx.session.flush()
        await end_sessions(tx, row.id)
        await tell(tx, "member_role_changed", row.id, before=before, after={"role": role})


async def give_password(parts: Parts, means: Means, login: str) -> str:
    """Give an account a password for one sign-in; its sessions end.

    Raises:
        NoSuchUser: nobody has that username or e-mail address.
    """
    password = one_time_password()
    hashed = await means.hasher.hash(password)
    async with parts.transaction(scope=ADMINISTER) as tx:
        row = await _find(tx, login)
        await write_password(tx, row, password_hash=hashed)
        await trying.release(tx, means.ring, row.id)
    return password


async def reset_second_factor(parts: Parts, means: Means, login: str) -> None:
    """Take the second factor of somebody who lost it away; their sessions end, a mail tells them.

    Raises:
        NoSuchUser: nobody has that username or e-mail address.
        NoFactor: none is set up.
    """
    async with parts.transaction(scope=ADMINISTER) as tx:
        row = await _find(tx, login)
        await drop_factor(tx, means, row, visit=_HERE)


async def unlock_user(parts: Parts, means: Means, login: str) -> None:
    """Let an account be tried again that was tried too often.

    Raises:
        NoSuchUser: nobody has that username or e-mail address.
    """
    async with parts.transaction(scope=ADMINISTER) as tx:
        row = await _find(tx, login)
        await trying.release(tx, means.ring, row.id)
        await tell(tx, "user_unlocked", row.id)


async def list_users(parts: Parts, *, named: str | None) -> list[Listed]:
    """The newest accounts, of those whose names hold a word."""
    async with parts.transaction(scope=ADMINISTER) as tx:
        workspace = await repository.find_operators(tx.session)
        part = await repository.list_accounts(
            tx.session, named=named, is_active=None, window=Window(limit=MOST)
        )
        ids = [row.id for row in part.rows]
        roles = await repository.roles_in(tx.session, workspace.id, ids) if workspace else {}
        return [
            Listed(
                username=row.username,
                email=row.email,
                role=roles.get(row.id),
                is_active=row.is_active,
                created=row.created_at.date().isoformat(),
            )
            for row in part.rows
        ]


async def _find(tx: Transaction, login: str) -> UserRow:
    row = await known.find_user(tx.session, login)
    if row is None:
        raise NoSuchUser
    return await get_row(tx, row.id, lock=True)


async def _enter(tx: Transaction, workspace_id: UUID, row: UserRow, role: str) -> None:
    await known.add_rows(
        tx.session, MembershipRow(workspace_id=workspace_id, user_id=row.id, role=role)
    )
