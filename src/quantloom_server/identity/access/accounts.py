"""Accounts of others, as the operators of the platform see and keep them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from quantloom_server.identity import factors, trying
from quantloom_server.identity import repository as known
from quantloom_server.identity.access import members, repository
from quantloom_server.identity.access.errors import NotOneself
from quantloom_server.identity.access.rules import refuse_higher, refuse_last_admin
from quantloom_server.identity.errors import NameTaken, NoSuchUser
from quantloom_server.identity.means import Means, Visit
from quantloom_server.identity.service import end_sessions
from quantloom_server.identity.tables import UserRow
from quantloom_server.identity.telling import warn
from quantloom_server.platform import trail
from quantloom_server.platform.paging import Slice, Window
from quantloom_server.platform.transaction import Transaction
from quantloom_server.settings import FourEyes

# Without letters and digits that look alike; 20 of 31 are 99 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account, and what it is in the operators' workspace."""

    row: UserRow
    role: str | None
    waiting: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """What an operator says of an account to be."""

    username: str
    email: str
    full_name: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What an operator changes; None leaves it as it is."""

    full_name: str | None = None
    email: str | None = None
    phone: str | None = None
    is_active: bool | None = None
    role: str | None = None


def one_time_password() -> str:
    """A password for one sign-in, easy to read out."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


async def list_accounts(
    tx: Transaction, *, named: str | None, is_active: bool | None, window: Window
) -> Slice[Account]:
    """All accounts, the newest first."""
    part = await repository.list_accounts(
        tx.session, named=named, is_active=is_active, window=window
    )
    return Slice(await _with_roles(tx, part.rows), part.next_cursor, part.total)


async def get_account(tx: Transaction, user_id: UUID, *, lock: bool = False) -> Account:
    """Read an account.

    Raises:
        NoSuchUser: there is none, or it was deleted.
    """
    row = await get_row(tx, user_id, lock=lock)
    return (await _with_roles(tx, [row]))[0]


async def add_account(
    tx: Transaction, new: NewUser, *, role: str, password_hash: str, policy: FourEyes
) -> Account:
    """Add an account to the caller's workspace; its password must be changed at once.

    Raises:
        NameTaken: another account has the username or the e-mail address.
        NoSuchRole: there is no such role.
        BeyondOwn: it permits more than the caller may do.
    """
    row = await write_account(tx, new, password_hash=password_hash)
    member, waiting = await members.add_member(tx, row, role, policy)
    await tell(tx, "user_added", row.id)
    return Account(row=row, role=member.role, waiting=waiting)


async def write_account(tx: Transaction, new: NewUser, *, password_hash: str) -> UserRow:
    """Write a new account that is nowhere a member yet.

    Raises:
        NameTaken: another account has the username or the e-mail address.
    """
    taken = await known.field_taken(tx.session, username=new.username, email=new.email)
    if taken:
        raise NameTaken(taken)
    row = UserRow(
        id=tx.new_id(),
        username=new.username,
        email=new.email,
        full_name=new.full_name,
        phone=new.phone,
        password_hash=password_hash,
        is_active=True,
        session_version=1,
        must_change_password=True,
        created_at=tx.now(),
    )
    await _write(tx, row)
    return row


@dataclass(frozen=True, slots=True)
class Office:
    """What stands behind an operator's acts: the means of identity, whence, and whose consent."""

    means: Means
    visit: Visit
    policy: FourEyes


async def change_account(
    tx: Transaction, user_id: UUID, change: AccountChange, office: Office
) -> Account:
    """Change an account, shut it or open it again, or give it another role here.

    Where its e-mail address changes, the old one is told.

    Raises:
        NoSuchUser: there is none, or it was deleted.
        NotOneself: the caller would shut their own.
        BeyondOwn: the user may do more than the caller, or would.
        NameTaken: another account has the e-mail address.
        LastAdmin: nobody would be left to administer a workspace.
    """
    row = await _get_for_change(tx, user_id)
    before = _told(row)
    if change.is_active is False:
        await _shut(tx, row)
    if change.email is not None and change.email != row.email:
        await warn(tx, office.means, "email_changed", row, visit=office.visit)
        await _let_go_of_address(tx, row)
    _set(row, change)
    await _write(tx, row)
    if _told(row) != before:
        await tell(tx, "user_changed", user_id, before=before, after=_told(row))
    waiting = await _give_role(tx, row, change.role, office.policy) if change.role else None
    account = await get_account(tx, user_id)
    return Account(row=account.row, role=account.role, waiting=waiting)


async def give_password(tx: Transaction, user_id: UUID, *, password_hash: str) -> None:
    """Give an account a password for one sign-in; all its sessions end.

    Raises:
        NoSuchUser: there is none, or it was deleted.
        NotOneself: it is the caller's own.
        BeyondOwn: the user may do more than the caller.
    """
    if user_id == tx.asked_by().user_id:
        raise NotOneself
    row = await _get_for_change(tx, user_id)
    await write_password(tx, row, password_hash=password_hash)


async def write_password(tx: Transaction, row: UserRow, *, password_hash: str) -> None:
    row.password_hash, row.must_change_password = password_hash, True
    await tx.session.flush()
    await end_sessions(tx, row.id)
    await tell(tx, "password_given", row.id)


async def reset_second_factor(tx: Transaction, office: Office, user_id: UUID) -> None:
    """Take the second factor of somebody who lost it away; their sessions end, a mail tells them.

    Raises:
        NoSuchUser: there is none, or it was deleted.
        NotOneself: it is the caller's own.
        BeyondOwn: the user may do more than the caller.
        NoFactor: none is set up.
    """
    if user_id == tx.asked_by().user_id:
        raise NotOneself
    row = await _get_for_change(tx, user_id)
    await drop_factor(tx, office.means, row, visit=office.visit)


async def drop_factor(tx: Transaction, means: Means, row: UserRow, *, visit: Visit) -> None:
    await factors.remove(tx, row.id)
    await end_sessions(tx, row.id)
    await tell(tx, "second_factor_reset", row.id)
    await warn(tx, means, "factor_reset", row, visit=visit)


async def unlock(tx: Transaction, means: Means, user_id: UUID) -> None:
    """Let an account be tried again that was tried too often.

    Raises:
        NoSuchUser: there is none, or it was deleted.
    """
    await get_row(tx, user_id)
    await trying.release(tx, means.ring, user_id)
    await tell(tx, "user_unlocked", user_id)


async def get_row(tx: Transaction, user_id: UUID, *, lock: bool = False) -> UserRow:
    """Read the row of an account that was not deleted.

    Raises:
        NoSuchUser: there is none.
    """
    row = await known.find_user_by_id(tx.session, user_id, lock=lock)
    if row is None or row.deleted_at is not None:
        raise NoSuchUser
    return row


async def tell(
    tx: Transaction,
    done: str,
    user_id: UUID,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    await trail.record(
        tx,
        action=f"access.{done}",
        object_kind="user",
        object_id=user_id,
        before=before,
        after=after,
    )


async def _get_for_change(tx: Transaction, user_id: UUID) -> UserRow:
    row = await get_row(tx, user_id, lock=True)
    await refuse_higher(tx, user_id)
    return row


async def _shut(tx: Transaction, row: UserRow) -> None:
    if row.id == tx.asked_by().user_id:
        raise NotOneself
    for belonging in await repository.list_belongings(tx.session, row.id):
        # A workspace of one's own is shut with its owner.
        if belonging.is_operators or await repository.has_other_member(
            tx.session, belonging.id, row.id
        ):
            await refuse_last_admin(tx, belonging.id, row.id)
    await end_sessions(tx, row.id)


async def _let_go_of_address(tx: Transaction, row: UserRow) -> None:
    """What was mailed to the old address counts no more, and the new one is not proven."""
    row.email_verified_at = None
    await known.drop_resets(tx.session, row.id)
    await known.drop_confirmations(tx.session, row.id)


def _set(row: UserRow, change: AccountChange) -> None:
    for field in ("full_name", "email", "phone", "is_active"):
        value = getattr(change, field)
        if value is not None and getattr(row, field) != value:
            setattr(row, field, value)


async def _give_role(tx: Transaction, row: UserRow, role: str, policy: FourEyes) -> UUID | None:
    workspace_id = tx.asked_by().workspace_id
    is_member = await known.find_membership(tx.session, row.id, workspace_id) is not None
    if is_member:
        return (await members.change_role(tx, row.id, role, policy))[1]
    return (await members.add_member(tx, row, role, policy))[1]


async def _write(tx: Transaction, row: UserRow) -> None:
    try:
        await known.add_rows(tx.session, row)
    except IntegrityError as error:
        raise NameTaken("username or email") from error


async def _with_roles(tx: Transaction, rows: Sequence[UserRow]) -> list[Account]:
    workspace_id = tx.asked_by().workspace_id
    roles = await repository.roles_in(tx.session, workspace_id, [row.id for row in rows])
    return [Account(row=row, role=roles.get(row.id)) for row in rows]


def _told(row: UserRow) -> dict[str, object]:
    return {
        "full_name": row.full_name,
        "email": row.email,
        "phone": row.phone,
        "is_active": row.is_active,
    }
